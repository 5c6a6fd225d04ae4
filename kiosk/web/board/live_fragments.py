"""A dashboard's regions as HTML, rendered once per change, event, language and right, and shared by its viewers.

Nothing of a viewer may enter them: no name of staff, no CSRF token (the rows' buttons belong to a form that
stands on the page itself).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, render_template

from kiosk.services import pauses
from kiosk.services.board import dashboards, narrowed, people, screens
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.pages import Page
from kiosk.services.privacy import purges
from kiosk.services.store import disk
from kiosk.services.store.pausing_reads import pausing_reads
from kiosk.services.store.verdicts import Cause
from kiosk.web.board import boards
from kiosk.web.frame.words import language

REGIONS = ("numbers", "chart", "missing", "breakdown", "latest", "trouble")
EXTENSION = "kiosk_dashboards"
PLACES = 100  # renderings that a process remembers
STALE_SECONDS = 10.0  # what depends on the time alone (the trouble line) is at most this old
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
    if len(places) > PLACES:
        places.pop(next(iter(places)), None)  # the oldest; whoever draws there has it still
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


def _drawn(name: str, values: Mapping[str, Any]) -> str:
    pauses.pause_if_due(pauses.FINE)
    return render_template(f"board/dashboard/_{name}.html", **values)


@pausing_reads()
def _render(event: EventView, may_run: bool, wanted: PeopleFilter) -> Screen:
    values = context(event, wanted, may_run=may_run)
    if purges.is_going_on(event_views.find_now(event.code) or event):  # not the view at hand, which may be a second old
        regions = {**dict.fromkeys(REGIONS, ""), "latest": render_template("board/dashboard/_clearing.html")}
    else:
        regions = {name: _drawn(name, values) for name in REGIONS}
    door = screens.look(event, None)
    phones = f"{door.phone_check.is_green:d}{door.phone_check.only_private:d}{door.address.is_current:d}"
    numbers = values["numbers"]
    return Screen(numbers.counts.revision, numbers.trouble.disk, time.monotonic(), regions, phones)
