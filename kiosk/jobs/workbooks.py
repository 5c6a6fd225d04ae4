"""Workbooks written in memory. openpyxl puts each sheet into a file of the system's temporary folder first; a job that
is killed meanwhile, as after its time is up, would leave everybody's names there for good.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


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
