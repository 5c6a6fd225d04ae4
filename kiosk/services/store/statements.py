"""Statements for the hot path: written once, prepared once, handed to the driver without SQLAlchemy between.

Measured (docs/decisions/0002): through SQLAlchemy Core a sign-in costs about twice as much.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

from kiosk.extensions import to_sqlite_time
from kiosk.sqlite_driver import sqlite3

_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
_ADDING = re.compile(
    r"(?P<into>INSERT INTO \w+ \([^)]*\))\s+VALUES \((?P<values>.*)\)\s+(?P<conflict>ON CONFLICT.*)", re.S
)
_CHANGES = re.compile(r"(?:INSERT INTO|UPDATE) (\w+)")
_OF_PSYCOPG = re.compile(r"%\((\w+)\)s")
_JSON = ("answers",)  # columns that hold JSON, whose parameters are its text

_as_json = json.JSONEncoder(ensure_ascii=False, default=str).encode
# For SQLite's driver only; psycopg knows aware times by itself, and SQLAlchemy binds text of its own.
sqlite3.register_adapter(datetime, to_sqlite_time)


@dataclass(frozen=True, eq=False)
class Statement:
    """SQL with `:name` parameters that SQLite and PostgreSQL both understand."""

    sql: str
    pyformat: str = field(init=False)
    numbered: str = field(init=False)  # what SQLite gets: a name is looked up anew at every run, a number is not
    names: tuple[str, ...] = field(init=False)  # the parameters in the order of their numbers
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]] = field(init=False)  # their values, in this order
    is_write: bool = field(init=False)
    has_rows: bool = field(init=False)
    is_of_counters: bool = field(init=False)  # reads or writes what `Driver.add` may still keep back
    # What answers it for many at once, on PostgreSQL; None where each is asked alone (store/side_by_side). A statement
    # that adds rows says by which of its parameters those are told apart that it gives back, "" if it gives nothing.
    apart_by: str | None = None
    for_many: str | None = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(dict.fromkeys(_PARAMETER.findall(self.sql)))
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "pick", itemgetter(*names) if len(names) > 1 else partial(_pick_one, names))
        object.__setattr__(self, "numbered", _PARAMETER.sub(lambda m: f"?{names.index(m[1]) + 1}", self.sql))
        escaped = self.sql.replace("%", "%%")
        object.__setattr__(self, "is_write", not self.sql.lstrip().startswith("SELECT"))
        object.__setattr__(self, "pyformat", _PARAMETER.sub(r"%(\1)s", escaped))
        object.__setattr__(self, "has_rows", not self.is_write or "RETURNING" in self.sql)
        object.__setattr__(self, "is_of_counters", "event_counter" in self.sql)
        object.__setattr__(self, "for_many", _for_many(escaped, names, self.apart_by))


def _pick_one(names: Sequence[str], values: Mapping[str, Any]) -> tuple[Any, ...]:
    # What itemgetter gives for one name is no tuple, and for none there is no itemgetter.
    return tuple(values[name] for name in names)


def _for_many(sql: str, names: Sequence[str], apart_by: str | None) -> str | None:
    """Return the statement that does the same for each row of `rows`, a text of JSON, in their order."""
    columns = ", ".join(f"{name} {_type_of(name)}" for name in names)
    rows = f"json_to_recordset(%(rows)s::json) AS asked (n integer, {columns})"
    each = _PARAMETER.sub(lambda m: f"asked.{m[1]}::json" if m[1] in _JSON else f"asked.{m[1]}", sql)
    if sql.lstrip().startswith("SELECT"):
        # OFFSET 0: each is looked up by its index; as a join the planner might walk over the table.
        return f"SELECT asked.n, answer.* FROM {rows} CROSS JOIN LATERAL ({each} OFFSET 0) AS answer"  # noqa: S608
    adding = _ADDING.fullmatch(each)
    if adding is None or apart_by is None:
        return None
    many = f"{adding['into']} SELECT {adding['values']} FROM {rows} ORDER BY asked.n {adding['conflict']}"  # noqa: S608
    return many.replace("RETURNING", f"RETURNING {apart_by},") if apart_by else many


def _numbered(statement: Statement, asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of `for_many`; what is missing in one is NULL."""
    names = statement.names
    return [
        {"n": number, **{name: value for name in names if (value := one[name]) is not None}}
        for number, one in enumerate(asked)
    ]


def _is_one(counted: tuple[Statement, Sequence[Any]]) -> bool:
    """Say whether what a statement counts can be written by one statement."""
    return len(counted[1]) == 1 or counted[0].for_many is not None


@lru_cache(maxsize=50)
def _together(parts: tuple[tuple[Statement, bool], ...]) -> str:
    """Return one statement that does what these do, each alone or for many, its parameters ending in its number.

    Of two that change one table PostgreSQL would forget what one of them did to a row: raises ValueError.
    """
    tables = [_CHANGES.match(statement.sql.lstrip()) for statement, _is_of_many in parts]
    if len({table[1] for table in tables if table}) < len(parts):
        raise ValueError("each statement must change a table of its own")
    texts = [
        _OF_PSYCOPG.sub(rf"%(\1_{number})s", (statement.for_many if is_of_many else None) or statement.pyformat)
        for number, (statement, is_of_many) in enumerate(parts)
    ]
    *before, last = texts
    return f"WITH {', '.join(f'part_{number} AS ({text})' for number, text in enumerate(before))} {last}"


