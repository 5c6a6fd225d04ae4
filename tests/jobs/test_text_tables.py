"""Text made rows: separators, quotes and encodings, as programs and people leave them."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from kiosk.jobs.read_table import read
from kiosk.jobs.sheet_cells import MOST_ROWS, Unreadable
from kiosk.jobs.text_tables import separator_of
from tests.aids.books import marks_by_place, rows_by_number
from tests.aids.paths import FIXTURES

LISTS = FIXTURES / "lists"
PEOPLE = "姓名,单位\n甘一,松林机电\n王强,青石银行\n"
TRADITIONAL = "姓名,單位\n陳大文,松林機電\n黃小明,青石銀行\n"


def sheet(content: str | bytes) -> dict[str, Any]:
    (book,) = read(content.encode() if isinstance(content, str) else content)
    found: dict[str, Any] = book["sheets"][0]
    return found


def rows(content: str | bytes) -> dict[int, list[str]]:
    return rows_by_number(sheet(content))


def test_the_separator_is_what_gives_every_row_one_count() -> None:
    assert {len(cells) for cells in rows((LISTS / "delimiter.csv").read_bytes()).values()} == {3}
    assert rows("甘一;13800130001\n甘二;13800130002,13800130003,办公室,转\n")[1] == [
        "甘二",
        "13800130002,13800130003,办公室,转",
    ]
    assert rows("参会名单\n\n姓名|单位\n甘一|松林,机电\n甘二|青石,银行\n")[2] == ["姓名", "单位"]


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|", "，", "；"])
def test_each_separator_is_found(separator: str) -> None:
    assert rows(PEOPLE.replace(",", separator))[1] == ["甘一", "松林机电"]


@pytest.mark.parametrize("text", ["甘一\n甘二, 甘三\n甘四\n", "王强\n李娜\n", "大家好，请接龙\n1. 甘一\n2. 甘二\n"])
def test_without_a_separator_each_line_is_a_cell(text: str) -> None:
    assert [len(cells) for cells in rows(text).values()] == [1] * len(text.splitlines())


def test_a_paste_is_cut_at_commas_only_where_all_lines_are() -> None:
    assert separator_of("甘一，好\n甘二，好\n甘三", is_pasted=True) == ""
    assert separator_of("1. 甘一，好\n2. 甘二，好", is_pasted=True) == ""
    assert separator_of("姓名，单位\n1. 甘一，好\n甘二", is_pasted=True) == "，"
    assert separator_of("甘一\t好\n甘二", is_pasted=True) == "\t"


def test_an_open_quote_swallows_nobody() -> None:
    found = sheet((LISTS / "quote.csv").read_bytes())
    assert [cells[0] for cells in rows_by_number(found).values()] == ["姓名", "甘一", "甘二", "甘三", "甘四", "甘五"]
    assert rows_by_number(found)[1][1] == '"松林"机电'
    assert marks_by_place(found) == {(2, 2): ("quote", '"他说:到时再看')}
    inches = sheet('姓名,单位,备注\n甘一,a,"他说\n甘二,b,好\n甘三,c,12"\n甘四,d,好\n')
    assert len(inches["rows"]) == 5 and (1, 2) in marks_by_place(inches)
    alone = sheet('"甘一\n甘二\n')
    assert alone["rows"] == [[0, ['"甘一']], [1, ["甘二"]]] and alone["marks"] == [[0, 0, "quote", '"甘一']]


def test_quotes_that_close_hold_separators_lines_and_quotes() -> None:
    text = '姓名,备注\n甘一,"他说 ""好"", 明天"\n"甘二","一行\n二行"\n甘三,\n'
    assert rows(text) == {0: ["姓名", "备注"], 1: ["甘一", '他说 "好", 明天'], 2: ["甘二", "一行\n二行"], 3: ["甘三"]}
    assert sheet(text)["marks"] == []
    assert rows('sep=;\n姓名;学号\n甘一;="00123"\n') == {1: ["姓名", "学号"], 2: ["甘一", "00123"]}


def test_numbers_that_lost_digits_in_text_are_marked() -> None:
    found = sheet("姓名,手机,证件\n甘一,1.38E+10,420106199001010000\n")
    assert {place: mark[0] for place, mark in marks_by_place(found).items()} == {(1, 1): "digits", (1, 2): "digits"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_chinese_text_is_read_in_its_encoding(encoding: str, end: str) -> None:
    assert rows(PEOPLE.replace("\n", end).encode(encoding))[2] == ["王强", "青石银行"]


def test_big5_is_read_as_such() -> None:
    assert rows((LISTS / "big5.csv").read_bytes())[1] == ["陳大文", "松林機電"]
    assert rows(TRADITIONAL.replace(",", "\t").encode("big5"))[2] == ["黃小明", "青石銀行"]
    names = "陳大文\n黃小明\n張美玲\n林志豪\n王淑芬\n劉建國\n"
    assert "陳大文" in {book["sheets"][0]["rows"][0][1][0] for book in read(names.encode("big5"))}


@pytest.mark.parametrize("name", ["Müller Ada", "Grün Bo", "François Léa"])
def test_western_text_is_never_taken_for_chinese_without_a_word(name: str) -> None:
    books = read((LISTS / "cp1252-quiet.csv").read_bytes())
    assert [book["encoding"] for book in books] == ["cp1252", "gb18030"]
    own = read(f"Name;Company\n{name};Pine Motors\n".encode("cp1252"))
    assert len(own) > 1 or own[0]["encoding"] == "cp1252"
    assert own[0]["sheets"][0]["rows"][1][1][0] == name


def test_utf_8_with_a_damaged_byte_is_still_utf_8() -> None:
    content = PEOPLE.encode()
    assert rows(content[:-2])[2] == ["王强", "青石银\ufffd"]
    found = sheet(content.replace("甘一".encode(), "甘一".encode()[:-1]))
    assert rows_by_number(found)[1] == ["甘\ufffd", "松林机电"] and marks_by_place(found)[1, 0][0] == "damaged"
    assert rows(b"Name,Seat\nAnna,1\n") == {0: ["Name", "Seat"], 1: ["Anna", "1"]}


@pytest.mark.parametrize("content", [b"\0\1\2\3" * 100, bytes(range(1, 32)) * 20, b"\x7fELF" + b"\0\1" * 99])
def test_what_is_no_text_is_no_table(content: bytes) -> None:
    with pytest.raises(Unreadable, match="no_table"):
        read(content)


@pytest.mark.parametrize("content", [b"", b"\n\n", b" , ,\n", "\ufeff".encode()])
def test_nothing_is_an_empty_table(content: bytes) -> None:
    with pytest.raises(Unreadable, match="empty_table"):
        read(content)


def test_rows_are_bounded() -> None:
    with pytest.raises(Unreadable, match="too_many_rows"):
        read("甘一\n".encode() * (MOST_ROWS + 1))


HOSTILE = {
    "one line of separators": b"," * 2**20,
    "one line of cells": b"a," * 2**19,
    "open quotes": b'"a\n' * 2**17,
    "open quotes in cells": b'"a,' * 2**18,
    "doubled quotes": b'"a' + b'""' * 2**19,
    "rows of doubled quotes": b'""""x\n' * 2**17,
    "blank lines": b"\n" * 2**20 + b"x",
    "high bytes": b"\xb0\xa1" * 2**19,
    "one giant cell": b"a" * (5 * 2**20),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_takes_time_in_proportion(kind: str) -> None:
    def seconds(content: bytes) -> float:
        began = time.process_time()
        with contextlib.suppress(Unreadable):
            read(content)
        return time.process_time() - began

    content = HOSTILE[kind]
    least = min(seconds(content[: len(content) // 8]) for _ in range(2))
    assert seconds(content) < max(0.5, 24 * least)
