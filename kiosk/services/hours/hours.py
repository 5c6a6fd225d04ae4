"""Credited hours (学时): computed from sign-ins whenever somebody asks, so that a void or a correction follows at once.

The rule is that of the offices' hours systems: half a day counts 4 hours, and who is late or leaves early by 30 minutes
is absent. Here each event says its hours and its minutes, and a sign-in has all hours of the event or none. Late and
early are counted in whole minutes, as the sheet shows them: who reads 09:30 on it for a start at 09:00 reads 30.

Where the event wants people to sign out, a sign-in counts by the part of the event that its stays cover: whoever did
not sign out, or was there before the start or after the end only, has none; minutes out and back are judged as those
of leaving early are, added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from kiosk.extensions import db
from kiosk.models import Event, HoursOverride, SignIn
from kiosk.services.event.brought_forward import Among, Sums, block_of, summed
from kiosk.services.event.event_views import EventView
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.people.searching import Hidden
from kiosk.services.sign_in import movements

FOUND = 50  # rows of a page
MINUTE = timedelta(minutes=1)
Why = Literal["late", "early", "away", "no_sign_out"]


@dataclass(frozen=True)
class HoursRule:
    """What one event credits, and to whom not; None for a rule that the event does not have."""

    credited: float
    starts_at: datetime | None
    ends_at: datetime | None
    late_minutes: int | None
    early_minutes: int | None
    wants_sign_out: bool = False

    @property
    def judges_late(self) -> bool:
        return self.starts_at is not None and self.late_minutes is not None

    @property
    def judges_early(self) -> bool:
        return self.ends_at is not None and self.early_minutes is not None

    @property
    def too_late_from(self) -> datetime | None:
        """Return the first moment that is late by more than the minutes allow; with sign-out the end at the latest."""
        by_minutes = None
        if self.starts_at is not None and self.late_minutes is not None:
            by_minutes = self.starts_at + (self.late_minutes + 1) * MINUTE
        ends = (by_minutes, self.ends_at if self.wants_sign_out else None)
        return min((moment for moment in ends if moment is not None), default=None)

    @property
    def too_early_until(self) -> datetime | None:
        """Return the last moment of leaving that is early by more than the minutes allow; with sign-out the start at
        the earliest."""
        by_minutes = None
        if self.ends_at is not None and self.early_minutes is not None:
            by_minutes = self.ends_at - (self.early_minutes + 1) * MINUTE
        ends = (by_minutes, self.starts_at if self.wants_sign_out else None)
        return max((moment for moment in ends if moment is not None), default=None)

    @property
    def most_away(self) -> int | None:
        """Return how many minutes out and back are allowed, None for any: those of leaving early, else of coming
        late."""
        if not self.wants_sign_out:
            return None
        return self.late_minutes if self.early_minutes is None else self.early_minutes


@dataclass(frozen=True)
class Credit:
    """The hours of one sign-in. `why` says what took them, with the minutes; `by_rule` is what an override beat."""

    hours: float
    by_rule: float
    why: Why | None = None
    minutes: int = 0
    reason: str | None = None  # of the override

    @property
    def is_override(self) -> bool:
        return self.reason is not None


@dataclass(frozen=True)
class HoursRow:
    """Somebody who arrived, with their hours."""

    person: PersonRow
    signed_in_at: datetime
    credit: Credit


@dataclass(frozen=True)
class Totals:
    """How many arrived, how many of them have no hours, and the hours of all."""

    people: int
    without: int
    hours: float


def rule_of(event: EventView | Event) -> HoursRule | None:
    """Return the event's rule, or None when it credits no hours."""
    if not event.credited_hours:
        return None
    return HoursRule(
        event.credited_hours, event.starts_at, event.ends_at, event.hours_late_minutes, event.hours_early_minutes,
        event.wants_sign_out,
    )  # fmt: skip


def judge(
    rule: HoursRule,
    signed_in_at: datetime,
    left_at: datetime | None,
    override: float | None,
    reason: str | None,
    *,
    away: int = 0,
) -> Credit:
    """Return the hours of somebody who arrived, and was `away` for so many minutes between; an override with its
    reason beats the rule."""
    why, minutes = _why(rule, signed_in_at, left_at, away)
    by_rule = rule.credited if why is None else 0.0
    return Credit(by_rule if override is None else override, by_rule, why, minutes, reason)


def _why(rule: HoursRule, signed_in_at: datetime, left_at: datetime | None, away: int) -> tuple[Why | None, int]:
    """Return what takes the hours, with the minutes of it."""
    if rule.too_late_from is not None and signed_in_at >= rule.too_late_from:
        return "late", (signed_in_at - (rule.starts_at or rule.too_late_from)) // MINUTE
    if rule.wants_sign_out and left_at is None:
        return "no_sign_out", 0
    if left_at is not None and rule.too_early_until is not None and left_at <= rule.too_early_until:
        return "early", ((rule.ends_at or rule.too_early_until) - left_at) // MINUTE
    if rule.most_away is not None and away > rule.most_away:
        return "away", away
    return None, 0


