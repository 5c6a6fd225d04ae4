"""Known people find themselves by the last four digits of their mobile (docs/product.md 1.10)."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from kiosk.clock import utcnow
from kiosk.services.codes import BadToken
from kiosk.services.door import look_ups
from kiosk.services.door.look_ups import MoreAsked
from kiosk.services.refusals import Refused
from kiosk.web.attendee import look_up_form
from kiosk.web.attendee.refused import refused_page
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.tickets import sent_ticket
from kiosk.web.frame.visitors import chosen_language, find_event, is_own_origin

bp = Blueprint("look_up", __name__)


@bp.get("/e/<code>/look-up")
def again(code: str) -> ResponseReturnValue:
    """Show the first screen to whoever reloads, or switches the language of, an answer."""
    return redirect(url_for("attendee.event", code=code, **chosen_language()), 303)


@bp.post("/e/<code>/look-up")
def look_up(code: str) -> ResponseReturnValue:
    """Say whom the digits mean, masked: 200 with one or several to tap, 422 with the field and why."""
    event = find_event(code)
    if not is_own_origin():
        abort(403)
    if event.phase(utcnow()) != "open":  # before and after, nobody can be guessed either
        return refused_page(event, "not_open_yet" if event.phase(utcnow()) == "early" else "closed"), 409
    try:
        ticket = sent_ticket(event)
    except BadToken:
        return look_up_form.show(event, problem="ticket_expired"), 403
    last4 = look_ups.last_four(posted.text("last4", 40))
    if last4 is None:
        return look_up_form.show(event, ticket=ticket, errors={"last4": _("Please type four digits.")}), 422
    try:
        candidates = look_ups.find(event.id, ticket.key, last4, posted.text("name"))
    except MoreAsked as more:
        return look_up_form.show(event, ticket=ticket, asks=more.asks, is_more_asked=True), 422
    except Refused as refusal:
        return look_up_form.show(event, ticket=ticket, problem=refusal.code), 422
    if not candidates:
        asks = look_ups.asked(event.id)
        return look_up_form.show(event, ticket=ticket, asks=asks, errors={"last4": _NOBODY}), 422
    return look_up_form.ask(event, ticket, candidates)


_NOBODY = _("Nobody on the list has these digits. Please check them, or fill in the form.")
