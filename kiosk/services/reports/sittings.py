"""Which events a report is about, and what of them counts (docs/decisions/0010-what-the-report-counts.md).

Rehearsals never count. Archived events do: put away is not undone. An event was held when somebody arrived or
something was counted by hand; any other one is planned, and counted nowhere. Its day is its own: that of its start, or
without one of its opening or its making, in its own time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kiosk.services.event import events, series
from kiosk.services.event.event_views import EventView


@dataclass(frozen=True)
class Period:
    """The days a report is about, both included; None is open on that side."""

    since: date | None = None
    until: date | None = None

    def has(self, day: date) -> bool:
        """Say whether this day is within."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


ALWAYS = Period()


@dataclass(frozen=True, kw_only=True)
class Sitting(EventView):
    """One event as a report names it; nothing of its people."""

    series: str | None  # its title
    day: date


def sittings(campaign_id: int, period: Period = ALWAYS) -> tuple[Sitting, ...]:
    """Return the campaign's events within the period, held and planned ones, by day."""
    titles = series.titles(campaign_id)
    all_sittings = [_sitting(row.view, titles) for row in events.list_all(campaign_id=campaign_id)]
    within = [one for one in all_sittings if period.has(one.day)]
    return tuple(sorted(within, key=lambda one: (one.day, one.starts_at is None, one.starts_at or one.day, one.id)))


def _sitting(view: EventView, titles: Mapping[int, str]) -> Sitting:
    moment = view.starts_at or view.opens_at or view.created_at
    return Sitting(**vars(view), series=titles.get(view.series_id or 0), day=moment.astimezone(view.zone).date())
