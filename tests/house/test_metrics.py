"""`/metrics`: for this machine and for whoever brings the token, true over the workers and over the death of one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeVar, get_args

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from kiosk import metrics
from kiosk.services.account import staff_sessions
from kiosk.services.refusals import SignInCode
from kiosk.services.sign_in import sign_ins
from kiosk.services.store.writer import WriterSession, run
from kiosk.web.frame.access import COOKIE
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, make_staff, request_for
from tests.aids.paths import ROOT
from tests.aids.server import Server, run_server

TOKEN = "a-token-that-nobody-guesses"
PHONES, SCREENS = 12, 4
Seen = TypeVar("Seen")
LABELS = {"result": {"new", "repeat"}, "code": set(get_args(SignInCode)), "cause": {"busy", "disk"}}


def figures(text: str) -> dict[str, float]:
    """Return the samples by name and labels, without the buckets."""
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


@pytest.mark.parametrize(
    ("status", "asked_by", "headers"),
    [
        (200, "127.0.0.1", {}),
        (200, "::ffff:127.0.0.1", {}),
        (404, "192.168.1.20", {}),
        (404, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),  # a proxy of this machine has passed it on
        (404, "127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        (200, "192.168.1.20", {"Authorization": f"Bearer {TOKEN}"}),
        (200, "127.0.0.1", {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"}),
        (404, "192.168.1.20", {"Authorization": f"Bearer {TOKEN[:-1]}"}),
        (404, "192.168.1.20", {"Authorization": f"Basic {TOKEN}"}),
        (404, "192.168.1.20", {"Authorization": "Bearer 令牌"}),
    ],
)
def test_who_may_ask(tmp_path: Path, status: int, asked_by: str, headers: dict[str, str]) -> None:
    app = build_app(tmp_path, KIOSK_METRICS_TOKEN=TOKEN)
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": asked_by})
    assert answer.status_code == status and ("kiosk_sign_ins" in answer.text) == (status == 200)
    with app.app_context():
        close(app)


def test_without_a_token_nobody_brings_one(app: Flask) -> None:
    for brought in ("Bearer ", "Bearer None", "Bearer"):
        answer = app.test_client().get(
            "/metrics", headers={"Authorization": brought}, environ_base={"REMOTE_ADDR": "192.168.1.20"}
        )
        assert answer.status_code == 404


def test_what_was_taken_back_is_not_counted(app: Flask) -> None:
    event, before = make_event(), figures(metrics.text().decode())

    def two(session: WriterSession, *, fails: bool) -> None:
        for name in ("王强", "李四"):
            sign_ins.sign_in.within(session, request_for(event, enterprise(name)))
        if fails:
            raise LookupError

    with pytest.raises(LookupError):
        run(lambda session: two(session, fails=True), event_id=event.id)
    after = figures(metrics.text().decode())
    assert after.get("kiosk_sign_ins_total new") == before.get("kiosk_sign_ins_total new")
    run(lambda session: two(session, fails=False), event_id=event.id)
    run(lambda session: two(session, fails=False), event_id=event.id)
    after = figures(metrics.text().decode())
    for result in ("new", "repeat"):
        assert after[f"kiosk_sign_ins_total {result}"] == before.get(f"kiosk_sign_ins_total {result}", 0) + 2


LATE = """
import os
from kiosk import metrics

metrics.count_refused("full")
metrics.share_between_workers()
for _ in range(2):
    if (pid := os.fork()) == 0:
        metrics.count_refused("closed")
        metrics.count_streams(1)
        os._exit(0)
    os.waitpid(pid, 0)
    metrics.forget_worker(pid)
print(metrics.text().decode())
metrics.forget_all()
assert not os.path.exists(os.environ[metrics.SHARED])
"""


def test_workers_share_also_where_the_program_was_imported_before() -> None:
    """As under `make run`, whose launcher becomes the server."""
    done = subprocess.run([sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counted = figures(done.stdout)
    assert counted["kiosk_refused_total closed"] == 2 and "kiosk_refused_total full" not in counted
    assert counted.get("kiosk_open_streams", 0) == 0


@pytest.mark.server
def test_it_is_true_over_the_workers_and_their_deaths(tmp_path: Path) -> None:
    with run_server(tmp_path) as server:
        event = make_event(walk_in_policy="welcome")
        viewer = make_staff("viewer")
        cookie = f"{COOKIE}={staff_sessions.begin(viewer.id, address=None, user_agent=None)}"
        with ExitStack() as stack:
            phones = [stack.enter_context(server.phone()) for _ in range(PHONES)]  # spread over both workers
            for _ in range(SCREENS):
                stack.enter_context(listening(server, event.code, cookie))
            for number, phone in enumerate(phones):
                ticket = phone.ticket(event.code)
                fields = {
                    "kind": "enterprise",
                    "name": f"王{number}强",
                    "enterprise": "东贝",
                    "mobile": f"1380000{number:04}",
                }
                assert [phone.sign_in(event.code, fields, ticket).status for _ in range(2)] == [303, 303]
                assert phone.sign_in(event.code, {**fields, "mobile": "1"}, ticket).status == 422
            counted = wait_for(lambda: scrape(server), lambda seen: seen["kiosk_bell_seconds_count"] > 0)
            assert counted["kiosk_open_streams"] == SCREENS
        assert counted["kiosk_sign_ins_total new"] == counted["kiosk_sign_ins_total repeat"] == PHONES
        assert counted["kiosk_refused_total field_errors"] == PHONES
        assert counted["kiosk_commit_seconds_count"] == counted["kiosk_batch_writes_count"] >= 2 * PHONES
        assert labels(server) <= {(name, value) for name, values in LABELS.items() for value in values}
        for _ in range(2):  # the oldest is the other one of before
            old = server.workers()
            server.kill(old[0], signal.SIGKILL)
            wait_for(server.workers, lambda now, old=old: len(now) == 2 and old[0] not in now)
        after = wait_for(lambda: scrape(server), lambda seen: "kiosk_sign_ins_total new" in seen)
        for name in ("kiosk_sign_ins_total new", "kiosk_sign_ins_total repeat", "kiosk_refused_total field_errors"):
            assert after[name] == PHONES, name
        assert after.get("kiosk_open_streams", 0) == 0, "of workers that are dead"


@contextmanager
def listening(server: Server, code: str, cookie: str) -> Iterator[None]:
    """Be a tablet that has begun to listen."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request("GET", f"/events/{code}/dashboard/stream", headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.readline()
        yield


def scrape(server: Server) -> dict[str, float]:
    with server.phone() as machine:
        return figures(machine.get("/metrics").text)


def labels(server: Server) -> set[tuple[str, str]]:
    with server.phone() as machine:
        families = text_string_to_metric_families(machine.get("/metrics").text)
    pairs = {pair for family in families for sample in family.samples for pair in sample.labels.items()}
    return {pair for pair in pairs if pair[0] != "le"}


def wait_for(ask: Callable[[], Seen], is_so: Callable[[Seen], bool]) -> Seen:
    deadline = time.monotonic() + 20
    while not is_so(seen := ask()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen
