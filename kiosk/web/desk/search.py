"""The field in the desk's bar: events, organisations and people on one page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.search import finding
from kiosk.web.frame.access import logged_in, staff_required
from kiosk.web.frame.inputs import posted, query

bp = Blueprint("search", __name__)
MOST_TYPED = 120


@bp.get("/search")
@staff_required
def show() -> ResponseReturnValue:
    """Show the field; `q` finds events and organisations. No person's name stands in an address."""
    return _page(query.text("q", MOST_TYPED))


@bp.post("/search")
@staff_required
def find() -> ResponseReturnValue:
    """Find events, organisations and people; 429 for who searches for people faster than anybody reads."""
    typed = posted.text("q", MOST_TYPED)
    try:
        return _page(typed, finding.find_people(logged_in(), typed), is_for_people=True)
    except TooManyGuesses as error:
        return _page(typed, is_too_often=True), 429, {"Retry-After": str(error.retry_after)}


def _page(
    typed: str, people: finding.People | None = None, *, is_for_people: bool = False, is_too_often: bool = False
) -> str:
    return render_template(
        "desk/search.html",
        typed=typed,
        listed=finding.find_events(logged_in(), typed),
        organisations=finding.find_organisations(typed),
        people=people,
        is_for_people=is_for_people,
        is_too_often=is_too_often,
    )
