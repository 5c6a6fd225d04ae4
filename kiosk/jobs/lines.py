"""How wide a text is where the reader's own fonts write it, roughly: for office files, whose lines we do not break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from unicodedata import east_asian_width

MM = 72 / 25.4  # points
# No usual face is wider or higher by much: DejaVu is the widest, Noto Sans CJK has the highest lines.
LINE = 1.45  # line height per point of type
BOLD = 1.12
# Columns whose cells stand in the middle, on paper and in office files.
CENTRED = {
    "number", "name", "mobile", "signed_in_at", "signed_out_at", "student_no", "came_at", "left_at", "hours", "grade"
}  # fmt: skip
GAP = "    "  # between two totals
# What a line break does not divide, with the space before it.
PIECES = re.compile(r"\s*[^\s\u2e80-\U0003ffff-]+-?|\s*\S|\s+")


def width_of(text: str, size: float, *, is_bold: bool = False) -> float:
    """Return the width in mm of a line of type of `size` points; a Chinese character is as wide as its size."""
    return sum(map(_em, text)) * size / MM * (BOLD if is_bold else 1)


def line_count(text: str, width: float, size: float, *, is_bold: bool = False) -> int:
    """Return how many lines the text takes within `width` mm, broken as office programs break it."""
    return sum(_lines_of(line, width, size, is_bold) for line in text.split("\n"))


def fitting(text: str, width: float, sizes: Sequence[float], *, is_bold: bool = False) -> float:
    """Return the first of the sizes in which no Latin word is wider than `width` mm, else the last: a word that is
    wider than its cell is divided anywhere."""
    words = [word for word in re.split(r"[\s-]+", text) if word.isascii()]
    fits = (size for size in sizes if all(width_of(word, size, is_bold=is_bold) <= width for word in words))
    return next(fits, sizes[-1])


@cache
def _em(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.0
    if character in "mwMW@%—…":
        return 0.98
    if character in " iljftI.,:;'|!()[]":
        return 0.42
    return 0.78 if character.isupper() else 0.64


def _lines_of(line: str, width: float, size: float, is_bold: bool) -> int:
    lines, taken = 1, 0.0
    for piece in PIECES.findall(line):
        wide = width_of(piece, size, is_bold=is_bold)
        if taken and taken + wide > width:
            lines, taken = lines + 1, 0.0
            wide = width_of(piece.lstrip(), size, is_bold=is_bold)
        more = int(wide // width) if wide > width else 0  # a word wider than the line
        lines, taken = lines + more, taken + wide - more * width
    return lines


def packed(totals: Sequence[Sequence[str]], width: float, size: float) -> list[str]:
    """Set pairs of label and value side by side, as many in a line of `width` mm as it holds; each stays in one piece.

    Without totals there is one empty line.
    """
    lines = [""]
    for label, value in totals:
        total = f"{label}\u00a0{value}"
        longer = f"{lines[-1]}{GAP}{total}" if lines[-1] else total
        if lines[-1] and width_of(longer, size) > width:
            lines.append(total)
        else:
            lines[-1] = longer
    return lines
