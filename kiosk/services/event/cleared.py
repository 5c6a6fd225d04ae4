"""A purged event takes nobody down any more (docs/product.md, "Decided"): asked within the unit of work that would.

A page asks before as well (web/frame/access), but an import, a correction or a reason may be on its way while the purge
begins; what it wrote behind the purge would stay for good.
"""

from __future__ import annotations

from sqlalchemy import select

from kiosk.models import Event
from kiosk.services.store.writer import WriterSession


class EventCleared(Exception):
    """The event's personal data has been cleared; nothing about a person is written at it."""


def refuse_cleared(session: WriterSession, event_id: int) -> None:
    """Raise EventCleared when the event was purged. The unit of work names its event to the writer, so that on
    PostgreSQL too it comes either before the purge, which then clears it, or after."""
    if session.scalar(select(Event.purged_at).where(Event.id == event_id)) is not None:
        raise EventCleared(event_id)
