"""The organiser's desk: the list of one event's sign-ins; its buttons are the dashboard's."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import looks
from kiosk.services.event.event_views import EventView
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import actor, look_required, run_required
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.pages import hidden_names, page_of

MOST_TYPED = 120


@bp.get("/events/<code>/sign-ins", endpoint="sign_ins")
@bp.post("/events/<code>/sign-ins", endpoint="search_sign_ins")
@look_required
def sign_ins(view: EventView) -> ResponseReturnValue:
    """List who signed in, newest first, mobiles masked; `page` turns the page.

    A search is a POST: no person's name stands in an address, which is the list's own: opened again, or in the other
    language, it shows the whole list.
    """
    typed = posted.text("q", MOST_TYPED)
    matches = people.search(view.id, PeopleFilter(typed=typed, hidden=hidden_names(view)), either.page())
    return render_template("desk/sign_ins.html", **page_of(view), found=matches, typed=typed)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/mobile")
@run_required
def look_at_sign_in(view: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Show the whole mobile of somebody who signed in; a POST that the log keeps."""
    person = looks.at_sign_in(view.id, sign_in_id, actor=actor())
    return mobile_page(view, person, url_for("desk.sign_ins", code=view.code))


def mobile_page(view: EventView, person: looks.Looked, back: str) -> ResponseReturnValue:
    """Show a whole mobile, which no browser keeps."""
    page = render_template("desk/mobile.html", **page_of(view), person=person, back=back)
    return page, 200, {"Cache-Control": "no-store"}
