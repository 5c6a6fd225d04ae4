"""A table with lines around its cells, for paper that people write on: of the sign-in sheet and the emergency sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import ink_paper, lines
from .ink import Lines
from .paper import A4_WIDTH, INK, QUIET, Block, Ink, Paper, Text

MARGIN = 12.0  # mm
WIDTH = A4_WIDTH - 2 * MARGIN
PADDING = 1.2  # mm on each side of a cell
EDGE = 0.8  # mm above and below a signature
SHADE: Ink = (235, 235, 235)  # behind the header
LINE: Ink = (90, 90, 90)
CENTRED = lines.CENTRED | {"signature"}  # where it is printed that somebody need not sign


@dataclass(frozen=True)
class MeasuredRow:
    """A row, measured; `height` in mm."""

    texts: tuple[Text, ...]
    height: float
    ink: Ink = INK
    signed: tuple[tuple[int, Lines], ...] = ()  # drawn signatures, and the place of their cell


def measured(
    texts: Iterable[Text], least: float, ink: Ink = INK, signed: tuple[tuple[int, Lines], ...] = ()
) -> MeasuredRow:
    """Return a row as high as its highest cell, and at least so many mm."""
    row = tuple(texts)
    return MeasuredRow(row, max(least, *(text.height + 2 * PADDING for text in row)), ink, signed)


def head_of(title: Text, below: Iterable[Text], gap: float) -> list[Block]:
    """Return what stands above the table: the title and, `gap` mm below it, the lines."""
    return [Block(title), *(Block(text, 0.5 if number else gap, align="L") for number, text in enumerate(below))]


@dataclass(frozen=True)
class RuledTable:
    """Columns by key, with their widths in mm, and the header row."""

    keys: Sequence[str]
    widths: Sequence[float]
    header: MeasuredRow

    def draw(self, paper: Paper, rows: Sequence[MeasuredRow], y: float) -> float:
        """Draw header and rows of one page; return the y below them."""
        edges = [y]
        paper.fill(MARGIN, y, WIDTH, self.header.height, SHADE)
        for row in (self.header, *rows):
            x = MARGIN
            signed = dict(row.signed)
            for place, (text, key, width) in enumerate(zip(row.texts, self.keys, self.widths, strict=True)):
                if place in signed:
                    box = {
                        "x": x + PADDING,
                        "y": y + EDGE,
                        "width": width - 2 * PADDING,
                        "height": row.height - 2 * EDGE,
                    }
                    ink_paper.draw(paper, signed[place], **box)
                align = "C" if row is self.header or key in CENTRED else "L"
                top = y + (row.height - text.height) / 2
                paper.draw(text, x=x + PADDING, y=top, width=width - 2 * PADDING, align=align, ink=row.ink)
                x += width
            y += row.height
            edges.append(y)
        for edge in edges:
            paper.rule(MARGIN, edge, MARGIN + WIDTH, edge, ink=LINE)
        x = MARGIN
        for width in (0.0, *self.widths):
            x += width
            paper.rule(x, edges[0], x, edges[-1], ink=LINE)
        return y


def draw_foot(paper: Paper, text: Text, page: str, y: float) -> None:
    """Draw the foot of a page: a text, and flush right which page it is."""
    paper.draw(text, x=MARGIN, y=y, width=WIDTH, align="L", ink=QUIET)
    paper.draw(paper.fit(page, 60, sizes=(9, 7)), x=MARGIN, y=y, width=WIDTH, align="R")
