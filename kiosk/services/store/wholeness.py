"""Whether every page of the database can be read: asked while it is taken for damaged, until it is mended.

One that is damaged goes on taking whatever meets other pages, so that a write that succeeds proves nothing.
"""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kiosk.extensions import db
from kiosk.sqlite_driver import sqlite3

TABLES = text(
    "SELECT format('SELECT count(*) FROM %s', c.oid::regclass) FROM pg_class c"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
)
# Each index is read from one end to the other by asking for its own order.
INDEXES = text(
    "SELECT format('SELECT count(*) FROM (SELECT FROM %s WHERE %s ORDER BY %s) AS one', i.indrelid::regclass,"
    " coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),"
    " (SELECT string_agg(format('(%s) %s %s', pg_get_indexdef(i.indexrelid, n, true),"
    "  CASE WHEN i.indoption[n - 1] & 1 = 1 THEN 'DESC' ELSE 'ASC' END,"
    "  CASE WHEN i.indoption[n - 1] & 2 = 2 THEN 'NULLS FIRST' ELSE 'NULLS LAST' END), ', ' ORDER BY n)"
    "  FROM generate_series(1, i.indnkeyatts::int) AS n))"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
    " WHERE a.amname = 'btree' AND i.indisvalid AND c.relnamespace = current_schema()::regnamespace"
)
ONLY_TABLES = ("indexscan", "indexonlyscan", "bitmapscan")
ONLY_INDEXES = ("seqscan", "bitmapscan", "sort")


def is_whole(file: str) -> bool:
    """Let SQLite read every page, by a connection that has none of them yet."""
    try:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def is_whole_elsewhere() -> bool:
    """Say whether PostgreSQL can read all of it."""
    try:
        read_everything()
    except DBAPIError:
        return False
    return True


def read_everything() -> None:
    """Let PostgreSQL read every table and every index; raises DBAPIError."""
    with db.engine.connect() as connection:
        _read_all(connection, TABLES, but_not=ONLY_TABLES)
        _read_all(connection, INDEXES, but_not=ONLY_INDEXES)


def _read_all(connection: Connection, statements: Any, *, but_not: tuple[str, ...]) -> None:
    with connection.begin():
        for way in but_not:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        for (statement,) in connection.execute(statements).all():
            connection.exec_driver_sql(statement.replace("%", "%%"))
