"""The rows behind a figure: every number of a report can be looked into (PRODUCT.md 4.2).

People stand there with masked names and mobiles, minors without a name, and who was purged as just that; organisations
in full. Only people of events that the reader may look at are listed; the others are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import HandCounter, Organisation, OrganisationAlias, SignIn
from kiosk.services import enterprises
from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.reports.counting import Attended, events_of, people_at
from kiosk.services.reports.sittings import ALWAYS, Period, Sitting, is_counted

PAGE = 50  # rows

Who = Literal["masked", "minor", "purged"]


@dataclass(frozen=True)
class Wanted:
    """Which figure: its name, and what it is narrowed to. An empty district means the events without one."""

    figure: str = "attendances"
    kind: str | None = None
    district: str | None = None
    event: str | None = None  # its code
    label: str | None = None  # of what is counted by hand
    period: Period = ALWAYS


@dataclass(frozen=True)
class Person:
    """How somebody is named in a list: `name` is masked, and empty for a minor and for who was purged."""

    who: Who
    name: str
    mobile: str
    organisation: str | None


@dataclass(frozen=True)
class Arrival:
    """One attendance."""

    person: Person
    kind: str
    sitting: Sitting
    signed_in_at: datetime
    method: str


@dataclass(frozen=True)
class Participation:
    """One distinct person, and at how many of the events they were."""

    person: Person
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


Row = Arrival | Participation | Enterprise | CountedAt | Attended | Sitting


@dataclass(frozen=True)
class Behind:
    """A page of rows. `total` is the figure; `hidden` of it stand on no page, because the reader may not see them."""

    wanted: Wanted
    total: int
    hidden: int
    rows: tuple[Row, ...]
    page: int
    pages: int
    event: Sitting | None = None  # the one event that it is narrowed to


@dataclass(frozen=True)
class _Asked:
    """What every figure's reader works with."""

    wanted: Wanted
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


def rows_behind(campaign_id: int, wanted: Wanted, staff: StaffView, *, page: int = 1) -> Behind:
    """Return a page of the rows behind a figure; `staff` is who reads. Raises KeyError for a figure no report has."""
    read = READERS[wanted.figure]
    attended, planned = events_of(campaign_id, wanted.period)
    held = tuple(one for one in attended if _is_of(one.sitting, wanted))
    planned = tuple(one for one in planned if _is_of(one, wanted))
    visible = event_access.visible_ids(staff, [one.sitting.id for one in held])
    behind = read(_Asked(wanted, held, planned, visible, max(1, page)))
    return replace(behind, event=held[0].sitting if wanted.event is not None and held else None)


def _is_of(sitting: Sitting, wanted: Wanted) -> bool:
    is_place = wanted.district is None or (sitting.district or "") == wanted.district
    return is_place and (wanted.event is None or sitting.code == wanted.event)


