"""What is held up for a while and goes on again: the database, the disk, a worker, the clock, the phone's network.

Meanwhile phones are told to come again, afterwards they are in without a restart, and what was acknowledged is there.
SOAK=1 gives the full lengths.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.sqlite_driver import sqlite3
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event
from tests.aids.faults import OF_FILES, STOP, Faults, prepare
from tests.aids.history import ACKNOWLEDGED, REFUSED, Attempt, History, read_books
from tests.aids.server import Answer, Server, run_server
from tests.aids.slow_phones import BODY, head, in_a_loop, long_body, sign_in_together

IS_SOAK = os.environ.get("SOAK") == "1"
LOCKED_SECONDS = 10.0 if IS_SOAK else 4.0  # more than the writer waits
STUCK_SECONDS = 4  # in place of the 30 that gunicorn.conf.py gives a worker whose loop does not turn
PATIENCE_SECONDS = 30.0

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@dataclass
class Door:
    """An event at a server with two workers, and what was sent to it."""

    server: Server
    event: EventView
    faults: Faults
    history: History = field(default_factory=History)
    names: Iterator[str] = field(default_factory=lambda: (f"张{number:05d}" for number in itertools.count()))

    def sign_in(self, ticket: str | None = None, name: str | None = None) -> Answer | None:
        """Be one more phone, whose page was opened before."""
        form = {"kind": "guest", "name": name or next(self.names)}
        with self.server.phone(timeout=8) as phone:
            return self.history.sign_in(phone, self.event.code, form, ticket or self.ticket())

    def sign_in_patiently(self) -> None:
        """Be a phone that sends again until it is in."""
        ticket, name, deadline = self.ticket(), next(self.names), time.monotonic() + PATIENCE_SECONDS
        while (answer := self.sign_in(ticket, name)) is None or answer.status != ACKNOWLEDGED:
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    def ticket(self) -> str:
        with self.server.app.app_context():  # in whichever thread
            return new_ticket(self.event.id).token

    def agrees(self) -> bool:
        """Say whether the database agrees with all that was answered."""
        db.session.rollback()
        books = read_books(lambda asked: db.session.execute(text(asked)), self.event.id)
        assert self.history.judge(books) == []
        assert tallies.recount() == ()
        return True


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door whose workers may not stand still for long."""
    folder = tmp_path_factory.mktemp("outages") / "instance"
    app = build_app(folder)
    with app.app_context():
        event = make_event(starts_at=utcnow())
        close(app)
    faults = prepare(folder, file=folder / "kiosk.db")
    options = ("--timeout", str(STUCK_SECONDS))
    with run_server(folder, options=options, environ=faults.environ) as server:
        yield Door(server, event, faults)


@pytest.fixture
def at(shared: Door) -> Iterator[Door]:
    yield shared
    shared.faults.disarm()
    shared.faults.set_clock(0)
    shared.sign_in_patiently()
    assert shared.agrees()


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Be another program that has begun to write to the database, and does not come to an end."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_database_that_another_program_has_locked_refuses_for_now_and_goes_on_showing_pages(at: Door) -> None:
    workers = at.server.workers()

    def come() -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: at.sign_in(), range(4)))
        assert all(answer is not None and answer.status in (REFUSED, ACKNOWLEDGED) for answer in answers)
        waited = [answer for answer in answers if answer is not None and answer.status == REFUSED]
        assert all(int(answer.headers["retry-after"]) > 0 for answer in waited)
        with at.server.phone() as phone:
            assert phone.get(f"/e/{at.event.code}").status == 200

    with locked(at.server.app.config["KIOSK"].sqlite_file):
        first = at.sign_in()
        assert first is not None and first.status == REFUSED
        until = time.monotonic() + LOCKED_SECONDS - 3
        while time.monotonic() < until:
            come()
    at.sign_in_patiently()
    assert at.server.workers() == workers


def test_a_disk_that_hangs_refuses_for_now_and_goes_on_showing_pages(at: Door) -> None:
    at.faults.slow_down(("sync",), LOCKED_SECONDS, last=1)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(at.sign_in) for _ in range(4)]
        while not at.faults.failed:
            time.sleep(0.01)
        with at.server.phone() as phone:
            assert phone.get(f"/e/{at.event.code}").status == 200
        assert not any(one.done() for one in waiting)
        answers = [one.result() for one in waiting]
    assert {answer.status for answer in answers if answer is not None} == {REFUSED}
    at.sign_in_patiently()


