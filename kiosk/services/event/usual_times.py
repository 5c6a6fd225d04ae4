"""When sign-in opens and closes unless staff set it otherwise (docs/product.md, "Decided"): nothing is open for ever.

The times are stored, so that a door compares two moments and no more; they are worked out again when the event's own
times change, and when somebody is the first to come to an event that has no times.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from kiosk.models import Event, SignIn
from kiosk.services.event.event_views import EventSettings, EventView
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession

OPENS_BEFORE = CLOSES_AFTER = timedelta(minutes=60)
SHORTEST_DAY = timedelta(hours=6)  # after the start, or after the first who came, although midnight is sooner
UNUSED = timedelta(days=30)  # how long an event without times waits for the first who comes
HOUR = timedelta(hours=1)
Until = Literal["hour", "tonight"]
BEGIN_DAY = Statement(
    """UPDATE event SET closes_at = :closes_at, settings_version = settings_version + 1
    WHERE id = :event_id AND is_closing_usual AND starts_at IS NULL AND ends_at IS NULL"""
)


def opening(draft: EventSettings) -> datetime | None:
    """Return when sign-in opens: as set, else 60 minutes before the start; None for at once."""
    if draft.opens_at is not None or draft.starts_at is None or not draft.is_opening_usual:
        return draft.opens_at
    return draft.starts_at - OPENS_BEFORE


def closing(
    draft: EventSettings, zone: ZoneInfo, *, created_at: datetime, came_at: datetime | None = None
) -> datetime | None:
    """Return when sign-in closes: as set, else by the usual rule; None only where staff once left it to their hand.

    `came_at` is when the first one signed in whose sign-in counts.
    """
    if draft.closes_at is not None or not draft.is_closing_usual:
        return draft.closes_at
    if draft.ends_at is not None:
        return draft.ends_at + CLOSES_AFTER
    first = draft.starts_at or came_at
    return (draft.opens_at or created_at) + UNUSED if first is None else end_of_day(first, zone)


def is_unused(event: EventView) -> bool:
    """Say whether nobody has come yet to an event whose day is that of its first sign-in."""
    is_its_day_open = event.is_closing_usual and event.starts_at is None
    return is_its_day_open and event.closes_at == (event.opens_at or event.created_at) + UNUSED


def end_of_day(first: datetime, zone: ZoneInfo) -> datetime:
    """Return the end of a moment's day, at least six hours after it."""
    return max(midnight_after(first, zone), first + SHORTEST_DAY)


def midnight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight that ends a moment's day in a zone."""
    return datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), time(), zone)


def later(closes_at: datetime | None, until: Until, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when sign-in closes once it is prolonged: an hour later, or at midnight, at least an hour from now."""
    from_now = max(closes_at, now) if closes_at is not None else now
    return from_now + HOUR if until == "hour" else max(midnight_after(now, zone), from_now, now + HOUR)


def settle(session: WriterSession, event: Event) -> None:
    """Work an event's closing out again from who has come: the first one may have been taken back."""
    if not event.is_closing_usual or (event.starts_at or event.ends_at) is not None:
        return
    came_at = first_arrival(session, event.id)
    unused = (event.opens_at or event.created_at) + UNUSED
    closes_at = unused if came_at is None else end_of_day(came_at, ZoneInfo(event.timezone))
    if event.closes_at != closes_at:
        event.closes_at = closes_at
        event.settings_version += 1


def first_arrival(session: WriterSession, event_id: int) -> datetime | None:
    """Return when the first one, in the order of coming, signed in whose sign-in counts; None when nobody has."""
    session.flush()
    came = select(SignIn.signed_in_at).where(SignIn.event_id == event_id, SignIn.has_arrived)
    first: datetime | None = session.scalar(came.order_by(SignIn.ordinal).limit(1))
    return first


def begin_day(session: WriterSession, event_id: int, came_at: datetime, zone: ZoneInfo | None) -> None:
    """Write when an event without times closes, once somebody is the first to come; once in a batch. `zone` is that of
    an event whose day has not begun, else None."""
    if zone is None or ("day", event_id) in session.driver.known:
        return
    session.driver.known["day", event_id] = came_at
    session.driver.execute(BEGIN_DAY, {"event_id": event_id, "closes_at": end_of_day(came_at, zone)})
