"""Who of the roster is not here yet (docs/product.md 2.2): organisations, seats, people; and the call to one of them.

Only missing entries are read, by their index; what was expected of each organisation changes seldom and is kept
for half a minute, or until the roster's counters change or organisations are merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kiosk.closed import EntryState
from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationMerge, RosterEntry, RosterSeats, Task
from kiosk.services.door import looks
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import Counts
from kiosk.services.people.rows import PersonRow, of_entry
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import namesakes
from kiosk.services.store.recent import Recent

SHOWN = 200
EXCUSED_SHOWN = 60
NAMES = 500  # of a bulletin
SOON = timedelta(minutes=5)  # before the start organisations without anybody are called out


@dataclass(frozen=True)
class Share:
    """How many are expected, or missing, of one organisation and one group of the roster; or its seats."""

    organisation_id: int | None  # of its root, whatever was merged since
    organisation: str | None
    district: str | None
    group_name: str | None
    count: int
    filled: int = 0  # of the seats


@dataclass(frozen=True)
class Gap:
    """An organisation of which somebody is missing. `seats` are None when it named its people."""

    organisation_id: int | None  # of its root
    organisation: str | None
    has_nobody: bool
    came: int
    expected: int
    filled: int
    seats: int | None
    people: tuple[PersonRow, ...]

    @property
    def absent(self) -> int:
        """Return how many of it are missing, free seats among them."""
        return self.expected - self.came


@dataclass(frozen=True)
class Missing:
    """Everything the dashboard says of who is not here. `more` people are not shown."""

    starred: tuple[PersonRow, ...]
    gaps: tuple[Gap, ...]
    excused: tuple[PersonRow, ...]
    nobody_here: tuple[str, ...]
    is_soon: bool
    more: int


def read(event: EventView, counts: Counts, came: Mapping[int, int], now: datetime) -> Missing:
    """Return who is missing; `came` are the arrivals by organisation's id, as the tallies have them."""
    seats = _seats(event.id)
    absent, excused = _is_missing(event.id), _is_absent(event.id, "excused")
    starred, others = (_rows(SHOWN, *absent, RosterEntry.is_starred == is_starred) for is_starred in (True, False))
    shown = (starred + others)[:SHOWN]
    asked = namesakes.beside(event.id, [person for _, person in shown]) if counts.arrived else ()
    shown = [(of, person) for (of, _), person in zip(shown, asked, strict=True)] if asked else shown
    gaps = _gaps(event.id, counts, seats, shown, came)
    open_seats = sum(one.count - one.filled for one in seats)
    return Missing(
        starred=tuple(person for _, person in shown if person.is_starred),
        gaps=gaps,
        excused=tuple(person for _, person in _rows(EXCUSED_SHOWN, *excused)) if counts.excused else (),
        nobody_here=tuple(gap.organisation for gap in gaps if gap.has_nobody and gap.organisation),
        is_soon=event.starts_at is not None and now >= event.starts_at - SOON,
        more=max(0, counts.missing - open_seats - len(shown)),
    )


def gaps(event_id: int, counts: Counts) -> tuple[Gap, ...]:
    """Return the organisations of which somebody is missing, those with nobody here first, without anybody's name."""
    return _gaps(event_id, counts, _seats(event_id), [], {}) if counts.missing else ()


def names(event_id: int) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Return the missing people's names by organisation, in the order of the roster; for staff who ask for them."""
    root = aliased(Organisation)
    statement = (
        select(func.coalesce(root.name, RosterEntry.organisation_name), RosterEntry.name)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(*_is_missing(event_id))
    )
    by_organisation: dict[str | None, list[str]] = {}
    for organisation, name in db.session.execute(statement.order_by(RosterEntry.position).limit(NAMES)):
        by_organisation.setdefault(organisation, []).append(name)
    return tuple((organisation, tuple(of_it)) for organisation, of_it in by_organisation.items())


def shares(event_id: int) -> tuple[Share, ...]:
    """Return how many are missing by organisation and group; seats that are free too."""
    seats = _seats(event_id)
    free = [replace(one, count=one.count - one.filled) for one in seats if one.count > one.filled]
    return tuple(_shares(*_is_missing(event_id)) + free)


def summed(parts: Iterable[Any], name: str, counted: str = "count") -> Counter[Any]:
    """Add up how many the parts count, by what each of them has under a name."""
    sums: Counter[Any] = Counter()
    for part in parts:
        sums[getattr(part, name)] += getattr(part, counted)
    return sums


