"""Taking a sign-in back and giving it again, letting in or confirming who waits, clearing the trials.

Every change moves the tallies and the event's revision in its own transaction and leaves a trace
(SignInChange). All are idempotent: a second tap, or a second tablet, changes nothing and hears the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kiosk.clock import utcnow
from kiosk.closed import SignInState
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.event import usual_times
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import late_from
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in import claims, places
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

Verb = Literal["void", "restore", "admit", "confirm", "refuse", "unconfirm"]
AGAIN = "sign_in.again"  # somebody who is here was signed in by hand once more
TRIALS_AT_ONCE = 200  # no unit of work holds the writer over 50 ms


@dataclass(frozen=True)
class Correction:
    """The sign-in after a change. `is_changed` is False when it was so already, or when somebody has done the opposite
    since the moment at which it was asked for on a phone without a network: then `is_overtaken`."""

    sign_in_id: int
    name: str
    state: SignInState
    ordinal: int | None
    voided_at: datetime | None
    revision: int
    is_changed: bool
    signed_in_at: datetime | None = None
    is_overtaken: bool = False


def void(
    sign_in_id: int,
    *,
    staff_id: int | None,
    reason: str | None = None,
    event_id: int | None = None,
    hand: Hand | None = None,
) -> Correction:
    """Take a sign-in back, leaving a trace. Raises Unknown.

    With `event_id` the sign-in must be of that event. `hand` says who acts when it is not staff.
    """
    return _change("void", sign_in_id, event_id, _hand(hand, staff_id), reason)


def restore(
    sign_in_id: int, *, staff_id: int | None, event_id: int | None = None, hand: Hand | None = None
) -> Correction:
    """Undo a void; the ordinal stays what it was. Raises Unknown, or Refused("signed_in_again")
    when the person has another sign-in here that counts."""
    return _change("restore", sign_in_id, event_id, _hand(hand, staff_id))


def admit(
    sign_in_id: int, *, staff_id: int | None, event_id: int | None = None, hand: Hand | None = None
) -> Correction:
    """Let in somebody of the wait list, who now gets an ordinal; the limit does not bind staff, who see the chairs.

    Raises Unknown, or Refused("is_void").
    """
    return _change("admit", sign_in_id, event_id, _hand(hand, staff_id))


def confirm(
    sign_in_id: int, *, staff_id: int | None, event_id: int | None = None, hand: Hand | None = None
) -> Correction:
    """Let a sign-in that waits for a steward count as an arrival; it gets its ordinal now, and keeps its time.

    Raises Unknown, or Refused("is_void").
    """
    return _change("confirm", sign_in_id, event_id, _hand(hand, staff_id))


def refuse(
    sign_in_id: int, *, staff_id: int | None, event_id: int | None = None, hand: Hand | None = None
) -> Correction:
    """Take a sign-in back that waits for a steward; `restore` lets it wait again.

    Raises Unknown, or Refused("is_confirmed") when another steward was quicker.
    """
    return _change("refuse", sign_in_id, event_id, _hand(hand, staff_id))


def unconfirm(
    sign_in_id: int, *, staff_id: int | None, event_id: int | None = None, hand: Hand | None = None
) -> Correction:
    """Take a confirmation back: the sign-in waits again. Raises Unknown, or Refused("is_void", "changed_meanwhile")."""
    return _change("unconfirm", sign_in_id, event_id, _hand(hand, staff_id))


def _void(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> list[str]:
    if row.voided_at is not None:
        return []
    row.revision = _count(session, row, event, -1, hand.actor)
    row.voided_at = hand.done_at
    return ["voided_at"]


def _restore(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> list[str]:
    if row.voided_at is None:
        return []
    row.voided_at = None
    _judge_late(row, event)  # the event's times may have changed while it was void
    row.revision = _count(session, row, event, 1, hand.actor)
    return ["voided_at"]


def _admit(session: WriterSession, row: SignIn, event: Event, _hand: Hand) -> list[str]:
    if row.voided_at is not None:
        raise Refused("is_void")
    if row.state != "wait_listed":
        return []
    row.state = "arrived"
    _judge_late(row, event)
    counted = tallies.counted_of(row, event.own_fields)
    steps: dict[str, Any] = tallies.arrival_steps(counted, 1)
    row.revision = tallies.change(session.driver, event.id, ordinal=1, wait_listed=-1, **steps) or 0
    tallies.count_details(session.driver, event.id, counted, 1)
    row.ordinal = session.scalar(select(EventCounter.ordinal).where(EventCounter.event_id == event.id))
    return ["state", "ordinal"]


def _confirm(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> list[str]:
    if row.voided_at is not None:
        raise Refused("is_void")
    if row.state != "unconfirmed":
        return []
    row.state = "arrived"
    _judge_late(row, event)
    steps: dict[str, Any] = tallies.unconfirmed_steps(row.roster_entry_id, -1)
    is_first = row.ordinal is None
    row.revision = _count_arrival(session, row, event, 1, hand.actor, ordinal=int(is_first), **steps)
    if not is_first:  # confirmed before, and taken back: a number is never given anew
        return ["state"]
    row.ordinal = session.scalar(select(EventCounter.ordinal).where(EventCounter.event_id == event.id))
    return ["state", "ordinal"]


def _refuse(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> list[str]:
    if row.state != "unconfirmed" and row.voided_at is None:
        raise Refused("is_confirmed")
    return _void(session, row, event, hand)


def _unconfirm(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> list[str]:
    if row.voided_at is not None:
        raise Refused("is_void")
    if row.state == "unconfirmed":
        return []
    if row.state != "arrived" or row.is_trial or not _was_confirmed(session, row):
        raise Refused("changed_meanwhile")
    steps: dict[str, Any] = tallies.unconfirmed_steps(row.roster_entry_id, 1)
    row.revision = _count_arrival(session, row, event, -1, hand.actor, **steps)
    row.state = "unconfirmed"
    return ["state"]


def _was_confirmed(session: WriterSession, row: SignIn) -> bool:
    """Say whether a steward's confirmation made this sign-in an arrival: nothing else is taken back by its undo."""
    made = select(SignInChange.id).where(SignInChange.sign_in_id == row.id, SignInChange.change == "confirm")
    return session.scalar(made.limit(1)) is not None


