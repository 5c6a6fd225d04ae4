"""Whatever a list holds: reading it never fails, is over soon, and leaves no filled row out without a word."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies

from kiosk.services.lists.books import Book, CellMark, Sheet
from kiosk.services.lists.reading import ListReading, read_book
from kiosk.services.lists.texts import read_text
from kiosk.services.refusals import Refused

MOST_SECONDS = 2.0  # of the processor
WORDS = strategies.sampled_from(
    [
        "姓名", "单位", "手机", "状态", "年级", "班级", "联系人", "序号", "备注", "人数", "Name", "Company",
        "First Name", "Last Name", "王强", "李娜、赵敏", "甘三等3人", "甘一（请假）", "Ada Example",
        "松林机电", "青石银行有限公司", "13800138000", "0714-6222222转802", "初二3班", "3", "合计：3人", "填表人：小丁",
        "不参加", "待定", "例：王强",
        "#接龙", "1. 甘一 松林机电", "2、甘二+1", "代报：甘三", "", " ", "—", "=1+1", "'=1+1", "甘\ue863", "🌸", "\n",
        "a" * 300, "((((", "，，，", "甘\u0301\u0301",
    ]
)  # fmt: skip
CELLS = strategies.one_of(WORDS, strategies.text(max_size=12))
ROWS = strategies.lists(strategies.lists(CELLS, max_size=8), max_size=12)
MARKS = strategies.dictionaries(
    strategies.tuples(strategies.integers(0, 12), strategies.integers(0, 8)),
    strategies.sampled_from(["error", "uncalculated", "date", "digits", "cut", "quote", "damaged", "struck", "time"]),
    max_size=4,
)
HARDLY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def sheet_of(
    rows: Sequence[Sequence[str]], name: str, marks: dict[tuple[int, int], str], hidden: frozenset[int]
) -> Sheet:
    filled = [(number, tuple(cells)) for number, cells in enumerate(rows) if any(cell.strip() for cell in cells)]
    return Sheet(filled, name, marks={at: CellMark(code, "3-2") for at, code in marks.items()}, hidden_rows=hidden)  # type: ignore[arg-type]


def rows_said(reading: ListReading, name: str) -> set[int]:
    """Return the rows of a sheet that are in one of the heaps, or a header's."""
    rows = {row.row for row in reading.rows if row.sheet == name}
    rows |= {row for one in reading.left_out if one.sheet == name for row in range(one.row, one.row + one.count)}
    return rows | {row for table in reading.tables if table.sheet == name for row in table.header_rows}


def check(book: Book) -> None:
    began = time.process_time()
    reading = read_book(book)
    assert time.process_time() - began < MOST_SECONDS
    for sheet in book.sheets:
        assert {number + 1 for number, _cells in sheet.rows} <= rows_said(reading, sheet.name)
    for row in reading.rows:
        assert all(str(doubt.reason) for doubt in row.person.doubts)


@HARDLY
@given(rows=ROWS, more=ROWS, marks=MARKS, hidden=strategies.frozensets(strategies.integers(0, 12), max_size=3))
def test_no_row_of_a_workbook_is_left_out_without_a_word(
    app: Flask, rows: list[list[str]], more: list[list[str]], marks: dict[tuple[int, int], str], hidden: frozenset[int]
) -> None:
    check(Book((sheet_of(rows, "名单", marks, hidden), sheet_of(more, "东城", {}, frozenset()))))


@HARDLY
@given(
    lines=strategies.lists(strategies.lists(CELLS, max_size=5), max_size=12),
    separator=strategies.sampled_from(",，\t ;、"),
)
def test_no_line_of_a_text_is_left_out_without_a_word(app: Flask, lines: list[list[str]], separator: str) -> None:
    try:
        book = read_text("\n".join(separator.join(words) for words in lines))
    except Refused as refusal:
        assert refusal.code in ("empty_table", "too_big", "no_table")
        return
    check(book)
