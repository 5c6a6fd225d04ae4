"""Like last time (照上次): a new event is what another was, but for its day and what is typed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import EventDraft
from kiosk.services.names import key_of

OFFERED = 3
IN_BOTH = ("title", "venue", "host")  # what is said in a second language as well


def offered(staff_id: int | None) -> tuple[EventView, ...]:
    """Return the events made last, the newest first, of each title one; with `staff_id` those this organiser runs."""
    rows = sorted(events.list_all(staff_id=staff_id), key=lambda row: row.view.id, reverse=True)
    by_title: dict[str, EventView] = {}
    for row in rows:
        by_title.setdefault(key_of(row.view.title), row.view)
    return tuple(by_title.values())[:OFFERED]


def like(source: EventView, typed: EventDraft) -> EventDraft:
    """Return the draft of an event like another, with what the form of a new event asks for as it was typed."""
    before = events.draft_of(source)
    kinds = {kind["kind"]: kind for kind in before.kinds}
    second = {
        f"{name}_alt": getattr(before, f"{name}_alt")
        for name in IN_BOTH
        if getattr(typed, name) == getattr(before, name)
    }
    return replace(
        before,
        **{name: getattr(typed, name) for name in (*IN_BOTH, "district", "campaign_id", "starts_at")},
        **{f"{name}_alt": None for name in IN_BOTH} | second,
        **_times(before, typed),
        kinds=[kinds.get(kind["kind"], kind) for kind in typed.kinds],
        outcome=None,
        outcome_alt=None,
    )


def _times(before: EventDraft, typed: EventDraft) -> Mapping[str, Any]:
    """Return the end, as long after the start as it was unless one was typed, and the hours of sign-in: as they lay to
    the start where staff had set them, else the usual ones."""

    def moved(moment: datetime | None) -> datetime | None:
        if moment is None or before.starts_at is None or typed.starts_at is None:
            return None
        return typed.starts_at + (moment - before.starts_at)

    opens_at, closes_at = moved(before.opens_at), moved(before.closes_at)
    if typed.ends_at is not None and closes_at is not None and closes_at <= typed.ends_at:
        closes_at = None  # it lasts longer than it did
    return {
        "ends_at": typed.ends_at or moved(before.ends_at),
        "opens_at": opens_at,
        "closes_at": closes_at,
        "is_opening_usual": opens_at is None,
        "is_closing_usual": closes_at is None,
    }
