"""Who of the roster is not here yet (docs/product.md 2.2): organisations, seats, people; and the call to one of them.

Only missing entries are read, by their index; how many an organisation expects follows services/roster/equations.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kiosk.closed import EntryState
from kiosk.extensions import db
from kiosk.models import Organisation, RosterEntry, RosterSeats
from kiosk.services import enterprises
from kiosk.services.door import looks
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import Counts
from kiosk.services.people.rows import PersonRow, of_entry
from kiosk.services.roster import rosters
from kiosk.services.roster.equations import Absence, Equation, absences, beside, by_organisation
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import namesakes

SHOWN = 200
EXCUSED_SHOWN = 60
NAMES = 500  # of a bulletin
SOON = timedelta(minutes=5)  # before the start organisations without anybody are called out


@dataclass(frozen=True)
class Gap:
    """An organisation of which somebody is missing. `free` of its seats nobody fills: None when it named its people."""

    organisation_id: int | None  # of its root
    organisation: str | None
    has_nobody: bool
    equation: Equation
    free: int | None
    people: tuple[PersonRow, ...]


@dataclass(frozen=True)
class Missing:
    """Everything the dashboard says of who is not here. `more` people are not shown."""

    starred: tuple[PersonRow, ...]
    gaps: tuple[Gap, ...]
    excused: tuple[PersonRow, ...]
    nobody_here: tuple[str, ...]
    is_soon: bool
    more: int


def read(
    event: EventView,
    counts: Counts,
    parts: Mapping[int | None, Equation],
    absent: Sequence[Absence],
    now: datetime,
    *narrow: Any,
) -> Missing:
    """Return who is missing, of `parts`: the equation of each organisation; and of `absent`: its gaps. `narrow` are
    conditions of the entries, of a board that is narrowed as the others are."""
    missing, excused = (*_is_absent(event.id, "expected"), *narrow), (*_is_absent(event.id, "excused"), *narrow)
    starred, others = (_rows(SHOWN, *missing, RosterEntry.is_starred == is_starred) for is_starred in (True, False))
    shown = (starred + others)[:SHOWN]
    asked = namesakes.beside(event.id, [person for _, person in shown]) if counts.arrived else ()
    shown = [(of, person) for (of, _), person in zip(shown, asked, strict=True)] if asked else shown
    of_these = {one.organisation_id for one in absent}
    free = Counter({key: count for key, count in _free_seats(event.id).items() if key in of_these})
    gaps = _gaps(parts, [one for one in absent if one.state == "expected"], free, shown)
    return Missing(
        starred=tuple(person for _, person in shown if person.is_starred),
        gaps=gaps,
        excused=tuple(person for _, person in _rows(EXCUSED_SHOWN, *excused)) if counts.excused else (),
        nobody_here=tuple(gap.organisation for gap in gaps if gap.has_nobody and gap.organisation),
        is_soon=event.starts_at is not None and now >= event.starts_at - SOON,
        more=max(0, counts.missing - free.total() - len(shown)),
    )


def gaps(event_id: int, counts: Counts) -> tuple[Gap, ...]:
    """Return the organisations of which somebody is missing, those with nobody here first, without anybody's name."""
    if not counts.missing:
        return ()
    absent, came = absences([event_id]), Counter[int | None]()
    for _event_id, root_id, _type, arrived in enterprises.arrivals([event_id]):
        came[root_id] += arrived
    parts = by_organisation(came, counts.arrived, absent, beside(event_id, counts, came)[1])
    return _gaps(parts, [one for one in absent if one.state == "expected"], _free_seats(event_id), [])


def names(event_id: int) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Return the missing people's names by organisation, in the order of the roster; for staff who ask for them."""
    root = aliased(Organisation)
    statement = (
        select(func.coalesce(root.name, RosterEntry.organisation_name), RosterEntry.name)
        .join(Organisation, Organisation.id == RosterEntry.organisation_id, isouter=True)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(*_is_absent(event_id, "expected"))
    )
    by_organisation: dict[str | None, list[str]] = {}
    for organisation, name in db.session.execute(statement.order_by(RosterEntry.position).limit(NAMES)):
        by_organisation.setdefault(organisation, []).append(name)
    return tuple((organisation, tuple(of_it)) for organisation, of_it in by_organisation.items())


def look(event_id: int, entry_id: int, *, actor: str) -> EntryView:
    """Return an entry with the mobile in full, and keep in the log who looked; raise Unknown."""
    looks.at_entry(event_id, entry_id, actor=actor)
    return rosters.entry(event_id, entry_id)


def _is_absent(event_id: int, state: EntryState) -> tuple[Any, ...]:
    return RosterEntry.event_id == event_id, RosterEntry.state == state, ~RosterEntry.is_here


def _free_seats(event_id: int) -> Counter[int]:
    """Return the free seats by organisation, none for who fills all; two rows where two of them were merged."""
    statement = (
        select(Organisation.root, func.sum(RosterSeats.seats - RosterSeats.filled))
        .join(Organisation, Organisation.id == RosterSeats.organisation_id)
        .where(RosterSeats.event_id == event_id)
        .group_by(Organisation.root)
    )
    return Counter({root_id: int(free) for root_id, free in db.session.execute(statement)})


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
    parts: Mapping[int | None, Equation],
    absent: Sequence[Absence],
    free: Mapping[int, int],
    people: Sequence[tuple[int | None, PersonRow]],
) -> tuple[Gap, ...]:
    """Return the organisations with somebody missing: those with nobody here first, people without one last."""
    theirs: defaultdict[int | None, list[PersonRow]] = defaultdict(list)
    # Where an organisation stands on the roster; those of whom nobody is shown, and who have only seats, stand behind.
    first: dict[int | None, int] = {}
    for at, (key, person) in enumerate(people):
        first.setdefault(key, at)
        if not person.is_starred:
            theirs[key].append(person)
    ranked = []
    for key, organisation in {one.organisation_id: one.organisation for one in absent}.items():
        gap = Gap(
            organisation_id=key,
            organisation=organisation,
            has_nobody=key is not None and not parts[key].arrived,
            equation=parts[key],
            free=None if key is None else free.get(key),
            people=tuple(theirs.get(key, ())),
        )
        ranked.append((key is None, not gap.has_nobody, first.get(key, len(people)), gap))
    return tuple(entry[3] for entry in sorted(ranked, key=lambda entry: entry[:3]))
