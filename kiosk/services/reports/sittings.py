"""Which events a report is about, and what of them counts (docs/decisions/0010-what-the-report-counts.md).

Rehearsals never count. Archived events do: put away is not undone. An event was held when somebody arrived or
something was counted by hand; any other one is planned, and counted nowhere. Its day is its own: that of its start, or
without one of its opening or its making, in its own time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Event, Series
from kiosk.services.event.event_views import KindView
from kiosk.services.store.rows import values_for


@dataclass(frozen=True)
class Period:
    """The days a report is about, both included; None is open on that side."""

    since: date | None = None
    until: date | None = None

    def has(self, day: date) -> bool:
        """Say whether this day is within."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


ALWAYS = Period()


@dataclass(frozen=True)
class Sitting:
    """One event as a report names it; nothing of its people."""

    id: int
    code: str
    title: str
    title_alt: str | None
    district: str | None
    series_id: int | None
    series: str | None
    day: date
    starts_at: datetime | None
    timezone: str
    kinds: tuple[KindView, ...]
    outcome: str | None
    outcome_alt: str | None
    has_minors: bool  # its students are minors

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def sittings(campaign_id: int, period: Period = ALWAYS) -> tuple[Sitting, ...]:
    """Return the campaign's events within the period, held and planned ones, by day."""
    statement = (
        select(Event, Series.title)
        .join(Series, Series.id == Event.series_id, isouter=True)
        .where(Event.campaign_id == campaign_id, ~Event.is_rehearsal)
    )
    all_sittings = [_sitting(event, series) for event, series in db.session.execute(statement)]
    within = [one for one in all_sittings if period.has(one.day)]
    return tuple(sorted(within, key=lambda one: (one.day, one.starts_at is None, one.starts_at or one.day, one.id)))


def _sitting(event: Event, series: str | None) -> Sitting:
    moment = event.starts_at or event.opens_at or event.created_at
    about = {
        "district": event.district or None,
        "series": series,
        "day": moment.astimezone(ZoneInfo(event.timezone)).date(),
        "kinds": tuple(KindView(kind["kind"], kind.get("label"), kind.get("label_alt")) for kind in event.kinds),
        "outcome": (event.outcome or "").strip() or None,
        "outcome_alt": (event.outcome_alt or "").strip() or None,
        "has_minors": event.are_students_minors,
    }
    return Sitting(**values_for(Sitting, event) | about)