def _type_of(name: str) -> str:
    """Return the type of a parameter in PostgreSQL, by its name: numbers, times and answers are called as such."""
    if name in ("id", "ordinal", "revision", "step", "capacity") or name.endswith("_id"):
        return "integer"
    if name in ("now", "minute") or name.endswith("_at"):
        return "timestamptz"
    return "boolean" if name.startswith(("is_", "has_")) else "text"


def insert_into(
    table: str, columns: Sequence[str], returning: str, apart_by: str | None = None, **others: str
) -> Statement:
    """Return the statement that adds a row unless it is there: a parameter for every column, SQL for the others."""
    names, values = ", ".join((*columns, *others)), ", ".join((*map(":{}".format, columns), *others.values()))
    return Statement(
        f"INSERT INTO {table} ({names}) VALUES ({values}) "  # noqa: S608  names of the program's own
        f"ON CONFLICT DO NOTHING RETURNING {returning}",
        apart_by,
    )


class Driver:
    """The writer's own cursor. Rows are tuples; times go in aware and come out as the driver stores them."""

    # Whether another unit of work runs between two statements of this one (store/side_by_side).
    is_beside_others = False

    def __init__(self, cursor: Any, *, is_sqlite: bool) -> None:
        self._cursor = cursor
        self.is_sqlite = is_sqlite
        self.has_written = False  # since the writer last set it: what failed without writing needs no undoing
        self.keeps_counters = False  # whether the unit at work reads no counter but by its own statements
        # What this batch has read and nobody else can change before its end; emptied by every undo.
        self.known: dict[tuple[str, Any], Any] = {}
        self._sums: dict[tuple[Any, ...], dict[str, int]] = {}  # by statement and key
        self._sums_before: dict[tuple[Any, ...], dict[str, int]] = {}

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Run a statement whose rows nobody needs."""
        self.has_written = self.has_written or statement.is_write
        if statement.is_of_counters and self._sums:
            self.write_sums()
        if not self.is_sqlite:
            self._cursor.execute(statement.pyformat, parameters)
            return
        self._cursor.execute(statement.numbered, statement.pick(parameters))

    def first(self, statement: Statement, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement and return its first row, or None."""
        rows = self.all(statement, parameters)
        return rows[0] if rows else None

    def all(self, statement: Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        self.execute(statement, parameters)
        return list(self._cursor.fetchall())

    def all_of_each(self, statement: Statement, asked: Sequence[Mapping[str, Any]]) -> list[list[tuple[Any, ...]]]:
        """Run a statement on PostgreSQL for each of `asked`, in their order, and return the rows of each."""
        if statement.for_many is None or len(asked) == 1:
            return [self._rows_if_any(statement, parameters) for parameters in asked]
        rows = _numbered(statement, asked)
        self._cursor.execute(statement.for_many, {"rows": _as_json(rows)})
        answers: list[list[tuple[Any, ...]]] = [[] for _ in asked]
        if not statement.has_rows:
            return answers
        numbers = {row[statement.apart_by]: row["n"] for row in rows} if statement.apart_by else None
        for key, *rest in self._cursor.fetchall():
            answers[key if numbers is None else numbers[key]].append(tuple(rest))
        return answers

    def _rows_if_any(self, statement: Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        self.execute(statement, parameters)
        return list(self._cursor.fetchall()) if statement.has_rows else []

    def add(self, statement: Statement, key: Mapping[str, Any], steps: Mapping[str, int]) -> None:
        """Add `steps` to what `statement` counts for `key`, once for the whole batch before its commit.

        The statement's parameters are the key's names and numbers, which are 0 without a step. What of the batch reads
        or writes the event's counters has it written before; nothing may read another sum.
        """
        self.has_written = True
        sums = self._sums.setdefault((statement, *key.items()), {})
        for name, step in steps.items():
            if step:
                sums[name] = sums.get(name, 0) + step

    def write_sums(self) -> None:
        """Write what was added, in the order of the keys, so that two batches cannot wait for each other."""
        sums, self._sums = self._sums, {}
        by_statement: dict[Statement, list[dict[str, Any]]] = {}
        for statement, *key in sorted(sums, key=lambda sum_key: (sum_key[0].sql, sum_key[1:])):
            steps = sums[statement, *key]
            if any(steps.values()):
                values = {**dict.fromkeys(statement.names, 0), **dict(key), **steps}
                by_statement.setdefault(statement, []).append(values)
        if not self.is_sqlite and len(by_statement) > 1 and all(map(_is_one, by_statement.items())):
            self._write_together(by_statement)
            return
        for statement, counted in by_statement.items():
            if self.is_sqlite:
                for one in counted:
                    self.execute(statement, one)
            else:
                self.all_of_each(statement, counted)

    def _write_together(self, by_statement: Mapping[Statement, Sequence[Mapping[str, Any]]]) -> None:
        """Write on PostgreSQL what several statements count, by one way to it: each counts in a table of its own."""
        values: dict[str, Any] = {}
        for number, (statement, counted) in enumerate(by_statement.items()):
            of_one = counted[0] if len(counted) == 1 else {"rows": _as_json(_numbered(statement, counted))}
            values |= {f"{name}_{number}": value for name, value in of_one.items()}
        sql = _together(tuple((statement, len(counted) > 1) for statement, counted in by_statement.items()))
        self._cursor.execute(sql, values)

    def savepoint(self) -> None:
        """Begin the unit of work that `release` keeps and `undo` takes back."""
        self._sums_before = {key: dict(steps) for key, steps in self._sums.items()}
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
