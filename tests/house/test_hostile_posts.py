"""What once stopped a worker for seconds, sent to the doors that it was sent to: each answer costs a blink."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event, ticket_for
from tests.aids.server import run_server

MOST_SECONDS = 0.5  # of the processor
TEXTS = {
    "marks, 240 KB": "a" + "\u0301" * 20_000 + "\u0323" * 20_000,
    "marks in a form of the longest": "a" + "\u0301" * 5_000 + "\u0323" * 5_000,
    "brackets": "a" + "(" * 16_000,
    "more brackets": "a" + "(" * 32_000,
}
DOORS = {
    "start page": ("/", "code", {}),
    "log-in": ("/login", "email", {"password": "a long enough sentence"}),
    "verification": ("/verify", "code", {}),
    "sign-in, name": ("/e/{code}/sign-in", "name", {"kind": "guest"}),
    "sign-in, mobile": ("/e/{code}/sign-in", "mobile", {"kind": "enterprise", "name": "王强"}),
    "look-up": ("/e/{code}/look-up", "last4", {}),
    "a group's names": ("/e/{code}/group/check", "names", {"kind": "student", "school": "四棵中学"}),
    "a leader's list": ("/g/{link}", "reason-0", {}),
}


def filled(event: EventView, door: str, text: str) -> tuple[str, dict[str, str]]:
    path, name, others = DOORS[door]
    link = links.make(event.id, "group", "王老师", staff_id=None, group_name="一组") if "{link}" in path else ""
    return path.format(code=event.code, link=link), {**others, name: text, "ticket": ticket_for(event).token}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("door", DOORS)
def test_no_text_costs_more_than_half_a_second(app: Flask, client: FlaskClient, door: str, text: str) -> None:
    path, form = filled(make_event(), door, text)
    client.get("/")  # what the first answer compiles is not the text's
    began = time.process_time()
    answer = client.post(path, data=form)
    assert time.process_time() - began < MOST_SECONDS
    assert answer.status_code < 500


def seconds_of(pid: int) -> float:
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@pytest.mark.server
@pytest.mark.timeout(180)
def test_both_workers_live_and_say_so_while_such_texts_come(tmp_path: Path) -> None:
    """Three such posts had both workers killed by their watchdog."""
    with run_server(tmp_path / "instance", workers=2) as server:
        event = make_event()
        posts = [filled(event, door, text) for door in DOORS for text in TEXTS.values()]

        def post(sent: tuple[str, dict[str, str]]) -> int:
            with server.phone(timeout=60) as phone:
                return phone.post(*sent).status

        def is_alive() -> int:
            with server.phone(timeout=60) as phone:
                return phone.get("/healthz").status

        workers = server.workers()
        before = sum(map(seconds_of, workers))
        with ThreadPoolExecutor(5) as crowd:
            answers = [crowd.submit(post, sent) for sent in posts]
            while not all(answer.done() for answer in answers):
                assert is_alive() == 200
        assert server.workers() == workers and not [one.result() for one in answers if one.result() >= 500]
        assert sum(map(seconds_of, workers)) - before < MOST_SECONDS * len(posts) / 4
        assert not re.search(r"WORKER TIMEOUT|SystemExit", server.log.read_text(encoding="utf-8"))
