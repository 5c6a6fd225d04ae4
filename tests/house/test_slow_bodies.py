"""Connections that trickle: cut off, shut nobody else out, and a hall of slow phones gets in, also behind the address
that they come from."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.services import codes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.serving import GRACE_SECONDS, LEAST_RATE
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server
from tests.aids.slow_phones import BODY, head, in_a_loop, sign_in_slowly

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
TRICKLING = 2050  # more connections than a worker has
PHONES = 400
COMING_SECONDS = 5  # in which the phones come
BAD, GOOD = "127.0.0.2", "127.0.0.3"  # two clients
ALL = "127.0.0.1"  # one client: everybody behind the hall's router


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[Server]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    try:
        with run_server(tmp_path / "instance", workers=1) as server:
            yield server
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def trickle(server: Server, event: EventView) -> float:
    """Hold a connection by a byte every two seconds, and return for how long it was held."""
    began = time.monotonic()
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(BAD, 0))
        began = time.monotonic()
        writer.write(head(event.code, BODY))
        ended = asyncio.ensure_future(reader.read())
        while not ended.done():
            writer.write(b"a")
            await asyncio.wait([ended], timeout=2)
        with contextlib.suppress(OSError):
            ended.result()
        writer.close()
    return time.monotonic() - began


async def attack_and_sign_in(
    server: Server, event: EventView, tickets: list[str]
) -> tuple[list[float], list[tuple[int, float]]]:
    bad = [asyncio.ensure_future(trickle(server, event)) for _ in range(TRICKLING)]
    await asyncio.sleep(3)  # they hold what they can get
    phones = [
        sign_in_slowly(server.port, event.code, f"人{number}", ticket, GOOD) for number, ticket in enumerate(tickets)
    ]
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


def pieces_of(event: EventView, kind: int) -> Iterator[bytes]:
    """Yield what somebody who means ill sends, a piece a second; each kind stops short of a whole request."""
    body = head(event.code, 60000)
    ways: list[list[bytes]] = [
        [body, *[b"a"] * 300],  # a byte of the body
        [body, *[b"a" * (LEAST_RATE + 100)] * 90],  # more than the least rate asks for
        [body + b"a" * 4000],  # much at once, and then nothing
        [b"GET / HTTP/1.1\r\nHost: a\r\n", *[b"X: y\r\n"] * 300],  # a line of the head
        [],  # nothing at all
    ]
    yield from ways[kind]


async def hold(server: Server, event: EventView, kind: int, is_over: asyncio.Event) -> int:
    """Hold a connection, open another a second after it was cut, until it is over; return how many were cut."""
    cut = 0
    while not is_over.is_set():
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(ALL, 0))
            pieces, ended = pieces_of(event, kind), asyncio.ensure_future(reader.read())
            while not ended.done() and not is_over.is_set():
                writer.write(next(pieces, b""))
                await asyncio.wait([ended], timeout=1)
            cut += ended.done()
            ended.cancel()
            writer.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), 1)
    return cut


async def hold_and_sign_in(server: Server, event: EventView, tickets: list[str]) -> tuple[int, list[tuple[int, float]]]:
    is_over = asyncio.Event()
    bad = [asyncio.ensure_future(hold(server, event, number % 5, is_over)) for number in range(TRICKLING)]
    await asyncio.sleep(3)  # they hold what they can get
    phones = []
    for number, ticket in enumerate(tickets):  # people do not come all in one second
        phone = sign_in_slowly(server.port, event.code, f"人{number}", ticket, ALL)
        phones.append(asyncio.ensure_future(phone))
        await asyncio.sleep(COMING_SECONDS / PHONES)
    good = await asyncio.gather(*phones)
    is_over.set()
    return sum(await asyncio.gather(*bad)), list(good)


def test_four_hundred_slow_phones_get_in_from_the_address_that_two_thousand_hold_connections_from(
    one_worker: Server,
) -> None:
    event = make_event()
    tickets = [codes.new_ticket(event.id).token for _ in range(PHONES)]
    cut, signed_in = in_a_loop(hold_and_sign_in(one_worker, event, tickets))
    acknowledged = sum(status == 303 for status, _ in signed_in)
    answers = Counter(status for status, _ in signed_in)
    assert acknowledged >= PHONES - 5, answers
    assert events.counts(event.id).arrived == acknowledged, "nobody is in who was not answered so"
    assert cut > TRICKLING - 1500, "they did hold all that one address may"


def test_a_body_that_stops_is_answered_in_words(one_worker: Server) -> None:
    event = make_event()

    async def stop() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", one_worker.port)
        writer.write(head(event.code, BODY) + b"name=a")
        answer = await reader.read()
        writer.close()
        return answer

    began = time.monotonic()
    answer = in_a_loop(stop()).decode()
    assert answer.startswith("HTTP/1.1 408 ") and "现在网络太慢" in answer
    assert GRACE_SECONDS <= time.monotonic() - began < GRACE_SECONDS + 10
