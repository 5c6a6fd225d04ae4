"""One look at a board: what a tapped bar narrows it to, which of its lists a narrow screen shows, the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import lazy_gettext as _l

from kiosk.services.board import people
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import BOARD, hidden_names
from kiosk.web.frame.words import kind_label

MOST_TYPED = 60
# The lists of a narrow screen, one at a time; on a wide one all stand side by side.
TABS = {
    "latest": _l("Latest"),
    "missing": _l("Missing"),
    "breakdown": _l("Breakdown"),
    "chart": _l("Chart"),
}


def wanted_of(event: EventView) -> PeopleFilter:
    """Return what the board is narrowed to: a tapped bar, which names no person and may stand in an address; and the
    typed words of a posted search."""
    asked = posted if request.method == "POST" else query
    return PeopleFilter(
        typed=posted.text("q", MOST_TYPED),
        hidden=hidden_names(event),
        organisation_id=asked.number("organisation"),
        district=asked.raw("district", MOST_TYPED) or None,
        kind=asked.one_of("kind", event.kind_names),
    )


def label_of(event: EventView, wanted: PeopleFilter) -> str | None:
    """Return what the tapped bars are called, None without one."""
    named: dict[str, str] = {kind.kind: kind_label(kind) for kind in event.kinds}
    organisation = people.organisation_name(wanted.organisation_id) if wanted.organisation_id is not None else None
    parts = (organisation, wanted.district, named.get(wanted.kind) if wanted.kind else None)
    return " · ".join(filter(None, parts)) or None


def narrowing(wanted: PeopleFilter) -> dict[str, Any]:
    """Return what an address, or a form, says of the tapped bar; never typed words."""
    values = {"organisation": wanted.organisation_id, "district": wanted.district, "kind": wanted.kind}
    return {name: value for name, value in values.items() if value is not None}


def way_back(wanted: PeopleFilter) -> str:
    """Return what a page that the board leads to carries as `back`, so that it comes back to the same board."""
    return "&".join(filter(None, (BOARD, urlencode(narrowing(wanted)))))


def shown_tab(*, has_roster: bool) -> dict[str, Any]:
    """Return the lists that a narrow screen offers, and which of them it shows."""
    tabs = [(name, words) for name, words in TABS.items() if has_roster or name != "missing"]
    return {"tabs": tabs, "tab": query.one_of("tab", [name for name, _ in tabs]) or "latest"}
