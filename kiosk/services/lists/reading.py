"""What a book says of people: rows that are sure, rows that are doubtful, and what was left out, each with its place.

Every filled row of the book ends in one of them (tests/services/lists/test_reading.py holds it).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from flask_babel import gettext as _

from kiosk.services.lists import chat_evidence, chats
from kiosk.services.lists.blocks import ListColumn, Tables, tables_of
from kiosk.services.lists.books import Book, Sheet
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.doubts import LEFT_OUT_WORDS, Doubt, LeftOutCode, NoPerson, PersonRead
from kiosk.services.lists.judging import Table, judged
from kiosk.services.lists.row_values import TableRows
from kiosk.services.names import key_of, mask_mobile
from kiosk.services.pauses import pausing

LONGEST_TEXT = 80
ASIDE_OF_REPEATS = ("note", "steward_note", "event")  # what may differ between two rows of one person
OF_ONE_PERSON = ("mobile", "student_no", "seat")  # nobody else has the same
BETWEEN = "\0"  # stands in no cell
SHEET = "sheet"  # a list is split by its sheets' names (lists/splitting)
_WHOLE_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass(frozen=True, slots=True)
class RowRead:
    """One person as a row names them. `key` names the person within the book, `row` counts from 1 as programs show it;
    `text` is what the row says, mobiles masked. `is_taken`: it goes in, being sure or confirmed."""

    key: str
    sheet: str
    row: int
    text: str
    person: PersonRead
    is_taken: bool = True

    @property
    def is_asked(self) -> bool:
        """Say whether somebody is asked whether it is right as proposed."""
        return any(doubt.asks for doubt in self.person.doubts)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are no people, or not expected: how many, from which one on, and why. `part`: what they say in the
    column that the list is split by."""

    sheet: str
    row: int
    code: LeftOutCode
    count: int = 1
    text: str = ""
    part: str = ""

    @property
    def reason(self) -> str:
        """Return why, in the page's language."""
        return str(LEFT_OUT_WORDS[self.code])

    @property
    def what(self) -> str:
        """Return where they stand."""
        return place_of(self.sheet, self.row, self.count)


@dataclass(frozen=True)
class SheetDoubt:
    """What is doubtful about a sheet from a row on; with no name and no row about all of a text."""

    sheet: str
    row: int | None
    doubt: Doubt

    @property
    def what(self) -> str:
        """Return where it is, in the page's language; "" for all of a text."""
        return self.sheet if self.row is None else place_of(self.sheet, self.row)


@dataclass(frozen=True)
class TableRead:
    """A table as it is shown: its columns, how many rows it has, and whether it is taken as a list."""

    key: str
    sheet: str
    header_rows: tuple[int, ...]  # from 1
    columns: tuple[ListColumn, ...]
    count: int
    is_list: bool
    unused: tuple[str, ...] = ()  # columns with something in them of which nothing is taken

    @property
    def row(self) -> int:
        """Return where it begins."""
        return min(self.header_rows, default=1)


@dataclass(frozen=True)
class ListReading:
    """Everything that a book says."""

    rows: tuple[RowRead, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[SheetDoubt, ...] = ()
    tables: tuple[TableRead, ...] = ()

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Return the fields that the lists speak of."""
        columns = (column.meaning for table in self.tables if table.is_list for column in table.columns)
        read = (name for row in self.rows for name in row.person.values)
        return tuple(dict.fromkeys(filter(None, (*columns, *read))))


def place_of(sheet: str, first: int, count: int = 1) -> str:
    """Return where rows stand, in the page's language."""
    one, last = _("Row %(row)s", row=first), first + count - 1
    rows = one if count == 1 else _("Rows %(first)s–%(last)s", first=first, last=last)
    return " · ".join(filter(None, (sheet, str(rows))))


def is_hiding(doubts: Iterable[SheetDoubt]) -> bool:
    """Say whether a book hides rows or columns."""
    return any(one.doubt.code in ("hidden_rows", "hidden_columns") for one in doubts)


@dataclass
class _Read:
    """What has been read so far; `known`: names that are names, whatever they look like."""

    choices: Choices
    known: Collection[str] = ()
    rows: list[RowRead] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    doubts: list[SheetDoubt] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)  # where somebody of just these values stands
    firsts: dict[str, int] = field(default_factory=dict)  # the row of the first such person of a table

    def add(self, key: str, sheet: Sheet, number: int, cells: Sequence[str], people: Sequence[PersonRead]) -> None:
        """Take a row's people, asked about or not."""
        text = text_of(cells)
        for index, person in enumerate(people):
            if self._stands_elsewhere(key, sheet, person):
                self.leave(sheet, number, "repeat", text, person.values.get(self.choices.splits_by, ""))
                continue
            person = self._told_if_twice(key, sheet, number, person)
            asks = any(doubt.asks for doubt in person.doubts)
            row_key = f"{key}.{number}.{index}"
            # What was said of a row that is asked about no longer, read otherwise since, takes nobody away.
            is_taken = not asks or self.choices.rows.get(row_key, self.choices.takes_doubtful)
            self.rows.append(RowRead(row_key, sheet.name, number + 1, text, person, is_taken))

    def _told_if_twice(self, table: str, sheet: Sheet, number: int, person: PersonRead) -> PersonRead:
        """Return a person with a word where the table has one of just these values, and no number tells them apart."""
        if not person.values.get("name") or any(person.values.get(name) for name in OF_ONE_PERSON):
            return person
        values = sorted((name, key_of(value)) for name, value in person.values.items() if name not in ASIDE_OF_REPEATS)
        mark = BETWEEN.join((table, sheet.name, *(f"{name} {value}" for name, value in values)))
        first = self.firsts.setdefault(mark, number)
        if first == number:
            return person
        return replace(person, doubts=(*person.doubts, Doubt("twice", {"row": first + 1})))

    def leave(self, sheet: Sheet, number: int, code: LeftOutCode, text: str = "", part: str = "") -> None:
        """Leave a row out."""
        self.left_out.append(LeftOut(sheet.name, number + 1, code, text=text, part=part))

    def _stands_elsewhere(self, table: str, sheet: Sheet, person: PersonRead) -> bool:
        """Say whether another table has this very person, as a summary of all sheets has. Who comes to two of the
        events that a list is split over is no repeat."""
        by = self.choices.splits_by
        values = {name: value for name, value in person.values.items() if name not in ASIDE_OF_REPEATS or name == by}
        if not values.get("name"):
            return False
        if by == SHEET:
            values[SHEET] = sheet.name
        mark = BETWEEN.join(f"{name} {key_of(value)}" for name, value in sorted(values.items()))
        return self.tables.setdefault(mark, table) != table


