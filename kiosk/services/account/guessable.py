"""Passwords that are tried first: common ones, rows of keys, repetitions, and what is known of whoever chose them.

NIST SP 800-63B, 3.1.1.2. The list's source and licence: docs/security.md.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt")
OWN_WORDS = ("kiosk", "\u7b7e\u5230", "password", "\u5bc6\u7801")
ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
STEPS = {pair for row in ROWS for pair in zip(row, row[1:], strict=False)}
LONGEST_UNIT = 5  # characters that are only repeated
LEAST_RUN = 3  # characters in a row, on average, make a password of rows
LEAST_OF_ONES_OWN = 8  # characters beside words that everybody knows
SHORTEST_PART = 4  # of an e-mail: shorter ones stand in any sentence
DRESSED = re.compile(r"^[\W\d_]{0,6}(.*?)[\W\d_]{0,6}$", re.DOTALL)  # a word with figures and signs around it


def is_guessable(password: str, email: str) -> bool:
    """Say whether a password, already composed, is among those that are tried first."""
    typed = password.strip().casefold()
    return _is_common(typed) or _is_repeated(typed) or _is_of_rows(typed) or _is_of_known_words(typed, email.casefold())


@cache
def _common() -> frozenset[str]:
    return frozenset(LIST.read_text(encoding="utf-8").split())


def _is_common(typed: str) -> bool:
    dressed = DRESSED.match(typed)
    return typed in _common() or (dressed is not None and dressed[1] in _common())


def _is_repeated(typed: str) -> bool:
    return any(typed[unit:] == typed[:-unit] for unit in range(1, LONGEST_UNIT + 1))


def _is_of_rows(typed: str) -> bool:
    """Say whether it is of rows: of keys, of the alphabet, of one character (1234abcd, aaabbbccc)."""
    rows, step = 1, None
    for one, other in zip(typed, typed[1:], strict=False):
        here = _step(one, other)
        if here is None or step not in (None, here):
            rows, step = rows + 1, None
        else:
            step = here
    return rows * LEAST_RUN <= len(typed)


def _step(one: str, other: str) -> int | None:
    """Return in which direction the second character follows the first, 0 for the same, None if it does not."""
    apart = ord(other) - ord(one)
    if apart in (-1, 0, 1):
        return apart
    return 1 if (one, other) in STEPS else -1 if (other, one) in STEPS else None


def _is_of_known_words(typed: str, email: str) -> bool:
    parts = {part for part in (*re.split(r"\W+|_", email), *email.split("@")) if len(part) >= SHORTEST_PART}
    left = typed
    for word in sorted({*OWN_WORDS, *parts}, key=len, reverse=True):
        left = left.replace(word, "")
    return left != typed and len(left) < LEAST_OF_ONES_OWN
