"""The organiser's desk: what is wrong with this machine, and the remedy that is one tap away."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services import refusal_words
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import ORGANISERS, actor, role_required


@bp.post("/machine/address")
@role_required(*ORGANISERS)
def choose_address() -> ResponseReturnValue:
    """Let the codes say the machine's present address; posters printed before are void."""
    try:
        url = addresses.choose_again(actor=actor())
        flash(_("The codes now say %(url)s. Please print the posters again.", url=url), "ok")
    except Refused as refusal:
        flash(refusal_words.say(refusal, "desk"), "bad")
    return redirect(url_for("desk.events"), code=303)
