"""The sign-in sheet as a workbook: A4 upright, ready for printer and pen. A job: openpyxl stays out of the web workers.

Everything is text: a mobile keeps its digits, a name that begins with "=" is a name.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any, cast

from openpyxl.cell.cell import Cell
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from . import ink_paper
from .archives import settled
from .ink import fitted, is_drawn, lines_of, size_of
from .ink_paper import PEN
from .lines import CENTRED, LINE, MM, fitting, line_count, packed
from .workbooks import FONT, SHADE, boxed, bytes_of, new_book, set_page, set_text, set_widths

MARGIN = 12 / 25.4  # inches, as spreadsheets count margins
# Nine are wanted, so that a pen fits; where the columns come out wider, the page is shrunk to fit, rows too.
ROW_AT_LEAST = 11.2 * MM
BODY, HEADING, SMALL = 10.5, 16, 9  # points: 五号, about 三号, 小五
HEADERS = BODY, SMALL, 8  # points: the first in which the words of a column's title are whole
PADDING = 2.5  # mm beside the text of a cell
SIGNED = 8.5  # mm of a row's height for a signature
BOX = boxed("808080")
LONGEST = 11  # digits of a mobile; a foreign one is set smaller, to stay in one line
ROOM = ("", "")  # lines above one to sign on, which has 15 mm then
BLANKS = "_" * 30, "_" * 12  # to sign on, and for the date


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: a services.sheet_model.SheetModel as a dict gives the workbook's bytes."""
    book = new_book(payload["title"])
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = payload["name"][:31]
    lines = Lines(sheet, payload["columns"])
    lines.write_across(payload["title"], size=HEADING, is_heading=True)
    for line in payload["lines"]:
        lines.write_across(line, size=BODY)
    lines.write_row([column["title"] for column in payload["columns"]], is_header=True)
    header = lines.row
    for row in payload["rows"]:
        lines.write_row(row)
    _write_close(lines, payload)
    set_page(sheet, _page_foot(payload))
    sheet.print_title_rows = f"{header}:{header}"
    sheet.freeze_panes = f"A{header + 1}"
    sheet.page_margins = PageMargins(MARGIN, MARGIN, 15 / 25.4, 18 / 25.4, 8 / 25.4, 8 / 25.4)
    sheet.print_options.horizontalCentered = True
    return settled(bytes_of(book), datetime.fromisoformat(payload["made_at"]))


@dataclass(frozen=True)
class Look:
    """How a cell looks."""

    size: float
    across: str = "left"
    is_bold: bool = False
    is_boxed: bool = False
    is_shaded: bool = False
    is_formula_like: bool = False


class Lines:
    """Writes the sheet line by line; `row` is the last one. openpyxl finds neither it nor a known style quickly."""

    def __init__(self, sheet: Worksheet, columns: list[dict[str, Any]]) -> None:
        self.row = 0
        self._sheet = sheet
        self._columns = columns
        self._styles: dict[Look, Any] = {}
        set_widths(sheet, (column["width"] for column in columns))

    def write_row(self, values: list[str], *, is_header: bool = False) -> None:
        """Write a row of the table, as high as its longest cell needs."""
        self.row += 1
        lines = 1
        for index, (value, column) in enumerate(zip(values, self._columns, strict=True), start=1):
            width = column["width"] - PADDING
            if is_drawn(value):
                self._sign(index, value, column["width"])
                value = ""
            is_long = column["key"] == "mobile" and len(value) > LONGEST
            size = fitting(value, width, HEADERS, is_bold=True) if is_header else SMALL if is_long else BODY
            across = "center" if is_header or column["key"] in CENTRED else "left"
            self._write(index, value, Look(size, across, is_bold=is_header, is_boxed=True, is_shaded=is_header))
            lines = max(lines, line_count(value, width, size, is_bold=is_header))
        self._sheet.row_dimensions[self.row].height = _height(lines, BODY)

    def _sign(self, column: int, cell: str, width: float) -> None:
        """Put a signature into the middle of its cell; a row is at least as high as it."""
        lines = lines_of(cell)
        picture = Image(BytesIO(ink_paper.picture(lines)))
        step = fitted(lines, width - PADDING, SIGNED)
        wide, high = (side * step for side in size_of(lines))
        from_left, from_top = (width - wide) / 2, (ROW_AT_LEAST / MM - high) / 2
        corner = AnchorMarker(column - 1, _emu(from_left), self.row - 1, _emu(from_top))
        picture.anchor = OneCellAnchor(corner, XDRPositiveSize2D(_emu(max(wide, PEN)), _emu(max(high, PEN))))
        self._sheet.add_image(picture)

    def write_across(self, text: str, *, size: float, is_heading: bool = False) -> None:
        """Write a text over all columns."""
        self.row += 1
        self._write(1, text, Look(size, "center" if is_heading else "left", is_bold=is_heading))
        self._sheet.merge_cells(start_row=self.row, start_column=1, end_row=self.row, end_column=len(self._columns))
        width = sum(column["width"] for column in self._columns) - PADDING
        lines = line_count(text, width, size, is_bold=is_heading)
        self._sheet.row_dimensions[self.row].height = _height(lines, size) if is_heading else lines * size * LINE + 3

    def _write(self, column: int, text: str, look: Look) -> None:
        cell = cast(Cell, self._sheet.cell(self.row, column))
        set_text(cell, text)
        look = replace(look, is_formula_like=bool(cell.quotePrefix))
        if look in self._styles:
            cell._style = copy(self._styles[look])  # type: ignore[attr-defined]  # as openpyxl's own copies do
            return
        cell.number_format = "@"
        cell.font = Font(name=FONT, size=look.size, bold=look.is_bold)
        cell.alignment = Alignment(look.across, "center", wrap_text=True)
        if look.is_boxed:
            cell.border = BOX
        if look.is_shaded:
            cell.fill = SHADE
        self._styles[look] = cell._style  # type: ignore[attr-defined]


def _write_close(lines: Lines, payload: dict[str, Any]) -> None:
    """Write the totals with the lines to sign on, and the stamp: each one cell, because no page break divides a row.

    Underscores, because they stay in a cell in every program.
    """
    texts = packed(payload["foot"], sum(column["width"] for column in payload["columns"]) - PADDING, BODY)
    for label in payload["signing"]:
        texts += [*ROOM, f"{label}{BLANKS[0]}    {payload['date']}{BLANKS[1]}"]
    if any(texts):  # a roster has neither
        lines.write_across("\n".join(texts), size=BODY)
    if payload["stamp"]:
        lines.write_across("\n".join(["", *payload["stamp"]["lines"]]), size=SMALL)


def _page_foot(payload: dict[str, Any]) -> str:
    """Return page x of y, and a frozen sheet's code; an ampersand is doubled there."""
    page: str = payload["page"].format(page="&P", pages="&N")
    return f"{page}    {payload['stamp']['lines'][0].replace('&', '&&')}" if payload["stamp"] else page


def _emu(mm: float) -> int:
    """Return mm in the units of drawings."""
    return round(mm * 36_000)


def _height(lines: int, size: float) -> float:
    """Return a row's height in points; 409 is the most that a spreadsheet takes."""
    return min(409.0, max(ROW_AT_LEAST, lines * size * LINE + 8))
