"""Leaving by one's own phone: from the success page, or by name and number where the phone has kept nothing."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from kiosk.services.codes import BadToken, Ticket, new_ticket
from kiosk.services.door import leaving, own_sign_ins, receipts
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors, parse
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in.movements import Moved
from kiosk.web.attendee.refused import refused_page
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.tickets import begins, find_ticket
from kiosk.web.frame.visitors import find_event, is_own_origin, lead_to

bp = Blueprint("sign_out", __name__)


@bp.post("/done/<token>/<any(out, back):way>")
def move(token: str, way: str) -> ResponseReturnValue:
    """Sign out the person of this success page, or let them in again; 303 to the page, which says it."""
    receipt = receipts.of_phone(token) or abort(404)
    event = event_views.find(receipt.event_code) or abort(404)
    if not is_own_origin():
        abort(403)
    try:
        leaving.by_receipt(event, token, way, posted.raw("key", 40))
    except (BadToken, Unknown):
        abort(404)
    except Refused as refusal:
        return refused_page(event, refusal.code), 409
    return lead_to("attendee.done", token=token, again=1)


@bp.get("/e/<code>/leave")
def ask(code: str) -> ResponseReturnValue:
    """Ask for the name and the number of who leaves, or comes back, on a phone that has kept nothing."""
    event = find_event(code)
    if not leaving.may_sign_out(event):
        return lead_to("attendee.event", code=event.code)
    return _form(event, query.one_of("kind", event.kind_names))


@bp.post("/e/<code>/leave")
def leave(code: str) -> ResponseReturnValue:
    """Sign out who was typed, or with `back` let them in again, and say so; else the form with what is wrong."""
    event, ticket = find_event(code), None
    if not is_own_origin():
        abort(403)
    ticket, kind = find_ticket(event), posted.one_of("kind", event.kind_names)
    if ticket is None or kind is None:
        return lead_to("sign_out.ask", code=event.code)
    try:
        moved = _move(event, ticket, kind)
    except FieldErrors as error:
        return _form(event, kind, ticket, dict(error.messages)), 422
    except Refused as refusal:
        return refused_page(event, refusal.code), 409
    if moved is None:
        return _form(event, kind, ticket, is_nobody=True), 409
    return render_template("attendee/left.html", event=event, moved=moved, name=moved.name, again=None)


def _move(event: EventView, ticket: Ticket, kind: str) -> Moved | None:
    """Move whom the form names, by the key of its page; None for nobody. Raises FieldErrors or Refused."""
    details = parse(kind, own_sign_ins.fields_of(event, kind), posted.plain())  # type: ignore[arg-type]
    result = own_sign_ins.find(event, details)
    way = "back" if "back" in posted else "out"
    try:
        return None if result is None else leaving.by_look_up(event, result.sign_in_id, way, ticket.key)
    except Unknown:  # they wait for a place
        return None


def _form(
    event: EventView,
    kind: str | None,
    ticket: Ticket | None = None,
    errors: dict[str, object] | None = None,
    *,
    is_nobody: bool = False,
) -> str:
    begins()  # a page of a phone that has been counted
    kind = kind or (event.kind_names[0] if len(event.kind_names) == 1 else None)
    return render_template(
        "attendee/leave.html",
        event=event,
        kind=kind,
        fields=() if kind is None else own_sign_ins.fields_of(event, kind),
        ticket=ticket or new_ticket(event.id),
        values=posted.plain(),
        errors=errors or {},
        is_nobody=is_nobody,
    )
