"""`kill -9` of a worker in a stream of sign-ins: what was acknowledged is there, nothing is there twice.

The phones keep a ledger of what they were told, and send again, with the same key, what got no answer.
SOAK=1 gives the full dose: 2,000 sign-ins and 30 kills on each database.
"""

from __future__ import annotations

import http.client
import itertools
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Participant, SignIn
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.server import Phone, Server, run_server

IS_SOAK = os.environ.get("SOAK") == "1"
SIGN_INS, KILLS = (2000, 30) if IS_SOAK else (500, 6)
PHONES = 12
PATIENCE_SECONDS = 60.0  # for one sign-in, over as many deaths as it meets

pytestmark = [pytest.mark.server, pytest.mark.timeout(600 if IS_SOAK else 180)]


@dataclass
class Ledger:
    """What phones were told: the address of the success page by the name that was sent."""

    told: dict[str, str] = field(default_factory=dict)
    retries: int = 0


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
    ledger, waiting = Ledger(), queue.SimpleQueue[str]()
    for number in range(SIGN_INS):
        waiting.put(f"张{number:04d}")
    with ThreadPoolExecutor(PHONES + 1) as pool:
        killer = pool.submit(kill_now_and_then, server, tmp_path / "orders", ledger)
        phones = [pool.submit(sign_in_all, server, event, waiting, ledger) for _ in range(PHONES)]
        for phone in phones:
            phone.result()
        moments = killer.result()

    assert set(moments) == {"before", "after", "later"} and len(moments) == KILLS
    assert ledger.retries > 0, "no kill met a sign-in under way"
    db.session.rollback()
    rows = db.session.execute(select(SignIn.name, SignIn.ordinal).where(SignIn.event_id == event.id)).all()
    names = [name for name, _ in rows]
    assert len(ledger.told) == SIGN_INS
    assert sorted(names) == sorted(ledger.told), "each acknowledged one once, and nobody else"
    assert sorted(ordinal for _, ordinal in rows) == list(range(1, SIGN_INS + 1))
    assert len(set(ledger.told.values())) == SIGN_INS
    assert len(db.session.scalars(select(Participant.id)).all()) == SIGN_INS
    assert tallies.recount() == ()


def kill_now_and_then(server: Server, orders: Path, ledger: Ledger) -> list[str]:
    """Let a worker die before a commit, after one, and at any moment, in turn, all along the stream."""
    moments = []
    for number, moment in zip(range(KILLS), itertools.cycle(("before", "after", "later")), strict=False):
        enough = SIGN_INS * (number + 1) // (KILLS + 2)
        wait_for(lambda enough=enough: len(ledger.told) >= enough, "sign-ins")
        wait_for(lambda: len(server.workers()) == 2, "two workers")
        order = orders / moment
        if moment == "later":
            os.kill(server.workers()[number % 2], signal.SIGKILL)
        else:
            order.touch()
            wait_for(lambda order=order: not order.exists(), f"a death {moment} a commit")
        moments.append(moment)
    return moments


def sign_in_all(server: Server, event: EventView, waiting: queue.SimpleQueue[str], ledger: Ledger) -> None:
    """Be one phone after another until nobody waits."""
    with server.phone(timeout=10) as phone:
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            ledger.told[name] = sign_in_patiently(phone, event, name, ledger)


def sign_in_patiently(phone: Phone, event: EventView, name: str, ledger: Ledger) -> str:
    """Open the form, send it until it is acknowledged, and return the address of the success page."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ticket = None
    while time.monotonic() < deadline:
        try:
            ticket = ticket or phone.ticket(event.code, "guest")
            answer = phone.sign_in(event.code, {"kind": "guest", "name": name}, ticket)
        except (OSError, http.client.HTTPException):
            ledger.retries += ticket is not None
            threading.Event().wait(0.05)  # as a phone does before it tries again
            continue
        if answer.status == 303 and answer.location is not None:
            return answer.location
        assert answer.status == 503, (answer.status, answer.text)
    raise AssertionError(f"{name} got no answer")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)
