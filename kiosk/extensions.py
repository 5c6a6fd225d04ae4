"""Extensions without an application: the database, its time type, its names, SQLite's pragmas."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, event as sa_event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, declared_attr

from kiosk.sqlite_driver import pragmas_of_system, sqlite3

Value = TypeVar("Value")
# Every constraint has a name, so that migrations can drop it on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# A machine that vanishes bids no farewell: whoever waits for its answer gives up after seconds, where the system by
# itself waits for a quarter of an hour, or for ever.
POSTGRESQL_ARGUMENTS: Mapping[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 5000,  # milliseconds in which what was sent must have arrived
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 4,
}
PAGE = 4096
JOURNAL_MOST = 4000  # pages, 16 MB: an index's pages are copied back once for many batches
JOURNAL_LEAST = 64
JOURNAL_SHARE = 8  # of the disk's free room at most one part in so many
_WAITS = "busy_timeout=3000"  # milliseconds for another program
PRAGMAS_OF_SYSTEM = pragmas_of_system()


class Base(DeclarativeBase):
    """The models' base; a class of our own, because mypy's strict mode refuses `db.Model`."""

    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __tablename__(cls) -> str:
        """Call a table as its class: that of AuditEntry is `audit_entry`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class ReadingSession(Session):
    """The session of `db`, which only reads: it gives what the database says now, whatever it has read before."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return the row with this key, read anew; None if there is none."""
        return super().get(entity, ident, **{**options, "populate_existing": True})

    def rollback(self) -> None:
        """End the read."""
        self._end(super().rollback)

    def close(self) -> None:
        """End the read and give the connection back."""
        self._end(super().close)

    def _end(self, end: Callable[[], None]) -> None:
        """Nothing that only reads is lost with its connection: the answer that is written already goes out."""
        try:
            end()
        except DBAPIError:
            self.invalidate()


@sa_event.listens_for(ReadingSession, "do_orm_execute")
def _read_anew(state: ORMExecuteState) -> None:
    if state.is_select and not (state.is_column_load or state.is_relationship_load):
        state.update_execution_options(populate_existing=True)


db = SQLAlchemy(model_class=Base, session_options={"class_": ReadingSession})
# The application itself: a look through Flask's proxy costs as much as six calls of this (docs/decisions/0002).
this_app: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]
babel = Babel()
csrf = CSRFProtect()


def one_of_app(name: str, make: Callable[[], Value]) -> Value:
    """Return the application's one object of this name, made at the first call; of two made at once one stays."""
    extensions = this_app().extensions
    value: Value = extensions[name] if name in extensions else extensions.setdefault(name, make())
    return value


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is a mistake and raises.

    SQLite keeps the text `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, which sorts as it should.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not reach the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def to_sqlite_time(value: datetime) -> str:
    """Return a time as UTCDateTime stores it, for statements that go to SQLite's driver directly."""
    # without the zone; strftime takes ten times as long
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def from_driver_time(value: Any) -> datetime | None:
    """Return what the driver gave for a UTCDateTime column as an aware datetime."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return None if value is None else value.astimezone(UTC)


def set_sqlite_pragmas(connection: sqlite3.Connection, _record: object = None) -> None:
    """Make one SQLite connection durable and strict.

    synchronous=FULL: an acknowledged sign-in is on disk (docs/product.md 5.2).
    isolation_level None: pysqlite must not guess where transactions begin, or savepoints commit
    behind our back; the engine's `begin` event says BEGIN itself.
    """
    connection.isolation_level = None
    pages = _journal_pages(connection)
    cursor = connection.cursor()
    for pragma in (
        *PRAGMAS_OF_SYSTEM,  # before the journal: its first write is to reach the disk as well
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        _WAITS,
        "cache_size=-1000",  # KB a connection; with four times as much a sign-in cost the same (decisions/0029)
        "temp_store=MEMORY",
        f"wal_autocheckpoint={pages}",
        f"journal_size_limit={2 * pages * PAGE}",  # what a long reader made of it goes back to the disk
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _journal_pages(connection: sqlite3.Connection) -> int:
    """Return how long the journal grows before its pages are copied back: on a small disk they need room."""
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    disk = os.statvfs(os.path.dirname(file) or ".")
    return max(JOURNAL_LEAST, min(JOURNAL_MOST, disk.f_bavail * disk.f_frsize // (JOURNAL_SHARE * PAGE)))


def empty_journal(connection: Any) -> None:
    """Copy the journal back and cut it off, as far as the disk and those who read let it: after a failure."""
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=200")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # what comes next says it better
    finally:
        cursor.execute(f"PRAGMA {_WAITS}")
        cursor.close()


def wait_for_nobody(connection: Any, _record: object = None) -> None:
    """Let a connection of SQLite be busy at once where another program has the file (`waiting`)."""
    connection.execute("PRAGMA busy_timeout=0")


@contextmanager
def waiting(connection: Any) -> Iterator[None]:
    """Let a connection that waits for nobody wait for another program inside the block."""
    connection.execute(f"PRAGMA {_WAITS}")
    try:
        yield
    finally:
        wait_for_nobody(connection)


def shrink_readers(engine: Engine) -> None:
    """Let the connections of SQLite that nobody uses give back the pages that they keep; twenty of them keep 20 MB."""
    with ExitStack() as stack:
        for _idle in range(engine.pool.checkedin()):  # type: ignore[attr-defined]
            stack.enter_context(engine.connect()).exec_driver_sql("PRAGMA shrink_memory")
