"""What stands on a sheet, as text: the one model that every format is drawn from, and the hash of its content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from kiosk.services.tables.sheet_words import WORDS

Variant = Literal["general", "students", "certificates"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
FIRST_LINE = "kiosk-sheet 1"  # of the canonical text; the number grows when its format changes
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Column:
    """A column of the sheet; `width` in mm on A4 upright."""

    key: str
    title: str
    width: int


@dataclass(frozen=True)
class Stamp:
    """What a frozen sheet carries below its foot: how to find it again, and what it said.

    `content_hash` is content_hash() of the model, `address` that of the page that verifies it.
    """

    code: str
    frozen_at: datetime
    content_hash: str
    address: str


@dataclass(frozen=True)
class SheetModel:
    """Everything that stands on the sheet, as text: header lines and foot are pairs of label and value."""

    language: str
    title: str
    name: str  # what the sheet is called, for the tab of a workbook
    lines: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[tuple[str, str], ...]
    is_masked: bool
    variant: Variant = "general"
    signing: tuple[str, ...] = ()  # labels of the lines to sign on, below the foot
    timezone: str = "UTC"  # in which the stamp's time is printed
    stamp: Stamp | None = None  # a frozen sheet's; its content, and so its hash, is the same without it
    refs: tuple[str, ...] = ()  # of the rows: by what a frozen sheet finds each of them again; never printed


def stamp_lines(model: SheetModel) -> tuple[tuple[str, str], ...]:
    """Return the stamp as pairs of label and value, in the sheet's language; nothing without a stamp."""
    if model.stamp is None:
        return ()
    words, stamp = WORDS[model.language], model.stamp
    frozen_at = stamp.frozen_at.astimezone(ZoneInfo(model.timezone))
    return (
        (words["code"], stamp.code),
        (words["frozen_at"], f"{frozen_at:%Y-%m-%d %H:%M:%S}"),
        (words["content_hash"], stamp.content_hash),
        (words["address"], stamp.address),
    )


def canonical_text(model: SheetModel) -> str:
    r"""Return the text that the content hash is taken of. It can be written by hand from the printed sheet.

    Lines, each ended by one LF (U+000A); a line is a word and its cells, parted by TAB (U+0009):

        kiosk-sheet 1
        title TAB the title
        line TAB label TAB value          once for each header line (campaign, time, place …)
        columns TAB title TAB title …
        row TAB cell TAB cell …           once for each row, blank cells too
        foot TAB label TAB value          once for each total (应到, 实到 …)

    in the order in which they stand on the sheet. The cell of a signature drawn by hand is "ink:" and its lines
    (kiosk/jobs/ink), as the person's copy of their data has them; a typed one is the name.
    Nothing is trimmed or normalised; in a cell backslash, TAB, LF and
    CR are written as \\, \t, \n and \r. Signing lines, page numbers and stamp are not part of it.
    """
    lines: list[tuple[str, ...]] = [("title", model.title)]
    lines += [("line", *pair) for pair in model.lines]
    lines.append(("columns", *(column.title for column in model.columns)))
    lines += [("row", *row) for row in model.rows]
    lines += [("foot", *pair) for pair in model.foot]
    return "".join(f"{line}\n" for line in (FIRST_LINE, *map(canonical_line, lines)))


def content_hash(model: SheetModel) -> str:
    """Return the SHA-256 of the canonical text in UTF-8, as 64 hexadecimal digits.

    A copy that is masked, or in another order, says something else and has another hash; so has a CSV whose times
    carry their day.
    """
    return sha256(canonical_text(model).encode()).hexdigest()


def all_text(model: SheetModel) -> Iterable[str]:
    """Return every text that is printed."""
    yield model.title
    for pair in (*model.lines, *model.foot, *stamp_lines(model)):
        yield from pair
    yield from (column.title for column in model.columns)
    yield from model.signing
    for row in model.rows:
        yield from row


def canonical_line(cells: tuple[str, ...]) -> str:
    """Return cells as one line of the canonical text, without its end."""
    return "\t".join(cell.translate(_ESCAPES) for cell in cells)
