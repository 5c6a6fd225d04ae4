"""Who of the roster is not here yet (docs/product.md 2.2): organisations, seats, people; and the call to one of them.

Only missing entries are read, by their index; what was expected of each organisation changes seldom and is kept
for half a minute, or until the roster's counters change or organisations are merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationMerge, Purge, RosterEntry, RosterSeats
from kiosk.services.door import looks
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import Counts
from kiosk.services.names import mask_mobile
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.store.recent import Recent

SHOWN = 200
EXCUSED_SHOWN = 60
NAMES = 500  # of a bulletin
SOON = timedelta(minutes=5)  # before the start organisations without anybody are called out


@dataclass(frozen=True)
class Share:
    """How many are expected, or missing, of one organisation and one group of the roster."""

    organisation_id: int | None  # of its root, whatever was merged since
    organisation: str | None
    district: str | None
    group_name: str | None
    count: int


@dataclass(frozen=True)
class MissingPerson:
    """An entry whose person is not here; the mobile is masked."""

    id: int
    kind: str
    name: str
    detail: str | None  # class, job title or identity: what tells two of one name apart
    organisation: str | None
    place: tuple[str, ...]  # group, seat, bus
    mobile: str
    is_starred: bool
    contact: str | None
    reason: str | None
    note: str | None


@dataclass(frozen=True)
class Gap:
    """An organisation of which somebody is missing. `seats` are None when it named its people."""

    organisation: str | None
    has_nobody: bool
    came: int
    expected: int
    filled: int
    seats: int | None
    people: tuple[MissingPerson, ...]


@dataclass(frozen=True)
class Missing:
    """Everything the dashboard says of who is not here. `more` people are not shown."""

    starred: tuple[MissingPerson, ...]
    gaps: tuple[Gap, ...]
    excused: tuple[MissingPerson, ...]
    nobody_here: tuple[str, ...]
    is_soon: bool
    more: int


def read(event: EventView, counts: Counts, came: Mapping[str, int], now: datetime) -> Missing:
    """Return who is missing; `came` are the arrivals by organisation's id, as the tallies have them."""
    seats = _seats(event.id)
    people = _people(event.id, starred=True) + _people(event.id, starred=False)
    shown = people[:SHOWN]
    gaps = _gaps(event.id, counts, seats, shown, came)
    open_seats = sum(one.seats - one.filled for one in seats)
    return Missing(
        starred=tuple(person for _, person in shown if person.is_starred),
        gaps=gaps,
        excused=tuple(person for _, person in _excused(event.id)) if counts.excused else (),
        nobody_here=tuple(gap.organisation for gap in gaps if gap.has_nobody and gap.organisation),
        is_soon=event.starts_at is not None and now >= event.starts_at - SOON,
        more=max(0, counts.missing - open_seats - len(shown)),
    )


def names(event_id: int) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Return the missing people's names by organisation, in the order of the roster; for staff who ask for them."""
    root = aliased(Organisation)
    statement = (
        select(func.coalesce(root.name, RosterEntry.organisation_name), RosterEntry.name)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(*_is_missing(event_id))
    )
    found: dict[str | None, list[str]] = {}
    for organisation, name in db.session.execute(statement.order_by(RosterEntry.position).limit(NAMES)):
        found.setdefault(organisation, []).append(name)
    return tuple((organisation, tuple(of_it)) for organisation, of_it in found.items())


def shares(event_id: int) -> tuple[Share, ...]:
    """Return how many are missing by organisation and group; seats that are free too."""
    free = [
        Share(seat.organisation_id, seat.organisation, seat.district, seat.group_name, seat.seats - seat.filled)
        for seat in _seats(event_id)
        if seat.seats > seat.filled
    ]
    return tuple(_shares(*_is_missing(event_id)) + free)


# By event, with the state of the roster that they were read in.
EXPECTED = Recent[int, tuple[tuple[int, ...], tuple[Share, ...]]]("kiosk_expected", seconds=30.0)


