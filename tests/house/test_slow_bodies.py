"""Bodies that trickle: cut off, shut nobody else out, and a hall of slow phones behind one address still gets in."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest

from kiosk.services import codes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.serving import GRACE_SECONDS
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
TRICKLING = 2050  # more connections than a worker has
PHONES = 400
RATE = 2000  # bytes a second of an honest phone at the edge of the hall
BODY = 6000
Result = TypeVar("Result")
BAD, GOOD = "127.0.0.2", "127.0.0.3"  # two clients


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[Server]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    try:
        with run_server(tmp_path / "instance", workers=1) as server:
            yield server
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run this in a loop of its own, in a thread: a browser's tests leave a loop in the one that they ran in."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def head(event: EventView, length: int) -> bytes:
    return (
        f"POST /e/{event.code}/sign-in HTTP/1.1\r\nHost: door.test\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def trickle(server: Server, event: EventView) -> float:
    """Hold a connection by a byte every two seconds, and return for how long it was held."""
    began = time.monotonic()
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(BAD, 0))
        began = time.monotonic()
        writer.write(head(event, BODY))
        ended = asyncio.ensure_future(reader.read())
        while not ended.done():
            writer.write(b"a")
            await asyncio.wait([ended], timeout=2)
        with contextlib.suppress(OSError):
            ended.result()
        writer.close()
    return time.monotonic() - began


async def sign_in_slowly(server: Server, event: EventView, number: int, ticket: str) -> tuple[int, float]:
    """Be a phone that sends a long form at RATE, and return the answer's status and the seconds it took."""
    fields = {"kind": "guest", "name": f"人{number}", "ticket": ticket, "filler": ""}
    fields["filler"] = "x" * (BODY - len(urlencode(fields)))
    body, began = urlencode(fields).encode(), time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(GOOD, 0))
    writer.write(head(event, len(body)))
    for start in range(0, len(body), RATE // 2):
        writer.write(body[start : start + RATE // 2])
        await asyncio.sleep(0.5)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1] or 0), time.monotonic() - began


async def attack_and_sign_in(
    server: Server, event: EventView, tickets: list[str]
) -> tuple[list[float], list[tuple[int, float]]]:
    bad = [asyncio.ensure_future(trickle(server, event)) for _ in range(TRICKLING)]
    await asyncio.sleep(3)  # they hold what they can get
    phones = [sign_in_slowly(server, event, number, ticket) for number, ticket in enumerate(tickets)]
    good = await asyncio.gather(*phones)
    return list(await asyncio.gather(*bad)), list(good)


def test_two_thousand_trickling_bodies_are_cut_and_four_hundred_slow_phones_get_in(one_worker: Server) -> None:
    event = make_event()
    tickets = [codes.new_ticket(event.id).token for _ in range(PHONES)]
    held, signed_in = in_a_loop(attack_and_sign_in(one_worker, event, tickets))
    assert [status for status, _ in signed_in if status != 303] == []
    assert max(seconds for _, seconds in signed_in) < 30
    assert events.counts(event.id).arrived == PHONES
    assert max(held) < GRACE_SECONDS + 20, "a byte every two seconds holds no connection for long"


def test_a_body_that_stops_is_answered_in_words(one_worker: Server) -> None:
    event = make_event()

    async def stop() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", one_worker.port)
        writer.write(head(event, BODY) + b"name=a")
        answer = await reader.read()
        writer.close()
        return answer

    began = time.monotonic()
    answer = in_a_loop(stop()).decode()
    assert answer.startswith("HTTP/1.1 408 ") and "现在网络太慢" in answer
    assert GRACE_SECONDS <= time.monotonic() - began < GRACE_SECONDS + 10
