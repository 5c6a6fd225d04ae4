"""How long a phone's page and a sign-in wait while lists are read that are to break the reader, or are as long as any
may be, as a ratio to the same door with nothing beside it, in the same run.

`python -m bench.hostile` prints it list by list.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import load, rosters
from bench.afterwards import PER_SECOND, QUIET_SECONDS, beside, sign_in
from kiosk.services.event.event_views import EventView
from tests.aids import hostile_lists
from tests.aids.factories import make_event
from tests.aids.server import Phone, Server, run_server

MOST_SECONDS = 300


@dataclass(frozen=True)
class Waits:
    """Milliseconds that phones waited."""

    median: float
    p95: float
    most: float
    count: int

    def __str__(self) -> str:
        """Return them in one line."""
        return f"median {self.median:.1f}, p95 {self.p95:.1f}, most {self.most:.1f} ms of {self.count}"


def measure(server: Server) -> tuple[Waits, Waits]:
    """Return how long phones wait at a quiet door, and beside all of these lists."""
    door = make_event(title="门口")
    visits = _visits(server, door)
    quiet = _waits(beside(server, visits, lambda: time.sleep(QUIET_SECONDS))[0])
    all_waits: list[float] = []
    with rosters.desk_at(server, "hostile-bench@example.org") as (desk, token):
        for make in (*hostile_lists.REFUSED.values(), *hostile_lists.READ.values()):
            work = _uploading(desk, token, make())
            all_waits += beside(server, visits, work)[0]
    return quiet, _waits(all_waits)


def _visits(server: Server, event: EventView) -> Iterator[Callable[[Phone], None]]:
    """Yield what phones do: one opens the page, the next one signs in."""
    for form in load.forms(server.app, event, MOST_SECONDS * PER_SECOND // 2, 3_000_000):
        yield partial(_opens, code=event.code)
        yield partial(sign_in, code=event.code, body=form)


def _opens(phone: Phone, code: str) -> None:
    answer = phone.get(f"/e/{code}")
    assert answer.status == 200, answer.status


def _uploading(desk: Phone, token: str, content: bytes) -> Callable[[], None]:
    code = make_event().code

    def upload() -> None:
        desk.hang_up()  # the server has, where the door was quiet for long
        answer = rosters.upload(desk, code, token, content)
        assert answer.status in (303, 422), answer.status
        if answer.location:
            assert desk.get(answer.location).status == 200
            desk.post(answer.location, {"csrf_token": token, "discard": "1"})

    return upload


def _waits(seconds: list[float]) -> Waits:
    milliseconds = [one * 1000 for one in seconds]
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    return Waits(statistics.median(milliseconds), p95, max(milliseconds), len(milliseconds))


def main() -> None:
    """Print the waits beside each list."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        visits = _visits(server, make_event(title="门口"))
        with rosters.desk_at(server, "hostile-bench@example.org") as (desk, token):
            works = {"quiet": lambda: time.sleep(QUIET_SECONDS)}
            for name, make in (*hostile_lists.REFUSED.items(), *hostile_lists.READ.items()):
                works[name] = _uploading(desk, token, make())
            for name, work in works.items():
                seconds, took = beside(server, visits, work)
                one = _waits(seconds) if len(seconds) > 1 else None
                print(f"{name:30} {took:5.1f} s {one}", flush=True)


if __name__ == "__main__":
    main()
