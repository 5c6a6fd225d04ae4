"""Whether a page stands on the station: its own pages, and what the sign-in answers to its form."""

from __future__ import annotations

from flask import request

from kiosk.services import codes
from kiosk.services.codes import BadTicket
from kiosk.services.event.event_views import EventView


def is_station(event: EventView) -> bool:
    """Say whether this page is shown on a kiosk: the ticket that came with a form knows."""
    if request.blueprint == "station":
        return True
    try:
        return codes.read_ticket(request.form.get("ticket", ""), event.id).is_kiosk
    except BadTicket:
        return False
