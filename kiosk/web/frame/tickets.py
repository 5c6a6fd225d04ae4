"""The ticket that a posted form brings along, read once a request, and what it says about where the page stands."""

from __future__ import annotations

from typing import cast

from flask import g, request

from kiosk.services import codes
from kiosk.services.codes import BadToken, Ticket, Token
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.bodies import posted_so_far

# For one event, in the address that opens its form before the opening and never later: when it was made.
TRIAL = Token[int]("trial", int)


def sent_ticket(event: EventView) -> Ticket:
    """Return the ticket of the posted form; raise BadToken if it was not made here for this event."""
    if "kiosk_ticket" not in g:
        g.kiosk_ticket = codes.read_ticket(request.form.get("ticket", ""), event.id)
    return cast(Ticket, g.kiosk_ticket)


def find_ticket(event: EventView) -> Ticket | None:
    """Return the ticket of the posted form, None if it was not made here for this event."""
    try:
        return sent_ticket(event)
    except BadToken:
        return None


def is_station(event: EventView) -> bool:
    """Say whether this page is shown on a kiosk: its own pages are, and what the sign-in answers to its form."""
    if request.blueprint == "station":
        return True
    ticket = find_ticket(event) if "ticket" in posted_so_far() else None
    return ticket is not None and ticket.is_kiosk
