"""The pages of hand work, the same at each door that has them: staff's at the desk, and a steward's phone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from kiosk.web.door import hand_actions, to_confirm
from kiosk.web.door.hand_actions import Answer, Door
from kiosk.web.frame.access import View
from kiosk.web.frame.pages import go

NOTICES = {"ok": "ok", "repeat": "warn", "undo": "undo"}  # of an answer's tone
ACTIONS = (
    "any(sign_in, void, restore, admit, confirm, confirm_group, refuse, unconfirm, send, unsend, out, back, excuse,"
    " expect, tick, untick, tie, separate, differ, undiffer)"
)


def add_hand_work(
    bp: Blueprint,
    base: str,
    door_required: Callable[[View], View],
    show_in_place: Callable[[Door, Answer], ResponseReturnValue],
) -> None:
    """Add the pages below `base`. `door_required` lets people in and gives a view their Door; `show_in_place` answers
    where a page's script asks for the answer alone."""

    def answered(door: Door, done: ResponseReturnValue | Answer) -> ResponseReturnValue:
        if not isinstance(done, Answer):
            return done
        if "HX-Request" in request.headers:
            return show_in_place(door, done)
        if door.board is not None:
            flash(" · ".join(filter(None, (done.name, done.word, done.line))), NOTICES.get(done.tone, "bad"))
            return redirect(door.board, 303)
        return go(".show", code=door.event.code, said=hand_actions.pack(door.event, done))

    @bp.get(base, endpoint="show")
    @bp.post(base, endpoint="search")
    @door_required
    def page(door: Door) -> ResponseReturnValue:
        """Show the search, what the last form came to, and whom typed words mean: a POST, so that no name stands in
        an address."""
        answer = hand_actions.unpack(door.event) if request.method == "GET" else None
        shown = hand_actions.matches(door)
        shown |= {"typed": hand_actions.typed_forms(door.event), "unconfirmed": to_confirm.read(door.event)}
        page = hand_actions.render(door, f"door/{bp.name}/page.html", answer=answer, **shown)
        return page, 429 if shown["is_too_often"] else 200

    @bp.post(f"{base}/<{ACTIONS}:action>")
    @door_required
    def act(door: Door, action: str) -> ResponseReturnValue:
        """Do what a row's button says."""
        return answered(door, hand_actions.perform(door, action))

    @bp.post(f"{base}/pass")
    @door_required
    def scan(door: Door) -> ResponseReturnValue:
        """Sign in whose pass a scanner typed."""
        return answered(door, hand_actions.scan(door))

    @bp.route(f"{base}/walk-in", methods=["GET", "POST"])
    @door_required
    def walk_in(door: Door) -> ResponseReturnValue:
        """Sign in somebody who is not on the list, or in somebody's place; a GET shows the form."""
        return answered(door, hand_actions.walk_in(door))

    @bp.route(f"{base}/sign-ins/<int:sign_in_id>/correct", methods=["GET", "POST"])
    @door_required
    def correct(door: Door, sign_in_id: int) -> ResponseReturnValue:
        """Correct what was written; a GET shows it."""
        return answered(door, hand_actions.correct(door, sign_in_id))
