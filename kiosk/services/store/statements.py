"""Statements for the hot path: written once, prepared once, handed to the driver without SQLAlchemy between.

Measured (docs/decisions/0002): through SQLAlchemy Core a sign-in costs about twice as much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk.extensions import to_sqlite_time
from kiosk.sqlite_driver import sqlite3

_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")

# For SQLite's driver only; psycopg knows aware times by itself, and SQLAlchemy binds text of its own.
sqlite3.register_adapter(datetime, to_sqlite_time)


@dataclass(frozen=True)
class Statement:
    """SQL with `:name` parameters that SQLite and PostgreSQL both understand."""

    sql: str
    pyformat: str = field(init=False)
    numbered: str = field(init=False)  # what SQLite gets: a name is looked up anew at every run, a number is not
    names: tuple[str, ...] = field(init=False)  # the parameters in the order of their numbers
    is_write: bool = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(dict.fromkeys(_PARAMETER.findall(self.sql)))
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "numbered", _PARAMETER.sub(lambda m: f"?{names.index(m[1]) + 1}", self.sql))
        escaped = self.sql.replace("%", "%%")
        object.__setattr__(self, "is_write", not self.sql.lstrip().startswith("SELECT"))
        object.__setattr__(self, "pyformat", _PARAMETER.sub(r"%(\1)s", escaped))


def insert_into(table: str, columns: Sequence[str], returning: str, **others: str) -> Statement:
    """Return the statement that adds a row unless it is there: a parameter for every column, SQL for the others."""
    names, values = ", ".join((*columns, *others)), ", ".join((*map(":{}".format, columns), *others.values()))
    return Statement(
        f"INSERT INTO {table} ({names}) VALUES ({values}) "  # noqa: S608  names of the program's own
        f"ON CONFLICT DO NOTHING RETURNING {returning}"
    )


class Driver:
    """The writer's own cursor. Rows are tuples; times go in aware and come out as the driver stores them."""

    def __init__(self, cursor: Any, *, is_sqlite: bool) -> None:
        self._cursor = cursor
        self.is_sqlite = is_sqlite
        self.has_written = False  # since the writer last set it: what failed without writing needs no undoing
        # What this batch has read and nobody else can change before its end; emptied by every undo.
        self.known: dict[tuple[str, Any], Any] = {}
        self._sums: dict[tuple[Statement, tuple[tuple[str, Any], ...]], int] = {}
        self._sums_before: dict[tuple[Statement, tuple[tuple[str, Any], ...]], int] = {}

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Run a statement whose rows nobody needs."""
        self.has_written = self.has_written or statement.is_write
        if not self.is_sqlite:
            self._cursor.execute(statement.pyformat, parameters)
            return
        self._cursor.execute(statement.numbered, [parameters[name] for name in statement.names])

    def first(self, statement: Statement, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement and return its first row, or None."""
        rows = self.all(statement, parameters)
        return rows[0] if rows else None

    def all(self, statement: Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        self.execute(statement, parameters)
        return list(self._cursor.fetchall())

    def add(self, statement: Statement, key: Mapping[str, Any], step: int) -> None:
        """Add `step` to what `statement` counts for `key`, once for the whole batch before its commit.

        The statement's parameters are the key's names and `:step`. Nothing in the batch may read the sum.
        """
        self.has_written = True
        sum_key = (statement, tuple(key.items()))
        self._sums[sum_key] = self._sums.get(sum_key, 0) + step

    def write_sums(self) -> None:
        """Write what was added, in the order of the keys, so that two batches cannot wait for each other."""
        for statement, key in sorted(self._sums, key=lambda sum_key: (sum_key[0].sql, sum_key[1])):
            if step := self._sums[statement, key]:
                self.execute(statement, {**dict(key), "step": step})
        self._sums.clear()

    def savepoint(self) -> None:
        """Begin the unit of work that `release` keeps and `undo` takes back."""
        self._sums_before = dict(self._sums)
        self._cursor.execute("SAVEPOINT unit")

    def release(self) -> None:
        """Keep the unit of work."""
        self._cursor.execute("RELEASE SAVEPOINT unit")

    def undo(self) -> None:
        """Take the unit of work back."""
        self.known.clear()
        self._sums = self._sums_before
        self._cursor.execute("ROLLBACK TO SAVEPOINT unit")
        self._cursor.execute("RELEASE SAVEPOINT unit")
