"""The rehearsal itself, in a process beside the server: people come, are measured, and everything is cleared away."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import current_app

from kiosk.clock import utcnow
from kiosk.services.demo.phone import TIMEOUT, NotSignedIn, PhoneDoor
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.services.rehearsals import book, crowd, stage
from kiosk.services.tasks import tasks
from kiosk.services.tasks.tasks import TaskReport

AT_ONCE = 32  # phones in hands at one time; a door of 400 people has fewer
LONGEST_PAUSE = 0.1  # between two looks
SETTLE_SECONDS = 2.5  # longer than a worker remembers an event (1 s) or keeps what it felt of phones (1 s)
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where a server that listens everywhere is heard


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

    @property
    def through(self) -> int:
        """Return how many people are done with, signed in or not."""
        return len(self.seconds) + self.failed

    def figures(self) -> dict[str, int | None]:
        """Return the columns of the row: counts, and milliseconds when anybody was signed in."""
        by_length = sorted(self.seconds)
        return {
            "signed_in": len(by_length),
            "failed": self.failed,
            "p50_ms": percentile_ms(by_length, 50),
            "p95_ms": percentile_ms(by_length, 95),
            "slowest_ms": percentile_ms(by_length, 100),
        }


def percentile_ms(by_length: Sequence[float], percent: int) -> int | None:
    """Return the time within which `percent` of the people were signed in (nearest rank), from sorted seconds."""
    if not by_length:
        return None
    return round(by_length[max(1, math.ceil(len(by_length) * percent / 100)) - 1] * 1000)


def perform(rehearsal_id: int) -> None:
    """Let the people come, note the figures, clear everything away; do nothing for one that has begun already."""
    rehearsal = tasks.claim(book.RehearsalView, rehearsal_id)
    if rehearsal is None:
        return
    with tasks.heard(rehearsal_id) as report:
        copy = events.get(rehearsal.copy_code)
        if rehearsal.state == "running":
            begins_at = crowd.start_of(utcnow(), rehearsal.seconds)  # this process took its time to begin
            tasks.insist(lambda: stage.set_door(copy.id, starts_at=begins_at))
            arrivals = crowd.arrivals(rehearsal.total, rehearsal.seconds, copy.kind_names, seed=rehearsal_id)
            score = Score()
            _let_them_come(arrivals, rehearsal.seconds, _door(copy), score, report)
            tasks.end(rehearsal_id, "clearing", done=score.through, result=score.figures())
        tasks.insist(lambda: stage.set_door(copy.id, closed_by_hand_at=utcnow()))
        event_views.forget(copy.code)
        time.sleep(SETTLE_SECONDS)
        book.clear(rehearsal_id, last_state="done")


def _door(copy: EventView) -> PhoneDoor:
    settings = current_app.config["KIOSK"]
    host = settings.bind.rsplit(":", 1)[0].strip("[]")
    name = urlsplit(addresses.base_url()).netloc
    return PhoneDoor(EVERYWHERE.get(host, host), settings.port, name, copy.code, len(copy.kind_names) > 1)


def _let_them_come(
    arrivals: Sequence[crowd.RehearsedArrival], seconds: int, door: PhoneDoor, score: Score, report: TaskReport
) -> None:
    """Send everybody at their moment; return when all are through, when it was stopped, or when it takes too long."""
    began = time.monotonic()
    waiting = list(reversed(arrivals))
    until = seconds + TIMEOUT

    def come(arrival: crowd.RehearsedArrival) -> None:
        # From the moment they scan, not from when a hand was free to send it: a slow server hides nothing.
        try:
            score.add(door.sign_in(arrival.kind, arrival.answers) - began - arrival.after)
        except NotSignedIn:
            score.add(None)

    with ThreadPoolExecutor(AT_ONCE) as hands:
        while report.state == "running" and (now := time.monotonic() - began) < until and score.through < len(arrivals):
            while waiting and waiting[-1].after <= now:
                hands.submit(come, waiting.pop())
            report.progress(score.through, len(arrivals), result=score.figures())
            following = waiting[-1].after - now if waiting else LONGEST_PAUSE
            time.sleep(max(0.0, min(following, LONGEST_PAUSE)))
        hands.shutdown(cancel_futures=True)
    if report.state == "running":
        # Who is still in the queue was not signed in: a machine that is too slow must not look like a good one.
        score.failed = len(arrivals) - len(score.seconds)
    report.progress(score.through, len(arrivals), result=score.figures())
