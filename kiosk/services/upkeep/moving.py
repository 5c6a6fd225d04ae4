"""From one kind of database to the other: everything that a SQLite database has, copied into an empty PostgreSQL in one
transaction, and the other way for a backup."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import URL, Connection, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from kiosk.config import SECRET_FILE, Settings, is_stored_secret
from kiosk.services.privacy import ledger
from kiosk.services.upkeep import commands, in_use, schema, table_copies
from kiosk.services.upkeep.table_copies import NotPossible, TableCopy

# Two copies at once: the second one waits here, and finds what the first has brought.
ALONE = "SELECT pg_advisory_xact_lock(4712)"


@dataclass(frozen=True)
class MoveView:
    """What was copied, table by table, and what is to be done next."""

    tables: tuple[TableCopy, ...]
    next_steps: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return how many rows there are in all."""
        return sum(each.rows for each in self.tables)


def copy_database(url: str) -> MoveView:
    """Copy this installation's SQLite database into the empty PostgreSQL at `url`, all or nothing.

    Raises NotPossible, in_use.InUse while a server works on the folder (who signed in after the copy would be missing
    from it), or OSError.
    """
    settings: Settings = current_app.config["KIOSK"]
    if not settings.is_sqlite:
        raise NotPossible("This installation is on PostgreSQL already; this copies a SQLite database.")
    if not settings.sqlite_file.exists():
        raise NotPossible(f"There is no database at {settings.sqlite_file}.")
    target = _target(url)
    with in_use.alone(settings.instance_dir):
        tables = fill(target, settings.engine_url, settings.secret_key)
    return MoveView(tables, _next_steps(settings))


def fill(target: URL, source: URL, secret: str) -> tuple[TableCopy, ...]:
    """Make the schema in an empty PostgreSQL where it has none, and copy a SQLite database into it; raise NotPossible.

    `secret` is the key that the copied rows were made with.
    """
    with table_copies.snapshot(source) as reading:
        if schema.of(reading) != schema.present():
            raise NotPossible("The database is not of this version: run `flask db-upgrade` first.")
        _make_schema(target, secret)
        with _writing(target) as writing:
            writing.exec_driver_sql(ALONE)
            return table_copies.copy_rows(reading, writing)


def write_file(file: Path, source: URL) -> None:
    """Write a new SQLite file with everything that a PostgreSQL had when this began; raise NotPossible."""
    with table_copies.snapshot(source) as reading, tempfile.TemporaryDirectory(dir=file.parent) as folder:
        if schema.of(reading) != schema.present():
            raise NotPossible("The database is not of this version: run `flask db-upgrade` first.")
        made = Path(folder) / file.name
        # A secret of its own: a key of its folder would be one file more to look after, and is never used.
        answer = commands.run(Path(folder), "db-upgrade", SECRET_KEY=secrets.token_hex())
        if isinstance(answer, str):
            raise NotPossible(f"The file could not be made: {answer}")
        with _writing(URL.create("sqlite", database=str(made))) as writing:
            table_copies.copy_rows(reading, writing)
        made.replace(file)


def _target(url: str) -> URL:
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        target = None
    if target is None or target.drivername != "postgresql+psycopg":
        raise NotPossible("The address must look like postgresql+psycopg://USER@HOST/NAME.")
    return target


def _make_schema(target: URL, secret: str) -> None:
    with _writing(target) as connection:
        tables, revision = inspect(connection).get_table_names(), schema.of(connection)
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise NotPossible(f"The database keeps its texts in {encoding}: make one with the encoding UTF8.")
    if tables and revision != schema.present():
        whose = "has tables of something else" if revision is None else "is of another version of this program"
        raise NotPossible(f"The database {whose}: name an empty one.")
    if not tables:
        with tempfile.TemporaryDirectory(prefix="kiosk-copy-") as folder:
            address = target.render_as_string(hide_password=False)
            made = commands.run(Path(folder), "db-upgrade", DATABASE_URL=address, SECRET_KEY=secret)
        if isinstance(made, str):
            raise NotPossible(f"The tables could not be made: {made}")


@contextlib.contextmanager
def _writing(target: URL) -> Iterator[Connection]:
    """Give a connection within a transaction of its own."""
    engine = table_copies.engine_of(target)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise NotPossible(f"The database does not take it: {table_copies.words_of(error)}.") from error
    finally:
        engine.dispose()


def _next_steps(settings: Settings) -> tuple[str, ...]:
    folder = settings.instance_dir
    key = (
        f"Take {folder / SECRET_FILE} along to every node's KIOSK_INSTANCE_DIR, or set its text as KIOSK_SECRET_KEY."
        if is_stored_secret(settings)
        else "Set the same KIOSK_SECRET_KEY on every node."
    )
    return (
        "Set KIOSK_DATABASE_URL to this address, and start.",
        key,
        *([f"Take {folder / ledger.FILE} along as well."] if (folder / ledger.FILE).exists() else []),
        f"{settings.sqlite_file} is as it was: put it aside, so that nobody signs in there any more.",
    )