def test_whoever_stands_at_a_stuck_worker_is_let_in_by_the_other(at: Door) -> None:
    stuck, other = at.server.workers()
    at.server.kill(stuck, signal.SIGSTOP)
    for _ in range(20):
        answer = at.sign_in()
        assert answer is not None and answer.status == ACKNOWLEDGED
    wait_for_another(at, stuck)
    assert other in at.server.workers()


def test_a_worker_that_is_stuck_in_the_middle_of_a_write_holds_the_others_up_until_it_is_replaced(at: Door) -> None:
    old = at.server.workers()
    at.faults.arm(OF_FILES, STOP, 5)
    with ThreadPoolExecutor(4) as pool:
        phones = [pool.submit(at.sign_in_patiently) for _ in range(4)]
        for phone in phones:
            phone.result()
    assert at.faults.failed == 1
    assert len(set(old) & set(at.server.workers())) < 2


def wait_for_another(at: Door, stuck: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while stuck in at.server.workers() or len(at.server.workers()) < 2:
        assert time.monotonic() < deadline, "the watchdog did not come"
        time.sleep(0.05)


def test_a_clock_that_jumps_back_and_forward_lets_everybody_in_in_their_order(at: Door) -> None:
    early = [at.ticket() for _ in range(3)]  # of pages that were opened before
    for days in (-1.0, 1.0, -400.0, 0.0):
        at.faults.set_clock(timedelta(days=days).total_seconds())
        for ticket in (None, None, *early[:1]):
            answer = at.sign_in(ticket)
            assert answer is not None and answer.status == ACKNOWLEDGED, days
        del early[:1]
    with db.engine.connect() as connection:
        asked = (
            "SELECT max(signed_in_at) > datetime('now', '+20 hours'), min(signed_in_at) < datetime('now', '-300 days')"
        )
        assert tuple(connection.execute(text(f"{asked} FROM sign_in")).one()) == (1, 1), "the clock did jump"


def test_connections_that_break_in_the_middle_of_a_post_leave_at_most_one_row_and_the_retry_decides(at: Door) -> None:
    for cut in (20, 400, BODY - 1, None):  # bytes of the body that are sent; None: all, and nobody waits for the answer
        name, ticket = next(at.names), at.ticket()
        body = long_body(name, ticket)
        at.history.attempts.append(Attempt(name, time.monotonic()))
        with socket.create_connection(("127.0.0.1", at.server.port)) as phone:
            phone.sendall(head(at.event.code, len(body)) + body[:cut])
            phone.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )  # reset, as radio that is gone
        answer = at.sign_in(ticket, name)
        assert answer is not None and answer.status == ACKNOWLEDGED


def test_nobody_waits_for_phones_that_are_slow(at: Door) -> None:
    """How much it costs the fast ones is measured (bench/slow.py)."""
    names = [next(at.names) for _ in range(40)]
    tickets, began = [at.ticket() for _ in names], time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(in_a_loop, sign_in_together(at.server.port, at.event.code, names, tickets))
        waits = []
        while not slow.done():
            came = time.monotonic()
            answer = at.sign_in()
            assert answer is not None and answer.status == ACKNOWLEDGED
            waits.append(time.monotonic() - came)
        answers = slow.result()
    for name, (status, took) in zip(names, answers, strict=True):
        at.history.attempts.append(Attempt(name, began, began + took, status))
    assert {status for status, _ in answers} == {ACKNOWLEDGED}
    assert len(waits) > 10 and max(waits) < min(took for _, took in answers) / 2


def test_when_the_first_process_is_killed_its_workers_go_and_the_next_server_knows_everybody(at: Door) -> None:
    workers = at.server.workers()
    with ThreadPoolExecutor(4) as pool:
        phones = [pool.submit(at.sign_in_patiently) for _ in range(12)]
        at.server.process.kill()
        at.server.process.wait()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(map(is_running, workers)):
            assert time.monotonic() < deadline, "the workers stay without it"
            time.sleep(0.05)
        at.server.process = at.server.start()
        for phone in phones:
            phone.result()


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"
