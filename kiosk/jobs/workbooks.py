"""Workbooks written in memory. openpyxl puts each sheet into a file of the system's temporary folder first; a job that
is killed meanwhile, as after its time is up, would leave everybody's names there for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter


def new_book() -> Workbook:
    """Return a workbook whose column widths count digits of Arial, which more programs have than openpyxl's Calibri.

    Where neither Arial nor its twin Liberation Sans is installed they come out wider, and the page is shrunk to fit.
    """
    book = Workbook()
    default = book._named_styles["Normal"]  # type: ignore[attr-defined]  # openpyxl has no public name for it
    default.font = Font(name="Arial", size=10, family=2)
    default.bind(book)
    return book


def set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    """Set the columns' widths, given in mm; spreadsheets count digits of 7 pixels and 5 beside them, at 96 an inch."""
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = round((width * 96 / 25.4 - 5) / 7, 2)


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
