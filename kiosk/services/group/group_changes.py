"""What a leader changes at the group's own address: one who came late, one taken back, a reason, a head-count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Literal

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.closed import Direction
from kiosk.models import GroupSignIn, HeadCount
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import Ticket
from kiosk.services.door import corrections
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.group.group_views import GroupMember, GroupView, MissingMember
from kiosk.services.names import mask_name
from kiosk.services.refusals import Unknown
from kiosk.services.roster import rosters
from kiosk.services.sign_in import movements, sign_ins
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.store.writer import WriterSession, unit

SAME_COUNT = timedelta(seconds=10)  # a double tap is one head-count


def details_for(group: GroupView, name: str) -> Details:
    """Return what somebody of this group would have written, whose name alone is known."""
    is_student = group.kind == "student"
    return Details(
        kind=group.kind,
        name=name,
        organisation_name=group.organisation_name,
        class_name=group.class_name if is_student else None,
    )


def add_late(
    group: GroupView, event: EventView, ticket: Ticket, name: str, *, is_another: bool = False
) -> SignInResult:
    """Sign in one more by name. Raises SignInRefused and SamePersonAsked, as the sign-in does.

    A group from the public page keeps to the event's window, places and walk-in rule; a link's group does not.
    """
    return _sign_in(group, event, ticket, details_for(group, name), is_another=is_another)


def sign_in_missing(group: GroupView, event: EventView, ticket: Ticket, missing: MissingMember) -> SignInResult:
    """Sign in somebody of the list who came after all; whoever was excused is not any more."""
    if missing.roster_entry_id is not None:
        entry = rosters.entry(group.event_id, missing.roster_entry_id)
        return _sign_in(group, event, ticket, entry.details(), roster_entry_id=entry.id)
    result = _sign_in(group, event, ticket, details_for(group, missing.name), is_another=True)
    _change_absent(group, missing, {"has_come": True})
    return result


def take_back(group: GroupView, sign_in_id: int) -> None:
    """Void one sign-in of this group, leaving a trace; a repeat changes nothing. Raises Unknown."""
    _member(group, sign_in_id)
    corrections.void(sign_in_id, staff_id=None, event_id=group.event_id, hand=Hand(group.hand))


def give_back(group: GroupView, sign_in_id: int) -> None:
    """Undo take_back. Raises Unknown, or Refused("signed_in_again")."""
    _member(group, sign_in_id)
    corrections.restore(sign_in_id, staff_id=None, event_id=group.event_id, hand=Hand(group.hand))


def set_reason(group: GroupView, missing: MissingMember, reason: str | None) -> None:
    """Change why somebody is not there; None: no reason is known, the person is expected. Raises Unknown or Refused."""
    if missing.roster_entry_id is None:
        _change_absent(group, missing, {"reason": reason or "other"})
        return
    change: Literal["excuse", "expect"] = "excuse" if reason else "expect"
    rosters.set_state(group.event_id, missing.roster_entry_id, change, actor=group.hand, reason=reason)


@unit
def count(session: WriterSession, group: GroupView, present_ids: Collection[int]) -> None:
    """Keep a head-count: who of the group is there. The same count again within seconds is the same one."""
    here = sorted({one.sign_in_id for one in group.members} & set(present_ids))
    now = utcnow()
    of_group = select(HeadCount).where(HeadCount.group_sign_in_id == group.id)
    last = session.scalar(of_group.order_by(HeadCount.id.desc()).limit(1))
    if last is not None and last.present_ids == here and now - last.counted_at < SAME_COUNT:
        return
    session.add(HeadCount(group_sign_in_id=group.id, present_ids=here, counted_at=now))


@unit(event=lambda group, *_: group.event_id)
def move_all(session: WriterSession, group: GroupView, direction: Direction, key: str) -> int:
    """Sign everybody of the group out, or let them all in again, and return how many that moved; a retry moves nobody.

    Raises Refused.
    """
    hand, moved = Hand(group.hand, key), 0
    for one in group.members:
        if one.state == "arrived":
            done = movements.move.within(session, group.event_id, one.sign_in_id, direction, hand, method="group")
            moved += done.is_new
    return moved


def _sign_in(
    group: GroupView,
    event: EventView,
    ticket: Ticket,
    details: Details,
    *,
    roster_entry_id: int | None = None,
    is_another: bool = False,
) -> SignInResult:
    request = SignInRequest(
        event=event,
        ticket=ticket,
        details=details,
        method="group",
        is_another=is_another,
        has_consented=True,  # the leader confirmed it with the submission
        roster_entry_id=roster_entry_id,
        actor=group.actor,
        door_link_id=group.door_link_id,
        group_sign_in_id=group.id,
    )
    return sign_ins.sign_in(request)


def _member(group: GroupView, sign_in_id: int) -> GroupMember:
    for one in (*group.members, *group.taken_back):
        if one.sign_in_id == sign_in_id:
            return one
    raise Unknown("sign-in", sign_in_id)


@unit(event=lambda group, *_: group.event_id)
def _change_absent(
    session: WriterSession, group: GroupView, missing: MissingMember, changes: dict[str, str | bool]
) -> None:
    """Change an entry of the group's own list of absent people, and leave a trace."""
    refuse_cleared(session, group.event_id)
    row = session.get(GroupSignIn, group.id)
    if row is None or missing.number is None or missing.number >= len(row.absent):
        raise Unknown("absent", missing.number)
    absent = [dict(one) for one in row.absent]
    absent[missing.number] |= changes
    row.absent = absent  # a new list: JSON columns do not notice a change inside
    audit.record_row(session, group.hand, "group.absent", row, name=mask_name(missing.name), change=sorted(changes))
