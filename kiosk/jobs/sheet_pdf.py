"""The sign-in sheet as PDF: A4 upright, its header row on every page, rows that a pen fits in. A job.

Nothing is clipped: a cell has as many lines as it needs. What closes the sheet, from the totals to the stamp, stands
together, with rows of the table above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .paper import A4_HEIGHT, A4_WIDTH, INK, QUIET, Paper, Text
from .qr_paper import draw_code

MARGIN = 12.0  # mm
TOP = 14.0
WIDTH = A4_WIDTH - 2 * MARGIN
BOTTOM = A4_HEIGHT - 17.0  # below it the page's foot
ROW = 9.5  # mm at least; nine are promised
PADDING = 1.2  # mm on each side of a cell
BODY, SMALL, SMALLEST = 10.5, 9.0, 8.0  # points: 五号 and 小五; the last for what must not be broken
LINES = 3  # of BODY in a cell, before it is set smaller
SHORT = {"number", "mobile", "student_no", "hours", "certificate_no"}  # in one line, if they can be read so
CENTRED = {"number", "name", "mobile", "signed_in_at", "student_no", "came_at", "left_at", "hours", "grade"}
SHADE, LINE = 235, 90  # greys: behind the header, and of the lines
SIGNING = 14.0  # mm for a line to sign on
DATE = 46.0  # mm for its date
CODE = 24.0  # mm, the side of the QR code
GAP = 6.0  # mm between two totals
FEW = 2  # rows that stand above the close, where it needs a page of its own


@dataclass(frozen=True)
class MeasuredRow:
    """A row, measured; `height` in mm."""

    texts: tuple[Text, ...]
    height: float


@dataclass(frozen=True)
class Close:
    """What follows the table: totals, lines to sign on, stamp. `height` in mm."""

    foot: tuple[tuple[Text, ...], ...]  # lines of totals
    signing: tuple[Text, ...]
    date: Text
    stamp: tuple[Text, ...]
    height: float


class DrawnTable:
    """Measures and draws the cells. Offices repeat themselves: one enterprise is measured once."""

    def __init__(self, paper: Paper, columns: Sequence[dict[str, Any]]) -> None:
        whole = sum(column["width"] for column in columns)
        self.paper = paper
        self.keys = [column["key"] for column in columns]
        self.widths = [column["width"] * WIDTH / whole for column in columns]
        self._known: dict[tuple[str, float], Text] = {}
        titles = zip((column["title"] for column in columns), self.widths, strict=True)
        self.header = _row(self._title(title, width - 2 * PADDING) for title, width in titles)

    def row(self, cells: Sequence[str]) -> MeasuredRow:
        """Measure a row."""
        parts = zip(cells, self.keys, self.widths, strict=True)
        return _row(self._text(cell, width - 2 * PADDING, key in SHORT) for cell, key, width in parts)

    def draw(self, row: MeasuredRow, y: float, *, is_header: bool = False) -> float:
        """Draw a row with its lower line at `y` and below; return the y below it."""
        paper, x = self.paper, MARGIN
        if is_header:
            paper.set_fill_color(SHADE, SHADE, SHADE)
            paper.rect(MARGIN, y, WIDTH, row.height, style="F")
        for text, key, width in zip(row.texts, self.keys, self.widths, strict=True):
            if text.lines != ("",):
                align = "C" if is_header or key in CENTRED else "L"
                top = y + (row.height - text.height) / 2
                paper.draw(text, x=x + PADDING, y=top, width=width - 2 * PADDING, align=align)
            x += width
        return y + row.height

    def rule(self, edges: Sequence[float]) -> None:
        """Draw the lines of a page's table: along the rows' edges, and down the columns."""
        paper, x = self.paper, MARGIN
        paper.set_draw_color(LINE, LINE, LINE)
        paper.set_line_width(0.2)
        for y in edges:
            paper.line(MARGIN, y, MARGIN + WIDTH, y)
        for width in (0.0, *self.widths):
            x += width
            paper.line(x, edges[0], x, edges[-1])

    def _title(self, title: str, width: float) -> Text:
        text = self.paper.fit(title, width, sizes=(BODY, SMALL), bold=True)
        return text if text.size >= SMALL else self.paper.fit(title, width, sizes=(SMALL, 6), max_lines=2, bold=True)

    def _text(self, cell: str, width: float, is_short: bool) -> Text:
        known = self._known.get((cell, width))
        if known is None:
            known = self._known[cell, width] = self._measured(cell, width, is_short)
        return known

    def _measured(self, cell: str, width: float, is_short: bool) -> Text:
        if is_short:
            text = self.paper.fit(cell, width, sizes=(BODY, SMALLEST))
            if text.size >= SMALLEST:
                return text
        text = Text(self.paper.broken(cell, width, BODY), BODY)
        return text if len(text.lines) <= LINES else Text(self.paper.broken(cell, width, SMALL), SMALL)


def _row(texts: Iterable[Text]) -> MeasuredRow:
    row = tuple(texts)
    return MeasuredRow(row, max(ROW, *(text.height + 2 * PADDING for text in row)))


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is a services.sheet_model.SheetModel as a dict. Returns the PDF."""
    paper = Paper(title=payload["title"], language=payload["language"])
    paper.set_creation_date(datetime.fromisoformat(payload["made_at"]))
    table = DrawnTable(paper, payload["columns"])
    head = _head(paper, payload)
    close = _close(paper, payload)
    head_height = sum(text.height + space for text, space in head)
    pages = paged([table.row(cells) for cells in payload["rows"]], table.header.height, head_height, close.height)
    for number, rows in enumerate(pages, start=1):
        paper.add_page()
        y = _draw_head(paper, head) if number == 1 else TOP
        edges = [y]
        y = table.draw(table.header, y, is_header=True)
        for row in rows:
            edges.append(y)
            y = table.draw(row, y)
        table.rule([*edges, y])
        if number == len(pages):
            _draw_close(paper, payload, close, y)
        _draw_foot(paper, payload, number, len(pages))
    return bytes(paper.output())


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


