"""A disk that is full, read-only, damaged and well again, one after the other: what was acknowledged is there, what was
not was answered by 503 and its cause, pages were shown, and nothing was started anew."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kiosk.services.event.event_views import EventView
from tests.aids.apps import build_app, close
from tests.aids.factories import PASSWORD, make_event, make_staff
from tests.aids.history import History, read_books
from tests.aids.paths import ROOT
from tests.aids.server import Answer, Server, run_server
from tests.aids.small_disk import SmallDisk, small_disk

PATIENCE_SECONDS = 20.0
CAUSES = {"full": "磁盘已满", "read_only": "无法写入", "damaged": "数据库已损坏"}

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@dataclass
class Door:
    """An event at a server on a small disk, and what was sent to it."""

    server: Server
    disk: SmallDisk
    event: EventView
    cookie: str
    history: History = field(default_factory=History)
    names: Iterator[str] = field(default_factory=lambda: (f"张{number:04d}" for number in itertools.count()))

    def sign_in(self) -> Answer:
        """Be one more phone."""
        name = next(self.names)
        with self.server.phone(timeout=10) as phone:
            ticket = phone.ticket(self.event.code, "guest")
            answer = self.history.sign_in(phone, self.event.code, {"kind": "guest", "name": name}, ticket)
        assert answer is not None
        return answer

    def sign_in_many(self, count: int) -> list[int]:
        return [self.sign_in().status for _ in range(count)]

    def refuses(self, cause: str, before: Callable[[], object] = lambda: None) -> None:
        """See that sign-ins are refused for this cause, that the server says so, and that it still shows pages."""
        refused = wait_for(lambda: (before(), self._refused())[1])
        assert int(refused.headers["retry-after"]) > 0 and CAUSES[cause] in refused.text
        with self.server.phone() as phone:
            ready = wait_for(lambda: (before(), phone.get("/readyz"))[1], lambda answer: answer.status == 503)
            said = json.loads(ready.body)
            assert (said["writer"], said["cause"], said["is_ready"]) == (False, cause, False)
            assert phone.get("/healthz").status == 200
        board = self.board()
        assert CAUSES[cause] in board.text and (board.status == 200 or cause == "damaged")

    def board(self) -> Answer:
        """Be staff who look at the dashboard."""
        with self.server.phone() as tablet:
            tablet.headers["Cookie"] = self.cookie
            return tablet.get(f"/events/{self.event.code}/dashboard/trouble")

    def _refused(self) -> Answer | None:
        answer = self.sign_in()
        assert answer.status in (303, 503)
        return answer if answer.status == 503 else None

    def heals(self) -> None:
        """See that sign-ins are taken again by both workers, without a restart."""
        wait_for(lambda: set(self.sign_in_many(6)) == {303})
        with self.server.phone() as phone:
            assert wait_for(lambda: phone.get("/readyz").status == 200)
        wait_for(lambda: not any(words in self.board().text for words in CAUSES.values()))

    def renew_workers(self) -> None:
        """Let both workers die: those that come open every file anew."""
        old = self.server.workers()
        for worker in old:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: len(set(self.server.workers()) - set(old)) == 2 and self._is_alive())

    def _is_alive(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException), self.server.phone(timeout=5) as phone:
            return phone.get("/healthz").status == 200
        return False

    def judge(self) -> list[str]:
        """Say what is wrong in the database."""
        return self.history.judge(read_books(partial(self.disk.query, "kiosk.db"), self.event.id))

    def command(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the house on the disk."""
        environ = {**os.environ, "KIOSK_INSTANCE_DIR": str(self.disk.folder), "FLASK_APP": "wsgi"}
        command = [*self.disk.within, sys.executable, "-m", "flask", name]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


def wait_for(ask: Callable[[], Any], is_so: Callable[[Any], object] = bool) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so(value := ask()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return value


@contextlib.contextmanager
def door(tmp_path: Path, megabytes: int) -> Iterator[Door]:
    folder = tmp_path / "instance"
    app = build_app(folder)
    with app.app_context():
        event = make_event()
        make_staff()
        close(app)
    with small_disk(folder, megabytes) as disk, run_server(folder, within=disk.within) as server:
        with server.phone() as tablet:
            logged_in = tablet.post("/login", {"email": "admin@example.org", "password": PASSWORD})
        assert logged_in.status == 303
        yield Door(server, disk, event, logged_in.cookies)


def test_the_ledger_agrees_whatever_the_disk_does_and_everything_heals(tmp_path: Path) -> None:
    with door(tmp_path, 14) as at:
        at.heals()
        at.refuses("full", before=at.disk.fill)  # again and again: cutting the journal off makes some room
        at.disk.make_room()
        at.heals()

        at.disk.make_read_only()
        at.renew_workers()
        at.refuses("read_only")
        at.disk.make_writable()
        at.heals()

        at.disk.path("writer.lock").unlink()
        at.heals()
        os.kill(at.server.workers()[0], signal.SIGKILL)
        at.heals()

        with damaged(at):
            at.refuses("damaged")
        at.heals()

        assert at.judge() == [] and len(at.history.acknowledged) > 20
        assert at.command("recount").returncode == 0
        lines = [json.loads(line) for line in at.server.log.read_text().splitlines() if line.startswith("{")]
        for sentence in ("the disk is full: ", "the folder cannot be written: ", "the database is damaged: "):
            assert 1 <= sum(sentence in line["message"] for line in lines) <= 4, "a line a minute for each process"


@contextlib.contextmanager
def damaged(at: Door) -> Iterator[None]:
    """Write nonsense over the first page of the sign-ins until the block ends."""
    ((page,),) = at.disk.query("kiosk.db", "SELECT rootpage FROM sqlite_master WHERE name = 'sign_in'")
    assert at.disk.query("kiosk.db", "PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0
    with at.disk.path("kiosk.db").open("r+b", buffering=0) as raw:
        where = (page - 1) * 4096
        raw.seek(where)
        whole = raw.read(4096)
        raw.seek(where)
        raw.write(b"\x2a" * 4096)
        at.renew_workers()
        yield
        raw.seek(where)
        raw.write(whole)


def test_the_journal_alone_never_fills_a_small_disk(tmp_path: Path) -> None:
    with door(tmp_path, 12) as at:
        assert set(at.sign_in_many(300)) == {303}
        assert at.judge() == []


def test_starting_on_a_read_only_folder_ends_in_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    app = build_app(folder)
    with app.app_context():
        close(app)
    with small_disk(folder, 12) as disk:
        disk.make_read_only()
        environ = {**os.environ, "KIOSK_INSTANCE_DIR": str(folder), "KIOSK_BIND": "127.0.0.1:9", "FLASK_APP": "wsgi"}
        for command in (
            ["launch"],
            ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
            ["flask", "db-upgrade"],
        ):
            argv = [*disk.within, sys.executable, "-m", *command]
            done = subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
            assert done.returncode != 0 and "Traceback" not in done.stderr, (command, done.stderr)
            assert f"{folder} cannot be written" in done.stderr, (command, done.stderr)
