"""How long a sign-in waits beside 400 phones that send at 2 KB a second, as a ratio to the same door without them, in
the same run.

`python -m bench.slow` prints it alone.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from bench import afterwards
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server
from tests.aids.slow_phones import in_a_loop, sign_in_together

PHONES = 400
SIZE = 20_000  # bytes: ten seconds at 2 KB a second, in which all of them hang on the line at once
COMING_SECONDS = 10.0  # in which they come, as people do; 400 at one moment are a rush of their own
TIMES = 3
FIRST = 40  # of the numbers of the people at the doors: no other bench uses these


def measure(server: Server) -> tuple[float, float]:
    """Return p95 of a sign-in at 50 a second in milliseconds, quiet and beside the slow phones: medians of rounds."""
    event, numbers = make_event(title="慢手机"), itertools.count(FIRST)
    alone, together = [], []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        beside.submit(int).result()  # it is there before anything is measured
        for _ in range(TIMES):
            quiet = partial(time.sleep, afterwards.QUIET_SECONDS)
            slow = _slow(server, event, next(numbers), beside)
            for work, waits in ((quiet, alone), (slow, together)):
                seconds, _took = afterwards.beside_a_door(server, event, work, next(numbers))
                waits.append(afterwards.p95(seconds))
    return statistics.median(alone), statistics.median(together)


def _slow(server: Server, event: EventView, number: int, beside: Executor) -> Callable[[], None]:
    """Return what lets the slow phones come, each with a page that was opened before, from a process of their own: in
    this one the fast phones would wait for them to be served by Python, not by the door."""
    names = [f"慢{number}{one:03d}" for one in range(PHONES)]
    tickets = [new_ticket(event.id).token for _ in names]

    def come() -> None:
        answers = beside.submit(_come_slowly, server.port, event.code, names, tickets).result()
        assert [status for status, _ in answers if status != 303] == []

    return come


def _come_slowly(port: int, code: str, names: list[str], tickets: list[str]) -> list[tuple[int, float]]:
    return in_a_loop(sign_in_together(port, code, names, tickets, coming=COMING_SECONDS, size=SIZE))


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        quiet, beside = measure(server)
        print(
            f"p95 of a sign-in: {quiet:.1f} ms; beside {PHONES} slow phones {beside:.1f} ms: {beside / quiet:.2f} times"
        )


if __name__ == "__main__":
    main()