# What an act does to a sign-in, once it is sure that it may; it returns the fields, none when it was so already.
ACTS: Mapping[Verb, Callable[[WriterSession, SignIn, Event, Hand], list[str]]] = {
    "void": _void, "restore": _restore, "admit": _admit,
    "confirm": _confirm, "refuse": _refuse, "unconfirm": _unconfirm,
}  # fmt: skip
# What, done later, lets an act stand no more that comes only then.
OPPOSITES: Mapping[Verb, tuple[str, ...]] = {
    "void": ("sign_in.restore", AGAIN), "restore": ("sign_in.void", "sign_in.refuse"), "admit": (),
    "confirm": ("sign_in.refuse", "sign_in.void", "sign_in.unconfirm"),
    "refuse": ("sign_in.confirm", "sign_in.restore"),
    "unconfirm": ("sign_in.confirm",),
}  # fmt: skip


def clear_trials(event_id: int, *, staff_id: int | None) -> int:
    """Take every trial sign-in of an event back; return how many there were."""
    cleared = 0
    while step := _clear_some_trials(event_id, staff_id):
        cleared += step
    return cleared


@unit
def _clear_some_trials(session: WriterSession, event_id: int, staff_id: int | None) -> int:
    trials = select(SignIn).where(SignIn.event_id == event_id, SignIn.is_trial, SignIn.voided_at.is_(None))
    rows = session.scalars(trials.order_by(SignIn.id).limit(TRIALS_AT_ONCE)).all()
    if not rows:
        return 0
    hand = _hand(None, staff_id)
    revision = tallies.change(session.driver, event_id, trial=-len(rows)) or 0
    for row in rows:
        row.voided_at, row.revision = utcnow(), revision
        trace(session, row, "void", ["voided_at"], hand)
    changed = {"rows": len(rows)}
    audit.record(session, hand.actor, "trials.clear", event_id=event_id, changed=changed)
    return len(rows)


def _hand(hand: Hand | None, staff_id: int | None) -> Hand:
    return hand or Hand(audit.of_staff(staff_id), staff_id=staff_id)


def _change(verb: Verb, sign_in_id: int, event_id: int | None, hand: Hand, reason: str | None = None) -> Correction:
    """Run one change. The writer locks the event's counter first, so two changes of one row never cross."""
    of_event = db.session.scalar(select(SignIn.event_id).where(SignIn.id == sign_in_id))
    if of_event is None or event_id not in (None, of_event):
        raise Unknown("sign-in", sign_in_id)
    try:
        return change_row(of_event, sign_in_id, verb, hand, reason)
    except IntegrityError as error:  # the index is the referee: the person has another sign-in that counts
        raise Refused("signed_in_again") from error


