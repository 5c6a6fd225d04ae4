"""Whatever files hold: the job that reads them never fails, is over soon, needs little room, and loses no filled row.

Each file goes its whole way: made into bytes here, read by the guarded job in a process of its own, then judged.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies

from kiosk.jobs.read_table import COMPOUND, SECONDS
from kiosk.jobs.sheet_cells import Unreadable
from kiosk.jobs.xlsx_cells import read_xlsx
from kiosk.services import refusal_words
from kiosk.services.lists.books import Book
from kiosk.services.lists.files import read_file
from kiosk.services.lists.reading import read_book
from kiosk.services.refusals import Refused
from tests.aids import hostile_lists
from tests.aids.books import book_file
from tests.aids.job_forks import JobForks, forked_jobs
from tests.aids.paths import FIXTURES
from tests.services.lists.test_list_properties import CELLS, rows_said

MOST_SECONDS = 2.0  # of the processor, in the job and in the server, each
MOST_TIMES = 4.0  # what the server's part of a hostile list may take of it, as against that of an honest long one
MOST_KILOBYTES = 200 * 1024  # that a job takes for one file
CERTAIN = ("utf-8-sig", "utf-16")  # a mark says it
SOMETIMES = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
FORMATS = ("General", "0", "00000000", "yyyy-mm-dd", 'm"月"d"日"', "#,##0.00", "@", "0%", "0.00E+00")
KINDS = ("text", "text", "text", "shared", "number", "date", "error", "uncalculated", "truth", "blank")
STATES = strategies.lists(
    strategies.sampled_from(["visible", "visible", "hidden", "veryHidden"]), min_size=3, max_size=3
)
ENCODINGS = strategies.sampled_from(["utf-8", *CERTAIN, "utf-16-le", "gb18030", "big5", "cp1252", "shift_jis"])
LINES = strategies.lists(strategies.lists(CELLS, max_size=6), max_size=12)
HEAD = ("姓名", "单位", "手机", "备注")


@pytest.fixture(scope="module")
def jobs() -> Iterator[JobForks]:
    with forked_jobs() as jobs:
        yield jobs


@pytest.fixture(scope="module")
def honest(jobs: JobForks) -> Book:
    (book,) = read_file(hostile_lists.long_list())
    return book


@dataclass(frozen=True)
class MadeSheet:
    """A sheet as it is written: cells by row and column from 0 as (kind, text, format), merges as (top, left, rows
    and columns beside), and what is hidden of it."""

    cells: Mapping[tuple[int, int], tuple[str, str, int]]
    merges: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def xml(self, shared: list[str]) -> str:
        """Return what stands within <worksheet>; texts that are referred to are added to `shared`."""
        columns = "".join(f'<col min="{n + 1}" max="{n + 1}" hidden="1"/>' for n in sorted(self.hidden_columns))
        rows: dict[int, str] = {}
        for (row, column), cell in sorted(self.cells.items()):
            rows[row] = rows.get(row, "") + _cell(row, column, *cell, shared)
        data = ""
        for row, cells in rows.items():
            hidden = ' hidden="1"' if row in self.hidden_rows else ""
            data += f'<row r="{row + 1}"{hidden}>{cells}</row>'
        merged = ""
        for top, left, high, wide in self.merges:
            merged += f'<mergeCell ref="{letters(left)}{top + 1}:{letters(left + wide)}{top + high + 1}"/>'
        return f"<cols>{columns}</cols><sheetData>{data}</sheetData><mergeCells>{merged}</mergeCells>"


def letters(column: int) -> str:
    """Return a column's letters: 0 is A."""
    name = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        name, column = chr(65 + letter) + name, column - 1
    return name


def _cell(row: int, column: int, kind: str, content: str, style: int, shared: list[str]) -> str:
    text = escape("".join(map(_escaped, content)))
    begins = f'<c r="{letters(column)}{row + 1}" s="{style}"'
    number = sum(map(ord, content)) * 37.5
    if kind == "shared":
        shared.append(text)
        return f'{begins} t="s"><v>{len(shared) - 1}</v></c>'
    inner = {
        "text": f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>',
        "number": f"><v>{number}</v>",
        "date": f"><v>{number % 80_000}</v>",
        "error": ' t="e"><v>#N/A</v>',
        "uncalculated": "><f>A1</f>",
        "truth": ' t="b"><v>1</v>',
        "blank": ">",
    }[kind]
    return f"{begins}{inner}</c>"


