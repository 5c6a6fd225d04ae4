"""Text, made rows of cells: which separator divides it, and quotes that people and programs leave open.

Pure and linear in the length of the text. Used by the job for files, and by services/lists/texts for what is pasted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from .cell_texts import Shown, show_text

SEPARATORS = ("\t", ",", ";", "|", "，", "；")  # of two that serve as well, the first
LEAST_SHARE = 0.6  # of the rows that must have one number of cells, where no header speaks for a separator
JUDGED_ROWS = 1_000
HEADER_WITHIN = 20  # rows
LONGEST_QUOTED = 5_000  # characters, and lines: what closes further on has swallowed rows
MOST_QUOTED_LINES = 40
MOST_CELLS = 1_000  # of a row: far more than are read, and all that is needed to say so
DIRECTIVE = re.compile(r"sep=(.)\n", re.IGNORECASE)  # Excel's own first line
AS_TEXT = re.compile(r'="([^"]*)"')  # written so that spreadsheets keep a number's zeros
NUMBERED = re.compile(
    r"\s*(?:[(（]?\d{1,4}(?:[.、．:：)）]|\s{1,8}(?=\S))|[(（【\[]\d{1,4}[)）】\]]|[①-⑳㉑-㉟])\s*(?!\d)"
)  # a line of a chat's list
# Words of headers in text, whichever list it is: only to tell separators and encodings apart.
HEADER_WORDS = (
    "参会人", "岗位", "说明",
    "姓名", "名字", "名单", "单位", "公司", "企业", "手机", "电话", "联系", "职务", "职位", "班级", "年级", "学校",
    "学号", "座位", "备注", "序号", "性别", "部门", "身份", "邮箱", "学生", "家长", "签到", "名單", "單位", "企業",
    "手機", "電話", "聯絡", "聯繫", "職務", "職位", "職稱", "班級", "年級", "學校", "學號", "備註", "序號", "性別",
    "部門", "電郵", "學生", "家長", "氏名", "会社", "所属",
)  # fmt: skip
EXAMPLE = ("例", "如", "示例", "格式")
LABELLED = re.compile(r"[:：]\s*[^\s:：]|\d{5}")
OF_NAMES = re.compile(r"姓名|名字|参会人|\bname\b", re.IGNORECASE)
LATIN_HEADERS = re.compile(
    r"(?:full |first |last |family |given )?name|nom|company|organi[sz]ation|school|class|mobile|(?:tele)?phone|"
    r"e-?mail|title|position|seat|notes?|remarks?|no\.?|number|student (?:no\.?|number|id)|group|role",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TextRow:
    """A row of text: `number` counts from 0 as a spreadsheet would, empty rows included."""

    number: int
    cells: tuple[Shown, ...]


def is_header_word(cell: str) -> bool:
    """Tell whether the cell reads like a column's title."""
    cell = cell.strip()
    return len(cell) <= 20 and (any(word in cell for word in HEADER_WORDS) or bool(LATIN_HEADERS.fullmatch(cell)))