# By event, with the state of the roster that they were read in.
EXPECTED = Recent[int, tuple[tuple[int, ...], tuple[Share, ...]]]("kiosk_expected", seconds=30.0)


def expected(event_id: int, counts: Counts) -> tuple[Share, ...]:
    """Return how many are expected by organisation and group, without the excused; up to half a minute old."""
    is_purge = Task.event_id == event_id, Task.kind == "purge"  # group names
    cleared = select(func.count(Task.ended_at)).where(*is_purge).scalar_subquery()
    changes = select(func.count(), func.count(OrganisationMerge.undone_at), cleared).select_from(OrganisationMerge)
    state = (counts.expected, counts.excused, counts.replaced, *db.session.execute(changes).one())
    known = EXPECTED.find(event_id)
    if known is not None and known[0] == state:
        return known[1]
    entries = _shares(RosterEntry.event_id == event_id, RosterEntry.state != "excused")
    return EXPECTED.keep(event_id, (state, (*entries, *_seats(event_id))))[1]


def look(event_id: int, entry_id: int, *, actor: str) -> EntryView:
    """Return an entry with the mobile in full, and keep in the log who looked; raise Unknown."""
    looks.at_entry(event_id, entry_id, actor=actor)
    return rosters.entry(event_id, entry_id)


def _is_absent(event_id: int, state: EntryState) -> tuple[Any, ...]:
    return RosterEntry.event_id == event_id, RosterEntry.state == state, ~RosterEntry.is_here


def _is_missing(event_id: int) -> tuple[Any, ...]:
    return _is_absent(event_id, "expected")


def _shares(*conditions: Any) -> list[Share]:
    root = aliased(Organisation)
    named = (
        func.coalesce(root.id, Organisation.id),
        func.coalesce(root.name, Organisation.name),
        func.coalesce(root.district, Organisation.district),
        RosterEntry.group_name,
    )
    statement = (
        select(*named, func.count())
        .select_from(RosterEntry)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(*conditions)
        .group_by(*named)
    )
    return [Share(*row) for row in db.session.execute(statement)]


def _seats(event_id: int) -> list[Share]:
    root = aliased(Organisation)
    statement = (
        select(
            func.coalesce(root.id, RosterSeats.organisation_id),
            func.coalesce(root.name, RosterSeats.organisation_name),
            func.coalesce(root.district, Organisation.district),
            RosterSeats.group_name,
            RosterSeats.seats,
            RosterSeats.filled,
        )
        .join(Organisation, Organisation.id == RosterSeats.organisation_id)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(RosterSeats.event_id == event_id)
        .order_by(RosterSeats.position)
    )
    return [Share(*row) for row in db.session.execute(statement)]


def _rows(limit: int, *conditions: Any) -> list[tuple[int | None, PersonRow]]:
    """Return people, each with the id of their organisation's root."""
    statement = (
        select(RosterEntry, Organisation.root)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .where(*conditions)
        .order_by(RosterEntry.position)
        .limit(limit)
    )
    return [(organisation_id, of_entry(entry)) for entry, organisation_id in db.session.execute(statement)]


def _gaps(
    event_id: int,
    counts: Counts,
    seats: list[Share],
    people: list[tuple[int | None, PersonRow]],
    came: Mapping[int, int],
) -> tuple[Gap, ...]:
    """Return the organisations with somebody missing: those with nobody here first, people without one last."""
    wanted, absent = summed(expected(event_id, counts), "organisation_id"), shares(event_id)
    names_of = {share.organisation_id: share.organisation for share in absent}
    # Two rows where two organisations with seats were merged.
    taken, in_all = summed(seats, "organisation_id", "filled"), summed(seats, "organisation_id")
    ranked = []
    for key, missing in summed(absent, "organisation_id").items():
        filled = max(0, wanted[key] - missing)
        gap = Gap(
            organisation_id=key,
            organisation=names_of[key],
            has_nobody=key is not None and not filled and not came.get(key, 0),
            came=filled,
            expected=max(wanted[key], missing),
            filled=taken[key],
            seats=in_all[key] or None,
            people=tuple(person for of, person in people if of == key and not person.is_starred),
        )
        ranked.append((key is None, not gap.has_nobody, _first(key, people), gap))
    return tuple(entry[3] for entry in sorted(ranked, key=lambda entry: entry[:3]))


def _first(key: int | None, people: list[tuple[int | None, PersonRow]]) -> int:
    """Return where an organisation stands on the roster; those that have only seats stand behind."""
    return next((at for at, (of, _) in enumerate(people) if of == key), len(people))
