"""A new database begins as a copy of the empty one; every other is migrated where it lies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.services.upkeep import upgrades
from tests.aids.apps import build_app, close
from tools import empty_database


def schema_of(file: Path) -> list[tuple[str, list[str]]]:
    """Return what is there, with the lines of each; a table that is copied may have its constraints in any order."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name").fetchall()
    return [(name, sorted(line.strip(" \t,") for line in sql.splitlines())) for name, sql in made]


def start(folder: Path) -> Path:
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(folder)}))
    with app.app_context():
        try:
            upgrades.upgrade_database()
        finally:
            close(app)
    return folder / "kiosk.db"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The empty database with a mark in it."""
    file = tmp_path_factory.mktemp("build") / "build" / "empty.db"
    empty_database.make(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM stored_setting").fetchone() == (0,)
        connection.execute("PRAGMA user_version = 7")
    return file


@pytest.fixture
def empty(marked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where a start looks for it."""
    monkeypatch.setattr(upgrades, "EMPTY", marked)
    return marked


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


@pytest.mark.parametrize("left", ["kiosk.db", "kiosk.db-wal"])
def test_what_lies_there_is_not_covered(empty: Path, tmp_path: Path, left: str) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / left).touch()
    file = start(folder)
    assert mark_of(file) == 0 and schema_of(file) == schema_of(empty)


def test_no_process_migrates_what_is_of_this_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_app(tmp_path / "instance")
    monkeypatch.setattr(upgrades.subprocess, "run", None)
    start(tmp_path / "instance")


def test_what_a_migration_met_is_raised(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kiosk.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.commit()
    with pytest.raises(OperationalError, match="no such table"):
        start(tmp_path)
