"""`make run` and `make demo` as they are started: what they print, how fast they serve, how they end."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk import launcher
from kiosk.config import read_settings
from tests.aids.paths import ROOT

pytestmark = pytest.mark.server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Started:
    """A launcher at work."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def first_status(self, path: str, seconds: float = 30) -> int:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.request("GET", path)
                return connection.getresponse().status
            assert self.process.poll() is None, "the launcher ended"
            time.sleep(0.02)
        raise AssertionError("no answer")

    def printed(self) -> str:
        return (self.folder / "printed.txt").read_text(encoding="utf-8")

    def stop(self) -> int:
        """Interrupt the server alone."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def press_ctrl_c(self) -> int:
        """Interrupt, as a terminal does, every process that was started there."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(20)

    def has_processes(self) -> bool:
        """Return whether any process of it is left, the server or what it started."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


@contextlib.contextmanager
def start(folder: Path, *arguments: str, **environ: str) -> Iterator[Started]:
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    env |= {"KIOSK_INSTANCE_DIR": str(folder / "instance"), "KIOSK_BIND": f"127.0.0.1:{port}", "KIOSK_WORKERS": "1"}
    with open(folder / "printed.txt", "w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", *arguments],
            env=env | {f"KIOSK_{key}": value for key, value in environ.items()},
            cwd=ROOT,
            stdout=printed,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield Started(process, port, folder)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(20)


def arrivals(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "instance-demo" / "kiosk.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM sign_in").fetchone()[0])


def test_first_start_prints_addresses_and_a_set_up_link_that_opens(tmp_path: Path) -> None:
    with start(tmp_path) as started:
        assert started.first_status("/") == 200
        said = started.printed()
        assert f"http://127.0.0.1:{started.port}/events" in said
        assert "no LAN address" in said and "没有局域网地址" in said  # it is bound to loopback
        link = re.search(r"/setup/\S+", said)
        assert link is not None and started.first_status(link[0]) == 200
        assert "睡眠" in said and "sleep" in said.lower()
        assert started.press_ctrl_c() == 0
    assert "Traceback" not in started.printed()
    with contextlib.closing(sqlite3.connect(tmp_path / "instance" / "kiosk.db")) as connection:
        assert connection.execute("SELECT count(*) FROM notice").fetchone() == (1,)


def test_demo_lives_in_a_folder_of_its_own_and_people_keep_coming(tmp_path: Path) -> None:
    (tmp_path / "instance-demo").mkdir()
    (tmp_path / "instance-demo" / "leftover").touch()
    with start(tmp_path, "--demo", DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/must_not_be_asked") as started:
        assert started.first_status("/healthz") == 200
        said = started.printed()
        assert "demo@example.org" in said and "/dashboard" in said and "/setup/" not in said
        assert not (tmp_path / "instance-demo" / "leftover").exists() and not (tmp_path / "instance").exists()
        before, deadline = arrivals(tmp_path), time.monotonic() + 40
        while arrivals(tmp_path) < before + 2:
            assert time.monotonic() < deadline, "nobody came"
            time.sleep(0.2)
        assert not launcher._claim_demo_folder(tmp_path / "instance-demo"), "a second demo would empty its folder"
        assert started.stop() == 0
        deadline = time.monotonic() + 10
        while started.has_processes():
            assert time.monotonic() < deadline, "the people are still on their way"
            time.sleep(0.1)
    assert "Traceback" not in started.printed()
    assert launcher._claim_demo_folder(tmp_path / "instance-demo")


def test_a_port_in_use_gives_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start(tmp_path, BIND=f"127.0.0.1:{port}") as started:
            assert started.process.wait(30) == 1
    assert "Traceback" not in started.printed()
    assert f"Cannot serve at 127.0.0.1:{port}" in started.printed()


def test_a_wrong_setting_gives_one_sentence(tmp_path: Path) -> None:
    with start(tmp_path, BIND="everywhere") as started:
        assert started.process.wait(30) == 2
    assert started.printed().count("KIOSK_BIND must look like") == 2  # in either language's line
    assert "Traceback" not in started.printed()


def test_a_database_that_does_not_answer_gives_one_sentence(tmp_path: Path) -> None:
    with start(tmp_path, DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nothing") as started:
        assert started.process.wait(30) == 1
    assert "The database cannot be used: " in started.printed()
    assert "Traceback" not in started.printed()


def test_a_lan_address_needs_no_warning() -> None:
    lines = launcher._address_lines("http://192.168.1.20:8000")
    assert "http://192.168.1.20:8000/events" in "\n".join(lines) and "!" not in "".join(lines)


@pytest.mark.parametrize(
    ("bind", "server"),
    [("0.0.0.0:8000", "127.0.0.1:8000"), ("[::1]:9000", "[::1]:9000"), ("192.168.1.20:80", "192.168.1.20:80")],
)
def test_people_of_the_demo_knock_at_this_machine(tmp_path: Path, bind: str, server: str) -> None:
    settings = read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path), "KIOSK_BIND": bind})
    assert launcher._local_server(settings) == server
