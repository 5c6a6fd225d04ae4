"""Staying awake (docs/product.md 0.4): the machine is kept awake where it lets us, and a sleep is noticed and kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from kiosk import clock
from kiosk.services.host.awake import (
    AwakeStatus,
    SleepSpan,
    SleepWatch,
    keep_watch,
    recent_gaps,
    record_gap,
    start_keeping_awake,
)
from tests.aids.machine import machine
from tests.aids.paths import ROOT

NOW = datetime(2026, 9, 1, 1, 2, tzinfo=UTC)

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="missing on this machine: /proc")

# Like systemd-inhibit: options first, then the command that it runs while it holds the machine awake.
INHIBITOR = """#!/bin/sh
echo $$ > "$0.pid"
echo "$@" > "$0.options"
while [ "${1#--}" != "$1" ]; do shift; done
"$@"
"""
STARTER = """
import sys, os
from kiosk.services.host.awake import start_keeping_awake
awake = start_keeping_awake(lambda name: sys.argv[1] if name == "systemd-inhibit" else None)
print(awake.status.code, flush=True)
if sys.argv[2] == "exec":
    os.execvp("sleep", ["sleep", "600"])
import time; time.sleep(600)
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with machine(tmp_path) as app:
        yield app


def tool(folder: Path, script: str) -> str:
    path = folder / "tool"
    path.write_text(script)
    path.chmod(0o755)
    return str(path)


def only(name: str, path: str) -> Callable[[str], str | None]:
    return lambda asked: path if asked == name else None


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.02)


def test_a_machine_without_a_tool_says_so() -> None:
    awake = start_keeping_awake(lambda _name: None)
    assert awake.status == AwakeStatus("no_tool")
    assert not awake.status.is_kept
    awake.stop()


def test_a_machine_that_refuses_says_so(tmp_path: Path) -> None:
    refusing = tool(tmp_path, "#!/bin/sh\necho 'Failed to inhibit: Access denied' >&2\nexit 1\n")
    awake = start_keeping_awake(only("systemd-inhibit", refusing))
    assert awake.status == AwakeStatus("refused", "systemd-inhibit")


@needs_proc
def test_a_machine_that_consents_is_kept_awake_until_told_otherwise(tmp_path: Path) -> None:
    path = tool(tmp_path, INHIBITOR)
    awake = start_keeping_awake(only("systemd-inhibit", path))
    assert awake.status == AwakeStatus("kept_awake", "systemd-inhibit")
    assert "--what=sleep:idle --who=Kiosk" in Path(path + ".options").read_text()
    pid = int(Path(path + ".pid").read_text())
    assert is_alive(pid)
    awake.stop()
    assert not is_alive(pid)


@needs_proc
@pytest.mark.parametrize("ending", ["stay", "exec"])
def test_the_machine_may_sleep_again_when_the_server_is_killed(tmp_path: Path, ending: str) -> None:
    path = tool(tmp_path, INHIBITOR)
    command = [sys.executable, "-c", STARTER, path, ending]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "kept_awake"
        pid = int(Path(path + ".pid").read_text())
        if ending == "exec":
            wait_until(lambda: Path(f"/proc/{server.pid}/cmdline").read_bytes().startswith(b"sleep"))
        assert is_alive(pid)
    finally:
        os.kill(server.pid, signal.SIGKILL)
        server.communicate()
    wait_until(lambda: not is_alive(pid))


def test_macos_is_kept_awake_for_as_long_as_this_process_lives(tmp_path: Path) -> None:
    path = tool(tmp_path, '#!/bin/sh\necho "$@" > "$0.options.new"; mv "$0.options.new" "$0.options"; exec sleep 600\n')
    awake = start_keeping_awake(only("caffeinate", path))
    try:
        assert awake.status == AwakeStatus("kept_awake", "caffeinate")
        wait_until(Path(path + ".options").exists)
        assert Path(path + ".options").read_text().split() == ["-i", "-w", str(os.getpid())]
    finally:
        awake.stop()


def test_this_machine_gives_a_plain_answer() -> None:
    awake = start_keeping_awake()
    awake.stop()
    assert awake.status.code in {"kept_awake", "refused", "no_tool"}
    assert awake.status.is_kept == (awake.status.code == "kept_awake")


class Sleeper:
    """How long a machine has slept in all, as its two clocks would tell."""

    def __init__(self) -> None:
        self.slept = 1000.0

    def __call__(self) -> float:
        return self.slept


@pytest.mark.parametrize(("seconds", "is_noticed"), [(0.0, False), (19.9, False), (20.0, True), (3600.0, True)])
def test_a_sleep_of_twenty_seconds_is_noticed(seconds: float, is_noticed: bool) -> None:
    sleeper = Sleeper()
    watch = SleepWatch(sleeper)
    sleeper.slept += seconds
    with clock.freeze(NOW):
        gap = watch.observe()
    assert gap == (SleepSpan(NOW - timedelta(seconds=seconds), NOW) if is_noticed else None)


def test_a_sleep_is_reported_once() -> None:
    sleeper = Sleeper()
    watch = SleepWatch(sleeper)
    sleeper.slept += 60
    assert watch.observe() is not None
    assert watch.observe() is None


def test_time_that_passes_awake_is_no_sleep() -> None:
    watch = SleepWatch()
    assert watch.observe() is None


def test_every_worker_notices_a_sleep_and_it_is_kept_once(both_app: Flask) -> None:
    gap = SleepSpan(NOW - timedelta(minutes=5), NOW)
    seen_by_another = SleepSpan(gap.began_at + timedelta(seconds=2), gap.ended_at + timedelta(seconds=2))
    assert record_gap(gap)
    assert not record_gap(seen_by_another)
    with clock.freeze(NOW + timedelta(hours=1)):
        assert recent_gaps() == (gap,)


def test_recent_gaps_are_those_of_the_last_day_oldest_first(app: Flask) -> None:
    old, first, second = (SleepSpan(NOW - timedelta(hours=h), NOW - timedelta(hours=h - 1)) for h in (30, 9, 3))
    for gap in (second, old, first):
        record_gap(gap)
    with clock.freeze(NOW):
        assert recent_gaps() == (first, second)
        assert recent_gaps(hours=48) == (old, first, second)


class Stop(Exception):
    """Ends a watch that would go on for ever."""


def test_a_sleep_is_kept_by_itself_and_kept_once(app: Flask) -> None:
    slept = iter([0.0, 0.0, 90.0, 90.0])
    turns = iter([None, None, None])

    def turn() -> None:
        if next(turns, Stop) is Stop:
            raise Stop

    with pytest.raises(Stop):
        keep_watch(app, SleepWatch(lambda: next(slept)), turn)
    (gap,) = recent_gaps()
    assert gap.ended_at - gap.began_at == timedelta(seconds=90)
