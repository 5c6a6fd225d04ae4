"""Read a table that somebody sent: XLSX or CSV in, rows of text out. A job: a hostile file ends this process only.

The answer is JSON: `{"rows": [[text, …], …], "merges": [[row, column, row, column], …]}`, rows from the file's first,
counted from 0; or `{"problem": code}` with a code of services/refusals.TableCode.
"""

from __future__ import annotations

import contextlib
import csv
import json
import resource
import zipfile
from base64 import b64decode
from collections.abc import Iterable
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

MOST_ROWS = 5_000
MOST_COLUMNS = 60  # what stands further right is left out: a file with a cell in XFD1 is no table of 16,384 columns
LONGEST_CELL = 500
MOST_UNPACKED = 80 * 2**20  # bytes; 5,000 rows of 60 columns take some 20 MB
MOST_PARTS = 500
MOST_MERGES = 20_000
MOST_TEXT = 4_000_000  # characters of all cells: 5,000 rows of a long list have one million
SECONDS, MEMORY = 20, 2**30  # of the processor, and bytes: what is left when every other guard was passed
DELIMITERS = ",;\t，；"
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# What openpyxl raises for parts that are missing or wrong; and where the archive is damaged, encrypted or packed in a
# way that is not known.
WRONG_PARTS = zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError
DAMAGED = OSError, EOFError, RuntimeError
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx behind a password


class Unreadable(Exception):
    """`code` is one of services/refusals.TableCode."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: `file` is the file in base64."""
    with contextlib.suppress(ValueError, OSError):  # not everywhere; the guards below stand without it
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        answer: dict[str, Any] = read(b64decode(payload["file"]))
    except Unreadable as error:
        answer = {"problem": error.code}
    except MemoryError:
        answer = {"problem": "too_big"}
    return json.dumps(answer, ensure_ascii=False).encode()


def read(content: bytes) -> dict[str, Any]:
    """Return rows and merges of the first sheet that holds anything; raise Unreadable."""
    if content.startswith(OLD_OFFICE):
        raise Unreadable("old_format")
    if content.startswith(b"PK"):
        return _read_xlsx(content)
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8")):
        raise Unreadable("no_table")
    return {"rows": _read_csv(content), "merges": []}


def _read_xlsx(content: bytes) -> dict[str, Any]:
    try:
        _check_archive(content)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            rows = _rows(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True))
            if any(any(row) for row in rows):
                return {"rows": rows, "merges": _merges(content, sheet._worksheet_path)}  # type: ignore[attr-defined]
        raise Unreadable("empty_table")
    except DefusedXmlException as error:
        raise Unreadable("hostile") from error
    except (*WRONG_PARTS, *DAMAGED) as error:
        raise Unreadable("no_workbook") from error


def _check_archive(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        # A part whose header lies about its size is cut off there by zipfile, and fails its checksum.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Unreadable("too_big")
        if "[Content_Types].xml" not in {part.filename for part in parts}:
            raise Unreadable("no_workbook")


def _merges(content: bytes, path: str) -> list[list[int]]:
    """Return merged cells, which openpyxl does not keep when it reads row by row; of two that overlap, the first."""
    merges: list[list[int]] = []
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open(path.lstrip("/")) as part:
        for _, element in iterparse(part):
            if element.tag == f"{NAMESPACE}mergeCell" and len(merges) < MOST_MERGES:
                left, top, right, bottom = (int(number or 0) for number in range_boundaries(element.get("ref", "")))
                merges.append([top - 1, left - 1, min(bottom, MOST_ROWS) - 1, min(right, MOST_COLUMNS) - 1])
            element.clear()
    return _apart(merges)


def _apart(merges: list[list[int]]) -> list[list[int]]:
    """Leave out what overlaps in its first column, as no program writes it: no cell is to be filled twice."""
    ends: dict[int, int] = {}  # by column: the last row that is taken
    apart: list[list[int]] = []
    for merge in sorted(merges):
        top, left, bottom, _right = merge
        if top > ends.get(left, -1):
            apart.append(merge)
            ends[left] = max(bottom, top)
    return apart


def _read_csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    csv.field_size_limit(100_000)
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(DELIMITERS, key=head.count)
    try:
        rows = _rows(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable("no_table") from error
    if not any(any(row) for row in rows):
        raise Unreadable("empty_table")
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)  # Excel's "Unicode text"
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("no_table")


def _rows(source: Iterable[Iterable[Any]]) -> list[list[str]]:
    rows: list[list[str]] = []
    room = MOST_TEXT
    for row in source:
        rows.append([_text(value) for value in row][:MOST_COLUMNS])
        room -= sum(map(len, rows[-1]))
        if room < 0:
            raise Unreadable("too_big")
        while rows[-1] and not rows[-1][-1]:
            rows[-1].pop()
        if len(rows) > MOST_ROWS:
            if not rows[-1]:  # formatted, not filled
                rows.pop()
                continue
            raise Unreadable("too_many_rows")
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _text(value: Any) -> str:
    """Return a cell as it reads: a mobile that is kept as a number has no `.0`, a day no midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value).strip()[: LONGEST_CELL + 1]
