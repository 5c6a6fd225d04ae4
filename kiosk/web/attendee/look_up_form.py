"""The look-up by the last four digits on the attendee's phone: asked, answered, tapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request

from kiosk.services import codes
from kiosk.services.codes import BadTicket, Ticket
from kiosk.services.door import look_ups
from kiosk.services.door.look_ups import Candidate
from kiosk.services.door.receipts import Remembered
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import own_fields, parse_answers
from kiosk.services.roster import rosters
from kiosk.services.sign_in.sign_ins import SignInRequest
from kiosk.web.attendee.sign_in_form import read_consent, shown_notice_id

ENTRY = "entry"


def show(
    event: EventView,
    *,
    ticket: str | None = None,
    known: Remembered | None = None,
    asks: look_ups.Asks | None = None,
    errors: Mapping[str, Any] | None = None,
    problem: str | None = None,
) -> str:
    """Show the one field, with what was typed; without a ticket the page gets a fresh one."""
    return render_template(
        "attendee/look_up.html",
        event=event,
        ticket=ticket or codes.make_ticket(event.id),
        known=known if known is not None and known.kind in event.kind_names else None,
        asks=asks,
        errors=errors or {},
        problem=problem,
        typed={name: request.form.get(name, "")[:60] for name in ("last4", "name")},
    )


def ask(event: EventView, ticket: str, found: Sequence[Candidate], errors: Mapping[str, Any] | None = None) -> str:
    """Ask "is that you?" with every person whom the digits mean; the event's own fields only where there is one."""
    key = codes.read_ticket(ticket, event.id).key
    fields = own_fields(event.fields_by_kind.get(found[0].kind, ())) if len(found) == 1 else ()
    return render_template(
        "attendee/candidates.html",
        event=event,
        ticket=ticket,
        candidates=[(person, codes.sign(ENTRY, [event.id, person.entry_id, key])) for person in found],
        fields=fields,
        values=dict(request.form.items()),
        errors=errors or {},
        is_kiosk=False,
    )


def is_tapped() -> bool:
    """Say whether the form that was posted is a tap on "that is me"."""
    return ENTRY in request.form


def ask_again(event: EventView, errors: Mapping[str, Any]) -> str:
    """Show the one who tapped again, with what is still missing."""
    ticket = request.form["ticket"]
    entry_id = _tapped_entry(event, codes.read_ticket(ticket, event.id))
    person = look_ups.candidate(event.id, entry_id)
    return ask(event, ticket, [person], errors) if person else show(event, ticket=ticket, problem="gone")


def parse(event: EventView, ticket: Ticket) -> SignInRequest:
    """Return the request of a tap; raise BadTicket, rosters.UnknownEntry or FieldErrors."""
    entry = rosters.entry(event.id, _tapped_entry(event, ticket))
    answers = parse_answers(event.fields_by_kind.get(entry.kind, ()), request.form)
    return SignInRequest(
        event=event,
        ticket=ticket,
        details=entry.details(answers),
        roster_entry_id=entry.id,
        has_consented=read_consent(event, request.form),
        shown_notice_id=shown_notice_id(),
    )


def _tapped_entry(event: EventView, ticket: Ticket) -> int:
    event_id, entry_id, key = _unsigned(request.form.get(ENTRY, ""))
    if event_id != event.id or key != ticket.key:
        raise BadTicket("an entry of another page")
    return entry_id


def _unsigned(text: str) -> tuple[int, int, str]:
    try:
        event_id, entry_id, key = codes.unsign(ENTRY, text)
        return int(event_id), int(entry_id), str(key)
    except (ValueError, TypeError) as error:
        raise BadTicket("not an entry of ours") from error
