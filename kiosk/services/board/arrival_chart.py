"""Arrivals per minute, made ready to be drawn: zero minutes filled in, wider bars when it takes longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MOST_BARS = 90
FEWEST_MINUTES = 20  # so that the first arrivals are bars and not walls
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)  # minutes
LIVE = timedelta(minutes=15)  # after the last arrival the chart runs on to the present this long
NEAR_START = timedelta(minutes=60)  # the start is on the chart when arrivals are this near


@dataclass(frozen=True)
class ChartBar:
    """The arrivals from `begins_at` on, for the chart's `minutes_per_bar`."""

    begins_at: datetime
    arrived: int


@dataclass(frozen=True)
class Chart:
    """The bars in order of time. `start_at_bar` is where the event begins, in bars from the left; None: not shown."""

    bars: tuple[ChartBar, ...] = ()
    minutes_per_bar: int = 1
    highest: int = 0
    start_at_bar: float | None = None


def draw(arrivals: Mapping[datetime, int], *, starts_at: datetime | None, now: datetime) -> Chart:
    """Return the chart of arrivals by minute; empty without any."""
    busy = [minute for minute, arrived in arrivals.items() if arrived > 0]
    if not busy:
        return Chart()
    first, last = _span(min(busy), max(busy), starts_at, now)
    width = _width(first, last)
    first = _floor(first, width)
    count = int((last - first) / timedelta(minutes=width)) + 1
    arrived_by_bar = [0] * count
    for minute in busy:
        arrived_by_bar[int((minute - first) / timedelta(minutes=width))] += arrivals[minute]
    bars = tuple(
        ChartBar(first + index * timedelta(minutes=width), arrived) for index, arrived in enumerate(arrived_by_bar)
    )
    return Chart(bars, width, max(arrived_by_bar), _start_at(first, width, count, starts_at))


def _span(first: datetime, last: datetime, starts_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if timedelta() <= now - last <= LIVE:
        last = _floor(now, 1)
    if starts_at is not None and timedelta() <= starts_at - last <= NEAR_START:
        last = _floor(starts_at, 1)
    if starts_at is not None and timedelta() <= first - starts_at <= NEAR_START:
        first = _floor(starts_at, 1)
    return min(first, last - timedelta(minutes=FEWEST_MINUTES - 1)), last


def _width(first: datetime, last: datetime) -> int:
    minutes = (last - first) / timedelta(minutes=1) + 1
    for width in WIDTHS:
        if minutes / width + 1 <= MOST_BARS or (width == 1 and minutes <= MOST_BARS):
            return width
    return int(minutes / (MOST_BARS - 1) / 1440 + 1) * 1440


def _floor(moment: datetime, minutes: int) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % timedelta(minutes=minutes)


def _start_at(first: datetime, width: int, count: int, starts_at: datetime | None) -> float | None:
    if starts_at is None:
        return None
    position = (starts_at - first) / timedelta(minutes=width)
    return round(position, 3) if 0 <= position <= count else None
