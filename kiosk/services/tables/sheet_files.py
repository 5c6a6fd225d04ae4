"""A sheet as a file: PDF, XLSX and DOCX are drawn by jobs, CSV here (docs/product.md 4.1)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from io import StringIO
from typing import Any

from kiosk.clock import utcnow
from kiosk.jobs import fonts
from kiosk.jobs.runner import TIMEOUT, run_job
from kiosk.services.names import composed
from kiosk.services.tables.sheet_model import SheetModel, all_text, stamp_lines
from kiosk.services.tables.sheet_words import WORDS

LONG_NUMBER = 8  # digits: from here on it is somebody's number, not an amount
# The wide ones too: spreadsheets with East Asian settings calculate them.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
# What begins like something that we have put an apostrophe before gets one too: reading takes one off.
ESCAPED = (*FORMULA_STARTS, *(f"'{begins}" for begins in (*FORMULA_STARTS, "'")))
ROWS_A_SECOND = 40  # that the slowest writer manages on a busy machine; for the patience with long sheets


OFFICE = "application/vnd.openxmlformats-officedocument"
# Each ending with its media type. CSV is written here, the others are drawn by jobs of their names.
FORMATS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "csv": "text/csv",
}


def render(model: SheetModel, ending: str) -> bytes:
    """Return the sheet as a file of FORMATS; raises jobs.runner.JobFailed."""
    if ending == "csv":
        return csv_bytes(model)
    if ending == "xlsx":
        model = replace(model, rows=tuple(tuple(map(_kept, row)) for row in model.rows))
    return run_job(f"sheet_{ending}", _payload(model), timeout=max(TIMEOUT, len(model.rows) / ROWS_A_SECOND))


def csv_bytes(model: SheetModel) -> bytes:
    """Return header row and rows as CSV: UTF-8 with BOM, CRLF (RFC 4180), every field in quotes.

    Title, foot and stamp stay out, so that the first row names the columns and every other one is a person; a frozen
    CSV is known by its file's hash. A field that spreadsheets would calculate (it begins with = + - @ or a tab) gets
    an apostrophe in front, which makes it text everywhere and is seen in the cell; the workbook has no need of it. A
    mobile or a number ends in a tab, which is not seen and keeps spreadsheets from taking its digits for a quantity
    (docs/decisions/0005-numbers-in-csv.md).
    """
    rows = ([column.title for column in model.columns], *model.rows)
    return csv_of(map(harmless, row) for row in rows)


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as CSV: UTF-8 with BOM, CRLF (RFC 4180), every field in quotes."""
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def uncovered_in(model: SheetModel) -> tuple[str, ...]:
    """Return the characters of the sheet that the PDF prints as 〓, because its fonts lack them.

    Workbook and document have them all: there the reader's own fonts write. About 1 ms for 400 rows.
    """
    used = set(composed("\n".join(all_text(model))))
    return tuple(sorted(fonts.uncovered("\n".join(sorted(used)))))


def _payload(model: SheetModel) -> dict[str, Any]:
    """Return the model as plain JSON: what stands in one line as one text, the stamp as its lines and its address."""
    words, stamp = WORDS[model.language], model.stamp
    colon = words["colon"]
    return asdict(replace(model, refs=())) | {
        "lines": [colon.join(pair) for pair in model.lines],
        "signing": [f"{label}{colon}" for label in model.signing],
        "date": f"{words['date']}{colon}",
        "page": words["page"],
        "made_at": (utcnow() if stamp is None else stamp.frozen_at).isoformat(),
        "stamp": stamp and {"address": stamp.address, "lines": [colon.join(pair) for pair in stamp_lines(model)]},
    }


def _kept(cell: str) -> str:
    """Return a cell of a workbook, which needs no apostrophe, as reading gives it back: with all of its own."""
    return f"'{cell}" if cell.startswith("'") and cell.startswith(ESCAPED) else cell


def harmless(cell: str) -> str:
    """Return a cell of CSV as spreadsheets leave it alone (docs/decisions/0005-numbers-in-csv.md)."""
    if cell.startswith(ESCAPED):
        return f"'{cell}"
    is_number = cell.isdigit() and (len(cell) >= LONG_NUMBER or cell.startswith("0"))
    return f"{cell}\t" if is_number else cell
