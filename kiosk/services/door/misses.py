"""Misses of the look-up by the last four digits, counted apart from the sign-ins' durable queue.

A miss costs no sign-in anything: it never waits for the writer, and nobody who signs in waits for it. SQLite: a file
of its own beside the database, shared by all workers, not synced (a crash forgets some misses, no more).
PostgreSQL: the table of guesses on a reader's connection, committed without waiting for the disk.
docs/decisions/0007-misses.md has what was measured.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import URL, Engine, bindparam, create_engine, delete, event as sa_event, select, text, update
from sqlalchemy.exc import DBAPIError

from kiosk.clock import utcnow
from kiosk.config import Settings
from kiosk.extensions import UTCDateTime, db, one_of_app
from kiosk.models import GuessWindow
from kiosk.services.account import guesses
from kiosk.services.store.disk import MinuteLine
from kiosk.sqlite_driver import sqlite3

log = logging.getLogger(__name__)

EXTENSION = "kiosk_misses"
FILE = "misses.db"
LOCK_SECONDS = 0.2  # the loop stands still while it waits; a count takes a twentieth of a millisecond

COUNT = text(guesses.COUNT.sql).bindparams(bindparam("now", type_=UTCDateTime), bindparam("since", type_=UTCDateTime))
OF_KEY = GuessWindow.key == bindparam("of")
READ = select(GuessWindow.misses).where(OF_KEY, GuessWindow.started_at > bindparam("since"))
TAKE = delete(GuessWindow).where(OF_KEY).returning(GuessWindow.misses, GuessWindow.started_at)
# Of a window that has begun since, nothing is taken back: it never held them.
LESS = (
    update(GuessWindow)
    .where(OF_KEY, GuessWindow.started_at <= bindparam("counted_at"), GuessWindow.misses >= bindparam("many"))
    .values(misses=GuessWindow.misses - bindparam("many"))
)
FORGET_OLD = delete(GuessWindow).where(
    GuessWindow.key.startswith(bindparam("kind")), GuessWindow.started_at < bindparam("before")
)


class StoreAway(Exception):
    """The store of misses does not answer: whoever asks must be as careful as if every budget were spent."""


def count(key: str, *, window: timedelta, many: int = 1) -> int:
    """Count a miss, or many, under `key` and return how many there are in its window; raise StoreAway."""
    now = utcnow()
    row = _ask(COUNT, {"key": key, "now": now, "since": now - window, "many": many})
    return int(row[0]) if row else many


def take_back(key: str, *, of: str, at_most: int) -> None:
    """Forget what `key` counted, and so many fewer of the window `of` that counted them first; raise StoreAway."""
    taken = _ask(TAKE, {"of": key})
    if taken is not None:
        _ask(LESS, {"of": of, "many": min(int(taken[0]), at_most), "counted_at": taken[1]})


def forget_old(kind: str, *, window: timedelta) -> None:
    """Drop the windows of keys that begin with `kind` and are long over; raise StoreAway.

    Every guessed page leaves a row: kept for a day, a guesser could fill the disk.
    """
    _ask(FORGET_OLD, {"kind": kind, "before": utcnow() - 2 * window})


def read(key: str, *, window: timedelta) -> int:
    """Return how many misses the present window of `key` holds; raise StoreAway."""
    row = _ask(READ, {"of": key, "since": utcnow() - window})
    return int(row[0]) if row else 0


def _ask(statement: Any, values: dict[str, Any]) -> Any:
    engine = _engine()
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL synchronous_commit = off"))
            result = connection.execute(statement, values)
            row = result.first() if result.returns_rows else None
            connection.commit()
            return row
    except DBAPIError as error:
        line = one_of_app(f"{EXTENSION}_line", partial(MinuteLine, log))
        line.count("%d misses could not be counted", 1, error)
        raise StoreAway from error


def _engine() -> Engine:
    settings: Settings = current_app.config["KIOSK"]
    if not settings.is_sqlite:
        return db.engine
    return one_of_app(EXTENSION, lambda: _open(settings))  # by the first miss of a process, so never before the fork


def _open(settings: Settings) -> Engine:
    arguments = {"check_same_thread": False, "timeout": LOCK_SECONDS}
    url = URL.create("sqlite", database=str(settings.instance_dir / FILE))  # never parsed: a folder may be called a?b
    engine = create_engine(url, connect_args=arguments, hide_parameters=True)
    sa_event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object = None) -> None:
    connection.isolation_level = None
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=OFF",
        "CREATE TABLE IF NOT EXISTS guess_window"
        " (key VARCHAR(100) PRIMARY KEY, started_at DATETIME NOT NULL, misses INTEGER NOT NULL)",
    ):
        connection.execute(statement).close()
