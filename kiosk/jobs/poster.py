"""The poster that hangs at the door: A4, one page an event, the QR code as vectors. A job (docs/product.md 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .paper import A4_HEIGHT, A4_WIDTH, INK, POINT, QUIET, Block, Ink, Paper, Text, colour, height_of, one_page_each
from .qr_modules import qr_modules
from .qr_paper import draw_code
from .words import POSTER as WORDS

MARGIN = 13.0  # mm; printers need 5, and 10 is promised
WIDTH = A4_WIDTH - 2 * MARGIN
QR_LEAST, QR_MOST = 112.0, 128.0  # mm without the quiet zone; at least 110 is promised
QUIET_MODULES = 4  # ISO/IEC 18004


@dataclass(frozen=True)
class Poster:
    """One poster. Everything is text as it shall be read; empty or None is left out.

    `when` is formatted already, `code` has 6 characters, `accent` is "#rrggbb", `address` is what the QR code says.
    """

    title: str
    title_alt: str | None
    campaign: str | None
    campaign_alt: str | None
    host: str | None
    when: str | None
    when_alt: str | None
    where: str | None
    where_alt: str | None
    code: str
    address: str
    accent: str
    wifi_name: str | None
    wifi_password: str | None
    two_steps: bool
    language: str
    asks_digits: bool = False


Fact = tuple[Text | None, Block]  # time or place, with its label to the left


@dataclass(frozen=True)
class Layout:
    """Everything measured: what stands above the accent line, below it, right above the QR code and under it."""

    head: list[Block]
    facts: list[Fact]
    call: list[Block]
    foot: list[Block]
    code: Text
    address: Text

    @property
    def height(self) -> float:
        """Measure all that is not the QR code and its quiet zone, in mm."""
        facts = (block for _label, block in self.facts)
        return height_of([*self.head, *facts, *self.call, *self.foot]) + LINE_SPACE + STRIP


LINE_SPACE = 9.0  # the accent line with the space around it
SCALES = [(scale / 20, title / 10) for scale in range(20, 6, -1) for title in (10, 9, 8, 7, 6)]
STRIP = 21.0  # short code and address with the space around them


def poster_pdf(posters: Sequence[Poster]) -> bytes:
    """Print the posters, one A4 page each. A character that the fonts lack shows as 〓 (ask fonts.uncovered before)."""
    return one_page_each(posters, _draw)


def _draw(paper: Paper, poster: Poster) -> None:
    modules = qr_modules(poster.address)
    count = len(modules)
    zone = 2 * QUIET_MODULES / count  # of the code's side
    usable = A4_HEIGHT - 2 * MARGIN
    for scale, title_scale in SCALES:
        # Who has much to say says it smaller, the title first; the code never shrinks.
        layout = _measure(paper, poster, scale, title_scale)
        side = min(QR_MOST, (usable - layout.height) / (1 + zone))
        if side >= QR_LEAST:
            break
    spare = max(0.0, usable - layout.height - side * (1 + zone))

    y = paper.draw_blocks(layout.head, x=MARGIN, y=MARGIN, width=WIDTH)
    paper.fill(MARGIN, y + LINE_SPACE / 2 - 0.7, WIDTH, 1.4, colour(poster.accent))
    y = _draw_facts(paper, layout.facts, y + LINE_SPACE)
    y = paper.draw_blocks(layout.call, x=MARGIN, y=y + spare / 2, width=WIDTH)
    quiet = side / count * QUIET_MODULES
    draw_code(paper, poster.address, (A4_WIDTH - side) / 2, y + quiet, side)
    # The foot hangs from the bottom margin, so that a campaign's posters agree.
    bottom = A4_HEIGHT - MARGIN - height_of(layout.foot[1:])
    y = paper.draw_blocks(layout.foot[:1], x=MARGIN, y=y + side + 2 * quiet, width=WIDTH)
    _draw_strip(paper, layout, poster, (y + bottom - STRIP) / 2)
    paper.draw_blocks(layout.foot[1:], x=MARGIN, y=bottom, width=WIDTH)


def _measure(paper: Paper, poster: Poster, scale: float, title_scale: float) -> Layout:
    words = WORDS[poster.language]

    def row(
        text: str | None, size: float, *, lines: int = 1, above: float = 0.0, ink: Ink = INK, bold: bool = False
    ) -> list[Block]:
        if not text or not text.strip():
            return []
        fitted = _few_lines(paper, text, WIDTH, size * scale, lines, bold=bold)
        return [Block(fitted, above * scale, ink)]

    return Layout(
        head=[
            *row(" · ".join(filter(None, (poster.campaign, poster.campaign_alt))), 14, lines=2),
            Block(_title(paper, poster.title, scale * title_scale), 2 * scale),
            *row(poster.title_alt, 14, lines=2, above=1),
        ],
        facts=[
            *_fact(paper, words["when"], poster.when, poster.when_alt, scale),
            *_fact(paper, words["where"], poster.where, poster.where_alt, scale),
        ],
        call=[
            *row(_join(poster), 17, lines=2, above=4, bold=True),
            *(
                row(words["scan_second"], 19, above=1, bold=True)
                if poster.two_steps
                else row(words["scan"], 19, above=4, bold=True)
            ),
            *(row(words["digits"], 15, above=1) if poster.asks_digits else []),
        ],
        foot=[
            *row(words["free"], 16),
            *row(words["warning"], 12),
            *row(words["host"].format(host=poster.host) if poster.host else None, 12, lines=2, above=0.5, ink=QUIET),
        ],
        code=paper.fit(f"{poster.code[:3]} {poster.code[3:]}", 50, sizes=(26, 10), bold=True),
        address=_address(paper, poster.address),
    )


def _address(paper: Paper, address: str) -> Text:
    """Set the address in one line, or in two small ones beside the short code."""
    line = paper.fit(address, WIDTH - 70, sizes=(15, 10))
    return line if line.size >= 10 else paper.fit(address, WIDTH - 70, sizes=(11, 6), max_lines=2)


def _in_steps(
    paper: Paper, text: str, width: float, sizes: tuple[float, float], steps: Sequence[tuple[int, float]], *, bold: bool
) -> Text:
    """Set `text` in the first of `steps` (lines, least size) that holds: few lines if they can be large, else more."""
    for lines, least in steps:
        fitted = paper.fit(text, width, sizes=sizes, max_lines=lines, bold=bold)
        if fitted.size >= least:
            break
    return fitted


def _few_lines(paper: Paper, text: str, width: float, size: float, lines: int, *, bold: bool = False) -> Text:
    """Set `text` in one line if three quarters of `size` will do, else in up to `lines`."""
    return _in_steps(paper, text, width, (size, size * 0.7), ((1, size * 0.75), (lines, 0.0)), bold=bold)


def _title(paper: Paper, title: str, scale: float) -> Text:
    """Set the title in one line if that can be large, else in two, else in three."""
    steps = ((1, 34.0), (2, 22.0), (3, 0.0))
    return _in_steps(paper, title, WIDTH, (44 * scale, 20 * scale), steps, bold=True)


def _join(poster: Poster) -> str | None:
    """Word the first of two steps, for a place whose phones must join a Wi-Fi before they reach us."""
    if not poster.two_steps:
        return None
    words = WORDS[poster.language]
    if not poster.wifi_name:
        return words["join_any"]
    if not poster.wifi_password:
        return words["join_open"].format(name=poster.wifi_name)
    return words["join"].format(name=poster.wifi_name, password=poster.wifi_password)


def _fact(paper: Paper, label: str, value: str | None, alternative: str | None, scale: float) -> list[Fact]:
    """Set time or place with its label, and its second language under it."""
    if not value or not value.strip():
        return []
    width = WIDTH - _tag_width(paper, paper.fit(label, 30, sizes=(16 * scale, 1)))
    text = _few_lines(paper, value, width, 16 * scale, 2)
    rows: list[Fact] = [(paper.fit(label, 30, sizes=(text.size, 1)), Block(text, 1.0 * scale))]
    if alternative and alternative.strip():
        rows.append((None, Block(_few_lines(paper, alternative, width, 11 * scale, 2), ink=QUIET)))
    return rows


def _tag_width(paper: Paper, tag: Text) -> float:
    return paper.span(tag) + tag.size * POINT


def _draw_facts(paper: Paper, facts: list[Fact], y: float) -> float:
    """Draw time and place as one block with aligned labels, the block centred."""
    tags = max((_tag_width(paper, label) for label, _block in facts if label), default=0.0)
    widest = max((paper.span(block.text) for _label, block in facts), default=0.0)
    left = (A4_WIDTH - tags - widest) / 2
    for label, block in facts:
        if label:
            paper.draw(label, x=left, y=y + block.above, width=tags, align="L", ink=QUIET)
        y = paper.draw(block.text, x=left + tags, y=y + block.above, width=widest, align="L", ink=block.ink)
    return y


def _draw_strip(paper: Paper, layout: Layout, poster: Poster, y: float) -> None:
    """Draw short code and address side by side with a hairline between: for phones that cannot scan."""
    words = WORDS[poster.language]
    labels = [paper.fit(words[name], 60, sizes=(10, 10)) for name in ("code", "address")]
    parts = [layout.code, layout.address]
    widths = [max(map(paper.span, pair)) for pair in zip(labels, parts, strict=True)]
    gap = 8.0
    x = (A4_WIDTH - sum(widths) - 2 * gap) / 2
    top = y + 3
    body = STRIP - 6 - labels[0].height
    for label, text, width in zip(labels, parts, widths, strict=True):
        paper.draw(label, x=x, y=top, width=width, align="L", ink=QUIET)
        paper.draw(text, x=x, y=top + labels[0].height + (body - text.height) / 2, width=width, align="L")
        x += width + 2 * gap
    middle = x - widths[1] - 3 * gap
    paper.rule(middle, top, middle, top + STRIP - 6, ink=QUIET)


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: {"posters": [fields of Poster, …]} gives the PDF."""
    return poster_pdf([Poster(**poster) for poster in payload["posters"]])
