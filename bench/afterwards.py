"""How long a sign-in waits at a door of 50 a second while 5,000 rows are exported, and while 5,000 people are purged,
as a ratio to the same door with nothing beside it, in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench import load
from kiosk.services.account import staff_sessions
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.requests import SignInRequest
from kiosk.services.store import writer
from kiosk.services.store.writer import WriterSession
from kiosk.web.frame.access import COOKIE
from tests.aids.factories import make_event, make_staff
from tests.aids.server import ROOT, Phone, Server

PEOPLE = 5_000
PER_SECOND = 50
DOORS = 12  # phones that send in turn
QUIET_SECONDS = 8.0
TIMES = 3
FORMAT = "pdf"  # the slowest of the four
AT_LEAST = 50  # sign-ins beside the work, or its figure says nothing
UNIT = 25  # people a unit of work while the house is filled


@dataclass(frozen=True)
class Afterwards:
    """p95 of a sign-in in milliseconds, and how long the work beside it took, in seconds."""

    quiet_ms: float
    export_ms: float
    purge_ms: float
    export_seconds: float
    purge_seconds: float


def measure(server: Server) -> Afterwards:
    """Return the medians of several rounds; each round has a quiet door, an export and a purge in turn."""
    staff = make_staff(email="afterwards-bench@example.org")
    cookie = f"{COOKIE}={staff_sessions.begin(staff.id, address=None, user_agent=None)}"
    rounds = []
    for number in range(TIMES):
        full, door = make_event(title="导出与清除"), make_event(title="门口")
        fill(full, number * PEOPLE)
        with Phone(server.port, timeout=120, headers={"Cookie": cookie}) as desk:
            quiet, _ = beside_a_door(server, door, lambda: time.sleep(QUIET_SECONDS), number * 3)
            path = f"/events/{full.code}/sheet.{FORMAT}"
            export, export_seconds = beside_a_door(server, door, lambda: _export(desk, path), number * 3 + 1)  # noqa: B023
            purge, purge_seconds = beside_a_door(server, door, lambda: _purge(server, full.code), number * 3 + 2)  # noqa: B023
        rounds.append(Afterwards(p95(quiet), p95(export), p95(purge), export_seconds, purge_seconds))
    names = Afterwards.__dataclass_fields__
    return Afterwards(**{name: statistics.median(getattr(one, name) for one in rounds) for name in names})


def p95(waits: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    assert len(waits) >= AT_LEAST, f"only {len(waits)} sign-ins while the work ran"
    return statistics.quantiles(waits, n=20)[-1] * 1000


def fill(event: EventView, start: int) -> None:
    """Sign 5,000 people in by the service, many a unit of work."""
    enterprises = [f"湖北{number}号机械制造有限公司" for number in range(PEOPLE // 10)]
    organisations.add_many(enterprises, "enterprise")
    for first in range(0, PEOPLE, UNIT):
        people = [_person(start + number, enterprises) for number in range(first, first + UNIT)]
        writer.run(lambda session, people=people: _sign_in_all(session, event, people), event_id=event.id)  # type: ignore[misc]


def _person(number: int, enterprises: list[str]) -> Details:
    enterprise = enterprises[number % len(enterprises)]
    return Details("enterprise", load.name(number), enterprise, job_title="质量部经理", mobile=f"137{number:08d}")


def _sign_in_all(session: WriterSession, event: EventView, people: list[Details]) -> None:
    for details in people:
        ticket = new_ticket(event.id)
        sign_ins.sign_in.within(session, SignInRequest(event=event, ticket=ticket, details=details))


def beside_a_door(server: Server, event: EventView, work: Callable[[], None], number: int) -> tuple[list[float], float]:
    """Return how long each sign-in waited while `work` ran, and how long the work took; both in seconds.

    The door is an open one: a person comes every 20 ms, whether or not those before have been answered.
    """
    forms = load.forms(server.app, event, 60 * PER_SECOND, 1_000_000 + number * 60 * PER_SECOND)
    return beside(server, (partial(sign_in, code=event.code, body=form) for form in forms), work)


def beside(
    server: Server, visits: Iterator[Callable[[Phone], None]], work: Callable[[], None]
) -> tuple[list[float], float]:
    """Return how long each visit of a phone took while `work` ran, and how long the work took; both in seconds."""
    is_over, waits = threading.Event(), []

    def run() -> float:
        began = time.monotonic()
        try:
            work()
            return time.monotonic() - began
        finally:
            is_over.set()

    def come(phone: Phone, visit: Callable[[Phone], None], due: float) -> None:
        visit(phone)
        waits.append(time.monotonic() - due)

    with ExitStack() as stack:
        doors = [
            (stack.enter_context(ThreadPoolExecutor(1)), stack.enter_context(server.phone())) for _ in range(DOORS)
        ]
        stack.callback(is_over.set)
        working = stack.enter_context(ThreadPoolExecutor(1)).submit(run)
        due, sent = time.monotonic(), []
        while not is_over.is_set():
            pool, phone = doors[len(sent) % DOORS]
            sent.append(pool.submit(come, phone, next(visits), due))
            due += 1 / PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
        for one in sent:
            one.result()
        return waits, working.result()


def sign_in(phone: Phone, code: str, body: str) -> None:
    """Send a form."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = phone.send("POST", f"/e/{code}/sign-in", body, headers)
    assert answer.status == 303, answer.status


def _export(desk: Phone, path: str) -> None:
    answer = desk.get(path)
    assert answer.status == 200, answer.status


def _purge(server: Server, code: str) -> None:
    folder = server.app.config["KIOSK"].instance_dir
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    environ["KIOSK_INSTANCE_DIR"] = str(folder)
    command = [sys.executable, "-m", "flask", "purge", code, "--json"]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL)
