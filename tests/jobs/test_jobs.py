"""Jobs run in processes of their own, two at once at most, and say why when they fail."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from kiosk.jobs import __main__ as table, runner
from kiosk.jobs.runner import JobFailed, run_job
from kiosk.services.tables import sheet_files
from tests.aids.paper_sheets import a_sheet, people

pytestmark = pytest.mark.usefixtures("real_jobs")
# Refuses every file that is opened to be written.
WITHOUT_FILES = """
import os, sys
def refuse(event, given):
    if event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        raise PermissionError(given[0])
sys.addaudithook(refuse)
from jobs import __main__
sys.exit(__main__.main(sys.argv[1:]))
"""
PAYLOAD = {"text": "http://192.168.1.23:8000/e/K7M4PQ", "module_pixels": 3}


def test_a_job_gives_its_bytes() -> None:
    assert Image.open(BytesIO(run_job("qr_png", PAYLOAD))).size == (111, 111)


def test_a_job_that_breaks_says_why() -> None:
    with pytest.raises(JobFailed) as caught:
        run_job("qr_png", {"module_pixels": 3})
    assert "KeyError: 'text'" in caught.value.stderr
    assert "KeyError: 'text'" in str(caught.value)
    assert caught.value.reason == "ended with 1"


@pytest.mark.parametrize("ending", ["xlsx", "docx", "pdf"])
def test_a_job_with_names_writes_no_file(ending: str) -> None:
    """A job may be killed at any moment: what it had put into a temporary folder would stay there."""
    payload = sheet_files._payload(a_sheet(people(3)))
    done = subprocess.run(
        [sys.executable, "-B", "-c", WITHOUT_FILES, f"sheet_{ending}"],
        input=json.dumps(payload).encode(),
        capture_output=True,
        cwd=runner.PACKAGE.parent,
    )
    assert done.returncode == 0 and len(done.stdout) > 1000, done.stderr.decode()


def test_a_name_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(JobFailed) as caught:
        run_job("os.system", {})
    assert caught.value.reason == "ended with 2"
    assert "poster" in caught.value.stderr


def test_every_name_in_the_table_has_a_module_with_run() -> None:
    for name, module in table.JOBS.items():
        assert callable(getattr(__import__(f"kiosk.jobs.{module}", fromlist=["run"]), "run", None)), name


def test_a_job_that_takes_too_long_is_ended() -> None:
    with pytest.raises(JobFailed, match=r"not done within 0\.001 s"):
        run_job("qr_png", PAYLOAD, timeout=0.001)


def test_only_two_jobs_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, started = threading.Event(), threading.Semaphore(0)

    def held(*args: Any, **kwargs: Any) -> subprocess.CompletedProcess[bytes]:
        started.release()
        assert gate.wait(10)
        return subprocess.CompletedProcess([], 0, b"done", b"")

    monkeypatch.setattr(runner.subprocess, "run", held)
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(run_job("poster", {}))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert started.acquire(timeout=10)
    assert started.acquire(timeout=10)
    with pytest.raises(JobFailed, match=r"no turn within 0\.05 s"):
        run_job("poster", {}, timeout=0.05)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert answers == [b"done"] * 2


def test_a_failed_job_gives_its_turn_back() -> None:
    for _ in range(runner.AT_ONCE + 1):
        with pytest.raises(JobFailed, match="ended with 2"):
            run_job("nothing", {}, timeout=20)


def test_a_job_loads_neither_flask_nor_the_database() -> None:
    script = (
        "import sys, jobs.poster, jobs.qr_png, jobs.runner, jobs.__main__\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(', '.join(sorted({'kiosk', 'flask', 'sqlalchemy', 'gevent'} & loaded)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=runner.PACKAGE.parent, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_under_gevent_others_go_on_while_a_job_runs() -> None:
    script = (
        "from gevent import monkey; monkey.patch_all()\n"
        "import gevent, sys\n"
        "from kiosk.jobs.runner import run_job\n"
        f"job = gevent.spawn(run_job, 'qr_png', {PAYLOAD!r})\n"
        "turns = 0\n"
        "while not job.ready():\n"
        "    gevent.sleep(0.001); turns += 1\n"
        "print(len(job.get()), turns)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    length, turns = map(int, done.stdout.split())
    assert length == len(run_job("qr_png", PAYLOAD))
    assert turns > 5  # the job takes 70 ms and more; a blocked hub would give one turn


def test_what_a_library_prints_does_not_spoil_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys, types, jobs.__main__ as jobs\n"
        "def run(payload): print('chatter'); return b'bytes'\n"
        "sys.modules['jobs.chatty'] = types.SimpleNamespace(run=run)\n"
        "jobs.JOBS['chatty'] = 'chatty'\n"
        "sys.exit(jobs.main(['chatty']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps({}).encode(), capture_output=True, cwd=runner.PACKAGE.parent
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"bytes", b"chatter\n")
