"""The tablet as the station, for people without a phone (docs/product.md 2.7).

It shows the phone's own form and posts where every phone posts; the ticket says that it is a station's.
It keeps nothing of the last person, and leaving it needs the PIN of its device link.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.account import guesses
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.codes import new_ticket
from kiosk.services.door import hand_work, links, passes, receipts
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused, SignInRefused
from kiosk.web.attendee import sign_in_form
from kiosk.web.attendee.refused import early_page, refused_page
from kiosk.web.frame import screens
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.screens import link_token, screen_for
from kiosk.web.frame.visitors import is_own_origin

bp = Blueprint("station", __name__)
MISSES = 5
WINDOW = timedelta(minutes=10)


@bp.get("/events/<code>/kiosk")
def start(code: str) -> ResponseReturnValue:
    """Show the kinds or the form, always as for a stranger."""
    event = screen_for(code, "kiosk")
    phase = event.phase(utcnow())
    if phase == "early" and event.opens_at is not None:
        return early_page(event)
    if phase == "closed":
        return refused_page(event, "closed")
    ticket = new_ticket(event.id, is_kiosk=True)
    return sign_in_form.show(event, ticket, kind=query.raw("kind"), known=None)


@bp.post("/events/<code>/kiosk/pass")
def scan(code: str) -> ResponseReturnValue:
    """Sign in whose pass a scanner typed: 303 to the success page, or why not, which returns to the start by itself."""
    event = screen_for(code, "kiosk")
    link = screens.own_link(event, "kiosk")
    if link is None or not is_own_origin(may_be_null=False):
        abort(403)
    try:
        one = passes.scanned(event, posted.raw("pass", passes.MOST_TYPED))
        key = posted.raw("key", 40) or hand_work.new_key()
        result = passes.sign_in_at_station(one, key, link.id)
    except SignInRefused as refusal:
        return refused_page(event, refusal.code), 409
    except Refused as refusal:
        return render_template("door/pass/not_here.html", event=event, words=refusal_words.say(refusal, "phone")), 409
    return go("attendee.done", token=receipts.address_of(result, is_kiosk=True))


@bp.route("/events/<code>/kiosk/leave", methods=["GET", "POST"])
def leave(code: str) -> ResponseReturnValue:
    """Ask for the PIN, with which the link is revoked: five misses in ten minutes, whoever types them.

    Staff who only look at the page simply go back.
    """
    event = screen_for(code, "kiosk")
    link = screens.own_link(event, "kiosk")
    if request.method == "GET":
        page = render_template("door/station/leave.html", event=event, problem=None)
        return page if link is not None else redirect(f"/events/{event.code}", 303)
    if link is None:
        abort(403)
    key = f"kiosk_pin:{link.id}"
    try:
        guesses.count(key, limit=MISSES, window=WINDOW)
    except TooManyGuesses as error:
        return _refuse(event, "too_many", 429, retry_after=error.retry_after)
    if not links.is_pin(link, link_token(), posted.text("pin")):
        return _refuse(event, "wrong", 422)
    guesses.forget(key)
    links.revoke(event.id, "device", link.id, actor=link.actor)
    return screens.forget(go("account.log_in"), event.code, "kiosk")


def _refuse(event: EventView, problem: str, status: int, *, retry_after: int = 0) -> ResponseReturnValue:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return render_template("door/station/leave.html", event=event, problem=problem), status, headers
