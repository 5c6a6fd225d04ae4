"""Files that are to break the reader of lists, or the worker that asked for them, and the greatest that it takes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from io import StringIO
from random import Random

from tests.aids.books import book_file

ROWS = 5_000  # as many as a list may have
HEAD = ("姓名", "单位", "职务", "手机", "座位", "备注")
STYLES = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'


def text(cell: str, at: str = "") -> str:
    """Return a cell of a workbook with this text."""
    return f'<c{f" r={at!r}" if at else ""} t="inlineStr"><is><t>{cell}</t></is></c>'


def row_of(*cells: str) -> str:
    """Return a row of a workbook with these texts."""
    return f"<row>{''.join(map(text, cells))}</row>"


def sheet_of(*rows: str) -> str:
    """Return a sheet with these rows."""
    return f"<sheetData>{''.join(rows)}</sheetData>"


def blank_rows() -> bytes:
    """A person, and a million rows with a format and nothing in them."""
    blank = (f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(3, 1_000_003))
    return book_file(sheet_of(row_of(*HEAD), row_of("甘一", "松林机电"), *blank), parts={"xl/styles.xml": STYLES})


def zip_bomb() -> bytes:
    """An archive of some kilobytes that unpacks to 200 MB."""
    return book_file(sheet_of(row_of(*HEAD), row_of("甘一", "松林机电")) + " " * 200 * 2**20)


def entity_bomb() -> bytes:
    """A sheet of a few lines that says a thousand million words."""
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><sst><si><t>&l9;</t></si></sst>'
    cell = '<c t="s"><v>0</v></c>'
    return book_file(sheet_of(row_of(*HEAD), f"<row>{cell}</row>"), parts={"xl/sharedStrings.xml": bomb})


def long_cell() -> bytes:
    """A workbook with a cell of five million characters."""
    return book_file(sheet_of(row_of(*HEAD), row_of("甘一", "松林机电", "a" * 5_000_000)))


def long_text() -> bytes:
    """A text file with a cell as long as the file may be."""
    return "姓名,单位\n甘一,".encode() + b"a" * (5 * 2**20 - 100)


def wide_rows() -> bytes:
    """60 rows of 16,384 columns."""
    cells = "".join(f"<c><v>{number % 7}</v></c>" for number in range(16_384))
    return book_file(sheet_of(row_of(*HEAD), *[f"<row>{cells}</row>"] * 60))


def person(number: int) -> tuple[str, ...]:
    """Return somebody's cells."""
    chance = Random(number)
    name = chance.choice("王李张刘陈杨赵黄周吴") + chr(0x4E00 + number) + chance.choice("伟芳娜敏静")
    return (name, f"松林机电第{number % 40}分公司", "质量部部长", f"138{number:08}", f"A{number % 90}", "素食，自驾来")


def long_list() -> bytes:
    """A list of 5,000 people as an office has it."""
    return book_file(sheet_of(row_of(*HEAD), *(row_of(*person(number)) for number in range(ROWS - 1))))


def doubtful_list() -> bytes:
    """A list of 5,000 rows each of which is asked about."""
    people = (("王伟、李娜", *person(number)[1:]) for number in range(ROWS - 1))
    return book_file(sheet_of(row_of(*HEAD), *(row_of(*cells) for cells in people)))


def full_cells() -> bytes:
    """As much text as a book may hold, in as many cells."""
    beside = tuple(f"列{number}" for number in range(54))
    rows = (row_of(*person(number), *[f"第{number}行的说明"] * 54) for number in range(ROWS - 1))
    return book_file(sheet_of(row_of(*HEAD, *beside), *rows))


def many_tables() -> bytes:
    """A header above every second row, each time another one, with merges and errors all over the sheet."""
    rows = []
    for number in range(ROWS // 2):
        rows.append(row_of("姓名", "单位", ("手机", "电话")[number % 2], "备注"))
        rows.append(row_of(*person(number)[:2], person(number)[3])[:-6] + '<c t="e"><v>#N/A</v></c>' * 20 + "</row>")
    merges = "".join(f'<mergeCell ref="B{number}:B{number + 1}"/>' for number in range(2, ROWS * 4, 2))
    return book_file(sheet_of(*rows) + f"<mergeCells>{merges}</mergeCells>")


def far_merges() -> bytes:
    """A person in the last row of all, and every column merged down to there."""
    last = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>甘二</t></is></c></row>'
    letters = [chr(65 + number) for number in range(26)] + [f"A{chr(65 + number)}" for number in range(26)]
    merges = "".join(f'<mergeCell ref="{letter}2:{letter}1048576"/>' for letter in letters)
    rows = row_of(*HEAD), row_of("甘一", "松林机电", *["x"] * 50)
    return book_file(sheet_of(*rows, last) + f"<mergeCells>{merges}</mergeCells>")


def many_sheets() -> bytes:
    """Two hundred sheets with a list of sixty columns each."""
    beside = tuple(f"列{number}" for number in range(54))
    sheet = sheet_of(row_of(*HEAD, *beside), *(row_of(*person(number)) for number in range(20)))
    return book_file(*[sheet] * 200)


def any_encoding() -> bytes:
    """Text of 5,000 rows whose bytes are as good in several encodings."""
    file = StringIO()
    csv.writer(file).writerows(
        [f"M\xfcller{number}", "\xc4\xd6\xdc" * 20, "\xe4\xf6" * 30] for number in range(ROWS - 1)
    )
    return file.getvalue().encode("cp1252")


def one_name() -> bytes:
    """One name, and nothing else, five thousand times."""
    return ("姓名,单位\n" + "甘一,松林机电\n" * (ROWS - 1)).encode()


def chat() -> bytes:
    """A chat's list of 5,000 lines."""
    people = (person(number) for number in range(ROWS - 1))
    lines = (f"{number}. {cells[0]} {cells[1]} {cells[3]}\n" for number, cells in enumerate(people, start=1))
    return ("#接龙\n" + "".join(lines)).encode()


# By what they are; the second ones are read.
REFUSED: Mapping[str, Callable[[], bytes]] = {"zip bomb": zip_bomb, "entity bomb": entity_bomb}
READ: Mapping[str, Callable[[], bytes]] = {
    "a million blank rows": blank_rows, "a cell of 5 MB": long_cell, "a text of one cell": long_text,
    "16,384 columns": wide_rows, "5,000 people": long_list, "5,000 doubts": doubtful_list,
    "as much text as there may be": full_cells, "2,500 tables": many_tables, "merges to the last row": far_merges,
    "200 sheets": many_sheets, "several encodings": any_encoding, "one name": one_name, "a chat of 5,000 lines": chat,
}  # fmt: skip
