"""A text file, made books: one for each encoding that it may be in, each with its own separator."""

from __future__ import annotations

import re
from typing import Any

from .cell_texts import ENGLISH_MONTHS, Shown
from .sheet_cells import Room, SheetCells, book_json
from .text_encodings import DAMAGED, decodings_of
from .text_tables import plain_lines, rows_of

# A day as programs save it in text where 3-2 was typed: 3月2日, 2-Mar, Mar-02, 2024/3/2.
_DAYS = (
    re.compile(r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})-(?P<month>[A-Z][a-z]{2})"),
    re.compile(r"(?P<month>[A-Z][a-z]{2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4}[/-])(?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?: 0?0:00(?::00)?)?", re.ASCII),
)
_MONTHS = {name[:3]: str(number) for number, name in enumerate(ENGLISH_MONTHS, start=1)}


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
            elif not cell.mark and (typed := _typed_before(cell.text)):
                cell = Shown(cell.text, "date", typed)
            sheet.put(row.number, column, cell)
    return sheet


def _typed_before(text: str) -> str:
    """Return what was typed before a program made a day of it, "" for what is none."""
    for pattern in _DAYS:
        if day := pattern.fullmatch(text):
            parts = day.groupdict()
            month = _MONTHS.get(parts["month"], parts["month"])
            year = parts.get("year", "").replace("/", "-")
            return f"{year}{month.lstrip('0')}-{parts['day'].lstrip('0')}" if month.isdigit() else ""
    return ""
