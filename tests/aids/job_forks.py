"""Jobs in processes of their own, forked from one that has their libraries already, so that hundreds of files cost
seconds: every job of the tests' own process (`Forks`), and the reading of lists with what each file took (`JobForks`).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.jobs import runner
from kiosk.jobs.__main__ import JOBS
from kiosk.jobs.runner import PACKAGE, JobFailed
from kiosk.services.lists import files
from tests.aids.job_fork import ANSWER, LENGTH

JOB = "read_table"
REAL = runner.start


@dataclass
class JobForks:
    """Jobs of one kind. `seconds` of the processor, and `kilobytes` above what a process has that reads nothing, are of
    the last one; `jobs` counts them."""

    process: subprocess.Popen[bytes]
    seconds: float = 0.0
    kilobytes: int = 0
    jobs: int = 0
    base: int = 0

    def run(self, content: bytes) -> tuple[int, bytes]:
        """Run a job with this payload; return its exit status and its bytes."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(LENGTH.pack(len(content)) + content)
        self.process.stdin.flush()
        code, self.seconds, peak, length = ANSWER.unpack(self.process.stdout.read(ANSWER.size))
        self.kilobytes, self.jobs = peak - self.base, self.jobs + 1
        return code, self.process.stdout.read(length)

    def run_job(self, name: str, payload: dict[str, Any], *, timeout: float) -> bytes:
        """Do what kiosk/jobs/runner.run_job does; the bound of its processor's time is the job's own."""
        assert name == JOB and timeout
        code, answer = self.run(json.dumps(payload).encode())
        if code:
            raise JobFailed(name, f"ended with {code}")
        return answer


@contextlib.contextmanager
def served(name: str) -> Iterator[JobForks]:
    """Start the process from which jobs of this name are forked."""
    command = [sys.executable, str(Path(__file__).with_name("job_fork.py")), name]
    with subprocess.Popen(command, cwd=PACKAGE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield JobForks(process)


class Forks:
    """Runs jobs of every name as kiosk/jobs/runner.start does. One that ends badly is run again as the server runs it,
    for what it says then."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.stack = stack
        self.lock = threading.Lock()
        self.by_name: dict[str, JobForks] = {}

    def start(self, name: str, payload: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
        if name in JOBS:
            with self.lock:
                if name not in self.by_name:
                    self.by_name[name] = self.stack.enter_context(served(name))
                code, answer = self.by_name[name].run(payload)
            if code == 0:
                return subprocess.CompletedProcess([name], 0, answer, b"")
        return REAL(name, payload, timeout)


@contextlib.contextmanager
def forked_jobs() -> Iterator[JobForks]:
    """Have every list that is read meanwhile read by such jobs."""
    with served(JOB) as jobs:
        jobs.run_job(JOB, {"file": b64encode(b"name\n").decode()}, timeout=1)
        jobs.base, jobs.jobs = jobs.kilobytes, 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "run_job", jobs.run_job)
            yield jobs
