"""`kill -9` of a worker in a stream of sign-ins: what was acknowledged is there, nothing is there twice.

The phones send again, with the same key, what got no answer; tests/aids/history.py judges all that they were answered.
SOAK=1 gives the full dose: 2,000 sign-ins and 30 kills on each database.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kiosk.extensions import db
from kiosk.models import Participant
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.history import ACKNOWLEDGED, History, read_books
from tests.aids.server import Phone, Server, run_server

IS_SOAK = os.environ.get("SOAK") == "1"
SIGN_INS, KILLS = (2000, 30) if IS_SOAK else (500, 6)
PHONES = 12
PATIENCE_SECONDS = 60.0  # for one sign-in, over as many deaths as it meets

pytestmark = [pytest.mark.server, pytest.mark.timeout(600 if IS_SOAK else 180)]


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    orders = tmp_path / "orders"
    orders.mkdir()
    with run_server(
        tmp_path / "instance",
        database_url=database_url,
        wsgi="tests.aids.faulty_wsgi:app",
        environ={"FAULT_ORDERS": str(orders)},
    ) as running:
        yield running


def test_killed_workers_lose_no_acknowledged_sign_in_and_double_none(server: Server, tmp_path: Path) -> None:
    event = make_event()
    history, waiting = History(), queue.SimpleQueue[str]()
    for number in range(SIGN_INS):
        waiting.put(f"张{number:04d}")
    with ThreadPoolExecutor(PHONES + 1) as pool:
        killer = pool.submit(kill_now_and_then, server, tmp_path / "orders", history)
        phones = [pool.submit(sign_in_all, server, event, waiting, history) for _ in range(PHONES)]
        for phone in phones:
            phone.result()
        moments = killer.result()

    assert set(moments) == {"before", "after", "later"} and len(moments) == KILLS
    assert len(history.attempts) > SIGN_INS, "no kill met a sign-in under way"
    db.session.rollback()
    books = read_books(lambda statement: db.session.execute(text(statement)), event.id)
    assert history.judge(books) == []
    assert len(history.acknowledged) == len(books.rows) == SIGN_INS
    assert len(db.session.scalars(select(Participant.id)).all()) == SIGN_INS
    assert tallies.recount() == ()


def kill_now_and_then(server: Server, orders: Path, history: History) -> list[str]:
    """Let a worker die before a commit, after one, and at any moment, in turn, all along the stream."""
    moments = []
    for number, moment in zip(range(KILLS), itertools.cycle(("before", "after", "later")), strict=False):
        enough = SIGN_INS * (number + 1) // (KILLS + 2)
        wait_for(lambda enough=enough: len(history.acknowledged) >= enough, "sign-ins")
        wait_for(lambda: len(server.workers()) == 2, "two workers")
        order = orders / moment
        if moment == "later":
            os.kill(server.workers()[number % 2], signal.SIGKILL)
        else:
            order.touch()
            wait_for(lambda order=order: not order.exists(), f"a death {moment} a commit")
        moments.append(moment)
    return moments


def sign_in_all(server: Server, event: EventView, waiting: queue.SimpleQueue[str], history: History) -> None:
    """Be one phone after another until nobody waits."""
    with server.phone(timeout=10) as phone:
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            sign_in_patiently(phone, event, name, history)


def sign_in_patiently(phone: Phone, event: EventView, name: str, history: History) -> None:
    """Open the form, and send it until it is acknowledged."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ticket = None
    while time.monotonic() < deadline:
        if ticket is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                ticket = phone.ticket(event.code, "guest")
        if ticket is not None:
            answer = history.sign_in(phone, event.code, {"kind": "guest", "name": name}, ticket)
            if answer is not None and answer.status == ACKNOWLEDGED:
                return
        threading.Event().wait(0.05)  # as a phone does before it tries again
    raise AssertionError(f"{name} got no answer")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)
