"""What the readers of tables share: the bounds, the reasons to stop, and a sheet that is being filled."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .cell_texts import Shown

MOST_ROWS = 5_000  # filled ones, on a sheet, wherever they stand
MOST_COLUMNS = 60  # what stands further right is left out, and its row marked: XFD1 makes no table of 16,384 columns
LONGEST_CELL = 500
MOST_SHEETS = 200
MOST_MERGES = 20_000
MOST_TEXT = 4_000_000  # characters of all cells: 5,000 rows of a long list have one million
A_MARK = 60  # characters that a mark counts for
PIECE = 500  # rows, or marks
LEVEL = 1  # of packing: quick, and nearly as small


class Unreadable(Exception):
    """`code` is one of services/refusals.TableCode."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Room:
    """What the cells of a whole book may still take."""

    def __init__(self) -> None:
        self.left = MOST_TEXT

    def take(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise Unreadable("too_big")


class SheetCells:
    """One sheet of a book, filled cell by cell; `is_cut` when it had more rows than any list (a hidden sheet only)."""

    def __init__(self, room: Room, name: str = "", *, is_hidden: bool = False) -> None:
        self.name, self.is_hidden, self.is_cut = name, is_hidden, False
        self.merges: list[list[int]] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self._room = room
        self._rows: dict[int, list[str]] = {}
        self._marks: dict[tuple[int, int], tuple[str, str]] = {}

    def is_full(self, row: int, column: int) -> bool:
        """Tell whether a cell adds nothing: the row is marked already for what stands too far to the right."""
        return column >= MOST_COLUMNS and (row, MOST_COLUMNS - 1) in self._marks

    @property
    def holds_anything(self) -> bool:
        return bool(self._rows or self._marks) and not self.is_cut

    def put(self, row: int, column: int, shown: Shown, *, in_hidden_row: bool = False) -> None:
        """Put a text where it stands; raise Unreadable when it is too much."""
        text, mark, was = shown.text, shown.mark, shown.was
        if column >= MOST_COLUMNS:
            if text:
                self._mark(row, MOST_COLUMNS - 1, "cut", text)
            return
        if len(text) > LONGEST_CELL:
            text, mark, was = text[: LONGEST_CELL + 1], "cut", ""
        if mark:
            self._mark(row, column, mark, was)
        if not text:
            return
        self._room.take(len(text))
        cells = self._rows.get(row)
        if cells is None:
            if len(self._rows) == MOST_ROWS:
                raise Unreadable("too_many_rows")
            cells = self._rows[row] = []
            if in_hidden_row:
                self.hidden_rows.add(row)
        cells += [""] * (column + 1 - len(cells))
        cells[column] = text

    def _mark(self, row: int, column: int, code: str, was: str) -> None:
        if (row, column) not in self._marks:
            self._room.take(A_MARK)
            self._marks[row, column] = (code, was[:LONGEST_CELL])

    def empty(self) -> None:
        """Forget the rows: a hidden sheet of more than any list has, such as a table of towns behind a choice."""
        self._rows, self._marks, self.merges, self.is_cut = {}, {(0, 0): ("cut", "")}, [], True

    def as_json(self) -> dict[str, Any]:
        """Return the sheet as the job's answer has it (kiosk/services/lists/books.py).

        A merge ends with the rows that there are, or with those that there might be.
        """
        last = max((MOST_ROWS - 1, *self._rows))
        return {
            "name": self.name,
            "rows": [[number, cells] for number, cells in sorted(self._rows.items())],
            "merges": apart([[top, left, min(bottom, last), right] for top, left, bottom, right in self.merges]),
            "hidden_rows": sorted(self.hidden_rows),
            "hidden_columns": sorted(self.hidden_columns),
            "is_hidden": self.is_hidden,
            "marks": [[row, column, *mark] for (row, column), mark in sorted(self._marks.items())],
        }


def book_json(sheets: Iterable[SheetCells], encoding: str = "") -> dict[str, Any]:
    """Return a book as the job's answer has it; raise Unreadable when there is nothing in it."""
    sheets = list(sheets)
    if not any(sheet.holds_anything for sheet in sheets):
        raise Unreadable("too_many_rows" if any(sheet.is_cut for sheet in sheets) else "empty_table")
    return {"encoding": encoding, "sheets": [sheet.as_json() for sheet in sheets]}


def in_pieces(book: dict[str, Any]) -> dict[str, Any]:
    """Return a book with its rows and marks packed, so many together: whoever takes it can pause between them, and has
    the whole of it in a tenth of the memory."""
    sheets = (sheet | {name: list(pieces_of(sheet[name])) for name in ("rows", "marks")} for sheet in book["sheets"])
    return {**book, "sheets": list(sheets)}


def pieces_of(items: Sequence[Any]) -> Iterator[str]:
    """Yield the items packed, so many in a piece."""
    for start in range(0, len(items), PIECE):
        piece = json.dumps(items[start : start + PIECE], ensure_ascii=False, separators=(",", ":"))
        yield b64encode(zlib.compress(piece.encode("utf-8", "surrogatepass"), LEVEL)).decode()


def items_of(piece: str) -> list[Any]:
    """Return what a piece holds; one that a program of before this one kept for an hour is not packed."""
    if piece.startswith("["):
        items: list[Any] = json.loads(piece)
    else:
        items = json.loads(zlib.decompress(b64decode(piece)).decode("utf-8", "surrogatepass"))
    return items


def apart(merges: list[list[int]]) -> list[list[int]]:
    """Leave out what overlaps in its first column, as no program writes it: no cell is to be filled twice."""
    ends: dict[int, int] = {}  # by column: the last row that is taken
    taken: list[list[int]] = []
    for merge in sorted(merges):
        top, left, bottom, _right = merge
        if top > ends.get(left, -1):
            taken.append(merge)
            ends[left] = max(bottom, top)
    return taken
