"""Personal data at the desk: what becomes of an event's people, their purge, one person's rights (docs/product.md
4.4)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.services.codes import Token, normalise_code
from kiosk.services.event import event_access, events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import clearing, erasure, persons, purges, retention, scrub
from kiosk.services.privacy.erasure import Erased
from kiosk.services.tasks import beside
from kiosk.web.afterwards import person_words
from kiosk.web.frame.access import ORGANISERS, actor, logged_in, role_required, run_required
from kiosk.web.frame.downloads import send
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import finish, go, page_of

bp = Blueprint("privacy", __name__)
STOP_POLLING = 286  # htmx takes the part and asks no more
SAID = ("name", "mobile", "organisation", "campaign")  # of the person found, masked: shown where one is asked again
PERSON = Token[int, dict[str, Any]]("person", int, dict)  # the account; the rows of whom it found, for their buttons


@bp.get("/events/<code>/privacy")
@run_required
def show(event: EventView) -> ResponseReturnValue:
    """Show what is kept of an event's people, until when, and the way to clear it."""
    return _page(event)


@bp.get("/events/<code>/privacy/progress")
@run_required
def progress(event: EventView) -> ResponseReturnValue:
    """Show how far a purge is."""
    state = _purge_of(event)
    page = render_template("afterwards/privacy/_progress.html", event=event, **state)
    return page, 200 if state["is_watched"] else STOP_POLLING


@bp.post("/events/<code>/privacy/purge")
@run_required
def purge(event: EventView) -> ResponseReturnValue:
    """Clear the event's people: `code` typed again, and `untaken` where no sheet was taken home."""
    is_confirmed = normalise_code(posted.raw("code", 40)) == event.code
    has_agreed = posted.is_set("untaken") or retention.outlook(event).is_downloaded
    if event.purged_at is None and not (is_confirmed and has_agreed):
        wrong = {name for name, is_given in (("code", is_confirmed), ("untaken", has_agreed)) if not is_given}
        return _page(event, wrong=wrong, typed=posted.raw("code", 40)), 422
    beside.start("purge", purges.begin(event, "event", actor()))
    return go("privacy.show", code=event.code)


@bp.get("/privacy", endpoint="persons")
@role_required(*ORGANISERS)
def ask() -> ResponseReturnValue:
    """Ask whose data is meant."""
    return render_template(
        "afterwards/privacy/persons.html", found=None, typed={"name": "", "mark": ""}, is_missing=False
    )


@bp.post("/privacy")
@role_required(*ORGANISERS)
def find() -> ResponseReturnValue:
    """Show where somebody stands, masked; names never stand in an address."""
    typed = {name: posted.text(name) for name in ("name", "mark")}
    if not typed["name"]:
        return render_template("afterwards/privacy/persons.html", found=None, typed=typed, is_missing=True), 422
    people = persons.find(typed["name"], typed["mark"] or None, event_ids=_event_ids())
    rows = [(one, PERSON.sign(None, logged_in().id, asdict(one.rows))) for one in people]
    return render_template("afterwards/privacy/persons.html", found=rows, typed=typed, is_missing=False)


@bp.post("/privacy/export")
@role_required(*ORGANISERS)
def export() -> ResponseReturnValue:
    """Give everything about somebody, as a page (`format` page), JSON or CSV; it is logged as a look."""
    exported = persons.export([_person()], actor())
    wanted, name = posted.raw("format"), _("Personal data")
    if wanted == "json":
        return send(json.dumps(exported, ensure_ascii=False, indent=1).encode(), "application/json", name, "json")
    if wanted == "csv":
        return send(persons.csv_bytes(exported), "text/csv", name, "csv")
    return render_template(
        "afterwards/privacy/person.html",
        tables=person_words.tables(exported),
        zone=person_words.zone(),
        token=posted.raw("person"),
    )


@bp.post("/privacy/erase")
@role_required(*ORGANISERS)
def erase() -> ResponseReturnValue:
    """Erase one person: first a page that asks, then with `sure` for good."""
    rows = _person()
    if not posted.is_set("sure"):
        is_asked = "asked" in posted
        details = {name: posted.raw(name, 200) for name in SAID}
        token = posted.raw("person")
        page = render_template(
            "afterwards/privacy/erase.html", rows=rows, said=details, token=token, is_unsure=is_asked
        )
        return page, 422 if is_asked else 200
    erasure.erase(rows, actor())
    words = _("Erased. The figures do not change. It is wiped from the disk when no event is open.")
    return finish(words, "privacy.persons")


def _page(event: EventView, *, wrong: Collection[str] = (), typed: str = "") -> str:
    view = event if event.purged_at is None else events.get(event.code)
    outlook, now = retention.outlook(view), utcnow()
    dates = {"purge": outlook.purge_at, "minors": outlook.minors_at}
    return render_template(
        "afterwards/privacy/event.html",
        **page_of(view),
        **_purge_of(view),
        outlook=outlook,
        had_minors=purges.latest(view.id, "minors") is not None,
        days={name: outlook.days_to(at, now) for name, at in dates.items() if at is not None},
        people=0 if view.purged_at else clearing.count_people(purges.target_of(view.id)),
        usual_days=retention.USUAL_DAYS,
        wrong=wrong,
        typed=typed,
    )


def _purge_of(event: EventView) -> dict[str, Any]:
    purge = purges.latest(event.id)
    is_waiting = purge is not None and purge.is_over and purge.scrubbed_at is None
    return {
        "purge": purge,
        "is_going_on": purge is not None and not purge.is_over,
        "is_watched": purge is not None and purge.scrubbed_at is None,  # until the disk is clean, too
        "waits_for": scrub.waits_for() if is_waiting else (),
        "waits_for_quiet": is_waiting and scrub.waits_for_quiet(),
    }


def _event_ids() -> list[int] | None:
    """Return the events whose people this person may see; None for all of them."""
    staff_id = event_access.list_filter(logged_in())
    return None if staff_id is None else [row.view.id for row in events.list_all(staff_id=staff_id)]


def _person() -> Erased:
    """Return the rows that a button brought along, found by this very account before."""
    staff_id, rows = PERSON.find(None, posted.raw("person")) or abort(400)
    if staff_id != logged_in().id:
        abort(403)
    lists = {name: tuple(map(_frozen, value)) for name, value in rows.items() if name != "campaign_id"}
    erased = Erased(campaign_id=rows["campaign_id"], **lists)
    allowed = _event_ids()
    if allowed is not None and not set(erasure.target_of(erased).event_ids) <= set(allowed):
        abort(403)
    return erased


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
