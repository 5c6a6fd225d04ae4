"""The organiser's tablet: who has come, live; take a sign-in back, let in who waits, copy the bulletin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import bulletins, dashboards, missing, people, screens
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import corrections, desk_errands, hand_work
from kiosk.services.door.corrections import Correction
from kiosk.services.event import event_access, events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.web.board import boards, held_streams, live_fragments, streams, toasts
from kiosk.web.frame.access import actor, log_in_token, logged_in, look_required, run_required
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.words import kind_label, local

bp = Blueprint("dashboard", __name__)
CORRECTIONS: dict[str, Callable[..., Correction]] = {
    "void": corrections.void, "restore": corrections.restore, "admit": corrections.admit,
    "confirm": corrections.confirm, "refuse": corrections.refuse, "unconfirm": corrections.unconfirm,
}  # fmt: skip
UNDO = {"void": "restore", "refuse": "restore", "confirm": "unconfirm"}


@bp.get("/events/<code>/dashboard", endpoint="show")
@bp.post("/events/<code>/dashboard", endpoint="search")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """Show the event's dashboard, the list narrowed by a tapped bar and by typed words, also without JavaScript.

    A search is a POST: no person's name stands in an address.
    """
    wanted = boards.wanted_of(event)
    if request.method == "POST" and not wanted.typed:  # nothing that an address must not hold
        return go("dashboard.show", code=event.code, **boards.narrowing(wanted))
    now, whole = utcnow(), events.counts(event.id)
    values = live_fragments.context(event, wanted, may_run=_may_run(event))
    values |= {**_phones(event, now), **boards.shown_tab(has_roster=whole.expected > 0)}
    values |= {"wanted_label": boards.label_of(event, wanted), "has_arrivals": whole.arrived > 0}
    if wanted.typed:
        values |= _people(event, wanted)
    return render_template("board/dashboard/page.html", since=int(now.timestamp()), **values)


@bp.get("/events/<code>/dashboard/stream")
@look_required
def stream(event: EventView) -> ResponseReturnValue:
    """Stream the regions as they change; 503 where too many streams are open, whose screens poll."""
    if not held_streams.of(current_app).has_room(log_in_token()):
        return "", 503, {"Retry-After": "30"}
    return streams.answer(event, boards.wanted_of(event), may_run=_may_run(event))


@bp.get("/events/<code>/dashboard/<any(numbers, chart, missing, breakdown, trouble):region>")
@look_required
def region(event: EventView, region: str) -> ResponseReturnValue:
    """Show one region, for screens whose stream is away."""
    return live_fragments.screen(event, may_run=_may_run(event), wanted=boards.wanted_of(event)).regions[region]


@bp.get("/events/<code>/dashboard/latest", endpoint="latest")
@bp.post("/events/<code>/dashboard/latest", endpoint="search_latest")
@look_required
def latest(event: EventView) -> ResponseReturnValue:
    """Show the latest arrivals, or the people whom a tapped bar and typed words mean, while somebody types and when
    the list is asked for again."""
    wanted, may_run = boards.wanted_of(event), _may_run(event)
    if not wanted.typed:
        return live_fragments.screen(event, may_run=may_run, wanted=wanted).regions["latest"]
    values = {"may_run": may_run, **_people(event, wanted)}
    asks_above = may_run and not values["arrivals"]  # then the search box says above whom of the list it means
    is_beside_hand = asks_above and people.means_somebody_absent(event.id, wanted)
    return render_template("board/dashboard/_latest.html", event=event, is_beside_hand=is_beside_hand, **values)


@bp.get("/events/<code>/dashboard/phones")
@look_required
def phones(event: EventView) -> ResponseReturnValue:
    """Show the phone check; `since` is when this screen began to wait for a phone."""
    return render_template("board/dashboard/_phone_check.html", event=event, **_phones(event, query.began_to_wait()))


@bp.get("/events/<code>/dashboard/bulletin", endpoint="bulletin", defaults={"template": "bulletin"})
@bp.get("/events/<code>/dashboard/bulletin/text", endpoint="bulletin_text", defaults={"template": "_bulletin"})
@look_required
def bulletin(event: EventView, template: str) -> ResponseReturnValue:
    """Show the text for the chat group, on a page of its own and as a part of the dashboard."""
    may_run = _may_run(event)
    with_names = query.is_set("names") and may_run  # a viewer passes on no names
    numbers = dashboards.read(event)
    words: dict[str, Any] = {"kind_labels": {kind.kind: kind_label(kind) for kind in event.kinds}}
    if with_names and numbers.counts.expected:
        words["missing_names"] = missing.names(event.id)
    elif with_names:
        words["names"] = bulletins.arrived_names(event.id)
    text = bulletins.compose(event, numbers, title=local(event, "title"), **words)
    values = {"event": event, "text": text, "with_names": with_names, "may_run": may_run}
    return render_template(f"board/dashboard/{template}.html", **values)


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/void", defaults={"verb": "void"})
@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/restore", defaults={"verb": "restore"})
@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/admit", defaults={"verb": "admit"})
@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/<any(confirm, refuse, unconfirm):verb>")
@run_required
def correct(event: EventView, sign_in_id: int, verb: str) -> ResponseReturnValue:
    """Take a sign-in back, give it back, let in or confirm somebody who waits; the answer offers to undo it."""
    reason = {"reason": posted.text("reason", 200) or None} if verb == "void" else {}
    try:
        sign_in = CORRECTIONS[verb](sign_in_id, staff_id=logged_in().id, event_id=event.id, **reason)
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    words = {
        "void": _("Sign-in of %(name)s voided", name=sign_in.name),
        "restore": _("Sign-in of %(name)s restored", name=sign_in.name),
        "admit": _("%(name)s has arrived, no. %(ordinal)s", name=sign_in.name, ordinal=sign_in.ordinal),
        "confirm": _("%(name)s confirmed, no. %(ordinal)s", name=sign_in.name, ordinal=sign_in.ordinal),
        "refuse": _("%(name)s not confirmed", name=sign_in.name),
        "unconfirm": _("%(name)s is to be confirmed again", name=sign_in.name),
    }
    undo = UNDO.get(verb)
    return toasts.answer(event, words[verb], undo=(undo, sign_in.sign_in_id) if undo else None, is_void=verb == "void")


@bp.post("/events/<code>/sign-ins/<int:sign_in_id>/<any(out, back):way>")
@run_required
def move(event: EventView, sign_in_id: int, way: str) -> ResponseReturnValue:
    """Sign somebody out, or let them in again."""
    act = hand_work.let_out if way == "out" else hand_work.let_in
    try:
        done = act(event.id, sign_in_id, Hand(actor(), staff_id=logged_in().id))
    except Refused as refusal:
        return toasts.answer(event, refusal_words.say(refusal, "hand"), is_refused=True)
    words = {"left": _("%(name)s has signed out", name=done.name), "is_back": _("%(name)s is back", name=done.name)}
    return toasts.answer(event, words[done.code])


@bp.post("/events/<code>/desk/<int:errand_id>/<any(take, untake):act>")
@run_required
def take(event: EventView, errand_id: int, act: str) -> ResponseReturnValue:
    """Say that somebody at the desk looks after who was sent there, or that nobody does after all."""
    name = desk_errands.set_taken(event.id, errand_id, Hand(actor(), staff_id=logged_in().id), is_taken=act == "take")
    words = (
        _("%(name)s is being looked after", name=name) if act == "take" else _("%(name)s waits at the desk", name=name)
    )
    return toasts.answer(event, words)


@bp.post("/events/<code>/trials/clear")
@run_required
def clear_trials(event: EventView) -> ResponseReturnValue:
    """Clear the trial sign-ins, in one tap."""
    cleared = corrections.clear_trials(event.id, staff_id=logged_in().id)
    sentence = ngettext("%(num)s trial sign-in cleared", "%(num)s trial sign-ins cleared", cleared)
    return toasts.answer(event, sentence)


def _may_run(event: EventView) -> bool:
    return event_access.may_run(logged_in(), event)


def _phones(event: EventView, began: datetime) -> dict[str, Any]:
    door = screens.look(event, began)
    return {"phone_check": door.phone_check, "address": door.address}


def _people(event: EventView, wanted: PeopleFilter) -> dict[str, Any]:
    """Return whom typed words find among the arrivals that a tapped bar leaves. Everybody stands alone, also out of a
    class."""
    page = people.search(event.id, wanted)
    has_roster = events.counts(event.id).expected > 0
    way: dict[str, Any] = {"narrowing": boards.narrowing(wanted), "back": boards.way_back(wanted)}
    way |= {"unconfirmed": (), "to_confirm": 0, "errands": ()}  # a search finds them among the others
    return {"wanted": wanted, "found": page, "arrivals": people.alone(page.rows), "has_roster": has_roster, **way}
