"""The emergency sheet (应急签到表): A4 upright, from the roster, rows that a pen fits in. A job (docs/product.md
3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .paper import A4_HEIGHT, A4_WIDTH, INK, QUIET, Paper, Text
from .words import SHEET as WORDS

MARGIN = 12.0  # mm
WIDTH = A4_WIDTH - 2 * MARGIN
BOTTOM = A4_HEIGHT - 16.0  # below it the page number
ROW = 10.0  # mm; nine are promised
HEADER = 9.0
PADDING = 1.2  # mm on each side of a cell
BLANK_ROWS = 3  # on every page, for who is not on the list
SIZES = (10.5, 8.0)  # points, and at most four lines of the smallest
CENTRED = {"number", "name", "mobile", "signed_in_at", "signature", "student_no"}
SHADE, LINE = 235, 90  # greys: behind the header, and of the lines


@dataclass(frozen=True)
class Cells:
    """A row, measured. `is_done`: this person has signed in already, or need not."""

    texts: tuple[Text, ...]
    height: float
    is_done: bool = False


@dataclass(frozen=True)
class PaperPage:
    """What stands on one page below its head."""

    rows: tuple[Cells, ...]
    has_head: bool
    is_for_walk_ins: bool = False


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is services.emergency.EmergencySheet as a dict. Returns the PDF."""
    paper = Paper(title=payload["title"], language=payload["language"])
    columns = payload["columns"]
    head = _head(paper, payload)
    rows = [_cells(paper, columns, row["cells"], is_done=row["is_done"]) for row in payload["rows"]]
    pages = _pages(rows, sum(text.height + space for text, space in head), _blank(paper, columns))
    for number, page in enumerate(pages, start=1):
        paper.add_page()
        y = _draw_head(paper, head) if page.has_head else _draw_running_head(paper, payload, page)
        y = _draw_header(paper, columns, y)
        for row in page.rows:
            y = _draw_row(paper, columns, row, y)
        _draw_foot(paper, payload, number, len(pages))
    return bytes(paper.output())


def _pages(rows: Sequence[Cells], head: float, blank: Cells) -> list[PaperPage]:
    """Fill the pages, each with blank rows after its people, and a last one with blank rows alone."""
    blanks = (blank,) * BLANK_ROWS
    pages: list[PaperPage] = []
    taken: list[Cells] = []
    space = _space(head)
    for row in rows:
        if taken and sum(cell.height for cell in (*taken, row, *blanks)) > space:
            pages.append(PaperPage((*taken, *blanks), has_head=not pages))
            taken, space = [], _space(RUNNING_HEAD)
        taken.append(row)
    if taken:
        pages.append(PaperPage((*taken, *blanks), has_head=not pages))
    else:
        pages.append(PaperPage((blank,) * int(space // ROW), has_head=True, is_for_walk_ins=True))
    pages.append(PaperPage((blank,) * int(_space(RUNNING_HEAD) // ROW), has_head=False, is_for_walk_ins=True))
    return pages


def _space(head: float) -> float:
    return BOTTOM - MARGIN - head - HEADER


RUNNING_HEAD = 8.0  # mm


def _cells(paper: Paper, columns: Sequence[dict[str, Any]], cells: Sequence[str], *, is_done: bool) -> Cells:
    texts = tuple(
        paper.fit(cell, column["width"] - 2 * PADDING, sizes=SIZES, max_lines=1 if column["is_short"] else 4)
        for cell, column in zip(cells, columns, strict=True)
    )
    return Cells(texts, max(ROW, *(text.height + 2 * PADDING for text in texts)), is_done)


def _blank(paper: Paper, columns: Sequence[dict[str, Any]]) -> Cells:
    return _cells(paper, columns, [""] * len(columns), is_done=False)


def _head(paper: Paper, payload: dict[str, Any]) -> list[tuple[Text, float]]:
    """Measure title, lines and the words on how to use the sheet; each with the space below it, in mm."""
    texts = [(paper.fit(payload["title"], WIDTH, sizes=(18, 11), max_lines=2, bold=True), 2.0)]
    texts += [(paper.fit(line, WIDTH, sizes=(11, 8), max_lines=2), 0.5) for line in payload["lines"]]
    texts.append((paper.fit(WORDS[payload["language"]]["how_to"], WIDTH, sizes=(9, 7), max_lines=2), 3.0))
    return texts


def _draw_head(paper: Paper, head: Sequence[tuple[Text, float]]) -> float:
    y = MARGIN
    for number, (text, space) in enumerate(head):
        ink = QUIET if number == len(head) - 1 else INK
        y = paper.draw(text, x=MARGIN, y=y, width=WIDTH, align="L" if number else "C", ink=ink) + space
    return y


def _draw_running_head(paper: Paper, payload: dict[str, Any], page: PaperPage) -> float:
    walk_ins = WORDS[payload["language"]]["for_walk_ins"]
    head = f"{payload['title']} · {walk_ins}" if page.is_for_walk_ins else payload["title"]
    paper.draw(paper.fit(head, WIDTH, sizes=(10, 6)), x=MARGIN, y=MARGIN, width=WIDTH, align="L", ink=QUIET)
    return MARGIN + RUNNING_HEAD


def _draw_header(paper: Paper, columns: Sequence[dict[str, Any]], y: float) -> float:
    _pen(paper)
    x = MARGIN
    for column in columns:
        paper.rect(x, y, column["width"], HEADER, style="DF")
        text = paper.fit(column["title"], column["width"] - 2 * PADDING, sizes=(10.5, 7), bold=True)
        paper.draw(text, x=x + PADDING, y=y + (HEADER - text.height) / 2, width=column["width"] - 2 * PADDING)
        x += column["width"]
    return y + HEADER


def _draw_row(paper: Paper, columns: Sequence[dict[str, Any]], row: Cells, y: float) -> float:
    x = MARGIN
    for text, column in zip(row.texts, columns, strict=True):
        _pen(paper)
        paper.rect(x, y, column["width"], row.height)
        paper.draw(
            text,
            x=x + PADDING,
            y=y + (row.height - text.height) / 2,
            width=column["width"] - 2 * PADDING,
            align="C" if column["key"] in CENTRED else "L",
            ink=QUIET if row.is_done else INK,
        )
        x += column["width"]
    return y + row.height


def _pen(paper: Paper) -> None:
    paper.set_draw_color(LINE, LINE, LINE)
    paper.set_fill_color(SHADE, SHADE, SHADE)
    paper.set_line_width(0.2)


def _draw_foot(paper: Paper, payload: dict[str, Any], page: int, count: int) -> None:
    y = BOTTOM + 3
    number = paper.fit(WORDS[payload["language"]]["page"].format(page=page, pages=count), 60, sizes=(9, 7))
    printed = paper.fit(payload["printed"], WIDTH - 62, sizes=(9, 6))
    paper.draw(printed, x=MARGIN, y=y, width=WIDTH - 62, align="L", ink=QUIET)
    paper.draw(number, x=A4_WIDTH - MARGIN - paper.width_of(number.lines[0], number.size), y=y, width=60, align="L")