def expected(event_id: int, counts: Counts) -> tuple[Share, ...]:
    """Return how many are expected by organisation and group, without the excused; up to half a minute old."""
    cleared = select(func.count(Purge.finished_at)).where(Purge.event_id == event_id).scalar_subquery()  # group names
    changes = select(func.count(), func.count(OrganisationMerge.undone_at), cleared).select_from(OrganisationMerge)
    state = (counts.expected, counts.excused, counts.replaced, *db.session.execute(changes).one())
    known = EXPECTED.find(event_id)
    if known is not None and known[0] == state:
        return known[1]
    found = _shares(RosterEntry.event_id == event_id, RosterEntry.state != "excused")
    found += [Share(s.organisation_id, s.organisation, s.district, s.group_name, s.seats) for s in _seats(event_id)]
    return EXPECTED.keep(event_id, (state, tuple(found)))[1]


def look(event_id: int, entry_id: int, *, actor: str) -> EntryView:
    """Return an entry with the mobile in full, and keep in the log who looked; raise Unknown."""
    looks.at_entry(event_id, entry_id, actor=actor)
    return rosters.entry(event_id, entry_id)


@dataclass(frozen=True)
class _Seats:
    organisation_id: int
    organisation: str
    district: str | None
    group_name: str | None
    seats: int
    filled: int


def _is_missing(event_id: int) -> tuple[Any, ...]:
    return RosterEntry.event_id == event_id, RosterEntry.state == "expected", ~RosterEntry.is_here


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


def _seats(event_id: int) -> list[_Seats]:
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
    return [_Seats(*row) for row in db.session.execute(statement)]


def _people(event_id: int, *, starred: bool) -> list[tuple[int | None, MissingPerson]]:
    of_these = RosterEntry.is_starred if starred else ~RosterEntry.is_starred
    return _rows(SHOWN, *_is_missing(event_id), of_these)


def _excused(event_id: int) -> list[tuple[int | None, MissingPerson]]:
    return _rows(EXCUSED_SHOWN, RosterEntry.event_id == event_id, RosterEntry.state == "excused", ~RosterEntry.is_here)


def _rows(limit: int, *conditions: Any) -> list[tuple[int | None, MissingPerson]]:
    """Return people, each with the id of their organisation's root."""
    statement = (
        select(RosterEntry, Organisation.root)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .where(*conditions)
        .order_by(RosterEntry.position)
        .limit(limit)
    )
    return [(organisation_id, _person(row)) for row, organisation_id in db.session.execute(statement)]


def _person(row: RosterEntry) -> MissingPerson:
    return MissingPerson(
        id=row.id,
        kind=row.kind,
        name=row.name,
        detail=row.detail,
        organisation=row.organisation_name,
        place=tuple(filter(None, (row.group_name, row.seat, row.bus))),
        mobile=mask_mobile(row.mobile),
        is_starred=row.is_starred,
        contact=row.contact,
        reason=row.reason,
        note=row.note,
    )


def _gaps(
    event_id: int,
    counts: Counts,
    seats: list[_Seats],
    people: list[tuple[int | None, MissingPerson]],
    came: Mapping[str, int],
) -> tuple[Gap, ...]:
    """Return the organisations with somebody missing: those with nobody here first, people without one last."""
    names_of: dict[int | None, str | None] = {}
    wanted: Counter[int | None] = Counter()
    absent: Counter[int | None] = Counter()
    for share in expected(event_id, counts):
        wanted[share.organisation_id] += share.count
    for share in shares(event_id):
        absent[share.organisation_id] += share.count
        names_of[share.organisation_id] = share.organisation
    taken: Counter[int | None] = Counter()
    in_all: Counter[int | None] = Counter()
    for one in seats:  # two rows where two organisations with seats were merged
        taken[one.organisation_id] += one.filled
        in_all[one.organisation_id] += one.seats
    found = []
    for key, missing in absent.items():
        filled = max(0, wanted[key] - missing)
        arrived = came.get(str(key), 0)
        gap = Gap(
            organisation=names_of[key],
            has_nobody=key is not None and not filled and not arrived,
            came=filled,
            expected=max(wanted[key], missing),
            filled=taken[key],
            seats=in_all[key] or None,
            people=tuple(person for of, person in people if of == key and not person.is_starred),
        )
        found.append((key is None, not gap.has_nobody, _first(key, people), gap))
    return tuple(entry[3] for entry in sorted(found, key=lambda entry: entry[:3]))


def _first(key: int | None, people: list[tuple[int | None, MissingPerson]]) -> int:
    """Return where an organisation stands on the roster; those that have only seats stand behind."""
    return next((at for at, (of, _) in enumerate(people) if of == key), len(people))
