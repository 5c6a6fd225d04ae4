"""The organiser's desk: the list of one event's sign-ins, void and undo."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.services import corrections, looks, people
from kiosk.services.event_views import EventView
from kiosk.services.people import FOUND, PeopleFilter
from kiosk.web.access import actor, event_for, logged_in, role_required, staff_required
from kiosk.web.desk import ORGANISERS, bp, page_of

LAST_PAGE = 10_000


@bp.get("/events/<code>/sign-ins")
@staff_required
def sign_ins(code: str) -> ResponseReturnValue:
    """List who signed in, newest first, mobiles masked; `q` searches, `page` turns the page."""
    view = event_for(code)
    typed = request.args.get("q", "")[:120]
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    found = people.search(view.id, PeopleFilter(words=typed.strip()), offset=(page - 1) * FOUND)
    return render_template("desk/sign_ins.html", **page_of(view), found=found, typed=typed, page=page)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/withdraw")
@role_required(*ORGANISERS)
def void_sign_in(code: str, sign_in_id: int) -> ResponseReturnValue:
    """Take a sign-in back; the row stays, with its undo beside it."""
    view = event_for(code, to_run=True)
    try:
        done = corrections.void(sign_in_id, staff_id=logged_in().id, reason=_reason(), event_id=view.id)
    except corrections.UnknownSignIn:
        abort(404)
    flash(_("The sign-in of %(name)s is void.", name=done.name), "ok")
    return _back(view)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/give-back")
@role_required(*ORGANISERS)
def restore_sign_in(code: str, sign_in_id: int) -> ResponseReturnValue:
    """Undo a void."""
    view = event_for(code, to_run=True)
    try:
        done = corrections.restore(sign_in_id, staff_id=logged_in().id, event_id=view.id)
        flash(_("The sign-in of %(name)s counts again.", name=done.name), "ok")
    except corrections.UnknownSignIn:
        abort(404)
    except corrections.CorrectionRefused:
        flash(_("This person has signed in again since; that one counts."), "bad")
    return _back(view)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/mobile")
@role_required(*ORGANISERS)
def look_at_sign_in(code: str, sign_in_id: int) -> ResponseReturnValue:
    """Show the whole mobile of somebody who signed in; a POST that the log keeps."""
    view = event_for(code, to_run=True)
    try:
        person = looks.at_sign_in(view.id, sign_in_id, actor=actor())
    except looks.NobodyThere:
        abort(404)
    return mobile_page(view, person, url_for("desk.sign_ins", code=view.code))


def mobile_page(view: EventView, person: looks.Looked, back: str) -> ResponseReturnValue:
    """Show a whole mobile, which no browser keeps."""
    page = render_template("desk/mobile.html", **page_of(view), person=person, back=back)
    return page, 200, {"Cache-Control": "no-store"}


def _reason() -> str | None:
    return request.form.get("reason", "").strip()[:200] or None


def _back(view: EventView) -> Response:
    # What was searched for comes back from the form: no person's name stays in an address.
    page = request.form.get("page", 1, type=int)
    return redirect(url_for("desk.sign_ins", code=view.code, page=page if page > 1 else None), code=303)
