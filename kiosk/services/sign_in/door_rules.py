"""An event's rules at its door, as they stand inside the transaction that signs somebody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.extensions import from_driver_time
from kiosk.services import tallies
from kiosk.services.codes import Ticket
from kiosk.services.event.event_views import late_from, phase_of
from kiosk.services.event.rotation import lets_in
from kiosk.services.refusals import SignInCode
from kiosk.services.store.statements import Driver, Statement
from kiosk.services.store.writer import WriterSession

GRACE = timedelta(minutes=15)  # after the start, or the late rule's minutes: then an absent person's place is free

RULES = Statement(
    """SELECT e.opens_at, e.closes_at, e.closed_by_hand_at, e.archived_at, e.starts_at, e.late_after_minutes,
        e.capacity, e.full_policy, e.tickets_from, e.notice_id, e.notice_basis, e.walk_in_policy, c.expected,
        e.purged_at, e.minors_cleared_at, e.campaign_id, e.is_closing_usual, e.timezone, c.arrived, e.rotate_seconds,
        e.needs_confirmation, c.revision, c.ordinal
    FROM event e JOIN event_counter c ON c.event_id = e.id WHERE e.id = :event_id"""
)
NOTICE = Statement("SELECT id FROM notice WHERE id = :id")


@dataclass(frozen=True)
class DoorRules:
    """The event's rules as they stand in this transaction."""

    phase: str
    late_from: datetime | None
    capacity: int | None
    full_policy: str
    tickets_from: datetime | None
    notice_id: int | None
    notice_basis: str
    walk_in_policy: str
    has_roster: bool
    free_from: datetime | None  # from then on the places of those who did not come are free
    is_purged: bool  # nobody signs in any more, through no door (services/privacy)
    are_minors_cleared: bool
    campaign_id: int  # whose participants these are; the event may have been moved a moment ago
    begins_day_in: ZoneInfo | None  # the zone of an event whose day is that of its first sign-in, before there is one
    rotate_seconds: int | None
    needs_confirmation: bool

    @property
    def needs_consent(self) -> bool:
        return self.notice_basis == "consent"

    def refuses_ticket(self, ticket: Ticket, now: datetime) -> SignInCode | None:
        """Return why nobody signs in with this ticket for the first time now, or None."""
        if self.tickets_from is not None and ticket.began_at < self.tickets_from:
            return "ticket_expired"
        if self.phase == "open" and not lets_in(self.rotate_seconds, ticket, now):
            return "digits_asked"
        return None


def read(session: WriterSession, event_id: int, now: datetime) -> DoorRules:
    """Return an event's rules, read once in a batch; raise LookupError when the event is gone."""
    known = session.driver.known
    if ("rules", event_id) not in known:
        row = session.driver.first(RULES, {"event_id": event_id})
        if row is None:
            raise LookupError(f"event {event_id} is gone")
        known["rules", event_id] = _rules(row[:-2], now)
        tallies.keep_numbers(session.driver, event_id, *row[-2:])
    rules: DoorRules = known["rules", event_id]
    return rules


def _rules(row: tuple[Any, ...], now: datetime) -> DoorRules:
    opens_at, closes_at, closed_by_hand_at, archived_at, starts_at = (from_driver_time(value) for value in row[:5])
    late_after_minutes, capacity, full_policy, tickets_from, notice_id, notice_basis, walk_ins, expected = row[5:13]
    purged_at, minors_cleared_at, campaign_id, is_closing_usual, zone, arrived, rotate_seconds, confirms = row[13:]
    threshold = late_from(starts_at, late_after_minutes)
    return DoorRules(
        phase=phase_of(now, opens_at, closes_at, closed_by_hand_at, archived_at),
        late_from=threshold,
        capacity=capacity,
        full_policy=full_policy,
        tickets_from=from_driver_time(tickets_from),
        notice_id=notice_id,
        notice_basis=notice_basis,
        walk_in_policy=walk_ins,
        has_roster=expected > 0,
        free_from=None if starts_at is None else max(threshold or starts_at, starts_at + GRACE),
        is_purged=purged_at is not None,
        are_minors_cleared=minors_cleared_at is not None,
        campaign_id=campaign_id,
        begins_day_in=ZoneInfo(zone) if is_closing_usual and starts_at is None and arrived == 0 else None,
        rotate_seconds=rotate_seconds,
        needs_confirmation=bool(confirms),
    )


def notice_seen(driver: Driver, rules: DoorRules, shown: int | None) -> int | None:
    """Return the version of the notice that was seen: a page opened before the event moved on shows the older one."""
    newest = rules.notice_id
    if shown is None or newest is None or not 0 < shown < newest:
        return newest
    return newest if driver.first(NOTICE, {"id": shown}) is None else shown
