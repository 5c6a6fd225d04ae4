"""An event's overview: it follows the day. One next step large, what else is to be done, the rest under "More"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from kiosk.clock import utcnow
from kiosk.services.board import course
from kiosk.services.board.course import Stage
from kiosk.services.event import event_access, events, hand_counters, preparations
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.services.privacy import retention
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import actor, logged_in, look_required, run_required
from kiosk.web.frame.downloads import with_key
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go, page_of


@dataclass(frozen=True)
class Step:
    """Something to do at an event: a large link with a sentence."""

    icon: str
    title: Any
    words: Any
    address: Callable[[EventView], str]
    is_to_run: bool = True
    is_offered: Callable[[EventView], bool] = lambda _event: True


@dataclass(frozen=True)
class Tile:
    """A step as one event's page shows it."""

    key: str
    step: Step
    href: str


def _to(endpoint: str, anchor: str | None = None) -> Callable[[EventView], str]:
    return lambda event: url_for(endpoint, code=event.code, _anchor=anchor)


STEPS: Mapping[str, Step] = {
    "list": Step(
        "guest", _l("Import the list"), _l("A file, pasted cells or a chat: who is expected"), _to("roster.choose")
    ),
    "poster": Step(
        "download", _l("Poster"), _l("A4 with the code, to print and put up"),
        lambda event: with_key(f"/events/{event.code}/poster.pdf"), is_to_run=False,
    ),
    "phone": Step(
        "phone", _l("Phone check"), _l("Scan the code once with a phone on the venue's Wi-Fi"), _to("display.show")
    ),
    "stewards": Step("guest", _l("Stewards"), _l("Links for stewards' phones"), _to("links.stewards")),
    "screen": Step("screen", _l("Screens"), _l("Links for displays; the tablet as the station"), _to("links.devices")),
    "board": Step(
        "clock", _l("Dashboard"), _l("Who has come, live, on your tablet"), _to("dashboard.show"), is_to_run=False
    ),
    "display": Step(
        "screen", _l("Door display"), _l("The code full-screen at the entrance"), _to("display.show"), is_to_run=False
    ),
    "hand": Step(
        "search", _l("Sign people in by hand"), _l("Search, walk-ins, corrections, what is handed out"),
        _to("hand.show"),
        is_offered=lambda event: not event.is_cleared,
    ),
    "passes": Step(
        "guest", _l("Personal passes"), _l("Badges with a code that a steward's camera reads"), _to("badges.show"),
        is_offered=lambda event: not event.is_cleared,
    ),
    "groups": Step("student", _l("Group sign-in"), _l("Links for teachers and leaders"), _to("links.groups")),
    "trial": Step(
        "check", _l("Trial sign-in"), _l("Try the form before it opens; counted nowhere"), _to("display.trial"),
        is_offered=lambda event: event.phase(utcnow()) == "early",
    ),
    "rehearsal": Step(
        "wait", _l("Rehearsal"), _l("Virtual people arrive, so you see how fast sign-in is"), _to("rehearsal.show"),
        is_offered=lambda event: not event.is_rehearsal,
    ),
    "sheets": Step(
        "copy", _l("Take the list home"), _l("As PDF, XLSX, DOCX or CSV; freeze it for the archive"),
        _to("desk.sheets"),
        is_to_run=False,
    ),
    "freeze": Step(
        "copy", _l("Freeze the sheet"), _l("The official sheet with a code; as PDF, XLSX, DOCX or CSV"),
        _to("desk.sheets"),
    ),
    "proofs": Step("check", _l("Proofs"), _l("Numbered proofs of attendance, to print"), _to("proofs.show")),
    "report": Step(
        "report", _l("Report"), _l("Write in a line what came of it; the campaign's figures are ready"),
        _to("desk.settings", "outcome"),
    ),
    "figures": Step(
        "report", _l("The campaign's report"), _l("Figures, districts, a drafted paragraph; to print or copy"),
        lambda event: url_for("report.show", campaign_id=event.campaign_id), is_to_run=False,
        is_offered=lambda event: not event.is_rehearsal,
    ),
    "clear": Step("close", _l("Clear personal data"), _l("Once nobody needs the names any more"), _to("privacy.show")),
}  # fmt: skip
# What is large when nothing of the list is left to do, what stands beside it, and what under "More".
LAST: Mapping[Stage, str | None] = {"before": "display", "during": "board", "after": None}
BESIDE: Mapping[Stage, tuple[str, ...]] = {"before": (), "during": ("display", "hand"), "after": ()}
MORE: Mapping[Stage, tuple[str, ...]] = {
    "before": ("display", "board", "hand", "passes", "groups", "trial", "rehearsal"),
    "during": ("list", "poster", "stewards", "screen", "passes", "groups", "sheets"),
    "after": ("board", "hand", "sheets", "figures"),
}
FOR_LOOKERS: Mapping[Stage, str] = {"before": "display", "during": "board", "after": "sheets"}


@bp.get("/events/<code>")
@look_required
def event(view: EventView) -> ResponseReturnValue:
    """Show an event's overview: the next step, the code, the figures."""
    return render_template(
        "desk/event.html",
        **page_of(view),
        **_course(view),
        link=f"{addresses.base_url()}/e/{view.code}",
        counters=hand_counters.list_all(view.id),
        outlook=retention.outlook(view),
    )


@bp.get("/events/<code>/course")
@look_required
def event_course(view: EventView) -> ResponseReturnValue:
    """Show the overview's live part again; a page of another `stage` is loaded anew."""
    shown = _course(view)
    headers = {"HX-Refresh": "true"} if query.raw("stage") != shown["course"].stage else {}
    return render_template("desk/_course.html", **page_of(view), **shown), 200, headers


@bp.post("/events/<code>/course")
@run_required
def prepare(view: EventView) -> ResponseReturnValue:
    """Say that one thing of the list is not needed (`skip`), or is needed after all (`need`)."""
    item = posted.one_of("skip", preparations.ITEMS) or posted.one_of("need", preparations.ITEMS)
    if item is None:
        abort(400)
    preparations.set_skipped(view.id, item, is_skipped="skip" in posted, actor=actor())
    return go("desk.event", code=view.code, _anchor="course")


def _course(view: EventView) -> dict[str, Any]:
    """Return what the overview's live part and "More" need. Who only looks has nothing to do."""
    counts, may_run = events.counts(view.id), event_access.may_run(logged_in(), view)
    shown = course.read(view, counts)
    large = (shown.next or LAST[shown.stage]) if may_run else FOR_LOOKERS[shown.stage]
    return {
        "counts": counts,
        "course": shown,
        "large": None if large is None else _tile(view, large),
        "to_do": [(one.state, _tile(view, one.item)) for one in shown.to_do] if may_run else [],
        "beside": _tiles(view, BESIDE[shown.stage], may_run=may_run),
        "more": [tile for tile in _tiles(view, MORE[shown.stage], may_run=may_run) if tile.key != large],
    }


def _tiles(view: EventView, keys: Iterable[str], *, may_run: bool) -> list[Tile]:
    offered = ((key, STEPS[key]) for key in keys)
    return [_tile(view, key) for key, step in offered if (may_run or not step.is_to_run) and step.is_offered(view)]


def _tile(view: EventView, key: str) -> Tile:
    return Tile(key, STEPS[key], STEPS[key].address(view))
