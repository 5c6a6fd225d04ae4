"""A workbook of Excel 97 to 2003 (.xls), made sheets of cells by xlrd, with the same bounds as .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from itertools import pairwise
from typing import Any

import xlrd  # type: ignore[import-untyped]

from .cell_texts import Shown, show_number, show_text
from .number_formats import BUILT_IN
from .sheet_cells import MOST_COLUMNS, MOST_MERGES, MOST_SHEETS, Room, SheetCells, Unreadable, book_json

ENCRYPTED = "encrypted"  # xlrd's own word


def read_xls(content: bytes) -> dict[str, Any]:
    """Return the book, as kiosk/services/lists/books.py has it; raise Unreadable.

    What xlrd cannot read with its formats is refused: without them zeros in front and hidden rows would go unseen.
    """
    try:
        return _read(content)
    except (Unreadable, MemoryError):
        raise
    except xlrd.XLRDError as error:
        raise Unreadable("password" if ENCRYPTED in str(error) else "old_format") from error
    except Exception as error:  # xlrd trusts the file: anything may go wrong in it
        raise Unreadable("damaged") from error


def _read(content: bytes) -> dict[str, Any]:
    book = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=StringIO())
    if book.nsheets > MOST_SHEETS:
        raise Unreadable("too_big")
    sheets: list[SheetCells] = []
    room = Room()
    for place, title in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(place)
        cells = SheetCells(room, title, is_hidden=sheet.visibility != 0)
        sheets.append(cells)
        try:
            _fill(cells, book, sheet)
        except Unreadable as error:
            if error.code != "too_many_rows" or not cells.is_hidden:
                raise
            cells.empty()
        book.unload_sheet(place)
    return book_json(sheets)


def _fill(cells: SheetCells, book: Any, sheet: Any) -> None:
    for top, bottom, left, right in sheet.merged_cells[:MOST_MERGES]:
        if left < MOST_COLUMNS:
            cells.merges.append([top, left, bottom - 1, min(right, MOST_COLUMNS) - 1])
    cells.hidden_columns.update(
        number for number, column in sheet.colinfo_map.items() if column.hidden and number < MOST_COLUMNS
    )
    strikes = [bool(font.struck_out) for font in book.font_list]
    for row in range(sheet.nrows):
        look = sheet.rowinfo_map.get(row)
        for column in range(sheet.row_len(row)):
            kind = sheet.cell_type(row, column)
            if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                shown = _shown(book, sheet, row, column, kind)
                if shown.text and not shown.mark and (struck := _struck(book, sheet, row, column, strikes)):
                    shown = replace(shown, mark="struck", was=struck)
                cells.put(row, column, shown, in_hidden_row=bool(look and look.hidden))


def _shown(book: Any, sheet: Any, row: int, column: int, kind: int) -> Shown:
    value = sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_ERROR:
        return Shown("", "error", xlrd.error_text_from_code.get(value, "#?"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return Shown("TRUE" if value else "FALSE")
    number = book.xf_list[sheet.cell_xf_index(row, column)].format_key
    code = BUILT_IN.get(number) or book.format_map[number].format_str
    if kind == xlrd.XL_CELL_TEXT:
        return show_text(value, code)
    return show_number(value, code, is_1904=book.datemode == 1)


def _struck(book: Any, sheet: Any, row: int, column: int, strikes: Sequence[bool]) -> str:
    """Return what of a cell's text is crossed out; `strikes` says it of each font."""
    text = str(sheet.cell_value(row, column))
    # (where a part of the text begins, its font)
    runs = [(0, book.xf_list[sheet.cell_xf_index(row, column)].font_index)]
    runs += sheet.rich_text_runlist_map.get((row, column), [])
    parts = ((text[at:end], font) for (at, font), (end, _) in pairwise([*runs, (len(text), None)]))
    return "".join(part for part, font in parts if font < len(strikes) and strikes[font] and part.strip())
