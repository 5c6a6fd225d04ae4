"""Staying awake (docs/product.md 0.4): keep the machine from sleeping where it lets us, and notice when it slept."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from flask import Flask
from sqlalchemy import select as sql_select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import SleepGap
from kiosk.services.store.writer import WriterBusy, WriterSession, unit

SHORTEST_GAP = timedelta(seconds=20)
ANSWER_SECONDS = 5.0
LOOK_SECONDS = 5.0
READY = b"awake"

Code = Literal["kept_awake", "refused", "no_tool"]


@dataclass(frozen=True)
class AwakeStatus:
    """Whether the machine is kept awake; "refused" means that the tool is there and the machine said no."""

    code: Code
    tool: str | None = None

    @property
    def is_kept(self) -> bool:
        return self.code == "kept_awake"


@dataclass
class Awake:
    """The child that keeps the machine awake. It ends with this process, also after an exec."""

    status: AwakeStatus
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """Let the machine sleep again; harmless when nothing keeps it awake."""
        if self._child is not None:
            with self._child:  # at the end its pipes are closed, and it is gone
                self._child.terminate()
            self._child = None


def start_keeping_awake(which: Callable[[str], str | None] = shutil.which) -> Awake:
    """Keep the machine from sleeping until stop() or the end of this process; never raises.

    The caller may exec afterwards (the launcher becomes gunicorn): the machine stays awake until the
    server and its workers are gone.
    """
    if tool := which("caffeinate"):
        return _caffeinate(tool)
    if tool := which("systemd-inhibit"):
        return _inhibit(tool)
    return Awake(AwakeStatus("no_tool"))


def _caffeinate(tool: str) -> Awake:
    try:
        child = subprocess.Popen([tool, "-i", "-w", str(os.getpid())], stdin=subprocess.DEVNULL)  # noqa: S603
    except OSError:
        return Awake(AwakeStatus("refused", "caffeinate"))
    return Awake(AwakeStatus("kept_awake", "caffeinate"), child)


def _inhibit(tool: str) -> Awake:
    """Hold a logind inhibitor. Its command reads a pipe whose other end dies with us, however we die."""
    command = [tool, "--what=sleep:idle", "--who=Kiosk", "--why=People are signing in", "--mode=block"]
    waiting = ["sh", "-c", f"echo {READY.decode()}; exec cat"]
    try:
        child = subprocess.Popen(  # noqa: S603
            command + waiting,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server, which then lets go by itself
        )
    except OSError:
        return Awake(AwakeStatus("refused", "systemd-inhibit"))
    assert child.stdin is not None and child.stdout is not None
    awake = Awake(AwakeStatus("kept_awake", "systemd-inhibit"), child)
    # The command runs only once the inhibitor is held: its first word is logind's consent.
    is_answered = bool(select.select([child.stdout], [], [], ANSWER_SECONDS)[0])
    if not is_answered or not os.read(child.stdout.fileno(), len(READY)).startswith(READY):
        awake.stop()
        return Awake(AwakeStatus("refused", "systemd-inhibit"))
    os.set_inheritable(child.stdin.fileno(), True)  # an exec must not close the pipe
    return awake


# Sleep that happened anyway


@dataclass(frozen=True)
class SleepSpan:
    """A time in which the machine slept; aware, UTC."""

    began_at: datetime
    ended_at: datetime


def _slept_seconds() -> float:
    """Return how long this machine has slept since some fixed moment.

    Two clocks that differ only by sleep; the wall clock, which people and NTP set, is the last resort.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "darwin":  # here CLOCK_MONOTONIC runs on during sleep and CLOCK_UPTIME_RAW does not
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    return time.time() - time.monotonic()


class SleepWatch:
    """Notices sleep between two calls of observe(); call it every few seconds."""

    def __init__(self, slept_seconds: Callable[[], float] = _slept_seconds) -> None:
        self._slept_seconds = slept_seconds
        self._before = slept_seconds()

    def observe(self) -> SleepSpan | None:
        """Return the sleep since the last call when it lasted 20 s or more.

        Its end is now: as exact as the calls are frequent.
        """
        slept = self._slept_seconds()
        length = timedelta(seconds=slept - self._before)
        self._before = slept
        if length < SHORTEST_GAP:
            return None
        now = clock.utcnow()
        return SleepSpan(now - length, now)


def keep_watch(app: Flask, sleep_watch: SleepWatch, turn: Callable[[], None]) -> None:
    """Keep every sleep of this machine, for as long as the process lives; `turn` waits between two looks."""
    unkept: list[SleepSpan] = []
    while True:
        turn()
        gap = sleep_watch.observe()
        unkept += [gap] if gap is not None else []
        while unkept:
            try:
                with app.app_context():
                    record_gap(unkept[0])
            except WriterBusy:
                break  # the next look keeps it
            unkept.pop(0)


def watch_in_background(app: Flask) -> None:
    """Start keep_watch in a thread of its own (a greenlet under gevent)."""
    look = (app, SleepWatch(), lambda: time.sleep(LOOK_SECONDS))
    threading.Thread(target=keep_watch, args=look, name="sleep-watch", daemon=True).start()


@unit
def record_gap(session: WriterSession, gap: SleepSpan) -> bool:
    """Keep a gap; False when a gap of that time is known, because every worker process notices the same sleep."""
    overlap = sql_select(SleepGap).where(SleepGap.began_at < gap.ended_at, SleepGap.ended_at > gap.began_at)
    if session.scalars(overlap).first() is not None:
        return False
    session.add(SleepGap(began_at=gap.began_at, ended_at=gap.ended_at))
    return True


def recent_gaps(hours: int = 24) -> tuple[SleepSpan, ...]:
    """Return the gaps that ended within the last hours, oldest first."""
    since = clock.utcnow() - timedelta(hours=hours)
    rows = db.session.scalars(sql_select(SleepGap).where(SleepGap.ended_at >= since).order_by(SleepGap.began_at))
    return tuple(SleepSpan(row.began_at, row.ended_at) for row in rows)
