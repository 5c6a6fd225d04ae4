"""The organiser's desk: what is wrong with this machine, and the remedy that is one tap away."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l

from kiosk.services.host import addresses
from kiosk.services.host.addresses import AddressRefused
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import actor, role_required
from kiosk.web.frame.event_pages import ORGANISERS

REFUSED_WORDS = {
    "set_by_environment": _l("KIOSK_BASE_URL decides the address: change it and start again."),
    "no_lan_address": _l("This machine is in no network: connect it first."),
}


@bp.post("/machine/address")
@role_required(*ORGANISERS)
def choose_address() -> ResponseReturnValue:
    """Let the codes say the machine's present address; posters printed before are void."""
    try:
        url = addresses.choose_again(actor=actor())
        flash(_("The codes now say %(url)s. Please print the posters again.", url=url), "ok")
    except AddressRefused as error:
        flash(REFUSED_WORDS[error.code], "bad")
    return redirect(url_for("desk.events"), code=303)
