"""What the workers share, and what no process of a server has in memory (docs/decisions/0029-memory.md)."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sa_event, func, select
from sqlalchemy.engine.interfaces import CacheStats

from kiosk import create_app, first_use, heap
from kiosk.compiled import CompiledTemplates, folder_of
from kiosk.config import read_settings
from kiosk.extensions import db
from kiosk.models import Event
from kiosk.services.account import staff_sessions
from kiosk.services.upkeep import housekeeping, upgrades
from kiosk.serving import QUIET_SECONDS, tidy
from kiosk.web.board import live_fragments
from tests.aids import before_fork, postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.paths import ROOT
from tests.aids.server import Server, run_server
from tools import compiled_templates

# What is loaded by the processes that need it and by no server: migrations, paper, spreadsheets.
ELSEWHERE = {"alembic", "flask_migrate", "mako", "openpyxl", "docx", "fpdf", "xlrd", "PIL"}


def before_the_fork(folder: Path, **settings: str) -> dict[str, Any]:
    """Return what a server has open before it forks a worker, and what it has loaded."""
    app = build_app(folder, **settings)
    with app.app_context():
        upgrades.upgrade_database()
        close(app)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    environ = {**clean, "KIOSK_INSTANCE_DIR": str(folder), "KIOSK_BIND": "127.0.0.1:9", **settings}
    command = [sys.executable, "-m", "tests.aids.before_fork"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=120)
    looked: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return looked


def is_spoilt_by_a_fork(link: str) -> bool:
    """Say whether two processes that both go on with an open file would spoil each other's work: a database, the lock
    of who writes, a connection. gevent's loop is gunicorn's before any of this, and anew in each worker."""
    return "kiosk.db" in link or link.endswith("writer.lock") or link.startswith("socket:")


def test_nothing_of_a_database_is_open_before_the_fork(tmp_path: Path) -> None:
    looked = before_the_fork(tmp_path / "instance")
    assert [link for link in looked[before_fork.FILES] if is_spoilt_by_a_fork(link)] == []
    assert len(looked[before_fork.THREADS]) == 2, "the main thread of the system and of Python"
    assert any(link.endswith("in_use.lock") for link in looked[before_fork.FILES]), "the workers inherit this one"
    loaded = {module.partition(".")[0] for module in looked[before_fork.MODULES]}
    assert loaded & (ELSEWHERE | {"psycopg"}) == set()
    assert looked[before_fork.COLLECTS], "off only while the program is imported"
    assert upgrades.EMPTY.exists(), "`make install` makes it"
    assert "board/dashboard/_numbers.html" in looked[before_fork.TEMPLATES], "a board was drawn, on another database"


def test_no_connection_to_postgresql_is_open_before_the_fork(tmp_path: Path, postgres_server: postgres.Server) -> None:
    with postgres_server.database() as url:
        looked = before_the_fork(tmp_path / "instance", KIOSK_DATABASE_URL=url)
    assert [link for link in looked[before_fork.FILES] if is_spoilt_by_a_fork(link)] == []
    assert len(looked[before_fork.THREADS]) == 2
    assert "psycopg" in looked[before_fork.MODULES], "or nothing was asked"


def test_what_is_used_once_leaves_nothing_but_templates_and_statements(tmp_path: Path) -> None:
    app, empty = build_app(tmp_path / "instance"), tmp_path / "empty.db"
    with app.app_context():
        close(app)
        empty.write_bytes(app.config["KIOSK"].sqlite_file.read_bytes())
        before, compiled = dict(app.extensions), []

        def note(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
            if context.cache_hit is CacheStats.CACHE_MISS:
                compiled.append(statement)

        assert first_use.use_once(app, empty)
        assert app.extensions == before and db.engine.pool.checkedin() == 0
        assert db.session.scalar(select(func.count()).select_from(Event)) == 0, "it was another database's event"
        event = make_event()
        sign_in(event, guest())
        db.session.remove()
        sa_event.listen(db.engine, "before_cursor_execute", note)
        with app.test_request_context("/"):
            live_fragments.screen(event, may_run=True)
        assert staff_sessions.find("nobody's") is None and not housekeeping.is_anything_due()
        assert compiled == []
        close(app)


def test_a_server_starts_also_where_nothing_can_be_used_ahead(tmp_path: Path) -> None:
    app, empty = build_app(tmp_path / "instance"), tmp_path / "empty.db"
    assert not first_use.use_once(app, empty), "nobody has made the empty database"
    empty.write_bytes(b"no database")
    before = dict(app.extensions)
    assert not first_use.use_once(app, empty)
    with app.app_context():
        assert app.extensions == before and db.session.scalar(select(func.count()).select_from(Event)) == 0
        close(app)


def test_a_worker_comes_to_rest_once_after_many_requests_and_not_between_them() -> None:
    rest = heap.Rest()
    assert not rest.has_come(), "nothing was asked yet"
    for _request in range(heap.ENOUGH):
        rest.count()
        assert not rest.has_come(), "somebody has come since this was asked last"
    assert rest.has_come() and not rest.has_come() and not rest.has_come()
    for _request in range(heap.ENOUGH - 1):
        rest.count()
    assert [rest.has_come() for _step in range(3)] == [False, False, False], "few leave little"
    rest.count()
    assert [rest.has_come() for _step in range(3)] == [False, True, False]


def test_tidying_up_has_every_idle_connection_of_sqlite_give_back_its_pages(tmp_path: Path) -> None:
    app, shrunk = build_app(tmp_path / "instance"), []

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement == "PRAGMA shrink_memory":
            shrunk.append(connection.connection.dbapi_connection)

    with app.app_context():
        with db.engine.connect() as used:
            with db.engine.connect(), db.engine.connect():
                pass
            sa_event.listen(db.engine, "before_cursor_execute", note)
            tidy(app)
            assert len(set(shrunk)) == 2 and used.connection.dbapi_connection not in shrunk
        assert db.engine.pool.checkedin() == 3
        close(app)


@pytest.mark.server
def test_a_worker_tidies_up_when_many_requests_are_over(tmp_path: Path) -> None:
    with run_server(tmp_path / "instance", workers=1, wsgi="tests.aids.collecting_wsgi:app") as server:
        with server.phone() as phone:
            at_first, threshold = json.loads(phone.get("/").body)
            for _request in range(heap.ENOUGH):
                phone.get("/")
        assert 1_000 < threshold <= 5_000, "a collection holds the loop for the longer the more it looks through"
        deadline = time.monotonic() + 30
        while (now := ask_after_a_rest(server)) == at_first and time.monotonic() < deadline:
            pass
        assert now > at_first and ask_after_a_rest(server) == now, "and once"


def ask_after_a_rest(server: Server) -> int:
    time.sleep(2.5 * QUIET_SECONDS)
    with server.phone() as phone:
        return int(json.loads(phone.get("/").body)[0])


def test_holes_are_filled(tmp_path: Path) -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("another C library than glibc's")
    blocks = [bytearray(1500) for _ in range(6000)]
    between = blocks[::2]
    del blocks
    filled = heap.fill_holes()
    assert filled > 1000 and heap.fill_holes() < filled / 10
    assert len(between) == 3000


def test_templates_are_taken_as_they_were_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = compiled_templates.make(tmp_path / "build")
    monkeypatch.setattr("kiosk.compiled.folder_of", lambda _environment: folder)
    environment = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path / "instance")})).jinja_env
    monkeypatch.setattr(type(environment), "compile", None)
    for name in environment.list_templates():
        assert environment.get_template(name).name == name


def test_a_changed_template_and_another_way_of_compiling_are_compiled_anew(tmp_path: Path) -> None:
    environment = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path / "instance")})).jinja_env
    folder = compiled_templates.make(tmp_path / "build")
    before = sorted(folder.iterdir())
    cache = CompiledTemplates(str(folder))
    name = environment.list_templates()[0]
    source, filename, _ = environment.loader.get_source(environment, name)
    assert cache.get_bucket(environment, name, filename, source).code is not None
    assert cache.get_bucket(environment, name, filename, f"{source} ").code is None
    environment.trim_blocks = not environment.trim_blocks
    assert folder_of(environment, tmp_path / "build") != folder
    cache.set_bucket(cache.get_bucket(environment, "other", filename, source))
    assert sorted(folder.iterdir()) == before, "a server writes nothing there"
