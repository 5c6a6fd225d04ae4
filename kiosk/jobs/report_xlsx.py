"""The campaign's report as a workbook: numbers are numbers, days are days, everything else is text. A job."""

from __future__ import annotations

from datetime import date
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from .archives import legal
from .lines import LINE, fitting, line_count
from .words import REPORT as WORDS
from .workbooks import bytes_of, new_book, set_widths

FONT = "SimSun"  # where it is missing, programs take their own Chinese face
BODY, HEADING = 10.5, 15  # points
HEADERS = BODY, 9, 8  # points: the first in which the words of a column's title are whole
THIN = Side("thin", color="A0A0A0")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SHADE = PatternFill("solid", fgColor="EEEEEE")
FIGURES_WIDTHS = (70, 30, 30)  # mm
PARAGRAPH_WIDTH = 150  # mm
LINES_A_ROW = 25  # a row is 409 points high at most; a longer paragraph is given several
PADDING = 3  # mm beside the text of a cell


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: a services.reports.papers.ReportPaper as a dict gives the workbook's bytes."""
    book = new_book()
    words = WORDS[payload["language"]]
    first: Worksheet = book.active  # type: ignore[assignment]
    _write_figures(first, payload)
    for name in ("districts", "events", "organisations"):
        table = payload[name]
        _write_table(book.create_sheet(_tab(table["name"])), table)
    _write_paragraphs(book.create_sheet(_tab(words["paragraph"])), payload)
    for sheet in book.worksheets:
        _set_page(sheet, payload)
    book.properties.title = legal(payload["title"])
    book.properties.creator = "Kiosk"
    return bytes_of(book)


def _write_figures(sheet: Worksheet, payload: dict[str, Any]) -> None:
    """Write the title, the headline figures, and by kind and by hand what is counted."""
    sheet.title = _tab(WORDS[payload["language"]]["figures"])
    set_widths(sheet, FIGURES_WIDTHS)
    _write_across(sheet, 1, payload["title"], size=HEADING, is_bold=True)
    row = 2
    for line in payload["lines"]:
        _write_across(sheet, row, line)
        row += 1
    row += 1
    for label, count in payload["figures"]:
        _write(sheet, row, 1, label, is_boxed=True)
        _write(sheet, row, 2, count, type_="number", is_boxed=True)
        row += 1
    for table in (payload["kinds"], payload["counted"]):
        if table["rows"]:
            row = _write_rows(sheet, table, row + 1, heading=table["name"])
    row += 1
    for note in payload["notes"]:
        _write_across(sheet, row, note)
        row += 1


def _write_across(sheet: Worksheet, row: int, text: str, *, size: float = BODY, is_bold: bool = False) -> None:
    """Write text over the width of the figures, as high as it needs."""
    cell = _write(sheet, row, 1, text, size=size, is_bold=is_bold)
    cell.alignment = Alignment("left", "center", wrap_text=True)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(FIGURES_WIDTHS))
    sheet.row_dimensions[row].height = _height(
        line_count(text, sum(FIGURES_WIDTHS) - PADDING, size, is_bold=is_bold), size
    )


def _write_table(sheet: Worksheet, table: dict[str, Any]) -> None:
    set_widths(sheet, (column["width"] for column in table["columns"]))
    _write_rows(sheet, table, 1)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    if table["rows"]:
        sheet.auto_filter.ref = sheet.dimensions


def _write_rows(sheet: Worksheet, table: dict[str, Any], row: int, heading: str | None = None) -> int:
    """Write header and rows from this row on; return the row below."""
    if heading is not None:
        _write(sheet, row, 1, heading, is_bold=True)
        row += 1
    lines = 1
    for index, column in enumerate(table["columns"], start=1):
        title, width = column["title"], column["width"] - PADDING
        size = fitting(title, width, HEADERS, is_bold=True)
        _write(sheet, row, index, title, size=size, is_bold=True, is_boxed=True, is_header=True)
        lines = max(lines, line_count(title, width, size, is_bold=True))
    sheet.row_dimensions[row].height = _height(lines)
    for values in table["rows"]:
        row += 1
        lines = 1
        for index, (value, column) in enumerate(zip(values, table["columns"], strict=True), start=1):
            _write(sheet, row, index, value, type_=column["type"], is_boxed=True)
            lines = max(lines, line_count(str(value), column["width"] - PADDING, BODY))
        sheet.row_dimensions[row].height = _height(lines)
    return row + 1


def _write_paragraphs(sheet: Worksheet, payload: dict[str, Any]) -> None:
    set_widths(sheet, [PARAGRAPH_WIDTH])
    row = 1
    for _language, text in payload["paragraphs"]:
        cell = _write(sheet, row, 1, text)
        cell.alignment = Alignment("left", "top", wrap_text=True)
        lines = line_count(text, PARAGRAPH_WIDTH - PADDING, BODY) + 1
        last = row + (lines - 1) // LINES_A_ROW
        for each in range(row, last + 1):
            sheet.row_dimensions[each].height = min(lines, LINES_A_ROW) * BODY * LINE
        if last > row:
            sheet.merge_cells(start_row=row, start_column=1, end_row=last, end_column=1)
        row = last + 2


def _write(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Any,
    *,
    type_: str = "text",
    size: float = BODY,
    is_bold: bool = False,
    is_boxed: bool = False,
    is_header: bool = False,
) -> Any:
    """Write one cell: a number as a number, a day as a day, text as text and never as a formula."""
    cell: Any = sheet.cell(row, column)
    if type_ == "number" and value is not None:
        cell.value, cell.number_format = int(value), "#,##0"
    elif type_ == "day" and value:
        cell.value, cell.number_format = date.fromisoformat(value), "yyyy-mm-dd"
    else:
        text = legal(str(value))
        cell.value = text
        if text:
            cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    cell.font = Font(name=FONT, size=size, bold=is_bold)
    cell.alignment = Alignment("right" if type_ == "number" else "left", "center", wrap_text=type_ == "text")
    if is_boxed:
        cell.border = BOX
    if is_header:
        cell.fill = SHADE
    return cell


def _set_page(sheet: Worksheet, payload: dict[str, Any]) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page = WORDS[payload["language"]]["page"].format(page="&P", pages="&N")
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(page))


def _tab(name: str) -> str:
    """Return a name that a sheet's tab may have."""
    return "".join(" " if character in "[]:*?/\\" else character for character in name)[:31]


def _height(lines: int, size: float = BODY) -> float:
    return max(18.0, lines * size * LINE + 4)
