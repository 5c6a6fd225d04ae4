"""Workbooks of Excel 97 to 2003, written from those that openpyxl makes: no library writes them any more.

As a bare stream of records, without the file system that programs put around it; xlrd reads both alike.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

GLOBALS, SHEET = 0x0005, 0x0010  # what a stream of records is of
FIRST_FORMAT = 164  # those before are built in
STATES = {"visible": 0, "hidden": 1, "veryHidden": 2}
ERRORS = {"#REF!": 0x17, "#N/A": 0x2A, "#VALUE!": 0x0F, "#NAME?": 0x1D}


def old_book(book: Workbook) -> bytes:
    """Return the workbook's cells, formats, merges and what is hidden of it; formulas, which were never calculated,
    are left out."""
    codes = sorted({cell.number_format for sheet in book.worksheets for row in sheet.iter_rows() for cell in row})
    looks = {code: number for number, code in enumerate(codes, start=1)}
    sheets = [b"".join(_sheet(sheet, looks)) for sheet in book.worksheets]
    head = b"".join(_head(codes))
    bounds = [_text(sheet.title, "<B") for sheet in book.worksheets]
    at = len(head) + sum(len(name) + 10 for name in bounds) + 4
    listed = b""
    for sheet, name, content in zip(book.worksheets, bounds, sheets, strict=True):
        listed += _record(0x0085, struct.pack("<IBB", at, STATES[sheet.sheet_state], 0) + name)
        at += len(content)
    return head + listed + _record(0x000A) + b"".join(sheets)


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _text(text: str, length: str) -> bytes:
    wide = text.encode("utf-16-le")
    return struct.pack(length, len(wide) // 2) + b"\x01" + wide


def _begin(of: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, of, 0x0DBB, 0x07CC, 0x41, 6))


def _head(codes: list[str]) -> Iterator[bytes]:
    """Yield what stands before the list of sheets: a font, the formats, and a look for each of them."""
    yield _begin(GLOBALS) + _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", 0))
    yield _record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _text("Arial", "<B"))
    for number, code in enumerate(codes, start=FIRST_FORMAT):
        yield _record(0x041E, struct.pack("<H", number) + _text(code, "<H"))
    yield _look(0, 0xFFF5)
    for number, _code in enumerate(codes, start=FIRST_FORMAT):
        yield _look(number, 0x0001)


def _look(code: int, kind: int) -> bytes:
    return _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, code, kind, 0, 0, 0, 0, 0, 0, 0))


def _sheet(sheet: Worksheet, looks: dict[str, int]) -> Iterator[bytes]:
    yield _begin(SHEET)
    for letters, column in sheet.column_dimensions.items():
        if column.hidden:
            number = column_index_from_string(letters) - 1
            yield _record(0x007D, struct.pack("<HHHHHH", number, number, 2560, 0, 1, 0))
    for number, row in sheet.row_dimensions.items():
        if row.hidden:
            yield _record(0x0208, struct.pack("<HHHHHHI", number - 1, 0, 0, 255, 0, 0, 0x20))
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.value is not None and cell.data_type != "f":
                place = struct.pack("<HHH", cell.row - 1, cell.column - 1, looks[cell.number_format])
                yield _cell(cell.value, cell.data_type, place)
    areas = [(one.min_row - 1, one.max_row - 1, one.min_col - 1, one.max_col - 1) for one in sheet.merged_cells.ranges]
    if areas:
        yield _record(0x00E5, struct.pack("<H", len(areas)) + b"".join(struct.pack("<HHHH", *area) for area in areas))
    yield _record(0x000A)


def _cell(value: Any, kind: str, place: bytes) -> bytes:
    if kind == "e":
        return _record(0x0205, place + struct.pack("<BB", ERRORS[value], 1))
    if isinstance(value, bool):
        return _record(0x0205, place + struct.pack("<BB", value, 0))
    if isinstance(value, (datetime, date)):
        value = to_excel(value)  # type: ignore[no-untyped-call]
    if isinstance(value, (int, float)):
        return _record(0x0203, place + struct.pack("<d", value))
    return _record(0x0204, place + _text(value, "<H"))
