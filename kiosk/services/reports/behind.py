"""The rows behind a figure: every number of a report can be looked into (docs/product.md 4.2).

People stand there with masked names and mobiles, minors without a name, and who was purged as just that; organisations
in full. Only people of events that the reader may look at are listed; the others are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Literal

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import HandCounter, Organisation, OrganisationAlias, SignIn
from kiosk.services import enterprises
from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.reports import reading
from kiosk.services.reports.counting import Attended, events_of, nameless
from kiosk.services.reports.reading import CountedAttendance
from kiosk.services.reports.sittings import ALWAYS, Period, Sitting
from kiosk.services.roster.equations import Equation, is_walk_in

PAGE = 50  # rows
# Of which part of the equation each is.
ARRIVALS = {"attendances": "arrived", "listed": "listed", "unlisted": "unlisted", "rosterless": "rosterless"}

Who = Literal["masked", "minor", "purged"]


@dataclass(frozen=True)
class FigureQuery:
    """Which figure: its name, and what it is narrowed to. An empty district means the events without one."""

    figure: str = "attendances"
    kind: str | None = None
    district: str | None = None
    event: str | None = None  # its code
    label: str | None = None  # of what is counted by hand
    period: Period = ALWAYS


@dataclass(frozen=True)
class NamedPerson:
    """How somebody is named in a list: `name` is masked, and empty for a minor and for who was purged."""

    who: Who
    name: str
    mobile: str
    organisation: str | None


@dataclass(frozen=True)
class AttendanceRow:
    """One attendance."""

    person: NamedPerson
    kind: str
    sitting: Sitting
    signed_in_at: datetime
    method: str


@dataclass(frozen=True)
class Participation:
    """One distinct person, and at how many of the events they were."""

    person: NamedPerson
    kind: str
    events: int


@dataclass(frozen=True)
class Enterprise:
    """One distinct enterprise: the other names it goes by, merged ones among them, and who came from it."""

    name: str
    others: tuple[str, ...]
    events: int
    attendances: int


@dataclass(frozen=True)
class CountedAt:
    """What was counted by hand at one event."""

    sitting: Sitting
    count: int


Row = AttendanceRow | Participation | Enterprise | CountedAt | Attended | Sitting


@dataclass(frozen=True)
class Behind:
    """A page of rows. `total` is the figure; `hidden` of it stand on no page, because the reader may not see them."""

    wanted: FigureQuery
    total: int
    hidden: int
    rows: tuple[Row, ...]
    page: int
    pages: int
    event: Sitting | None  # the one event that it is narrowed to


@dataclass(frozen=True)
class _Asked:
    """What every figure's reader works with; the events that were held by their id, in the order of their days."""

    wanted: FigureQuery
    held: Mapping[int, Attended]
    planned: Sequence[Sitting]
    visible: frozenset[int]


@dataclass(frozen=True)
class _Figure:
    """A figure, how many rows it has of those that the reader may see, and what reads a page of them from a place."""

    total: int
    listed: int
    rows_from: Callable[[int], Sequence[Row]]
    hidden: int = 0


