"""LibreOffice without a window, with a profile of its own: what a sheet becomes when somebody opens it."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import pytest

CSV_AS_UTF8 = "CSV:44,34,76,1"  # comma, quote, UTF-8, from line 1: what the import dialogue proposes
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@dataclass(frozen=True)
class OpenedCell:
    """A cell as LibreOffice has it: "string", "float" …, its formula if it became one, what it shows."""

    type: str
    formula: str | None
    shown: str


def soffice() -> str:
    """Return the program; skip without it, fail where CI is set."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing")
        pytest.skip("LibreOffice is missing")
    return found


def convert(file: Path, ending: str, *, infilter: str | None = None) -> Path:
    """Let LibreOffice open the file and save it with another ending, beside it."""
    command = [soffice(), f"-env:UserInstallation={(file.parent / 'profile').as_uri()}", "--headless"]
    if infilter is not None:
        command.append(f"--infilter={infilter}")
    command += ["--convert-to", ending, "--outdir", str(file.parent), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    made = file.with_suffix(f".{ending}")
    assert made.exists(), done.stdout + done.stderr
    return made


def open_cells(file: Path, *, infilter: str | None = None) -> dict[str, OpenedCell]:
    """Return every cell with content, by what it shows."""
    tree = ElementTree.parse(convert(file, "fods", infilter=infilter))
    cells = {}
    for cell in tree.iter(f"{_TABLE}table-cell"):
        shown = "".join("".join(paragraph.itertext()) for paragraph in cell.iter(f"{_TEXT}p"))
        if shown:
            cells[shown] = OpenedCell(cell.get(f"{_OFFICE}value-type", ""), cell.get(f"{_TABLE}formula"), shown)
    return cells
