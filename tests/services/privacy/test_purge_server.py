"""A purge beside a running server: killed in the middle, with sign-ins arriving elsewhere, and nobody in the log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import Participant, SignIn
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import clearing, purges
from kiosk.services.sign_in import sign_ins
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import PASSWORD, enterprise, make_event, make_staff, request_for
from tests.aids.personal import CAME, MOBILES, NAMES, NUMBERS, fresh, make_full_event, traces, traces_in
from tests.aids.server import ROOT, Phone, Server, run_server

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

PEOPLE = 300
# The task as the server starts it, in smaller steps with a rest after each, on a disk in memory too; after so many
# people it rests until it is killed.
SLOW = """
import sys, time
from kiosk import beside
from kiosk.services.privacy import clearing
from kiosk.services.tasks import tasks
tell = tasks.TaskReport.progress
def tell_and_rest(report, done, total, **columns):
    tell(report, done, total, **columns)
    time.sleep(0.1 if done < int(sys.argv[1]) else 60)
tasks.TaskReport.progress, tasks.TELL_SECONDS, clearing.CHUNK = tell_and_rest, 0.02, 10
beside.main"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with run_server(tmp_path / "instance") as running:
        yield running


def crowd(event: EventView, people: int = PEOPLE) -> None:
    for start in range(0, people, 50):

        def work(session: WriterSession, start: int = start) -> None:
            for number in range(start, start + 50):
                details = enterprise(f"王{number}", mobile=f"139{number:08d}", organisation_name=None)
                sign_ins.sign_in.within(session, request_for(event, details))

        run(work, event_id=event.id)


def beside(app: Flask, task: str, number: int, *, slow_until: int = 0) -> subprocess.Popen[bytes]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    environ = {**kept, "KIOSK_INSTANCE_DIR": str(app.config["KIOSK"].instance_dir)}
    command = [sys.executable, "-m", "kiosk.beside", task, str(number)]
    if slow_until:
        command = [sys.executable, "-c", f"{SLOW}(['{task}', '{number}'])", str(slow_until)]
    return subprocess.Popen(command, cwd=ROOT, env=environ)


def people_cleared(purge_id: int) -> int:
    return purges.get(purge_id).done


def test_a_purge_killed_in_the_middle_is_finished_by_housekeeping(app: Flask) -> None:
    event = make_event()
    crowd(event)
    purge_id = purges.begin(event, "event", "staff:1")
    process = beside(app, "purge", purge_id, slow_until=30)
    deadline = time.monotonic() + 60
    while people_cleared(purge_id) < 30 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    half = purges.get(purge_id)
    assert 30 <= half.done < PEOPLE and half.ended_at is None
    assert clearing.is_anything_left(purges.target_of(event.id))
    two = [beside(app, "housekeeping", 0), beside(app, "purge", purge_id)]  # at once: harmless
    assert [one.wait(60) for one in two] == [0, 0]
    assert people_cleared(purge_id) == PEOPLE and not clearing.is_anything_left(purges.target_of(event.id))
    assert purges.get(purge_id).scrubbed_at is not None
    assert events.counts(event.id).arrived == PEOPLE and tallies.recount() == ()


def test_sign_ins_elsewhere_arrive_while_an_event_is_purged(server: Server) -> None:
    event, other = make_event(), make_event(title="另一场")
    crowd(event)
    purge_id = purges.begin(event, "event", "staff:1")
    process = beside(server.app, "purge", purge_id, slow_until=PEOPLE + 1)

    def arrive(number: int) -> int:
        with server.phone() as phone:
            fields = {"kind": "enterprise", "name": f"王{number}", "enterprise": "甲公司", "mobile": f"139{number:08d}"}
            statuses = {phone.sign_in(other.code, fields, phone.ticket(other.code)).status for _ in range(2)}
            return statuses.pop() if len(statuses) == 1 else 0

    with ThreadPoolExecutor(8) as phones:
        told = list(phones.map(arrive, range(60)))
    assert process.wait(60) == 0
    assert set(told) == {303}
    assert events.counts(other.id).arrived == 60 and tallies.recount() == ()
    names = set(db.session.scalars(select(SignIn.name).where(SignIn.event_id == other.id)))
    assert names == {f"王{number}" for number in range(60)}
    left = db.session.scalar(select(func.count(Participant.id)).where(Participant.name != ""))
    assert left == 60  # everybody of the other event is needed there, and nobody else
    db.session.rollback()
    assert purges.get(purge_id).done == PEOPLE


def test_from_the_door_to_the_disk_nobody_is_left_in_the_folder(server: Server) -> None:
    make_staff()
    event = make_full_event()
    with server.phone() as phone:
        fields = {"kind": "enterprise", "name": CAME, "enterprise": "乙公司", "mobile": "13700137000", "form": "1"}
        ticket = re.search(
            r'name="ticket"\s+value="([^"]+)"', phone.get(f"/e/{event.code}?form=1&kind=enterprise").text
        )
        assert ticket and phone.sign_in(event.code, fields, ticket[1]).status == 303
        logged_in = phone.post("/login", {"email": "admin@example.org", "password": PASSWORD})
        cookie = logged_in.cookies
    folder, wanted = server.app.config["KIOSK"].instance_dir, traces((*NAMES, *MOBILES, *NUMBERS, "13700137000"))
    assert traces_in(folder, wanted)
    with Phone(server.port, headers={"Cookie": cookie}) as staff:
        page = staff.get(f"/events/{event.code}/privacy")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        forms = re.search(r"kiosk_form=[^;]+", page.headers.get("set-cookie", ""))
        assert token and forms
        staff.headers["Cookie"] = f"{cookie}; {forms[0]}"
        sent = {"csrf_token": token[1], "code": event.code, "untaken": "1"}
        assert staff.post(f"/events/{event.code}/privacy/purge", sent).status == 303
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            done = purges.latest(event.id)
            db.session.rollback()
            if done is not None and done.scrubbed_at is not None:
                break
            time.sleep(0.1)
        assert done is not None and done.scrubbed_at is not None
        staff.hang_up()  # on a slow machine the server has by now
        assert "Step 2: wiped from the disk on" in staff.get(f"/events/{event.code}/privacy?lang=en").text
    assert fresh(event).purged_at is not None
    db.session.rollback()
    assert "Listening at" in server.log.read_text() and server.log.parent == folder
    assert traces_in(folder, wanted) == set()
    assert events.counts(event.id).arrived == 4
