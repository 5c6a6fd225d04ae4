"""The rehearsal itself, in a process beside the server: people come, are measured, and everything is cleared away."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from flask import current_app

from kiosk.clock import utcnow
from kiosk.models import Event, Rehearsal
from kiosk.services.host import addresses
from kiosk.services.rehearsals import crowd, stage
from kiosk.services.rehearsals.phone import TIMEOUT, NotSignedIn, RehearsalDoor
from kiosk.services.store.writer import WriterBusy, WriterSession, run

AT_ONCE = 32  # phones in hands at one time; a door of 400 people has fewer
TELL_SECONDS = 1.0
SETTLE_SECONDS = 2.5  # longer than a worker remembers an event (1 s) or keeps what it felt of phones (1 s)
PATIENCE_SECONDS = 60.0  # for a write that has to be made
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where a server that listens everywhere is heard
Result = TypeVar("Result")


@dataclass
class Score:
    """What has happened so far; many threads add to it."""

    seconds: list[float] = field(default_factory=list)  # of each who was signed in
    failed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float | None) -> None:
        """Count one person: how long it took, or None for who was not signed in."""
        with self._lock:
            if seconds is None:
                self.failed += 1
            else:
                self.seconds.append(seconds)

    def figures(self) -> dict[str, int | None]:
        """Return the columns of the row: counts, and milliseconds when anybody was signed in."""
        found = sorted(self.seconds)
        return {
            "signed_in": len(found),
            "failed": self.failed,
            "p50_ms": percentile_ms(found, 50),
            "p95_ms": percentile_ms(found, 95),
            "slowest_ms": percentile_ms(found, 100),
        }


def percentile_ms(found: Sequence[float], percent: int) -> int | None:
    """Return the time within which `percent` of the people were signed in (nearest rank), from sorted seconds."""
    if not found:
        return None
    return round(found[max(1, math.ceil(len(found) * percent / 100)) - 1] * 1000)


def perform(rehearsal_id: int) -> None:
    """Let the people come, note the figures, clear everything away; do nothing for one that has begun already."""
    begun = _insist(lambda session: _begin(session, rehearsal_id))
    if begun is None:
        return
    score = Score()
    _let_them_come(rehearsal_id, begun, _door(begun), score)
    _insist(lambda session: _note(session, rehearsal_id, score, then="clearing"))
    stage.close_door(begun.event_id)
    time.sleep(SETTLE_SECONDS)
    stage.clear(rehearsal_id, last_state="done")


@dataclass(frozen=True)
class _Begun:
    event_id: int
    code: str
    kinds: tuple[str, ...]
    arrivals: tuple[crowd.RehearsedArrival, ...]
    seconds: int


def _begin(session: WriterSession, rehearsal_id: int) -> _Begun | None:
    """Take the rehearsal; one that was stopped before it began has nobody in it, and only has to be cleared away."""
    rehearsal = session.get(Rehearsal, rehearsal_id)
    if rehearsal is None or rehearsal.state not in ("waiting", "stopped") or rehearsal.event_id is None:
        return None
    is_stopped = rehearsal.state == "stopped"
    rehearsal.state = "stopped" if is_stopped else "running"
    event = session.get_one(Event, rehearsal.event_id)
    event.starts_at = crowd.start_of(utcnow(), rehearsal.seconds)  # once more: this process took its time to begin
    event.settings_version += 1
    kinds = tuple(kind["kind"] for kind in event.kinds)
    people = 0 if is_stopped else rehearsal.arrivals
    arrivals = crowd.arrivals(people, rehearsal.seconds, kinds, seed=rehearsal.id)
    return _Begun(event.id, event.code, kinds, arrivals, rehearsal.seconds)


def _door(begun: _Begun) -> RehearsalDoor:
    settings = current_app.config["KIOSK"]
    host = settings.bind.rsplit(":", 1)[0].strip("[]")
    name = urlsplit(addresses.base_url()).netloc
    return RehearsalDoor(EVERYWHERE.get(host, host), settings.port, name, begun.code, len(begun.kinds) > 1)


def _let_them_come(rehearsal_id: int, begun: _Begun, door: RehearsalDoor, score: Score) -> None:
    """Send everybody at their moment; return when all are through, when it was stopped, or when it takes too long."""
    began, told = time.monotonic(), 0.0
    waiting = list(reversed(begun.arrivals))
    until = begun.seconds + TIMEOUT
    is_wanted = True

    def come(arrival: crowd.RehearsedArrival) -> None:
        # From the moment they scan, not from when a hand was free to send it: a slow server hides nothing.
        try:
            score.add(door.sign_in(arrival.kind, arrival.answers) - began - arrival.after)
        except NotSignedIn:
            score.add(None)

    with ThreadPoolExecutor(AT_ONCE) as hands:
        while is_wanted and (now := time.monotonic() - began) < until and _through(score) < len(begun.arrivals):
            while waiting and waiting[-1].after <= now:
                hands.submit(come, waiting.pop())
            if now - told >= TELL_SECONDS:
                told = now
                is_wanted = _tell(rehearsal_id, score)
            following = waiting[-1].after - now if waiting else TELL_SECONDS
            time.sleep(max(0.0, min(following, 0.1)))
        hands.shutdown(cancel_futures=True)
    if (
        is_wanted
    ):  # who is still in the queue was not signed in: a machine that is too slow must not look like a good one
        for _ in range(len(begun.arrivals) - _through(score)):
            score.add(None)


def _through(score: Score) -> int:
    return len(score.seconds) + score.failed


def _tell(rehearsal_id: int, score: Score) -> bool:
    """Write how far it is; return whether it is to go on."""
    try:
        return run(lambda session: _note(session, rehearsal_id, score)) == "running"
    except WriterBusy:
        return True  # told a second later


def _note(session: WriterSession, rehearsal_id: int, score: Score, *, then: str | None = None) -> str:
    rehearsal = session.get_one(Rehearsal, rehearsal_id)
    for name, value in score.figures().items():
        setattr(rehearsal, name, value)
    if then is not None and rehearsal.state == "running":
        rehearsal.state, rehearsal.ended_at = then, utcnow()
    return rehearsal.state


def _insist(work: Callable[[WriterSession], Result]) -> Result:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return run(work)
        except WriterBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
