"""Credited hours (学时) at the desk: who has how many, why not, and what staff change about it (docs/product.md
4.3)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.bounds import read_day
from kiosk.services import refusal_words
from kiosk.services.event import event_access
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from kiosk.services.hours.hours import HoursRow
from kiosk.services.names import unified
from kiosk.services.people.searching import Hidden
from kiosk.services.proofs import subjects
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import logged_in, look_required, run_required
from kiosk.web.frame.inputs import either, posted, query
from kiosk.web.frame.numbers import read_clock
from kiosk.web.frame.pages import finish, page_of

bp = Blueprint("hours", __name__)


@bp.get("/events/<code>/hours", endpoint="show")
@bp.post("/events/<code>/hours/search", endpoint="search")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """List who arrived with their hours; `without=1` leaves who has none, `page` turns the page.

    A search is a POST: no person's name stands in an address.
    """
    words, is_without = posted.text("q"), query.is_set("without")
    hidden: Hidden = "nobody" if event_access.may_run(logged_in(), event) else "everybody"
    subject = subjects.of_event(event)
    return render_template(
        "afterwards/hours/list.html",
        **page_of(event),
        rule=hours.rule_of(event),
        totals=hours.totals(event),
        found=hours.search(event, typed=words, is_without=is_without, page=either.page(), hidden=hidden),
        typed=words,
        is_without=is_without,
        series=subject if subject.series_id is not None else None,
    )


@bp.get("/events/<code>/hours/<int:sign_in_id>")
@run_required
def person(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Show one person's hours and what can be changed about them."""
    return _person_page(event, _row(event, sign_in_id))


@bp.post("/events/<code>/hours/<int:sign_in_id>/left")
@run_required
def set_left(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Keep when somebody left before the end (早退); `stayed` takes it back."""
    row = _row(event, sign_in_id)
    left_at = None
    if "stayed" not in posted:
        left_at = _moment(event, row, posted.text("day", 20), posted.text("time", 20))
        if left_at is None:
            return _person_page(event, row, "time", _("Please write a time such as 09:05.")), 422
    try:
        why = posted.text("left_reason", 200)
        hours_changes.set_left(event.id, sign_in_id, left_at, staff_id=logged_in().id, reason=why)
    except Refused as refusal:
        field = "left_reason" if refusal.code == "no_reason" else "time"
        return _person_page(event, row, field, refusal_words.say(refusal, "desk")), 422
    return finish(_left_words(event, row.person.name, left_at), "hours.show", code=event.code)


def _left_words(event: EventView, name: str, left_at: datetime | None) -> Any:
    if left_at is not None:
        return _("The time %(name)s left is recorded.", name=name)
    if event.wants_sign_out:
        return _("The sign-out of %(name)s is taken back.", name=name)
    return _("%(name)s stayed to the end.", name=name)


@bp.post("/events/<code>/hours/<int:sign_in_id>/set")
@run_required
def set_hours(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Give somebody hours against the rules, with a reason."""
    row = _row(event, sign_in_id)
    credited = _number(posted.text("hours", 20))
    if credited is None:
        return _person_page(event, row, "hours", _("A number such as 4 or 1.5, please.")), 422
    try:
        hours_changes.set_hours(event.id, sign_in_id, credited, posted.text("reason", 200), staff_id=logged_in().id)
    except Refused as refusal:
        field = "reason" if refusal.code == "no_reason" else "hours"
        return _person_page(event, row, field, refusal_words.say(refusal, "desk")), 422
    words = _("%(name)s has %(hours)s hours.", name=row.person.name, hours=f"{credited:g}")
    return finish(words, "hours.show", code=event.code)


@bp.post("/events/<code>/hours/<int:sign_in_id>/take-back")
@run_required
def take_back(event: EventView, sign_in_id: int) -> ResponseReturnValue:
    """Let the rules decide again."""
    row = _row(event, sign_in_id)
    hours_changes.take_back(event.id, sign_in_id, staff_id=logged_in().id)
    words = _("The hours of %(name)s follow the rules again.", name=row.person.name)
    return finish(words, "hours.show", code=event.code)


def _person_page(event: EventView, row: HoursRow, wrong: str = "", message: object = None) -> str:
    first_day = (event.starts_at or row.signed_in_at).astimezone(event.zone).date()
    left_at = row.person.left_at.astimezone(event.zone) if row.person.left_at else None
    day = left_at.date() if left_at else _last_day(event, row)
    written = {
        "day": day.isoformat(),
        "time": f"{left_at:%H:%M}" if left_at else "",
        "left_reason": "",
        "hours": f"{row.credit.hours:g}" if row.credit.is_override else "",
        "reason": row.credit.reason or "",
    }
    typed = {name: posted.text(name, 200) if name in posted else value for name, value in written.items()}
    return render_template(
        "afterwards/hours/person.html", **page_of(event), row=row, rule=hours.rule_of(event), typed=typed,
        is_one_day=first_day == _last_day(event, row), wrong=wrong, message=message,
    )  # fmt: skip


def _row(event: EventView, sign_in_id: int) -> HoursRow:
    return hours.of_sign_in(event, sign_in_id) or abort(404)


def _moment(event: EventView, row: HoursRow, typed_day: str, typed: str) -> datetime | None:
    """Return the moment of a typed time; the day is asked for only where the event has several."""
    at, day = read_clock(typed), read_day(typed_day) if typed_day else _last_day(event, row)
    return None if at is None or day is None else datetime.combine(day, at, tzinfo=event.zone)


def _last_day(event: EventView, row: HoursRow) -> date:
    return (event.ends_at or event.starts_at or row.signed_in_at).astimezone(event.zone).date()


def _number(typed: str) -> float | None:
    typed = unified(typed).strip().replace(",", ".")
    return float(typed) if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed) else None
