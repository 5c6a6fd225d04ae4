"""Screens without an account: device links, the pages where staff make them, and who may see a screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.clock import utcnow
from kiosk.services import codes
from kiosk.services.door import device_links
from kiosk.services.door.device_links import DeviceLinkView, PinRefused, Screen
from kiosk.services.event import event_access, event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.web import access, new_links
from kiosk.web.access import actor, event_for, logged_in, staff_required
from kiosk.web.drawings import qr

bp = Blueprint("devices", __name__)
COOKIE = "kiosk_device"
COOKIE_SECONDS = 30 * 24 * 3600  # a tablet that starts anew is still the station; the link dies by its event
# Where the browser sends the link's token; the station's also with the sign-in, which notes the link.
PATHS: dict[Screen, tuple[str, ...]] = {
    "display": ("/events/{code}/display",),
    "kiosk": ("/events/{code}/kiosk", "/e/{code}/sign-in"),
    "wall": ("/events/{code}/wall",),
}


def screen_for(code: str, screen: Screen) -> EventView:
    """Return the event for staff who may see it, or for a device link of exactly this event and screen.

    Else: 404 for a dead link, 403 for staff without the right, the log-in page for a stranger.
    """
    event = event_views.find(code)
    if event is None:
        access.say_gone()
    staff = access.current_staff()
    if staff is not None and event_access.may_look(staff, event):
        g.staff = staff
        return event
    link = own_link(event, screen)
    if link is None:
        abort(403 if staff is not None else 404 if COOKIE in request.cookies else _to_log_in())
    device_links.touch(link)
    return event


def own_link(event: EventView, screen: Screen) -> DeviceLinkView | None:
    """Return the living link that this browser holds for this event and screen."""
    link = device_links.find(request.cookies.get(COOKIE))
    return link if link is not None and (link.event_id, link.screen) == (event.id, screen) else None


def remember(response: Response, code: str, screen: Screen, token: str) -> Response:
    """Put a link into this browser, for the addresses of its one screen only."""
    for path in PATHS[screen]:
        response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, path=path.format(code=code), **_flags())
    return response


def forget(response: Response, code: str, screen: Screen) -> Response:
    """Take a link out of this browser."""
    for path in PATHS[screen]:
        response.delete_cookie(COOKIE, path=path.format(code=code), **_flags())
    return response


@bp.get("/d/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Turn the address into a cookie, so that it stays out of the screen's address bar."""
    link = device_links.find(token)
    if link is None:
        abort(404)
    page = PATHS[link.screen][0].format(code=link.event_code)
    return remember(redirect(page, 303), link.event_code, link.screen, token)


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
    """Show the address that opens the form early; sign-ins made through it are trials (PRODUCT.md 0.3)."""
    event = event_for(code, to_run=True)
    token = codes.sign("trial", [event.id, int(utcnow().timestamp())])
    address = f"{addresses.base_url()}/e/{event.code}?trial={token}"
    return render_template(
        "devices/trial.html",
        event=event,
        phase=event.phase(utcnow()),
        address=address,
        qr=qr(address, _("Trial sign-in")),
    )


def _links_page(event: EventView, *, is_pin_bad: bool = False) -> str:
    new = None if is_pin_bad else new_links.take("device", event)
    links = device_links.list_for(event.id)
    return render_template("devices/links.html", event=event, links=links, new=new, is_pin_bad=is_pin_bad)


def _flags() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": request.is_secure}


def _to_log_in() -> Response:
    return redirect(url_for("account.log_in", next=request.full_path.removesuffix("?")), 303)
