"""Pinyin: the initials by which a steward finds 王强 with `wq`, and characters that are typed alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice, product
from pathlib import Path

# How each character is read, without tones: lines like `chong zhong:重种`, by tools/make_readings.py. One text, and no
# dictionary: that would be some megabytes in every server, and a character is looked up once for all its names.
FILE = Path(__file__).with_name("readings.txt")
_TEXT = FILE.read_text(encoding="utf-8")
_FIRST = "\u3007"  # what stands before it, letters and digits, is read as itself

# Characters that are read in their own way when they are a surname.
SURNAMES = {
    "万俟": "mq", "尉迟": "yc", "长孙": "zs", "单": "s", "仇": "q", "解": "x", "查": "z", "曾": "z", "区": "o",
    "覃": "q", "朴": "p", "翟": "z", "乐": "y", "种": "c", "盖": "g", "召": "s", "折": "s", "缪": "m",
}  # fmt: skip
LONGEST = 60
MOST = 32  # ways to read one name: all there are of three characters with three initials each


def initials_of(name: str) -> str:
    """Return pinyin initials in small letters, `wq` for 王强; letters stay what they are."""
    return "".join(initials[0] for initials in _initials(name))[:LONGEST]


def all_initials_of(name: str) -> tuple[str, ...]:
    """Return the initials by every reading of the characters: wzy, wcy, wty, yzy, ... for 王重阳.

    The usual ones come first, with a surname read as one; MOST at most, those that differ least from the first.
    """
    letters = _initials(name)[:LONGEST]
    if max(map(len, letters), default=1) == 1:
        return ("".join(initials[0] for initials in letters),)
    return tuple(islice(_by_difference(letters), MOST))


def _by_difference(letters: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the first letters of all places, then with one place read otherwise, with two, and so on."""
    usual = [initials[0] for initials in letters]
    doubtful = [at for at, initials in enumerate(letters) if len(initials) > 1]
    for number in range(len(doubtful) + 1):
        for places in combinations(doubtful, number):
            for others in product(*(letters[at][1:] for at in places)):
                read = usual.copy()
                for at, other in zip(places, others, strict=True):
                    read[at] = other
                yield "".join(read)


def _initials(name: str) -> list[tuple[str, ...]]:
    """Return what each character may add, the likeliest first."""
    letters = [_letters(character) for character in name]
    for length in (2, 1):
        surname = SURNAMES.get(name[:length])
        if surname is not None and len(name) > length:
            letters[:length] = [_with_first(own, those) for own, those in zip(surname, letters, strict=False)]
            break
    return letters


def _with_first(own: str, letters: tuple[str, ...]) -> tuple[str, ...]:
    return (own, *(letter for letter in letters if letter != own))


# What begins a reading without a consonant of its own: 欸 ê, 呣 ḿ, 嗯 ń.
_ACCENTS = str.maketrans("êếềḿńňǹ", "eeemnnn")


@lru_cache(maxsize=10_000)
def _letters(character: str) -> tuple[str, ...]:
    """Return the first letters of all readings of a character; no phrases are loaded, so that one by one is as good."""
    own = (character.casefold().replace(" ", ""),)
    return tuple(dict.fromkeys(_plain(one) for one in _readings(character))) or own


def _plain(reading: str) -> str:
    """Return the first letter without its accent: 欸 is read ê."""
    return reading[:1].casefold().translate(_ACCENTS)[:1]


@lru_cache(maxsize=5_000)
def readings_of(character: str) -> frozenset[str]:
    """Return how a character may be read, without tones: {"zhi"} for 制 and for 致; a letter reads as itself."""
    return frozenset(_readings(character) or [character])


def _readings(character: str) -> list[str]:
    """Return how a character is read, the likeliest first; nothing where it has no reading."""
    at = _TEXT.find(character) if character >= _FIRST else -1
    if at < 0:
        return []
    line = _TEXT.rindex("\n", 0, at) + 1
    return _TEXT[line : _TEXT.index(":", line)].split(" ")
