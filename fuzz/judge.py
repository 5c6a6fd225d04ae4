"""What an answer must not be: a crash, slow, greedy, or a word too many to somebody who may not know."""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from flask import Flask
from werkzeug.test import TestResponse

from fuzz.requests import Sent
from fuzz.stage import Role

MOST_SECONDS = 0.5  # of the processor, in this process
MOST_MEGABYTES = 100
_PEAK = re.compile(r"VmHWM:\s+(\d+)")
_NOW = re.compile(r"VmRSS:\s+(\d+)")


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer, and where."""

    kind: str  # "500", "slow", "memory", "told"
    route: str
    role: str
    about: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what makes two faults the same."""
        return self.kind, self.route, self.about if self.kind == "500" else ""


class Judge(logging.Handler):
    """Sends a request and says what is wrong with its answer; hears the crash that an answer of 500 is about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._crash = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep where the last crash was."""
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            frames = [f for f in traceback.extract_tb(error.__traceback__) if "/kiosk/" in f.filename]
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"
            self._crash = f"{type(error).__name__} at {place}"

    def send(self, app: Flask, sent: Sent, role: Role, cookies: Mapping[str, str]) -> list[Fault]:
        """Send a request in a browser of its own and return its faults."""
        self._crash = ""
        memory, began = _reset_peak(), time.process_time()
        try:
            answer = _open(app, sent, cookies)
        except UnicodeError:  # the client cannot send it, and no server would get it
            return []
        except Exception as error:  # the server would answer with a bare 500
            return [Fault("500", sent.route, sent.role, f"{type(error).__name__} left the program")]
        is_stream = answer.mimetype == "text/event-stream"
        body = b"" if is_stream else answer.get_data()
        spent, grown = time.process_time() - began, (_peak() - memory) / 1024
        answer.close()
        faults = []
        if answer.status_code == 500 or answer.status_code > 503:
            faults.append(Fault("500", sent.route, sent.role, self._crash or str(answer.status_code)))
        if spent > MOST_SECONDS and not sent.has_file:  # what is slow is slow again; what else the process did is not
            began = time.process_time()
            _open(app, sent, cookies).close()
            spent = time.process_time() - began
        if spent > MOST_SECONDS:
            faults.append(Fault("slow", sent.route, sent.role, f"{spent:.2f} s"))
        if grown > MOST_MEGABYTES:
            faults.append(Fault("memory", sent.route, sent.role, f"{grown:.0f} MB"))
        told = _text(body) + "".join(f"{name}: {text}\n" for name, text in answer.headers.items())
        if any(secret in told for secret in role.unseen):
            faults.append(Fault("told", sent.route, sent.role, f"status {answer.status_code}"))
        return faults


def _open(app: Flask, sent: Sent, cookies: Mapping[str, str]) -> TestResponse:
    client = app.test_client()
    for name, text in cookies.items():
        client.set_cookie(name, text)
    answer = client.open(sent.path, method=sent.method, **sent.options)
    answer.request.environ["wsgi.input"].close()  # a long body stands in a file of the test client's own
    return answer


def _text(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    try:
        with ZipFile(BytesIO(body)) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    except BadZipFile:
        return ""


def _reset_peak() -> int:
    """Let the kernel's peak of this process begin anew; return its memory now, in kilobytes."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _kilobytes(_NOW)


def _peak() -> int:
    return _kilobytes(_PEAK)


def _kilobytes(which: re.Pattern[str]) -> int:
    found = which.search(Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0
