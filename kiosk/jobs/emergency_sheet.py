"""The emergency sheet (应急签到表): A4 upright, from the roster, rows that a pen fits in. A job (docs/product.md
3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .paper import A4_HEIGHT, INK, QUIET, Block, Ink, Paper, height_of
from .ruled_table import MARGIN, PADDING, WIDTH, MeasuredRow, RuledTable, draw_foot, head_of, measured
from .words import SHEET as WORDS

BOTTOM = A4_HEIGHT - 16.0  # below it the page number
ROW = 10.0  # mm; nine are promised
HEADER = 9.0
HEAD_GAP = 3.0  # mm between the head and the table
RUNNING_HEAD = 8.0  # mm
BLANK_ROWS = 3  # on every page, for who is not on the list
SHORT = {"number", "mobile", "signed_in_at", "signature", "student_no"}  # never broken into lines
SIZES = (10.5, 8.0)  # points, and at most four lines of the smallest


@dataclass(frozen=True)
class PaperPage:
    """What stands on one page below its head."""

    rows: tuple[MeasuredRow, ...]
    has_head: bool
    is_for_walk_ins: bool = False


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is services.emergency.EmergencySheet as a dict. Returns the PDF."""
    paper, words = Paper(title=payload["title"], language=payload["language"]), WORDS[payload["language"]]
    columns, head = payload["columns"], _head(paper, payload)
    widths = [column["width"] for column in columns]
    titles = [
        paper.fit(column["title"], column["width"] - 2 * PADDING, sizes=(10.5, 7), bold=True) for column in columns
    ]
    table = RuledTable([column["key"] for column in columns], widths, measured(titles, HEADER))
    rows = [_row(paper, columns, row["cells"], QUIET if row["is_done"] else INK) for row in payload["rows"]]
    pages = _pages(rows, height_of(head) + HEAD_GAP, _row(paper, columns, [""] * len(columns)))
    printed = paper.fit(payload["printed"], WIDTH - 62, sizes=(9, 6))
    for number, page in enumerate(pages, start=1):
        paper.add_page()
        if page.has_head:
            y = paper.draw_blocks(head, x=MARGIN, y=MARGIN, width=WIDTH) + HEAD_GAP
        else:
            y = MARGIN + RUNNING_HEAD
            title = f"{payload['title']} · {words['for_walk_ins']}" if page.is_for_walk_ins else payload["title"]
            running = paper.fit(title, WIDTH, sizes=(10, 6))
            paper.draw(running, x=MARGIN, y=MARGIN, width=WIDTH, align="L", ink=QUIET)
        table.draw(paper, page.rows, y)
        draw_foot(paper, printed, words["page"].format(page=number, pages=len(pages)), BOTTOM + 3)
    return bytes(paper.output())


def _pages(rows: Sequence[MeasuredRow], head: float, blank: MeasuredRow) -> list[PaperPage]:
    """Fill the pages, each with blank rows after its people, and a last one with blank rows alone: where there are
    people, for walk-ins."""
    blanks = (blank,) * BLANK_ROWS
    pages: list[PaperPage] = []
    taken: list[MeasuredRow] = []
    space = _space(head)
    for row in rows:
        if taken and sum(cell.height for cell in (*taken, row, *blanks)) > space:
            pages.append(PaperPage((*taken, *blanks), has_head=not pages))
            taken, space = [], _space(RUNNING_HEAD)
        taken.append(row)
    if taken:
        pages.append(PaperPage((*taken, *blanks), has_head=not pages))
    else:
        pages.append(PaperPage((blank,) * int(space // ROW), has_head=True))
    beyond = PaperPage((blank,) * int(_space(RUNNING_HEAD) // ROW), has_head=False, is_for_walk_ins=bool(rows))
    pages.append(beyond)
    return pages


def _space(head: float) -> float:
    return BOTTOM - MARGIN - head - HEADER


def _row(paper: Paper, columns: Sequence[dict[str, Any]], cells: Sequence[str], ink: Ink = INK) -> MeasuredRow:
    texts = (
        paper.fit(cell, column["width"] - 2 * PADDING, sizes=SIZES, max_lines=1 if column["key"] in SHORT else 4)
        for cell, column in zip(cells, columns, strict=True)
    )
    return measured(texts, ROW, ink)


def _head(paper: Paper, payload: dict[str, Any]) -> list[Block]:
    """Measure title, lines and the words on how to use the sheet."""
    title = paper.fit(payload["title"], WIDTH, sizes=(18, 11), max_lines=2, bold=True)
    lines = [paper.fit(line, WIDTH, sizes=(11, 8), max_lines=2) for line in payload["lines"]]
    how_to = paper.fit(WORDS[payload["language"]]["how_to"], WIDTH, sizes=(9, 7), max_lines=2)
    *above, last = head_of(title, [*lines, how_to], 2.0)
    return [*above, replace(last, ink=QUIET)]
