"""A list as it came, a workbook or text: sheets of cells as the person saw them, and what the file says beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# What stands behind a cell's text. `error`: #REF! and its like, the text is empty; `uncalculated`: a formula that no
# program has calculated, the text is empty; `date`: a day as the program shows it, `was` is what was typed before the
# program made a day of it, "3-2"; `digits`: a number that has lost digits, `was` as it is shown; `cut`: longer than any
# cell, the text is its beginning, or one that stands further right than any column; `quote`: text in which an opened
# quote never closes; `damaged`: a character is lost, U+FFFD stands in its place;
# `uneven`: the row is divided at spaces, and has another number of words than its header.
CellMarkCode = Literal["error", "uncalculated", "date", "digits", "cut", "quote", "damaged", "uneven"]


@dataclass(frozen=True)
class CellMark:
    """What a file says of one cell beside its text."""

    code: CellMarkCode
    was: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows` are the filled ones as (number from 0, cells); `merges` are (top, left, bottom, right), rows
    and columns from 0, ends included. Text has one sheet without a name."""

    rows: Sequence[tuple[int, Sequence[str]]]
    name: str = ""
    merges: Sequence[Sequence[int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    is_hidden: bool = False
    marks: Mapping[tuple[int, int], CellMark] = field(default_factory=dict)  # by row and column


@dataclass(frozen=True)
class Book:
    """What a file holds, or a text. `encoding` is that of a text file as it was read; "" for what has none."""

    sheets: Sequence[Sheet]
    encoding: str = ""

    @property
    def height(self) -> int:
        """Return how many filled rows it has."""
        return sum(len(sheet.rows) for sheet in self.sheets)

    def as_json(self) -> dict[str, Any]:
        """Return the book as plain values, as the job gives it and a draft keeps it."""
        return {"encoding": self.encoding, "sheets": [_plain(sheet) for sheet in self.sheets]}


def book_of(plain: Mapping[str, Any]) -> Book:
    """Return a book from its plain values (jobs/read_table says which)."""
    return Book(tuple(_sheet(sheet) for sheet in plain["sheets"]), plain["encoding"])


def _plain(sheet: Sheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "rows": [[number, list(cells)] for number, cells in sheet.rows],
        "merges": [list(merge) for merge in sheet.merges],
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "is_hidden": sheet.is_hidden,
        "marks": [[row, column, mark.code, mark.was] for (row, column), mark in sheet.marks.items()],
    }


def _sheet(plain: Mapping[str, Any]) -> Sheet:
    return Sheet(
        rows=tuple((number, tuple(cells)) for number, cells in plain["rows"]),
        name=plain["name"],
        merges=plain["merges"],
        hidden_rows=frozenset(plain["hidden_rows"]),
        hidden_columns=frozenset(plain["hidden_columns"]),
        is_hidden=plain["is_hidden"],
        marks={(row, column): CellMark(code, was) for row, column, code, was in plain["marks"]},
    )
