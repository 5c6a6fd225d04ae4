"""The organiser's desk: links for stewards' phones."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.door import door_links
from kiosk.services.event.event_views import EventView
from kiosk.services.names import clean
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame import new_links
from kiosk.web.frame.access import event_for, logged_in, role_required
from kiosk.web.frame.event_pages import ORGANISERS, page_of


@bp.get("/events/<code>/stewards")
@role_required(*ORGANISERS)
def stewards(code: str) -> ResponseReturnValue:
    """List the links; one just made is shown with its address and QR, this once."""
    return _page(event_for(code, to_run=True))


@bp.post("/events/<code>/stewards")
@role_required(*ORGANISERS)
def make_steward_link(code: str) -> ResponseReturnValue:
    """Make a link, named after whoever gets it."""
    view = event_for(code, to_run=True)
    label = clean(request.form.get("label", ""))[:60]
    if not label:
        return _page(view, is_label_bad=True), 422
    token = door_links.make(view.id, "steward", label, staff_id=logged_in().id)
    new_links.keep("steward", view, token, label=label)
    return redirect(url_for("desk.stewards", code=view.code), 303)


@bp.post("/events/<code>/stewards/<int:link_id>/revoke")
@role_required(*ORGANISERS)
def revoke_steward_link(code: str, link_id: int) -> ResponseReturnValue:
    """Revoke a link: its phone can do nothing from the next tap on."""
    view = event_for(code, to_run=True)
    door_links.revoke(link_id, event_id=view.id, staff_id=logged_in().id)
    flash(_("The link is revoked."), "ok")
    return redirect(url_for("desk.stewards", code=view.code), 303)


def _page(view: EventView, *, is_label_bad: bool = False) -> str:
    new = None if is_label_bad else new_links.take("steward", view)
    links = door_links.list_of(view.id, "steward")
    return render_template("desk/stewards.html", **page_of(view), links=links, new=new, is_label_bad=is_label_bad)
