"""Screens without an account: the address that a screen opens, and the trial's."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.web.frame import screens
from kiosk.web.frame.access import run_required
from kiosk.web.frame.drawings import qr
from kiosk.web.frame.tickets import TRIAL

bp = Blueprint("devices", __name__)


@bp.get("/d/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Turn the address into a cookie, so that it stays out of the screen's address bar."""
    link = links.find(token, "device")
    if link is None:
        abort(404)
    page = screens.PATHS[link.purpose][0].format(code=link.event_code)
    return screens.remember(redirect(page, 303), link.event_code, link.purpose, token)


@bp.get("/events/<code>/trial")
@run_required
def trial(event: EventView) -> ResponseReturnValue:
    """Show the address that opens the form early; sign-ins made through it are trials (docs/product.md 0.3)."""
    token = TRIAL.sign(event.id, int(utcnow().timestamp()))
    address = f"{addresses.base_url()}/e/{event.code}?trial={token}"
    return render_template(
        "door/devices/trial.html",
        event=event,
        phase=event.phase(utcnow()),
        address=address,
        qr=qr(address, _("Trial sign-in")),
    )
