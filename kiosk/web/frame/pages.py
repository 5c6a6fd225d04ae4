"""What staff's pages share: what an event's frame shows, and where a form leads when it has done its work or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.event import event_access
from kiosk.services.event.event_views import EventView
from kiosk.services.people.searching import Hidden
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import logged_in

# Behind the swap, when htmx tells the page itself where the button that was tapped is gone: a list that was drawn anew
# meanwhile, a toast whose time was over.
ROWS_CHANGED = {"HX-Trigger-After-Swap": "rows-changed"}
BOARD = "board"
NARROWED = ("organisation", "district", "kind", "tab")
MOST_BACK = 600  # characters, a district in percent signs among them


def page_of(view: EventView) -> dict[str, object]:
    """Return what every page of an event needs; `may_write` is the right to change who came, until a purge."""
    may_run = event_access.may_run(logged_in(), view)
    return {
        "event": view,
        "phase": view.phase(utcnow()),
        "may_run": may_run,
        "may_write": may_run and not view.is_cleared,
    }


def hidden_names(view: EventView) -> Hidden:
    """Return whose names the lists of an event mask (words.shown_name), so that no search finds anybody by a part."""
    return "minors" if view.are_students_minors and not event_access.may_run(logged_in(), view) else "nobody"


def go(endpoint: str, **values: Any) -> Response:
    """Lead to a page, as every form does that has been sent."""
    return redirect(url_for(endpoint, **values), 303)


def board_address(view: EventView, back: str) -> str | None:
    """Return the board that a page was reached from and leads back to; None when it was no board.

    `back` is "board", with what the board is narrowed to: "board&kind=student".
    """
    if not back.startswith(BOARD):
        return None
    values: dict[str, Any] = {name: value for name, value in parse_qsl(back[:MOST_BACK]) if name in NARROWED}
    return url_for("dashboard.show", code=view.code, **values)


def finish(words: object, endpoint: str, **values: Any) -> Response:
    """Lead to a page that says in these words what was done."""
    flash(str(words), "ok")
    return go(endpoint, **values)


@contextmanager
def saying_refusals() -> Iterator[None]:
    """Let the next page say what a service refuses."""
    try:
        yield
    except Refused as refusal:
        flash(refusal_words.say(refusal, "desk"), "bad")
