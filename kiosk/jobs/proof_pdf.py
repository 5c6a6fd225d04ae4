"""Proofs of attendance on A4, one page each, with space for a seal and a code to check them by. A job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .fonts import printable
from .paper import A4_HEIGHT, A4_WIDTH, POINT, QUIET, Block, Ink, Paper, Text, colour, height_of, one_page_each
from .qr_paper import draw_code
from .words import PROOF as WORDS

MARGIN = 25.0  # mm
WIDTH = A4_WIDTH - 2 * MARGIN
TITLE_TOP, BODY_TOP = 46.0, 86.0
FACTS_LEAST, FACTS_BOTTOM = 142.0, 190.0  # where the facts begin at the earliest, and where they end at the latest
SEAL_TOP, SEAL_WIDTH, SEAL_HEIGHT = 194.0, 84.0, 46.0  # a seal is 42 mm across
QR_SIDE = 30.0
FOOT_TOP = A4_HEIGHT - 20.0 - QR_SIDE
LEADING = 1.75  # of the type size, in the sentence
INDENT = "　　"  # two characters, as a paragraph begins in Chinese
FACT_GAP = 1.2
LIGHT: Ink = (190, 190, 190)  # above the foot


@dataclass(frozen=True)
class ProofPage:
    """One proof. Everything is text as it shall be read; the sentence is `before`, `name` (underlined) and `after`."""

    title: str
    number: str
    before: str
    name: str
    after: str
    facts: Sequence[Sequence[str]]  # pairs of label and value
    host: str
    issued: str
    code: str
    address: str  # as people read and type it
    link: str  # what the QR code says
    accent: str  # "#rrggbb"
    language: str


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: {"proofs": [fields of ProofPage, …]} gives the PDF."""
    return one_page_each([ProofPage(**fields) for fields in payload["proofs"]], _draw)


def _draw(paper: Paper, page: ProofPage) -> None:
    number = paper.fit(page.number, WIDTH, sizes=(10.5, 8))
    paper.draw(number, x=MARGIN, y=18.0, width=WIDTH, align="R", ink=QUIET)
    title = paper.fit(page.title, WIDTH, sizes=(34, 20), bold=True)
    y = paper.draw(title, x=MARGIN, y=TITLE_TOP, width=WIDTH)
    paper.fill(A4_WIDTH / 2 - 18, y + 3, 36, 0.8, colour(page.accent))
    facts = _facts(paper, page)
    height = sum(text.height + FACT_GAP for _label, text in facts)
    y = _draw_sentence(paper, page, bottom=FACTS_BOTTOM - height - 8)
    _draw_facts(paper, facts, max(y + 8, FACTS_LEAST))
    _draw_seal(paper, page)
    _draw_foot(paper, page)


def _draw_sentence(paper: Paper, page: ProofPage, *, bottom: float) -> float:
    """Draw the sentence in the largest size that ends above `bottom`; return the y below it."""
    indent = INDENT if page.language == "zh" else ""
    before, name = indent + _part(page.before), printable(page.name)
    text = before + name + _part(page.after)
    size = 17.0
    while True:
        lines = _wrap(paper, text, size)
        step = size * POINT * LEADING
        if BODY_TOP + len(lines) * step <= bottom or size < 6:
            break
        size -= 0.5
    y, offset = BODY_TOP, 0
    for line in lines:
        offset = text.index(line, offset)
        _draw_line(paper, line, y, size, (len(before) - offset, len(before) + len(name) - offset))
        offset += len(line)
        y += step
    return y


def _part(text: str) -> str:
    """Return what the fonts can draw of a part of the sentence, with the spaces at its ends."""
    return " " * text.startswith(" ") + printable(text) + " " * text.endswith(" ")


