"""`python -m tools.make_readings` writes kiosk/services/people/readings.txt, how each character is read, by pypinyin.

The library holds 12 MB of a server's memory and loads a phrase book unless it is told not to; the house asks it for
nothing but the readings of single characters.
"""

from __future__ import annotations

import os
from collections import defaultdict

os.environ["PYPINYIN_NO_PHRASES"] = "true"

from pypinyin import Style, __version__, pinyin  # noqa: E402
from pypinyin.constants import PINYIN_DICT  # noqa: E402

from kiosk.services.people.pinyin import FILE  # noqa: E402


def readings(character: str) -> tuple[str, ...]:
    """Return how pypinyin reads a character, without tones, the likeliest first."""
    return tuple(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def text() -> str:
    """Return the file: what is read alike stands in one line."""
    alike = defaultdict(list)
    for number in sorted(PINYIN_DICT):
        alike[readings(chr(number))].append(chr(number))
    lines = [f"{' '.join(names)}:{''.join(characters)}\n" for names, characters in sorted(alike.items())]
    head = f"# By tools/make_readings.py from pypinyin {__version__} (MIT licence, as its data). Readings:characters.\n"
    return head + "".join(lines)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
