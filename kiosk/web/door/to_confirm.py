"""Whom a page of hand work shows without a search: who waits to be confirmed, the first ones of them, and who has come
a moment ago of whom the roster says something to stewards."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.services.board.people import Arrival, gathered
from kiosk.services.door import confirmations, steward_notes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.people.rows import PersonRow

SHOWN_FIRST = 6  # of those who wait: the field to search stays in sight


@dataclass(frozen=True)
class Unconfirmed:
    """Who waits to be confirmed: in all `count`, of whom `more` stand behind those that are shown; and who is noted."""

    arrivals: tuple[Arrival, ...]
    count: int
    more: int
    noted: tuple[PersonRow, ...] = ()
    is_asked_for: bool = False  # somebody may be here any moment: the page looks again and again

    @property
    def ids(self) -> str:
        """Return what tells this list from another, without a name."""
        return (
            ".".join(str(row.sign_in_id) for one in self.arrivals for row in one.people)
            + f"-{self.count}"
            + "".join(f".{row.sign_in_id}" for row in self.noted)
        )


def read(event: EventView) -> Unconfirmed:
    """Return who waits to be confirmed, whoever has waited longest first, and who is noted, the latest first."""
    counts = events.counts(event.id)
    arrivals = gathered(confirmations.waiting(event.id)) if counts.unconfirmed else ()
    shown = arrivals[:SHOWN_FIRST]
    has_notes = counts.expected > 0 and steward_notes.are_any(event.id)
    return Unconfirmed(
        shown,
        counts.unconfirmed,
        counts.unconfirmed - sum(len(one.people) for one in shown),
        steward_notes.of_latest(event.id) if has_notes else (),
        is_asked_for=event.needs_confirmation or counts.unconfirmed > 0 or has_notes,
    )
