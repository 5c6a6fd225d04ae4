"""A real gunicorn on a port of its own, and phones that talk to it over plain HTTP."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from tests.aids.apps import build_app, close
from tests.aids.paths import ROOT
from tests.aids.server_forks import Forks, Process

HOST = "door.test"  # not localhost: loopback names are a secure context and hide what fails at the door
START_SECONDS = 30.0
STOP_SECONDS = 15.0
_forks: list[Forks] = []
_TICKET = re.compile(r'name="ticket"\s+value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back; nothing is followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: str = ""  # as a browser sends back what it was given

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str | None:
        return self.headers.get("location")


def ticket_of(page: Answer) -> str:
    """Return the ticket that an event's form brings along."""
    found = _TICKET.search(page.text)
    assert page.status == 200 and found, (page.status, page.text[:400])
    return unescape(found[1])


@dataclass
class Phone:
    """One keep-alive connection. Raises OSError or HTTPException when no whole answer came."""

    port: int
    timeout: float = 30.0
    headers: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        return self.send("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def send(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            all_headers = {"Host": f"{HOST}:{self.port}", **self.headers, **(headers or {})}
            self._connection.request(method, path, body, all_headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise
        if response.will_close:
            self.hang_up()
        given = response.headers.get_all("Set-Cookie", [])
        cookies = "; ".join(cookie.split(";")[0] for cookie in given if "Max-Age=0" not in cookie)
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, content, cookies)

    def ticket(self, code: str, kind: str = "enterprise") -> str:
        """Open the event's page as a phone does and return the ticket that its form brings along."""
        return ticket_of(self.get(f"/e/{code}?kind={kind}"))

    def sign_in(self, code: str, fields: Mapping[str, str], ticket: str) -> Answer:
        """Send the form."""
        return self.post(f"/e/{code}/sign-in", {**fields, "ticket": ticket})

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Server:
    """A running server. `app` is an application in this process on the same database, to make and to count."""

    port: int
    process: Process
    app: Flask
    log: Path
    start: Callable[[], Process]
    start_seconds: float = 0.0  # from the start of the process to its first answer

    def restart(self) -> None:
        """Stop the server as whoever hosts it would, and start it again on the same port."""
        _stop(self.process)
        self.process = self.start()

    def kill(self, worker: int, how: signal.Signals) -> None:
        """Send a signal to one of this server's own workers."""
        assert worker in self.workers()
        os.kill(worker, how)

    def phone(self, *, timeout: float = 30.0) -> Phone:
        return Phone(self.port, timeout)

    def workers(self) -> list[int]:
        """Return the process ids of the workers, the oldest first."""
        return _children(self.process)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def forked_servers() -> Iterator[None]:
    """Have the servers that are started meanwhile forked from one that has their libraries."""
    with contextlib.ExitStack() as stack:
        _forks.append(Forks(stack))
        yield
        _forks.pop()


@contextlib.contextmanager
def run_server(
    folder: Path,
    *,
    database_url: str | None = None,
    workers: int = 2,
    wsgi: str = "wsgi:app",
    config: str = "gunicorn.conf.py",
    bind: str = "127.0.0.1",
    options: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    within: tuple[str, ...] = (),
    is_forked: bool = True,
) -> Iterator[Server]:
    """Migrate a database in `folder`, serve it by gunicorn until the block ends. `within` begins the command: what it
    runs in (tests/aids/small_disk.py). Where it matters how the server starts, it must not be forked: a command of its
    own starts it then."""
    port = free_port()
    settings = {"KIOSK_INSTANCE_DIR": str(folder), "KIOSK_BIND": f"{bind}:{port}", "KIOSK_WORKERS": str(workers)}
    if database_url is not None:
        settings["KIOSK_DATABASE_URL"] = database_url
    app = build_app(folder, **{key: value for key, value in settings.items() if key != "KIOSK_INSTANCE_DIR"})
    with app.app_context():
        close(app)  # whatever the server finds of the database is on its disk
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    log = folder / "server.log"
    arguments, whole = ["-c", config, *options, wsgi], {**clean, **settings, **(environ or {})}
    command = [*within, sys.executable, "-m", "gunicorn", *arguments]
    is_usual = config == "gunicorn.conf.py" and not within and "LD_PRELOAD" not in whole
    forks = _forks[-1] if _forks and is_forked and is_usual else None

    def start() -> Process:
        process: Process
        if forks is not None:
            process = forks.start(arguments, whole, log)
        else:
            with log.open("ab") as output:
                process = subprocess.Popen(command, cwd=ROOT, env=whole, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(process, port, log)
            _wait_for_workers(process, workers)
        except BaseException:
            _stop(process)
            raise
        return process

    began = time.monotonic()
    server = Server(port, start(), app, log, start)
    server.start_seconds = time.monotonic() - began
    try:
        with app.app_context():
            yield server
            close(app)
    finally:
        _stop(server.process)


def _wait_until_ready(process: Process, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    phone = Phone(port, timeout=5)
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = phone.get("/readyz")
            phone.hang_up()
            if answer.status in (200, 404):  # 404: the bare reference has no such page
                return
        time.sleep(0.02)
    raise AssertionError(f"the server did not start:\n{log.read_text()[-4000:]}")


def _wait_for_workers(process: Process, count: int) -> None:
    """The first worker answers before the second is forked."""
    deadline = time.monotonic() + 2
    while len(_children(process)) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def _children(process: Process) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def _stop(process: Process) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
