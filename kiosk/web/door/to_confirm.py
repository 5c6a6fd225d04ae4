"""Who waits to be confirmed, as the pages of hand work show them: the first ones, in a list of their own."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.services.board.people import Arrival, gathered
from kiosk.services.door import confirmations
from kiosk.services.event import events

SHOWN_FIRST = 6  # of those who wait: the field to search stays in sight


@dataclass(frozen=True)
class Unconfirmed:
    """Who waits to be confirmed: in all `count`, of whom `more` stand behind those that are shown."""

    arrivals: tuple[Arrival, ...]
    count: int
    more: int

    @property
    def ids(self) -> str:
        """Return what tells this list from another, without a name."""
        return ".".join(str(row.sign_in_id) for one in self.arrivals for row in one.people) + f"-{self.count}"


def read(event_id: int) -> Unconfirmed:
    """Return who waits to be confirmed; whoever has waited longest first."""
    count = events.counts(event_id).unconfirmed
    arrivals = gathered(confirmations.waiting(event_id)) if count else ()
    shown = arrivals[:SHOWN_FIRST]
    return Unconfirmed(shown, count, count - sum(len(one.people) for one in shown))
