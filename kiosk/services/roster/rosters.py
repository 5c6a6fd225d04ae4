"""The roster of one event: read, and changed by hand. Writing it is services/roster/roster_writing.

Reading files and pasted text is services/lists; services/roster/roster_reading says what they mean for an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from kiosk.closed import EntryState, SignInState
from kiosk.extensions import db
from kiosk.models import RosterEntry, RosterSeats, SignIn
from kiosk.person_fields import values_of
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.fields import Details
from kiosk.services.names import mask_name
from kiosk.services.pauses import pausing
from kiosk.services.people.rows import select_entries
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster.roster_rows import Listed
from kiosk.services.sign_in import claims
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, unit

Change = Literal["excuse", "expect", "on_the_way", "unreachable"]


@dataclass(frozen=True, kw_only=True)
class EntryView(Listed):
    """An entry and its sign-in, if there is one."""

    id: int
    event_id: int
    state: EntryState
    reason: str | None
    contact: str | None
    position: int
    sign_in_id: int | None
    signed_in_at: datetime | None
    is_unconfirmed: bool  # that sign-in waits for a steward

    @property
    def has_arrived(self) -> bool:
        return self.sign_in_id is not None and not self.is_unconfirmed

    @property
    def is_missing(self) -> bool:
        return self.sign_in_id is None and self.state == "expected"

    def details(self, answers: tuple[tuple[str, str], ...] = ()) -> Details:
        """Return the entry as what its person would have written; `answers` are to the event's own fields."""
        return Details(kind=self.kind, answers=answers, **values_of(self))


@dataclass(frozen=True)
class SeatsView:
    """An organisation's seats."""

    id: int
    organisation_id: int
    organisation_name: str
    seats: int
    filled: int
    group_name: str | None


def entries(event_id: int, *conditions: Any) -> tuple[EntryView, ...]:
    """Return the roster in its order, each entry with its sign-in; `conditions` narrow it."""
    statement = select_entries(event_id).with_only_columns(RosterEntry, SignIn.id, SignIn.signed_in_at, SignIn.state)
    return tuple(_view(*row) for row in db.session.execute(statement.where(*conditions)))


def names(event_id: int) -> frozenset[str]:
    """Return the names on the roster, and of who has signed in."""
    listed, came = (select(of.name).where(of.event_id == event_id) for of in (RosterEntry, SignIn))
    return frozenset(pausing(db.session.scalars(listed.union(came), execution_options={"yield_per": 500})))


def entry(event_id: int, entry_id: int) -> EntryView:
    """Return one entry; raise Unknown."""
    for row in entries(event_id, RosterEntry.id == entry_id):
        return row
    raise Unknown("entry", entry_id)


def seats(event_id: int) -> tuple[SeatsView, ...]:
    """Return the organisations with seats, in the order of the list."""
    statement = select(RosterSeats).where(RosterSeats.event_id == event_id).order_by(RosterSeats.position)
    rows = db.session.scalars(statement)
    return tuple(SeatsView(s.id, s.organisation_id, s.organisation_name, s.seats, s.filled, s.group_name) for s in rows)


@unit
def set_state(
    session: WriterSession,
    event_id: int,
    entry_id: int,
    change: Change,
    *,
    actor: str,
    reason: str | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> bool:
    """Excuse somebody (请假), expect them again, or keep what a call gave (在路上, 联系不上).

    The same `key` again changes nothing. `at` is the claimed time of what waited on a phone without a network: False
    when somebody has noted otherwise since. Raises Unknown, or Refused for somebody who has come or sent a substitute.
    """
    refuse_cleared(session, event_id)
    row = get(session, event_id, entry_id)
    subject = f"roster_entry:{entry_id}"
    hand = audit.Hand(actor, key, at=at)
    is_overtaken = claims.is_overtaken(session, event_id, subject, ("roster.state",), hand)
    who = {"name": mask_name(row.name), "change": change, **hand.log, **claims.mark(is_overtaken)}
    if audit.was_done(session, hand, "roster.state", event_id, subject):
        return not is_overtaken
    if is_overtaken:
        audit.record(session, actor, "roster.state", event_id=event_id, subject=subject, changed=who)
        return False
    if _has_arrived(session, event_id, entry_id):
        raise Refused("has_arrived")
    if row.state == "replaced":
        raise Refused("is_replaced")
    state: EntryState = "excused" if change == "excuse" else "expected"
    step = (state == "excused") - (row.state == "excused")
    row.state, row.reason = state, reason[:200] if reason and state == "excused" else None
    row.contact = change if change in ("on_the_way", "unreachable") else None
    row.state_changed_at, row.state_changed_by = hand.done_at, actor
    session.flush()
    tallies.change(session.driver, event_id, excused=step)
    audit.record(session, actor, "roster.state", event_id=event_id, subject=subject, changed=who)
    return True


@unit
def set_starred(session: WriterSession, event_id: int, entry_id: int, *, is_starred: bool, actor: str) -> None:
    """Put somebody on top of the missing, with a chime on arrival, or take them off; raise Unknown."""
    row = get(session, event_id, entry_id)
    row.is_starred = is_starred
    session.flush()
    tallies.change(session.driver, event_id)
    audit.record(session, actor, "roster.star", event_id=event_id, subject=f"roster_entry:{entry_id}")


@unit
def remove(session: WriterSession, event_id: int, entry_id: int, *, actor: str) -> None:
    """Take an entry off the roster; raise Unknown, or Refused for somebody who has come or sent a substitute."""
    row = get(session, event_id, entry_id)
    pointing = select(SignIn.id).where((SignIn.roster_entry_id == entry_id) | (SignIn.replaces_id == entry_id))
    if session.scalar(pointing.limit(1)) is not None:
        raise Refused("has_arrived")
    was: dict[str, Any] = {"excused": -1} if row.state == "excused" else {}
    session.delete(row)
    session.flush()
    tallies.change(session.driver, event_id, expected=-1, **was)
    audit.record(session, actor, "roster.remove", event_id=event_id, subject=f"roster_entry:{entry_id}")


def get(session: WriterSession, event_id: int, entry_id: int) -> RosterEntry:
    """Return an entry within a unit of work; raise Unknown."""
    row = session.get(RosterEntry, entry_id)
    if row is None or row.event_id != event_id:
        raise Unknown("entry", entry_id)
    return row


def _has_arrived(session: WriterSession, event_id: int, entry_id: int) -> bool:
    live = select(SignIn.id).where(
        SignIn.event_id == event_id,
        SignIn.roster_entry_id == entry_id,
        SignIn.counts,
    )
    return session.scalar(live.limit(1)) is not None


def _view(
    entry: RosterEntry, sign_in_id: int | None, signed_in_at: datetime | None, state: SignInState | None
) -> EntryView:
    is_unconfirmed = state == "unconfirmed"
    return EntryView(
        **values_for(EntryView, entry), sign_in_id=sign_in_id, signed_in_at=signed_in_at, is_unconfirmed=is_unconfirmed
    )
