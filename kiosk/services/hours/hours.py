"""Credited hours (学时): computed from sign-ins whenever somebody asks, so that a void or a correction follows at once.

The rule is that of the offices' hours systems: half a day counts 4 hours, and who is late or leaves early by 30 minutes
is absent. Here each event says its hours and its minutes, and a sign-in has all hours of the event or none. Late and
early are counted in whole minutes, as the sheet shows them: who reads 09:30 on it for a start at 09:00 reads 30.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from kiosk.extensions import db
from kiosk.models import Event, HoursOverride, SignIn
from kiosk.services.event.event_views import EventView
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.people.searching import Hidden

FOUND = 50  # rows of a page
MINUTE = timedelta(minutes=1)
Why = Literal["late", "early"]


@dataclass(frozen=True)
class HoursRule:
    """What one event credits, and to whom not; None for a rule that the event does not have."""

    credited: float
    starts_at: datetime | None
    ends_at: datetime | None
    late_minutes: int | None
    early_minutes: int | None

    @property
    def too_late_from(self) -> datetime | None:
        """Return the first moment that is late by more than the minutes allow."""
        if self.starts_at is None or self.late_minutes is None:
            return None
        return self.starts_at + (self.late_minutes + 1) * MINUTE

    @property
    def too_early_until(self) -> datetime | None:
        """Return the last moment of leaving that is early by more than the minutes allow."""
        if self.ends_at is None or self.early_minutes is None:
            return None
        return self.ends_at - (self.early_minutes + 1) * MINUTE


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
        event.credited_hours, event.starts_at, event.ends_at, event.hours_late_minutes, event.hours_early_minutes
    )


def judge(
    rule: HoursRule, signed_in_at: datetime, left_at: datetime | None, override: float | None, reason: str | None
) -> Credit:
    """Return the hours of somebody who arrived; an override with its reason beats the rule."""
    why: Why | None = None
    minutes = 0
    if rule.starts_at is not None and rule.too_late_from is not None and signed_in_at >= rule.too_late_from:
        why, minutes = "late", (signed_in_at - rule.starts_at) // MINUTE
    elif left_at is not None and rule.too_early_until is not None and left_at <= rule.too_early_until:
        assert rule.ends_at is not None
        why, minutes = "early", (rule.ends_at - left_at) // MINUTE
    by_rule = rule.credited if why is None else 0.0
    return Credit(by_rule if override is None else override, by_rule, why, minutes, reason)


def hours_of(rule: HoursRule | None) -> ColumnElement[Any]:
    """Return what `judge` says, as SQL beside an outer join of HoursOverride; a test compares the two."""
    if rule is None:
        return literal(0.0)
    steps: list[tuple[Any, Any]] = [(HoursOverride.hours.is_not(None), HoursOverride.hours)]
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
    statement = of_arrived(event_id, SignIn.id, hours_of(rule))
    return {sign_in_id: float(hours) for sign_in_id, hours in db.session.execute(statement)}


def totals(event: EventView) -> Totals:
    """Return the event's sums, added up by the database."""
    hours = hours_of(rule_of(event))
    none = func.sum(case((hours > 0, 0), else_=1))
    statement = of_arrived(event.id, func.count(), none, func.sum(hours))
    people, without, added = db.session.execute(statement).one()
    return Totals(people, int(without or 0), float(added or 0))


def search(
    event: EventView, *, typed: str = "", is_without: bool = False, page: int = 1, hidden: Hidden = "nobody"
) -> Page[HoursRow]:
    """Return a page of who arrived, in the order of their arrival; `is_without` leaves only who has no hours."""
    rule = rule_of(event)
    if rule is None:
        return Page()
    statement = of_arrived(event.id, SignIn, HoursOverride).where(*searching.sign_ins_meant([event.id], typed, hidden))
    if is_without:
        statement = statement.where(hours_of(rule) <= 0)
    statement = cut(statement.order_by(SignIn.signed_in_at, SignIn.id), FOUND, page)
    arrivals = page_of(_read(statement), FOUND, page)
    return arrivals.having(_rows(rule, arrivals.rows))


def of_sign_in(event: EventView, sign_in_id: int) -> HoursRow | None:
    """Return one person's row; None when nobody of this id arrived or the event credits no hours."""
    rule = rule_of(event)
    statement = of_arrived(event.id, SignIn, HoursOverride).where(SignIn.id == sign_in_id)
    return None if rule is None else next(iter(_rows(rule, _read(statement))), None)


def of_arrived(event_id: int, *columns: Any) -> Select[Any]:
    """Select columns of who arrived, and of the hours that staff set by hand."""
    statement: Select[Any] = select(*columns).select_from(SignIn)
    statement = statement.join(HoursOverride, HoursOverride.sign_in_id == SignIn.id, isouter=True)
    return statement.where(SignIn.event_id == event_id, SignIn.has_arrived)


def _read(statement: Select[Any]) -> Sequence[Any]:
    return db.session.execute(statement).all()


def _rows(rule: HoursRule, sign_ins: Sequence[Any]) -> Iterator[HoursRow]:
    """Yield the rows of sign-ins with their overrides, None where there is none."""
    people = rows.of_sign_ins([one for one, _override in sign_ins])
    for person, (one, override) in zip(people, sign_ins, strict=True):
        by_hand = (None, None) if override is None else (override.hours, override.reason)
        yield HoursRow(person, one.signed_in_at, judge(rule, one.signed_in_at, one.left_at, *by_hand))
