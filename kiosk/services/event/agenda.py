"""Today first: which events are on, which come next today, and the others by date (docs/look.md, "Desk"); and which
one a screen that follows the agenda shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil

from kiosk.services.event.event_views import EventView, Phase, phase_of
from kiosk.services.event.events import EventRow
from kiosk.services.pages import Page, of_rows

PAGE = 50  # events of a page, beside today's
COUNTED_DOWN = timedelta(hours=2)  # before the opening a screen says how long it is
ENDED_SHOWN = timedelta(days=1)  # so long a screen says what is over; one forgotten in a corridor shows nothing old


@dataclass(frozen=True)
class Day:
    """The events of one date; `date` is None for those without a time."""

    date: date | None
    rows: tuple[EventRow, ...]


@dataclass(frozen=True)
class Agenda:
    """A list of events as the desk shows it."""

    now: tuple[EventRow, ...]  # open, and today's or without a time
    next: tuple[EventRow, ...]  # today, not open yet
    days: tuple[Day, ...]  # the others: coming ones first, then past ones from the latest back
    archived: tuple[EventRow, ...]

    def page(self, number: int) -> tuple[Agenda, Page[EventRow]]:
        """Return one page: today's events on the first, then those of the other days, at last the archived ones."""
        others = [row for day in self.days for row in day.rows]
        page = of_rows([*others, *self.archived], PAGE, number)
        ids = {row.view.id for row in page.rows}
        days = ((day.date, tuple(row for row in day.rows if row.view.id in ids)) for day in self.days)
        shown = replace(
            self,
            now=self.now if page.number == 1 else (),
            next=self.next if page.number == 1 else (),
            days=tuple(Day(of_day, rows) for of_day, rows in days if rows),
            archived=tuple(row for row in self.archived if row.view.id in ids),
        )
        return shown, page

    @property
    def views(self) -> tuple[EventView, ...]:
        """Return every event of the list."""
        dated = (row for day in self.days for row in day.rows)
        return tuple(row.view for row in (*self.now, *self.next, *dated, *self.archived))

    @property
    def is_empty(self) -> bool:
        return not (self.now or self.next or self.days or self.archived)


def of(rows: Iterable[EventRow], now: datetime) -> Agenda:
    """Sort events by what an organiser needs next. "Today" is each event's own today."""
    on, soon, others, archived = [], [], [], []
    for row in rows:
        view, phase = row.view, row.view.phase(now)
        if view.archived_at is not None:
            archived.append(row)
        elif phase == "open" and (view.starts_at is None or _is_today(view, now)):
            on.append(row)
        elif phase == "early" and _is_today(view, now):
            soon.append(row)
        else:
            others.append(row)
    return Agenda(tuple(on), tuple(soon), _days(others, now), tuple(archived))


@dataclass(frozen=True, kw_only=True)
class Slot:
    """An event on the agenda of a screen."""

    id: int
    code: str
    starts_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    closed_by_hand_at: datetime | None
    created_at: datetime

    def phase(self, now: datetime) -> Phase:
        """Say whether its sign-in has not begun, is open, or is over."""
        return phase_of(now, self.opens_at, self.closes_at, self.closed_by_hand_at, None)

    @property
    def begins_at(self) -> datetime:
        return self.starts_at or self.opens_at or self.created_at

    @property
    def closed_at(self) -> datetime:
        """Return when it closed; asked of a closed one only."""
        ends = (self.closed_by_hand_at, self.closes_at)
        return min(moment for moment in ends if moment is not None)


def present(slots: Iterable[Slot], now: datetime) -> Slot | None:
    """Return the event that is on: of those open the one with the latest start; else the next to open; else the last to
    close, for a day. None where there is none of these."""
    by_phase: dict[Phase, list[Slot]] = {"open": [], "early": [], "closed": []}
    for slot in slots:
        by_phase[slot.phase(now)].append(slot)
    if by_phase["open"]:
        return max(by_phase["open"], key=lambda slot: (slot.begins_at, slot.id))
    if by_phase["early"]:
        return min(by_phase["early"], key=lambda slot: (slot.opens_at or slot.begins_at, slot.begins_at, slot.id))
    ended = [slot for slot in by_phase["closed"] if now - slot.closed_at < ENDED_SHOWN]
    return max(ended, key=lambda slot: (slot.closed_at, slot.begins_at, slot.id), default=None)


def minutes_to_opening(view: EventView, now: datetime) -> int | None:
    """Return the minutes until an event's sign-in opens, begun ones too; None when it is not about to."""
    if view.opens_at is None or view.phase(now) != "early" or view.opens_at - now > COUNTED_DOWN:
        return None
    return ceil((view.opens_at - now) / timedelta(minutes=1))


def _is_today(view: EventView, now: datetime) -> bool:
    if view.starts_at is None:
        return view.opens_at is not None and view.opens_at.astimezone(view.zone).date() == _today(view, now)
    last = view.ends_at or view.starts_at
    return view.starts_at.astimezone(view.zone).date() <= _today(view, now) <= last.astimezone(view.zone).date()


def _today(view: EventView, now: datetime) -> date:
    return now.astimezone(view.zone).date()


def _days(rows: list[EventRow], now: datetime) -> tuple[Day, ...]:
    by_date: dict[date | None, list[EventRow]] = {}
    for row in rows:
        start = row.view.starts_at
        by_date.setdefault(None if start is None else start.astimezone(row.view.zone).date(), []).append(row)
    dated = sorted(each for each in by_date if each is not None)
    coming = [each for each in dated if each >= now.astimezone(by_date[each][0].view.zone).date()]
    past = [each for each in reversed(dated) if each not in coming]
    order: list[date | None] = [*coming, *past, *([None] if None in by_date else [])]
    return tuple(Day(each, tuple(by_date[each])) for each in order)
