"""PostgreSQL whose disk is full, which only reads, is away, or whose pages are damaged: real ones, whose words the
verdicts must know. What was acknowledged is there, what was not was answered by 503 and its cause, and everything heals
without a restart."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event
from tests.aids.history import History, read_books
from tests.aids.paths import ROOT
from tests.aids.server import Answer, Server, run_server
from tests.house.test_disks import CAUSES, wait_for

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
AWAY_SECONDS = 30.0 if os.environ.get("SOAK") == "1" else 2.0
MOST = 400  # sign-ins that the pages which are there already may take


@dataclass
class Door:
    """An event at a server, and what was sent to it."""

    server: Server
    event: EventView
    url: str
    history: History = field(default_factory=History)
    tried: int = 0

    def sign_in(self) -> Answer:
        """Be one more phone."""
        self.tried += 1
        name = f"张{self.tried:04d}"
        with self.server.phone(timeout=10) as phone:
            wait_for(lambda: phone.get(f"/e/{self.event.code}").status == 200)  # a reader's connection may be gone
            form = {"kind": "guest", "name": name}
            answer = self.history.sign_in(phone, self.event.code, form, phone.ticket(self.event.code, "guest"))
        assert answer is not None and answer.status in (303, 503)
        return answer

    def refuses(self, cause: str) -> None:
        """See that sign-ins come to be refused for this cause, and that the server is then not ready, and says why."""
        answers = (self.sign_in() for _ in range(MOST))
        refused = next(answer for answer in answers if CAUSES[cause] in answer.text)
        assert refused.status == 503 and int(refused.headers["retry-after"]) > 0
        with self.server.phone() as phone:
            wait_for(lambda: json.loads(phone.get("/readyz").body)["cause"] == cause)
            for _ in range(3):  # whatever still fits into the pages that are there
                self.sign_in()
                said = json.loads(phone.get("/readyz").body)
                assert (said["writer"], said["cause"], said["is_ready"]) == (False, cause, False)
                time.sleep(1)
            assert phone.get("/healthz").status == 200

    def sees_it_away(self) -> None:
        """See that every phone is told to come again, on every page, for so long."""
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            self.tried += 1
            name, ticket = f"张{self.tried:04d}", new_ticket(self.event.id).token
            with self.server.phone(timeout=10) as phone:
                answer = self.history.sign_in(phone, self.event.code, {"kind": "guest", "name": name}, ticket)
                for refused in (answer, phone.get("/e/AAAAAA")):
                    assert refused is not None and refused.status == 503 and int(refused.headers["retry-after"]) > 0
                assert phone.get("/healthz").status == 200

    def heals(self) -> None:
        """See that both workers take sign-ins again, without a restart."""
        wait_for(lambda: {self.sign_in().status for _ in range(6)} == {303})
        with self.server.phone() as phone:
            assert wait_for(lambda: phone.get("/readyz").status == 200)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def doctor(self) -> set[str]:
        """Return what `flask doctor` says of the database that fails."""
        folder = str(self.server.log.parent)
        environ = {**os.environ, "KIOSK_INSTANCE_DIR": folder, "KIOSK_DATABASE_URL": self.url, "FLASK_APP": "wsgi"}
        command = [sys.executable, "-m", "flask", "doctor", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
        findings = json.loads(done.stdout)["findings"]
        return {one["code"] for one in findings if one["level"] == "fail" and one["code"].startswith("database")}

    def only_reads(self, is_so: str) -> None:
        """Let every connection from here on read only, as those to a standby do."""
        name = self.url.rpartition("/")[2]
        self.run(f"BEGIN READ WRITE; ALTER DATABASE {name} SET default_transaction_read_only = {is_so}; COMMIT")
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@contextlib.contextmanager
def door(folder: Path, url: str) -> Iterator[Door]:
    app = build_app(folder, KIOSK_DATABASE_URL=url)
    with app.app_context():
        event = make_event()
        close(app)
    with run_server(folder, database_url=url) as server:
        yield Door(server, event, url)


def test_the_ledger_agrees_whatever_postgresql_says_of_its_disk_and_everything_heals(tmp_path: Path) -> None:
    (tmp_path / "postgresql").mkdir()
    with (
        postgres.run_server_on_small_disk(tmp_path / "postgresql", 40) as (cluster, disk),
        cluster.database() as url,
        door(tmp_path / "instance", url) as at,
    ):
        at.heals()
        disk.fill()
        at.refuses("full")
        disk.make_room()
        at.heals()

        at.only_reads("on")
        at.refuses("read_only")
        at.only_reads("off")
        at.heals()

        assert at.history.judge(read_books(at.run, at.event.id)) == []
        lines = [json.loads(line) for line in at.server.log.read_text().splitlines() if line.startswith("{")]
        for sentence in ("the disk is full: ", "the folder cannot be written: "):
            assert 1 <= sum(sentence in line["message"] for line in lines) <= 4, "a line a minute for each process"


def test_postgresql_that_was_away_is_used_again_and_a_damaged_page_is_named_until_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "postgresql").mkdir()
    with (
        postgres.run_server_with_checksums(tmp_path / "postgresql") as (cluster, pages),
        cluster.database() as url,
        door(tmp_path / "instance", url) as at,
    ):
        at.heals()
        workers = at.server.workers()
        with pages.away():
            at.sees_it_away()
        at.heals()
        assert at.server.workers() == workers
        for relation, page in (("sign_in", 0), ("pk_sign_in", 1)):  # a table's, an index's
            with pages.damaged(url, relation, page):
                at.refuses("damaged")
                assert at.doctor() == {"database_damaged"}
            at.heals()
        assert at.history.judge(read_books(at.run, at.event.id)) == []
        lines = [json.loads(line) for line in at.server.log.read_text().splitlines() if line.startswith("{")]
        assert 1 <= sum("the database is damaged: " in line["message"] for line in lines) <= 4
