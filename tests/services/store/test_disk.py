"""Every failure of the disk has a verdict, a cause in words, and an end without a restart."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import Any, get_args

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import errors
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from kiosk.services import refusal_words
from kiosk.services.board import dashboards
from kiosk.services.store import disk
from kiosk.services.store.batches import Writer
from kiosk.services.store.verdicts import Cause, cause_of, verdict_on
from kiosk.services.store.writer import DiskFailed
from kiosk.sqlite_driver import sqlite3
from tests.aids.factories import guest, log_in, make_event, make_staff, sign_in

SQLITE = {
    "SQLITE_FULL": "full", "SQLITE_READONLY": "read_only", "SQLITE_READONLY_CANTINIT": "read_only",
    "SQLITE_CANTOPEN": "failing", "SQLITE_IOERR_SHMSIZE": "failing", "SQLITE_CORRUPT_INDEX": "damaged",
    "SQLITE_NOTADB": "damaged", "SQLITE_BUSY_SNAPSHOT": None, "SQLITE_CONSTRAINT_UNIQUE": None, "SQLITE_ERROR": None,
}  # fmt: skip


def sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(("name", "cause"), SQLITE.items())
def test_what_sqlite_says_of_the_disk_has_a_cause(name: str, cause: str | None) -> None:
    error = sqlite_error(name)
    assert cause_of(error) == cause
    assert (verdict_on(error) == "disk") == (cause is not None)
    assert (verdict_on(error) == "busy") == name.startswith("SQLITE_BUSY")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (errors.AdminShutdown(), "lost"), (errors.CannotConnectNow(), "lost"), (psycopg.OperationalError(), "lost"),
        (psycopg.InterfaceError("the connection is closed"), "lost"), (PoolTimeout("no connection"), "busy"),
        (errors.UniqueViolation(), "other"), (ValueError("words"), "other"),
    ],
)  # fmt: skip
def test_a_database_that_is_away_has_a_verdict(error: Exception, verdict: str) -> None:
    assert verdict_on(error) == verdict
    if isinstance(error, psycopg.Error):
        assert verdict_on(DBAPIError("SELECT", {}, error)) == verdict


@pytest.mark.parametrize(
    ("number", "cause"), [(errno.ENOSPC, "full"), (errno.EROFS, "read_only"), (errno.EIO, "failing")]
)
def test_what_the_system_says_of_the_disk_has_a_cause(number: int, cause: str) -> None:
    assert cause_of(OSError(number, "words")) == cause
    assert cause_of(ConnectionResetError(errno.ECONNRESET, "words")) is None


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (errors.DiskFull, "full"),
        (errors.ReadOnlySqlTransaction, "read_only"),
        (errors.IoError, "failing"),
        (errors.UndefinedFile, "damaged"),
        (errors.DataCorrupted, "damaged"),
        (errors.IndexCorrupted, "damaged"),
        (errors.UniqueViolation, None),
    ],
)
def test_what_postgresql_says_of_its_disk_has_a_cause(error: type[errors.Error], cause: str | None) -> None:
    raised = error("words")
    for one in (raised, DBAPIError.instance("SELECT 1", {}, raised, errors.Error)):  # by the driver, by SQLAlchemy
        assert cause_of(one) == cause
        assert (verdict_on(one) == "disk") == (cause is not None)


def test_every_cause_has_words(app: Flask) -> None:
    assert set(refusal_words.DISK) == set(disk.ENGLISH) == set(get_args(Cause))


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the writer meet an error of SQLite's at each batch, until it is called with None."""
    met = ["SQLITE_FULL"]

    def breaking(real: Callable[[Writer, Any], Any]) -> Callable[[Writer, Any], Any]:
        def begin(self: Writer, connection: Any) -> Any:
            if met[0] is not None:
                raise sqlite_error(met[0])
            return real(self, connection)

        return begin

    for begin in (Writer._begin, Writer._begin_now):  # where it waits and where it need not
        monkeypatch.setattr(Writer, begin.__name__, breaking(begin))
    monkeypatch.setattr(disk, "LOOK_SECONDS", 0)
    return lambda name: met.__setitem__(0, name)


def test_the_board_says_the_cause_until_it_is_over(app: Flask, client: FlaskClient, broken: Any) -> None:
    broken(None)
    make_staff()
    event = make_event()
    log_in(client, "admin@example.org")
    broken("SQLITE_FULL")
    with pytest.raises(DiskFailed):
        sign_in(event, guest())
    assert dashboards.read(event).trouble.disk == "full"
    assert "磁盘已满" in client.get(f"/events/{event.code}/dashboard/trouble").text
    broken(None)
    assert dashboards.read(event).trouble.disk is None
    assert sign_in(event, guest()).ordinal == 1


def test_the_log_gets_one_line_a_minute_with_a_count(
    app: Flask, broken: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        with pytest.raises(DiskFailed):
            disk.touch()
    monkeypatch.setattr(disk, "LINE_SECONDS", 0)
    with pytest.raises(DiskFailed):
        disk.touch()
    broken(None)
    disk.touch()
    said = [record.getMessage() for record in caplog.records if record.name == disk.log.name]
    assert said == [
        "the disk is full: 1 writes failed",
        "the disk is full: 3 writes failed",
        "the disk takes writes again; 0 more had failed",
    ]
    assert caplog.records[0].levelno == logging.ERROR


def test_a_lock_file_that_cannot_be_opened_is_a_failure_that_heals(app: Flask) -> None:
    lock = app.config["KIOSK"].instance_dir / "writer.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(DiskFailed):
        disk.touch()
    lock.rmdir()
    disk.touch()
