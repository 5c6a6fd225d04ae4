"""The guarded job that reads lists, as an import runs it, a process for each file; forked, so that hundreds of files
cost seconds. What each took is kept."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.jobs.runner import PACKAGE, JobFailed
from kiosk.services.lists import files
from tests.aids.job_fork import ANSWER, LENGTH

JOB = "read_table"


@dataclass
class JobForks:
    """Jobs of one kind. `seconds` of the processor, and `kilobytes` above what a process has that reads nothing, are of
    the last one; `jobs` counts them."""

    process: subprocess.Popen[bytes]
    seconds: float = 0.0
    kilobytes: int = 0
    jobs: int = 0
    base: int = 0

    def run_job(self, name: str, payload: dict[str, Any], *, timeout: float) -> bytes:
        """Do what kiosk/jobs/runner.run_job does; the bound of its processor's time is the job's own."""
        assert name == JOB and timeout and self.process.stdin and self.process.stdout
        content = json.dumps(payload).encode()
        self.process.stdin.write(LENGTH.pack(len(content)) + content)
        self.process.stdin.flush()
        code, self.seconds, peak, length = ANSWER.unpack(self.process.stdout.read(ANSWER.size))
        self.kilobytes, self.jobs = peak - self.base, self.jobs + 1
        answer = self.process.stdout.read(length)
        if code:
            raise JobFailed(name, f"ended with {code}")
        return answer


@contextlib.contextmanager
def forked_jobs() -> Iterator[JobForks]:
    """Have every list that is read meanwhile read by such jobs."""
    script = Path(__file__).with_name("job_fork.py")
    command = [sys.executable, str(script), JOB]
    with subprocess.Popen(command, cwd=PACKAGE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        jobs = JobForks(process)
        jobs.run_job(JOB, {"file": b64encode(b"name\n").decode()}, timeout=1)
        jobs.base, jobs.jobs = jobs.kilobytes, 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "run_job", jobs.run_job)
            yield jobs
