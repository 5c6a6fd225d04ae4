"""Writing a roster: rows from any source, in chunks, so that a sign-in never waits for an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterChange, RosterEntry, RosterSeats
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.fields import ORGANISATION_TYPE
from kiosk.services.names import key_of, name_key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.roster import roster_arrivals, roster_matching
from kiosk.services.roster.roster_rows import LISTED, RosterRow
from kiosk.services.sign_in import organisations
from kiosk.services.store.writer import SharedRow, WriterSession, unit

SEATS_SAY = ("seats", "group_name")
READ_AT_ONCE = 200  # entries between two pauses
CHUNK = 25  # rows a unit of work: none holds the writer over 50 ms


@dataclass(frozen=True)
class Written:
    """What an import did. The same import again changes nothing."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    here: int = 0  # how many had signed in already and now have their place on the list


@dataclass(frozen=True)
class Spoken:
    """The fields that a list speaks of: a known entry keeps the others, and what the list leaves empty unless it
    `erases`."""

    fields: tuple[str, ...]
    erases: bool = False

    def of(self, name: str, value: Any) -> bool:
        """Say whether the list says this value of an entry that is known."""
        return name == "name" or (name in self.fields and (self.erases or bool(value)))


@dataclass(frozen=True)
class Part:
    """So much of a list as one unit of work writes: `done` rows stand before it, `first` is the position of its first
    one, `total` counts all."""

    event_id: int
    rows: Sequence[tuple[RosterRow, str]]
    first: int
    total: int
    spoken: Spoken | None
    done: int
    import_id: int | None = None  # by which it can be taken back


def write(event_id: int, rows: Sequence[RosterRow], *, actor: str, spoken: Spoken | None = None) -> Written:
    """Write rows in chunks: new ones are added, known ones updated, nothing is removed.

    A known entry keeps what the rows do not speak of (a star that was set by hand outlives a file without stars).
    None: they speak of everything. The same import again changes nothing. Raises EventCleared.
    Whoever of them has signed in already gets their place when the whole list is written: only then is it known who
    is the only one of a name.
    """
    counts = Counter[str]()
    for part in plan(event_id, rows, spoken=spoken):
        counts = write_part(part, counts, actor)
    return Written(**counts, here=roster_arrivals.tie(event_id, actor=actor) if rows else 0)


def plan(
    event_id: int,
    rows: Sequence[RosterRow],
    *,
    spoken: Spoken | None = None,
    done: int = 0,
    import_id: int | None = None,
) -> Iterator[Part]:
    """Return the parts in which rows are written, without the `done` first ones, which an import wrote before."""
    keyed = [(row, key) for row, key, _ in pair_with_entries(event_id, rows)]
    last = db.session.scalar(select(func.max(RosterEntry.position)).where(RosterEntry.event_id == event_id))
    first = 0 if last is None else last + 1
    for start in range(done, len(keyed), CHUNK):
        yield Part(event_id, keyed[start : start + CHUNK], first + start, len(keyed), spoken, start, import_id)


def listed_by_part(part: Part) -> list[SharedRow]:
    """Return the rows of the organisations that a part names."""
    return listed_by(*(row for row, _ in part.rows))


@unit(event=lambda part, *_: part.event_id, shared=lambda part, *_: listed_by_part(part))
def write_part(session: WriterSession, part: Part, so_far: Counter[str], actor: str) -> Counter[str]:
    """Write a part with its entry in the log: the totals with the last one; a long import says that it begins."""
    if not part.done and part.total > CHUNK:
        audit.record(session, actor, "roster.begin", event_id=part.event_id, changed={"rows": part.total})
    totals = so_far + _write_rows(session, part, actor)
    if totals.total() == part.total:
        counts = {outcome: totals[outcome] for outcome in ("added", "updated", "unchanged")}
        audit.record(session, actor, "roster.write", event_id=part.event_id, changed=counts)
    return totals


def pair_with_entries(event_id: int, rows: Sequence[RosterRow]) -> list[tuple[RosterRow, str, Any]]:
    """Return each row with its key and the entry that it is, if the roster has it already."""
    statement = (
        select(RosterEntry).where(RosterEntry.event_id == event_id).order_by(RosterEntry.position, RosterEntry.id)
    )
    return roster_matching.pair(rows, db.session.scalars(statement, execution_options={"yield_per": READ_AT_ONCE}))


def changed_fields(row: RosterRow, entry: Any, spoken: Spoken | None = None) -> list[str]:
    """Return what an import of the row changes in its entry; the order of the list and links are not looked at."""
    says = {name: getattr(row, name) for name in LISTED}
    return [
        name
        for name, value in says.items()
        if getattr(entry, name) != value and (spoken is None or spoken.of(name, value))
    ]


def listed_by(*rows: RosterRow) -> list[SharedRow]:
    """Return the rows of the organisations that these rows of a roster name, which lists them."""
    return [
        organisations.shared_row(row.organisation_name, ORGANISATION_TYPE[row.kind], row.district, is_listed=True)
        for row in rows
        if row.organisation_name
    ]


