"""Lists for tests: pasted text, files and rows of cells, read for an event as the desk reads them."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book, Sheet
from kiosk.services.lists.files import read_file
from kiosk.services.lists.reading import read_book, read_books
from kiosk.services.lists.texts import read_text
from kiosk.services.roster.roster_reading import Reading, read_rows


def book_of_cells(rows: Sequence[Sequence[str]]) -> Book:
    """Return rows of cells as a workbook of one sheet."""
    filled = [(number, tuple(cells)) for number, cells in enumerate(rows) if any(cell.strip() for cell in cells)]
    return Book((Sheet(filled, "名单"),))


def reading_of_text(text: str, event: EventView) -> Reading:
    """Return what a pasted text says."""
    return read_rows(read_book(read_text(text)), event)


def reading_of_file(content: bytes, event: EventView) -> Reading:
    """Return what a file says, as it is most likely to be read."""
    return read_rows(read_books(read_file(content)), event)


def reading_of_cells(rows: Sequence[Sequence[str]], event: EventView) -> Reading:
    """Return what rows of cells say."""
    return read_rows(read_book(book_of_cells(rows)), event)
