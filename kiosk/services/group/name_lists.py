"""Names pasted into one box, told apart: a chat's numbered list, a column of cells, names in a row."""

from __future__ import annotations

import re

from kiosk.services.names import clean

# A number stands before a name ("1. 张三"), behind it (a mobile, a student number) or between two ("1张三2李四").
# A single digit right behind a letter belongs to the name: a school tells two 李明 apart as 李明1 and 李明2.
_NUMBERS = re.compile(r"(?<![^\W\d_])[(（【\[]?\d+[)）】\]]?[.、．:：)）]?|\d{4,}|\d+[.、．]|[①-⑳]")
_HEADING = re.compile(r"^.*[:：](?=.|$)")
_REMARK = re.compile(r"(?<=\S)\s*[(（【\[][^()（）【】\[\]]*[)）】\]]")
DEEPEST_REMARK = 3
_SEPARATORS = re.compile(r"[、，,;；/|\t\r\n\f\v\x85\u2028\u2029@]+")
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SEXES = {"男", "女"}
_LONG_SURNAMES = frozenset("欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 南宫 端木".split())  # noqa: SIM905


def split_names(pasted: str) -> tuple[str, ...]:
    """Return the names in a pasted text, in their order, whatever stands between them.

    Numbers, headings that end in a colon, remarks in brackets and 男/女 are left out. Spaces stand between
    full names ("张三 李四"), inside a padded one ("王　强") and inside foreign ones ("Alexandra Montgomery").
    """
    names: list[str] = []
    for line in pasted.splitlines():
        bare = _without_remarks(_NUMBERS.sub("、", _HEADING.sub("", _without_numbering(line))))
        for piece in _SEPARATORS.split(bare):
            names += _split_at_spaces(piece)
    return tuple(names)


def _without_remarks(line: str) -> str:
    """Take remarks in brackets out, and those within remarks: each pass takes the innermost."""
    for _depth in range(DEEPEST_REMARK):
        line = _REMARK.sub(" ", line)
    return line


def _without_numbering(line: str) -> str:
    """Take a line's own number off first, so that the colon of "1：张三" makes no heading."""
    return re.sub(r"^\s*[(（]?\d{1,3}[)）.、．:：]*", "", line)


def _split_at_spaces(piece: str) -> list[str]:
    names: list[str] = []
    run: list[str] = []  # single characters or foreign words that belong together
    for word in clean(piece).strip("-–—*•·.。 ").split(" "):
        is_part = bool(word) and (len(word) == 1 or not _HAN.search(word) or word in _LONG_SURNAMES)
        if is_part and (not run or bool(_HAN.search(run[-1])) == bool(_HAN.search(word))):
            if word not in _SEXES:
                run.append(word)
            continue
        if run and run[-1] in _LONG_SURNAMES and _HAN.search(word):
            names += [*_joined(run[:-1]), run[-1] + word]
            run = []
            continue
        names += _joined(run)
        run = [word] if is_part and word not in _SEXES else []
        names += [] if is_part or not word else [word]
    return names + _joined(run)


def _joined(run: list[str]) -> list[str]:
    """Return what a run of parts means: one foreign name, or Chinese ones of two or three characters."""
    if not run:
        return []
    if not _HAN.search(run[0]):
        return [" ".join(run)]
    text = "".join(run)
    if len(text) <= 3 or run[0] in _LONG_SURNAMES:
        return [text]
    pairs = [text[start : start + 2] for start in range(0, len(text) - len(text) % 2, 2)]
    return [*pairs[:-1], pairs[-1] + text[-1]] if len(text) % 2 else pairs
