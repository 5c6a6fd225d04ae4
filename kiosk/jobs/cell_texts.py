"""A cell's value and its number format, made the text that the person saw.

What a format asks for and nobody here knows is left to General: the number itself, never another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from .number_formats import Piece, Section, section_for, text_section

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # what XML cannot hold, and _x005F_ for "_" before such a one
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+\d{2}|\d{15}0{2,}", re.ASCII)  # as a program shows a long number, or keeps it
MOST_EXACT = 10**15  # programs keep fifteen digits
# What programs write into a cell that could not be calculated, as it stands in text that they saved or copied.
ERRORS = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|GETTING_DATA|名称[?？])",
    re.IGNORECASE,
)
LAST_DAY = 2_958_465  # 31 December 9999
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHINESE_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
CHINESE_DAYS = "一二三四五六日"


@dataclass(frozen=True)
class Shown:
    """A cell's text; `mark` is "" or a code of services/lists/books.CellMarkCode, `was` what the mark is about."""

    text: str
    mark: str = ""
    was: str = ""


def show_text(text: str, code: str = "General") -> Shown:
    """Return text as its cell shows it."""
    if "_x" in text:
        text = _unescaped(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "@" in code and code != "@" and (section := text_section(code)):
        text = "".join(text if piece.kind == "text" else piece.text for piece in section.pieces).strip()
    if text.startswith("#") and ERRORS.fullmatch(text):
        return Shown("", "error", text)
    if LOST_DIGITS.fullmatch(text) and (code != "@" or "E" in text):  # in a cell for text no program cuts digits off
        return Shown(text, "digits", text)
    return Shown(text)


def _unescaped(text: str) -> str:
    """Return text with its escapes made characters; those of half a character are joined, controls are left out."""
    text = ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return CONTROLS.sub("", text)


def show_number(value: float, code: str = "General", *, is_1904: bool = False) -> Shown:
    """Return a number, or a day that is kept as one, as its cell shows it."""
    if value != value or value in (float("inf"), float("-inf")):
        return Shown("", "error", str(value))
    section, has_own_sign = section_for(code, value)
    if section.is_date:
        at = _moment(value, is_1904)
        return _dated(section, at, value) if at else Shown(general(value))
    if abs(value) >= MOST_EXACT and value == int(value):
        return Shown(general(value), "digits", f"{value:.2E}")
    if section.has("exponent"):
        return _with_exponent(section, value)
    size = abs(value) if has_own_sign else value
    text = (_fraction(section, size) if section.has("slash") else _numbered(section, size)).strip()
    return Shown(text if text or not value else general(value))  # ";;;" hides a number, which is not to be lost


def general(value: float) -> str:
    """Return a number as it is shown without a format: 3, 36.6; all digits of a long one."""
    if value == int(value) and abs(value) < 1e300:
        return format(Decimal(repr(value)).to_integral_value(), "f")
    whole = len(str(int(abs(value)))) if abs(value) < MOST_EXACT else 15
    return format(Decimal(f"{value:.{max(10, whole + 3)}g}"), "f") if abs(value) > 1e-9 else f"{value:.5G}"


def _with_exponent(section: Section, value: float) -> Shown:
    """Show 1.38E+10; where the file still has the whole number, the text is that."""
    places = 0
    for before, piece in zip(section.pieces, section.pieces[1:], strict=False):
        if before.kind == "point" and piece.kind == "digits":
            places = len(piece.text)
    shown = f"{value:.{places}E}"
    if value == int(value) and abs(value) >= 1e5:
        return Shown(general(value), "digits", shown)
    return Shown(shown)


def _numbered(section: Section, value: float) -> str:
    """Show a number by its pieces: zeros in front, thousands, places, per cent, words around it."""
    if section.has("general"):
        own = general(value)
        return "".join(own if piece.kind == "general" else piece.text for piece in section.pieces)
    if not section.has("digits"):  # words alone, or a code that is not known
        words = "".join(piece.text for piece in section.pieces if piece.kind == "literal").strip()
        return words if not section.pieces or words else general(value)
    before, after, is_grouped, scale = _parts(section)
    number = Decimal(repr(value)).scaleb(2 * sum(piece.kind == "percent" for piece in section.pieces) - 3 * scale)
    wanted = "".join(piece.text for piece in after if piece.kind == "digits")
    try:
        rounded = abs(number).quantize(Decimal(1).scaleb(-len(wanted)), ROUND_HALF_UP)
    except InvalidOperation:  # more digits than anybody shows
        return general(value)
    whole, _, places = format(rounded, "f").partition(".")
    places = _places(places, wanted)
    sign = "-" if number < 0 and rounded else ""
    return sign + _spread(before, "" if whole == "0" else whole, is_grouped) + _after(after, places)


def _parts(section: Section) -> tuple[list[Piece], list[Piece], bool, int]:
    """Return the pieces before the point and from it on, whether thousands are divided, how often they are cut off."""
    pieces = section.pieces
    point = next((place for place, piece in enumerate(pieces) if piece.kind == "point"), len(pieces))
    digits = [place for place, piece in enumerate(pieces) if piece.kind == "digits"]
    commas = [place for place, piece in enumerate(pieces) if piece.kind == "comma"]
    before = [place for place in digits if place < point]
    within = [place for place in commas if before and before[0] < place < before[-1]]
    scale = sum(place > digits[-1] or place == point - 1 for place in commas if place not in within)
    left = [piece for piece in pieces[:point] if piece.kind != "comma"]
    right = [piece for piece in pieces[point:] if piece.kind != "comma"]
    return left, right, bool(within), scale


def _places(places: str, wanted: str) -> str:
    """Leave out the zeros at the end that "#" does not ask for."""
    while places and places[-1] == "0" and wanted[len(places) - 1] in "#?":
        places = places[:-1]
    return places


def _spread(pieces: list[Piece], whole: str, is_grouped: bool) -> str:
    """Lay the digits under their places from the right, words between them: 000-0000-0000."""
    width = sum(piece.text.count("0") for piece in pieces if piece.kind == "digits")
    digits = whole.rjust(width, "0")
    if is_grouped:
        digits = f"{int(digits or 0):0{len(digits) + (len(digits) - 1) // 3},}" if digits else ""
    shown: list[str] = []
    first = next((place for place, piece in enumerate(pieces) if piece.kind == "digits"), -1)
    for place in range(len(pieces) - 1, -1, -1):
        piece = pieces[place]
        if piece.kind != "digits":
            shown.append(piece.text)
        elif place == first or is_grouped:
            shown.append(digits)
            digits = ""
        else:
            shown.append(digits[-len(piece.text) :])
            digits = digits[: -len(piece.text)]
    return "".join(reversed(shown))


def _after(pieces: list[Piece], places: str) -> str:
    shown: list[str] = []
    for piece in pieces:
        if piece.kind == "digits":
            shown.append(places[: len(piece.text)])
            places = places[len(piece.text) :]
        elif piece.kind != "point" or places:
            shown.append(piece.text)
    return "".join(shown)


def _fraction(section: Section, value: float) -> str:
    """Show 1 1/2."""
    digits = [piece.text for piece in section.pieces if piece.kind == "digits"]
    if len(digits) < 2 or abs(value) > MOST_EXACT:
        return general(value)
    near = Fraction(abs(value)).limit_denominator(10 ** min(len(digits[-1]), 4) - 1)
    whole, rest = divmod(near.numerator, near.denominator) if len(digits) > 2 else (0, near.numerator)
    parts = [str(whole)] if whole or not rest else []
    if rest:
        parts.append(f"{rest}/{near.denominator}")
    return ("-" if value < 0 else "") + " ".join(parts)


def _moment(value: float, is_1904: bool) -> datetime | None:
    """Return the moment that a number of days stands for, to the millisecond; None for what is shown as ####."""
    if not 0 <= value <= LAST_DAY:
        return None
    # Day 60 of the other calendar is 29 February 1900, which never was: days before it are one further on.
    start = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30) + timedelta(days=value < 60)
    try:
        return start + timedelta(milliseconds=round(value * 86_400_000))
    except OverflowError:
        return None


