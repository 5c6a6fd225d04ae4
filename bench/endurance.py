"""What stays in memory: the server after its first thousand sign-ins, and after many more and many screens."""

from __future__ import annotations

import socket
import tempfile
import time
from pathlib import Path

from bench import live, load, sizes
from bench.table import Row
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server

FIRST = 1_000
ALL = 50_000
STREAMS = 1_000
AT_ONCE = 50  # streams open together
PART = 7_000  # forms of one run of the load
PART_SECONDS = 4
REST_SECONDS = 3.0  # until what was under way is over


def measure() -> list[Row]:
    """Return how much memory the server has after all of it, times what it had after the first thousand."""
    with tempfile.TemporaryDirectory() as folder, run_server(Path(folder)) as server:
        event = make_event()
        _sign_in(server, event, FIRST)
        before = sizes.idle_megabytes(server)
        _sign_in(server, event, ALL)
        cookie = live.log_in(server)
        for _ in range(STREAMS // AT_ONCE):
            _open_and_close(server, event.code, cookie)
        time.sleep(REST_SECONDS)
        after = sizes.idle_megabytes(server)
    what = f"memory after {ALL:,} sign-ins and {STREAMS:,} streams, times after {FIRST:,}"
    return [Row(what, after / before, "<= 1.20", "", f"{before:.0f} MB, then {after:.0f} MB")]


def _sign_in(server: Server, event: EventView, wanted: int) -> None:
    """Let people come until so many have arrived."""
    url = f"http://127.0.0.1:{server.port}/e/{event.code}/sign-in"
    number = 0
    while (arrived := events.counts(event.id).arrived) < wanted:
        count = min(PART, wanted - arrived)
        number += 1
        run = load.post(url, PART_SECONDS, load.forms(server.app, event, count, wanted * 100 + number * PART))
        assert run.failed == 0, run
    time.sleep(REST_SECONDS)


def _open_and_close(server: Server, code: str, cookie: str) -> None:
    streams = [live.open_stream(server, code, cookie) for _ in range(AT_ONCE)]
    for stream in streams:
        stream.shutdown(socket.SHUT_RDWR)
        stream.close()
