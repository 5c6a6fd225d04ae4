"""The tablet as the station, for people without a phone (docs/product.md 2.7).

It shows the phone's own look-up and form and posts where every phone posts; the ticket says that it is a station's.
It keeps nothing of the last person: no cookie, no choice of a language (frame/headers), and a success page whose
address is nobody's after a moment. Leaving it needs the PIN of its device link.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.account import guesses
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.codes import Token, new_ticket, new_token
from kiosk.services.door import hand_work, leaving, links, look_ups, passes, receipts, signing
from kiosk.services.door.receipts import ReceiptView
from kiosk.services.event.event_views import EventView
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused, SignInRefused, Unknown
from kiosk.web.attendee import look_up, mine, sign_in_form, signing as signing_page
from kiosk.web.attendee.refused import early_page, refused_page
from kiosk.web.frame import screens
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.screens import link_token, screen_for
from kiosk.web.frame.tickets import find_ticket
from kiosk.web.frame.visitors import is_own_origin, lead_to

bp = Blueprint("station", __name__)
MISSES = 5
WINDOW = timedelta(minutes=10)
LEAVER = Token[int, str]("leaver", int, str)  # for one event: whom the page showed, and the key of its tap


@bp.get("/events/<code>/kiosk")
def start(code: str) -> ResponseReturnValue:
    """Show the look-up where a roster has mobiles, else the kinds or the form, always as for a stranger."""
    event = screen_for(code, "kiosk")
    if (follower := screens.followed()) is not None:
        if not screens.is_on(follower, event):  # between two people, as here, the station moves on
            return redirect(screens.FOLLOWING.format(id=follower.id), 303)
        g.follows = url_for("following.now", link_id=follower.id)
    phase = event.phase(utcnow())
    if phase == "early" and event.opens_at is not None:
        return early_page(event)
    if phase == "closed":
        return refused_page(event, "closed")
    ticket = new_ticket(event.id, is_kiosk=True)
    if "form" not in query and "kind" not in query and look_ups.is_offered(event.id):
        return look_up.show(event, ticket=ticket)
    return sign_in_form.show(event, ticket, kind=query.plain().get("kind"), known=None)


@bp.get("/events/<code>/kiosk/done/<token>")
def done(code: str, token: str) -> ResponseReturnValue:
    """Show the tick for as long as its person stands there; later the address leads to the start."""
    event = screen_for(code, "kiosk")
    shown, receipt = _person_here(event, token)
    signs_at = url_for("station.sign", code=event.code, token=receipts.at_station(event.id, shown, signing.AT_STATION))
    return mine.done_page(event, receipt, shown, is_again=False, signs_at=signs_at)


@bp.route("/events/<code>/kiosk/done/<token>/signature", methods=["GET", "POST"])
def sign(code: str, token: str) -> ResponseReturnValue:
    """Ask whoever has just signed in here for their signature, once; then the tick says that it is there."""
    event = screen_for(code, "kiosk")
    if request.method == "POST" and screens.own_link(event, "kiosk") is None:
        abort(403)
    shown, receipt = _person_here(event, token)
    here = url_for("station.sign", code=event.code, token=token)
    page = signing_page.page_at(event, receipt, shown, address=here, back=url_for("station.start", code=event.code))
    if signing.offer(event, shown, receipt) == "signed":
        return go("station.start", code=event.code)
    if request.method == "GET":
        return signing_page.ask(page)
    again = receipts.at_station(event.id, shown)
    return signing_page.take(page, lambda: lead_to("station.done", code=event.code, token=again))


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
    return lead_to("station.done", code=event.code, token=receipts.address_at_station(event.id, result))


@bp.route("/events/<code>/kiosk/out", methods=["GET", "POST"])
def sign_out(code: str) -> ResponseReturnValue:
    """Ask for four digits or the name of who leaves or comes back; a POST shows whom they mean, to be tapped."""
    event = screen_for(code, "kiosk")
    if request.method == "POST":
        _refuse_foreign(event)
    if not leaving.may_sign_out(event):
        return redirect(url_for("station.start", code=event.code), 303)
    if request.method == "GET":
        return _out_page(event)
    typed = posted.text("typed")
    problem: str | None = None
    people: tuple[leaving.Leaver, ...] = ()
    try:
        people = leaving.find_at_station(event, typed) if typed else ()
    except Refused as refusal:
        problem = refusal_words.say(refusal, "phone")
    if not people:
        problem = problem or _("Nobody of this name or number has signed in. Please ask a steward.")
        return _out_page(event, typed, problem), 422
    key = new_token()
    shown = [(one, LEAVER.sign(event.id, one.sign_in_id, key)) for one in people]
    return _out_page(event, typed, people=shown)


@bp.post("/events/<code>/kiosk/out/<any(out, back):way>")
def move(code: str, way: str) -> ResponseReturnValue:
    """Sign out who tapped themselves, or let them in again; the page returns to the start by itself."""
    event = screen_for(code, "kiosk")
    _refuse_foreign(event)
    tapped = LEAVER.find(event.id, posted.raw("person"))
    if tapped is None:
        return redirect(url_for("station.sign_out", code=event.code), 303)
    try:
        moved = leaving.at_station(event, tapped[0], way, tapped[1])
    except (Refused, Unknown) as error:
        problem = refusal_words.say(error, "phone") if isinstance(error, Refused) else _("Please ask a steward.")
        return _out_page(event, problem=problem), 409
    again = url_for("station.start", code=event.code)
    return render_template("attendee/left.html", event=event, moved=moved, name=mask_name(moved.name), again=again)


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
    screens.revoke(event, link)
    return screens.forget(go("account.log_in"), event.code, link)


def _person_here(event: EventView, token: str) -> tuple[str, ReceiptView]:
    """Return whose success page this station shows; where its moment is over, end the request at the start."""
    shown = receipts.shown_at_station(event.id, token)
    receipt = None if shown is None else receipts.read(shown)
    if shown is None or receipt is None or receipt.is_voided or receipt.is_cleared:
        abort(go("station.start", code=event.code))
    return shown, receipt


def _refuse(event: EventView, problem: str, status: int, *, retry_after: int = 0) -> ResponseReturnValue:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return render_template("door/station/leave.html", event=event, problem=problem), status, headers


def _out_page(
    event: EventView,
    typed: str = "",
    problem: str | None = None,
    people: list[tuple[leaving.Leaver, str]] | None = None,
) -> str:
    """Ask who leaves, with what was typed and what is wrong with it, or show whom it means."""
    ticket = new_ticket(event.id, is_kiosk=True)
    values = {"typed": typed, "problem": problem, "people": people, "ticket": ticket}
    return render_template("door/station/out.html", event=event, **values)


def _refuse_foreign(event: EventView) -> None:
    """End the request where its form is from no page of this station."""
    if find_ticket(event) is None or not is_own_origin():
        abort(403)
