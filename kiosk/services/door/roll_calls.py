"""Roll calls (点名, docs/product.md 2.11): started, ticked and ended by staff and stewards, several phones at once.

An act says what is so ("there", "not there") and when it was done, so that phones need no order among them: of two
acts about one person the later one counts, whenever it arrives (docs/decisions/0021-settling-by-claimed-time.md).
What a phone lists is services/door/roll_sheets.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, literal, select

from kiosk.clock import utcnow
from kiosk.models import RollCall, RollTick, SignIn
from kiosk.services import codes, tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.names import clean, mask_name
from kiosk.services.refusals import Refused
from kiosk.services.sign_in import claims
from kiosk.services.store.rows import known
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession, unit

LABEL = 60  # characters
# Who has no row is not there since the start: every act is later than that.
AFTER_START = timedelta(milliseconds=1)
# Signed in, not signed out, not void. Whom the end of the event closed with 未签退 has not signed out: a bus home waits
# for them, although the board counts them as inside no more.
IS_IN: ColumnElement[bool] = SignIn.has_arrived & SignIn.left_at.is_(None)
# Of two acts of the same moment the one that leaves somebody unaccounted counts: to look once more does no harm.
TICK = Statement(
    """INSERT INTO roll_tick (roll_call_id, sign_in_id, is_there, ticked_at, received_at, ticked_by)
    VALUES (:roll_call_id, :sign_in_id, :is_there, :ticked_at, :received_at, :ticked_by)
    ON CONFLICT (roll_call_id, sign_in_id) DO UPDATE SET is_there = excluded.is_there, ticked_at = excluded.ticked_at,
        received_at = excluded.received_at, ticked_by = excluded.ticked_by
    WHERE roll_tick.ticked_at < excluded.ticked_at
        OR (roll_tick.ticked_at = excluded.ticked_at AND roll_tick.is_there AND NOT excluded.is_there)
    RETURNING id"""
)
CHANGED = Statement("UPDATE roll_tick SET revision = :revision WHERE id = :id")


@unit
def start(session: WriterSession, event_id: int, label: str, hand: Hand) -> int:
    """Start a roll call and return its id; the same key makes one. Without a label it is called by its time."""
    refuse_cleared(session, event_id)
    key = codes.key_digest(hand.key or codes.new_token(), {"roll_call": "start"})
    of_key = select(RollCall.id).where(RollCall.event_id == event_id, RollCall.idempotency_key == key)
    if (made := session.scalar(of_key)) is not None:
        return made
    row = RollCall(event_id=event_id, label=clean(label)[:LABEL], idempotency_key=key, started_at=utcnow())
    row.started_by = hand.actor
    session.add(row)
    session.flush()
    tallies.change(session.driver, event_id)
    audit.record_row(session, hand.actor, "roll_call.start", row)
    return row.id


@unit
def tick(
    session: WriterSession,
    event_id: int,
    roll_call_id: int,
    sign_in_id: int,
    hand: Hand,
    *,
    is_there: bool,
    at: datetime | None = None,
) -> None:
    """Note that somebody is there, or take that back; an older act, and the same one again, change nothing.

    `at` is the claimed time of what waited on a phone, and counts between the start and now. Once the roll call is over
    it takes what was done before its end, about whom its list names. Raises Unknown, Refused("roll_call_over").
    """
    call = known(session, RollCall, roll_call_id, event_id=event_id)
    row = known(session, SignIn, sign_in_id, event_id=event_id)
    refuse_cleared(session, event_id)
    now = utcnow()
    at = max(min(at or now, now), call.started_at + AFTER_START)
    if call.ended_at is not None:
        _refuse_late(session, call, row.id, at)
    action, subject = "roll_call.tick" if is_there else "roll_call.take_back", f"sign_in:{row.id}"
    if audit.was_done(session, hand, action, event_id, subject):
        return
    act = {"roll_call_id": call.id, "sign_in_id": row.id, "is_there": is_there, "ticked_at": at, "received_at": now}
    changed = session.driver.first(TICK, {**act, "ticked_by": hand.actor})
    is_changed = changed is not None
    if changed is not None:
        revision = tallies.change(session.driver, event_id) or 0
        session.driver.execute(CHANGED, {"revision": revision, "id": changed[0]})
    if is_changed or hand.at is not None:  # an act of the dark is kept, whatever it came to
        log = {"name": mask_name(row.name), "roll_call": call.id, **hand.log, **claims.mark(not is_changed)}
        audit.record(session, hand.actor, action, event_id=event_id, subject=subject, changed=log)


@unit
def end(session: WriterSession, event_id: int, roll_call_id: int, hand: Hand) -> None:
    """End a roll call: who is inside now is its list for good, and who was not ticked stays unaccounted."""
    call = known(session, RollCall, roll_call_id, event_id=event_id)
    refuse_cleared(session, event_id)
    if call.ended_at is not None:
        return
    call.ended_at, call.ended_by = utcnow(), hand.actor
    inside = select(SignIn.id).where(SignIn.event_id == event_id, IS_IN)
    of_call = RollTick.roll_call_id == call.id
    session.execute(delete(RollTick).where(of_call, RollTick.sign_in_id.not_in(inside)))
    session.execute(insert(RollTick).from_select(*_unticked(call, hand.actor, inside)))
    tallies.change(session.driver, event_id)
    audit.record_row(session, hand.actor, "roll_call.end", call)


@unit
def reopen(session: WriterSession, event_id: int, roll_call_id: int, hand: Hand) -> None:
    """Go on with a roll call that was ended: its ticks stand, and its list is again who is inside."""
    call = known(session, RollCall, roll_call_id, event_id=event_id)
    refuse_cleared(session, event_id)
    if call.ended_at is None:
        return
    call.ended_at = call.ended_by = None
    tallies.change(session.driver, event_id)
    audit.record_row(session, hand.actor, "roll_call.reopen", call)


def _refuse_late(session: WriterSession, call: RollCall, sign_in_id: int, at: datetime) -> None:
    listed = select(RollTick.id).where(RollTick.roll_call_id == call.id, RollTick.sign_in_id == sign_in_id)
    if (call.ended_at is not None and at > call.ended_at) or session.scalar(listed) is None:
        raise Refused("roll_call_over")


def _unticked(call: RollCall, actor: str, inside: Select[Any]) -> tuple[list[str], Select[Any]]:
    """Return the rows of whoever is inside and has none, as what to insert: not there, since the start."""
    ticked = select(RollTick.sign_in_id).where(RollTick.roll_call_id == call.id)
    values = {
        "roll_call_id": call.id, "is_there": False, "ticked_at": call.started_at, "received_at": call.ended_at,
        "ticked_by": actor,
    }  # fmt: skip
    columns = [literal(value, RollTick.__table__.c[name].type) for name, value in values.items()]
    rows = select(SignIn.id, *columns).where(SignIn.id.in_(inside), SignIn.id.not_in(ticked))
    return ["sign_in_id", *values], rows
