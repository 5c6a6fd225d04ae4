"""The screens of a door: the address that one opens, the code in full size with the live count, the trial's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.account import staff_sessions
from kiosk.services.board import screens
from kiosk.services.board.walls import FACES
from kiosk.services.door import followers, links
from kiosk.services.event import event_access, events, preparations, rotation
from kiosk.services.event.campaigns import DEFAULT_TITLE
from kiosk.services.event.event_views import EventView
from kiosk.services.event.posters import event_address
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused
from kiosk.web.frame import access, cookies
from kiosk.web.frame.access import logged_in, run_required
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.screens import FOLLOWING, PATHS, remember as put_link, remember_follower, screen_for
from kiosk.web.frame.tickets import TRIAL
from kiosk.web.frame.visitors import HERE_COOKIE, ME_COOKIE, here_path
from kiosk.web.frame.words import language, local

bp = Blueprint("display", __name__)
LONG, LONGEST = 18, 44  # characters of a title; a Latin one takes half the room


@bp.get("/d/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Turn the address into a cookie, so that it stays out of the screen's address bar."""
    face = query.one_of("face", FACES)  # of a wall
    held, is_its_own = f"?face={face}" if face else "", access.current_staff() is None
    if (follower := followers.find(token)) is not None:
        page = FOLLOWING.format(id=follower.id)
        return remember_follower(redirect(f"{page}{held}", 303), follower, token, is_its_own=is_its_own)
    link = links.find(token, "device") or abort(dead_link("device", token, 404))
    page = PATHS[link.purpose][0].format(code=link.event_code)
    return put_link(redirect(f"{page}{held}", 303), link.event_code, link.purpose, token, is_its_own=is_its_own)


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
    )


@bp.get("/events/<code>/display")
def show(code: str) -> ResponseReturnValue:
    """Show the code in full size."""
    event = screen_for(code, "display")
    part = url_for("display.count", code=event.code, since=int(utcnow().timestamp()), lang=language())
    return page(event, part, url_for("display.digits_now", code=event.code))


@bp.get("/events/<code>/display/count")
def count(code: str) -> ResponseReturnValue:
    """Show the part that changes; `since` is when this screen began to wait for a phone."""
    return part(screen_for(code, "display"))


@bp.get("/events/<code>/display/now")
def digits_now(code: str) -> ResponseReturnValue:
    """Say the digits of a rotating code and for how many seconds they stand, by this server's clock; null where there
    are none, or nobody signs in now."""
    return now(screen_for(code, "display"))


@bp.route("/events/<code>/kiosk/start", methods=["GET", "POST"])
@run_required
def start_kiosk(event: EventView) -> ResponseReturnValue:
    """Make this browser the station: it asks for a PIN, logs staff out and keeps one event's link only."""
    if "pin" not in posted:
        if request.method == "POST":  # the last resort's button, pressed on a display or a dashboard
            return go("display.start_kiosk", code=event.code)
        return render_template("door/devices/start_kiosk.html", event=event, pin_error=None)
    try:
        token = links.make(event.id, "kiosk", staff_id=logged_in().id, pin=posted.text("pin"))
    except Refused as refusal:
        words = refusal_words.say(refusal, "desk")
        return render_template("door/devices/start_kiosk.html", event=event, pin_error=words), 422
    staff_sessions.revoke(access.log_in_token())
    response = access.forget(go("station.start", code=event.code))
    cookies.drop(response, HERE_COOKIE, path=here_path(event.code))
    cookies.drop(response, ME_COOKIE)  # whoever used this browser before is nobody's suggestion
    return put_link(response, event.code, "kiosk", token, is_its_own=True)


def page(event: EventView, address_of_part: str, address_of_digits: str) -> str:
    """Return the display of an event, which asks for what changes at these addresses."""
    preparations.note_done.if_free(event.id, "screen")
    addresses_of = {"address_of_part": address_of_part, "address_of_digits": address_of_digits}
    size = title_size(event)
    return render_template("door/display/page.html", title_size=size, **addresses_of, **_door(event, utcnow()))


def part(event: EventView) -> str:
    """Return what of an event's display changes, apart from the digits."""
    return render_template("door/display/_door.html", **_door(event, query.began_to_wait()))


def now(event: EventView) -> dict[str, Any]:
    """Return what programs ask of an event's display: its digits, for how long they stand, and how many have come."""
    shown = rotation.shown(event)
    return {
        "digits": shown.digits if shown else None,
        "seconds_left": shown.seconds_left if shown else None,
        "arrived": events.counts(event.id).arrived,
    }


def _door(event: EventView, began: datetime) -> dict[str, Any]:
    staff = g.get("staff")
    return {
        "event": event,
        "campaign": None if event.campaign_title == DEFAULT_TITLE else local(event, "campaign_title"),
        "door": screens.look(event, began),
        "address": event_address(event),
        "shown": rotation.shown(event),
        "may_start_kiosk": staff is not None and event_access.may_run(staff, event),
    }


def title_size(event: EventView) -> str:
    """Return a step of size for the longer of both titles: what is read from afar must not be cut."""
    widths = [sum(1.0 if ord(c) > 0x2E7F else 0.5 for c in title) for title in (event.title, event.title_alt or "")]
    return "longest" if max(widths) > LONGEST else "long" if max(widths) > LONG else "plain"