def _dated(section: Section, at: datetime, value: float) -> Shown:
    """Show a day or an hour, and say what was typed where a program has made a day of it."""
    pieces = section.pieces
    if not any(piece.kind == "point" for piece in pieces):
        at += timedelta(milliseconds=500)  # 9:59:59.9995 is ten
        at = at.replace(microsecond=0)
    is_half = section.has("half")
    text = "".join(_when(pieces, place, at, value, is_half, section.is_chinese) for place in range(len(pieces)))
    return _typed(pieces, at, value, text.strip())


def _typed(pieces: tuple[Piece, ...], at: datetime, value: float, text: str) -> Shown:
    """Mark a day with what was typed: 3-2 for 3月2日, 2024-3-2 with its year, 3-40 for Mar-40; so an hour: 3:2 for
    3:02:00."""
    kinds = "".join(
        "n" if _is_minutes(pieces, place) else piece.text[0].lower() for place, piece in enumerate(pieces)
        if piece.kind == "when"
    )  # fmt: skip
    has_year, has_month, has_day = "y" in kinds or "e" in kinds, "m" in kinds, "d" in kinds
    if pieces[0].text.strip("[]").lower() in ("h", "hh") and all(
        piece.kind in ("when", "elapsed") or piece.text == ":" for piece in pieces
    ):  # what a program chooses by itself; 18时00分 somebody has chosen
        hours = round(value * 86_400) // 3600 if pieces[0].kind == "elapsed" else at.hour
        return Shown(text, "time", f"{hours}:{at.minute or '00'}" + (f":{at.second}" if at.second else ""))
    if not has_month:
        return Shown(text)
    if has_day:
        return Shown(text, "date", f"{at.year}-{at.month}-{at.day}" if has_year else f"{at.month}-{at.day}")
    if has_year and kinds.index("m") < max(kinds.find("y"), kinds.find("e")):
        return Shown(text, "date", f"{at.month}-{at.year % 100:02d}")
    return Shown(text, "date", f"{at.year}-{at.month}" if has_year else str(at.month))


