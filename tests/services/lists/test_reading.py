"""What a book says of people: the cases from the field, each kind with two siblings, and that no row is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from kiosk.services.lists import files
from kiosk.services.lists.books import Book, CellMark, Sheet
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.reading import ListReading, RowRead, read_book
from kiosk.services.lists.texts import read_text
from tests.aids.paths import FIXTURES

CASES = FIXTURES / "lists"
Cells = Sequence[str | None]


def case(name: str, **choices: Any) -> ListReading:
    return read_book(files.read_file((CASES / name).read_bytes())[0], Choices(**choices))


def sheet(*rows: Cells, name: str = "名单", **about: Any) -> Sheet:
    filled = [(number, tuple(cell or "" for cell in cells)) for number, cells in enumerate(rows) if any(cells)]
    return Sheet(filled, name, **about)


def read(*sheets: Sheet, **choices: Any) -> ListReading:
    return read_book(Book(sheets), Choices(**choices))


def names(reading: ListReading) -> list[str]:
    return [row.person.values["name"] for row in reading.rows if row.is_taken]


def of(reading: ListReading, field: str) -> list[str]:
    return [row.person.values.get(field, "") for row in reading.rows if row.is_taken]


def codes(row: RowRead) -> list[str]:
    return [doubt.code for doubt in row.person.doubts]


HEADER = ("序号", "姓名", "单位", "联系电话")


def test_sheets_of_one_shape_are_one_list(app: Flask) -> None:
    reading = case("three-sheets.xlsx")
    assert names(reading) == ["甘一", "甘二", "甘三", "甘四", "甘五"]
    assert [(one.sheet, one.is_list) for one in reading.tables] == [("市直", True), ("东城区", True), ("西城区", True)]


def test_a_sheet_can_be_left_out(app: Flask) -> None:
    key = case("three-sheets.xlsx").tables[1].key
    reading = case("three-sheets.xlsx", tables={key: False})
    assert names(reading) == ["甘一", "甘二", "甘五"]
    assert [(one.sheet, one.code, one.count) for one in reading.left_out] == [("东城区", "unticked", 3)]


def test_instructions_and_a_summary_are_no_list(app: Flask) -> None:
    reading = read(
        sheet(("填写说明",), ("请填写姓名和单位",), ("不要改动表头",), name="填写说明"),
        sheet(HEADER, ("1", "甘一", "松林机电", "13800130001"), ("2", "甘二", "青石银行", "13800130002")),
        sheet(("单位", "人数"), ("松林机电", "1"), ("青石银行", "1"), name="汇总"),
    )
    assert names(reading) == ["甘一", "甘二"]
    assert {(one.sheet, one.code) for one in reading.left_out} == {
        ("填写说明", "not_the_list"), ("汇总", "not_the_list"),
    }  # fmt: skip


def test_a_summary_of_all_sheets_names_nobody_twice(app: Flask) -> None:
    one, two = ("1", "甘一", "松林机电", "13800130001"), ("2", "甘二", "青石银行", "")
    reading = read(sheet(HEADER, one, two, name="汇总"), sheet(HEADER, one, name="市直"), sheet(HEADER, two, name="东"))
    assert names(reading) == ["甘一", "甘二"]
    assert [one.code for one in reading.left_out] == ["repeat", "repeat"]


@pytest.mark.parametrize(
    "header",
    [
        ("序号", "姓名", "单位", "序号", "姓名", "单位"),
        ("", "姓名", "单位", "", "姓名", "单位"),
        ("序号", "姓名", "单位", "序号", "姓名", "单位", "备注"),
    ],
)
def test_lists_stand_side_by_side(app: Flask, header: Cells) -> None:
    reading = read(sheet(header, ("1", "甘一", "松林机电", "3", "甘三", "青石银行"), ("2", "甘二", "松林机电")))
    assert sorted(names(reading)) == ["甘一", "甘三", "甘二"] and set(of(reading, "organisation_name")) == {
        "松林机电", "青石银行",
    }  # fmt: skip
    assert sorted(names(case("side-by-side.xlsx"))) == ["甘一", "甘三", "甘二", "甘四"]


def test_a_column_before_lists_side_by_side_is_of_each(app: Flask) -> None:
    reading = read(
        sheet(("单位", "姓名", "电话", "姓名", "电话"), ("松林机电", "甘一", "13800130001", "甘二", "13800130002"))
    )
    assert [(row.person.values["name"], row.person.values["organisation_name"]) for row in reading.rows] == [
        ("甘一", "松林机电"), ("甘二", "松林机电"),
    ]  # fmt: skip


def test_hidden_rows_are_left_out_unless_asked_for(app: Flask) -> None:
    reading = case("hidden-rows.xlsx")
    assert names(reading) == ["甘一", "甘四"]
    assert [(one.row, one.doubt.code, one.doubt.about) for one in reading.doubts] == [(3, "hidden_rows", {"count": 2})]
    assert [(one.code, one.count) for one in reading.left_out] == [("hidden", 2)]
    assert names(case("hidden-rows.xlsx", takes_hidden=True)) == ["甘一", "甘二", "甘三", "甘四"]


def test_a_hidden_sheet_is_left_out_with_a_word(app: Flask) -> None:
    person = ("1", "甘一", "松林机电", "13800130001")
    hidden = sheet(HEADER, ("2", "甘二", "松林机电", ""), name="旧", is_hidden=True)
    reading = read(sheet(HEADER, person), hidden)
    assert names(reading) == ["甘一"] and [one.doubt.code for one in reading.doubts] == ["hidden_sheet"]


def test_a_hidden_column_is_left_out_with_a_word(app: Flask) -> None:
    hides = sheet(HEADER, ("1", "甘一", "松林机电", "13800130001"), hidden_columns=frozenset({3}))
    assert of(read(hides), "mobile") == [""] and [one.doubt.code for one in read(hides).doubts] == ["hidden_columns"]
    assert of(read(hides, takes_hidden=True), "mobile") == ["13800130001"]


def test_rows_far_down_are_read(app: Flask) -> None:
    reading = case("far-row.xlsx")
    assert names(reading) == ["甘一", "甘二", "甘三"] and reading.rows[-1].row == 30_000


def test_the_attendee_is_who_comes_and_the_contact_person_is_not(app: Flask) -> None:
    reading = case("contact-and-attendee.xlsx")
    assert list(zip(names(reading), of(reading, "mobile"), strict=True)) == [
        ("甘一", "13800130001"), ("甘二", "13800130002"),
    ]  # fmt: skip
    of_contacts = read(sheet(("单位", "联系人", "联系电话"), ("松林机电", "甘一", "13800130001")))
    assert (names(of_contacts), of(of_contacts, "mobile")) == (["甘一"], ["13800130001"])
    after = read(sheet(("姓名", "手机", "联系人", "电话"), ("甘一", "13800130001", "小丁", "13900139001")))
    assert (names(after), of(after, "mobile")) == (["甘一"], ["13800130001"])
    before = read(sheet(("联系人", "姓名", "电话"), ("小丁", "甘一", "13800130001")))
    assert of(before, "mobile") == ["13800130001"]


def test_what_a_program_made_a_day_of_is_asked_about(app: Flask) -> None:
    for name, field, was in (("class-as-date.xlsx", "class_name", "3-2"), ("text-dates.xlsx", "seat", "3-10")):
        reading = case(name)
        (asked,) = [row for row in reading.rows if not row.is_taken]
        assert "date" in codes(asked) and asked.person.values[field] == was
        assert all("2024" not in value for row in reading.rows for value in row.person.values.values())
        assert len(names(case(name, takes_doubtful=True))) == 2


def test_what_a_program_made_an_hour_of_is_asked_about_where_none_stands(app: Flask) -> None:
    marks = {(1, column): CellMark("time", "3:2") for column in (1, 2, 3)}
    reading = read(sheet(("姓名", "座位", "组", "备注"), ("甘一", "3:02", "3:02", "3:02"), marks=marks))
    assert (names(reading), codes(reading.rows[0])) == ([], ["time"])
    values = reading.rows[0].person.values
    assert [values[field] for field in ("seat", "group_name", "note")] == ["3:2", "3:02", "3:02"]


def test_who_is_crossed_out_is_asked_about(app: Flask) -> None:
    reading = case("struck.xlsx")
    assert names(reading) == ["甘一"] and len(names(case("struck.xlsx", takes_doubtful=True))) == 4
    words = [str(doubt.reason) for row in reading.rows for doubt in row.person.doubts]
    assert len(words) == 3 and ["甘二" in words[0], "13800130003" in words[1], "东湖精密" in words[2]] == [True] * 3
    marks = {(1, 0): CellMark("struck", "1"), (1, 3): CellMark("struck", "男")}
    other = read(sheet(("序号", "姓名", "单位", "性别"), ("1", "甘一", "松林", "男"), marks=marks))
    assert names(other) == ["甘一"], "nothing of it is used"


def test_a_day_in_a_remark_is_no_doubt(app: Flask) -> None:
    marks = {(1, 1): CellMark("date", "3-2")}
    reading = read(sheet(("姓名", "备注"), ("甘一", "3月2日"), marks=marks))
    assert (names(reading), of(reading, "note"), codes(reading.rows[0])) == (["甘一"], ["3月2日"], [])


def test_numbers_read_as_they_are_shown(app: Flask) -> None:
    assert of(case("zeros.xlsx"), "student_no") == ["20240107", "00001234"]


def test_line_breaks_and_their_codes_are_no_part_of_a_word(app: Flask) -> None:
    reading = case("x000d.xlsx")
    assert (names(reading), of(reading, "organisation_name")) == (["甘一", "甘二"], ["松林机电", "松林机电"])
    english = read(sheet(("Name", "Company"), ("Ada Example", "Pine\nMotors")))
    assert of(english, "organisation_name") == ["Pine Motors"]


@pytest.mark.parametrize(("name", "said"), [("zeros.xlsx", "学校"), ("error-cells.xlsx", "单位")])
def test_a_header_is_said_as_it_stands(app: Flask, name: str, said: str) -> None:
    assert said in [column.header for column in case(name).tables[0].columns]


def test_errors_are_empty_cells(app: Flask) -> None:
    reading = case("error-cells.xlsx")
    assert names(reading) == ["甘一", "", "甘三"]
    assert not [value for row in reading.rows for value in row.person.values.values() if "#" in value]


def test_rows_of_errors_alone_are_counted_and_cells_too_far_right_are_told(app: Flask) -> None:
    marks = {(2, 1): CellMark("error"), (3, 1): CellMark("uncalculated"), (1, 59): CellMark("cut", "x")}
    reading = read(sheet(("姓名", "单位"), ("甘一", "松林机电"), marks=marks))
    assert [(one.row, one.code, one.count) for one in reading.left_out] == [(3, "errors", 2)]
    assert names(reading) == ["甘一"] and codes(reading.rows[0]) == ["cut"]


def test_a_formula_that_was_never_calculated_is_named(app: Flask) -> None:
    reading = case("formula-no-cache.xlsx")
    assert names(reading) == [] and [codes(row) for row in reading.rows] == [["uncalculated_name"]] * 2


def test_everybody_is_taken_whatever_stands_for_their_telephone(app: Flask) -> None:
    reading = case("landline.xlsx")
    mobiles = dict(zip(names(reading), of(reading, "mobile"), strict=True))
    assert len(mobiles) == 10
    assert {name: mobile for name, mobile in mobiles.items() if mobile} == {
        "甘二": "13800130002", "甘五": "13800130005", "甘七": "13800130007", "甘八": "13800130008",
        "甘九": "+85291234567",
    }  # fmt: skip
    notes = dict(zip(names(reading), of(reading, "note"), strict=True))
    assert notes["甘三"] == "0714-6222222转802" and notes["甘八"] == "0714-6222222" and not notes["甘六"]


def test_several_names_in_a_cell_are_each_asked_about(app: Flask) -> None:
    reading = case("two-in-a-cell.xlsx")
    assert names(reading) == [] and all(row.is_asked for row in reading.rows)
    proposed = [row.person.values["name"] for row in reading.rows]
    assert proposed == ["甘一", "甘二", "甘三", "甘四", "甘五"]


def test_grade_and_class_are_one_class(app: Flask) -> None:
    assert of(case("grade-and-class.xlsx"), "class_name") == ["初一3班", "初二3班", "初二3班"]
    whole = read(
        sheet(("姓名", "年级", "班级"), ("甘一", "初一", "初一3班"), ("甘二", "高二", ""), ("甘三", "Grade 8", "B"))
    )
    assert of(whole, "class_name") == ["初一3班", "高二", "Grade 8 B"]


def test_a_header_that_stands_again_is_nobody(app: Flask) -> None:
    reading = case("header-again-no-mobile.xlsx")
    assert names(reading) == ["甘一", "甘二", "甘三"]
    assert [(one.row, one.code) for one in reading.left_out] == [(4, "header_again")]


def test_another_table_below_has_its_own_columns(app: Flask) -> None:
    reading = read(
        sheet(
            ("姓名", "单位"),
            ("甘一", "松林机电"),
            (),
            ("二、银行",),
            ("单位", "姓名", "职务"),
            ("青石银行", "甘二", "行长"),
        )
    )
    assert list(zip(names(reading), of(reading, "organisation_name"), strict=True)) == [
        ("甘一", "松林机电"), ("甘二", "青石银行"),
    ]  # fmt: skip


def test_a_header_of_two_rows_is_read_as_one(app: Flask) -> None:
    assert of(case("two-row-header.xlsx"), "mobile") == ["13800130001", "13800130002"]
    top = ("序号", "参会人员", "", "", "联系人", "")
    below = ("", "姓名", "职务", "电话", "姓名", "电话")
    cells = ("1", "甘一", "经理", "13800130001", "小丁", "13900139001")
    merges = [(0, 0, 1, 0), (0, 1, 0, 3), (0, 4, 0, 5)]
    for about in ({"merges": merges}, {}):
        reading = read(sheet(top, below, cells, **about))
        assert (names(reading), of(reading, "mobile")) == (["甘一"], ["13800130001"])


def test_a_form_s_head_above_the_header_is_no_header(app: Flask) -> None:
    reading = read(
        sheet(
            ("填报单位：", "", "联系人：", "", "联系电话："),
            ("序号", "姓名", "单位", "职务", "手机"),
            ("1", "甘一", "松林", "经理", ""),
        )
    )
    assert names(reading) == ["甘一"] and of(reading, "organisation_name") == ["松林"]


def test_who_is_not_coming_is_left_out_with_a_word(app: Flask) -> None:
    for name in ("tencent-form.xlsx", "status-column.xlsx"):
        reading = case(name)
        assert len(names(reading)) == 1 and [one.code for one in reading.left_out] == ["not_coming"]


def test_a_status_that_says_neither_is_asked_about_and_leave_is_leave(app: Flask) -> None:
    reading = read(sheet(("姓名", "是否参加"), ("甘一", "看情况"), ("甘二", "请假"), ("甘三", "是"), ("甘四", "")))
    assert names(reading) == ["甘二", "甘三", "甘四"] and codes(reading.rows[0]) == ["status"]
    assert [row.person.absent for row in reading.rows] == ["", "请假", "", ""]


def test_first_and_last_name_are_joined_as_each_language_has_it(app: Flask) -> None:
    assert names(case("english-split.xlsx")) == ["Ada Example", "Bo Sample"]
    assert names(read(sheet(("姓", "名", "单位"), ("欧阳", "明", "松林")))) == ["欧阳明"]


def test_totals_and_signatures_are_nobody(app: Flask) -> None:
    reading = read(
        sheet(HEADER, ("1", "甘一", "松林", ""), ("", "", "合计：1人", ""), ("填表人：小丁",), ("2", "", "", ""))
    )
    assert names(reading) == ["甘一"]
    assert {one.code for one in reading.left_out} == {"foot", "number_only"}


def test_what_a_column_holds_can_be_said_otherwise(app: Flask) -> None:
    odd = sheet(("代表", "单位"), ("甘一", "松林机电"))
    key = read(odd).tables[0].key
    reading = read(odd, columns={key: {"0": "name"}})
    assert (names(reading), of(reading, "organisation_name")) == (["甘一"], ["松林机电"])


def test_english_traditional_and_form_headers_are_understood(app: Flask) -> None:
    for header in (
        ("姓名", "單位", "電話"),
        ("1、您的姓名（必填）", "2、工作单位", "3、手机号码"),
        ("Name", "Company", "Mobile"),
    ):
        reading = read(sheet(header, ("陳大文", "松林機電", "13800130001")))
        assert (names(reading), of(reading, "organisation_name"), of(reading, "mobile")) == (
            ["陳大文"], ["松林機電"], ["13800130001"],
        )  # fmt: skip
    assert names(case("big5.csv")) == ["陳大文", "黃小明"]


@pytest.mark.parametrize(
    "rows", [(("Station", "x"), ("London", "y")), (("label", "5"), ("celsius", "6")), (("苹果", "3"),)]
)
def test_words_without_a_header_are_asked_about(app: Flask, rows: Sequence[Cells]) -> None:
    reading = read(sheet(*rows))
    assert names(reading) == [] and {code for row in reading.rows for code in codes(row)} >= {"guessed"}
    assert names(read(sheet(("Ada Example",), ("Bo Sample",)))) == ["Ada Example", "Bo Sample"]
    assert names(read(sheet(("张三", "20240101"), ("李四", "20240102")))) == ["张三", "李四"]


def test_what_a_service_calls_its_approval_is_a_status(app: Flask) -> None:
    header = ("First Name", "Last Name", "Approval Status")
    reading = read(
        sheet(header, ("Ada", "Example", "approved"), ("Bo", "Sample", "denied"), ("Cy", "Third", "pending"))
    )
    assert names(reading) == ["Ada Example"] and codes(reading.rows[1]) == ["status"]
    form = read(sheet(("姓名", "5.是否能参加本次培训？", "6.是否参加晚宴"), ("甘一", "否", "是"), ("甘二", "是", "否")))
    assert names(form) == ["甘二"]


def test_an_open_quote_swallows_nobody(app: Flask) -> None:
    reading = case("quote.csv")
    assert names(reading) == ["甘一", "甘二", "甘三", "甘四", "甘五"]
    assert [(row.row, codes(row)) for row in reading.rows if row.person.doubts] == [(3, ["open_quote"])]


def test_the_separator_is_what_gives_every_row_the_same_count(app: Flask) -> None:
    reading = case("delimiter.csv")
    assert names(reading) == ["甘一", "甘二"] and len(reading.tables[0].columns) == 3


def test_every_filled_row_is_somewhere(app: Flask) -> None:
    for file in sorted(CASES.glob("*.xlsx")):
        book = files.read_file(file.read_bytes())[0]
        reading = read_book(book)
        for one in book.sheets:
            read_rows = {row.row - 1 for row in reading.rows if row.sheet == one.name}
            left = [(left.row - 1, left.count) for left in reading.left_out if left.sheet == one.name]
            rows = read_rows | {number for first, count in left for number in range(first, first + count)}
            headers = {row - 1 for table in reading.tables if table.sheet == one.name for row in table.header_rows}
            assert {number for number, _cells in one.rows} <= rows | headers, file.name


@pytest.mark.parametrize("other", ["0714-6222222转802", "", "待定"])
def test_mobiles_are_found_without_a_header_where_half_of_a_list_has_none(app: Flask, other: str) -> None:
    rows = [("沈玉桂", "大冶有色", "13821185665"), ("罗燕", "黄石港区人民政府", "13833595666"),
            ("冯丽兰", "大冶有色", other), ("何军浩", "四棵中学", "/")]  # fmt: skip
    reading = read_book(read_text("\n".join("\t".join(row) for row in rows)))
    assert [row.person.values.get("mobile", "") for row in reading.rows] == ["13821185665", "13833595666", "", ""]


@pytest.mark.parametrize("nothing", ["/", "-", "——"])
def test_a_labelled_line_of_a_chat_that_has_no_telephone_is_no_header(app: Flask, nothing: str) -> None:
    lines = ["#接龙", "1. 冯晓涛,四棵中学,13878714145", "2. 吴丽新,凯创化工,13849194146",
             f"3. 姓名：慕容军平,单位：松林机电,电话：{nothing}", "4. 国秀志,凯创化工,13860634155"]  # fmt: skip
    reading = read_book(read_text("\n".join(lines)))
    assert [row.person.values["name"] for row in reading.rows] == ["冯晓涛", "吴丽新", "慕容军平", "国秀志"]
