"""Screens without an account: device links, the pages where staff make them, and who may see a screen."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.services import codes
from kiosk.services.door import device_links
from kiosk.services.door.device_links import PinRefused, Screen
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.web.frame import new_links, screens
from kiosk.web.frame.access import actor, event_for, logged_in, staff_required
from kiosk.web.frame.drawings import qr

bp = Blueprint("devices", __name__)


@bp.get("/d/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Turn the address into a cookie, so that it stays out of the screen's address bar."""
    link = device_links.find(token)
    if link is None:
        abort(404)
    page = screens.PATHS[link.screen][0].format(code=link.event_code)
    return screens.remember(redirect(page, 303), link.event_code, link.screen, token)


@bp.get("/events/<code>/devices")
@staff_required
def links(code: str) -> ResponseReturnValue:
    """List an event's links; one just made is shown with its address, this once."""
    return _links_page(event_for(code, to_run=True))


@bp.post("/events/<code>/devices")
@staff_required
def make_link(code: str) -> ResponseReturnValue:
    """Make a link for the display or the kiosk; a kiosk needs a PIN to be left."""
    event = event_for(code, to_run=True)
    screen: Screen = "kiosk" if request.form.get("screen") == "kiosk" else "display"
    pin = request.form.get("pin", "").strip() if screen == "kiosk" else None
    try:
        token = device_links.make(event.id, screen, logged_in().id, pin)
    except PinRefused:
        return _links_page(event, is_pin_bad=True), 422
    new_links.keep("device", event, token, screen=screen)
    return redirect(url_for("devices.links", code=event.code), 303)


@bp.post("/events/<code>/devices/<int:link_id>/revoke")
@staff_required
def revoke_link(code: str, link_id: int) -> ResponseReturnValue:
    """Revoke a link; its screen goes dark within seconds."""
    event = event_for(code, to_run=True)
    if not device_links.revoke(event.id, link_id, actor=actor()):
        abort(404)
    flash(_("The link is revoked."), "ok")
    return redirect(url_for("devices.links", code=event.code), 303)


@bp.get("/events/<code>/trial")
@staff_required
def trial(code: str) -> ResponseReturnValue:
    """Show the address that opens the form early; sign-ins made through it are trials (docs/product.md 0.3)."""
    event = event_for(code, to_run=True)
    token = codes.sign("trial", [event.id, int(utcnow().timestamp())])
    address = f"{addresses.base_url()}/e/{event.code}?trial={token}"
    return render_template(
        "door/devices/trial.html",
        event=event,
        phase=event.phase(utcnow()),
        address=address,
        qr=qr(address, _("Trial sign-in")),
    )


def _links_page(event: EventView, *, is_pin_bad: bool = False) -> str:
    new = None if is_pin_bad else new_links.take("device", event)
    links = device_links.list_for(event.id)
    return render_template("door/devices/links.html", event=event, links=links, new=new, is_pin_bad=is_pin_bad)
