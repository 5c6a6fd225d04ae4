"""From `make run` to the first page, beside what Python alone takes to load the two largest libraries."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.table import Row
from tests.aids.server import ROOT, Phone, free_port

LIBRARIES = "import flask, sqlalchemy"
TIMES = 3
LOOK_SECONDS = 0.01
LONGEST_SECONDS = 60.0


def measure() -> list[Row]:
    """Return the figures: of the very first start, which makes the database, and of those after it; medians."""
    libraries, first, later = [], [], []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            libraries.append(_libraries())
            first.append(_start(Path(folder)))
            libraries.append(_libraries())
            later.append(_start(Path(folder)))
    alone = statistics.median(libraries)
    beside = f"{LIBRARIES}: {alone:.2f} s"
    return [
        Row("`make run` to the first page, times the libraries", statistics.median(later) / alone, "<= 6", "", beside),
        Row("the same in seconds", statistics.median(later), "", "s"),
        Row("the very first one, which makes the database", statistics.median(first) / alone, "<= 6", "", beside),
    ]


def _libraries() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return time.monotonic() - began


def _start(folder: Path) -> float:
    """Return seconds from the command to the first page; the server ends with its process group."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KIOSK_", "MAKE", "MFLAGS"))}
    environ = {**clean, "KIOSK_INSTANCE_DIR": str(folder), "KIOSK_BIND": f"127.0.0.1:{port}"}
    with (folder / "log").open("ab") as log:
        ways = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        began = time.monotonic()
        process = subprocess.Popen(["make", "run"], cwd=ROOT, env=environ, start_new_session=True, **ways)
        try:
            return _first_page(process, port, folder / "log") - began
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _first_page(process: subprocess.Popen[bytes], port: int, log: Path) -> float:
    """Return when the page came at which a code is typed."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException), Phone(port, timeout=5) as phone:
            if phone.get("/").status == 200:
                return time.monotonic()
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"no page came:\n{log.read_text()[-4000:]}")
