"""The pages of a head-count without names: for staff, on a steward's phone, and on a link that can do nothing else.

A tap is a plain form: `step`, 1 or -1, and its `key`; on a phone that waits for the network it is an act of the queue
(static/js/queue.js). Where a script sends it, the answer has the number and what takes the tap back.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services.door import head_counts, links
from kiosk.services.door.head_counts import Step
from kiosk.services.event import event_views, events
from kiosk.web.door import hand_actions
from kiosk.web.door.hand_actions import Door
from kiosk.web.frame.access import View
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.visitors import is_own_origin

bp = Blueprint("head_count", __name__)
STEPS: dict[str, Step] = {"1": 1, "-1": -1}


def add_head_counts(bp: Blueprint, base: str, door_required: Callable[[View], View]) -> None:
    """Add the pages below `base`; `door_required` lets people in and gives a view their Door."""
    at = f"{base}/head-count"

    @bp.get(at)
    @door_required
    def head_count(door: Door) -> ResponseReturnValue:
        """Show how many were counted, with a plus and a minus."""
        return _page(door, _at(door))

    @bp.post(at)
    @door_required
    def count(door: Door) -> ResponseReturnValue:
        """Count one more, or one less."""
        return _count(door, _at(door)) or go(".head_count", code=door.event.code)

    @bp.get(f"{at}/number")
    @door_required
    def number(door: Door) -> ResponseReturnValue:
        """Show the number alone; nothing where it is what the page has `seen`."""
        return _number(door, _at(door))


@bp.get("/n/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Show the head-count to a phone whose link can do nothing else."""
    door = _door(token)
    return _page(door, door.base)


@bp.post("/n/<token>")
def count_by_link(token: str) -> ResponseReturnValue:
    """Count one more, or one less."""
    if not is_own_origin():
        abort(403)
    door = _door(token)
    return _count(door, door.base) or go("head_count.open_link", token=token)


@bp.get("/n/<token>/number")
def number_by_link(token: str) -> ResponseReturnValue:
    """Show the number alone; nothing where it is what the page has `seen`."""
    door = _door(token)
    return _number(door, door.base)


def _door(token: str) -> Door:
    """Return the door of a living link; it is asked anew on every request."""
    link = links.find(token, "count") or abort(dead_link("count", token, 403))
    event = event_views.find(link.event_code) or abort(dead_link("count", token, 403))
    links.touch(link)
    of_frame = {"link": link}
    return Door(event, f"/n/{token}", "door/count/frame.html", "", link.actor, of_frame=of_frame, since=link.created_at)


def _at(door: Door) -> str:
    return f"{door.base}/head-count"


def _page(door: Door, at: str) -> str:
    return hand_actions.render(door, "door/count/page.html", at=at, count=events.counts(door.event.id).nameless)


def _count(door: Door, at: str) -> ResponseReturnValue | None:
    """Count what was tapped; return the answer for a script, None where a page is to follow."""
    step = STEPS.get(posted.raw("step", 2)) or abort(400)
    count = head_counts.count(door.event.id, step, door.hand(), at=utcnow() - posted.waited())
    if "HX-Request" not in request.headers:
        return None
    return hand_actions.render(door, "door/count/_number.html", at=at, count=count, undo=-step)


def _number(door: Door, at: str) -> ResponseReturnValue:
    count = events.counts(door.event.id).nameless
    if query.number("seen") == count:
        return "", 204
    return hand_actions.render(door, "door/count/_number.html", at=at, count=count, undo=None)
