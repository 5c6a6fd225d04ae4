"""Every row of one database put into another of either kind, and compared: for `flask copy-database`, and for backups
of PostgreSQL, which are SQLite files.

Rows travel as the models type them, JSON as the text that it is, so that both databases say the same of one row and
sums over a table can be compared. The order of the tables is that of their references; constraints judge as always.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    cast,
    create_engine,
    delete,
    event as sa_event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from kiosk.extensions import POSTGRESQL_ARGUMENTS, db

AT_ONCE = 500  # rows in memory
# What a database has as soon as it is made; it goes before the rows come.
AT_START = {"stored_setting", "notice"}
SERIAL = "SELECT pg_get_serial_sequence('{table}', '{column}')"
NEXT = "SELECT setval('{sequence}', coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"


class NotPossible(Exception):
    """A copy, a backup or a restore that cannot be made; the message says why and what helps."""


@dataclass(frozen=True)
class TableCopy:
    """One table as it was copied: how many rows, and the sum over all of them, in hexadecimal."""

    table: str
    rows: int
    digest: str


class Tally:
    """Rows counted and summed, in whatever order they come: two databases sort text differently."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, rows: Iterable[Any]) -> None:
        """Take in some rows."""
        for row in rows:
            self.rows += 1
            self._sum += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest())

    def copy_of(self, table: Table) -> TableCopy:
        """Return what was counted of a table."""
        return TableCopy(table.name, self.rows, f"{self._sum % 2**256:064x}")


def engine_of(url: URL) -> Engine:
    """Make an engine for one connection; on PostgreSQL one that gives up a machine which vanished."""
    arguments = dict(POSTGRESQL_ARGUMENTS) if url.get_backend_name() == "postgresql" else {}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)


@contextlib.contextmanager
def snapshot(url: URL) -> Iterator[Connection]:
    """Give a connection that reads what one moment knew, whatever is written meanwhile."""
    engine = engine_of(url)
    options: dict[str, Any] = {}
    if engine.dialect.name == "sqlite":
        # As in extensions: the driver must not guess where a transaction begins.
        sa_event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
        sa_event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    else:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**options)
    finally:
        engine.dispose()


def copy_rows(source: Connection, target: Connection) -> tuple[TableCopy, ...]:
    """Copy every table within the target's transaction and read it back; raise NotPossible.

    Both have this program's schema. The target may hold only what it has from its making.
    """
    tables = db.metadata.sorted_tables
    _empty(tables, target)
    copies = tuple(_copy(table, source, target) for table in tables)
    for table, copy in zip(tables, copies, strict=True):
        tally = Tally()
        for rows in _read(table, target):
            tally.add(rows)
        if tally.copy_of(table) != copy:
            raise NotPossible(f"The table {table.name} is not the same in the copy: nothing was kept of it.")
    return copies


def _empty(tables: Sequence[Table], target: Connection) -> None:
    for table in reversed(tables):
        if table.name in AT_START:
            target.execute(delete(table))
        elif target.scalar(select(func.count()).select_from(select(*table.primary_key).limit(1).subquery())):
            raise NotPossible(f"There is something in the database already (table {table.name}): name an empty one.")


def _copy(table: Table, source: Connection, target: Connection) -> TableCopy:
    tally = Tally()
    write = _write_sqlite if target.dialect.name == "sqlite" else _write_postgresql
    try:
        write(table, target, _counted(_read(table, source), tally))
    except (DBAPIError, target.dialect.loaded_dbapi.Error) as error:
        raise NotPossible(f"The table {table.name} cannot be copied: {words_of(error)}.") from error
    return tally.copy_of(table)


def words_of(error: Any) -> str:
    """Return the driver's own words, without the row that they are about."""
    original = getattr(error, "orig", error)
    words = getattr(getattr(original, "diag", None), "message_primary", None) or str(original)
    return words.strip().partition("\n")[0].rstrip(".")


def _read(table: Table, connection: Connection) -> Iterator[Sequence[Any]]:
    """Yield a table's rows, some at a time."""
    columns = [cast(each, Text).label(each.name) if isinstance(each.type, JSON) else each for each in table.columns]
    statement = select(*columns).order_by(*table.primary_key)
    yield from connection.execute(statement, execution_options={"yield_per": AT_ONCE}).partitions()


def _counted(parts: Iterator[Sequence[Any]], tally: Tally) -> Iterator[Sequence[Any]]:
    for rows in parts:
        tally.add(rows)
        yield rows


def _write_sqlite(table: Table, target: Connection, parts: Iterator[Sequence[Any]]) -> None:
    plain = (Column(each.name, Text if isinstance(each.type, JSON) else each.type) for each in table.columns)
    rows_of = insert(Table(table.name, MetaData(), *plain))
    for rows in parts:
        target.execute(rows_of, [dict(row._mapping) for row in rows])


def _write_postgresql(table: Table, target: Connection, parts: Iterator[Sequence[Any]]) -> None:
    quoted = target.dialect.identifier_preparer
    name, columns = quoted.format_table(table), ", ".join(quoted.quote(each.name) for each in table.columns)
    cursor: Any = target.connection.cursor()
    with cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for rows in parts:
            for row in rows:
                copy.write_row(row)
    column = table.autoincrement_column
    if column is not None:
        sequence = target.exec_driver_sql(SERIAL.format(table=name, column=column.name)).scalar()
        if sequence is not None:
            target.exec_driver_sql(NEXT.format(sequence=sequence, column=quoted.quote(column.name), table=name))
