"""The figures of a campaign: counted by ids and never by names, so that a purge changes none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from kiosk.closed import KINDS
from kiosk.extensions import db
from kiosk.models import HandCounter
from kiosk.services import enterprises
from kiosk.services.reports import reading
from kiosk.services.reports.sittings import ALWAYS, Period, Sitting, sittings
from kiosk.services.reports.trends import Trend, draw


@dataclass(frozen=True)
class Attended:
    """An event that was held, and its attendances by kind."""

    sitting: Sitting
    by_kind: Mapping[str, int]

    @property
    def attendances(self) -> int:
        return sum(self.by_kind.values())


@dataclass(frozen=True)
class Held(Attended):
    """An event that was held, and its figures."""

    enterprises: int


@dataclass(frozen=True)
class OfKind:
    """The figures of one kind of participant."""

    kind: str
    attendances: int
    people: int


@dataclass(frozen=True)
class OfDistrict:
    """The figures of the events of one district; None for those without one."""

    district: str | None
    events: int
    attendances: int
    enterprises: int


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
    trend: Trend

    @property
    def events(self) -> int:
        return len(self.held)

    @property
    def attendances(self) -> int:
        return sum(one.attendances for one in self.held)

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
    held = tuple(Held(one.sitting, one.by_kind, len(sent_by.get(one.sitting.id, ()))) for one in attended)
    is_held = {one.sitting.id for one in held}
    people = reading.people(is_held)
    totals: Counter[str] = Counter()
    for one in held:
        totals.update(one.by_kind)
    return ReportFigures(
        campaign_id=campaign_id,
        period=period,
        held=held,
        planned=planned,
        people=people.total,
        enterprise_ids=frozenset().union(*sent_by.values()),
        kinds=tuple(OfKind(kind, totals[kind], people.by_kind[kind]) for kind in KINDS if totals[kind]),
        districts=_districts(held, sent_by),
        counted=_counted(is_held),
        trend=draw([(one.sitting.day, one.attendances) for one in held]),
    )


def events_of(campaign_id: int, period: Period = ALWAYS) -> tuple[tuple[Attended, ...], tuple[Sitting, ...]]:
    """Return the events of the period: those that were held, and those that are planned (see `sittings`)."""
    events = sittings(campaign_id, period)
    ids = [one.id for one in events]
    by_event = reading.attendances(ids)
    counted_at = set(db.session.scalars(select(HandCounter.event_id).where(HandCounter.event_id.in_(ids), _IS_SOME)))
    is_held = by_event.keys() | counted_at
    held = tuple(Attended(one, by_event.get(one.id, {})) for one in events if one.id in is_held)
    return held, tuple(one for one in events if one.id not in is_held)


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
            attendances=sum(one.attendances for one in events),
            enterprises=len(frozenset().union(*(sent_by.get(one.sitting.id, ()) for one in events))),
        )
        for district, events in by_district.items()
    ]
    return tuple(sorted(districts, key=lambda one: (one.district is None, -one.attendances, one.district or "")))
