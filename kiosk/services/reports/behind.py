"""The rows behind a figure: every number of a report can be looked into (docs/product.md 4.2).

People stand there with masked names and mobiles, minors without a name, and who was purged as just that; organisations
in full. Only people of events that the reader may look at are listed; the others are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import HandCounter, Organisation, OrganisationAlias, SignIn
from kiosk.services import enterprises
from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.reports import reading
from kiosk.services.reports.counting import Attended, events_of
from kiosk.services.reports.reading import CountedAttendance
from kiosk.services.reports.sittings import ALWAYS, Period, Sitting

PAGE = 50  # rows

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
    event: Sitting | None = None  # the one event that it is narrowed to

    @property
    def first(self) -> int:
        """Return how many rows stand on the pages before."""
        return (self.page - 1) * PAGE


@dataclass(frozen=True)
class _Asked:
    """What every figure's reader works with."""

    wanted: FigureQuery
    held: tuple[Attended, ...]
    planned: tuple[Sitting, ...]
    visible: frozenset[int]
    page: int

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(one.sitting.id for one in self.held)

    @property
    def open_ids(self) -> tuple[int, ...]:
        return tuple(one for one in self.ids if one in self.visible)

    @property
    def sittings(self) -> dict[int, Sitting]:
        return {one.sitting.id: one.sitting for one in self.held}


def rows_behind(campaign_id: int, wanted: FigureQuery, staff: StaffView, *, page: int = 1) -> Behind:
    """Return a page of the rows behind a figure; `staff` is who reads. Raises KeyError for a figure no report has."""
    read = READERS[wanted.figure]
    attended, planned = events_of(campaign_id, wanted.period)
    held = tuple(one for one in attended if _is_of(one.sitting, wanted))
    planned = tuple(one for one in planned if _is_of(one, wanted))
    visible = event_access.visible_ids(staff, [one.sitting.id for one in held])
    behind = read(_Asked(wanted, held, planned, visible, max(1, page)))
    return replace(behind, event=held[0].sitting if wanted.event is not None and held else None)


def _is_of(sitting: Sitting, wanted: FigureQuery) -> bool:
    is_place = wanted.district is None or (sitting.district or "") == wanted.district
    return is_place and (wanted.event is None or sitting.code == wanted.event)