def _escaped(one: str) -> str:
    """Return a character as workbooks hold it: what XML cannot hold as its number."""
    return one if one.isprintable() or one == "\n" or one > "\uffff" else f"_x{ord(one):04X}_"


def workbook(sheets: Sequence[MadeSheet], states: Sequence[str]) -> bytes:
    """Return the file."""
    shared: list[str] = []
    inner = [sheet.xml(shared) for sheet in sheets]
    codes = [escape(code, {'"': "&quot;"}) for code in FORMATS]
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    looks = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(FORMATS)))
    styles = f"<styleSheet><numFmts>{formats}</numFmts><cellXfs>{looks}</cellXfs></styleSheet>"
    texts = "<sst>" + "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in shared) + "</sst>"
    return book_file(*inner, parts={"xl/styles.xml": styles, "xl/sharedStrings.xml": texts}, states=states)


def made_sheet(rows: Sequence[Sequence[tuple[str, str, int]]], aside: Mapping[tuple[int, int], tuple[str, str, int]],
               merges: Sequence[tuple[int, int, int, int]], hidden: tuple[frozenset[int], frozenset[int]],
               *, has_head: bool) -> MadeSheet:  # fmt: skip
    """Return a sheet with these rows at its top, under a header or not, and cells here and there."""
    head = [[("text", word, 0) for word in HEAD]] if has_head else []
    cells = {(row, column): cell for row, line in enumerate([*head, *rows]) for column, cell in enumerate(line)}
    return MadeSheet({**cells, **aside}, merges, *hidden)