def _behind(asked: _Asked, rows: Sequence[Row], total: int, listed: int) -> Behind:
    return Behind(asked.wanted, total, total - listed, tuple(rows), asked.page, max(1, -(-listed // PAGE)))


def _cut(asked: _Asked, rows: Sequence[Row], total: int | None = None) -> Behind:
    """Return the page of rows that are all there."""
    first = (asked.page - 1) * PAGE
    return _behind(asked, rows[first : first + PAGE], len(rows) if total is None else total, len(rows))


def _events(asked: _Asked) -> Behind:
    return _cut(asked, asked.held)


def _planned(asked: _Asked) -> Behind:
    return _cut(asked, asked.planned)


def _counted(asked: _Asked) -> Behind:
    sittings = asked.sittings
    statement = (
        select(HandCounter.event_id, func.sum(HandCounter.count))
        .where(HandCounter.event_id.in_(asked.ids), HandCounter.label == asked.wanted.label, HandCounter.count > 0)
        .group_by(HandCounter.event_id)
    )
    found = {event_id: int(count) for event_id, count in db.session.execute(statement)}
    rows = [CountedAt(sittings[one], found[one]) for one in asked.ids if one in found]
    first = (asked.page - 1) * PAGE
    pages = max(1, -(-len(rows) // PAGE))
    return Behind(asked.wanted, sum(found.values()), 0, tuple(rows[first : first + PAGE]), asked.page, pages)


def _arrivals(asked: _Asked) -> Behind:
    total = sum(_of_kind(one, asked.wanted.kind) for one in asked.held)
    listed = sum(_of_kind(one, asked.wanted.kind) for one in asked.held if one.sitting.id in asked.visible)
    statement = (
        select(SignIn, _organisation_name())
        .join(_own, _own.id == SignIn.organisation_id, isouter=True)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .where(*_conditions(asked))
        .order_by(SignIn.signed_in_at, SignIn.id)
        .offset((asked.page - 1) * PAGE)
        .limit(PAGE)
        .execution_options(populate_existing=True)
    )
    sittings = asked.sittings
    rows = []
    for one, organisation in db.session.execute(statement):
        sitting = sittings[one.event_id]
        person = _person(one, organisation, is_minor=one.kind == "student" and sitting.has_minors)
        rows.append(Arrival(person, one.kind, sitting, one.signed_in_at, one.method))
    return _behind(asked, rows, total, listed)


def _people(asked: _Asked) -> Behind:
    of_minors = [one.sitting.id for one in asked.held if one.sitting.has_minors]
    is_minor = and_(SignIn.kind == "student", SignIn.event_id.in_(of_minors))
    latest_known = func.max(case((SignIn.name != "", SignIn.id)))  # of several, one that was not purged
    page = (
        select(
            func.coalesce(latest_known, func.max(SignIn.id)).label("sign_in_id"),
            func.count().label("events"),
            func.max(case((is_minor, 1), else_=0)).label("is_minor"),
            func.min(SignIn.id).label("first"),
        )
        .where(*_conditions(asked))
        .group_by(SignIn.participant_id)
        .order_by(func.min(SignIn.id))
        .offset((asked.page - 1) * PAGE)
        .limit(PAGE)
        .subquery()
    )
    statement = (
        select(SignIn, _organisation_name(), page.c.events, page.c.is_minor)
        .join(page, page.c.sign_in_id == SignIn.id)
        .join(_own, _own.id == SignIn.organisation_id, isouter=True)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .order_by(page.c.first)
        .execution_options(populate_existing=True)
    )
    rows = [
        Participation(_person(one, organisation, is_minor=bool(minor)), one.kind, events)
        for one, organisation, events, minor in db.session.execute(statement)
    ]
    kind = _kind(asked.wanted)
    return _behind(asked, rows, people_at(asked.ids, kind), people_at(asked.open_ids, kind))


def _enterprises(asked: _Asked) -> Behind:
    by_event = enterprises.by_event(asked.ids)
    listed = frozenset().union(*(by_event.get(one, ()) for one in asked.open_ids))
    total = len(frozenset().union(*by_event.values()))
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(listed)).order_by(Organisation.name)
    page = named.offset((asked.page - 1) * PAGE).limit(PAGE)
    roots = [(root, name) for root, name in db.session.execute(page)]
    counts = _attendances_of(asked, [root for root, _ in roots])
    others = _other_names([root for root, _ in roots])
    rows = [Enterprise(name, others.get(root, ()), *counts.get(root, (0, 0))) for root, name in roots]
    return _behind(asked, rows, total, len(listed))


def _attendances_of(asked: _Asked, roots: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return at how many events somebody of these enterprises was, and with how many attendances."""
    root_id = func.coalesce(Organisation.root_id, Organisation.id)
    family = or_(Organisation.id.in_(roots), Organisation.root_id.in_(roots))
    statement = (
        select(root_id, func.count(SignIn.event_id.distinct()), func.count())
        .select_from(Organisation)
        .join(SignIn, SignIn.organisation_id == Organisation.id)
        .where(family, SignIn.event_id.in_(asked.open_ids), is_counted())
        .group_by(root_id)
    )
    return {root: (events, attendances) for root, events, attendances in db.session.execute(statement)}


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
    root_id = func.coalesce(Organisation.root_id, Organisation.id)
    merged = select(root_id, Organisation.name).where(Organisation.root_id.in_(roots))
    aliases = (
        select(root_id, OrganisationAlias.name)
        .join(Organisation, Organisation.id == OrganisationAlias.organisation_id)
        .where(root_id.in_(roots))
    )
    found: dict[int, list[str]] = {}
    for root, name in [*db.session.execute(merged), *db.session.execute(aliases)]:
        found.setdefault(root, []).append(name)
    return {root: tuple(sorted(names)) for root, names in found.items()}


def _of_kind(one: Attended, kind: str | None) -> int:
    return one.attendances if kind is None else one.by_kind.get(kind, 0)


def _kind(wanted: Wanted) -> str | None:
    return "student" if wanted.figure == "students" else wanted.kind


def _conditions(asked: _Asked) -> list[Any]:
    kind = _kind(asked.wanted)
    return [SignIn.event_id.in_(asked.open_ids), is_counted(), *([] if kind is None else [SignIn.kind == kind])]


_own, _root = aliased(Organisation), aliased(Organisation)


def _organisation_name() -> Any:
    """Select the organisation as the directory names it; as it was written where the directory does not know it."""
    return func.coalesce(_root.name, _own.name, SignIn.organisation_name)


def _person(one: SignIn, organisation: str | None, *, is_minor: bool) -> Person:
    if not one.name:
        return Person("purged", "", "", organisation)
    if is_minor:
        return Person("minor", "", "", organisation)
    return Person("masked", mask_name(one.name), mask_mobile(one.mobile), organisation)
