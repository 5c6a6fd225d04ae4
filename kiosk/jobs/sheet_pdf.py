"""The sign-in sheet as PDF: A4 upright, its header row on every page, rows that a pen fits in. A job.

Nothing is clipped: a cell has as many lines as it needs. What closes the sheet, from the totals to the stamp, stands
together, with rows of the table above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from .ink import is_drawn, lines_of
from .paper import A4_HEIGHT, Block, Paper, Text, height_of
from .qr_paper import draw_code
from .ruled_table import MARGIN, PADDING, WIDTH, MeasuredRow, RuledTable, draw_foot, head_of, measured

TOP = 14.0  # mm
BOTTOM = A4_HEIGHT - 17.0  # below it the page's foot
ROW = 9.5  # mm at least; nine are promised
BODY, SMALL, SMALLEST = 10.5, 9.0, 8.0  # points: 五号 and 小五; the last for what must not be broken
LINES = 3  # of BODY in a cell, before it is set smaller
SHORT = {"number", "mobile", "student_no", "hours", "certificate_no"}  # in one line, if they can be read so
HEAD_GAP = 3.0  # mm between the head and the table
SIGNING = 14.0  # mm for a line to sign on
DATE = 46.0  # mm for its date
CODE = 24.0  # mm, the side of the QR code
GAP = 6.0  # mm between two totals
FEW = 2  # rows that stand above the close, where it needs a page of its own


@dataclass(frozen=True)
class Close:
    """What follows the table: totals, lines to sign on, stamp. `height` in mm."""

    foot: Sequence[Sequence[Text]]  # lines of totals
    signing: Sequence[Text]
    date: Text
    stamp: Sequence[Block]
    height: float


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is services.tables.sheet_files' of a sheet. Returns the PDF."""
    paper = Paper(title=payload["title"], language=payload["language"])
    paper.set_creation_date(datetime.fromisoformat(payload["made_at"]))
    table = _table(paper, payload["columns"])
    title = paper.fit(payload["title"], WIDTH, sizes=(18, 11), max_lines=2, bold=True)
    head = head_of(title, [paper.broken(line, WIDTH, 11) for line in payload["lines"]], 2.5)
    close = _close(paper, payload)
    rows = _rows(paper, table, payload["rows"])
    pages = paged(rows, table.header.height, height_of(head) + HEAD_GAP, close.height)
    for number, on_page in enumerate(pages, start=1):
        paper.add_page()
        y = TOP if number > 1 else paper.draw_blocks(head, x=MARGIN, y=TOP, width=WIDTH) + HEAD_GAP
        y = table.draw(paper, on_page, y)
        if number == len(pages):
            _draw_close(paper, payload, close, y)
        mark = f" · {payload['stamp']['lines'][0]}" if payload["stamp"] else ""
        foot = paper.fit(payload["title"] + mark, WIDTH - 50, sizes=(9, 5))
        draw_foot(paper, foot, payload["page"].format(page=number, pages=len(pages)), BOTTOM + 4)
    return bytes(paper.output())


def _table(paper: Paper, columns: Sequence[dict[str, Any]]) -> RuledTable:
    whole = sum(column["width"] for column in columns)
    widths = [column["width"] * WIDTH / whole for column in columns]
    titles = zip((column["title"] for column in columns), widths, strict=True)
    header = measured((_title(paper, title, width - 2 * PADDING) for title, width in titles), ROW)
    return RuledTable([column["key"] for column in columns], widths, header)


def _title(paper: Paper, title: str, width: float) -> Text:
    text = paper.fit(title, width, sizes=(BODY, SMALL), bold=True)
    return text if text.size >= SMALL else paper.fit(title, width, sizes=(SMALL, 6), max_lines=2, bold=True)


