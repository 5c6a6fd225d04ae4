"""What the workers share, and what no process of a server has in memory (docs/decisions/0029-memory.md)."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk import create_app, heap
from kiosk.compiled import CompiledTemplates, folder_of
from kiosk.config import read_settings
from kiosk.services.upkeep import upgrades
from tests.aids import before_fork, postgres
from tests.aids.apps import build_app, close
from tests.aids.paths import ROOT
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


def test_no_connection_to_postgresql_is_open_before_the_fork(tmp_path: Path, postgres_server: postgres.Server) -> None:
    with postgres_server.database() as url:
        looked = before_the_fork(tmp_path / "instance", KIOSK_DATABASE_URL=url)
    assert [link for link in looked[before_fork.FILES] if is_spoilt_by_a_fork(link)] == []
    assert len(looked[before_fork.THREADS]) == 2
    assert "psycopg" in looked[before_fork.MODULES], "or nothing was asked"


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
