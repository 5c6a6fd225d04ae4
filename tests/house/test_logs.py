"""What a log may say: never a name, a mobile, or an address that is a key."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.logs import JsonLines, cut_secrets
from kiosk.services import exports
from kiosk.services.privacy import purges
from kiosk.services.tasks import tasks
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event, make_staff
from tests.aids.server import ROOT, run_server


def line_of(message: str, error: Exception | None = None) -> dict[str, object]:
    """Return a record as the log has it."""
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("kiosk", logging.ERROR, __file__, 1, message, None, exc_info)
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/done/AAAAAAABA7c",
        "/d/SECRETSECRET",
        "/g/SECRET",
        "/group/SECRET",
        "/setup/SECRETSECRET",
        "/reset/SECRETSECRET",
        "/st/SECRETSECRET",
        "/verify/K7M4PQ8R",
        "/events/K7M4PQ/roster/import/SECRET",
    ],  # fmt: skip
)
def test_the_end_of_an_address_that_is_a_key_is_cut(path: str) -> None:
    assert cut_secrets(f"GET {path} HTTP/1.1") == f"GET {path.rsplit('/', 1)[0]}/… HTTP/1.1"


def test_keys_in_a_query_are_cut_and_the_rest_stays() -> None:
    assert cut_secrets("/e/K7M4PQ?trial=SECRET&kind=guest&key=SECRET") == "/e/K7M4PQ?trial=…&kind=guest&key=…"
    assert cut_secrets("/e/K7M4PQ?led=1&entrance=SECRET") == "/e/K7M4PQ?led=1&entrance=…"


def test_of_an_exception_the_log_has_type_and_place_but_not_what_the_database_quoted() -> None:
    try:
        raise sqlite3.IntegrityError("Key (mobile, name)=(13800138000, 王强) already exists")
    except sqlite3.IntegrityError as error:
        line = line_of("a request crashed", error)
    said = json.dumps(line, ensure_ascii=False)
    assert "王强" not in said and "13800138000" not in said
    assert "sqlite3.IntegrityError" in said and "test_logs.py" in said


@pytest.mark.parametrize("breaks", ["purges.carry_on", "exports.MAKERS['sheet']"])
def test_a_task_beside_the_server_that_breaks_quotes_nobody(tmp_path: Path, breaks: str) -> None:
    """Its standard error is the server's log."""
    code = f"""
import sys
from kiosk import beside
from kiosk.services.privacy import purges
from kiosk.services import exports
def broken(*_given):
    raise ValueError("Key (mobile, name)=(13800138000, 王强) already exists")
{breaks} = broken
sys.exit(beside.main(sys.argv[1:]))
"""
    folder = tmp_path / "instance"
    app = build_app(folder)
    with app.app_context():
        boss, event = make_staff(), make_event()
        task, number, ended_with = "purge", purges.begin(event, "event", "command"), 1
        if "exports" in breaks:
            task, number, ended_with = "export", _waiting_export(event.id, boss.id), 0
        close(app)
    environ = {**os.environ, "KIOSK_INSTANCE_DIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", code, task, str(number)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == ended_with and "builtins.ValueError" in done.stderr
    assert "13800138000" not in done.stderr and "王强" not in done.stderr


def _waiting_export(event_id: int, staff_id: int) -> int:
    return tasks.add(exports.ExportView, what="sheet", event_id=event_id, asked_by=f"staff:{staff_id}")


@pytest.mark.server
def test_a_served_sign_in_leaves_no_name_no_mobile_and_no_receipt_in_the_log(tmp_path: Path) -> None:
    with run_server(tmp_path / "instance") as server:
        event = make_event()
        fields = {"kind": "enterprise", "name": "欧阳质检", "enterprise": "湖北东贝", "mobile": "13912345678"}
        with server.phone() as phone:
            answer = phone.sign_in(event.code, fields, phone.ticket(event.code))
            assert answer.status == 303 and phone.get(str(answer.location)).status == 200
            phone.get("/done/not-a-receipt")
    log = server.log.read_text()
    assert "Booting worker" in log
    assert all(json.loads(line) for line in log.splitlines()), "one JSON object a line"
    for secret in ("欧阳质检", "13912345678", "/done/", event.code):
        assert secret not in log
