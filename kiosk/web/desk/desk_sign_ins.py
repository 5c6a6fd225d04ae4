"""The organiser's desk: the list of one event's sign-ins, void and undo."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.services import refusal_words
from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import corrections, looks
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import (
    actor,
    logged_in,
    look_required,
    run_required,
)
from kiosk.web.frame.event_pages import page_of
from kiosk.web.frame.inputs import posted, query

MOST_TYPED = 120


@bp.get("/events/<code>/sign-ins")
@look_required
def sign_ins(view: EventView) -> ResponseReturnValue:
    """List who signed in, newest first, mobiles masked; `page` turns the page."""
    return _list_page(view, "", query.page())


@bp.post("/events/<code>/sign-ins")
@look_required
def search_sign_ins(view: EventView) -> ResponseReturnValue:
    """Show who is found, a page at a time. A search is a POST: no person's name stands in an address.

    Its address is the list's own: opened again, or in the other language, it shows the whole list.
    """
    typed = posted.text("q", MOST_TYPED)
    return _list_page(view, typed, posted.page())


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/withdraw")
@run_required
def void_sign_in(view: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Take a sign-in back; the row stays, with its undo beside it."""
    done = corrections.void(sign_in_id, staff_id=logged_in().id, reason=_reason(), event_id=view.id)
    flash(_("The sign-in of %(name)s is void.", name=done.name), "ok")
    return _back(view)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/give-back")
@run_required
def restore_sign_in(view: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Undo a void."""
    try:
        done = corrections.restore(sign_in_id, staff_id=logged_in().id, event_id=view.id)
        flash(_("The sign-in of %(name)s counts again.", name=done.name), "ok")
    except Refused as refusal:
        flash(refusal_words.say(refusal, "desk"), "bad")
    return _back(view)


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


def _list_page(view: EventView, typed: str, page: int) -> str:
    found = people.search(view.id, PeopleFilter(typed=typed), page)
    return render_template("desk/sign_ins.html", **page_of(view), found=found, typed=typed)


def _reason() -> str | None:
    return posted.text("reason", 200) or None


def _back(view: EventView) -> Response:
    # After a search the form names no page: what was searched for is not kept, and its pages are not the list's.
    page = posted.page()
    return redirect(url_for("desk.sign_ins", code=view.code, page=page if page > 1 else None), code=303)
