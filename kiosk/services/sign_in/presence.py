"""When somebody was inside: the stays that a sign-in and its movements make (docs/product.md 1.13).

The sign-in is the first way in. A way out while nobody is inside, and a way in of somebody who is, say nothing new:
the earlier one counts, so that late news of a movement never lengthens a stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.closed import Direction

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Presence:
    """The stays that are over, in their order, and since when the one lasts that is not."""

    stays: tuple[tuple[datetime, datetime], ...]
    since: datetime | None

    @property
    def left_at(self) -> datetime | None:
        """Return the last way out, None while somebody is inside."""
        return None if self.since is not None else self.stays[-1][1]

    @property
    def last_in_at(self) -> datetime:
        """Return when the last stay began."""
        return self.since or self.stays[-1][0]

    def away_minutes(self, starts_at: datetime | None, ends_at: datetime | None) -> int:
        """Return for how many whole minutes of the event somebody was out between two stays."""
        begun = [start for start, _end in self.stays[1:]] + ([self.since] if self.stays and self.since else [])
        away = timedelta()
        for (_start, out_at), in_at in zip(self.stays, begun, strict=False):
            first, last = max(out_at, starts_at or out_at), min(in_at, ends_at or in_at)
            away += max(last - first, timedelta())
        return away // MINUTE


def presence_of(signed_in_at: datetime, moves: Iterable[tuple[Direction, datetime]]) -> Presence:
    """Return the presence of who signed in then and made these movements since, in the order of their times."""
    stays: list[tuple[datetime, datetime]] = []
    since: datetime | None = signed_in_at
    for direction, at in moves:
        if direction == "out" and since is not None:
            stays.append((since, max(at, since)))
            since = None
        elif direction == "in" and since is None:
            since = at
    return Presence(tuple(stays), since)
