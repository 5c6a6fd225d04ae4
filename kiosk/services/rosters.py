"""The roster of one event: written from any source by one function, read, and changed by hand.

Reading files and pasted text is services/roster_tables; here a row is already a RosterRow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pypinyin import Style, lazy_pinyin
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterEntry, RosterSeats, SignIn
from kiosk.services import audit, organisations, tallies
from kiosk.services.fields import ORGANISATION_TYPE, Details
from kiosk.services.names import key_of, mask_name
from kiosk.services.writer import SharedRow, WriterSession, run

CHUNK = 50  # rows a unit of work: none holds the writer over 50 ms
SNAPSHOT = ("name", "organisation_name", "class_name", "student_no", "job_title", "identity", "mobile")
PLACE = ("group_name", "seat", "bus", "is_starred", "note")

Change = Literal["excuse", "expect", "on_the_way", "unreachable"]


class UnknownEntry(Exception):
    """No entry of this event's roster has this id."""


class EntryRefused(Exception):
    """A change that must not be: `code` is "has_arrived" or "is_replaced"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class RosterRow:
    """One row to be written: a person, or an organisation with `seats` and no name."""

    kind: str
    name: str = ""
    organisation_name: str | None = None
    class_name: str | None = None
    student_no: str | None = None
    job_title: str | None = None
    identity: str | None = None
    mobile: str | None = None
    group_name: str | None = None
    seat: str | None = None
    bus: str | None = None
    is_starred: bool = False
    note: str | None = None
    seats: int = 0
    district: str | None = None

    @property
    def entry_key(self) -> str:
        """Return what a re-import knows this person by: mobile, else student number, else name and where from."""
        name = key_of(self.name)
        where = key_of(self.organisation_name or "")
        if self.mobile:
            return f"m|{self.mobile}|{name}"[:200]
        if self.student_no:
            return f"s|{where}|{self.student_no}"[:200]
        return f"n|{where}|{key_of(self.class_name or '')}|{name}"[:200]


@dataclass(frozen=True)
class Written:
    """What an import did. The same import again changes nothing."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class EntryView:
    """An entry and its sign-in, if there is one."""

    id: int
    event_id: int
    kind: str
    name: str
    name_initials: str
    organisation_name: str | None
    class_name: str | None
    student_no: str | None
    job_title: str | None
    identity: str | None
    mobile: str | None
    group_name: str | None
    seat: str | None
    bus: str | None
    is_starred: bool
    note: str | None
    state: str
    reason: str | None
    contact: str | None
    position: int
    sign_in_id: int | None
    signed_in_at: datetime | None

    @property
    def has_arrived(self) -> bool:
        return self.sign_in_id is not None

    @property
    def is_missing(self) -> bool:
        return not self.has_arrived and self.state == "expected"

    def details(self) -> Details:
        """Return the entry as what its person would have written."""
        return Details(kind=self.kind, **{name: getattr(self, name) for name in SNAPSHOT})


@dataclass(frozen=True)
class SeatsView:
    """An organisation's seats."""

    id: int
    organisation_id: int
    organisation_name: str
    seats: int
    filled: int
    group_name: str | None


