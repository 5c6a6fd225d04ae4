"""The pages of roll calls (docs/product.md 2.11), the same for staff and on a steward's phone.

A tick is a plain form: `there` or `gone` with the sign-in's number, and the act's `key`; on a phone that waits for the
network it is an act of the queue (static/js/queue.js). Where a script sends it, the answer has what takes it back, and
the page asks by itself what has changed.

The list comes in parts: `part` narrows it to a bus or a group, `after` is the border behind which it goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.door import roll_calls, roll_sheets
from kiosk.services.door.roll_sheets import RollSheet
from kiosk.services.refusals import Refused
from kiosk.web.door import hand_actions
from kiosk.web.door.hand_actions import MOST_TYPED, Door
from kiosk.web.frame.access import View
from kiosk.web.frame.inputs import either, posted, query
from kiosk.web.frame.pages import go

CHANGES = {"end": roll_calls.end, "reopen": roll_calls.reopen}
PART = 8  # characters of a bus's or a group's key
BORDER = 12  # and of a border between two parts of the list


def add_roll_calls(bp: Blueprint, base: str, door_required: Callable[[View], View]) -> None:
    """Add the pages below `base`; `door_required` lets people in and gives a view their Door."""
    at = f"{base}/roll-calls"

    @bp.get(at)
    @door_required
    def roll_calls_of(door: Door) -> ResponseReturnValue:
        """List the roll calls that go on and those that are over, and offer to start one."""
        calls = {"running": roll_sheets.running(door.event.id), "over": roll_sheets.over(door.event.id)}
        return hand_actions.render(door, "door/roll/calls.html", **calls)

    @bp.post(at)
    @door_required
    def start_roll_call(door: Door) -> ResponseReturnValue:
        """Start a roll call, by a short label, and show its list."""
        made = roll_calls.start(door.event.id, posted.text("label"), door.hand())
        return go(".roll_call", code=door.event.code, roll_call_id=made)

    @bp.get(f"{at}/<int:roll_call_id>")
    @door_required
    def roll_call(door: Door, roll_call_id: int) -> ResponseReturnValue:
        """Show who is inside, who is unaccounted first."""
        return _page(door, _sheet(door, roll_call_id))

    @bp.post(f"{at}/<int:roll_call_id>")
    @door_required
    def find_in_roll_call(door: Door, roll_call_id: int) -> ResponseReturnValue:
        """Show whom typed words mean, of the whole list; no name stands in an address."""
        words, ids = posted.text("q", MOST_TYPED), (door.event.id, roll_call_id)
        try:
            sheet = roll_sheets.search(*ids, words, link_id=door.door_link_id, actor=door.actor)
        except TooManyGuesses:
            return _page(door, _sheet(door, roll_call_id), is_too_often=True), 429
        return _page(door, sheet or abort(404), words=words)

    @bp.get(f"{at}/<int:roll_call_id>/list")
    @door_required
    def roll_list(door: Door, roll_call_id: int) -> ResponseReturnValue:
        """Show a part of the list alone, or who has changed `since` a revision: nothing where nobody has, and 409 once
        the roll call is over."""
        since = query.number("since")
        if since is not None and since == roll_sheets.revision(door.event.id):
            return "", 204
        changes = None if since is None else roll_sheets.changes(door.event.id, roll_call_id, since) or abort(404)
        page = hand_actions.render(door, "door/roll/_list.html", sheet=changes or _sheet(door, roll_call_id))
        return page, 409 if changes and not changes.call.is_running else 200

    @bp.post(f"{at}/<int:roll_call_id>/tick")
    @door_required
    def tick(door: Door, roll_call_id: int) -> ResponseReturnValue:
        """Note that somebody is there, or take it back."""
        is_there = "there" in posted
        sign_in_id = posted.number("there" if is_there else "gone") or 0
        ids = door.event.id, roll_call_id, sign_in_id
        try:
            roll_calls.tick(*ids, door.hand(), is_there=is_there, at=utcnow() - posted.waited())
        except Refused as refusal:
            words = refusal_words.say(refusal, "hand")
            return (words, 409) if _is_by_script() else (_page(door, _sheet(door, roll_call_id), words), 409)
        if not _is_by_script():
            return _back_to(door, roll_call_id)
        undo = {"at": f"{door.base}/roll-calls/{roll_call_id}", "sign_in_id": sign_in_id, "is_there": is_there}
        return hand_actions.render(door, "door/roll/_answer.html", **undo)

    @bp.post(f"{at}/<int:roll_call_id>/<any(end, reopen):change>")
    @door_required
    def change_roll_call(door: Door, roll_call_id: int, change: str) -> ResponseReturnValue:
        """End a roll call, or go on with it."""
        CHANGES[change](door.event.id, roll_call_id, door.hand())
        return go(".roll_call", code=door.event.code, roll_call_id=roll_call_id)


def _page(door: Door, sheet: RollSheet, refused: str = "", *, words: str = "", is_too_often: bool = False) -> str:
    shown = {"sheet": sheet, "after": either.raw("after", BORDER), "words": words, "is_too_often": is_too_often}
    return hand_actions.render(door, "door/roll/call.html", refused=refused, **shown)


def _sheet(door: Door, roll_call_id: int) -> RollSheet:
    """Return a part of the list; a steward's phone names nobody any more once the roll call is over."""
    where = {"part_key": either.raw("part", PART), "after": either.raw("after", BORDER)}
    names_when_over = door.door_link_id is None
    return roll_sheets.read(door.event.id, roll_call_id, **where, names_when_over=names_when_over) or abort(404)


def _back_to(door: Door, roll_call_id: int) -> ResponseReturnValue:
    """Lead back to the list, narrowed as it was, and to the same part of it."""
    where = {name: posted.raw(name, PART + BORDER) for name in ("part", "after") if posted.raw(name)}
    return go(".roll_call", code=door.event.code, roll_call_id=roll_call_id, **where)


def _is_by_script() -> bool:
    return "HX-Request" in request.headers
