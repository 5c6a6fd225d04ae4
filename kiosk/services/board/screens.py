"""What the screens at the door show beside the code: the count, the phase, the phone check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventPulse
from kiosk.services.board import phone_check
from kiosk.services.board.phone_check import PhoneCheck
from kiosk.services.event import events
from kiosk.services.event.agenda import minutes_to_opening
from kiosk.services.event.event_views import EventView, Phase
from kiosk.services.event.events import Counts
from kiosk.services.host.addresses import AddressStatus, address_status
from kiosk.services.store.recent import Recent
from kiosk.services.store.writer import end_read

# macOS is asked through three programs, and every screen polls.
STATUS = Recent[None, AddressStatus]("kiosk_address_status", seconds=10.0)


@dataclass(frozen=True)
class DoorState:
    """One look at an event's door."""

    counts: Counts
    phase: Phase
    opens_in: int | None  # minutes, when it is about to
    phone_check: PhoneCheck
    address: AddressStatus

    @property
    def has_trouble(self) -> bool:
        """Say whether the screen must speak of more than a count: a lost address, or no phone for a minute."""
        return not self.address.is_current or self.phone_check.shows_causes


def look(event: EventView, waiting_since: datetime | None) -> DoorState:
    """Return the state of an event's door; `waiting_since` as in phone_check.state.

    The machine's address is up to ten seconds old.
    """
    pulse = db.session.get(EventPulse, event.id)
    first_phone_at = pulse.first_phone_at if pulse else None
    has_public_phone = bool(pulse and pulse.has_public_phone)
    counts = events.counts(event.id)
    end_read()  # the operating system is asked
    address = recent_address_status()
    now = utcnow()
    return DoorState(
        counts=counts,
        phase=event.phase(now),
        opens_in=minutes_to_opening(event, now),
        phone_check=phone_check.state(first_phone_at, has_public_phone, waiting_since, address),
        address=address,
    )


def recent_address_status() -> AddressStatus:
    """Return addresses.address_status, at most ten seconds old."""
    return STATUS.get(None, address_status)
