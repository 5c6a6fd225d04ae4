"""The look-up (docs/product.md 1.10): known people find themselves by the last four digits of their mobile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from kiosk.clock import utcnow
from kiosk.services.board import pulse
from kiosk.services.codes import BadToken, Ticket, Token
from kiosk.services.door import look_ups
from kiosk.services.door.look_ups import Candidate, MoreAsked
from kiosk.services.door.receipts import Remembered
from kiosk.services.event import rotation
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import own_fields, parse_answers
from kiosk.services.refusals import Code, Refused
from kiosk.services.roster import rosters
from kiosk.services.sign_in.requests import SignInRequest
from kiosk.web.attendee.refused import refused_page
from kiosk.web.attendee.sign_in_form import at_door, claimed_at, read_consent, shown_notice_id
from kiosk.web.frame.entrances import digits_errors, fresh_ticket, renewed
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.tickets import find_ticket, is_station
from kiosk.web.frame.visitors import find_event, is_own_origin

bp = Blueprint("look_up", __name__)
ENTRY = "entry"
TAPPED = Token[int, str]("entry", int, str)  # for one event: the entry; the key of the ticket beside it
NOBODY = _("Nobody on the list has these digits. Please check them, or fill in the form.")


@bp.post("/e/<code>/look-up")
def look_up(code: str) -> ResponseReturnValue:
    """Say whom the digits mean, masked: 200 with one or several to tap, 422 with the field and why."""
    event = find_event(code)
    if not is_own_origin():
        abort(403)
    if event.phase(utcnow()) != "open":  # before and after, nobody can be guessed either
        return refused_page(event, "not_open_yet" if event.phase(utcnow()) == "early" else "closed"), 409
    ticket = find_ticket(event)
    if ticket is None:
        return show(event, problem="ticket_expired"), 403
    ticket = renewed(event, ticket)
    if rotation.asks(event, ticket):  # before anybody is looked up: nobody can be guessed from elsewhere
        pulse.refused(event.id, "digits_asked")
        errors = digits_errors()
        return show(event, ticket=ticket, errors=errors, problem=None if errors else "digits_asked"), 403
    last4 = look_ups.last_four(posted.text("last4", 40))
    if last4 is None:
        return show(event, ticket=ticket, errors={"last4": _("Please type four digits.")}), 422
    try:
        candidates = look_ups.find(event.id, ticket.key, last4, posted.text("name"))
    except MoreAsked as more:
        return show(event, ticket=ticket, asks=more.asks, is_more_asked=True), 422
    except Refused as refusal:
        return show(event, ticket=ticket, problem=refusal.code), 422
    if not candidates:
        asks = look_ups.asked(event.id)
        return show(event, ticket=ticket, asks=asks, errors={"last4": NOBODY}), 422
    return ask(event, ticket, candidates)


def show(
    event: EventView,
    *,
    ticket: Ticket | None = None,
    known: Remembered | None = None,
    asks: look_ups.Asks | None = None,
    errors: Mapping[str, Any] | None = None,
    problem: Code | None = None,
    is_more_asked: bool = False,
) -> str:
    """Show the one field, with what was typed; without a ticket the page gets a fresh one."""
    return render_template(
        "attendee/look_up.html",
        event=event,
        ticket=ticket or fresh_ticket(event, is_kiosk=is_station(event)),
        known=known if known is not None and known.kind in event.kind_names else None,
        asks=asks,
        errors=errors or {},
        problem=problem,
        is_more_asked=is_more_asked,
        typed={name: posted.raw(name, 60) for name in ("last4", "name")},
    )


def ask(
    event: EventView, ticket: Ticket, candidates: Sequence[Candidate], errors: Mapping[str, Any] | None = None
) -> str:
    """Ask "is that you?" with every person whom the digits mean; the event's own fields only where there is one."""
    fields = own_fields(event.fields_by_kind.get(candidates[0].kind, ())) if len(candidates) == 1 else ()
    return render_template(
        "attendee/candidates.html",
        event=event,
        ticket=ticket,
        candidates=[(person, TAPPED.sign(event.id, person.entry_id, ticket.key)) for person in candidates],
        fields=fields,
        values=posted.plain(),
        errors=errors or {},
        is_kiosk=ticket.is_kiosk,
    )


def ask_again(event: EventView, ticket: Ticket, errors: Mapping[str, Any]) -> str:
    """Show the one who tapped again, with what is still missing."""
    person = look_ups.candidate(event.id, _tapped_entry(event, ticket))
    return ask(event, ticket, [person], errors) if person else show(event, ticket=ticket, problem="list_changed")


def parse(event: EventView, ticket: Ticket) -> SignInRequest:
    """Return the request of a tap; raise BadToken, Unknown or FieldErrors."""
    entry = rosters.entry(event.id, _tapped_entry(event, ticket))
    answers = parse_answers(event.fields_by_kind.get(entry.kind, ()), posted.plain())
    return SignInRequest(
        event=event,
        ticket=ticket,
        details=entry.details(answers),
        **at_door(event, ticket),
        roster_entry_id=entry.id,
        has_consented=read_consent(event, posted.plain()),
        shown_notice_id=shown_notice_id(),
        claimed_at=claimed_at(event, ticket, posted.waited()),
    )


def _tapped_entry(event: EventView, ticket: Ticket) -> int:
    entry_id, key = TAPPED.read(event.id, posted.raw(ENTRY))
    if key != ticket.key:
        raise BadToken("an entry of another page")
    return entry_id
