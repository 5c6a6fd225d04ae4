"""What the dashboard's buttons are answered with: in place, with a way back, or after a redirect where htmx is not."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.services.event.event_views import EventView
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import BOARD, ROWS_CHANGED, board_address, go

CALL_DONE = '<div id="call-region" data-hx-swap-oob="innerHTML"></div>'  # the card has done its work


def answer(
    event: EventView,
    words: str,
    *,
    is_refused: bool = False,
    undo: tuple[str, int] | None = None,
    is_void: bool = False,
    entry_id: int | None = None,
    tied_id: int | None = None,
    two: tuple[int, int] | None = None,
    is_call: bool = False,
) -> ResponseReturnValue:
    """Say what happened; what can be taken back: `undo`, by this verb of this sign-in (`is_void`: its void);
    `entry_id`, a leave; `tied_id`, a tie; `two`, an entry and a sign-in that were said to be two people."""
    if "HX-Request" in request.headers:
        values = {"event": event, "said": words, "is_refused": is_refused, "undo": undo, "entry_id": entry_id}
        values |= {"is_void": is_void, "tied_id": tied_id, "two": two}
        toast = render_template("board/dashboard/_toast.html", **values) + (CALL_DONE if is_call else "")
        return toast, 422 if is_refused else 200, ROWS_CHANGED
    flash(words, "bad" if is_refused else "ok")
    if posted.raw("from") == "roster":
        return go("roster.show", code=event.code)
    if posted.raw("from") != "list":
        return redirect(board_address(event, posted.raw("back") or BOARD) or "", 303)
    # The desk's list. After a search its form names no page: the words are not kept, and its pages are not the list's.
    page = posted.page()
    return go("desk.sign_ins", code=event.code, page=page if page > 1 else None)
