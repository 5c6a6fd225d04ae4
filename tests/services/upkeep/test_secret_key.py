"""The secret that a database was made with: another one is refused with a sentence, and is changed on purpose only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.services.audit_log import audit, audit_search
from kiosk.services.audit_log.audit_search import AuditQuery
from kiosk.services.door import receipts
from kiosk.services.upkeep import secret_key
from kiosk.services.upkeep.secret_key import OtherSecret
from kiosk.services.upkeep.upgrades import upgrade_database
from tests.aids.apps import build_app, close
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.paths import ROOT
from tests.aids.server import run_server

OTHER = "the one that this database was made with"


@pytest.fixture
def robbed(app: Flask) -> Flask:
    """The application on a database whose secret is lost: another has been made since."""
    upgrade_database()
    app.config["SECRET_KEY"] = "x" * 64
    return app


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=list(arguments))


def test_the_fingerprint_is_kept_once_and_is_not_the_secret(both_app: Flask) -> None:
    upgrade_database()
    secret_key.require_own()
    upgrade_database()
    assert both_app.config["SECRET_KEY"] not in secret_key._fingerprint()


def test_another_secret_is_refused_where_a_server_starts(robbed: Flask) -> None:
    with pytest.raises(OtherSecret, match="secret_key back from a backup"):
        upgrade_database()


def test_commands_end_with_the_sentence_and_the_doctor_finds_it(robbed: Flask) -> None:
    for command in (["event", "list"], ["recount"], ["db-upgrade"]):
        done = run(robbed, *command)
        assert done.exit_code == 1 and OTHER in done.output
    found = {one["code"]: one for one in json.loads(run(robbed, "doctor", "--json").output)["findings"]}
    assert found["secret_other"]["level"] == "fail" and "flask secret-change" in found["secret_other"]["remedies"][1]


def test_on_purpose_it_is_changed_and_what_was_given_out_ends(app: Flask) -> None:
    upgrade_database()
    given = receipts.address_of(sign_in(make_event(), guest()), is_kiosk=False)
    assert receipts.read(given) is not None
    before = app.config["SECRET_KEY"]
    assert run(app, "secret-change").exit_code == 0
    settings = read_settings({"KIOSK_INSTANCE_DIR": str(app.config["KIOSK"].instance_dir)})
    assert settings.secret_key not in ("", before) and app.config["SECRET_KEY"] == settings.secret_key
    upgrade_database()
    assert receipts.read(given) is None


def test_only_a_change_leaves_an_entry_in_the_log_and_nothing_of_the_secret(robbed: Flask) -> None:
    assert not audit_search.search(AuditQuery()).rows
    assert run(robbed, "secret-change").exit_code == 0
    (entry,) = audit_search.search(AuditQuery()).rows
    assert (entry.actor, entry.action) == (audit.COMMAND, "machine.secret")
    assert robbed.config["SECRET_KEY"] not in repr(entry)


def test_a_secret_of_the_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    build = {"KIOSK_INSTANCE_DIR": str(tmp_path / "instance")}
    app = build_app(tmp_path / "instance")
    with app.app_context():
        upgrade_database()
        close(app)
    other = create_app(read_settings({**build, "KIOSK_SECRET_KEY": "y" * 40}))
    with other.app_context():
        with pytest.raises(OtherSecret):
            upgrade_database()
        assert json.loads(run(other, "secret-change", "--json").output) == {"made": False}
        upgrade_database()
        close(other)


def test_of_many_that_start_at_once_all_have_the_same_whole_secret(tmp_path: Path) -> None:
    def read(number: int) -> set[str]:
        environ = {"KIOSK_INSTANCE_DIR": str(tmp_path / str(number // 8))}
        return {read_settings(environ).secret_key}

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(160)))
    assert all(len(set.union(*found[start : start + 8])) == 1 for start in range(0, 160, 8))
    assert {path.name for path in (tmp_path / "0").iterdir()} == {"secret_key"}


@pytest.mark.server
def test_a_lost_file_is_noticed_at_the_next_start_and_not_before(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    with run_server(folder, is_forked=False) as server:
        upgrade_database()
        event = make_event()
        with server.phone() as phone:
            ticket = phone.ticket(event.code, "guest")
        (folder / "secret_key").unlink()
        old = server.workers()
        for worker in old:
            server.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while len(set(server.workers()) - set(old)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with server.phone() as phone:
            assert phone.sign_in(event.code, {"kind": "guest", "name": "张爱国"}, ticket).status == 303
        assert not (folder / "secret_key").exists()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    environ |= {"KIOSK_INSTANCE_DIR": str(folder), "KIOSK_BIND": f"127.0.0.1:{server.port}"}
    for module in (["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"], ["launch"]):
        command = [sys.executable, "-m", *module]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and OTHER in done.stderr and "Traceback" not in done.stderr
