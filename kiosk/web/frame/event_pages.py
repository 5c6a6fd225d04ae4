"""What the pages of one event share: what their frame shows."""

from __future__ import annotations

from kiosk.clock import utcnow
from kiosk.services.event import event_access
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.access import logged_in


def page_of(view: EventView) -> dict[str, object]:
    """Return what every page of an event needs."""
    return {"event": view, "phase": view.phase(utcnow()), "may_run": event_access.may_run(logged_in(), view)}
