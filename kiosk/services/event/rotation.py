"""The rotating code (动态签到码; docs/product.md 2.6): six digits on the screen at the door, new ones every N seconds.

The code in the QR and on the poster stays what it is: it leads to a page that asks for the digits. They come from the
installation's secret, the event and the server's clock: no row holds them, every node knows them, and no phone's or
tablet's clock matters. docs/decisions/0019-rotating-digits.md says what they are worth.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.clock import utcnow
from kiosk.services import codes
from kiosk.services.codes import Ticket
from kiosk.services.event.event_views import EventView
from kiosk.services.names import unified

LEAST, MOST = 15, 300  # seconds between two changes
LENGTH = 6
OVERLAP = 1  # steps before the present one that are still right: whoever reads the last moment of one has a whole one
TYPING = timedelta(minutes=10)  # from the digits to the form's first arrival


@dataclass(frozen=True)
class ShownDigits:
    """What the screen shows now, and for how long."""

    digits: str
    seconds_left: float


def shown(event: EventView) -> ShownDigits | None:
    """Return the digits of this moment; None where none are asked for, or nobody signs in now."""
    now = utcnow()
    if event.rotate_seconds is None or event.phase(now) != "open":
        return None
    step = _step(event.rotate_seconds, now)
    left = (step + 1) * event.rotate_seconds - now.timestamp()
    return ShownDigits(_digits(event, event.rotate_seconds, step), round(max(left, 0.1), 1))


def typed_digits(typed: str) -> str | None:
    """Return six digits as they were typed, of any width and in groups; None when they are not six."""
    digits = "".join(c for c in unified(typed[:40]) if not c.isspace() and c not in "-·")
    return digits if len(digits) == LENGTH and digits.isascii() and digits.isdigit() else None


def step_of(event: EventView, digits: str) -> int | None:
    """Return which change of the code these digits are of, the present one or the one before; None when of neither."""
    seconds = event.rotate_seconds or MOST
    present = _step(seconds, utcnow())
    right = None
    for step in range(present - OVERLAP, present + 1):  # all of them, so that the time it takes tells nothing
        right = step if hmac.compare_digest(_digits(event, seconds, step), digits) else right
    return right


def lets_in(rotate_seconds: int | None, ticket: Ticket, now: datetime) -> bool:
    """Say whether the holder of a ticket has typed the digits in time, or need not: at the station they stand there."""
    if rotate_seconds is None or ticket.is_kiosk:
        return True
    return ticket.let_in_at is not None and now - ticket.let_in_at <= TYPING


def asks(event: EventView, ticket: Ticket) -> bool:
    """Say whether a form with this ticket asks for the digits as well."""
    now = utcnow()
    return event.phase(now) == "open" and not lets_in(event.rotate_seconds, ticket, now)


def _step(seconds: int, now: datetime) -> int:
    return int(now.timestamp() // seconds)


def _digits(event: EventView, seconds: int, step: int) -> str:
    return codes.digits(f"{event.id} {event.code} {seconds} {step}", LENGTH)
