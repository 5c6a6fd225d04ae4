"""A text file, made books: one for each encoding that it may be in, each with its own separator."""

from __future__ import annotations

from typing import Any

from .cell_texts import Shown
from .sheet_cells import Room, SheetCells, book_json
from .text_encodings import DAMAGED, decodings_of
from .text_tables import plain_lines, rows_of


def read_text_file(content: bytes) -> list[dict[str, Any]]:
    """Return the books, as kiosk/services/lists/books.py has them, likeliest first; raise Unreadable."""
    return [book_json([sheet_of(decoded.text)], decoded.encoding) for decoded in decodings_of(content)]


def sheet_of(text: str, *, is_pasted: bool = False) -> SheetCells:
    """Return the sheet that a text is; a cell with a damaged character is marked."""
    sheet = SheetCells(Room())
    for row in rows_of(plain_lines(text), is_pasted=is_pasted):
        for column, cell in enumerate(row.cells):
            if DAMAGED in cell.text and not cell.mark:
                cell = Shown(cell.text, "damaged", cell.text)
            sheet.put(row.number, column, cell)
    return sheet
