"""What stands in a telephone's cell: a mobile anywhere in it, and what else is worth keeping. Nobody is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.services.names import clean, normalise_mobile, without_selectors

# Each character for one, so that places in the plain text are places in the cell's own.
_PLAIN = str.maketrans("０１２３４５６７８９＋－‐‑‒–—―（）．／　", "0123456789+-------()./ ")
_CANDIDATE = re.compile(
    r"(?<![0-9+])(?:\(?(?:\+|00)?86\)?[- ]?)?1[3-9][0-9](?:[- .]?[0-9]){8}(?![0-9])"
    # The +1 of "甘三+1 138…" is one more person, no country.
    r"|(?<![0-9+])\+(?![0-9]{1,2}[- ]*1[3-9][0-9]{9}(?![0-9]))[0-9](?:[- ]?\(?[0-9]\)?){7,14}(?![0-9])"
)
# Digits with what stands between them in a telephone. Brackets are the telephone's only around digits: (0714).
_NUMBER = re.compile(
    r"(?:[(（]\s?[+＋]?[0-9０-９]{2,6}\s?[)）]|[+＋]?[0-9０-９]+)"
    r"(?:(?:[\s\-－‐‑‒–—―.．/／]|转|分机|ext\.?)*(?:[(（][0-9０-９]+[)）]|[0-9０-９]+))*",
    re.IGNORECASE,
)
_LEAST_DIGITS = 5  # of a number that is a telephone wherever it stands
_LOST = re.compile(r"[0-9][.,]?[0-9]{0,14}e\+?[0-9]{1,2}", re.IGNORECASE)
# What says that there is no number, or only what the number beside it is.
_NOTHING = frozenset(
    """待定 无 暂无 没有 不详 未知 未提供 不便提供 空 none n/a na null nil tbd tba unknown
    手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 tel phone mobile""".split()  # noqa: SIM905
)
_ENDS = " \t\r\n/,，、;；|:：-.。'’_*+\\"


@dataclass(frozen=True)
class Telephone:
    """A cell's mobile as names.normalise_mobile has it, and what else stood there.

    `is_lost`: a program kept the first digits only ("1.38E+10"), which are in `note`.
    """

    mobile: str | None = None
    note: str = ""
    is_lost: bool = False


def telephone_in(cell: str) -> Telephone:
    """Return the first mobile of a cell; the rest, a landline or a remark, is a note."""
    text = clean(cell.replace("\n", " ")).lstrip("'’")
    if _LOST.fullmatch(text):
        return Telephone(note=text, is_lost=True)
    if mobile := normalise_mobile(text.removesuffix(".0")):
        return Telephone(mobile)
    mobile_at = find_mobile(text)
    if mobile_at is None:
        return Telephone(note=_worth_keeping(text))
    mobile, start, end = mobile_at
    return Telephone(mobile, _worth_keeping(f"{text[:start]} {text[end:]}"))


def find_mobile(text: str) -> tuple[str, int, int] | None:
    """Return the first mobile of a text, with the places where it begins and ends."""
    plain = text.translate(_PLAIN)
    for candidate in _CANDIDATE.finditer(plain):
        if mobile := normalise_mobile(candidate[0]):
            return mobile, candidate.start(), candidate.end()
    return None


def in_plain_digits(text: str, least: int = _LEAST_DIGITS) -> str:
    """Return the text with its telephones in plain digits, dashes and brackets: ０７１４－６２２２ is 0714-6222.

    `least`: how many digits make a number one; a 班 and a seat keep theirs as they stand.
    """
    if text.isascii():
        return text
    return _NUMBER.sub(lambda number: _plain(number[0], least), text)


def _plain(number: str, least: int) -> str:
    return number.translate(_PLAIN) if sum(map(str.isdigit, number)) >= least else number


def _worth_keeping(rest: str) -> str:
    """Return a note without the separators at its ends, and "" for what says only that there is no number."""
    note = in_plain_digits(clean(rest), 1).strip(_ENDS)
    if note[:1] in "(（[【" and note[-1:] in ")）]】" and not any(one in "()（）[]【】" for one in note[1:-1]):
        note = note[1:-1].strip(_ENDS)
    return "" if note.casefold() in _NOTHING or not any(map(str.isalnum, without_selectors(note))) else note
