"""Run a job in a process of its own, started on demand and gone afterwards.

The web workers never import the libraries of paper and spreadsheets, and never stand still for them: `subprocess`
waits cooperatively under gevent (which patches it) and ordinarily without it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

# Started as the package `jobs` from the folder kiosk/: as `kiosk.jobs` it would first import kiosk, and with it Flask
# and the whole house. Hence the relative imports in this package.
PACKAGE = Path(__file__).resolve().parent
TIMEOUT = 60.0  # seconds, waiting for a turn included: longer than any sheet, shorter than a proxy's patience
AT_ONCE = 2  # per process: a campaign's posters must not take both cores from the door

_FRAME = re.compile(r'File "[^"\n]*?([^/"\n]+)", line (\d+), in')
_turns = threading.BoundedSemaphore(AT_ONCE)


class JobFailed(Exception):
    """A job that gave no bytes. `stderr` is what it said, which may quote a name: for nobody but a test or a terminal.

    `ran_out` says that it had begun, and had too little time or memory for what it was to do.
    """

    def __init__(self, name: str, reason: str, stderr: str = "", *, ran_out: bool = False) -> None:
        super().__init__(f"Job {name}: {reason}" + (f"\n{stderr.strip()}" if stderr.strip() else ""))
        self.name, self.reason, self.stderr, self.ran_out = name, reason, stderr, ran_out

    @property
    def line(self) -> str:
        """What the log says of it: which job, how it ended and where, and nothing that it was about."""
        return " at ".join((f"{self.name} {self.reason}", *map(":".join, _FRAME.findall(self.stderr)[-1:])))


def run_job(name: str, payload: dict[str, Any], *, timeout: float = TIMEOUT) -> bytes:
    """Run the job `name` (a key of the table in kiosk/jobs/__main__.py) and return its bytes.

    `payload` must be plain JSON. Raises JobFailed when the job ends badly, is not known, or does not end within
    `timeout` seconds; it is killed then. At most two run at once per process, others wait for their turn.
    """
    deadline = time.monotonic() + timeout
    if not _turns.acquire(timeout=timeout):
        raise JobFailed(name, f"no turn within {timeout:g} s")
    try:
        done = start(name, json.dumps(payload).encode(), max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        output = (error.stderr or b"").decode(errors="replace")
        raise JobFailed(name, f"not done within {timeout:g} s", output, ran_out=True) from error
    finally:
        _turns.release()
    stderr = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        raise JobFailed(name, f"ended with {done.returncode}", stderr, ran_out=done.returncode < 0)
    return done.stdout


def start(name: str, payload: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
    """Run a job's process to its end."""
    command = [sys.executable, "-m", PACKAGE.name, name]  # fixed: the name is looked up in a closed table
    return subprocess.run(command, input=payload, capture_output=True, cwd=PACKAGE.parent, timeout=timeout)  # noqa: S603
