"""A group's own page at its secret address: the thank-you, corrections, the head-count on leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.codes import BadToken, new_token
from kiosk.services.door import leaving
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_changes, group_views
from kiosk.services.group.group_views import GroupView, MissingMember
from kiosk.services.refusals import Code, Refused, SignInRefused, Unknown
from kiosk.services.sign_in.questions import SamePersonAsked
from kiosk.web.door import group_form
from kiosk.web.door.group_form import LEAVE, LONGEST, REASONS
from kiosk.web.frame import entrances
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.tickets import let_in_on, sent_ticket
from kiosk.web.frame.visitors import is_own_origin

bp = Blueprint("group_page", __name__)


@bp.get("/group/<token>")
def show(token: str) -> ResponseReturnValue:
    """Say that all went well, in numbers and without a name."""
    group, event = _group(token)
    return _own_page(group, event, token)


@bp.post("/group/<token>/<any(out, back):way>")
def move(token: str, way: str) -> ResponseReturnValue:
    """Sign everybody of the group out, or let them all in again; a second tap changes nothing."""
    group, event = _group(token)
    try:
        group_changes.move_all(group, leaving.WAYS[way], posted.raw("key", 40))
    except Refused as refusal:
        return _own_page(group, event, token, refusal), 409
    return go("group_page.show", token=token)


def _own_page(group: GroupView, event: EventView, token: str, refusal: Refused | None = None) -> str:
    values = {"key": new_token(), "is_asked_to_leave": leaving.may_sign_out(event), "refusal": refusal}
    return render_template("door/groups/done.html", group=group, event=event, token=token, **values)


@bp.get("/group/<token>/count")
def count(token: str) -> ResponseReturnValue:
    """Count heads: rows to tick; after a count, who is not there, in large letters. `?new=1` begins anew."""
    group, event = _group(token)
    is_new = "new" in query or "all" in query
    latest = None if is_new else group.last_count
    present = frozenset(one.sign_in_id for one in group.members) if "all" in query else frozenset()
    present = latest.present_ids if latest else present
    members = sorted(group.members, key=lambda one: latest is not None and one.sign_in_id in present)
    return render_template(
        "door/groups/count.html", group=group, event=event, token=token, latest=latest, members=members, present=present
    )


@bp.post("/group/<token>/count")
def keep_count(token: str) -> ResponseReturnValue:
    """Keep a head-count."""
    group, _event = _group(token)
    group_changes.count(group, posted.numbers("here"))
    return go("group_page.count", token=token)


@bp.get("/group/<token>/correct")
def correct(token: str) -> ResponseReturnValue:
    """Show who is signed in and who is not, with what can be changed."""
    return _correct_page(token)


@bp.post("/group/<token>/add")
def add(token: str) -> ResponseReturnValue:
    """Sign in one more, by name."""
    group, event = _group(token)
    name = posted.text("name", LONGEST)
    problem = group_form.name_problem(event, group.kind, name) if group.kind in event.kind_names else None
    if problem or not name:
        return _correct_page(token, problem=problem or _("Please fill this in.")), 422
    is_another = "another" in posted
    return _change(token, lambda: group_changes.add_late(group, event, sent_ticket(event), name, is_another=is_another))


@bp.post("/group/<token>/came")
def came(token: str) -> ResponseReturnValue:
    """Sign in somebody of the list who came after all; a second tap changes nothing."""
    group, event = _group(token)
    missing = _missing(group)
    if missing is None:
        return go("group_page.correct", token=token)
    return _change(token, lambda: group_changes.sign_in_missing(group, event, sent_ticket(event), missing))


@bp.post("/group/<token>/reason")
def reason(token: str) -> ResponseReturnValue:
    """Change why somebody is not there; a second tap changes nothing."""
    group, _event = _group(token)
    missing, chosen = _missing(group), posted.one_of("reason", REASONS)
    if missing is None:
        return go("group_page.correct", token=token)
    return _change(token, lambda: group_changes.set_reason(group, missing, str(REASONS[chosen]) if chosen else None))


@bp.post("/group/<token>/take-back")
def take_back(token: str) -> ResponseReturnValue:
    """Take one sign-in back, or with `back` give it again."""
    group, _event = _group(token)
    sign_in_id = posted.number("sign_in") or 0
    if all(one.sign_in_id != sign_in_id for one in (*group.members, *group.taken_back)):
        abort(404)
    change = group_changes.give_back if "back" in posted else group_changes.take_back
    return _change(token, lambda: change(group, sign_in_id))


def _change(token: str, change: Callable[[], object]) -> ResponseReturnValue:
    """Change the group and show its list again, where it cannot be changed with the reason."""
    try:
        change()
    except BadToken:
        return _correct_page(token, code="ticket_expired"), 403
    except SamePersonAsked:
        return _correct_page(token, is_asked=True), 422
    except SignInRefused as refusal:
        return _correct_page(token, code=refusal.code), 403 if refusal.code == "digits_asked" else 409
    except (Refused, Unknown):  # taken off the roster, or changed by somebody else
        return _correct_page(token, code="changed_meanwhile"), 409
    return go("group_page.correct", token=token, **let_in_on())


def _group(token: str) -> tuple[GroupView, EventView]:
    group = group_views.find(token) or abort(404)
    event = event_views.find(group.event_code) or abort(404)
    entrances.entrance(event)
    if request.method == "POST" and not is_own_origin():
        abort(403)
    return group, event


def _missing(group: GroupView) -> MissingMember | None:
    """Return whom a form of the list's rows means; None when they are not missing any more."""
    for name in ("entry", "number"):
        typed = posted.number(name)
        for one in group.missing if typed is not None else ():
            if typed == (one.roster_entry_id if name == "entry" else one.number):
                return one
    return None


def _correct_page(token: str, *, code: Code | None = None, problem: Any = None, is_asked: bool = False) -> str:
    group, event = _group(token)
    return render_template(
        "door/groups/correct.html",
        code=code,
        problem=problem,
        is_asked=is_asked,
        group=group,
        event=event,
        token=token,
        ticket=entrances.fresh_ticket(event),
        asks_digits=group.actor is None and entrances.is_kept_out(event),
        reasons=REASONS,
        typed=posted.text("name", LONGEST),
        known={one.reason: LEAVE.get((one.reason or "").casefold()) for one in group.missing},
    )
