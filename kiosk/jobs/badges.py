"""Badges (参会证): A4 sheets of eight or ten, the name large, with the QR code of each person's pass. A job
(docs/product.md 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .paper import A4_HEIGHT, A4_WIDTH, LINE_HEIGHT, POINT, QUIET, Block, Paper, height_of
from .qr_modules import qr_modules
from .qr_paper import draw_code

# By how many stand on a sheet: columns, rows, a badge's width and height in mm, as holders are sold, and the side of
# its code without the quiet zone: a phone reads it at arm's length.
FORMATS = {8: (2, 4, 95.0, 68.0, 32.0), 10: (2, 5, 90.0, 54.0, 27.0)}
PADDING = 5.0  # mm
MARK = 3.0  # how far the lines to cut along stand out
QUIET_MODULES = 4  # ISO/IEC 18004
NAME = (36.0, 9.0)  # points, in one line
SCALES = (1.0, 0.85, 0.7, 0.55, 0.4)  # of what stands beside the code, until all of it has room
ORGANISATION, PLACE = 11.0, 16.0  # points


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is {"title", "language", "per_sheet": 8 or 10, "badges": [services.door.passes.PassLine as
    a dict, …]}. Returns the PDF; without anybody one empty sheet."""
    columns, rows, width, height, side = FORMATS[payload["per_sheet"]]
    paper = Paper(title=payload["title"], language=payload["language"])
    left, top = (A4_WIDTH - columns * width) / 2, (A4_HEIGHT - rows * height) / 2
    badges = payload["badges"]
    for first in range(0, max(len(badges), 1), columns * rows):
        paper.add_page()
        _draw_lines_to_cut(paper, left, top, (columns, width), (rows, height))
        for place, badge in enumerate(badges[first : first + columns * rows]):
            row, column = divmod(place, columns)
            _draw(paper, badge, payload["title"], Box(left + column * width, top + row * height, width, height, side))
    return bytes(paper.output())


@dataclass(frozen=True)
class Box:
    """Where one badge stands, in mm, and the side of its code."""

    left: float
    top: float
    width: float
    height: float
    side: float


def _draw(paper: Paper, badge: dict[str, Any], title: str, box: Box) -> None:
    quiet = box.side / len(qr_modules(badge["url"])) * QUIET_MODULES
    x, room = box.left + PADDING, box.width - 2 * PADDING
    code_x = box.left + box.width - max(PADDING, quiet) - box.side
    code_y = box.top + box.height - max(PADDING, quiet) - box.side
    head = paper.fit(title, room, sizes=(8, 5))
    y = paper.draw(head, x=x, y=box.top + PADDING, width=room, align="L", ink=QUIET)
    space = code_y - quiet / 2 - y
    name = paper.fit(badge["name"], room, sizes=(min(NAME[0], space / POINT / LINE_HEIGHT), NAME[1]), bold=True)
    paper.draw(name, x=x, y=y + (space - name.height) / 2, width=room, align="L")
    beside = _beside(paper, badge, code_x - quiet - x, box.side)
    paper.draw_blocks(beside, x=x, y=code_y + (box.side - height_of(beside)) / 2, width=code_x - quiet - x)
    draw_code(paper, badge["url"], code_x, code_y, box.side)


def _beside(paper: Paper, badge: dict[str, Any], width: float, height: float) -> list[Block]:
    """Measure where the person belongs, as large as the room beside the code takes it."""
    blocks: list[Block] = []
    for scale in SCALES:
        words = ((badge["organisation"], ORGANISATION, False), ("  ".join(badge["place"]), PLACE, True))
        blocks = [
            Block(paper.broken(text, width, size * scale, bold=bold), above=1.5, align="L")
            for text, size, bold in words if text
        ]  # fmt: skip
        if height_of(blocks) <= height:
            break
    return blocks


def _draw_lines_to_cut(
    paper: Paper, left: float, top: float, across: tuple[int, float], down: tuple[int, float]
) -> None:
    """Draw a hairline between badges, a little beyond; `across` and `down`: how many there are, and how large."""
    (columns, width), (rows, height) = across, down
    for column in range(columns + 1):
        x = left + column * width
        paper.rule(x, top - MARK, x, top + rows * height + MARK, ink=QUIET, weight=0.1)
    for row in range(rows + 1):
        y = top + row * height
        paper.rule(left - MARK, y, left + columns * width + MARK, y, ink=QUIET, weight=0.1)
