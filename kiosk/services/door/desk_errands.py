"""Sending somebody to the desk (请到签到台): a steward says in a few words what about, the board shows it until
somebody takes it, and both can be taken back.

Each act is in the log, with the person masked and without the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import DoorLink, RosterEntry, SentToDesk, SignIn, Staff
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door.hand_work import Done
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.names import mask_name
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

LONGEST = 80
SHOWN = 8
TAKEN_STAYS = timedelta(minutes=10)  # on the board: by whom it was taken, and a way back


@dataclass(frozen=True)
class Errand:
    """Somebody who was sent to the desk, as the board shows it."""

    id: int
    name: str
    kind: str
    organisation: str | None
    note: str
    sent_at: datetime
    sent_by: str
    taken_by: str | None  # None: nobody yet


@unit
def send(
    session: WriterSession, event_id: int, hand: Hand, *, sign_in_id: int | None, entry_id: int | None, note: str
) -> Done:
    """Send somebody to the desk, by their sign-in or their entry; once more changes the words. Raises Unknown."""
    refuse_cleared(session, event_id)
    row, subject, of_person = _person(session, event_id, sign_in_id, entry_id)
    done = Done("sent", row.name, sign_in_id=sign_in_id, entry_id=None if sign_in_id else entry_id)
    if audit.was_done(session, hand, "desk.send", event_id, subject):
        return done
    errand = session.scalar(select(SentToDesk).where(*of_person, SentToDesk.taken_at.is_(None)))
    if errand is None:
        errand = SentToDesk(event_id=event_id, sent_at=hand.done_at, sent_by=hand.actor)
        errand.sign_in_id, errand.entry_id = (sign_in_id, None) if sign_in_id else (None, entry_id)
        session.add(errand)
    errand.note = note[:LONGEST]
    session.flush()
    _tell(session, event_id, hand, "desk.send", subject, row.name)
    return done


@unit
def take_back(
    session: WriterSession, event_id: int, hand: Hand, *, sign_in_id: int | None, entry_id: int | None
) -> Done:
    """Take somebody's sending back, as long as nobody has taken it. Raises Unknown."""
    row, subject, of_person = _person(session, event_id, sign_in_id, entry_id)
    errand = session.scalar(select(SentToDesk).where(*of_person, SentToDesk.taken_at.is_(None)))
    if errand is not None:
        session.delete(errand)
        session.flush()
        _tell(session, event_id, hand, "desk.take_back", subject, row.name)
    return Done("unsent", row.name, sign_in_id=sign_in_id, entry_id=None if sign_in_id else entry_id)


@unit
def set_taken(session: WriterSession, event_id: int, errand_id: int, hand: Hand, *, is_taken: bool) -> str:
    """Say that somebody at the desk looks after it, or that nobody does after all; return the person's name.

    A second tap, or a second tablet, changes nothing: who took it first stays. Raises Unknown.
    """
    errand = known(session, SentToDesk, errand_id, event_id=event_id)
    row, subject, _of = _person(session, event_id, errand.sign_in_id, errand.entry_id)
    if (errand.taken_at is not None) == is_taken:
        return row.name
    errand.taken_at, errand.taken_by = (utcnow(), hand.actor) if is_taken else (None, None)
    session.flush()
    action = "desk.take" if is_taken else "desk.untake"
    _tell(session, event_id, hand, action, subject, row.name)
    return row.name


def shown(event_id: int) -> tuple[Errand, ...]:
    """Return who is sent to the desk, the first ones first, and behind them those who were taken a moment ago."""
    taken_lately = SentToDesk.taken_at > utcnow() - TAKEN_STAYS
    statement = (
        select(SentToDesk, SignIn, RosterEntry)
        .join(SignIn, SignIn.id == SentToDesk.sign_in_id, isouter=True)
        .join(RosterEntry, RosterEntry.id == SentToDesk.entry_id, isouter=True)
        .where(SentToDesk.event_id == event_id, or_(SentToDesk.taken_at.is_(None), taken_lately))
        .order_by(SentToDesk.taken_at.is_not(None), SentToDesk.sent_at, SentToDesk.id)
    )
    rows = db.session.execute(statement.limit(SHOWN)).all()
    names = _names({actor for errand, *_ in rows for actor in (errand.sent_by, errand.taken_by) if actor})
    return tuple(_errand(errand, sign_in or entry, names) for errand, sign_in, entry in rows)


def _errand(errand: SentToDesk, one: SignIn | RosterEntry, names: dict[str, str]) -> Errand:
    return Errand(
        errand.id,
        one.name,
        one.kind,
        one.organisation_name,
        errand.note,
        errand.sent_at,
        names.get(errand.sent_by, ""),
        None if errand.taken_by is None else names.get(errand.taken_by, errand.taken_by),
    )


def _names(actors: set[str]) -> dict[str, str]:
    """Return what actors are called: a steward's link by its label, staff by their name."""
    ids: dict[str, dict[int, str]] = {"staff": {}, "steward": {}}
    for actor in actors:
        kind, _, number = actor.partition(":")
        if kind in ids and number.isdigit():
            ids[kind][int(number)] = actor
    labels = select(DoorLink.id, DoorLink.label).where(DoorLink.id.in_(ids["steward"]))
    staff = select(Staff.id, Staff.name, Staff.email).where(Staff.id.in_(ids["staff"]))
    called = {ids["steward"][id_]: label for id_, label in db.session.execute(labels)} if ids["steward"] else {}
    for id_, name, email in db.session.execute(staff) if ids["staff"] else ():
        called[ids["staff"][id_]] = name or email
    return called


def _person(
    session: WriterSession, event_id: int, sign_in_id: int | None, entry_id: int | None
) -> tuple[SignIn | RosterEntry, str, tuple[Any, ...]]:
    if sign_in_id:
        row: SignIn | RosterEntry = known(session, SignIn, sign_in_id, event_id=event_id)
        return row, f"sign_in:{row.id}", (SentToDesk.event_id == event_id, SentToDesk.sign_in_id == row.id)
    if not entry_id:
        raise Unknown("entry", entry_id)
    row = known(session, RosterEntry, entry_id, event_id=event_id)
    return row, f"roster_entry:{row.id}", (SentToDesk.event_id == event_id, SentToDesk.entry_id == row.id)


def _tell(session: WriterSession, event_id: int, hand: Hand, action: str, subject: str, name: str) -> None:
    tallies.change(session.driver, event_id)  # the bell
    log = {"name": mask_name(name), **hand.log}
    audit.record(session, hand.actor, action, event_id=event_id, subject=subject, changed=log)