def _wrap(paper: Paper, text: str, size: float) -> list[str]:
    """Break the text; the first line keeps its indent, which `wrap` would take for idle space."""
    count = len(text) - len(text.lstrip(INDENT))
    lines = paper.wrap("国" * count + text[count:], WIDTH, size)  # as wide as the indent
    return [text[:count] + lines[0][count:], *lines[1:]]


def _draw_line(paper: Paper, line: str, y: float, size: float, name: tuple[int, int]) -> None:
    """Draw one line; what of it lies between the two places `name` is underlined."""
    count = len(line) - len(line.lstrip(INDENT))
    left = MARGIN + paper.width_of("国" * count, size)
    text = Text((line[count:],), size)
    paper.draw(text, x=left, y=y, width=WIDTH, align="L")
    first, last = max(count, name[0]), min(len(line), name[1])
    if first < last:
        ends = [left + paper.width_of(line[count:offset], size) for offset in (first, last)]
        paper.rule(ends[0], y + text.height, ends[1], y + text.height, weight=0.25)


def _facts(paper: Paper, page: ProofPage) -> list[tuple[Text, Text]]:
    """Set labels and values beside each other."""
    colon = WORDS[page.language]["colon"]
    labels = [paper.fit(f"{label}{colon}", WIDTH / 3, sizes=(12, 9)) for label, _value in page.facts]
    width = WIDTH - max((paper.span(label) for label in labels), default=0.0) - FACT_GAP
    values = [paper.fit(value, width, sizes=(12, 9), max_lines=4) for _label, value in page.facts]
    return list(zip(labels, values, strict=True))


def _draw_facts(paper: Paper, facts: list[tuple[Text, Text]], y: float) -> None:
    tag = max((paper.span(label) for label, _value in facts), default=0.0) + FACT_GAP
    for label, value in facts:
        paper.draw(label, x=MARGIN, y=y, width=tag, align="L", ink=QUIET)
        y = paper.draw(value, x=MARGIN + tag, y=y, width=WIDTH - tag, align="L") + FACT_GAP


def _draw_seal(paper: Paper, page: ProofPage) -> None:
    """Draw who issues it and when, to the right, with room for a seal across both."""
    x = A4_WIDTH - MARGIN - SEAL_WIDTH
    host = paper.fit(page.host or " ", SEAL_WIDTH, sizes=(14, 9), max_lines=3)
    seal = paper.fit(WORDS[page.language]["seal"], SEAL_WIDTH, sizes=(10.5, 8))
    issued = paper.fit(page.issued, SEAL_WIDTH, sizes=(12, 9))
    blocks = [Block(host), Block(seal, 1, QUIET), Block(issued, 2)]
    y = SEAL_TOP + (SEAL_HEIGHT - height_of(blocks)) / 2
    paper.draw_blocks(blocks if page.host else blocks[1:], x=x, y=y, width=SEAL_WIDTH)


def _draw_foot(paper: Paper, page: ProofPage) -> None:
    """Draw the code that leads to the verification page, and beside it the words to type instead."""
    paper.rule(MARGIN, FOOT_TOP - 5, A4_WIDTH - MARGIN, FOOT_TOP - 5, ink=LIGHT)
    draw_code(paper, page.link, MARGIN, FOOT_TOP, QR_SIDE)  # its quiet zone is the margin
    left = MARGIN + QR_SIDE + 5
    width = A4_WIDTH - MARGIN - left
    words = WORDS[page.language]
    how_to = paper.fit(words["how_to"], width, sizes=(10, 8), max_lines=2)
    code = paper.fit(f"{words['code']}{words['colon']}{page.code}", width, sizes=(13, 9), bold=True)
    address = paper.fit(page.address, width, sizes=(10, 6), max_lines=2)
    blocks = [Block(code, align="L"), Block(how_to, 1.5, QUIET, "L"), Block(address, 1.5, QUIET, "L")]
    paper.draw_blocks(blocks, x=left, y=FOOT_TOP + (QR_SIDE - height_of(blocks)) / 2, width=width)