def _behind(asked: _Asked, total: int, listed: int) -> Behind:
    """Return the page that was asked for, or the last one, still without its rows."""
    pages = max(1, -(-listed // PAGE))
    return Behind(asked.wanted, total, total - listed, (), min(asked.page, pages), pages)


def _with(behind: Behind, rows: Sequence[Row]) -> Behind:
    """Cut the page out of rows that are all there."""
    return replace(behind, rows=tuple(rows[behind.first : behind.first + PAGE]))


def _events(asked: _Asked) -> Behind:
    return _with(_behind(asked, len(asked.held), len(asked.held)), asked.held)


def _planned(asked: _Asked) -> Behind:
    return _with(_behind(asked, len(asked.planned), len(asked.planned)), asked.planned)


def _counted(asked: _Asked) -> Behind:
    sittings = asked.sittings
    statement = (
        select(HandCounter.event_id, func.sum(HandCounter.count))
        .where(HandCounter.event_id.in_(asked.ids), HandCounter.label == asked.wanted.label, HandCounter.count > 0)
        .group_by(HandCounter.event_id)
    )
    counts = {event_id: int(count) for event_id, count in db.session.execute(statement)}
    rows = [CountedAt(sittings[one], counts[one]) for one in asked.ids if one in counts]
    return replace(_with(_behind(asked, len(rows), len(rows)), rows), total=sum(counts.values()))


def _arrivals(asked: _Asked) -> Behind:
    """Return the arrivals event by event: how many each has is known, so that a page reads its own events only."""
    counts = {one.sitting.id: _of_kind(one, asked.wanted.kind) for one in asked.held}
    listed = {event_id: counts[event_id] for event_id in asked.open_ids}
    behind = _behind(asked, sum(counts.values()), sum(listed.values()))
    on_page: list[int] = []
    first, end = behind.first, 0
    for event_id, count in listed.items():
        end += count
        if end <= behind.first:
            first -= count  # all of it stands on the pages before
        elif end - count < behind.first + PAGE:
            on_page.append(event_id)
    if not on_page:
        return behind
    statement = (
        select(SignIn, _organisation_name())
        .join(_own, _own.id == SignIn.organisation_id, isouter=True)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .where(SignIn.event_id.in_(on_page), SignIn.has_arrived)
        .order_by(_place_in(on_page), SignIn.signed_in_at, SignIn.id)
        .offset(first)
        .limit(PAGE)
    )
    if asked.wanted.kind is not None:
        statement = statement.where(SignIn.kind == asked.wanted.kind)
    sittings = asked.sittings
    rows = []
    for one, organisation in db.session.execute(statement):
        sitting = sittings[one.event_id]
        person = _person(one, organisation, is_minor=one.kind == "student" and sitting.has_minors)
        rows.append(AttendanceRow(person, one.kind, sitting, one.signed_in_at, one.method))
    return replace(behind, rows=tuple(rows))


def _place_in(event_ids: Sequence[int]) -> Any:
    return case({event_id: rank for rank, event_id in enumerate(event_ids)}, value=SignIn.event_id)


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


def _people(asked: _Asked) -> Behind:
    kind = "student" if asked.wanted.figure == "students" else asked.wanted.kind
    of_minors = {one.sitting.id for one in asked.held if one.sitting.has_minors}
    everybody: set[int] = set()
    met: dict[int, _Met] = {}
    for step in reading.arrivals(asked.ids):
        for one in step:
            if kind is not None and one.kind != kind:
                continue
            everybody.add(one.participant_id)
            if one.event_id in asked.visible:
                person = met.setdefault(one.participant_id, _Met(one.id, one.id))
                person.meet(one, is_minor=one.kind == "student" and one.event_id in of_minors)
    behind = _behind(asked, len(everybody), len(met))
    shown = sorted(met.values(), key=lambda person: person.first)[behind.first : behind.first + PAGE]
    statement = (
        select(SignIn, _organisation_name())
        .join(_own, _own.id == SignIn.organisation_id, isouter=True)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .where(SignIn.id.in_([person.named or person.latest for person in shown]))
    )
    rows_by_id = {row.id: (row, organisation) for row, organisation in db.session.execute(statement)}
    rows = []
    for person in shown:
        row, organisation = rows_by_id[person.named or person.latest]
        rows.append(Participation(_person(row, organisation, is_minor=person.is_minor), row.kind, person.events))
    return replace(behind, rows=tuple(rows))


def _enterprises(asked: _Asked) -> Behind:
    everywhere: set[int] = set()
    came: dict[int, list[int]] = {}
    arrived_from: Counter[int] = Counter()
    for event_id, root_id, type_, arrived in enterprises.arrivals(asked.ids):
        if type_ == "enterprise":
            everywhere.add(root_id)
            if event_id in asked.visible:
                came.setdefault(root_id, []).append(event_id)
                arrived_from[root_id] += arrived
    behind = _behind(asked, len(everywhere), len(came))
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(came)).order_by(Organisation.name)
    page = db.session.execute(named.offset(behind.first).limit(PAGE)).tuples().all()
    others = _other_names([root_id for root_id, _name in page])
    rows = [
        Enterprise(name, others.get(root_id, ()), len(set(came[root_id])), arrived_from[root_id])
        for root_id, name in page
    ]
    return replace(behind, rows=tuple(rows))


READERS: dict[str, Callable[[_Asked], Behind]] = {
    "events": _events,
    "planned": _planned,
    "attendances": _arrivals,
    "people": _people,
    "students": _people,
    "enterprises": _enterprises,
    "counted": _counted,
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


def _of_kind(one: Attended, kind: str | None) -> int:
    return one.attendances if kind is None else one.by_kind.get(kind, 0)


_own, _root = aliased(Organisation), aliased(Organisation)


def _organisation_name() -> Any:
    """Select the organisation as the directory names it; as it was written where the directory does not know it."""
    return func.coalesce(_root.name, _own.name, SignIn.organisation_name)


def _person(one: SignIn, organisation: str | None, *, is_minor: bool) -> NamedPerson:
    if not one.name:
        return NamedPerson("purged", "", "", organisation)
    if is_minor:
        return NamedPerson("minor", "", "", organisation)
    return NamedPerson("masked", mask_name(one.name), mask_mobile(one.mobile), organisation)
