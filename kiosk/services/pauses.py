"""Work of thousands of steps beside a door: under gevent nobody else is answered while it does not stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

SLICE = 0.01  # seconds without a pause, whoever computed meanwhile
FINE = 0.001  # of what is done several times a second beside a rush (store/pausing_reads)
# Seconds. Not 0: then gevent goes on with whoever computes before it looks who has sent something, and a phone's
# request waited half a second and more while a list of 5,000 was read; with this it waits for one slice.
MOMENT = 0.001
GIVES_WAY = (
    0.005  # seconds more, while somebody at the door waits for the disk: so little that long work goes on in a rush
)
LONG = 20  # pauses
Item = TypeVar("Item")
_last = threading.local()  # a greenlet's own, so that many short loops in a row stop too
_doors: list[Callable[[], bool]] = []


def give_way_to(is_waiting: Callable[[], bool]) -> None:
    """Let pauses last while this says that somebody at the door waits for the disk. The thread that writes needs the
    interpreter several times for each commit, and whoever computes lets it have it only every 5 ms."""
    _doors[:] = [is_waiting]


def pause() -> None:
    """Let whoever waits come between. Not within a unit of work: it would hold the writer meanwhile."""
    until = time.monotonic() + GIVES_WAY
    time.sleep(MOMENT)
    while any(is_waiting() for is_waiting in _doors) and time.monotonic() < until:
        time.sleep(MOMENT)


def pause_if_due(seconds: float = SLICE) -> None:
    """Pause when the last time is long enough ago."""
    now = time.monotonic()
    if now - getattr(_last, "at", 0.0) >= seconds:
        pause()
        _last.at = time.monotonic()
        if seconds >= SLICE:  # fine ones say nothing of how much was done
            _last.count = getattr(_last, "count", 0) + 1


def count_as_long() -> None:
    """Say of whoever runs that this is long work, though somebody else does the computing."""
    _last.count = LONG


def was_long() -> bool:
    """Say whether whoever runs has done long work since this was asked last: it leaves much behind (kiosk/heap.py)."""
    count, _last.count = getattr(_last, "count", 0), 0
    return count >= LONG


def pausing(items: Iterable[Item], *, fine: bool = False) -> Iterator[Item]:
    """Yield the items with pauses between them."""
    for item in items:
        yield item
        pause_if_due(FINE if fine else SLICE)