def hours_of(rule: HoursRule | None, event_id: int) -> ColumnElement[Any]:
    """Return what `judge` says, as SQL beside an outer join of HoursOverride; a test compares the two. Who was away for
    too long is read before: few go out and come back."""
    if rule is None:
        return literal(0.0)
    steps: list[tuple[Any, Any]] = [(HoursOverride.hours.is_not(None), HoursOverride.hours)]
    if rule.wants_sign_out:
        steps.append((SignIn.left_at.is_(None), 0.0))
    if rule.most_away is not None:
        away = movements.away_minutes(None, event_id, rule.starts_at, rule.ends_at)
        steps.append((SignIn.id.in_([one for one, minutes in away.items() if minutes > rule.most_away]), 0.0))
    if rule.too_late_from is not None:
        steps.append((SignIn.signed_in_at >= rule.too_late_from, 0.0))
    if rule.too_early_until is not None:
        steps.append((SignIn.left_at <= rule.too_early_until, 0.0))
    return case(*steps, else_=rule.credited)


def by_sign_in(event_id: int) -> dict[int, float]:
    """Return the hours of each sign-in that arrived, by its id; empty when the event credits none."""
    event = db.session.get(Event, event_id)
    return by_rule(event_id, None if event is None else rule_of(event))


def by_rule(event_id: int, rule: HoursRule | None) -> dict[int, float]:
    """Return the hours of each sign-in that arrived as this rule gives them, which may be that of a frozen sheet."""
    if rule is None:
        return {}
    statement = of_arrived(event_id, SignIn.id, hours_of(rule, event_id))
    return {sign_in_id: float(hours) for sign_in_id, hours in db.session.execute(statement)}


def totals(event: EventView) -> Totals:
    """Return the event's sums: of whoever has changed since they were asked for last they are added up anew."""
    rule = rule_of(event)

    @cache
    def credited() -> ColumnElement[Any]:
        return hours_of(rule, event.id)

    def added_up(among: Among) -> Select[Any]:
        hours = credited()
        none = func.sum(case((hours > 0, 0), else_=1))
        statement = of_arrived(event.id, block_of(), func.count(), none, func.sum(hours))
        return statement.where(among.condition).group_by(block_of())

    people, without, added = summed(Sums("hours", (event.id,), added_up, rule)) or (0, 0, 0.0)
    return Totals(int(people), int(without), float(added))


def search(
    event: EventView, *, typed: str = "", is_without: bool = False, page: int = 1, hidden: Hidden = "nobody"
) -> Page[HoursRow]:
    """Return a page of who arrived, in the order of their arrival; `is_without` leaves only who has no hours."""
    rule = rule_of(event)
    if rule is None:
        return Page()
    statement = of_arrived(event.id, SignIn, HoursOverride).where(*searching.sign_ins_meant([event.id], typed, hidden))
    if is_without:
        statement = statement.where(hours_of(rule, event.id) <= 0)
    statement = cut(statement.order_by(SignIn.signed_in_at, SignIn.id), FOUND, page)
    arrivals = page_of(_read(statement), FOUND, page)
    return arrivals.having(_rows(event, rule, arrivals.rows))


def of_sign_in(event: EventView, sign_in_id: int) -> HoursRow | None:
    """Return one person's row; None when nobody of this id arrived or the event credits no hours."""
    rule = rule_of(event)
    statement = of_arrived(event.id, SignIn, HoursOverride).where(SignIn.id == sign_in_id)
    return None if rule is None else next(iter(_rows(event, rule, _read(statement))), None)


def of_arrived(event_id: int, *columns: Any) -> Select[Any]:
    """Select columns of who arrived, and of the hours that staff set by hand."""
    statement: Select[Any] = select(*columns).select_from(SignIn)
    statement = statement.join(HoursOverride, HoursOverride.sign_in_id == SignIn.id, isouter=True)
    return statement.where(SignIn.event_id == event_id, SignIn.has_arrived)


def _read(statement: Select[Any]) -> Sequence[Any]:
    return db.session.execute(statement).all()


def _rows(event: EventView, rule: HoursRule, sign_ins: Sequence[Any]) -> Iterator[HoursRow]:
    """Yield the rows of sign-ins with their overrides, None where there is none."""
    ids = [one.id for one, _override in sign_ins] if rule.most_away is not None else []
    away = movements.away_minutes(ids, event.id, rule.starts_at, rule.ends_at)
    people = rows.of_sign_ins([one for one, _override in sign_ins])
    for person, (one, override) in zip(people, sign_ins, strict=True):
        by_hand = (None, None) if override is None else (override.hours, override.reason)
        credit = judge(rule, one.signed_in_at, one.left_at, *by_hand, away=away.get(one.id, 0))
        yield HoursRow(person, one.signed_in_at, credit)