def rows_behind(campaign_id: int, wanted: FigureQuery, staff: StaffView, *, page: int = 1) -> Behind:
    """Return a page of the rows behind a figure, the last one for a page beyond it; `staff` is who reads.

    Raises KeyError for a figure no report has.
    """
    read = READERS[wanted.figure]
    attended, planned = events_of(campaign_id, wanted.period)
    held = {one.sitting.id: one for one in attended if _is_of(one.sitting, wanted)}
    visible = event_access.visible_ids(staff, list(held))
    figure = read(_Asked(wanted, held, [one for one in planned if _is_of(one, wanted)], visible))
    pages = max(1, -(-figure.listed // PAGE))
    page = min(max(1, page), pages)
    rows = tuple(figure.rows_from((page - 1) * PAGE))
    event = next(iter(held.values())).sitting if wanted.event is not None and held else None
    return Behind(wanted, figure.total, figure.hidden, rows, page, pages, event)


def _is_of(sitting: Sitting, wanted: FigureQuery) -> bool:
    is_place = wanted.district is None or (sitting.district or "") == wanted.district
    return is_place and (wanted.event is None or sitting.code == wanted.event)


def _whole(rows: Sequence[Row], total: int | None = None) -> _Figure:
    """Return a figure whose rows are all there; each is one of it, unless a total is given."""
    return _Figure(len(rows) if total is None else total, len(rows), lambda first: rows[first : first + PAGE])


def _counted(asked: _Asked) -> _Figure:
    statement = (
        select(HandCounter.event_id, func.sum(HandCounter.count))
        .where(HandCounter.event_id.in_(asked.held), HandCounter.label == asked.wanted.label, HandCounter.count > 0)
        .group_by(HandCounter.event_id)
    )
    counts = {event_id: int(count) for event_id, count in db.session.execute(statement)}
    rows = [CountedAt(one.sitting, counts[event_id]) for event_id, one in asked.held.items() if event_id in counts]
    return _whole(rows, sum(counts.values()))


def _nameless(asked: _Asked) -> _Figure:
    counts = nameless(asked.held)
    rows = [CountedAt(one.sitting, counts[event_id]) for event_id, one in asked.held.items() if event_id in counts]
    return _whole(rows, sum(counts.values()))


def _arrivals(asked: _Asked) -> _Figure:
    """Return the arrivals event by event: how many each has is known, so that a page reads its own events only."""
    kind, part = asked.wanted.kind, ARRIVALS[asked.wanted.figure]
    counts = {}
    for event_id, one in asked.held.items():
        equation = one.equation if kind is None else one.equations.get(kind, Equation())
        if count := getattr(equation, part):
            counts[event_id] = count
    seen = {event_id: count for event_id, count in counts.items() if event_id in asked.visible}
    total, listed = sum(counts.values()), sum(seen.values())
    return _Figure(total, listed, lambda first: _arrivals_from(first, seen, asked), total - listed)


def _arrivals_from(first: int, counts: Mapping[int, int], asked: _Asked) -> Sequence[Row]:
    """Read a page of arrivals from this place on, of events that have so many each: a large one by itself, in the order
    of an index."""
    offset, end = 0, 0
    groups: list[list[int]] = []
    for event_id, count in counts.items():
        end += count
        if end <= first or end - count >= first + PAGE:
            continue  # all of it stands on another page
        offset = offset if groups else first - (end - count)
        if count > PAGE or not groups or counts[groups[-1][0]] > PAGE:
            groups.append([])
        groups[-1].append(event_id)
    rows: list[Row] = []
    for event_ids in groups:
        rows += _arrivals_of(asked, event_ids, offset, PAGE - len(rows))
        offset = 0
    return rows


def _arrivals_of(asked: _Asked, event_ids: Sequence[int], first: int, most: int) -> list[Row]:
    narrowed: list[Any] = [] if asked.wanted.kind is None else [SignIn.kind == asked.wanted.kind]
    if asked.wanted.figure in ("listed", "unlisted"):
        beside = is_walk_in(tuple(event_ids))
        narrowed.append(beside if asked.wanted.figure == "unlisted" else ~beside)
    statement = _named_sign_ins().where(SignIn.event_id.in_(event_ids), SignIn.has_arrived, *narrowed)
    if len(event_ids) > 1:
        ranks = {event_id: number for number, event_id in enumerate(event_ids)}
        statement = statement.order_by(case(ranks, value=SignIn.event_id))
    statement = statement.order_by(SignIn.signed_in_at, SignIn.id).offset(first).limit(most)
    rows: list[Row] = []
    for one, organisation in db.session.execute(statement):
        sitting = asked.held[one.event_id].sitting
        person = _person(one, organisation, is_minor=one.kind == "student" and sitting.has_minors)
        rows.append(AttendanceRow(person, one.kind, sitting, one.signed_in_at, one.method))
    return rows


@dataclass
class _Met:
    """What is known of a person while the arrivals are read: by which sign-ins, at how many events."""

    first: int
    latest: int
    named: int = 0  # the latest one that was not purged
    events: int = 0
    is_minor: bool = False

    def meet(self, one: CountedAttendance, *, is_minor: bool) -> None:
        self.first, self.latest = min(self.first, one.id), max(self.latest, one.id)
        self.named = max(self.named, one.id if one.has_name else 0)
        self.events += 1
        self.is_minor = self.is_minor or is_minor


def _people(asked: _Asked) -> _Figure:
    kind = "student" if asked.wanted.figure == "students" else asked.wanted.kind
    everybody: set[int] = set()
    met: dict[int, _Met] = {}
    for one in chain.from_iterable(reading.arrivals(asked.held)):
        if kind is not None and one.kind != kind:
            continue
        everybody.add(one.participant_id)
        if one.event_id in asked.visible:
            person = met.setdefault(one.participant_id, _Met(one.id, one.id))
            person.meet(one, is_minor=one.kind == "student" and asked.held[one.event_id].sitting.has_minors)
    people = sorted(met.values(), key=lambda person: person.first)
    return _Figure(
        len(everybody), len(met), lambda first: _participations(people[first : first + PAGE]), len(everybody) - len(met)
    )


def _participations(people: Sequence[_Met]) -> Sequence[Row]:
    statement = _named_sign_ins().where(SignIn.id.in_([person.named or person.latest for person in people]))
    by_id = {row.id: (row, organisation) for row, organisation in db.session.execute(statement)}
    rows = []
    for person in people:
        row, organisation = by_id[person.named or person.latest]
        rows.append(Participation(_person(row, organisation, is_minor=person.is_minor), row.kind, person.events))
    return rows


def _enterprises(asked: _Asked) -> _Figure:
    everywhere: set[int] = set()
    came: dict[int, Counter[int]] = {}  # how many arrived from each, by event
    for event_id, root_id, type_, arrived in enterprises.arrivals(asked.held):
        if type_ == "enterprise":
            everywhere.add(root_id)
            if event_id in asked.visible:
                came.setdefault(root_id, Counter())[event_id] += arrived
    return _Figure(
        len(everywhere), len(came), lambda first: _enterprises_from(first, came), len(everywhere) - len(came)
    )


def _enterprises_from(first: int, came: Mapping[int, Counter[int]]) -> Sequence[Row]:
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(came)).order_by(Organisation.name)
    page = db.session.execute(named.offset(first).limit(PAGE)).tuples().all()
    others = _other_names([root_id for root_id, _name in page])
    rows = []
    for root_id, name in page:
        rows.append(Enterprise(name, others.get(root_id, ()), len(came[root_id]), came[root_id].total()))
    return rows


READERS: dict[str, Callable[[_Asked], _Figure]] = {
    "events": lambda asked: _whole(tuple(asked.held.values())),
    "planned": lambda asked: _whole(asked.planned),
    **dict.fromkeys(ARRIVALS, _arrivals),
    "people": _people,
    "students": _people,
    "enterprises": _enterprises,
    "counted": _counted,
    "nameless": _nameless,
}


def _other_names(roots: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the aliases and the merged names of these organisations."""
    merged = select(Organisation.root, Organisation.name).where(Organisation.root_id.in_(roots))
    aliases = (
        select(Organisation.root, OrganisationAlias.name)
        .join(Organisation, Organisation.id == OrganisationAlias.organisation_id)
        .where(Organisation.root.in_(roots))
    )
    names_of: dict[int, list[str]] = {}
    for root, name in [*db.session.execute(merged), *db.session.execute(aliases)]:
        names_of.setdefault(root, []).append(name)
    return {root: tuple(sorted(names)) for root, names in names_of.items()}


_own, _root = aliased(Organisation), aliased(Organisation)


def _named_sign_ins() -> Select[Any]:
    """Select sign-ins, each with its organisation as the directory names it, or as it was written where it is not
    there."""
    name = func.coalesce(_root.name, _own.name, SignIn.organisation_name)
    joined = select(SignIn, name).join(_own, _own.id == SignIn.organisation_id, isouter=True)
    return joined.join(_root, _root.id == _own.root_id, isouter=True)


def _person(one: SignIn, organisation: str | None, *, is_minor: bool) -> NamedPerson:
    if not one.name:
        return NamedPerson("purged", "", "", organisation)
    if is_minor:
        return NamedPerson("minor", "", "", organisation)
    return NamedPerson("masked", mask_name(one.name), mask_mobile(one.mobile), organisation)
