"""The process from which tests/aids/job_forks.py has a job forked for every file: it has the libraries already.

Each request on stdin is the length of a payload and the payload; each answer on stdout is what ANSWER packs, and the
job's bytes.
"""

from __future__ import annotations

import importlib
import io
import os
import struct
import sys
from types import ModuleType

LENGTH = struct.Struct("!Q")
ANSWER = struct.Struct("!qdQQ")  # exit status, seconds of the processor, peak of memory in KB, length


def serve(job: str) -> None:
    """Do one payload after another until there are no more."""
    sys.path[0] = os.getcwd()  # the folder of the package `jobs`, as in kiosk/jobs/runner.py
    program = importlib.import_module("jobs.__main__")
    os.environ["OPENPYXL_LXML"] = "False"  # before the libraries, as the job does
    importlib.import_module(f"jobs.{job}")
    while head := sys.stdin.buffer.read(LENGTH.size):
        payload = sys.stdin.buffer.read(*LENGTH.unpack(head))
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _do(program, job, payload, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            content = pipe.read()
        _, status, usage = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        answer = ANSWER.pack(code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, len(content))
        sys.stdout.buffer.write(answer + content)
        sys.stdout.buffer.flush()


def _do(program: ModuleType, job: str, payload: bytes, writing: int) -> None:
    """Do what `python -m jobs JOB` does, and end."""
    code = 1
    try:
        sys.stdin = io.TextIOWrapper(io.BytesIO(payload), encoding="utf-8")
        answer = sys.stdout = io.TextIOWrapper(os.fdopen(writing, "wb"))
        code = program.main([job])
        answer.close()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
