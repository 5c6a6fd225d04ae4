"""Servers forked from one process that has their libraries already: dozens of starts cost seconds, not a minute."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.aids.paths import ROOT


class Process(Protocol):
    """What the tests ask of a server's process."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Return None while it lives."""

    def wait(self, timeout: float | None = None) -> object:
        """Wait for its end; raise subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """Kill it."""


class Forked:
    """A process that another one has started; how it ended is not known here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._has_ended = False

    def poll(self) -> int | None:
        return 0 if self._ends_within(0.0) else None

    def wait(self, timeout: float | None = None) -> None:
        if not self._ends_within(timeout):
            raise subprocess.TimeoutExpired("gunicorn", timeout or 0.0)

    def send_signal(self, sig: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ends_within(self, seconds: float | None) -> bool:
        if not self._has_ended and select.select([self._handle], [], [], seconds)[0]:
            self._has_ended = True
            os.close(self._handle)
        return self._has_ended


class Forks:
    """Starts servers as tests/aids/server.py does, from a process that the first one starts."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._warm: subprocess.Popen[bytes] | None = None

    def start(self, arguments: list[str], environ: Mapping[str, str], log: Path) -> Forked:
        """Start gunicorn in the project's folder with these arguments; what it prints is appended to the log."""
        if self._warm is None:
            command = [sys.executable, str(Path(__file__).with_name("server_fork.py"))]
            clean = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
            warm = subprocess.Popen(command, cwd=ROOT, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._warm = self._stack.enter_context(warm)
        assert self._warm.stdin and self._warm.stdout
        wanted = {"arguments": arguments, "environ": dict(environ), "log": str(log)}
        self._warm.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._warm.stdin.flush()
        return Forked(int(self._warm.stdout.readline()))