def initials_of(name: str) -> str:
    """Return pinyin initials, `wq` for 王强; letters stay what they are."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold().replace(" ", "")[:60]


def write(event_id: int, rows: Sequence[RosterRow], *, actor: str) -> Written:
    """Write rows in chunks: new ones are added, known ones updated, nothing is removed.

    Two rows that cannot be told apart (one name, one class, no mobile, no number) are two people: the second
    is kept beside the first, and the same import again still changes nothing.
    """
    told = _told_apart(rows)
    totals = Written()
    for start in range(0, len(told), CHUNK):
        chunk = told[start : start + CHUNK]
        step = run(_writing(event_id, chunk, start), event_id=event_id, shared=_organisations(chunk))
        totals = Written(totals.added + step.added, totals.updated + step.updated, totals.unchanged + step.unchanged)

    def log(session: WriterSession) -> None:
        audit.record(session, actor, "roster.write", event_id=event_id, changed=vars(totals))

    run(log)
    return totals


def _told_apart(rows: Sequence[RosterRow]) -> list[tuple[RosterRow, str]]:
    seen: dict[str, int] = {}
    told = []
    for row in rows:
        key = row.entry_key
        seen[key] = seen.get(key, 0) + 1
        told.append((row, key if seen[key] == 1 else f"{key}|{seen[key]}"))
    return told


def _organisations(chunk: Sequence[tuple[RosterRow, str]]) -> list[SharedRow]:
    return [
        organisations.shared_row(row.organisation_name, ORGANISATION_TYPE[row.kind], row.district, is_listed=True)
        for row, _ in chunk
        if row.organisation_name
    ]


def _writing(event_id: int, chunk: Sequence[tuple[RosterRow, str]], start: int) -> Callable[[WriterSession], Written]:
    def work(session: WriterSession) -> Written:
        keys = [key for _, key in chunk]
        known = {
            entry.entry_key: entry
            for entry in session.scalars(
                select(RosterEntry).where(RosterEntry.event_id == event_id, RosterEntry.entry_key.in_(keys))
            )
        }
        counts = {"added": 0, "updated": 0, "unchanged": 0}
        expected = 0
        for offset, (row, key) in enumerate(chunk):
            if row.seats:
                outcome, step = _write_seats(session, event_id, row, start + offset)
            else:
                outcome, step = _write_entry(session, event_id, row, key, known.get(key), start + offset)
            counts[outcome] += 1
            expected += step
        session.flush()
        if expected or counts["updated"]:
            tallies.change(session.driver, event_id, expected=expected)
        return Written(**counts)

    return work


def _write_entry(
    session: WriterSession, event_id: int, row: RosterRow, key: str, known: RosterEntry | None, position: int
) -> tuple[str, int]:
    values: dict[str, Any] = {name: getattr(row, name) for name in (*SNAPSHOT, *PLACE)}
    values |= {
        "kind": row.kind,
        "name_key": key_of(row.name)[:60],
        "name_initials": initials_of(row.name),
        "organisation_id": organisations.find_id(session, key_of(row.organisation_name))
        if row.organisation_name
        else None,
        "mobile_last4": row.mobile[-4:] if row.mobile else None,
    }
    if known is None:
        session.add(RosterEntry(event_id=event_id, entry_key=key, position=position, created_at=utcnow(), **values))
        return "added", 1
    changed = [name for name, value in values.items() if getattr(known, name) != value]
    for name in changed:
        setattr(known, name, values[name])
    return ("updated" if changed else "unchanged"), 0


def _write_seats(session: WriterSession, event_id: int, row: RosterRow, position: int) -> tuple[str, int]:
    organisation_id = organisations.find_id(session, key_of(row.organisation_name or ""))
    if organisation_id is None:
        raise ValueError("seats without an organisation")
    of_event = select(RosterSeats).where(RosterSeats.event_id == event_id)
    known = session.scalar(of_event.where(RosterSeats.organisation_id == organisation_id))
    if known is None:
        session.add(
            RosterSeats(
                event_id=event_id,
                organisation_id=organisation_id,
                organisation_name=row.organisation_name or "",
                position=position,
                seats=row.seats,
                group_name=row.group_name,
                note=row.note,
                created_at=utcnow(),
            )
        )
        return "added", row.seats
    seats = max(row.seats, known.filled)
    step = seats - known.seats
    is_same = step == 0 and known.group_name == row.group_name
    known.seats, known.group_name = seats, row.group_name
    return ("unchanged" if is_same else "updated"), step


def entries(event_id: int, *conditions: Any) -> tuple[EntryView, ...]:
    """Return the roster in its order, each entry with its sign-in; `conditions` narrow it."""
    statement = (
        select(RosterEntry, SignIn.id, SignIn.signed_in_at)
        .join(
            SignIn,
            (SignIn.roster_entry_id == RosterEntry.id) & SignIn.voided_at.is_(None) & ~SignIn.is_trial,
            isouter=True,
        )
        .where(RosterEntry.event_id == event_id, *conditions)
        .order_by(RosterEntry.position, RosterEntry.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_view(entry, sign_in_id, at) for entry, sign_in_id, at in db.session.execute(statement))


def entry(event_id: int, entry_id: int) -> EntryView:
    """Return one entry; raise UnknownEntry."""
    for found in entries(event_id, RosterEntry.id == entry_id):
        return found
    raise UnknownEntry(entry_id)


def seats(event_id: int) -> tuple[SeatsView, ...]:
    """Return the organisations with seats, in the order of the list."""
    statement = select(RosterSeats).where(RosterSeats.event_id == event_id).order_by(RosterSeats.position)
    rows = db.session.scalars(statement.execution_options(populate_existing=True))
    return tuple(SeatsView(s.id, s.organisation_id, s.organisation_name, s.seats, s.filled, s.group_name) for s in rows)


def set_state(event_id: int, entry_id: int, change: Change, *, actor: str, reason: str | None = None) -> None:
    """Excuse somebody (请假), expect them again, or keep what a call gave (在路上, 联系不上).

    Raises UnknownEntry, or EntryRefused for somebody who has come or sent a substitute.
    """

    def work(session: WriterSession) -> None:
        found = session.get(RosterEntry, entry_id)
        if found is None or found.event_id != event_id:
            raise UnknownEntry(entry_id)
        if _has_arrived(session, event_id, entry_id):
            raise EntryRefused("has_arrived")
        if found.state == "replaced":
            raise EntryRefused("is_replaced")
        state = "excused" if change == "excuse" else "expected"
        step = (state == "excused") - (found.state == "excused")
        found.state, found.reason = state, reason[:200] if reason and state == "excused" else None
        found.contact = change if change in ("on_the_way", "unreachable") else None
        found.state_changed_at, found.state_changed_by = utcnow(), actor
        session.flush()
        tallies.change(session.driver, event_id, excused=step)
        who = {"name": mask_name(found.name), "change": change}
        audit.record(session, actor, "roster.state", event_id=event_id, subject=f"roster_entry:{entry_id}", changed=who)

    run(work, event_id=event_id)


def set_starred(event_id: int, entry_id: int, *, is_starred: bool, actor: str) -> None:
    """Put somebody on top of the missing, with a chime on arrival, or take them off; raise UnknownEntry."""

    def work(session: WriterSession) -> None:
        found = session.get(RosterEntry, entry_id)
        if found is None or found.event_id != event_id:
            raise UnknownEntry(entry_id)
        found.is_starred = is_starred
        session.flush()
        tallies.change(session.driver, event_id)
        audit.record(session, actor, "roster.star", event_id=event_id, subject=f"roster_entry:{entry_id}")

    run(work, event_id=event_id)


def remove(event_id: int, entry_id: int, *, actor: str) -> None:
    """Take an entry off the roster; raise EntryRefused for somebody who has come or sent a substitute."""

    def work(session: WriterSession) -> None:
        found = session.get(RosterEntry, entry_id)
        if found is None or found.event_id != event_id:
            raise UnknownEntry(entry_id)
        pointing = select(SignIn.id).where((SignIn.roster_entry_id == entry_id) | (SignIn.replaces_id == entry_id))
        if session.scalar(pointing.limit(1)) is not None:
            raise EntryRefused("has_arrived")
        was: dict[str, Any] = {"excused": -1} if found.state == "excused" else {}
        session.delete(found)
        session.flush()
        tallies.change(session.driver, event_id, expected=-1, **was)
        audit.record(session, actor, "roster.remove", event_id=event_id, subject=f"roster_entry:{entry_id}")

    run(work, event_id=event_id)


def _has_arrived(session: WriterSession, event_id: int, entry_id: int) -> bool:
    live = select(SignIn.id).where(
        SignIn.event_id == event_id,
        SignIn.roster_entry_id == entry_id,
        SignIn.voided_at.is_(None),
        ~SignIn.is_trial,
    )
    return session.scalar(live.limit(1)) is not None


def _view(entry: RosterEntry, sign_in_id: int | None, signed_in_at: datetime | None) -> EntryView:
    names = [name for name in EntryView.__dataclass_fields__ if name not in ("sign_in_id", "signed_in_at")]
    values = {name: getattr(entry, name) for name in names}
    return EntryView(**values, sign_in_id=sign_in_id, signed_in_at=signed_in_at)