def _head(paper: Paper, payload: dict[str, Any]) -> list[tuple[Text, float]]:
    """Measure title and header lines, each with the space below it in mm."""
    texts = [(paper.fit(payload["title"], WIDTH, sizes=(18, 11), max_lines=2, bold=True), 2.5)]
    texts += [(Text(paper.broken(line, WIDTH, 11), 11), 0.5) for line in payload["lines"]]
    return [*texts[:-1], (texts[-1][0], 3.0)]


def _draw_head(paper: Paper, head: Sequence[tuple[Text, float]]) -> float:
    y = TOP
    for number, (text, space) in enumerate(head):
        y = paper.draw(text, x=MARGIN, y=y, width=WIDTH, align="L" if number else "C") + space
    return y


def _close(paper: Paper, payload: dict[str, Any]) -> Close:
    stamp = payload["stamp"]
    foot = _foot(paper, [f"{label} {value}" for label, value in payload["foot"]])
    signing = tuple(paper.fit(label, WIDTH / 2, sizes=(11, 8)) for label in payload["signing"])
    date = paper.fit(payload["date"], DATE / 2, sizes=(11, 8))
    texts = stamp["lines"] if stamp else []
    lines = tuple(Text(paper.broken(text, WIDTH - CODE - GAP, SMALLEST), SMALLEST) for text in texts)
    height = 3 + sum(line[0].height for line in foot) + len(signing) * SIGNING
    if stamp:
        height += GAP + max(CODE, sum(text.height for text in lines))
    return Close(foot, signing, date, lines, height)


def _foot(paper: Paper, totals: Sequence[str]) -> tuple[tuple[Text, ...], ...]:
    """Set the totals side by side, as many in a line as it holds; a total stays in one piece."""
    lines: list[list[Text]] = []
    x = 0.0
    for total in totals:
        text = paper.fit(total, WIDTH, sizes=(BODY, 6))
        wide = paper.width_of(text.lines[0], text.size)
        if not lines or x + wide > WIDTH:
            lines.append([])
            x = 0.0
        lines[-1].append(text)
        x += wide + GAP
    return tuple(map(tuple, lines))


def _draw_close(paper: Paper, payload: dict[str, Any], close: Close, y: float) -> None:
    y += 3
    for line in close.foot:
        x = MARGIN
        for text in line:
            paper.draw(text, x=x, y=y, width=WIDTH, align="L")
            x += paper.width_of(text.lines[0], text.size) + GAP
        y += line[0].height
    for label in close.signing:
        y += SIGNING
        _draw_line(paper, label, MARGIN, WIDTH - DATE - GAP, y)
        _draw_line(paper, close.date, MARGIN + WIDTH - DATE, DATE, y)
    if not payload["stamp"]:
        return
    y += GAP
    draw_code(paper, payload["stamp"]["address"], MARGIN, y, CODE)
    top = y + max(0.0, (CODE - sum(text.height for text in close.stamp)) / 2)
    for text in close.stamp:
        top = paper.draw(text, x=MARGIN + CODE + GAP, y=top, width=WIDTH - CODE - GAP, align="L")


def _draw_line(paper: Paper, label: Text, x: float, width: float, y: float) -> None:
    """Draw a label and, to its right, a line to write on at `y`."""
    wide = paper.width_of(label.lines[0], label.size)
    paper.draw(label, x=x, y=y - label.height, width=wide, align="L")
    paper.set_draw_color(*INK)
    paper.set_line_width(0.2)
    paper.line(x + wide + 1, y, x + width, y)


def _draw_foot(paper: Paper, payload: dict[str, Any], page: int, count: int) -> None:
    y = BOTTOM + 4
    number = paper.fit(payload["page"].format(page=page, pages=count), 60, sizes=(9, 7))
    footer = payload["title"]
    if payload["stamp"]:
        footer += f" · {payload['stamp']['lines'][0]}"
    paper.draw(paper.fit(footer, WIDTH - 50, sizes=(9, 5)), x=MARGIN, y=y, width=WIDTH, align="L", ink=QUIET)
    paper.draw(number, x=A4_WIDTH - MARGIN - paper.width_of(number.lines[0], 9), y=y, width=60, align="L")
