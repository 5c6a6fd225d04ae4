"""`kill -9` of a worker at every step of a stream of sign-ins: what was acknowledged is there, nothing is there twice.

A step is a write to a file of the database, a sync, or a message to PostgreSQL or from it; a worker dies before it, in
its middle or after it (tests/aids/faults.c). The phones send again, with the same key, what got no answer;
tests/aids/history.py judges all that they were answered. SOAK=1 gives the full dose: 100 kills on each database.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from kiosk.extensions import db
from kiosk.models import Participant
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.faults import KILLS, OF_DATABASE, OF_FILES, Faults, prepare
from tests.aids.history import ACKNOWLEDGED, History, read_books
from tests.aids.server import Phone, Server, run_server

IS_SOAK = os.environ.get("SOAK") == "1"
ROUNDS, STRIDE = (100, 2) if IS_SOAK else (6, 35)  # the Nth step of each round kills, N rising by the stride
PHONES = 12
PATIENCE_SECONDS = 60.0  # for one sign-in, over as many deaths as it meets

pytestmark = [pytest.mark.server, pytest.mark.timeout(600 if IS_SOAK else 180)]


@pytest.fixture
def faults(tmp_path: Path, database_url: str) -> Faults:
    url = make_url(database_url)
    is_file = url.get_backend_name() == "sqlite"
    return prepare(tmp_path, **({"file": Path(str(url.database))} if is_file else {"port": url.port}))


@pytest.fixture
def server(tmp_path: Path, database_url: str, faults: Faults) -> Iterator[Server]:
    folder = tmp_path / "instance"
    with run_server(folder, database_url=database_url, environ=faults.environ, is_forked=False) as running:
        yield running


def test_killed_workers_lose_no_acknowledged_sign_in_and_double_none(server: Server, faults: Faults) -> None:
    event, history, waiting = make_event(), History(), queue.SimpleQueue[str | None]()
    with ThreadPoolExecutor(PHONES) as pool:
        phones = [pool.submit(sign_in_all, server, event, waiting, history) for _ in range(PHONES)]
        try:
            kill_again_and_again(server, faults, waiting)
        finally:
            for _ in phones:
                waiting.put(None)
        for phone in phones:
            phone.result()

    attempted = {one.key for one in history.attempts}
    assert len(history.attempts) > len(attempted), "no kill met a sign-in under way"
    db.session.rollback()
    books = read_books(lambda statement: db.session.execute(text(statement)), event.id)
    assert history.judge(books) == []
    assert len(history.acknowledged) == len(books.rows) == len(attempted)
    assert len(db.session.scalars(select(Participant.id)).all()) == len(attempted)
    assert tallies.recount() == ()


def kill_again_and_again(server: Server, faults: Faults, waiting: queue.SimpleQueue[str | None]) -> None:
    """Let whichever worker makes the Nth step from now die at it, and people come meanwhile."""
    kinds, names = (*OF_FILES, *OF_DATABASE), (f"张{number:05d}" for number in itertools.count())
    for number in range(ROUNDS):
        wait_for(lambda: len(server.workers()) == 2, "two workers")
        faults.arm(kinds, KILLS[number % len(KILLS)], 1 + number * STRIDE)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not faults.failed:
            assert time.monotonic() < deadline, f"nobody came to step {1 + number * STRIDE}"
            if waiting.qsize() < PHONES:
                waiting.put(next(names))
            time.sleep(0.002)


def sign_in_all(server: Server, event: EventView, waiting: queue.SimpleQueue[str | None], history: History) -> None:
    """Be one phone after another until nobody comes any more."""
    with server.phone(timeout=10) as phone:
        while (name := waiting.get()) is not None:
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