def _is_minutes(pieces: tuple[Piece, ...], place: int) -> bool:
    """Tell whether m stands for minutes: it comes after hours or before seconds."""
    if pieces[place].text[0].lower() != "m" or len(pieces[place].text) > 2:
        return False
    kinds = ("when", "elapsed")
    before = next((piece.text[0].lower() for piece in reversed(pieces[:place]) if piece.kind in kinds), "")
    after = next((piece.text[0].lower() for piece in pieces[place + 1 :] if piece.kind in kinds), "")
    return before == "h" or after == "s"


def _when(pieces: tuple[Piece, ...], place: int, at: datetime, value: float, is_half: bool, is_chinese: bool) -> str:
    piece = pieces[place]
    text = piece.text.lower()
    if piece.kind == "elapsed":
        return str(int(round(value * 86_400) // {"h": 3600, "m": 60, "s": 1}[text[0]]))
    if piece.kind == "half":
        if piece.text.startswith("上"):
            return "上午" if at.hour < 12 else "下午"
        return ("AM" if at.hour < 12 else "PM")[: 1 if len(text) == 3 else 2]
    if piece.kind == "digits" and place and pieces[place - 1].kind == "point":
        return f"{at.microsecond // 1000:03d}"[: len(text)]
    if piece.kind != "when":
        return piece.text
    if _is_minutes(pieces, place):
        return f"{at.minute:0{min(len(text), 2)}d}"
    if text[0] in "hs":
        number = (at.hour % 12 or 12 if is_half else at.hour) if text[0] == "h" else at.second
        return f"{number:0{min(len(text), 2)}d}"
    return _day_part(text, at, is_chinese)


def _day_part(text: str, at: datetime, is_chinese: bool) -> str:
    """Show a year, a month, a day or a day of the week."""
    kind, length = text[0], len(text)
    if kind in "ye":
        return f"{at.year % 100:02d}" if kind == "y" and length < 3 else str(at.year)
    if length < 3:
        return f"{at.month if kind == 'm' else at.day:0{length}d}"
    if kind == "m":
        if is_chinese:
            return f"{at.month}月" if length == 3 else f"{CHINESE_MONTHS[at.month - 1]}月"
        name = ENGLISH_MONTHS[at.month - 1]
        return {3: name[:3], 5: name[0]}.get(length, name)
    if kind == "a" or is_chinese:
        day = CHINESE_DAYS[at.weekday()]
        return day if text == "aaa" else f"周{day}" if length == 3 else f"星期{day}"
    return ENGLISH_DAYS[at.weekday()][: 3 if length == 3 else None]
