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
from pathlib import Path

from bench import afterwards
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server
from tests.aids.slow_phones import in_a_loop, sign_in_together

PHONES = 400
TIMES = 3
ROUNDS = 2  # of slow phones, one after the other: as long as the quiet door is measured
FIRST = 40  # of the numbers of the people at the doors: no other bench uses these


def measure(server: Server) -> tuple[float, float]:
    """Return p95 of a sign-in at 50 a second in milliseconds, quiet and beside the slow phones: medians of rounds."""
    event, numbers = make_event(title="慢手机"), itertools.count(FIRST)
    quiet, beside = [], []
    for _ in range(TIMES):
        waits, _seconds = afterwards.beside_a_door(
            server, event, lambda: time.sleep(afterwards.QUIET_SECONDS), next(numbers)
        )
        quiet.append(afterwards.p95(waits))
        waits, _seconds = afterwards.beside_a_door(server, event, _slow(server, event, next(numbers)), next(numbers))
        beside.append(afterwards.p95(waits))
    return statistics.median(quiet), statistics.median(beside)


def _slow(server: Server, event: EventView, number: int) -> Callable[[], None]:
    """Return what lets the slow phones come, each with a page that was opened before."""
    rounds = [
        ([f"慢{number}{turn}{one:03d}" for one in range(PHONES)], [new_ticket(event.id).token for _ in range(PHONES)])
        for turn in range(ROUNDS)
    ]

    def come() -> None:
        for names, tickets in rounds:
            answers = in_a_loop(sign_in_together(server.port, event.code, names, tickets))
            assert [status for status, _ in answers if status != 303] == []

    return come


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        quiet, beside = measure(server)
        print(
            f"p95 of a sign-in: {quiet:.1f} ms; beside {PHONES} slow phones {beside:.1f} ms: {beside / quiet:.2f} times"
        )


if __name__ == "__main__":
    main()
