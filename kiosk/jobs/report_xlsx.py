"""The campaign's report as a workbook: numbers are numbers, days are days, everything else is text. A job."""

from __future__ import annotations

from datetime import date
from typing import Any

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from .lines import LINE, fitting, line_count
from .words import REPORT as WORDS
from .workbooks import FONT, SHADE, boxed, bytes_of, new_book, set_page, set_text, set_widths

BODY, HEADING = 10.5, 15  # points
HEADERS = BODY, 9, 8  # points: the first in which the words of a column's title are whole
BOX = boxed("A0A0A0")
FIGURES_WIDTHS = (65, 23, 23, 23, 23, 23)  # mm: a label, and as many figures as a table by kind has
PARAGRAPH_WIDTH = 150  # mm
LINES_A_ROW = 25  # a row is 409 points high at most; a longer paragraph is given several
PADDING = 3  # mm beside the text of a cell


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: a services.reports.papers.ReportPaper as a dict gives the workbook's bytes."""
    book = new_book(payload["title"])
    words = WORDS[payload["language"]]
    first: Worksheet = book.active  # type: ignore[assignment]
    _write_figures(first, payload)
    for name in ("districts", "events", "organisations"):
        table = payload[name]
        _write_table(book.create_sheet(_tab(table["name"])), table)
    _write_paragraphs(book.create_sheet(_tab(words["paragraph"])), payload)
    for sheet in book.worksheets:
        set_page(sheet, words["page"].format(page="&P", pages="&N"))
    return bytes_of(book)


def _write_figures(sheet: Worksheet, payload: dict[str, Any]) -> None:
    """Write the title, the headline figures, and by kind and by hand what is counted."""
    sheet.title = _tab(WORDS[payload["language"]]["figures"])
    set_widths(sheet, FIGURES_WIDTHS)
    _write_across(sheet, 1, payload["title"], size=HEADING, is_bold=True)
    for row, line in enumerate(payload["lines"], start=2):
        _write_across(sheet, row, line)
    row = 3 + len(payload["lines"])
    for label, count in payload["figures"]:
        _write(sheet, row, 1, label, is_boxed=True)
        _write(sheet, row, 2, count, type_="number", is_boxed=True)
        row += 1
    for table in (payload["kinds"], payload["counted"]):
        if table["rows"]:
            row = _write_rows(sheet, table, row + 1, heading=table["name"])
    for below, note in enumerate(payload["notes"], start=row + 1):
        _write_across(sheet, below, note)


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
    columns = table["columns"]
    titles = [{**column, "type": "text"} for column in columns]
    _write_row(sheet, row, [column["title"] for column in columns], titles, is_header=True)
    for values in table["rows"]:
        row += 1
        _write_row(sheet, row, values, columns)
    return row + 1


def _write_row(
    sheet: Worksheet, row: int, values: list[Any], columns: list[dict[str, Any]], *, is_header: bool = False
) -> None:
    lines = 1
    for index, (value, column) in enumerate(zip(values, columns, strict=True), start=1):
        width = column["width"] - PADDING
        size = fitting(value, width, HEADERS, is_bold=True) if is_header else BODY
        cell = _write(sheet, row, index, value, type_=column["type"], size=size, is_bold=is_header, is_boxed=True)
        if is_header:
            cell.fill = SHADE
        lines = max(lines, line_count(str(value), width, size, is_bold=is_header))
    sheet.row_dimensions[row].height = _height(lines)


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
) -> Any:
    """Write one cell: a number as a number, a day as a day, text as text and never as a formula."""
    cell: Any = sheet.cell(row, column)
    if type_ == "number" and value is not None:
        cell.value, cell.number_format = int(value), "#,##0"
    elif type_ == "day" and value:
        cell.value, cell.number_format = date.fromisoformat(value), "yyyy-mm-dd"
    else:
        set_text(cell, str(value))
    cell.font = Font(name=FONT, size=size, bold=is_bold)
    cell.alignment = Alignment("right" if type_ == "number" else "left", "center", wrap_text=type_ == "text")
    if is_boxed:
        cell.border = BOX
    return cell


def _tab(name: str) -> str:
    """Return a name that a sheet's tab may have."""
    return "".join(" " if character in "[]:*?/\\" else character for character in name)[:31]


def _height(lines: int, size: float = BODY) -> float:
    return max(18.0, lines * size * LINE + 4)