@unit
def change_row(
    session: WriterSession, event_id: int, sign_in_id: int, verb: Verb, hand: Hand, reason: str | None = None
) -> Correction:
    """Run one change, within another unit of work too, which has the event's counter."""
    row, event = known(session, SignIn, sign_in_id), session.get_one(Event, event_id)
    refuse_cleared(session, event.id)  # a reason names somebody
    action, subject = f"sign_in.{verb}", f"sign_in:{row.id}"
    is_done = audit.was_done(session, hand, action, event.id, subject)
    is_overtaken = claims.is_overtaken(session, event.id, subject, OPPOSITES[verb], hand)
    fields = [] if is_done or is_overtaken else ACTS[verb](session, row, event, hand)
    if fields:
        trace(session, row, verb, fields, hand, reason)
    session.flush()
    if is_overtaken and verb == "void" and not is_done:
        _begin_anew(session, row, event, hand)
    if fields:
        usual_times.settle(session, event)
    if fields or (hand.at is not None and not is_done):  # an act of the dark is kept, whatever it came to
        log = {"name": mask_name(row.name), **hand.log, **claims.mark(is_overtaken)}
        audit.record(session, hand.actor, action, event_id=event.id, subject=subject, changed=log)
    return Correction(
        row.id,
        row.name,
        row.state,
        row.ordinal,
        row.voided_at,
        row.revision,
        bool(fields),
        row.signed_in_at,
        is_overtaken,
    )


def move_time(session: WriterSession, row: SignIn, event: Event, signed_in_at: datetime) -> None:
    """Let a sign-in stand at another time; the tallies follow."""
    before = tallies.counted_of(row, event.own_fields)
    row.signed_in_at = signed_in_at
    _judge_late(row, event)
    steps: dict[str, Any] = {}
    if row.has_arrived:
        after = tallies.counted_of(row, event.own_fields)
        tallies.count_details(session.driver, event.id, before, -1)
        tallies.count_details(session.driver, event.id, after, 1)
        steps = {"late": after.is_late - before.is_late}
    row.revision = tallies.change(session.driver, event.id, **steps) or 0


def _begin_anew(session: WriterSession, row: SignIn, event: Event, hand: Hand) -> None:
    """Take back, as this void would have, what stood until somebody signed the person in once more: from then on."""
    again = claims.later_act(session, event.id, f"sign_in:{row.id}", (AGAIN,), hand.done_at)
    if again is not None and row.voided_at is None and row.signed_in_at < again:
        move_time(session, row, event, again)
        trace(session, row, "correct", ["signed_in_at"], hand)


def _count(session: WriterSession, row: SignIn, event: Event, step: int, actor: str) -> int:
    """Count a sign-in that comes back (1) or goes (-1) and return the event's new revision."""
    driver = session.driver
    if row.is_trial:
        return tallies.change(driver, event.id, trial=step) or 0
    if row.state == "wait_listed":
        return tallies.change(driver, event.id, wait_listed=step, voided=-step) or 0
    if row.state == "unconfirmed":
        steps: dict[str, Any] = tallies.unconfirmed_steps(row.roster_entry_id, step)
        return tallies.change(driver, event.id, voided=-step, **steps) or 0
    return _count_arrival(session, row, event, step, actor, voided=-step)


def _count_arrival(session: WriterSession, row: SignIn, event: Event, step: int, actor: str, **others: Any) -> int:
    """Count an arrival (1) or take it back (-1), with its place on the roster and the counters of `others`."""
    driver = session.driver
    if row.roster_seats_id is not None:
        _move_seat(session, row, step)
    counted = tallies.counted_of(row, event.own_fields)
    tallies.count_details(driver, event.id, counted, step)
    steps: dict[str, Any] = tallies.arrival_steps(counted, step)
    if row.replaces_id is not None:
        steps |= places.move_replaced(driver, event.id, row.replaces_id, row.id, step, actor)
    if row.roster_entry_id is not None:
        places.set_here(driver, event.id, row.roster_entry_id, is_here=step > 0)
    if row.roster_entry_id is not None and step > 0:
        steps |= places.expect_again(driver, event.id, row.roster_entry_id, actor)
    return tallies.change(driver, event.id, **others, **steps) or 0


def _move_seat(session: WriterSession, row: SignIn, step: int) -> None:
    """Give a seat back, or take it again; whose seat somebody else fills by now comes back as a walk-in."""
    if step < 0:
        session.driver.execute(places.MOVE_SEAT, {"id": row.roster_seats_id, "step": step})
    elif session.driver.first(places.FILL_AGAIN, {"id": row.roster_seats_id}) is None:
        row.roster_seats_id, row.is_walk_in = None, True


def _judge_late(row: SignIn, event: Event) -> None:
    threshold = late_from(event.starts_at, event.late_after_minutes)
    row.is_late = threshold is not None and row.signed_in_at > threshold and not row.is_trial


def trace(
    session: WriterSession, row: SignIn, change: str, fields: list[str], hand: Hand, reason: str | None = None
) -> None:
    """Leave the trace of a change: which fields of a sign-in it wrote, and who made it."""
    made = SignInChange(sign_in_id=row.id, change=change, changed_fields=fields, staff_id=hand.staff_id)
    made.reason, made.changed_at, made.revision = reason[:200] if reason else None, utcnow(), row.revision
    session.add(made)
