"""The ticket that a posted form brings along, read once a request, and what it says about where the page stands."""

from __future__ import annotations

from flask import g, request

from kiosk.services import codes
from kiosk.services.codes import BadToken, Ticket, Token
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.bare import this_g, this_request
from kiosk.web.frame.bodies import posted_so_far

# For one event, in the address that opens its form before the opening and never later: when it was made.
TRIAL = Token[int]("trial", int)


ENTRANCE = "entrance"  # in an address of who was let in by a rotating code (frame/entrances)
STATION = "station"  # whose pages are those of one stranger after another
AGAIN = "led"  # in an address that was reached from a page with a form: not another phone


def begins() -> bool:
    """Note that the page being made has a form, and say whether a phone begins with it: it comes from no page that had
    one. The links on it then carry that (`leads_on`)."""
    g.kiosk_begins = True
    return AGAIN not in request.args


def leads_on() -> dict[str, int | str]:
    """Return what a link to another first page of this event carries: that its phone has had a form already, on this
    page, the one that was posted or one before, so that one phone is counted once, whichever way it takes; and that it
    was let in by a rotating code."""
    has_had_one = "kiosk_begins" in g or "kiosk_ticket" in g or AGAIN in request.args
    return {**({AGAIN: 1} if has_had_one else {}), **let_in_on()}


def let_in_on() -> dict[str, str]:
    """Return what the addresses of a phone carry that was let in by a rotating code; of others nothing."""
    passed = g.get("kiosk_entrance")
    return {} if passed is None else {ENTRANCE: passed.token}


def sent_ticket(event: EventView) -> Ticket:
    """Return the ticket of the posted form; raise BadToken if it was not made here for this event."""
    noted = this_g()
    ticket: Ticket | None = noted.get("kiosk_ticket")
    if ticket is None:
        ticket = noted.kiosk_ticket = codes.read_ticket(this_request().form.get("ticket", ""), event.id)
    return ticket


def find_ticket(event: EventView) -> Ticket | None:
    """Return the ticket of the posted form, None if it was not made here for this event."""
    try:
        return sent_ticket(event)
    except BadToken:
        return None


def is_station(event: EventView) -> bool:
    """Say whether this page is shown on a kiosk: its own pages are, and what the sign-in answers to its form."""
    if request.blueprint == STATION:
        return True
    ticket = find_ticket(event) if "ticket" in posted_so_far() else None
    return ticket is not None and ticket.is_kiosk
