"""Leaving and coming back (签退、我回来了): each a movement of a sign-in, at whichever door.

The sign-in keeps what follows from its movements, for sheets and hours: `left_at`, and `has_no_sign_out` (未签退) of
whom `close_forgotten` closed at the end. Nobody is left inside for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, literal_column, select

from kiosk.clock import utcnow
from kiosk.closed import Direction, Method
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, Movement, SignIn
from kiosk.services import codes, tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import sign_out_until
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in.presence import presence_of
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

SELF = "self"  # the actor of somebody's own phone, which no log names
AT_ONCE = 200  # people whom one unit of work closes: none holds the writer for long
IS_INSIDE: ColumnElement[bool] = SignIn.has_arrived & ~SignIn.is_gone


@dataclass(frozen=True)
class Moved:
    """What a movement came to; not `is_new` when they were out, or in, already, or the key was known."""

    sign_in_id: int
    name: str
    direction: Direction
    at: datetime
    is_new: bool


@unit
def move(
    session: WriterSession,
    event_id: int,
    sign_in_id: int,
    direction: Direction,
    hand: Hand,
    *,
    method: Method,
    at: datetime | None = None,
) -> Moved:
    """Let somebody out, or in again. The same key makes one movement, and so does a second tap on another page.

    `at` is when, where it is not now or when the hand did it. Raises Unknown or Refused: "no_sign_out_here",
    "sign_out_over", "is_void", "before_arrival".
    """
    row, event = known(session, SignIn, sign_in_id, event_id=event_id), session.get_one(Event, event_id)
    refuse_cleared(session, event_id)
    if not event.wants_sign_out:
        raise Refused("no_sign_out_here")
    if row.voided_at is not None:
        raise Refused("is_void")
    if not row.has_arrived:
        raise Unknown("sign-in", sign_in_id)
    key = codes.key_digest(hand.key or codes.new_token(), {"movement": direction})
    made = session.scalars(_of(row.id)).all()
    first = next((one.moved_at for one in made if one.idempotency_key == key), None)
    at = min(at or hand.done_at, utcnow())
    if first is None:
        _refuse_time(row, event, at)
        first = _so_since(row, made, direction, at)
    is_news = hand.at is not None and not any(one.idempotency_key == key for one in made)
    if first is not None and not is_news:
        return Moved(row.id, row.name, direction, first, is_new=False)
    # What was done in the dark is kept although it says nothing new: an earlier movement may yet come.
    _add(session, row, direction, at, method, hand.actor, key)
    _settle(session, row)
    if hand.actor != SELF:
        log = {"name": mask_name(row.name), **hand.log}
        audit.record_row(session, hand.actor, f"sign_in.{direction}", row, **log)
    return Moved(row.id, row.name, direction, first or at, is_new=first is None)


def note_left(session: WriterSession, row: SignIn, left_at: datetime | None, actor: str) -> None:
    """Write what staff noted of somebody's last way out, in the place of what was known of it; None: there was none.

    Raises Refused("before_arrival").
    """
    presence = presence_of(row.signed_in_at, [(one.direction, one.moved_at) for one in session.scalars(_of(row.id))])
    if left_at is not None and left_at <= presence.last_in_at:
        raise Refused("before_arrival")
    after = Movement.sign_in_id == row.id, Movement.direction == "out", Movement.moved_at >= presence.last_in_at
    session.execute(delete(Movement).where(*after))
    if left_at is not None:
        _add(session, row, "out", left_at, "steward", actor, codes.hash_token(codes.new_token()))
    _settle(session, row)


def away_minutes(
    sign_in_ids: Collection[int] | None, event_id: int, starts_at: datetime | None, ends_at: datetime | None
) -> dict[int, int]:
    """Return for how many minutes of these times people of an event were out and came back, by the sign-in's id; of
    everybody who came back at all where no ids are named."""
    if sign_in_ids is not None and not sign_in_ids:
        return {}
    # Few come back: they have an index of their own (models/sign_in.CAME_BACK), letter by letter.
    back = select(Movement.sign_in_id).where(Movement.direction == literal_column("'in'"))
    statement = (
        select(SignIn.id, SignIn.signed_in_at, Movement.direction, Movement.moved_at)
        .join(Movement, Movement.sign_in_id == SignIn.id)
        .where(SignIn.event_id == event_id, SignIn.id.in_(back))
        .order_by(SignIn.id, Movement.moved_at, Movement.id)
    )
    if sign_in_ids is not None:
        statement = statement.where(SignIn.id.in_(sign_in_ids))
    arrived: dict[int, datetime] = {}
    moves: dict[int, list[tuple[Direction, datetime]]] = {}
    for sign_in_id, signed_in_at, direction, at in db.session.execute(statement):
        arrived[sign_in_id] = signed_in_at
        moves.setdefault(sign_in_id, []).append((direction, at))
    return {one: presence_of(arrived[one], made).away_minutes(starts_at, ends_at) for one, made in moves.items()}


def forgotten() -> tuple[int, ...]:
    """Return the ids of events whose time to sign out is over, and where somebody is still inside."""
    columns = (Event.id, Event.ends_at, Event.closes_at, Event.closed_by_hand_at, Event.archived_at)
    statement = (
        select(*columns)
        .join(EventCounter, EventCounter.event_id == Event.id)
        .where(Event.wants_sign_out, EventCounter.arrived > EventCounter.gone)
    )
    now, due = utcnow(), []
    for event_id, *times in db.session.execute(statement):
        until = sign_out_until(*times)
        if until is not None and until <= now:
            due.append(event_id)
    return tuple(due)


def close_forgotten() -> None:
    """Close everybody who never signed out and whose time to do so is over, with the mark 未签退."""
    for event_id in forgotten():
        while _close_some(event_id):
            pass


@unit
def _close_some(session: WriterSession, event_id: int) -> int:
    event = session.get_one(Event, event_id)
    until = _sign_out_until(event)
    if not event.wants_sign_out or until is None or until > utcnow():
        return 0  # changed meanwhile
    inside = select(SignIn).where(SignIn.event_id == event_id, IS_INSIDE).order_by(SignIn.id).limit(AT_ONCE)
    rows = session.scalars(inside).all()
    revision = tallies.change(session.driver, event_id, gone=len(rows)) or 0 if rows else 0
    for row in rows:
        row.has_no_sign_out, row.revision = True, revision
    return len(rows)


def _of(sign_in_id: int) -> Any:
    return select(Movement).where(Movement.sign_in_id == sign_in_id).order_by(Movement.moved_at, Movement.id)


def _so_since(row: SignIn, made: Sequence[Movement], direction: Direction, at: datetime) -> datetime | None:
    """Return since when somebody is out, or in, at that time already; None when they are not."""
    presence = presence_of(row.signed_in_at, [(one.direction, one.moved_at) for one in made if one.moved_at <= at])
    return presence.left_at if direction == "out" else presence.since


def _refuse_time(row: SignIn, event: Event, at: datetime) -> None:
    if at < row.signed_in_at:
        raise Refused("before_arrival")
    until = _sign_out_until(event)
    if until is not None and at > until:
        raise Refused("sign_out_over")


def _sign_out_until(event: Event) -> datetime | None:
    return sign_out_until(event.ends_at, event.closes_at, event.closed_by_hand_at, event.archived_at)


def _add(
    session: WriterSession, row: SignIn, direction: Direction, at: datetime, method: Method, actor: str, key: str
) -> None:
    made = Movement(sign_in_id=row.id, direction=direction, moved_at=at, received_at=utcnow(), method=method)
    made.actor, made.idempotency_key = None if actor == SELF else actor, key
    session.add(made)
    session.flush()


def _settle(session: WriterSession, row: SignIn) -> None:
    """Let the row and the event's counters follow its movements."""
    was_gone = row.is_gone
    moves = [(one.direction, one.moved_at) for one in session.scalars(_of(row.id))]
    row.left_at = presence_of(row.signed_in_at, moves).left_at
    row.has_no_sign_out = row.has_no_sign_out and row.left_at is None
    row.revision = tallies.change(session.driver, row.event_id, gone=row.is_gone - was_gone) or 0
