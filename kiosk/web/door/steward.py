"""The steward's phone (会务人员): one event's door by a secret link, for whoever has no account.

The link is asked anew on every request: one that was revoked, is another event's, or whose event is over, opens
nothing. Its forms carry a token of ours beside the cookie.
"""

from __future__ import annotations

import functools
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.services.board import missing
from kiosk.services.codes import Token
from kiosk.services.door import links
from kiosk.services.door.links import LinkView
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.web.door import hand_actions, to_confirm
from kiosk.web.door.hand_actions import Answer, Door
from kiosk.web.door.hand_routes import add_hand_work
from kiosk.web.door.head_counts import add_head_counts
from kiosk.web.door.roll_calls import add_roll_calls
from kiosk.web.frame import cookies
from kiosk.web.frame.access import View
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.headers import CAMERA_POLICY
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.words import local

bp = Blueprint("steward", __name__)
FORM = Token[()]("steward")  # beside the cookie, in every form; it is made for one link
COOKIE = "kiosk_steward"
COOKIE_SECONDS = 30 * 24 * 3600  # the link itself dies with its event
SCANS = "/p"  # where this phone's camera leads: the addresses of passes (web/door/passes)
MOST_IDS = 4000  # characters of the list that a page shows: sixty people of one group
_SCAN = "kiosk_scan_"


@bp.get("/st/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Turn the address into a cookie, so that it stays out of the phone's address bar and history."""
    link = links.find(token, "steward") or abort(dead_link("steward", token, 403))
    response = go("steward.show", code=link.event_code)
    path = f"/steward/{link.event_code}"
    cookies.put(response, COOKIE, token, seconds=COOKIE_SECONDS, path=path)
    cookies.put(response, scan_cookie(link.event_code), token, seconds=COOKIE_SECONDS, path=SCANS)
    return response


def scan_cookie(code: str) -> str:
    """Return the name of the cookie by which a phone shows its link of this event to a pass; one an event, since a
    phone may hold several."""
    return _SCAN + code


def code_of_scan_cookie(name: str) -> str | None:
    """Return the code of the event whose link a cookie of this name is, None for another cookie."""
    _, is_one, code = name.partition(_SCAN)
    return code if is_one else None


def door_of(event: EventView) -> Door | None:
    """Return the door of the link of this event that the phone holds where it opens a pass, or None."""
    link = links.find(cookies.get(scan_cookie(event.code), SCANS), "steward")
    if link is None or link.event_id != event.id:
        return None
    links.touch(link)
    return _door(event, link)


def is_own_form(door: Door) -> bool:
    """Say whether a form comes from a page that this very link was given."""
    return door.door_link_id is not None and FORM.find(door.door_link_id, posted.raw("csrf_token")) is not None


def title_of(link: LinkView) -> str:
    """Return what the event of a link is called."""
    event = event_views.find(link.event_code)
    return link.event_code if event is None else str(local(event, "title"))


def steward_required(view: View) -> View:
    """Let only a living link of this event in; the view gets its Door."""

    @functools.wraps(view)
    def guarded(code: str, **arguments: Any) -> ResponseReturnValue:
        token = cookies.get(COOKIE, f"/steward/{code}")
        link = links.find(token, "steward")
        event = event_views.find(code)
        if link is None or event is None or link.event_id != event.id:
            abort(dead_link("steward", token, 403))
        door = _door(event, link)
        if request.method == "POST" and not is_own_form(door):
            abort(dead_link("steward", token, 403))
        links.touch(link)
        return view(door, **arguments)

    return guarded


def _door(event: EventView, link: LinkView) -> Door:
    return Door(
        event=event,
        base=f"/steward/{event.code}",
        frame="door/steward/frame.html",
        token=FORM.sign(link.id),
        actor=link.actor,
        door_link_id=link.id,
        since=link.created_at,
        of_frame={"link": link, "counts": events.counts(event.id)},
    )


@bp.get("/steward/<code>/missing", endpoint="missing")
@bp.post("/steward/<code>/missing", endpoint="missing_of")
@steward_required
def missing_people(door: Door) -> ResponseReturnValue:
    """Show how many each organisation misses, without a name; a POST opens one of them, `organisation` by its root's
    id, 0 those who have none."""
    gaps = missing.gaps(door.event.id, door.of_frame["counts"])
    if request.method == "GET":
        return hand_actions.render(door, "door/steward/missing.html", gaps=gaps, gap=None, is_too_often=False)
    organisation_id = posted.number("organisation") or None
    shown = hand_actions.missing_of(door, organisation_id)
    gap = next((gap for gap in gaps if gap.organisation_id == organisation_id), None)
    page = hand_actions.render(door, "door/steward/missing.html", gaps=gaps, gap=gap, **shown)
    return page, 429 if shown["is_too_often"] else 200


@bp.get("/steward/<code>/unconfirmed")
@steward_required
def unconfirmed(door: Door) -> ResponseReturnValue:
    """Show who waits to be confirmed, for the page that asks every few seconds; 204 when its list is this one."""
    waiting = to_confirm.read(door.event)
    if query.raw("ids", MOST_IDS) == waiting.ids:
        return "", 204
    return hand_actions.render(door, "door/hand/_unconfirmed.html", unconfirmed=waiting)


@bp.get("/steward/<code>/camera")
@steward_required
def camera(door: Door) -> ResponseReturnValue:
    """Show the page's own camera, where the browser allows one: over https, or on this very machine."""
    page = hand_actions.render(door, "door/steward/camera.html")
    return page, 200, {"Content-Security-Policy": CAMERA_POLICY}


def _show_in_place(door: Door, answer: Answer) -> str:
    return hand_actions.render(door, "door/steward/_answer.html", answer=answer)


add_hand_work(bp, "/steward/<code>", steward_required, _show_in_place)
add_roll_calls(bp, "/steward/<code>", steward_required)
add_head_counts(bp, "/steward/<code>", steward_required)
