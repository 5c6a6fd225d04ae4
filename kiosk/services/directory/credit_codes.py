"""The unified social credit code (统一社会信用代码) by GB 32100-2015.

Eighteen characters: who registers, what kind, six digits of a district, nine of the body itself, one to check the
others. The first may be a letter (A, N and Y are given out), which some checkers refuse.
"""

from __future__ import annotations

from kiosk.services.names import clean, unified
from kiosk.services.refusals import Refused

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # clause 4: no I, O, S, V or Z
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))  # clause 5: 3^(i-1) mod 31
DISTRICT = slice(2, 8)  # of the registering authority, which is not always where the organisation sits
LOOK_ALIKES = str.maketrans("OI", "01")


def read(typed: str) -> str:
    """Return the code that was typed as it is kept: full-width and small letters, spaces and dashes do not count.

    Raises Refused. Look-alikes come with `meant`, the right code that it becomes with 0 for O and 1 for I: to be asked,
    never put in silently.
    """
    value = normalise(typed)
    if len(value) != LENGTH:
        raise Refused("code_length", count=len(value))
    wrong = "".join(sorted(set(value) - set(ALPHABET)))
    if wrong:
        meant = _meant(value)
        raise Refused("code_look_alikes" if meant else "code_alphabet", characters=", ".join(wrong), meant=meant)
    if not value[DISTRICT].isdigit():
        raise Refused("code_district")
    if value[-1] != check_character(value[:-1]):
        raise Refused("code_check")
    return value


def normalise(typed: str) -> str:
    """Return the code's characters as they are written: half-width capitals without spaces or dashes."""
    folded = unified(clean(typed)).upper()
    return "".join(character for character in folded if not character.isspace() and character not in "-‐‑–—·.")


def check_character(body: str) -> str:
    """Return the eighteenth character for seventeen: (31 - sum of value times weight mod 31) mod 31."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _meant(value: str) -> str | None:
    changed = value.translate(LOOK_ALIKES)
    try:
        return read(changed) if changed != value else None
    except Refused:
        return None
