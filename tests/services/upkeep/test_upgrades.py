"""A new database begins as a copy of the empty one; every other is migrated where it lies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.services.upkeep import upgrades
from tests.aids.apps import build_app, close
from tools import empty_database


def schema_of(file: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def start(folder: Path) -> Path:
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(folder)}))
    with app.app_context():
        upgrades.upgrade_database()
        close(app)
    return folder / "kiosk.db"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the empty database with a mark in it."""
    file = tmp_path / "build" / "empty.db"
    empty_database.make(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM stored_setting").fetchone() == (0,)
        connection.execute("PRAGMA user_version = 7")
    monkeypatch.setattr(upgrades, "EMPTY", file)
    return file


def mark_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_database_begins_as_a_copy_and_is_what_migrations_make(empty: Path, tmp_path: Path) -> None:
    app = build_app(tmp_path / "other")
    with app.app_context():
        close(app)
    file = start(tmp_path / "new")
    assert mark_of(file) == 7 and schema_of(file) == schema_of(tmp_path / "other" / "kiosk.db")
    assert [path.name for path in file.parent.glob("*.part")] == []


@pytest.mark.parametrize("left", ["kiosk.db", "kiosk.db-wal", "kiosk.db-journal"])
def test_what_lies_there_is_not_covered(empty: Path, tmp_path: Path, left: str) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / left).touch()
    assert mark_of(start(folder)) == 0


def test_without_the_empty_one_the_migrations_make_it(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrades, "EMPTY", tmp_path / "none.db")
    file = start(tmp_path / "instance")
    assert mark_of(file) == 0 and schema_of(file) == schema_of(empty)
