"""Hand work for staff (docs/product.md 2.4): on a page of its own, and from the dashboard's search box."""

from __future__ import annotations

import functools
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from kiosk.clock import utcnow
from kiosk.services.door import hand_search
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.web.door import hand_actions
from kiosk.web.door.hand_actions import Answer, Door
from kiosk.web.door.hand_routes import add_hand_work
from kiosk.web.door.head_counts import add_head_counts
from kiosk.web.door.roll_calls import add_roll_calls
from kiosk.web.frame.access import View, actor, logged_in, run_required
from kiosk.web.frame.inputs import either, query
from kiosk.web.frame.pages import ROWS_CHANGED, board_address, go

bp = Blueprint("hand", __name__)


def door_required(view: View) -> View:
    """Let only staff in who run this event; the view gets their Door."""

    @functools.wraps(view)
    def guarded(event: EventView, **arguments: Any) -> ResponseReturnValue:
        return view(_door(event), **arguments)

    return run_required(guarded)


@bp.post("/events/<code>/hand/rows")
@door_required
def rows(door: Door) -> ResponseReturnValue:
    """Show, for the dashboard's search box, whom of the roster the words mean who is not here yet."""
    return hand_actions.render(door, "door/hand/_absent.html", **hand_actions.matches(door, only_absent=True))


@bp.get("/events/<code>/hand/inside")
@door_required
def inside(door: Door) -> ResponseReturnValue:
    """List who is inside, each to be signed out by a tap."""
    if not door.event.wants_sign_out:
        return go("hand.show", code=door.event.code)
    people = hand_search.inside(door.event.id, query.page())
    return hand_actions.render(door, "door/hand/inside.html", found=people, counts=events.counts(door.event.id))


def _show_in_place(door: Door, answer: Answer) -> ResponseReturnValue:
    """Say what happened as a toast on the dashboard."""
    toast = hand_actions.render(door, "door/hand/_toast.html", answer=answer)
    return toast, 422 if answer.tone == "bad" else 200, ROWS_CHANGED


def _door(event: EventView) -> Door:
    return Door(
        event=event,
        base=f"/events/{event.code}/hand",
        frame="door/hand/frame.html",
        token=generate_csrf(),
        actor=actor(),
        staff_id=logged_in().id,
        back=either.raw("back"),
        board=board_address(event, either.raw("back")),
        of_frame={"phase": event.phase(utcnow()), "may_run": True},
    )


add_hand_work(bp, "/events/<code>/hand", door_required, _show_in_place)
add_roll_calls(bp, "/events/<code>/hand", door_required)
add_head_counts(bp, "/events/<code>/hand", door_required)
