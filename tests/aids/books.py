"""Workbooks for tests, made part by part: what no library writes can be put into them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def book_file(*sheets: str, parts: Mapping[str, str] | None = None, states: Sequence[str] = (), pr: str = "") -> bytes:
    """Return a workbook of the sheets' XML (what stands within <worksheet>), with other parts as they are given."""
    files = {"[Content_Types].xml": TYPES}
    listed, related = "", '<Relationship Id="s" Type="x/styles" Target="styles.xml"/>'
    related += '<Relationship Id="t" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    for number, sheet in enumerate(sheets, start=1):
        state = f' state="{states[number - 1]}"' if states else ""
        listed += f'<sheet name="S{number}" sheetId="{number}"{state} r:id="r{number}"/>'
        related += f'<Relationship Id="r{number}" Type="x/worksheet" Target="worksheets/s{number}.xml"/>'
        files[f"xl/worksheets/s{number}.xml"] = f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{pr}<sheets>{listed}</sheets></workbook>'
    )
    files["xl/_rels/workbook.xml.rels"] = f"<Relationships>{related}</Relationships>"
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | dict(parts or {})).items():
            archive.writestr(name, content)
    return file.getvalue()


def rows_by_number(sheet: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return a sheet's rows as the job gives them, by their number."""
    return dict(sheet["rows"])


def marks_by_place(sheet: Mapping[str, Any]) -> dict[tuple[int, int], tuple[str, str]]:
    """Return a sheet's marks as the job gives them, by row and column."""
    return {(row, column): (code, was) for row, column, code, was in sheet["marks"]}
