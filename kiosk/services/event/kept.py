"""Sums over all people of an event, kept until the event changes: who looks again is not counted for anew.

What can be counted in the transaction of each sign-in is (services/tallies). These cannot: they follow rules that staff
may change afterwards, or count each person once over many events. They are looked at when people have left, and then
stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar, cast

from sqlalchemy import select

from kiosk.extensions import db, one_of_app
from kiosk.models import EventCounter

Value = TypeVar("Value")
EXTENSION = "kiosk_kept_sums"
MOST = 500  # of one process


def kept(name: str, event_ids: Iterable[int], read: Callable[[], Value], *rules: Hashable) -> Value:
    """Return what `read` gives, or what it gave at these very revisions of the events and with the same `rules`.

    The revisions are asked for first: what is kept is at least as new as they are.
    """
    ids = tuple(sorted(event_ids))
    revisions = select(EventCounter.event_id, EventCounter.revision).where(EventCounter.event_id.in_(ids))
    state = (tuple(sorted(db.session.execute(revisions).tuples().all())), rules)
    values: dict[tuple[str, tuple[int, ...]], tuple[Any, Any]] = one_of_app(EXTENSION, dict)
    known = values.get((name, ids))
    if known is not None and known[0] == state:
        return cast(Value, known[1])
    value = read()
    if len(values) >= MOST:
        values.clear()
    values[name, ids] = (state, value)
    return value
