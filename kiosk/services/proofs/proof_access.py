"""Who may look at a subject's proofs and who may issue them: a series asks for the right to each of its events."""

from __future__ import annotations

from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access
from kiosk.services.proofs import subjects
from kiosk.services.proofs.subjects import Subject


def may_issue(staff: StaffView, subject: Subject) -> bool:
    """Say whether this person runs every event of the subject; a rehearsal proves nothing."""
    return all(event_access.may_run(staff, event) and not event.is_rehearsal for event in subject.events)


def of_campaign(staff: StaffView, campaign_id: int, *, to_issue: bool = False) -> tuple[Subject, ...]:
    """Return the campaign's subjects that this person may look at, or issue proofs for."""
    found = subjects.of_campaign(campaign_id)
    if to_issue:
        return tuple(subject for subject in found if may_issue(staff, subject))
    return tuple(one for one in found if any(event_access.may_look(staff, event) for event in one.events))
