"""The page of an event with a rotating code: it asks for the six digits on the screen and leads on to the form."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services.board import pulse
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.web.attendee.refused import refused_page
from kiosk.web.frame import entrances
from kiosk.web.frame.entrances import DigitsField
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.tickets import find_ticket, let_in_on
from kiosk.web.frame.visitors import find_event, is_own_origin, lead_to

bp = Blueprint("digits", __name__)
CARRIED = ("companion", "form", "kind", "group")  # what was asked for before the digits were, and is shown after them
GROUP = "group"  # the public page for a group, or the address of one that is signed in
NEW = "new"
LONGEST = 60


@bp.get("/e/<code>/digits")
def again(code: str) -> ResponseReturnValue:
    """Show the page anew to whoever reloads its answer, or switches the language there."""
    return lead_to("attendee.event", code=code)


@bp.post("/e/<code>/digits")
def type_digits(code: str) -> ResponseReturnValue:
    """Lead to the form whoever types the digits of this moment; else ask again, 403."""
    event = find_event(code)
    if not is_own_origin():
        abort(403)
    phase = event.phase(utcnow())
    if phase != "open":
        return refused_page(event, "not_open_yet" if phase == "early" else "closed"), 409
    if event.rotate_seconds is None:
        return _lead_on(event)
    field = entrances.judge(event, find_ticket(event))
    if field is None:
        return _lead_on(event)
    pulse.refused(event.id, "digits_again" if field.proof else "digits_wrong")
    return ask(event, field), 403


def ask(event: EventView, field: DigitsField | None = None, more: Mapping[str, str] | None = None) -> str:
    """Show the one field; `more` is carried along beside what the address carries (CARRIED)."""
    carried = {name: either.raw(name, LONGEST) for name in CARRIED if name in either}
    field = field or DigitsField()
    return render_template(
        "attendee/digits.html",
        event=event,
        ticket=find_ticket(event) or new_ticket(event.id),
        field=field,
        carried={**carried, **(more or {})},
        errors=field.errors,
    )


def _lead_on(event: EventView) -> ResponseReturnValue:
    group = posted.raw(GROUP, LONGEST)
    carried = {name: posted.raw(name, LONGEST) for name in CARRIED if name in posted and name != GROUP}
    if group == NEW:
        return lead_to("groups.start", code=event.code, led=1, **carried, **let_in_on())
    if group:
        return lead_to("group_page.correct", token=group, **let_in_on())
    return lead_to("attendee.event", code=event.code, led=1, **carried, **let_in_on())
