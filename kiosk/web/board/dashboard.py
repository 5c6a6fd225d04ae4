"""The organiser's tablet: who has come, live; take a sign-in back, let in who waits, copy the bulletin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.board import bulletins, dashboards, missing, people, screens
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import corrections
from kiosk.services.door.corrections import Correction
from kiosk.services.event import event_access
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.web.board import live_fragments, toasts
from kiosk.web.frame.access import logged_in, look_required, run_required
from kiosk.web.frame.inputs import Inputs, posted, query
from kiosk.web.frame.words import kind_label, local

bp = Blueprint("dashboard", __name__)
MOST_TYPED = 60


@bp.get("/events/<code>/dashboard")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """Show the event's dashboard; with a tapped bar in the query the list is narrowed, also without JavaScript."""
    return _page(event, _tapped(event, query))


@bp.post("/events/<code>/dashboard")
@look_required
def search(event: EventView) -> ResponseReturnValue:
    """Show the dashboard with who is found, without JavaScript. A POST: no person's name stands in an address."""
    wanted = _typed(event)
    if not wanted.typed:  # nothing that an address must not hold
        where = url_for("dashboard.show", code=event.code, organisation=wanted.organisation_id,
                        district=wanted.district, kind=wanted.kind)  # fmt: skip
        return redirect(where, 303)
    return _page(event, wanted)


def _page(event: EventView, wanted: PeopleFilter) -> str:
    since = int(utcnow().timestamp())
    values = {**live_fragments.context(event, may_run=_may_run(event)), **_people(event, wanted)}
    return render_template("board/dashboard/page.html", since=since, **_phones(event, utcnow()), **values)


@bp.get("/events/<code>/dashboard/stream")
@look_required
def stream(event: EventView) -> ResponseReturnValue:
    """Stream the regions as they change."""
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return Response(live_fragments.stream(event), mimetype="text/event-stream", headers=headers)


@bp.get("/events/<code>/dashboard/<any(numbers, chart, missing, breakdown, trouble):region>")
@look_required
def region(event: EventView, region: str) -> ResponseReturnValue:
    """Show one region, for screens whose stream is away."""
    return live_fragments.screen(event, may_run=_may_run(event)).regions[region]


@bp.get("/events/<code>/dashboard/latest")
@look_required
def latest(event: EventView) -> ResponseReturnValue:
    """Show the latest arrivals, or the people whom a tapped bar means."""
    return _list(event, _tapped(event, query))


@bp.post("/events/<code>/dashboard/latest")
@look_required
def search_latest(event: EventView) -> ResponseReturnValue:
    """Show whom the typed words and a tapped bar mean, while somebody types and when the list is asked for again."""
    return _list(event, _typed(event))


@bp.get("/events/<code>/dashboard/phones")
@look_required
def phones(event: EventView) -> ResponseReturnValue:
    """Show the phone check; `since` is when this screen began to wait for a phone."""
    return render_template("board/dashboard/_phone_check.html", event=event, **_phones(event, query.began_to_wait()))


@bp.get("/events/<code>/dashboard/bulletin")
@look_required
def bulletin(event: EventView) -> ResponseReturnValue:
    """Show the text for the chat group on a page of its own."""
    return render_template("board/dashboard/bulletin.html", **_bulletin(event))


@bp.get("/events/<code>/dashboard/bulletin/text")
@look_required
def bulletin_text(event: EventView) -> ResponseReturnValue:
    """Show the same text as a part of the dashboard."""
    return render_template("board/dashboard/_bulletin.html", **_bulletin(event))


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/void")
@run_required
def void(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Take a sign-in back; the answer offers to undo it."""
    reason = posted.text("reason", 200) or None
    return _correct(event, "void", lambda **by: corrections.void(sign_in_id, reason=reason, **by))


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/restore")
@run_required
def restore(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Undo a void."""
    return _correct(event, "restore", lambda **by: corrections.restore(sign_in_id, **by))


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/admit")
@run_required
def admit(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Let in somebody who waits."""
    return _correct(event, "admit", lambda **by: corrections.admit(sign_in_id, **by))


@bp.post("/events/<code>/trials/clear")
@run_required
def clear_trials(event: EventView) -> ResponseReturnValue:
    """Clear the trial sign-ins, in one tap."""
    cleared = corrections.clear_trials(event.id, staff_id=logged_in().id)
    sentence = ngettext("%(num)s trial sign-in cleared", "%(num)s trial sign-ins cleared", cleared)
    return toasts.answer(event, sentence)


def _correct(event: EventView, verb: str, change: Callable[..., Correction]) -> ResponseReturnValue:
    try:
        done = change(staff_id=logged_in().id, event_id=event.id)
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    return toasts.answer(event, _done(done, verb), undo_id=done.sign_in_id if verb == "void" else None)


def _done(done: Correction, verb: str) -> str:
    if verb == "void":
        return str(_("Sign-in of %(name)s voided", name=done.name))
    if verb == "admit":
        return str(_("%(name)s has arrived, no. %(ordinal)s", name=done.name, ordinal=done.ordinal))
    return str(_("Sign-in of %(name)s restored", name=done.name))


def _bulletin(event: EventView) -> dict[str, Any]:
    may_run = _may_run(event)
    with_names = query.is_set("names") and may_run  # a viewer passes on no names
    numbers = dashboards.read(event)
    words: dict[str, Any] = {"kind_labels": {kind.kind: kind_label(kind) for kind in event.kinds}}
    if with_names and numbers.counts.expected:
        words["missing_names"] = missing.names(event.id)
    elif with_names:
        words["names"] = bulletins.arrived_names(event.id)
    text = bulletins.compose(event, numbers, title=local(event, "title"), **words)
    return {"event": event, "text": text, "with_names": with_names, "may_run": may_run}


def _may_run(event: EventView) -> bool:
    return event_access.may_run(logged_in(), event)


def _phones(event: EventView, began: datetime) -> dict[str, Any]:
    door = screens.look(event, began)
    return {"phone_check": door.phone_check, "address": door.address}


def _tapped(event: EventView, given: Inputs) -> PeopleFilter:
    """Return what a tapped bar narrows the list to; it names no person and may stand in an address."""
    return PeopleFilter(
        organisation_id=given.number("organisation"),
        district=given.raw("district", MOST_TYPED) or None,
        kind=given.one_of("kind", event.kind_names),
    )


def _typed(event: EventView) -> PeopleFilter:
    """Return what a form asks for: the typed words, and the bar that was tapped before."""
    return replace(_tapped(event, posted), typed=posted.text("q", MOST_TYPED))


def _list(event: EventView, wanted: PeopleFilter) -> str:
    if wanted.is_empty:
        return live_fragments.screen(event, may_run=_may_run(event)).regions["latest"]
    return render_template(
        "board/dashboard/_latest.html", event=event, may_run=_may_run(event), **_people(event, wanted)
    )


def _people(event: EventView, wanted: PeopleFilter) -> dict[str, Any]:
    """Return the filtered list and what its filter is called; nothing without a filter."""
    if wanted.is_empty:
        return {}
    return {"wanted": wanted, "found": people.search(event.id, wanted), "wanted_label": _label(event, wanted)}


def _label(event: EventView, wanted: PeopleFilter) -> str | None:
    if wanted.organisation_id is not None:
        return people.organisation_name(wanted.organisation_id)
    named: dict[str, str] = {kind.kind: kind_label(kind) for kind in event.kinds}
    return wanted.district or (named.get(wanted.kind) if wanted.kind else None)
