"""A list that was pasted, made a book of one sheet, in this process: the same reader as that of text files."""

from __future__ import annotations

from kiosk.jobs.sheet_cells import MOST_ROWS, Unreadable, book_json
from kiosk.jobs.text_files import sheet_of
from kiosk.services.lists.books import Book, book_of
from kiosk.services.names import composed
from kiosk.services.refusals import Refused

MOST_CHARACTERS = 300_000


def read_text(text: str) -> Book:
    """Read what was pasted: cells from a spreadsheet, or lines of one cell each; raise Refused.

    Rows are counted as they were pasted, blank lines included.
    """
    if len(text) > MOST_CHARACTERS:
        raise Refused("too_big")
    lines = composed(text).splitlines()
    if sum(bool(line.strip()) for line in lines) > MOST_ROWS:  # far rows may have many empty ones above
        raise Refused("too_many_rows", count=MOST_ROWS)
    try:
        return book_of(book_json([sheet_of("\n".join(lines), is_pasted=True)]))
    except Unreadable as error:
        raise Refused(error.code, count=MOST_ROWS) from error  # type: ignore[arg-type]  # the job's codes are TableCode