def _write_rows(session: WriterSession, part: Part, actor: str) -> Counter[str]:
    event_id = part.event_id
    refuse_cleared(session, event_id)
    of_event = select(RosterEntry).where(RosterEntry.event_id == event_id)
    keys = [key for _, key in part.rows]
    known = {entry.entry_key: entry for entry in session.scalars(of_event.where(RosterEntry.entry_key.in_(keys)))}
    counts = Counter[str]()
    changes: list[tuple[RosterEntry | RosterSeats, dict[str, Any] | None]] = []
    for position, (row, key) in enumerate(part.rows, start=part.first):
        written: RosterEntry | RosterSeats
        before: dict[str, Any] | None = None
        if row.seats:
            outcome, written, before = _write_seats(session, event_id, row, position)
        elif key in known:
            written, before = known[key], said_by(known[key])
            outcome = _write_entry(session, known[key], row, part.spoken, actor)
        else:
            entry = RosterEntry(event_id=event_id, entry_key=key, position=position, created_at=utcnow())
            _write_entry(session, entry, row, None, actor)
            session.add(entry)
            outcome, written = "added", entry
        counts[outcome] += 1
        if outcome != "unchanged":
            changes.append((written, before))
    session.flush()
    if changes:
        steps = Counter[str]()
        for changed, says in changes:
            steps.update(weight_of(said_by(changed)))
            steps.subtract(weight_of(says) if says else {})
        tallies.change_roster(session.driver, event_id, **steps)
    if part.import_id is not None:
        session.add_all(_change(part, changed, says) for changed, says in changes)
    return counts


def said_by(written: RosterEntry | RosterSeats) -> dict[str, Any]:
    """Return what an entry or an organisation's seats say, by the columns that an import may change."""
    names = SEATS_SAY if isinstance(written, RosterSeats) else (*LISTED, "state", "reason")
    return {name: getattr(written, name) for name in names}


def _change(part: Part, written: RosterEntry | RosterSeats, before: dict[str, Any] | None) -> RosterChange:
    column = "seats_id" if isinstance(written, RosterSeats) else "entry_id"
    says = said_by(written)
    changed = None if before is None else {name: value for name, value in before.items() if value != says[name]}
    return RosterChange(event_id=part.event_id, import_id=part.import_id, before=changed, **{column: written.id})


def _write_entry(session: WriterSession, entry: RosterEntry, row: RosterRow, spoken: Spoken | None, actor: str) -> str:
    outcome = change_entry(session, entry, row, spoken)
    if not excuses(row, entry):
        return outcome
    entry.state, entry.reason = "excused", row.absent
    entry.state_changed_at, entry.state_changed_by = utcnow(), actor
    return "updated"


def weight_of(says: Mapping[str, Any]) -> dict[str, int]:
    """Return what an entry or an organisation's seats count among the expected and the excused, by what they say."""
    return {"expected": says.get("seats", 1), "excused": int(says.get("state") == "excused")}


def excuses(row: RosterRow, entry: RosterEntry) -> bool:
    """Say whether the row says why somebody does not come who is expected, and not here."""
    return bool(row.absent) and entry.state in (None, "expected") and not entry.is_here


def change_entry(session: WriterSession, entry: RosterEntry, row: RosterRow, spoken: Spoken | None = None) -> str:
    """Make an entry say what the row says, within a unit of work; return "updated" or "unchanged"."""
    changed = changed_fields(row, entry, spoken)
    for name in changed:
        setattr(entry, name, getattr(row, name))
    if "name" in changed:
        entry.name_key = name_key_of(row.name)
    if "organisation_name" in changed:
        where = row.organisation_name
        entry.organisation_id = organisations.find(session, key_of(where)).id if where else None
    if "mobile" in changed:
        entry.mobile_last4 = row.mobile[-4:] if row.mobile else None
    if changed:
        entry.search_key = search_key_of(entry)
    return "updated" if changed else "unchanged"


def _write_seats(
    session: WriterSession, event_id: int, row: RosterRow, position: int
) -> tuple[str, RosterSeats, dict[str, Any] | None]:
    """Write an organisation's seats; return what became of them, and what they said before."""
    organisation_id = organisations.find(session, key_of(row.organisation_name or "")).id
    if organisation_id is None:
        raise ValueError("seats without an organisation")
    of_event = select(RosterSeats).where(RosterSeats.event_id == event_id)
    known = session.scalar(of_event.where(RosterSeats.organisation_id == organisation_id))
    if known is None:
        known = RosterSeats(
            event_id=event_id,
            organisation_id=organisation_id,
            organisation_name=row.organisation_name or "",
            position=position,
            seats=row.seats,
            group_name=row.group_name,
            note=row.note,
            created_at=utcnow(),
        )
        session.add(known)
        return "added", known, None
    before = said_by(known)
    known.seats = max(row.seats, known.filled)
    known.group_name = row.group_name or known.group_name
    return ("unchanged" if said_by(known) == before else "updated"), known, before
