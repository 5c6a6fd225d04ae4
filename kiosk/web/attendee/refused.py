"""A phone's page for who is not signed in: one symbol, one sentence, one thing to do."""

from __future__ import annotations

from flask import render_template

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Code
from kiosk.web.frame.words import time_at


def refused_page(event: EventView, code: Code) -> str:
    """Show why somebody is not signed in, and what to do."""
    if code in ("closed", "not_open_yet"):
        # The door judged the row; what this worker remembers of the event may be a second older.
        event = event_views.find_now(event.code) or event
    if code == "closed" and event.is_cleared:
        code = "purged"
    moment = event.closed_at(utcnow()) if code == "closed" else event.opens_at
    time = "" if moment is None else time_at(moment, event.zone)
    page = refusal_words.PAGES.get(code, refusal_words.OTHER_PAGE)
    return render_template(
        "attendee/refused.html", event=event, page=page, words=refusal_words.say(code, "phone", time=time)
    )


def early_page(event: EventView) -> str:
    """Show the countdown that turns into the form by itself."""
    return render_template("attendee/early.html", event=event, seconds=seconds_to(event))


def seconds_to(event: EventView) -> int | None:
    """Return how many seconds are left until sign-in opens; None when no time is set."""
    return max(1, int((event.opens_at - utcnow()).total_seconds()) + 1) if event.opens_at is not None else None
