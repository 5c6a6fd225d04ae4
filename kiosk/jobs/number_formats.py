"""A spreadsheet's number formats, taken apart: the built-in ones, the sections of a code, and a section's pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DAY, MONTH_DAY, MONTH = 'yyyy"年"m"月"d"日"', 'm"月"d"日"', 'yyyy"年"m"月"'
CLOCK, SECONDS = 'h"时"mm"分"', 'h"时"mm"分"ss"秒"'
# By number, as Chinese programs show them: 27 to 36 and 50 to 58 mean something else in each country.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: MONTH, 28: MONTH_DAY, 29: MONTH_DAY, 30: "m-d-yy", 31: DAY,
    32: CLOCK, 33: SECONDS, 34: f"上午/下午{CLOCK}", 35: f"上午/下午{SECONDS}", 36: MONTH, 37: "#,##0;-#,##0",
    38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 41: "#,##0", 42: "#,##0", 43: "#,##0.00",
    44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: MONTH, 51: MONTH_DAY,
    52: MONTH, 53: MONTH_DAY, 54: MONTH_DAY, 55: f"上午/下午{CLOCK}", 56: f"上午/下午{SECONDS}", 57: MONTH,
    58: MONTH_DAY,
}  # fmt: skip
LONGEST_CODE = 300  # programs write at most 255
SECTIONS = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]?|[^;"\\\[])+|(?<=;)(?=;|$)|^(?=;)', re.DOTALL)
PIECES = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]?
    | (?P<general>General|G/通用格式) | (?P<half>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-]0+) | (?P<when>y+|m+|d+|h+|s+|e+|a{3,4}) | (?P<digits>[0\#?]+) | (?P<point>\.)
    | (?P<comma>,) | (?P<percent>%) | (?P<slash>/) | (?P<text>@) | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?[\d.]+)$")
ELAPSED = re.compile(r"(h+|m+|s+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A piece of a section: `kind` is "literal" or a group of PIECES, "elapsed" for [h]."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """One of up to four sections of a code, which stand for numbers above, below and at zero, and for text."""

    pieces: tuple[Piece, ...]
    condition: tuple[str, float] | None = None
    is_chinese: bool = False  # [$-804]: names of months and days

    def has(self, kind: str) -> bool:
        return any(piece.kind == kind for piece in self.pieces)

    @property
    def is_date(self) -> bool:
        return self.has("when") or self.has("elapsed")


@lru_cache(maxsize=1000)
def sections_of(code: str) -> tuple[Section, ...]:
    """Return the sections of a format's code; a code that nobody could have written is General."""
    if len(code) > LONGEST_CODE:
        code = "General"
    return tuple(_section(text) for text in SECTIONS.findall(code)[:4]) or (_section("General"),)


def _section(text: str) -> Section:
    pieces: list[Piece] = []
    condition, is_chinese = None, False
    for match in PIECES.finditer(text):
        kind, value = match.lastgroup or "other", match[match.lastgroup or 0]
        if kind == "bracket":
            if limit := CONDITION.match(value):
                condition = (limit[1], _number(limit[2]))
            elif ELAPSED.match(value):
                pieces.append(Piece("elapsed", value.lower()))
            elif value.startswith("$"):  # [$¥-804]: a currency and a country
                symbol, _, country = value[1:].partition("-")
                is_chinese = is_chinese or country.upper().endswith(("804", "404", "C04", "1004"))
                pieces.append(Piece("literal", symbol))
            continue  # colours, [DBNum1]: the digits stay plain
        if kind == "space":
            kind, value = "literal", " "
        elif kind == "fill":
            continue
        pieces.append(Piece("literal" if kind in ("quoted", "escaped", "other") else kind, value))
    return Section(tuple(pieces), condition, is_chinese)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def section_for(code: str, value: float) -> tuple[Section, bool]:
    """Return the section that shows this number, and whether the section itself says that the number is negative."""
    sections = [section for section in sections_of(code) if not _is_for_text(section)]
    if not sections:
        return sections_of("General")[0], False
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _holds(section.condition, value):
                return section, False
        return sections_of("General")[0], False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _is_for_text(section: Section) -> bool:
    return section.has("text")


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, limit = condition
    return {
        "<": value < limit, ">": value > limit, "<=": value <= limit, ">=": value >= limit, "=": value == limit,
        "<>": value != limit,
    }[sign]  # fmt: skip


def text_section(code: str) -> Section | None:
    """Return the section that shows text, where the code has one that adds something."""
    return next((section for section in sections_of(code) if _is_for_text(section)), None)
