"""How wide a text is where the reader's own fonts write it, roughly: for office files, whose lines we do not break."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

MM = 72 / 25.4  # points
NARROW = 0.58  # em: of a letter or a digit, which no usual face surpasses by much
GAP = "    "  # between two totals


def width_of(text: str, size: float) -> float:
    """Return the width in mm of a line of type of `size` points; a Chinese character is as wide as its size."""
    return sum(1.0 if east_asian_width(character) in "WF" else NARROW for character in text) * size / MM


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
