"""Old workbooks, and what calls itself one.

office.xls and calendar-1904.xls were written once by xlwt 1.3 (no longer kept, so not pinned), zeros-libreoffice.xls by
LibreOffice from zeros.xlsx, struck-libreoffice.xls from struck.xlsx. In office.xls: formats 00000000,
0%, #,##0.00 and m"月"d"日", merged B2:B3, row 4 and column F hidden, a hidden sheet; the calendar of 1904.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.jobs import sheet_cells, xls_cells
from kiosk.jobs.read_table import COMPOUND, read
from kiosk.jobs.sheet_cells import Unreadable
from tests.aids.books import marks_by_place, rows_by_number
from tests.aids.paths import FIXTURES

LISTS = FIXTURES / "lists"


def test_an_old_workbook_reads_like_a_new_one() -> None:
    (book,) = read((LISTS / "office.xls").read_bytes())
    people, other = book["sheets"]
    assert people["name"] == "名单" and people["merges"] == [[1, 1, 2, 1]]
    assert rows_by_number(people) == {
        0: ["姓名", "单位", "学号", "班级", "手机", "缴费"],
        1: ["甘一", "松林机电", "00001234", "3月2日", "13800138000", "50%"],
        2: ["甘二", "", "20240107", "3-2", "13800130002", "1,234.50"],
        3: ["甘三"],
    }
    assert marks_by_place(people) == {(1, 3): ("date", "3-2")}
    assert people["hidden_rows"] == [3] and people["hidden_columns"] == [5]
    assert other["is_hidden"] and not people["is_hidden"]


def test_the_calendar_of_1904_and_rows_further_down() -> None:
    (book,) = read((LISTS / "calendar-1904.xls").read_bytes())
    assert book["sheets"][0]["rows"] == [[0, ["姓名", "日期"]], [1, ["甘一", "2024/3/2"]], [9, ["甘二", "TRUE"]]]


def test_zeros_in_front_are_kept_as_another_program_wrote_them() -> None:
    (book,) = read((LISTS / "zeros-libreoffice.xls").read_bytes())
    assert [cells[2] for _, cells in book["sheets"][0]["rows"]] == ["学号", "20240107", "00001234"]


def test_what_is_crossed_out_is_marked_a_cell_or_words_of_it() -> None:
    (book,) = read((LISTS / "struck-libreoffice.xls").read_bytes())
    people = book["sheets"][0]
    assert rows_by_number(people)[4][1] == "东湖精密松林机电"
    assert marks_by_place(people) == {
        (2, 0): ("struck", "甘二"), (2, 1): ("struck", "松林机电"), (2, 2): ("struck", "13800130002"),
        (3, 2): ("struck", "13800130003"), (4, 1): ("struck", "东湖精密"),
    }  # fmt: skip


OFFICE = (LISTS / "office.xls").read_bytes()
HTML = "<!DOCTYPE html>\n<html><table><tr><td>姓名</td></tr></table></html>"
XML = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ((LISTS / "html-table.xls").read_bytes(), "html_table"), (HTML.encode("gb18030"), "html_table"),
        (HTML.encode("utf-16"), "html_table"), (b"<?xml version='1.0'?><html><body/></html>", "html_table"),
        ((LISTS / "xml2003.xls").read_bytes(), "xml_workbook"), (XML.encode("utf-8-sig"), "xml_workbook"),
        (XML.encode("utf-16"), "xml_workbook"), (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "password"),
        (COMPOUND + "WordDocument".encode("utf-16-le"), "old_format"), (OFFICE[:3000], "damaged"),
        (OFFICE[:600] + b"\xff" * 400 + OFFICE[1000:], "damaged"), (b"%PDF-1.7", "no_table"),
    ],
)  # fmt: skip
def test_what_calls_itself_an_old_workbook_gets_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(content)
    assert unreadable.value.code in ({code, "old_format"} if code == "damaged" else {code})


@pytest.mark.parametrize(
    ("bound", "value", "code"), [("MOST_ROWS", 3, "too_many_rows"), ("MOST_TEXT", 20, "too_big")]
)  # fmt: skip
def test_old_workbooks_have_the_same_bounds(monkeypatch: pytest.MonkeyPatch, bound: str, value: int, code: str) -> None:
    monkeypatch.setattr(sheet_cells, bound, value)
    with pytest.raises(Unreadable, match=code):
        read(OFFICE)


def test_sheets_are_bounded_and_a_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_cells, "MOST_SHEETS", 1)
    with pytest.raises(Unreadable, match="too_big"):
        read(OFFICE)

    def refusing(**_: object) -> Callable[..., object]:
        raise xls_cells.xlrd.XLRDError("Workbook is encrypted")

    monkeypatch.setattr(xls_cells.xlrd, "open_workbook", refusing)
    with pytest.raises(Unreadable, match="password"):
        read(OFFICE)
