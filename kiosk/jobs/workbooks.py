"""Workbooks written in memory. openpyxl puts each sheet into a file of the system's temporary folder first; a job that
is killed meanwhile, as after its time is up, would leave everybody's names there for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from .archives import legal

FONT = "SimSun"  # where it is missing, programs take their own Chinese face
SHADE = PatternFill("solid", fgColor="EEEEEE")  # behind a header


def new_book(title: str) -> Workbook:
    """Return a workbook whose column widths count digits of Arial, which more programs have than openpyxl's Calibri.

    Where neither Arial nor its twin Liberation Sans is installed they come out wider, and the page is shrunk to fit.
    """
    book = Workbook()
    default = book._named_styles["Normal"]  # type: ignore[attr-defined]  # openpyxl has no public name for it
    default.font = Font(name="Arial", size=10, family=2)
    default.bind(book)
    book.properties.title, book.properties.creator = legal(title), "Kiosk"
    return book


def set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    """Set the columns' widths, given in mm; spreadsheets count digits of 7 pixels and 5 beside them, at 96 an inch."""
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = round((width * 96 / 25.4 - 5) / 7, 2)


def boxed(colour: str) -> Border:
    """Return a thin line around a cell."""
    side = Side("thin", color=colour)
    return Border(left=side, right=side, top=side, bottom=side)


def set_text(cell: Cell, text: str) -> None:
    """Write text as text: never a formula, never a number, also after somebody has edited the cell."""
    cell.value = legal(text)
    if text:
        cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def set_page(sheet: Worksheet, foot: str) -> None:
    """Print on A4 upright, as wide as the page, with this foot."""
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(foot))


def bytes_of(book: Workbook) -> bytes:
    """Return the workbook as a file."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        _Writer(book, archive).write_data()
    return file.getvalue()


class _Writer(ExcelWriter):
    def write_worksheet(self, ws: Any) -> None:
        """Write one sheet as ExcelWriter does, without a file in between."""
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        part = BytesIO()
        writer = WorksheetWriter(ws, out=part)
        writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined]  # the stubs leave out what is private
        self._archive.writestr(ws.path[1:], part.getvalue())  # type: ignore[attr-defined]
        self.manifest.append(ws)
