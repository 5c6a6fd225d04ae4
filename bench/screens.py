"""What dashboards cost the door: sign-ins at a steady rate without screens and with many on the event, in one run.

`python -m bench.screens [--screens N] [--rate N] [--rounds N]` prints each round.
"""

from __future__ import annotations

import argparse
import multiprocessing
import selectors
import socket
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from bench import load
from kiosk.services.account import staff_sessions
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.web.board.held_streams import OF_LOG_IN
from kiosk.web.frame.access import COOKIE
from tests.aids import watchers
from tests.aids.factories import make_event, make_staff
from tests.aids.server import HOST, Server, run_server

SCREENS = 500
PER_SECOND = 100
SECONDS = 10.0
ROUNDS = 3
WARM_SECONDS = 2.0
AFTER_SECONDS = 3.0  # until every screen must show the last one
SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class BesideScreens:
    """A door with screens: p95 of a sign-in with and without them in milliseconds, p95 from a sign-in's answer to a
    screen in milliseconds, what a screen is sent in KB a second, and the share of screens that ended on the count."""

    alone_ms: float
    beside_ms: float
    screen_ms: float
    kilobytes: float
    complete: float

    @property
    def times(self) -> float:
        return self.beside_ms / self.alone_ms

    def __str__(self) -> str:
        """Return it in one line."""
        return (
            f"sign-in p95 {self.alone_ms:.1f} ms alone, {self.beside_ms:.1f} ms beside ({self.times:.2f} times); "
            f"to the screens p95 {self.screen_ms:.0f} ms; {self.kilobytes:.1f} KB/s each; "
            f"{self.complete:.3f} of them on the last count"
        )


def measure(
    server: Server, screens: int = SCREENS, rate: int = PER_SECOND, rounds: int = ROUNDS
) -> list[BesideScreens]:
    """Return each round: the door alone, then the same with screens."""
    cookies = _cookies(screens)
    numbers = iter(range(5_000_000, 9_000_000, 100_000))
    _door(server, make_event(title="门口"), rate, WARM_SECONDS, next(numbers))
    return [_round(server, cookies, rate, next(numbers)) for _ in range(rounds)]


def median(rounds: list[BesideScreens]) -> BesideScreens:
    """Return the median of each figure; `times` is then of those medians."""
    return BesideScreens(*(statistics.median(values) for values in zip(*map(astuple, rounds), strict=True)))


def _round(server: Server, cookies: list[str], rate: int, start: int) -> BesideScreens:
    alone, _ = _door(server, make_event(title="门口"), rate, SECONDS, start)
    event = make_event(title="大屏")
    path = f"/events/{event.code}/dashboard/stream?lang=zh&patches=1"  # as the page asks
    context = multiprocessing.get_context("spawn")
    mine, other = context.Pipe()
    watcher = context.Process(
        target=watchers.watch, args=(other, server.port, f"{HOST}:{server.port}", path, cookies), daemon=True
    )
    watcher.start()
    assert mine.poll(300), "the screens did not open"
    assert (count := mine.recv()) == len(cookies), f"{count} screens were opened"
    time.sleep(SETTLE_SECONDS)
    began = time.monotonic()
    beside, answered = _door(server, event, rate, SECONDS, start + 50_000)
    ended = time.monotonic()
    time.sleep(AFTER_SECONDS)
    mine.send(None)
    assert mine.poll(300), "the screens did not answer"
    shown: list[tuple[Any, Any]] = mine.recv()
    watcher.join(10)
    final = events.counts(event.id).arrived
    assert final == len(answered), (final, len(answered))
    sizes = [sum(size for moment, size in came if began <= moment <= ended) for _, came in shown]
    return BesideScreens(
        alone_ms=_p95(alone),
        beside_ms=_p95(beside),
        screen_ms=_p95([wait for counts, _ in shown for wait in _waits(answered, counts)]),
        kilobytes=statistics.median(sizes) / 1024 / (ended - began),
        complete=sum(bool(counts) and counts[-1][1] == final for counts, _ in shown) / len(shown),
    )


def _cookies(screens: int) -> list[str]:
    """Return a log-in's cookie for each screen; one log-in holds so many streams."""
    staff = make_staff(email="screens-bench@example.org")
    tokens = [staff_sessions.begin(staff.id, address=None, user_agent=None) for _ in range(-(-screens // OF_LOG_IN))]
    return [f"{COOKIE}={tokens[number // OF_LOG_IN]}" for number in range(screens)]


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def _waits(answered: list[float], counts: list[tuple[float, int]]) -> Iterator[float]:
    """Yield how long each sign-in took to a screen; the k-th answer is taken for that of the k-th number."""
    shown = 0
    for moment, count in counts:
        for answer in answered[shown:count]:
            yield moment - answer
        shown = max(shown, count)
    for _ in answered[shown:]:
        yield float("inf")


def _door(server: Server, event: EventView, rate: int, seconds: float, start: int) -> tuple[list[float], list[float]]:
    """Let people come at a steady rate, whether or not those before were answered; return how long each waited, from
    the moment that was due, and the moments of the answers in order."""
    forms = load.forms(server.app, event, int(rate * seconds), start)
    due = deque((time.monotonic() + number / rate, _post(server, event, form)) for number, form in enumerate(forms))
    selector, idle, waits, answered = selectors.DefaultSelector(), deque[socket.socket](), [], []
    while len(answered) < len(forms):
        now = time.monotonic()
        while due and due[0][0] <= now:
            moment, request = due.popleft()
            phone = idle.popleft() if idle else socket.create_connection(("127.0.0.1", server.port))
            phone.sendall(request)
            selector.register(phone, selectors.EVENT_READ, moment)
        pause = max(0.0, due[0][0] - time.monotonic()) if due else 1.0
        for key, _ in selector.select(pause):
            phone = key.fileobj  # type: ignore[assignment]
            selector.unregister(phone)
            answer = phone.recv(65536)
            answered.append(time.monotonic())
            assert answer.startswith(b"HTTP/1.1 303 "), answer[:300]
            waits.append(answered[-1] - key.data)
            idle.append(phone)
    for phone in idle:
        phone.close()
    return waits, answered


def _post(server: Server, event: EventView, form: str) -> bytes:
    body = form.encode()
    lines = (
        f"POST /e/{event.code}/sign-in HTTP/1.1", f"Host: {HOST}:{server.port}",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode() + body


def main() -> None:
    """Print each round and the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench.screens", description=__doc__)
    for name, value in (("screens", SCREENS), ("rate", PER_SECOND), ("rounds", ROUNDS)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        rounds = measure(server, options.screens, options.rate, options.rounds)
    for one in rounds:
        print(one)
    print(f"median: {median(rounds)}")


if __name__ == "__main__":
    main()
