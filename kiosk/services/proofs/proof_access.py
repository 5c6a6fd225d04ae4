"""Who may look at a subject's proofs and who may issue them: a series asks for the right to each of its events."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access
from kiosk.services.proofs import subjects
from kiosk.services.proofs.subjects import Subject


def may_issue(staff: StaffView, subject: Subject) -> bool:
    """Say whether this person runs every event of the subject; a rehearsal proves nothing."""
    return may_issue_each(staff, [subject])[0]


def may_issue_each(staff: StaffView, of_subjects: Sequence[Subject]) -> tuple[bool, ...]:
    """Return for each subject whether this person may issue its proofs, asked together."""
    runs = event_access.runnable_ids(staff, [event.id for one in of_subjects for event in one.events])
    return tuple(all(event.id in runs and not event.is_rehearsal for event in one.events) for one in of_subjects)


def visible_ids(staff: StaffView, subject: Subject) -> frozenset[int]:
    """Return whose proofs this person may see of a subject: those of the people at these events."""
    return event_access.visible_ids(staff, [event.id for event in subject.events])


def of_campaign(staff: StaffView, campaign_id: int, *, to_issue: bool = False) -> tuple[Subject, ...]:
    """Return the campaign's subjects that this person may look at, or issue proofs for."""
    all_subjects = subjects.of_campaign(campaign_id)
    if to_issue:
        return tuple(one for one, may in zip(all_subjects, may_issue_each(staff, all_subjects), strict=True) if may)
    visible = event_access.visible_ids(staff, [event.id for one in all_subjects for event in one.events])
    return tuple(one for one in all_subjects if any(event.id in visible for event in one.events))
