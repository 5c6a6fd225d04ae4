"""Two nodes: two instance folders, one PostgreSQL. What one has begun the other goes on with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.extensions import db
from kiosk.models import LedgerLine, RosterEntry
from kiosk.services import exports
from kiosk.services.account import guesses, staff
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.door import misses
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import ledger, purges, reapply, shared_ledger
from kiosk.services.store.turns import turn
from kiosk.services.upkeep import housekeeping, schema, secret_key, upgrades
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import PASSWORD, enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.paths import ROOT
from tests.aids.personal import fresh, make_full_event

SECRET = "a secret that both of the nodes have"  # noqa: S105


@dataclass
class Nodes:
    """Two applications, as they run on two machines."""

    a: Flask
    b: Flask
    url: str


@pytest.fixture
def nodes(tmp_path: Path, postgres_server: postgres.Server) -> Iterator[Nodes]:
    with postgres_server.database() as url:
        settings = {"KIOSK_DATABASE_URL": url, "KIOSK_SECRET_KEY": SECRET}
        both = Nodes(build_app(tmp_path / "a", **settings), build_app(tmp_path / "b", **settings), url)
        yield both
        for app in (both.a, both.b):
            with app.app_context():
                close(app)


def test_a_log_in_an_import_and_an_export_go_on_at_the_other_node(nodes: Nodes) -> None:
    with nodes.a.app_context():
        boss, event = make_staff(), make_event()
        sign_in(event, enterprise())
        here = nodes.a.test_client()
        log_in(here, "admin@example.org")
        pasted = "姓名\t单位\t手机\n赵一\t甲公司\t13800138001\n钱二\t乙公司\t13800138002"
        staged = post(here, f"/events/{event.code}/roster/import", pasted=pasted)
        assert staged.status_code == 303
        export_id = exports.start("sheet", SHEET, staff_id=boss.id, event_id=event.id)
    with nodes.b.app_context():
        there = nodes.b.test_client()
        for cookie in here._cookies.values():
            there.set_cookie(cookie.key, cookie.value, path=cookie.path)
        assert there.get(staged.location).status_code == 200
        assert post(there, staged.location).status_code == 303
        assert db.session.scalar(select(func.count()).select_from(RosterEntry)) == 2
        done = exports.wait_for(export_id, boss.id, 60)
        assert done is not None and done.state == "done", done
        file = there.get(f"/exports/{export_id}/file")
        assert file.status_code == 200 and "王强" in file.text
    with nodes.a.app_context():
        assert "赵一" in here.get(f"/events/{event.code}/roster").text


SHEET = {"format": "csv", "full": True, "order": "arrival", "no_shows": False, "variant": None, "language": "zh"}


def test_nodes_that_start_together_print_one_set_up_link(nodes: Nodes) -> None:
    tokens = []
    for app in (nodes.a, nodes.b, nodes.a):
        with app.app_context():
            tokens.append(staff.setup_url_token())
    assert len(set(tokens)) == 1 and tokens[0]
    with nodes.b.app_context():
        db.session.execute(text("UPDATE stored_setting SET changed_at = changed_at - interval '2 hours'"))
        db.session.commit()
        assert staff.setup_url_token() not in tokens
        assert not staff.is_setup_link_alive(str(tokens[0]))
        staff.set_up(str(staff.setup_url_token()), "first@example.org", PASSWORD)
    with nodes.a.app_context():
        assert staff.setup_url_token() is None


def test_guesses_are_counted_over_both(nodes: Nodes) -> None:
    window = staff.WINDOW
    for app in (nodes.a, nodes.b, nodes.a):
        with app.app_context():
            guesses.count("login:x", limit=3, window=window)
            misses.count("last four", window=window)
    with nodes.b.app_context():
        with pytest.raises(TooManyGuesses):
            guesses.check("login:x", limit=3, window=window)
        assert misses.read("last four", window=window) == 3


def test_one_node_at_a_time_has_a_turn(nodes: Nodes) -> None:
    with nodes.a.app_context(), turn("work", waits=False) as first:
        with nodes.b.app_context(), turn("work", waits=False) as second:
            assert (first, second) == (True, False)
        with nodes.b.app_context(), turn("other work", waits=False) as other:
            assert other
    with nodes.b.app_context(), turn("work", waits=True) as after:
        assert after


def test_the_ledger_of_one_node_is_the_other_s(nodes: Nodes) -> None:
    with nodes.a.app_context():
        event = make_full_event()
        purges.purge_event(event, "command")
        lines = list(ledger.lines())
    with nodes.b.app_context():
        assert shared_ledger.is_behind() and list(ledger.lines()) == []
        housekeeping.do_what_is_due()
        assert list(ledger.lines()) == lines and not shared_ledger.is_behind()
        forget_the_purge(event)
        assert reapply.reapply() == 1 and fresh(event).purged_at is not None
    with nodes.a.app_context():
        db.session.execute(LedgerLine.__table__.delete())  # a backup of before: only the folders know
        db.session.commit()
        upgrades.upgrade_database()
        assert db.session.scalar(select(func.count()).select_from(LedgerLine)) == len(lines)
        shared_ledger.share()
        assert list(ledger.lines()) == lines


def forget_the_purge(event: EventView) -> None:
    """Bring the event back, as an older backup does."""
    db.session.execute(text("UPDATE event SET purged_at = NULL"))
    db.session.commit()


def test_without_its_database_an_upgrade_ends_with_a_sentence(tmp_path: Path) -> None:
    url = "postgresql+psycopg://kiosk@127.0.0.1:1/kiosk"
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path), "KIOSK_DATABASE_URL": url}))
    answer = app.test_cli_runner().invoke(args=["db-upgrade"])
    assert answer.exit_code == 1 and "The database does not answer" in answer.stderr
    with app.app_context():
        close(app)


def started(folder: Path, url: str, secret: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is to refuse."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    environ = {"INSTANCE_DIR": str(folder), "DATABASE_URL": url, "SECRET_KEY": secret, "BIND": "127.0.0.1:9"}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    kept |= {f"KIOSK_{name}": value for name, value in environ.items()}
    return subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=60, check=False)


def test_a_node_of_another_secret_or_another_schema_does_not_start(nodes: Nodes, tmp_path: Path) -> None:
    with nodes.a.app_context():
        secret_key.keep()
        make_event()
    refused = started(tmp_path / "b", nodes.url, SECRET.upper())
    assert refused.returncode and "not the one that this database was made with" in refused.stderr
    for revision, words in (("0030", "earlier version"), ("9999", "newer version")):
        with nodes.a.app_context():
            db.session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
            db.session.commit()
        refused = started(tmp_path / "b", nodes.url, SECRET)
        assert refused.returncode and words in refused.stderr, refused.stderr
    with nodes.b.app_context():
        with pytest.raises(schema.OtherSchema):
            upgrades.upgrade_database()
        answer = nodes.b.test_cli_runner().invoke(args=["db-upgrade"])
        assert answer.exit_code == 1 and "newer version" in answer.stderr
