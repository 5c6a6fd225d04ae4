"""Who comes from outside: the event they ask for, the language they chose, whether their form is ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.languages import chosen_by_hand

ME_COOKIE = "kiosk_me"  # whom this phone remembers


def find_event(code: str) -> EventView:
    """Return the event of this code, or answer 404 with the code to be corrected."""
    view = event_views.find(code)
    if view is None:
        body = render_template("attendee/start.html", typed=code[:40], is_unknown=True)
        abort(Response(body, 404, mimetype="text/html"))
    return view


def is_own_origin() -> bool:
    """Say whether the form came from our own page; an absent or null Origin is judged by its ticket alone."""
    origin = request.headers.get("Origin")
    return origin in (None, "null") or urlsplit(str(origin)).netloc == request.host


def chosen_language() -> dict[str, Any]:
    """Return the language chosen by hand, as a query to take along."""
    chosen = chosen_by_hand()
    return {"lang": chosen} if chosen else {}
