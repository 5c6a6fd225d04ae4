"""LibreOffice without a window, with a profile of its own: what a sheet becomes when somebody opens it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.aids import fonts
from tests.aids.fonts import FontSet
from tests.aids.tools import missing, need

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
    return need("soffice")


def writer() -> str:
    """Return the program when it can open documents too, which is a package of its own."""
    program = soffice()
    if not (Path(program).resolve().parent / "libswlo.so").exists():
        missing("LibreOffice Writer")
    return program


@cache
def _profile() -> str:
    """Return the address of a profile for this run: making one is half of what a start of LibreOffice costs."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder.as_uri()


def convert(file: Path, ending: str, *, infilter: str | None = None) -> Path:
    """Let LibreOffice open the file and save it with another ending, beside it."""
    (made,) = convert_all([file], ending, infilter=infilter)
    return made


def convert_all(
    files: Sequence[Path], ending: str, *, infilter: str | None = None, drawn_with: FontSet = "noto"
) -> list[Path]:
    """Let LibreOffice open files of one folder and save them with another ending, beside them; it starts once."""
    environ = {**os.environ, **fonts.environ(drawn_with)}
    program = writer() if any(file.suffix == ".docx" for file in files) else soffice()
    folder = files[0].parent
    command = [program, f"-env:UserInstallation={_profile()}", "--headless"]
    if infilter is not None:
        command.append(f"--infilter={infilter}")
    command += ["--convert-to", ending, "--outdir", str(folder), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environ)
    made = [file.with_suffix(f".{ending}") for file in files]
    assert all(file.exists() for file in made), done.stdout + done.stderr
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
