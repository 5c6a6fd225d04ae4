"""The organiser's desk: today's events first, and one event's page."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.event import agenda, campaigns, event_access, events, hand_counters
from kiosk.services.event.event_views import EventView
from kiosk.services.event.usual_times import Until
from kiosk.services.host import addresses, awake
from kiosk.services.privacy import retention
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import (
    ORGANISERS,
    actor,
    logged_in,
    look_required,
    role_required,
    run_required,
    staff_required,
)
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.languages import LANGUAGES
from kiosk.web.frame.pages import board_address, finish, go, page_of, saying_refusals
from kiosk.web.frame.words import sign_in_times

bp = Blueprint("desk", __name__)
STEPS = {"1": 1, "-1": -1, "10": 10}


@bp.get("/events", endpoint="events")
@staff_required
def event_list() -> ResponseReturnValue:
    """Show what is on now, what comes next, and the others by date, a page at a time; `campaign` narrows the list."""
    campaign_id = query.number("campaign")
    listed = _agenda(campaign_id)
    shown, page = listed.page(query.page())
    return render_template(
        "desk/events.html",
        agenda=shown,
        page=page,
        is_empty=listed.is_empty,
        archived=len(listed.archived),
        warnings=retention.warnings(listed.views),
        campaigns=campaigns.list_all(),
        campaign_id=campaign_id,
        address=addresses.address_status(),
        gaps=awake.recent_gaps(),
        zone=current_app.config["KIOSK"].timezone,
    )


@bp.get("/events/now")
@staff_required
def now() -> ResponseReturnValue:
    """Show the live part of the list again: today's events with their rings."""
    return render_template("desk/_today.html", agenda=_agenda(query.number("campaign")))


@bp.get("/events/<code>/<any(roster, hours, proofs):listed>/search")
@look_required
def whole_list(view: EventView, listed: str) -> ResponseReturnValue:
    """Lead from the address of a search, typed anew or in another language, to the list: the words are not in it."""
    address = url_for(f"{listed}.show", code=view.code, lang=query.one_of("lang", LANGUAGES))
    return redirect(address, 303)


@bp.post("/events/<code>/open")
@run_required
def open_now(view: EventView) -> ResponseReturnValue:
    """Open sign-in: before its time, or again until tonight after it was closed."""
    events.open_now(view.code, actor=actor())
    return finish(sign_in_times(events.get(view.code)), "desk.event", code=view.code)


@bp.post("/events/<code>/prolong")
@run_required
def prolong(view: EventView) -> ResponseReturnValue:
    """Let sign-in close later: `until` is "hour" or "tonight"; `back` leads to the dashboard that was tapped."""
    until: Until = "hour" if posted.raw("until") == "hour" else "tonight"
    view = events.prolong(view.code, until, actor=actor())
    board = board_address(view, posted.raw("back"))
    return redirect(board, 303) if board else finish(sign_in_times(view), "desk.event", code=view.code)


@bp.post("/events/<code>/close")
@run_required
def close_now(view: EventView) -> ResponseReturnValue:
    """Close sign-in by hand."""
    events.close(view.code, actor=actor())
    return finish(_("Sign-in is closed. You may open it again."), "desk.event", code=view.code)


@bp.post("/events/<code>/archive")
@run_required
def archive(view: EventView) -> ResponseReturnValue:
    """Put an event away (`is_archived=1`) or take it out again."""
    is_archived = posted.is_set("is_archived")
    events.set_archived(view.code, is_archived=is_archived, actor=actor())
    words = _("The event is archived; nothing is deleted.") if is_archived else _("The event is back in the list.")
    return finish(words, "desk.event", code=view.code)


@bp.post("/events/<code>/counters")
@run_required
def add_counter(view: EventView) -> ResponseReturnValue:
    """Add a counter for what is counted by hand."""
    hand_counters.add(view.id, posted.text("label"), posted.text("label_alt"), actor=actor())
    return go("desk.event", code=view.code, _anchor="counters")


@bp.post("/events/<code>/counters/<int:counter_id>")
@run_required
def change_counter(view: EventView, counter_id: int) -> ResponseReturnValue:
    """Count by hand: `step` is 1, 10 or -1; `remove` takes the counter away."""
    if "remove" in posted:
        hand_counters.remove(view.id, counter_id, actor=actor())
    elif (step := STEPS.get(posted.raw("step"))) is not None:
        hand_counters.step(view.id, counter_id, step, actor=actor())
    else:
        abort(400)
    return go("desk.event", code=view.code, _anchor="counters")


@bp.route("/events/<code>/sharing", methods=["GET", "POST"])
@run_required
def sharing(view: EventView) -> ResponseReturnValue:
    """Show who else runs this event; a POST adds an organiser or takes one off (`remove`)."""
    return sharing_page("desk/sharing.html", event_access, view.id, **page_of(view))


@bp.post("/machine/address")
@role_required(*ORGANISERS)
def choose_address() -> ResponseReturnValue:
    """Let the codes say the machine's present address; posters printed before are void."""
    with saying_refusals():
        url = addresses.choose_again(actor=actor())
        flash(_("The codes now say %(url)s. Please print the posters again.", url=url), "ok")
    return go("desk.events")


def sharing_page(template: str, access: ModuleType, shared_id: int, **values: Any) -> ResponseReturnValue:
    """Share an event or a campaign as the form says, by the service `access`, and show who else runs it."""
    email, error = posted.text("email", 254), None
    if request.method == "POST":
        removed = posted.number("remove")
        try:
            if removed is not None:
                access.unshare(shared_id, removed, actor=actor())
            else:
                access.share(shared_id, email, actor=actor())
            return redirect(request.path, 303)
        except Refused as refusal:
            error = refusal_words.say(refusal, "desk")
    page = render_template(template, people=access.shared_with(shared_id), typed=email, error=error, **values)
    return page, 422 if error else 200


def _agenda(campaign_id: int | None) -> agenda.Agenda:
    rows = events.list_all(campaign_id=campaign_id, staff_id=event_access.list_filter(logged_in()))
    return agenda.of(rows, utcnow())
