"""A PDF as another program draws it: its first page, and one cell of the table on it."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.aids.tools import need

DPI = 200
MM = DPI / 25.4
WORD = "{http://www.w3.org/1999/xhtml}word"


@dataclass(frozen=True)
class DrawnPage:
    """The picture of a page in grey, and where its words stand, in pixels: text, left, top, right, bottom."""

    picture: Image.Image
    words: tuple[tuple[str, float, float, float, float], ...]

    def cell(self, row: str, column: str, *, width: float, height: float = 8.6) -> Image.Image:
        """Return the inside of the cell beside the word `row`, below the word `column`; its size in mm."""
        _text, _left, top, _right, bottom = self._word(row)
        _text, left, _top, right, _bottom = self._word(column)
        x, y = (left + right) / 2, (top + bottom) / 2
        across, down = width * MM / 2, height * MM / 2
        return self.picture.crop((round(x - across), round(y - down), round(x + across), round(y + down)))

    def _word(self, text: str) -> tuple[str, float, float, float, float]:
        return next(word for word in self.words if word[0] == text)


def _at(word: ElementTree.Element, edge: str) -> float:
    return float(word.attrib[edge]) * DPI / 72


def first_page(pdf: bytes) -> DrawnPage:
    """Draw the first page of a PDF."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.pdf"
        file.write_bytes(pdf)
        subprocess.run(
            [need("pdftoppm"), "-r", str(DPI), "-gray", "-singlefile", file, file.with_suffix("")], check=True
        )
        subprocess.run([need("pdftotext"), "-bbox", "-l", "1", file, file.with_suffix(".html")], check=True)
        words = ElementTree.parse(file.with_suffix(".html")).iter(WORD)
        placed = tuple(
            (one.text or "", _at(one, "xMin"), _at(one, "yMin"), _at(one, "xMax"), _at(one, "yMax")) for one in words
        )
        with Image.open(file.with_suffix(".pgm")) as picture:
            return DrawnPage(picture.copy(), placed)
