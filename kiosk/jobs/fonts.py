"""The vendored fonts and what they can write. Light: reads a list of ranges, never the fonts themselves."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "static" / "vendor" / "fonts"
REGULAR = FOLDER / "KioskSansSC-Regular.ttf"
BOLD = FOLDER / "KioskSansSC-Bold.ttf"
MISSING = "〓"  # what printers have always set for a character they lack: seen at once, and never blank


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """Return the first and the last code points of the covered ranges (made by tools/make_font.py)."""
    pairs = [line.split("-") for line in (FOLDER / "coverage.txt").read_text(encoding="ascii").split()]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


def is_covered(character: str) -> bool:
    """Tell whether the regular face has this one character."""
    firsts, lasts = _ranges()
    index = bisect_right(firsts, ord(character)) - 1
    return index >= 0 and ord(character) <= lasts[index]


def _is_ink(character: str) -> bool:
    """Tell whether the character is meant to be seen: not a control, a joiner or a variation selector."""
    return unicodedata.category(character) not in {"Cc", "Cf", "Mn", "Zs", "Zl", "Zp"} or is_covered(character)


def uncovered(text: str) -> set[str]:
    """Return the characters of `text` that the fonts cannot draw; say them to whoever asked for the paper.

    On paper each of them becomes 〓 (see `printable`). Spaces, controls and variation selectors do not count.
    """
    composed = unicodedata.normalize("NFC", text)
    return {character for character in composed if _is_ink(character) and not is_covered(character)}


def printable(text: str) -> str:
    """Return `text` as the fonts can draw it: composed, one line, 〓 for what they lack, nothing invisible."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    drawn = (character if is_covered(character) else MISSING for character in spaced if _is_ink(character))
    return "".join(drawn)
