"""Hand work for staff (docs/product.md 2.4): on a page of its own, and from the dashboard's search box."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from kiosk.clock import utcnow
from kiosk.web.door import hand_actions
from kiosk.web.door.hand_actions import ACTIONS, Door
from kiosk.web.door.hand_words import Answer
from kiosk.web.frame.access import event_for, logged_in, staff_required

bp = Blueprint("hand", __name__)


@bp.get("/events/<code>/hand")
@staff_required
def show(code: str) -> ResponseReturnValue:
    """Show the search; also what the last form came to."""
    return _page(_door(code))


@bp.post("/events/<code>/hand")
@staff_required
def search(code: str) -> ResponseReturnValue:
    """Show whom the typed words mean. A POST, so that no name stands in an address."""
    return _page(_door(code))


@bp.post("/events/<code>/hand/rows")
@staff_required
def rows(code: str) -> ResponseReturnValue:
    """Show, for the dashboard's search box, whom of the roster the words mean who is not here yet."""
    door = _door(code)
    values = hand_actions.found(door, only_absent=True)
    return render_template("door/hand/_absent.html", door=door, event=door.event, **values)


@bp.post(f"/events/<code>/hand/<{ACTIONS}:action>")
@staff_required
def act(code: str, action: str) -> ResponseReturnValue:
    """Do what a row's button says."""
    door = _door(code)
    return _answer(door, hand_actions.perform(door, action))


@bp.get("/events/<code>/hand/walk-in")
@staff_required
def walk_in_form(code: str) -> ResponseReturnValue:
    """Show the form for somebody who is not on the list."""
    return hand_actions.show_walk_in(_door(code))


@bp.post("/events/<code>/hand/walk-in")
@staff_required
def walk_in(code: str) -> ResponseReturnValue:
    """Sign in somebody who is not on the list, or in somebody's place."""
    door = _door(code)
    return _answer(door, hand_actions.walk_in(door))


@bp.get("/events/<code>/hand/sign-ins/<int:sign_in_id>/correct")
@staff_required
def correct_form(code: str, sign_in_id: int) -> ResponseReturnValue:
    """Show what was written, to be corrected."""
    return hand_actions.show_correction(_door(code), sign_in_id)


@bp.post("/events/<code>/hand/sign-ins/<int:sign_in_id>/correct")
@staff_required
def correct(code: str, sign_in_id: int) -> ResponseReturnValue:
    """Correct it."""
    door = _door(code)
    return _answer(door, hand_actions.correct(door, sign_in_id))


def _door(code: str) -> Door:
    event, staff = event_for(code, to_run=True), logged_in()
    return Door(
        event=event,
        base=f"/events/{event.code}/hand",
        frame="door/hand/frame.html",
        token=generate_csrf(),
        actor=f"staff:{staff.id}",
        staff_id=staff.id,
        of_frame={"phase": event.phase(utcnow()), "may_run": True},
    )


def _page(door: Door) -> str:
    answer = hand_actions.unpack(door.event) if request.method == "GET" else None
    return hand_actions.render(door, "door/hand/page.html", answer=answer, **hand_actions.found(door))


def _answer(door: Door, done: ResponseReturnValue | Answer) -> ResponseReturnValue:
    """Say what happened: as a toast on the dashboard, else after a redirect."""
    if not isinstance(done, Answer):
        return done
    if "HX-Request" in request.headers:
        toast = render_template("door/hand/_toast.html", door=door, answer=done, new_key=hand_actions.new_key)
        return toast, 422 if done.tone == "bad" else 200, {"HX-Trigger": "rows-changed"}
    return redirect(url_for("hand.show", code=door.event.code, said=hand_actions.pack(door.event, done)), 303)
