"""The figures of a campaign: counted by ids and never by names, so that a purge changes none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from kiosk.closed import KINDS
from kiosk.extensions import db
from kiosk.models import EventCounter, HandCounter
from kiosk.services import enterprises
from kiosk.services.reports import reading
from kiosk.services.reports.sittings import ALWAYS, Period, Sitting, sittings
from kiosk.services.reports.trends import Trend, draw
from kiosk.services.roster.equations import Equation


@dataclass(frozen=True)
class Attended:
    """An event that was held, and who was there of whom, by kind."""

    sitting: Sitting
    equations: Mapping[str, Equation]

    @property
    def by_kind(self) -> Mapping[str, int]:
        return {kind: one.arrived for kind, one in self.equations.items() if one.arrived}

    @property
    def equation(self) -> Equation:
        return sum(self.equations.values(), Equation())

    @property
    def attendances(self) -> int:
        return self.equation.arrived


@dataclass(frozen=True)
class Held(Attended):
    """An event that was held, and its figures."""

    enterprises: int


@dataclass(frozen=True)
class OfKind:
    """The figures of one kind of participant."""

    kind: str
    equation: Equation
    people: int

    @property
    def attendances(self) -> int:
        return self.equation.arrived


@dataclass(frozen=True)
class OfDistrict:
    """The figures of the events of one district; None for those without one."""

    district: str | None
    events: int
    equation: Equation
    enterprises: int

    @property
    def attendances(self) -> int:
        return self.equation.arrived


@dataclass(frozen=True)
class HandCount:
    """What was counted by hand under one label, at all events together."""

    label: str
    label_alt: str | None
    count: int


@dataclass(frozen=True)
class ReportFigures:
    """What a report says. `people` are distinct persons (人数), `attendances` their arrivals (人次)."""

    campaign_id: int
    period: Period
    held: tuple[Held, ...]
    planned: tuple[Sitting, ...]
    people: int
    enterprise_ids: frozenset[int]
    kinds: tuple[OfKind, ...]
    districts: tuple[OfDistrict, ...]  # the most attendances first, events without a district last
    counted: tuple[HandCount, ...]
    nameless: int  # counted without a name: beside the people, and never among them
    trend: Trend
    unconfirmed: int = 0  # sign-ins that wait for a steward, and are no attendances
    refused: int = 0  # those that a steward did not confirm

    @property
    def events(self) -> int:
        return len(self.held)

    @property
    def equation(self) -> Equation:
        return sum((one.equation for one in self.held), Equation())

    @property
    def attendances(self) -> int:
        return self.equation.arrived

    @property
    def enterprises(self) -> int:
        return len(self.enterprise_ids)

    @property
    def students(self) -> int:
        return sum(one.people for one in self.kinds if one.kind == "student")


def figures(campaign_id: int, period: Period = ALWAYS) -> ReportFigures:
    """Return the figures of a campaign's events within the period (see `sittings` for what counts).

    Distinct people are participants, who belong to one campaign; distinct enterprises follow services/enterprises.
    """
    attended, planned = events_of(campaign_id, period)
    sent_by = enterprises.by_event(one.sitting.id for one in attended)
    held = tuple(Held(one.sitting, one.equations, len(sent_by.get(one.sitting.id, ()))) for one in attended)
    is_held = {one.sitting.id for one in held}
    people = reading.people(is_held)
    totals = {kind: sum((one.equations.get(kind, Equation()) for one in held), Equation()) for kind in KINDS}
    return ReportFigures(
        campaign_id=campaign_id,
        period=period,
        held=held,
        planned=planned,
        people=people.total,
        enterprise_ids=frozenset().union(*sent_by.values()),
        kinds=tuple(OfKind(kind, totals[kind], people.by_kind[kind]) for kind in KINDS if totals[kind] != Equation()),
        districts=_districts(held, sent_by),
        counted=_counted(is_held),
        nameless=sum(count for event_id, count in nameless(is_held).items()),
        trend=draw([(one.sitting.day, one.attendances) for one in held]),
        unconfirmed=reading.unconfirmed(every := [*is_held, *(one.id for one in planned)]),
        refused=reading.refused(every),
    )


def events_of(campaign_id: int, period: Period = ALWAYS) -> tuple[tuple[Attended, ...], tuple[Sitting, ...]]:
    """Return the events of the period: those that were held, and those that are planned (see `sittings`)."""
    events = sittings(campaign_id, period)
    ids = [one.id for one in events]
    by_event = reading.equations({one.id: [kind.kind for kind in one.kinds] for one in events})
    came = {event_id for event_id, equations in by_event.items() if any(one.arrived for one in equations.values())}
    counted_at = set(db.session.scalars(select(HandCounter.event_id).where(HandCounter.event_id.in_(ids), _IS_SOME)))
    counted_at |= nameless(ids).keys()
    held = tuple(Attended(one, by_event.get(one.id, {})) for one in events if one.id in came | counted_at)
    return held, tuple(one for one in events if one.id not in came | counted_at)


def nameless(event_ids: Iterable[int]) -> dict[int, int]:
    """Return how many were counted without a name at each of these events, where anybody was."""
    statement = select(EventCounter.event_id, EventCounter.nameless).where(EventCounter.nameless > 0)
    statement = statement.where(EventCounter.event_id.in_(tuple(event_ids)))
    return dict(db.session.execute(statement).tuples().all())


_IS_SOME = HandCounter.count > 0


def _counted(event_ids: Iterable[int]) -> tuple[HandCount, ...]:
    statement = (
        select(HandCounter.label, func.max(HandCounter.label_alt), func.sum(HandCounter.count))
        .where(HandCounter.event_id.in_(tuple(event_ids)), _IS_SOME)
        .group_by(HandCounter.label)
        .order_by(func.min(HandCounter.id))
    )
    return tuple(HandCount(label, alt, int(count)) for label, alt, count in db.session.execute(statement))


def _districts(held: Sequence[Held], sent_by: Mapping[int, frozenset[int]]) -> tuple[OfDistrict, ...]:
    by_district: dict[str | None, list[Held]] = {}
    for one in held:
        by_district.setdefault(one.sitting.district, []).append(one)
    districts = [
        OfDistrict(
            district,
            events=len(events),
            equation=sum((one.equation for one in events), Equation()),
            enterprises=len(frozenset().union(*(sent_by.get(one.sitting.id, ()) for one in events))),
        )
        for district, events in by_district.items()
    ]
    return tuple(sorted(districts, key=lambda one: (one.district is None, -one.attendances, one.district or "")))
