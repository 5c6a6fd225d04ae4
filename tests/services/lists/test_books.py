"""A book on its way: packed, unpacked, and each text that stands in many cells kept once."""

from __future__ import annotations

import json

from kiosk.jobs.sheet_cells import PIECE
from kiosk.services.lists.books import Book, CellMark, Sheet, book_of, first_rows
from kiosk.services.lists.files import read_file
from tests.aids import hostile_lists
from tests.aids.job_forks import forked_jobs

ROWS = [(number, ("王强", "松林机电", f"座位{number % 7}", "\ud800 甘\ue863")) for number in range(PIECE * 2 + 1)]
BOOK = Book((Sheet(ROWS, "名单", marks={(number, 2): CellMark("error", "#N/A") for number in range(PIECE + 1)}),))


def test_a_book_comes_back_from_its_draft_as_it_was() -> None:
    plain = json.loads(json.dumps(BOOK.as_json()))
    assert book_of(plain).sheets == (Sheet(tuple(ROWS), "名单", [], marks=BOOK.sheets[0].marks),)
    assert [len(plain["sheets"][0][name]) for name in ("rows", "marks")] == [3, 2]
    assert first_rows(plain, 2) == [list(cells) for _number, cells in ROWS[:2]]
    assert book_of(plain).as_json() is plain, "and is not packed a second time"


def test_a_draft_of_before_an_upgrade_is_read() -> None:
    plain = BOOK.as_json()
    rows = [json.dumps(ROWS[:PIECE]), json.dumps(ROWS[PIECE:])]
    old = {**plain, "sheets": [{**plain["sheets"][0], "rows": rows}]}
    assert book_of(old).sheets == book_of(plain).sheets


def test_what_stands_in_many_cells_is_one_text_and_one_mark() -> None:
    (sheet,) = book_of(json.loads(json.dumps(BOOK.as_json()))).sheets
    texts = {id(cell) for _number, cells in sheet.rows for cell in cells}
    assert len(texts) == 3 + 7 and len({id(mark) for mark in sheet.marks.values()}) == 1


def test_the_longest_list_is_small_on_its_way() -> None:
    """What the worker takes of the job, keeps in the draft and hands to the database."""
    with forked_jobs():
        for name in ("as much text as there may be", "5,000 people"):
            (book,) = read_file(hostile_lists.READ[name]())
            cells = sum(len(cell) + 3 for sheet in book.sheets for _number, cells in sheet.rows for cell in cells)
            assert len(json.dumps(book.as_json())) < cells / 2, name