def read_books(books: Sequence[Book], choices: Choices | None = None, *, known: Collection[str] = ()) -> ListReading:
    """Say what a list holds in the encoding that was chosen, or is likeliest: then the others are a doubt.

    `known` are names that somebody has already, whatever they look like.
    """
    chosen = "" if choices is None else choices.encoding
    book = next((one for one in books if one.encoding == chosen), books[0])
    reading = read_book(book, choices, known=known)
    if len(books) == 1 or book.encoding == chosen:
        return reading
    doubt = SheetDoubt("", None, Doubt("encoding", {"encoding": book.encoding}))
    return replace(reading, doubts=(doubt, *reading.doubts))


def read_book(book: Book, choices: Choices | None = None, *, known: Collection[str] = ()) -> ListReading:
    """Say what a book holds, as the choices have it."""
    sheets = _with_tables(book)
    read = _Read(choices or Choices(), known)
    if _is_chat(sheets):
        for sheet, _tables in sheets:
            _read_chat(read, sheet)
        return ListReading(tuple(read.rows), counted(read.left_out))
    for sheet, tables in sheets:
        cells_of = sheet.cells_of
        nowhere = () if tables.blocks or tables.titles else tuple(cells_of)
        for code, numbers in (("title", tables.titles), ("header_again", tables.again), ("not_the_list", nowhere)):
            for number in pausing(numbers):
                read.leave(sheet, number, code, text_of(cells_of[number]))  # type: ignore[arg-type]
        read.doubts += _hidden(sheet, read.choices)
    _leave_errors(read, book)
    of_book = judged(sheets, read.choices)
    for table in pausing(of_book):
        _read_table(read, table)
    return ListReading(tuple(read.rows), counted(read.left_out), tuple(read.doubts), tables_shown(of_book))


def tables_in(book: Book, choices: Choices) -> tuple[TableRead, ...]:
    """Return the book's tables alone, as reading it shows them."""
    sheets = _with_tables(book)
    return () if _is_chat(sheets) else tables_shown(judged(sheets, choices))


def tables_shown(tables: Iterable[Table]) -> tuple[TableRead, ...]:
    """Return tables as they are shown."""
    return tuple(map(_shown, pausing(tables)))


def _with_tables(book: Book) -> list[tuple[Sheet, Tables]]:
    filled = ((sheet, number) for number, sheet in enumerate(book.sheets) if sheet.rows)
    return [(sheet, tables_of(sheet, number)) for sheet, number in pausing(filled)]


def _leave_errors(read: _Read, book: Book) -> None:
    """Name the rows in which nothing stands but errors, or what is too far to the right, and the hidden sheets that
    are too long to be read."""
    for sheet in pausing(book.sheets):
        errors = sheet.rows_by_mark["error"] | sheet.rows_by_mark["uncalculated"]
        further = {row for (row, column), mark in sheet.marks.items() if mark.code == "cut" and column} - errors
        lone: tuple[tuple[LeftOutCode, Collection[int]], ...] = (("errors", errors), ("too_far", further))
        for code, rows in lone:
            for number in pausing(sorted(set(rows) - sheet.cells_of.keys())):
                read.leave(sheet, number, code)
        if sheet.is_hidden and not sheet.rows and sheet.marks:
            read.doubts.append(SheetDoubt(sheet.name, None, Doubt("hidden_sheet")))


