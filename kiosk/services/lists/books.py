"""A list as it came, a workbook or text: sheets of cells as the person saw them, and what the file says beside."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from kiosk.jobs.sheet_cells import items_of, pieces_of
from kiosk.services.pauses import pausing

# What stands behind a cell's text. `error`: #REF! and its like, the text is empty; `uncalculated`: a formula that no
# program has calculated, the text is empty; `date`: a day as the program shows it, `was` is what was typed before the
# program made a day of it, "3-2"; `time`: the same of an hour, "3:2"; `digits`: a number that has lost digits,
# `was` as it is shown; `cut`: longer than any cell, the text is its beginning, or one that stands further right than
# any column; `quote`: text in which an opened quote never closes; `damaged`: a character is lost, U+FFFD stands in its
# place; `struck`: the cell, or `was` of it, is crossed out;
# `uneven`: the row is divided at spaces, and has another number of words than its header.
CellMarkCode = Literal["error", "uncalculated", "date", "time", "digits", "cut", "quote", "damaged", "struck", "uneven"]


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

    @cached_property
    def cells_of(self) -> Mapping[int, Sequence[str]]:
        """Return the filled rows by their numbers."""
        return dict(self.rows)

    @cached_property
    def rows_by_mark(self) -> Mapping[CellMarkCode, frozenset[int]]:
        """Return the rows with a cell of this mark, by mark."""
        rows = defaultdict[CellMarkCode, set[int]](set)
        for (row, _column), mark in pausing(self.marks.items()):
            rows[mark.code].add(row)
        return defaultdict(frozenset, {code: frozenset(marked) for code, marked in rows.items()})

    @cached_property
    def wide(self) -> frozenset[tuple[int, int]]:
        """Return where a merge begins that is more than two columns wide."""
        return frozenset((top, left) for top, left, _, right in self.merges if right - left > 1)

    @cached_property
    def merged(self) -> Mapping[tuple[int, int], str]:
        """Return what cells hold that were merged into the one above them, by row and column."""
        numbers = [number for number, _cells in self.rows]
        merged: dict[tuple[int, int], str] = {}
        for top, left, bottom, _right in pausing(self.merges):
            cells = self.cells_of.get(top, ())
            if bottom > top and left < len(cells):
                below = numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]
                merged |= dict.fromkeys(((number, left) for number in below), cells[left].strip())
        return merged


@dataclass(frozen=True)
class Book:
    """What a file holds, or a text. `encoding` is that of a text file as it was read; "" for what has none. `plain`:
    its plain values, where it was made of them."""

    sheets: Sequence[Sheet]
    encoding: str = ""
    plain: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def height(self) -> int:
        """Return how many filled rows it has."""
        return sum(len(sheet.rows) for sheet in self.sheets)

    def as_json(self) -> Mapping[str, Any]:
        """Return the book as plain values, in packed pieces, as the job gives it and a draft keeps it."""
        return self.plain or {"encoding": self.encoding, "sheets": [_plain(sheet) for sheet in self.sheets]}


def book_of(plain: Mapping[str, Any]) -> Book:
    """Return a book from its plain values (jobs/read_table says which), its rows and marks in pieces or not."""
    return Book(tuple(_sheet(sheet) for sheet in plain["sheets"]), plain["encoding"], plain)


def first_rows(plain: Mapping[str, Any], most: int) -> list[Sequence[str]]:
    """Return the first rows of the first sheet of a book's plain values."""
    return [cells for _number, cells in islice(_whole(plain["sheets"][0]["rows"]), most)]


def _plain(sheet: Sheet) -> dict[str, Any]:
    marks = [(row, column, mark.code, mark.was) for (row, column), mark in pausing(sheet.marks.items())]
    return {
        "name": sheet.name,
        "rows": list(pausing(pieces_of(sheet.rows))),
        "merges": [list(merge) for merge in sheet.merges],
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "is_hidden": sheet.is_hidden,
        "marks": list(pausing(pieces_of(marks))),
    }


def _sheet(plain: Mapping[str, Any]) -> Sheet:
    """Return a sheet; what stands in many of its cells, or is said of many, is kept once."""
    texts: dict[str, str] = {}
    marks: dict[tuple[CellMarkCode, str], CellMark] = {}
    return Sheet(
        rows=tuple(
            (number, tuple(texts.setdefault(cell, cell) for cell in cells))
            for number, cells in pausing(_whole(plain["rows"]))
        ),
        name=plain["name"],
        merges=plain["merges"],
        hidden_rows=frozenset(plain["hidden_rows"]),
        hidden_columns=frozenset(plain["hidden_columns"]),
        is_hidden=plain["is_hidden"],
        marks={
            (row, column): marks.setdefault((code, was), CellMark(code, was))
            for row, column, code, was in pausing(_whole(plain["marks"]))
        },
    )


def _whole(pieces: Iterable[Any]) -> Iterator[Any]:
    """Yield what stands in pieces, or stands there as it is."""
    for piece in pieces:
        if isinstance(piece, str):
            yield from items_of(piece)
        else:
            yield piece
