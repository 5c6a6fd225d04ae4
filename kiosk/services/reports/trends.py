"""Attendances over time: by day, and by week, month or year when the days would be too many to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

MOST_BARS = 31
Unit = Literal["day", "week", "month", "year"]


@dataclass(frozen=True)
class TrendBar:
    """The attendances of the events from `since` to `until`, both included."""

    since: date
    until: date
    attendances: int


@dataclass(frozen=True)
class Trend:
    """The bars in order of time, without gaps; no bars when nothing was held."""

    unit: Unit = "day"
    bars: tuple[TrendBar, ...] = ()

    @property
    def highest(self) -> int:
        return max((bar.attendances for bar in self.bars), default=0)


def draw(by_day: Sequence[tuple[date, int]]) -> Trend:
    """Return the trend of (day, attendances) pairs, in the smallest unit of which at most 31 cover them."""
    if not by_day:
        return Trend()
    first, last = min(day for day, _ in by_day), max(day for day, _ in by_day)
    for unit in UNITS:
        starts = list(_starts(unit, first, last))
        if len(starts) <= MOST_BARS or unit == "year":
            break
    counts = dict.fromkeys(starts, 0)
    for day, attendances in by_day:
        counts[UNITS[unit](day)] += attendances
    return Trend(
        unit, tuple(TrendBar(start, _next(unit, start) - timedelta(days=1), counts[start]) for start in starts)
    )


UNITS: dict[Unit, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),  # from Monday on
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


def _starts(unit: Unit, first: date, last: date) -> Iterator[date]:
    start = UNITS[unit](first)
    while start <= last:
        yield start
        start = _next(unit, start)


def _next(unit: Unit, start: date) -> date:
    if unit == "day":
        return start + timedelta(days=1)
    if unit == "week":
        return start + timedelta(days=7)
    later = start + timedelta(days=31 if unit == "month" else 366)
    return later.replace(day=1) if unit == "month" else later.replace(month=1, day=1)