def written(lines: Sequence[Sequence[str]], separator: str, *, is_quoted: bool) -> str:
    """Return the lines as text, as a program writes them or as somebody types them."""
    if not is_quoted:
        return "\n".join(separator.join(words) for words in lines)
    file = StringIO()
    csv.writer(file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(lines)
    return file.getvalue()


def broken(content: bytes, at: int, other: bytes, cut: int) -> bytes:
    """Return a file in which other bytes stand somewhere, and of which the end is missing."""
    at %= len(content)
    return (content[:at] + other + content[at + len(other) :])[: len(content) - cut]


CELL = strategies.tuples(strategies.sampled_from(KINDS), CELLS, strategies.integers(0, len(FORMATS) - 1))
FAR = strategies.dictionaries(
    strategies.tuples(strategies.one_of(strategies.integers(0, 14), strategies.integers(0, 1_048_575)),
                      strategies.one_of(strategies.integers(0, 7), strategies.integers(0, 16_383))),
    CELL, max_size=6,
)  # fmt: skip
SHEETS = strategies.builds(
    made_sheet,
    strategies.lists(strategies.lists(CELL, max_size=6), max_size=10),
    FAR,
    strategies.lists(strategies.tuples(*[strategies.integers(0, 8)] * 4), max_size=3),
    strategies.tuples(strategies.frozensets(strategies.integers(0, 14), max_size=3),
                      strategies.frozensets(strategies.integers(0, 7), max_size=2)),
    has_head=strategies.booleans(),
)  # fmt: skip
OLD = (FIXTURES / "lists" / "office.xls").read_bytes()
OF_ONE_SHEET = strategies.builds(workbook, strategies.lists(SHEETS, min_size=1, max_size=1), STATES)
BROKEN = strategies.builds(
    broken,
    strategies.one_of(strategies.just(OLD), OF_ONE_SHEET),
    strategies.integers(0, 1 << 20), strategies.binary(min_size=1, max_size=8), strategies.integers(0, 100),
)  # fmt: skip


def read_within_bounds(
    content: bytes, jobs: JobForks, most_seconds: float = MOST_SECONDS
) -> tuple[tuple[Book, ...], str]:
    """Read a file as an import does, and hold the job to its bounds; return the books, or the code of the refusal."""
    before = jobs.jobs
    books: tuple[Book, ...] = ()
    code = ""
    try:
        books = read_file(content)
    except Refused as refusal:
        code = refusal.code
        assert refusal_words.say(refusal, "desk")
    assert jobs.jobs == before + 1, "no job was asked"
    assert jobs.seconds < most_seconds and jobs.kilobytes < MOST_KILOBYTES, (jobs.seconds, jobs.kilobytes)
    return books, code


def check_accounts(books: tuple[Book, ...]) -> None:
    """Hold that each filled row of each book is in one of the heaps."""
    for book in books:
        reading = read_book(book)
        for sheet in book.sheets:
            assert {row + 1 for row, _cells in sheet.rows} <= rows_said(reading, sheet.name)
        assert all(str(doubt.reason) for row in reading.rows for doubt in row.person.doubts)


def is_read_soon(book: Book, honest: Book) -> bool:
    """Return whether reading this book takes at most so many times as long as the honest one. Asked again where it
    seems not: a processor that others use is slow for a moment, for either of two that are read one after the other."""
    return any(_seconds(book) < MOST_TIMES * _seconds(honest) for _attempt in range(3))


def _seconds(book: Book) -> float:
    began = time.process_time()
    read_book(book)
    return time.process_time() - began


def written_rows(made: MadeSheet) -> set[int]:
    """Return the rows in which somebody sees a text, far to the right too."""
    return {row for (row, _column), (kind, content, _style) in made.cells.items()
            if kind in ("text", "shared") and any(map(str.isalnum, content))}  # fmt: skip


@SOMETIMES
@given(sheets=strategies.lists(SHEETS, min_size=1, max_size=3), states=STATES)
def test_no_row_of_a_workbooks_file_is_lost(
    app: Flask, jobs: JobForks, sheets: list[MadeSheet], states: list[str]
) -> None:
    books, code = read_within_bounds(workbook(sheets, states), jobs)
    assert code == ("" if books else "empty_table") and (books or not any(map(written_rows, sheets)))
    check_accounts(books)
    for book in books:
        reading = read_book(book)
        for number, made in enumerate(sheets, start=1):
            assert {row + 1 for row in written_rows(made)} <= rows_said(reading, f"S{number}")


@SOMETIMES
@given(
    lines=LINES, separator=strategies.sampled_from(",;\t|，； "), encoding=ENCODINGS, is_quoted=strategies.booleans()
)
def test_no_line_of_a_text_file_is_lost(
    app: Flask, jobs: JobForks, lines: list[list[str]], separator: str, encoding: str, *, is_quoted: bool
) -> None:
    text = written(lines, separator, is_quoted=is_quoted)
    content = text.encode(encoding, "replace")
    books, code = read_within_bounds(content, jobs)
    assert code in ("", "empty_table", "no_table")
    check_accounts(books)
    if encoding in CERTAIN:
        kept = [one for book in books for sheet in book.sheets for _row, cells in sheet.rows for one in "".join(cells)]
        is_cut = any(mark.code == "cut" for book in books for sheet in book.sheets for mark in sheet.marks.values())
        assert code == "no_table" or is_cut or list(filter(str.isalnum, kept)) == list(filter(str.isalnum, text))


@SOMETIMES
@given(content=strategies.one_of(
    strategies.binary(max_size=400), BROKEN,
    strategies.builds(bytes.__add__, strategies.sampled_from([COMPOUND, b"PK\x03\x04", b"\x09\x08\x10\x00"]),
                      strategies.binary(max_size=400)),
))  # fmt: skip
def test_bytes_of_any_kind_get_a_sentence_or_are_read(app: Flask, jobs: JobForks, content: bytes) -> None:
    books, _code = read_within_bounds(content, jobs)
    check_accounts(books)


@pytest.mark.parametrize("name", [*hostile_lists.REFUSED, *hostile_lists.READ])
def test_no_hostile_list_takes_more_than_its_bounds(app: Flask, jobs: JobForks, honest: Book, name: str) -> None:
    makers = {**hostile_lists.REFUSED, **hostile_lists.READ}
    books, code = read_within_bounds(makers[name](), jobs, SECONDS)
    print(f"{name}: {jobs.seconds:.2f} s, {jobs.kilobytes / 1024:.0f} MB, {code or 'read'}")
    assert bool(code) == (name in hostile_lists.REFUSED)
    check_accounts(books)
    assert all(is_read_soon(book, honest) for book in books)


@pytest.mark.parametrize("place", range(8))
def test_a_changed_byte_of_a_packed_part_is_damage_and_no_crash(place: int) -> None:
    sheet = (
        "<sheetData>"
        + "".join(
            f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>王{row}</t></is></c></row>' for row in range(1, 60)
        )
        + "</sheetData>"
    )
    packed = BytesIO()
    with ZipFile(BytesIO(book_file(sheet))) as plain, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
    content = packed.getvalue()
    with ZipFile(packed) as archive:
        part = next(one for one in archive.infolist() if "sheets/" in one.filename)
    at = part.header_offset + 30 + len(part.filename) + part.compress_size * place // 8
    codes = set()
    for value in range(256):
        try:
            read_xlsx(content[:at] + bytes([value]) + content[at + 1 :])
        except Unreadable as refusal:
            codes.add(refusal.code)
    assert "damaged" in codes and codes <= {"damaged", "no_workbook"}
