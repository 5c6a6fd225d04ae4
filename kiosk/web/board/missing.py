"""The call to somebody who is not here yet, from the dashboard: the number, what the call gave, what was handed out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l

from kiosk.services import refusal_words
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import missing
from kiosk.services.door import hand_work, ticks, ties
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import Change
from kiosk.web.board import toasts
from kiosk.web.frame.access import actor, logged_in, run_required
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import BOARD, board_address
from kiosk.web.frame.words import tick_word

bp = Blueprint("missing", __name__)
CHANGED: dict[Change, Any] = {
    "excuse": _l("Excused"),
    "on_the_way": _l("On the way"),
    "unreachable": _l("Cannot be reached"),
    "expect": _l("Expected again"),
}


@bp.post("/events/<code>/missing/<int:entry_id>/call")
@run_required
def call(event: EventView, entry_id: int) -> ResponseReturnValue:
    """Show one person's mobile in full, to be called; a POST that the log keeps, and no number in an address."""
    entry = missing.look(event.id, entry_id, actor=actor())
    template = "board/dashboard/_call.html" if "HX-Request" in request.headers else "board/dashboard/call.html"
    back = posted.raw("back") or BOARD
    way = {"back": back, "board": board_address(event, back)}
    page = render_template(template, event=event, entry=entry, key=hand_work.new_key(), **way)
    return page, 200, {"Cache-Control": "no-store"}


@bp.post("/events/<code>/missing/<int:entry_id>/<any(excuse, on_the_way, unreachable, expect):change>")
@run_required
def change(event: EventView, entry_id: int, change: Change) -> ResponseReturnValue:
    """Keep what the call gave: a leave, on the way, cannot be reached; or expect the person again."""
    reason, key = posted.text("reason", 200) or None, posted.raw("key", 40) or None
    try:
        rosters.set_state(event.id, entry_id, change, actor=actor(), reason=reason, key=key)
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True, is_call=True)
    name = rosters.entry(event.id, entry_id).name
    to_undo = entry_id if change != "expect" else None
    return toasts.answer(event, f"{name} · {CHANGED[change]}", entry_id=to_undo, is_call=True)


@bp.post("/events/<code>/missing/<int:entry_id>/same/<int:sign_in_id>")
@run_required
def same(event: EventView, entry_id: int, sign_in_id: int) -> ResponseReturnValue:
    """Say that the missing person is the walk-in of that name, who then stands on the list."""
    try:
        done = ties.tie(event.id, sign_in_id, entry_id, Hand(actor(), staff_id=logged_in().id))
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    return toasts.answer(event, f"{done.name} · {_('On the list, arrived')}", tied_id=done.sign_in_id)


@bp.post("/events/<code>/missing/<int:entry_id>/<any(differ, undiffer):act>/<int:sign_in_id>")
@run_required
def differ(event: EventView, entry_id: int, act: str, sign_in_id: int) -> ResponseReturnValue:
    """Say that the missing person and the walk-in of that name are two, so that nobody asks again; or ask again."""
    hand, are_different = Hand(actor(), staff_id=logged_in().id), act == "differ"
    try:
        done = ties.set_different(event.id, sign_in_id, entry_id, hand, are_different=are_different)
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    if not are_different:
        return toasts.answer(event, f"{done.name} · {_('Is asked again')}")
    return toasts.answer(event, f"{done.name} · {_('Noted: somebody else')}", two=(entry_id, sign_in_id))


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/separate")
@run_required
def separate(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Take back that a walk-in is somebody on the list."""
    try:
        done = ties.separate(event.id, sign_in_id, Hand(actor(), staff_id=logged_in().id))
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    return toasts.answer(event, f"{done.name} · {_('Separated: not on the list')}")


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/<any(tick, untick):act>")
@run_required
def tick(event: EventView, sign_in_id: int, act: str) -> ResponseReturnValue:
    """Keep that something was handed out to somebody, or that it was not; `label` says what."""
    label, hand = posted.text("label", 200), Hand(actor(), staff_id=logged_in().id)
    try:
        name, _stands = ticks.set_tick(event.id, sign_in_id, label, is_ticked=act == "tick", hand=hand)
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    words = tick_word(label, event)
    return toasts.answer(event, f"{name} · {words if act == 'tick' else _('Taken back: %(label)s', label=words)}")