def _rows(paper: Paper, table: RuledTable, rows: Sequence[Sequence[str]]) -> list[MeasuredRow]:
    """Measure the rows. Offices repeat themselves: one enterprise is measured once."""

    @cache
    def fitted(cell: str, width: float, is_short: bool) -> Text:
        if is_short:
            text = paper.fit(cell, width, sizes=(BODY, SMALLEST))
            if text.size >= SMALLEST:
                return text
        text = paper.broken(cell, width, BODY)
        return text if len(text.lines) <= LINES else paper.broken(cell, width, SMALL)

    columns = [(width - 2 * PADDING, key in SHORT) for key, width in zip(table.keys, table.widths, strict=True)]
    return [
        measured(
            (fitted("" if is_drawn(cell) else cell, *column) for cell, column in zip(cells, columns, strict=True)),
            ROW,
            signed=tuple((place, lines_of(cell)) for place, cell in enumerate(cells) if is_drawn(cell)),
        )
        for cells in rows
    ]


def paged(rows: Sequence[MeasuredRow], header: float, head: float, close: float) -> list[Sequence[MeasuredRow]]:
    """Fill the pages. The close stands below the last rows; where it does not fit, a few of them go along with it."""
    space = BOTTOM - TOP - header
    pages: list[list[MeasuredRow]] = [[]]
    left = space - head
    for row in rows:
        if row.height > left and pages[-1]:
            pages.append([])
            left = space
        pages[-1].append(row)
        left -= row.height
    if close > left and pages[-1]:
        few: list[MeasuredRow] = []
        while len(pages[-1]) > 1 and len(few) < FEW and close + pages[-1][-1].height <= space:
            few.insert(0, pages[-1].pop())
        pages.append(few)
    return list(pages)


def _close(paper: Paper, payload: dict[str, Any]) -> Close:
    foot = _foot(paper, [f"{label} {value}" for label, value in payload["foot"]])
    signing = [paper.fit(label, WIDTH / 2, sizes=(11, 8)) for label in payload["signing"]]
    date = paper.fit(payload["date"], DATE / 2, sizes=(11, 8))
    lines = payload["stamp"]["lines"] if payload["stamp"] else ()
    stamp = [Block(paper.broken(line, WIDTH - CODE - GAP, SMALLEST), align="L") for line in lines]
    height = 3 + sum(line[0].height for line in foot) + len(signing) * SIGNING
    if stamp:
        height += GAP + max(CODE, height_of(stamp))
    return Close(foot, signing, date, stamp, height)


def _foot(paper: Paper, totals: Sequence[str]) -> list[list[Text]]:
    """Set the totals side by side, as many in a line as it holds; a total stays in one piece."""
    lines: list[list[Text]] = []
    x = 0.0
    for total in totals:
        text = paper.fit(total, WIDTH, sizes=(BODY, 6))
        wide = paper.span(text)
        if not lines or x + wide > WIDTH:
            lines.append([])
            x = 0.0
        lines[-1].append(text)
        x += wide + GAP
    return lines


def _draw_close(paper: Paper, payload: dict[str, Any], close: Close, y: float) -> None:
    y += 3
    for line in close.foot:
        x = MARGIN
        for text in line:
            paper.draw(text, x=x, y=y, width=WIDTH, align="L")
            x += paper.span(text) + GAP
        y += line[0].height
    for label in close.signing:
        y += SIGNING
        _draw_line(paper, label, MARGIN, WIDTH - DATE - GAP, y)
        _draw_line(paper, close.date, MARGIN + WIDTH - DATE, DATE, y)
    if not close.stamp:
        return
    y += GAP
    draw_code(paper, payload["stamp"]["address"], MARGIN, y, CODE)
    top = y + max(0.0, (CODE - height_of(close.stamp)) / 2)
    paper.draw_blocks(close.stamp, x=MARGIN + CODE + GAP, y=top, width=WIDTH - CODE - GAP)


def _draw_line(paper: Paper, label: Text, x: float, width: float, y: float) -> None:
    """Draw a label and, to its right, a line to write on at `y`."""
    wide = paper.span(label)
    paper.draw(label, x=x, y=y - label.height, width=wide, align="L")
    paper.rule(x + wide + 1, y, x + width, y)