def plain_lines(text: str) -> str:
    """Return the text with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def rows_of(text: str, *, is_pasted: bool = False) -> Iterator[TextRow]:
    """Read the filled rows of a text, whose line ends are plain."""
    if directive := DIRECTIVE.match(text):
        yield from _filled(_records(text[directive.end() :], directive[1]), 1)
    else:
        yield from _filled(_records(text, separator_of(text, is_pasted=is_pasted)), 0)


def separator_of(text: str, *, is_pasted: bool = False) -> str:
    """Return what gives the rows one number of cells, or "" where every line is one cell.

    A header that it divides into titles speaks for a separator before all else. In a paste a comma is as likely to be
    part of a sentence: without a header it must divide every line alike, and no numbered list.
    """
    best, likeliest = (False, 0.0), ""
    for separator in SEPARATORS:
        if separator not in text:
            continue
        records = list(islice(_filled(_records(text, separator), 0), JUDGED_ROWS))
        if not records:  # separators and nothing else
            return separator
        has_header = any(
            sum(is_header_word(cell.text) for cell in record.cells) > 1 for record in records[:HEADER_WITHIN]
        )
        share = _share(records)
        if separator == "\t" and is_pasted:
            return separator
        if not has_header and share < (1.0 if is_pasted else LEAST_SHARE):
            continue
        if not has_header and is_pasted and any(NUMBERED.match(record.cells[0].text) for record in records):
            continue
        if (has_header, share) > best:
            best, likeliest = (has_header, share), separator
    return likeliest or (" " if _is_spaced(text) else "")


def _is_spaced(text: str) -> bool:
    """Tell whether spaces divide the text: it has a header of words and is no numbered list."""
    lines = list(islice((line for line in text.split("\n") if line.strip()), JUDGED_ROWS))
    is_chat = sum(NUMBERED.match(line) is not None for line in lines) * 2 > len(lines)
    return not is_chat and any(map(_is_spaced_header, lines[:HEADER_WITHIN]))


def _is_spaced_header(line: str) -> bool:
    words = line.split()
    if LABELLED.search(line):  # 姓名：甘一 电话：…
        return False
    known = sum(map(is_header_word, words))
    return (
        known > 1 and known >= len(words) - 1 and not words[0].startswith(EXAMPLE) and OF_NAMES.search(line) is not None
    )


def _spaced(text: str) -> Iterator[list[Shown]]:
    """Cut lines at their spaces; a row of more words than the header, or of fewer, is marked."""
    usual = 0
    for line in text.split("\n"):
        words = [_cell(word, False) for word in line.split()[:MOST_CELLS]]
        if not usual and _is_spaced_header(line):
            usual = len(words)
        elif usual and words and len(words) != usual:
            words[0] = Shown(words[0].text, "uneven", words[0].text)
        yield words


def _share(records: Sequence[TextRow]) -> float:
    """Return the share of rows with the most frequent number of cells; none where that is one."""
    counts = Counter(len(record.cells) for record in records)
    if not counts:
        return 0.0
    usual, times = max(counts.items(), key=lambda count: (count[1], count[0]))
    return times / len(records) if usual > 1 else 0.0


def _filled(records: Iterator[list[Shown]], first: int) -> Iterator[TextRow]:
    for number, cells in enumerate(records, start=first):
        if any(cell.text for cell in cells):
            yield TextRow(number, tuple(cells))


def _records(text: str, separator: str) -> Iterator[list[Shown]]:
    """Cut the text into rows of cells."""
    if separator == " ":
        yield from _spaced(text)
        return
    usual = _usual_count(text, separator)
    place, end = 0, len(text)
    cells: list[Shown] = []
    while place < end:
        closed = _closing(text, place, separator, usual) if text[place] == '"' else -1
        if closed >= 0:
            inner, stop = text[place + 1 : closed].replace('""', '"'), closed + 1
            is_open = usual > 1 and _whole_rows(inner, separator, usual) > 0
        else:
            stop = _end_of_cell(text, place, separator)
            inner = text[place:stop]
            is_open = inner.startswith('"') and inner.count('"') % 2 == 1
        if len(cells) < MOST_CELLS:
            cells.append(_cell(inner, is_open))
        if stop >= end or text[stop] == "\n":
            yield cells
            cells = []
        elif stop == end - 1:  # a separator ends the text
            yield [*cells, Shown("")]
            cells = []
        place = stop + 1
    if cells:
        yield cells


def _cell(text: str, is_open: bool) -> Shown:
    if match := AS_TEXT.fullmatch(text.strip()):
        text = match[1]
    # A tab behind a number is ours (services/tables/sheet_files): it was written as text, with all its digits.
    shown = show_text(text, "@" if text.endswith("\t") else "General")
    return Shown(shown.text, "quote", shown.text) if is_open else shown


def _end_of_cell(text: str, place: int, separator: str) -> int:
    """Return where the cell ends: a separator or the line's end."""
    match = re.compile(f"[{re.escape(separator)}\n]").search(text, place)
    return match.start() if match else len(text)


def _closing(text: str, place: int, separator: str, usual: int) -> int:
    """Return where the quote at `place` closes: before a separator or a line's end, not having swallowed rows; or -1.

    A quote in between that is not doubled opens no cell and closes none: "松林"机电 is kept as it is seen.
    """
    limit = min(len(text), place + LONGEST_QUOTED)
    at = place + 1
    while (at := text.find('"', at, limit)) >= 0:
        after = text[at + 1 : at + 2]
        if after == '"':
            at += 2
            continue
        if after not in ("", "\n") and after != separator:
            return -1
        inner = text[place + 1 : at]
        if inner.count("\n") > MOST_QUOTED_LINES:
            return -1
        swallowed = _whole_rows(inner, separator, usual)
        return -1 if swallowed > 1 or (swallowed and usual > 2) else at
    return -1


def _whole_rows(inner: str, separator: str, usual: int) -> int:
    """Count the lines in a quoted cell that look like rows of their own."""
    if not separator or "\n" not in inner:
        return 0
    return sum(line.count(separator) == usual - 1 for line in inner.split("\n")[1:])


def _usual_count(text: str, separator: str) -> int:
    """Return how many cells most filled lines have, quotes or not."""
    if not separator:
        return 1
    lines = islice((line for line in text.split("\n") if line.strip()), JUDGED_ROWS)
    counts = Counter(line.count(separator) + 1 for line in lines)
    return max(counts, key=lambda count: (counts[count], count), default=1)
