"""Pinyin: the initials by which a steward finds 王强 with `wq`, and characters that are typed alike."""

from __future__ import annotations

import os
from functools import lru_cache

# Read at import: without the dictionary of phrases it needs 12 MB a worker instead of 57, and names are no phrases.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import Style, lazy_pinyin, pinyin  # noqa: E402

# Characters that are read in their own way when they are a surname.
SURNAMES = {
    "万俟": "mq", "尉迟": "yc", "长孙": "zs", "单": "s", "仇": "q", "解": "x", "查": "z", "曾": "z", "区": "o",
    "覃": "q", "朴": "p", "翟": "z", "乐": "y", "种": "c", "盖": "g", "召": "s", "折": "s", "缪": "m",
}  # fmt: skip
LONGEST = 60


def initials_of(name: str) -> str:
    """Return pinyin initials in small letters, `wq` for 王强; letters stay what they are."""
    for length in (2, 1):
        surname = SURNAMES.get(name[:length])
        if surname is not None and len(name) > length:
            return (surname + _initials(name[length:]))[:LONGEST]
    return _initials(name)[:LONGEST]


def _initials(name: str) -> str:
    return "".join(map(_initial, name))


@lru_cache(maxsize=10_000)
def _initial(character: str) -> str:
    """Return what a character adds; no phrases are loaded, so that one by one is as good, and much faster."""
    return "".join(lazy_pinyin(character, style=Style.FIRST_LETTER)).casefold().replace(" ", "")


@lru_cache(maxsize=5_000)
def readings_of(character: str) -> frozenset[str]:
    """Return how a character may be read, without tones: {"zhi"} for 制 and for 致; a letter reads as itself."""
    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])