def _shown(table: Table) -> TableRead:
    block = table.block
    rows = [row + 1 for row in block.header_rows]
    return TableRead(
        block.key, table.sheet.name, tuple(rows), block.columns, len(block.rows), table.is_list, _unused(table)
    )


def _unused(table: Table) -> tuple[str, ...]:
    """Name the columns of a list of which nothing is taken, though something stands in them."""
    if not table.is_list:
        return ()
    cells_of = [table.sheet.cells_of[number] for number in table.block.rows]
    return tuple(
        column.header
        for column in table.block.columns  # without a header it is kept as a note
        if column.header
        and (not column.meaning or column.meaning.startswith("contact_"))
        and any("".join(cells[column.index : column.index + 1]).strip() for cells in cells_of)
    )


def text_of(cells: Iterable[str]) -> str:
    """Return what a row says, in one line, mobiles masked."""
    return _WHOLE_MOBILE.sub(lambda whole: mask_mobile(whole[0]), " ".join(" ".join(cells).split()))[:LONGEST_TEXT]


def _read_table(read: _Read, table: Table) -> None:
    """Read a list's rows, or count those of what is none. A row of tables side by side is read in each of them."""
    sheet, block = table.sheet, table.block
    cells_of = sheet.cells_of
    own = [number for number in pausing(block.rows) if block.has_part_in(cells_of[number])]
    if not table.is_list:
        code: LeftOutCode = "unticked" if block.key in read.choices.tables else "not_the_list"
        for number in pausing((*block.header_rows, *own)):
            read.leave(sheet, number, code, text_of(cells_of[number]))
        return
    if block.is_guessed and (sheet.name or len(block.columns) > 1):
        read.doubts.append(SheetDoubt(sheet.name, None, Doubt("columns")))
    rows = TableRows(sheet, block, takes_hidden=read.choices.takes_hidden, known=read.known)
    for number in pausing(own):
        part = rows.said_in(read.choices.splits_by, number, cells_of[number])
        if number in sheet.hidden_rows and not read.choices.takes_hidden:
            read.leave(sheet, number, "hidden", part=part)
            continue
        people = rows.people_in(number, cells_of[number])
        if isinstance(people, NoPerson):
            read.leave(sheet, number, people.code, text_of(cells_of[number]), part)
        else:
            read.add(block.key, sheet, number, cells_of[number], people)


def _hidden(sheet: Sheet, choices: Choices) -> list[SheetDoubt]:
    """Name what a sheet hides, as long as nobody asked for it."""
    doubts = []
    if sheet.is_hidden:
        doubts.append(SheetDoubt(sheet.name, None, Doubt("hidden_sheet")))
    filled = {number for number, _cells in sheet.rows}
    rows = sorted(sheet.hidden_rows & filled)
    if rows and not choices.takes_hidden:
        doubts.append(SheetDoubt(sheet.name, rows[0] + 1, Doubt("hidden_rows", {"count": len(rows)})))
    columns = {
        index for _number, cells in sheet.rows for index in sheet.hidden_columns if "".join(cells[index : index + 1])
    }
    if columns and not choices.takes_hidden:
        doubts.append(SheetDoubt(sheet.name, None, Doubt("hidden_columns", {"count": len(columns)})))
    return doubts


def _is_chat(sheets: Sequence[tuple[Sheet, Tables]]) -> bool:
    """Say whether the book is a list as people write it in a chat: lines, not cells under headers."""
    if len(sheets) != 1 or any(not block.is_guessed for block in sheets[0][1].blocks):
        return False
    sheet = sheets[0][0]
    has_one_cell = all(len(cells) == 1 for _number, cells in sheet.rows)
    if has_one_cell and not sheets[0][1].blocks:  # words between spaces, no column of names
        return True
    return (not sheet.name or has_one_cell) and chats.is_chat([_line(cells) for _number, cells in sheet.rows])


def _read_chat(read: _Read, sheet: Sheet) -> None:
    lines = [_line(cells) for _number, cells in sheet.rows]
    as_read = [chats.read_line(line) for line in pausing(lines)]
    weighed = chat_evidence.weighed(lines, as_read)
    for (number, _cells), line, people in pausing(zip(sheet.rows, lines, weighed, strict=True)):
        if isinstance(people, NoPerson):
            read.leave(sheet, number, people.code, text_of((line,)))
        else:
            read.add("chat", sheet, number, (line,), people)


def _line(cells: Iterable[str]) -> str:
    return "，".join(filter(None, (cell.strip() for cell in cells)))


def counted(left_out: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """Say once what is true of several rows that follow one another."""
    return tuple(_in_runs(left_out))


def _in_runs(left_out: Sequence[LeftOut]) -> Iterable[LeftOut]:
    numbered = enumerate(sorted(left_out, key=lambda one: (one.sheet, one.code, one.row)))
    for _key, group in groupby(numbered, key=lambda pair: (*_alike(pair[1]), pair[1].row - pair[0])):
        rows = [one for _place, one in group]
        yield rows[0] if len(rows) == 1 else replace(rows[0], count=len(rows), text="")


def _alike(one: LeftOut) -> tuple[str, ...]:
    return one.sheet, one.code, key_of(one.part)
