"""Which column of a roster holds what: by its header, as people and form services write them, or by its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.person_fields import ROSTER
from kiosk.services.lists.looks_like import is_class, is_mobile, is_name, is_organisation, is_title
from kiosk.services.names import unified

LOOKED_AT = 20  # rows from the top: a header stands there or nowhere
LONGEST_HEADER = 40
MAJORITY = 0.6

EXACT = {word: field.column for field in ROSTER for word in field.headers.split()}
# Found within a longer header, the longest first; whose mobile it is says more than that it is one: 班级联系电话.
WITHIN = sorted(
    ((part, field.column) for field in ROSTER for part in field.within.split()),
    key=lambda pair: (-len(pair[0]), pair[1] not in ("name", "mobile")),
)
OTHERS = re.compile(
    r"家长|监护人|紧急|证件|身份证|邮箱|拼音|提交|填写时间|用时|来源|ip$|guardian|parent|emergency|email"
)
_NUMBERING = re.compile(r"^[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、．)）]+|^[①-⑳]|^q\d+[.:：]?")
_ASIDE = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_POLITE = re.compile(r"^your|^(?:请)?(?:填写|输入|选择|填)?(?:您|你|本人)?(?:的|所在的)?")
_LOST = re.compile(r"\d(?:\.\d+)?[eE]\+?1\d|\d{9,13}(?:\.0)?")
_NOISE = re.compile(r"[\s*＊:：?？_.\-/]+")


@dataclass(frozen=True)
class Columns:
    """What the columns hold, by their number from 0; `first` is the number of the first row of people."""

    by_field: dict[str, int]
    first: int
    ignored: tuple[str, ...] = ()  # headers that nothing is taken from
    has_header: bool = False


def find_columns(rows: Sequence[Sequence[str]]) -> Columns:
    """Find the header row and what stands under it; without one, guess by content."""
    best: dict[str, int] = {}
    best_row = -1
    for number, row in enumerate(rows[:LOOKED_AT]):
        by_field = _fields_of(row)
        if len(by_field) > len(best):
            best, best_row = by_field, number
    if best_row < 0:
        return Columns(_guess(rows), 0)
    row = rows[best_row]
    ignored = [cell for index, cell in enumerate(row) if cell.strip() and index not in best.values()]
    return Columns(best, best_row + 1, tuple(" ".join(cell.split())[:LONGEST_HEADER] for cell in ignored), True)


def _fields_of(row: Sequence[str]) -> dict[str, int]:
    if any(is_mobile(cell) for cell in row):
        return {}  # a row of a person
    words = [_bare(cell) if len(cell) <= LONGEST_HEADER else "" for cell in row]
    by_field: dict[str, int] = {}
    for index, word in enumerate(words):
        field = EXACT.get(word)
        if field and field not in by_field:
            by_field[field] = index
    is_certain = bool(by_field)
    for index, word in enumerate(words):
        if index in by_field.values() or OTHERS.search(word):
            continue
        within = next((name for part, name in WITHIN if part in word), None)
        if within and within not in by_field:
            by_field[within] = index
    # One word within one cell is a title ("参会人员姓名汇总") more often than a header.
    return by_field if is_certain or len(by_field) > 1 else {}


def _bare(header: str) -> str:
    """Return a header without what form services put around it: `1、您的姓名（必填）：` is 姓名."""
    word = unified("".join(header.split())).casefold()
    word = _ASIDE.sub("", _NUMBERING.sub("", word.lstrip("*")))
    word = _NOISE.sub("", word)
    return _POLITE.sub("", word, count=1) or word


def _guess(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    filled = [row for row in rows if any(cell.strip() for cell in row)][:200]
    width = max((len(row) for row in filled), default=0)
    columns = [
        [row[index].strip() for row in filled if index < len(row) and row[index].strip()] for index in range(width)
    ]
    by_field: dict[str, int] = {}
    tests: tuple[tuple[str, Callable[[str], bool]], ...] = (  # the surest first
        ("mobile", is_mobile),
        ("organisation_name", is_organisation),
        ("class_name", is_class),
        ("job_title", is_title),
        ("name", is_name),
        ("name", lambda cell: not any(map(str.isdigit, cell))),  # in other letters
        ("mobile", lambda cell: _LOST.fullmatch(cell) is not None),  # without their digits, to be named one by one
        ("seats", lambda cell: cell.isdigit() and len(cell) < 4),
    )
    for field, test in tests:
        if field in by_field or (field == "seats" and "name" in by_field):
            continue
        for index, cells in enumerate(columns):
            if index not in by_field.values() and cells and sum(map(test, cells)) >= MAJORITY * len(cells):
                by_field[field] = index
                break
    return by_field
