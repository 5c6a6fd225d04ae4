"""What people type, made comparable: names, mobiles, digits, masks."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Mapping

from kiosk.person_fields import BY_COLUMN, Mask

LONGEST_NAME = BY_COLUMN["name"].length
# Marks that may stand on one character: more than any script has (Unicode Standard Annex #15, "Stream-Safe Text").
MOST_MARKS = 30
# What is known of each character, one byte each. A cache of characters would be spread by a long list over all of the
# memory that reading it took, and a worker gives none of that back.
_MARK, _NO_MARK = 1, 2
_marks = bytearray(sys.maxunicode + 1)
_SPACE = re.compile(r"\s+")
_MOBILE_NOISE = re.compile(r"[\s\-‐-―()（）.·]")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_FOREIGN_MOBILE = re.compile(r"\+\d{8,15}")
# Private-use characters (Co) are none: an old program had no other place for the rare character of a name.
_UNWANTED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_BREAKS = {"\t", "\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"}
# Input methods have a dozen dots for that of 买买提·吐尔逊; U+02D9 is one, which NFKC would make a mark of.
MIDDLE_DOTS = "·•・･‧∙⋅˙᛫⸱⸳●∘◦"
_DOTS = str.maketrans(dict.fromkeys(MIDDLE_DOTS, "·"))
LONG_SURNAMES = frozenset(
    """欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 南宫 端木
    轩辕 澹台 申屠 闾丘 呼延 西门 独孤 赫连""".split()  # noqa: SIM905
)
_SEPARATORS = str.maketrans("", "", "·.,，。、-_'’\"“”()[]{}（）【】《》〈〉/\\")
# Emoji and the keycap of a digit. The selectors of a character's variant (U+FE0F, U+E0100) are none.
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u20e3\U000e0000-\U000e007f]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def composed(value: str) -> str:
    """Return the text with each character composed (NFC)."""
    return unicodedata.normalize("NFC", value if len(value) <= MOST_MARKS else _with_few_marks(value))


def unified(value: str) -> str:
    """Return the text with full-width, circled and other such forms made plain, too (NFKC)."""
    return unicodedata.normalize("NFKC", value if len(value) <= MOST_MARKS else _with_few_marks(value))


def _with_few_marks(value: str) -> str:
    """Cut runs of marks: putting one in order takes its length squared."""
    if value.isascii():
        return value
    run, few = 0, []
    for character in value:
        run = run + 1 if _is_mark(character) else 0
        if run <= MOST_MARKS:
            few.append(character)
    return "".join(few)


def _is_mark(character: str) -> bool:
    """Say whether a character belongs to the one before it, or is made of such ones, as U+0F73 and U+FF9E are."""
    number = ord(character)
    if not _marks[number]:
        is_mark = unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) > 0
        _marks[number] = _MARK if is_mark else _NO_MARK
    return _marks[number] == _MARK


def clean(value: str) -> str:
    """Return the text as it should be kept: composed, single-spaced, without control or zero-width characters."""
    text = composed(value)
    if text.isprintable() and "  " not in text:  # most of what arrives: nothing to take out
        return text.strip()
    spaced = "".join(" " if character in _BREAKS else character for character in text)
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _UNWANTED)
    return _SPACE.sub(" ", visible).strip()


def key_of(value: str) -> str:
    """Return what two spellings of one name share: width, case, spaces and separating dots do not count.

    Names padded for looks ("王　强") equal those that are not, and 葛 is 葛 whichever variant a selector asks for.
    """
    folded = unified(without_selectors(clean(value)).translate(_DOTS)).casefold()
    return "".join(folded.split()).translate(_SEPARATORS) or folded


def name_key_of(name: str) -> str:
    """Return what spellings of a person's name share, as every table of people keeps it."""
    return key_of(name)[:LONGEST_NAME]


def has_pictures(value: str) -> bool:
    """Say whether the text holds emoji or pictographs, which no official sheet can print."""
    return _PICTURES.search(value) is not None


def without_pictures(value: str) -> str:
    """Return the text with a space for each emoji, the selectors that belong to emoji gone with them."""
    return _PICTURES.sub(" ", value.replace("\ufe0f", "")) if has_pictures(value) else value


def without_selectors(value: str) -> str:
    """Return the text without what asks for a variant of the character before it."""
    return value if value.isascii() else _SELECTORS.sub("", value)


def normalise_mobile(value: str) -> str | None:
    """Return a mobile as digits (`13800138000`) or `+` and digits for a foreign one; None if it is neither.

    Full-width digits, spaces, dashes and +86/0086 are accepted. Ranges change too often to be checked more
    narrowly than 1[3-9] and nine digits.
    """
    return mobile_of_clean(clean(value))


def mobile_of_clean(value: str) -> str | None:
    """Return what normalise_mobile does of a text that `clean` has made."""
    digits = _MOBILE_NOISE.sub("", unified(without_selectors(value)))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+86") and _CHINESE_MOBILE.fullmatch(digits[3:]):
        digits = digits[3:]
    if digits.startswith("86") and _CHINESE_MOBILE.fullmatch(digits[2:]):
        digits = digits[2:]
    if _CHINESE_MOBILE.fullmatch(digits) or (_FOREIGN_MOBILE.fullmatch(digits) and not digits.startswith("+86")):
        return digits
    return None


def mask_mobile(value: str | None) -> str:
    """Return `138****5678`: the first three and the last four."""
    if not value:
        return ""
    return f"{value[:3]}****{value[-4:]}"


def mask_name(value: str) -> str:
    """Return `王*强`, `张*`: the first and, of three or more, the last character."""
    value = without_selectors(value)
    if len(value) <= 1:
        return "*"
    if len(value) == 2:
        return f"{value[0]}*"
    return f"{value[0]}{'*' * min(len(value) - 2, 3)}{value[-1]}"


def surname_of(value: str) -> str:
    """Return what somebody is called by at a head-count: `欧阳`, `王`; of another name its first character."""
    value = without_selectors(value)
    return value[:2] if value[:2] in LONG_SURNAMES else value[:1]


def surname_mask(value: str) -> str:
    """Return `张*`, `欧阳*`, `J*`: what a screen before everybody may say of a name."""
    value = without_selectors(value)
    surname = surname_of(value)
    return f"{surname if len(surname) < len(value) else value[:-1][:1]}*"


def mask_number(value: str | None) -> str:
    """Return a student number with its last two characters alone, `******01`; one of one or two shows nothing."""
    value = value or ""
    return "*" * len(value) if len(value) <= 2 else f"{'*' * (len(value) - 2)}{value[-2:]}"


# By the name that the table of fields (kiosk/person_fields) gives a mask.
MASKS: Mapping[Mask, Callable[[str], str]] = {"name": mask_name, "mobile": mask_mobile, "number": mask_number}
