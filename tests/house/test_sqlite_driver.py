"""Every SQLite of a process is the same one, and the newest that is at hand."""

from __future__ import annotations

import ast
import platform
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from kiosk import sqlite_driver
from kiosk.extensions import PRAGMAS_OF_SYSTEM, db
from kiosk.services.door import misses
from kiosk.services.upkeep import diagnosis
from tests.aids.paths import ROOT

DRIVER = ROOT / "kiosk" / "sqlite_driver.py"


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}


@pytest.mark.parametrize("path", sorted((ROOT / "kiosk").rglob("*.py")), ids=str)
def test_nothing_but_the_driver_brings_a_sqlite_of_its_own(path: Path) -> None:
    assert path == DRIVER or not {"sqlite3", "pysqlite3"} & imported(path)


def test_engines_use_the_driver_whoever_makes_them(app: Flask, tmp_path: Path) -> None:
    writer = app.extensions["kiosk_writer"].writer
    for engine in (db.engine, writer._engine, misses._engine(), create_engine(f"sqlite:///{tmp_path}/other.db")):
        with engine.connect() as connection:
            version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
        assert version == sqlite_driver.sqlite3.sqlite_version


def test_the_driver_is_the_wheel_s_where_there_is_one() -> None:
    has_wheel = (sys.platform, platform.machine()) in (("linux", "x86_64"), ("darwin", "arm64"))  # requirements.in
    assert sqlite_driver.sqlite3.__name__ == ("pysqlite3.dbapi2" if has_wheel else "sqlite3")
    assert not (has_wheel and sqlite_driver.loses_resets())


@pytest.mark.parametrize(
    ("version", "loses"),
    [
        ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 45, 3), True), ((3, 50, 6), True),
        ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 0), False), ((4, 0, 0), False),
    ],
)  # fmt: skip
def test_the_doctor_knows_which_versions_lose_a_commit(version: tuple[int, ...], loses: bool) -> None:
    finding = diagnosis._version(version)
    assert finding.level == ("warn" if loses else "ok") and ".".join(map(str, version)) in finding.sentence
    assert bool(finding.remedies) is loses


def test_macos_is_asked_to_reach_the_platter() -> None:
    assert sqlite_driver.pragmas_of_system("darwin") == ("fullfsync=ON", "checkpoint_fullfsync=ON")
    assert sqlite_driver.pragmas_of_system("linux") == ()
    assert sqlite_driver.pragmas_of_system() == PRAGMAS_OF_SYSTEM
