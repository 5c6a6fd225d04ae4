"""What every sheet of paper needs: an A4 document with the vendored fonts, and text that is never clipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fpdf import FPDF
from fpdf.fonts import TTFFont

from .fonts import BOLD, REGULAR, printable

A4_WIDTH, A4_HEIGHT = 210.0, 297.0  # mm
POINT = 25.4 / 72  # mm
LINE_HEIGHT = 1.32  # of the type size
CAP_HEIGHT = 0.733  # of the type size, from the font
FAMILY = "kiosk"
Ink = tuple[int, int, int]  # red, green, blue
INK: Ink = (0, 0, 0)
QUIET: Ink = (80, 80, 80)  # for labels; 8:1 on white, and still there on a photocopy
ALIGNED = {"L": 0.0, "C": 0.5, "R": 1.0}  # the share of a line's idle space that stands to its left

# 避头尾: what must not begin a line, and what must not end one.
NOT_FIRST = set("、，。；：？！）》」』】〕〉”’…·％%,.;:?!)]}々ー—")
NOT_LAST = set("（《「『【〔〈“‘([{")
PAUSES = set("，、；：）》」』】〕:;,)")
WORDS = re.compile(r"[0-9A-Za-z\u00c0-\u024f][^\s\u2e80-\uffef\U00020000-\U0003ffff]*|\s|.", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """Lines of one size, ready to be drawn. `size` is in points, `height` in mm."""

    lines: tuple[str, ...]
    size: float
    bold: bool = False

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * POINT * LINE_HEIGHT


@dataclass(frozen=True)
class Block:
    """Text among others below each other: the space above it in mm, its ink, and where it stands: L, C or R."""

    text: Text
    above: float = 0.0
    ink: Ink = INK
    align: str = "C"


def height_of(blocks: Iterable[Block]) -> float:
    """Return the height of blocks and of the spaces above them, in mm."""
    return sum(block.above + block.text.height for block in blocks)


def colour(written: str) -> Ink:
    """Return the ink that is written as "#rrggbb"."""
    red, green, blue = bytes.fromhex(written.removeprefix("#"))
    return red, green, blue


class Paper(FPDF):
    """An A4 document with both faces; sizes in points, places in mm, y grows downwards."""

    def __init__(self, *, title: str, language: str) -> None:
        super().__init__(unit="mm", format="A4")
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.add_font(FAMILY, "", REGULAR)
        self.add_font(FAMILY, "B", BOLD)
        # The bold face has the 8,106 characters of the test only; a rarer one is set in the regular face.
        bold = self.fonts[FAMILY + "B"]
        assert isinstance(bold, TTFFont)
        self._bold_points = frozenset(bold.cmap)
        self._advances: dict[tuple[str, str], float] = {}  # mm at 1 pt; fpdf2's own measuring is 40 times slower
        self.set_title(printable(title))
        self.set_lang("zh-CN" if language == "zh" else "en")
        self.set_creator("Kiosk")

    def close(self) -> None:
        """Let go of the font files. `output` has done so; a document that is never written must be closed."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def width_of(self, text: str, size: float, *, bold: bool = False) -> float:
        """Measure one line, in mm."""
        return sum(self._advance(self._style(character, bold), character) for character in text) * size

    def span(self, text: Text) -> float:
        """Measure the longest of the lines, in mm."""
        return max(self.width_of(line, text.size, bold=text.bold) for line in text.lines)

    def fit(
        self, text: str, width: float, *, sizes: tuple[float, float], max_lines: int = 1, bold: bool = False
    ) -> Text:
        """Set `text` in the largest of `sizes` (largest, smallest) that needs at most `max_lines` lines.

        The smallest size gives way too when the text would not fit: text shrinks, it is never clipped.
        """
        text = printable(text)
        size, smallest = sizes
        while True:
            lines = self.wrap(text, width, size, bold=bold)
            if len(lines) <= max_lines or size < 1:
                return Text(tuple(self._balanced(text, width, size, lines, bold=bold)), size, bold)
            size = size - 1 if size - 1 >= smallest else size * 0.95

    def wrap(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """Break `text` into lines of at most `width` mm: at spaces and between any two Chinese characters.

        A word longer than a line is broken anywhere.
        """
        lines, line = [], ""
        for piece in self._pieces(text, width, size, bold):
            if line and self.width_of((line + piece).rstrip(), size, bold=bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*lines, line.rstrip()] if line.strip() or not lines else lines

    def broken(self, text: str, width: float, size: float, *, bold: bool = False) -> Text:
        """Set `text` at this size, in as many lines as it needs."""
        return Text(tuple(self.wrap(printable(text), width, size, bold=bold)), size, bold)

    def draw(self, text: Text, *, x: float, y: float, width: float, align: str = "C", ink: Ink = INK) -> float:
        """Draw `text` with its top at `y`, between x and x + width: L, C or R; return the y below it."""
        step = text.size * POINT * LINE_HEIGHT
        for line in text.lines:
            spare = width - self.width_of(line, text.size, bold=text.bold)
            left = x + spare * ALIGNED[align]
            # The capitals' middle stands in the line's middle.
            self._draw_line(line, left, y + (step + text.size * POINT * CAP_HEIGHT) / 2, text, ink)
            y += step
        return y

    def draw_blocks(self, blocks: Iterable[Block], *, x: float, y: float, width: float) -> float:
        """Draw blocks below each other; return the y below them."""
        for block in blocks:
            y = self.draw(block.text, x=x, y=y + block.above, width=width, align=block.align, ink=block.ink)
        return y

    def rule(self, x: float, y: float, to_x: float, to_y: float, *, ink: Ink = INK, weight: float = 0.2) -> None:
        """Draw a line."""
        self.set_draw_color(*ink)
        self.set_line_width(weight)
        self.line(x, y, to_x, to_y)

    def fill(self, x: float, y: float, width: float, height: float, ink: Ink) -> None:
        """Fill a rectangle."""
        self.set_fill_color(*ink)
        self.rect(x, y, width, height, style="F")

    def _draw_line(self, line: str, x: float, baseline: float, text: Text, ink: Ink) -> None:
        self.set_text_color(*ink)
        for style, alike in groupby(line, key=lambda character: self._style(character, text.bold)):
            run = "".join(alike)
            self.set_font(FAMILY, style, text.size)
            self.text(x, baseline, run)
            x += self.get_string_width(run)

    def _style(self, character: str, bold: bool) -> str:
        return "B" if bold and ord(character) in self._bold_points else ""

    def _advance(self, style: str, character: str) -> float:
        known = self._advances.get((style, character))
        if known is None:
            self.set_font(FAMILY, style, 100)
            known = self._advances[style, character] = self.get_string_width(character) / 100
        return known

    def _pieces(self, text: str, width: float, size: float, bold: bool) -> list[str]:
        """Cut `text` into what a line break must not divide."""
        pieces: list[str] = []
        for word in WORDS.findall(text):
            parts = [word] if self.width_of(word, size, bold=bold) <= width else list(word)
            for part in parts:
                together = pieces and (part[0] in NOT_FIRST or pieces[-1][-1] in NOT_LAST)
                if together and self.width_of(pieces[-1] + part, size, bold=bold) <= width:
                    pieces[-1] += part
                else:
                    pieces.append(part)
        return pieces

    def _balanced(self, text: str, width: float, size: float, lines: list[str], *, bold: bool) -> list[str]:
        """Make the lines about equally long, without needing more of them; two lines part at a bracket or comma."""
        if len(lines) == 2 and (parted := self._parted(text, width, size, bold)):
            return parted
        narrow, wide = width / 2, width
        while len(lines) > 1 and wide - narrow > size * POINT / 4:
            middle = (narrow + wide) / 2
            attempt = self.wrap(text, middle, size, bold=bold)
            if len(attempt) <= len(lines):
                wide, lines = middle, attempt
            else:
                narrow = middle
        return lines

    def _parted(self, text: str, width: float, size: float, bold: bool) -> list[str] | None:
        """Part `text` in two where it pauses, if the shorter half is no stub: 质量提升行动 / （东湖区专场）."""
        best: tuple[float, list[str]] | None = None
        for index in range(1, len(text)):
            if text[index] in NOT_FIRST or not (text[index] in NOT_LAST or text[index - 1] in PAUSES):
                continue
            halves = [text[:index].rstrip(), text[index:].lstrip()]
            shorter, longer = sorted(self.width_of(half, size, bold=bold) for half in halves)
            if longer <= width and shorter >= 0.4 * longer and (best is None or shorter / longer > best[0]):
                best = (shorter / longer, halves)
        return best[1] if best else None


def one_page_each(things: Sequence[Any], draw: Callable[[Paper, Any], None]) -> bytes:
    """Return a PDF with a page for each of them, under the title and in the language of the first."""
    if not things:
        raise ValueError("A PDF needs at least one page.")
    paper = Paper(title=things[0].title, language=things[0].language)
    for thing in things:
        paper.add_page()
        draw(paper, thing)
    return bytes(paper.output())
