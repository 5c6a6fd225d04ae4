"""A dashboard's regions as HTML, rendered once per change, event, language and right, and shared by its viewers.

Nothing of a viewer may enter them: no name of staff, no CSRF token (the rows' buttons belong to a form that
stands on the page itself).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask, current_app, render_template, request

from kiosk.clock import utcnow
from kiosk.services.board import dashboards, narrowed, people, screens
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event import event_access, event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.pages import Page
from kiosk.services.privacy import purges
from kiosk.services.store import disk, live
from kiosk.services.store.verdicts import Cause
from kiosk.web.board import boards, held_streams
from kiosk.web.frame.access import current_staff, log_in_token
from kiosk.web.frame.words import language

REGIONS = ("numbers", "chart", "missing", "breakdown", "latest", "trouble")
EXTENSION = "kiosk_dashboards"
STALE_SECONDS = 10.0  # what depends on the time alone (the trouble line) is at most this old
PACE_SECONDS = 0.25  # at most four changes a second
HEARTBEAT_SECONDS = 15.0
LIFE_SECONDS = 600.0  # a stream ends by itself and is opened again: a gone tablet shows at a write only
RETRY_MS = 1000
WAITING = 8  # of those who wait to be confirmed, above the list of those who have come


@dataclass(frozen=True)
class Screen:
    """One rendering. `phones` changes with the phone check, whose own region has a form and is fetched."""

    revision: int
    disk: Cause | None  # why nothing can be stored: no revision tells of it
    rendered_at: float
    regions: Mapping[str, str]
    phones: str


@dataclass
class _Place:
    """Where the one rendering of an event, a language and a right is kept."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    screen: Screen | None = None


def screen(
    event: EventView, *, may_run: bool, wanted: PeopleFilter | None = None, revision: int | None = None
) -> Screen:
    """Return the shared rendering, made anew when it is older than `revision` (default: the present one); what is
    narrowed by a tapped bar is made for whoever asks."""
    if wanted is not None and wanted.is_narrow:
        return _render(event, may_run, wanted)
    places: dict[Any, _Place] = current_app.extensions.setdefault(EXTENSION, {})
    place = places.setdefault((event.id, language(), may_run), _Place())
    with place.lock:  # who comes while another renders gets that rendering
        needed = dashboards.revision(event.id) if revision is None else revision
        shown = place.screen
        if shown is None or shown.revision < needed or _is_stale(shown):
            shown = place.screen = _render(event, may_run, PeopleFilter())
        return shown


def _is_stale(shown: Screen) -> bool:
    return time.monotonic() - shown.rendered_at > STALE_SECONDS or shown.disk != disk.trouble()


def context(event: EventView, wanted: PeopleFilter, *, may_run: bool) -> dict[str, Any]:
    """Return what the regions' templates need; typed words narrow none of them but the list, which its route reads."""
    numbers = narrowed.read(event, wanted)
    return {
        "event": event,
        "numbers": numbers,
        "phase": event.phase(numbers.read_at),
        "found": Page(numbers.latest),
        "arrivals": people.gathered(numbers.latest),
        "errands": numbers.errands,
        "unconfirmed": people.gathered(numbers.unconfirmed)[:WAITING],
        "to_confirm": numbers.counts.unconfirmed,
        "has_roster": numbers.counts.expected > 0,
        "wanted": wanted,
        "narrowing": boards.narrowing(wanted),
        "back": boards.way_back(wanted),
        "may_run": may_run,
        "is_beside_hand": False,
    }


def _render(event: EventView, may_run: bool, wanted: PeopleFilter) -> Screen:
    values = context(event, wanted, may_run=may_run)
    if purges.is_going_on(event_views.find_now(event.code) or event):  # not the view at hand, which may be a second old
        regions = {**dict.fromkeys(REGIONS, ""), "latest": render_template("board/dashboard/_clearing.html")}
    else:
        regions = {name: render_template(f"board/dashboard/_{name}.html", **values) for name in REGIONS}
    door = screens.look(event, None)
    phones = f"{door.phone_check.is_green:d}{door.phone_check.only_private:d}{door.address.is_current:d}"
    numbers = values["numbers"]
    return Screen(numbers.counts.revision, numbers.trouble.disk, time.monotonic(), regions, phones)


def stream(event: EventView, wanted: PeopleFilter) -> Iterator[str]:
    """Return server-sent events: the present state at once, then every change, a beat when nothing happens.

    No database connection is held between two events: each is made in a request context of its own. It
    ends when the reader is logged out or loses the event, for newer streams of the same log-in (held_streams), and
    after ten minutes.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {name: value for name, value in request.environ.items() if not name.startswith("werkzeug.")}
    look = partial(_look, app, environ, event.code, wanted)
    return _events(app, look, live.listen(event.id), log_in_token())


def _events(
    app: Flask,
    look: Callable[[int | None], Screen | None],
    listening: AbstractContextManager[live.Listening],
    log_in: str,
) -> Iterator[str]:
    ends_at = time.monotonic() + LIFE_SECONDS
    sent: dict[str, str] = {}
    yield f"retry: {RETRY_MS}\n\n"
    with listening as bell, held_streams.of(app).held(log_in, bell):
        while time.monotonic() < ends_at and not bell.is_over:
            shown = look(bell.revision)
            if shown is None:
                return
            yield from _changes(shown, sent)
            time.sleep(PACE_SECONDS)
            bell.wait(HEARTBEAT_SECONDS)


def _look(app: Flask, environ: dict[str, Any], code: str, wanted: PeopleFilter, revision: int | None) -> Screen | None:
    with app.app_context(), app.request_context(environ):  # whatever stands around the stream, these are new
        event, staff = event_views.find(code), current_staff()
        if event is None or staff is None or not event_access.may_look(staff, event):
            return None
        return screen(event, may_run=event_access.may_run(staff, event), wanted=wanted, revision=revision)


def _changes(shown: Screen, sent: dict[str, str]) -> Iterator[str]:
    for name, text in {**shown.regions, "phones": shown.phones}.items():
        if sent.get(name) != text:
            sent[name] = text
            yield message(name, text)
    yield message("beat", utcnow().isoformat(timespec="seconds"))


def message(name: str, text: str) -> str:
    """Return one server-sent event; every line of the text is a data line."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
