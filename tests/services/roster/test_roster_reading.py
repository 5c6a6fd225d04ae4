"""Rosters as people have them: files that other programs saved, pasted text, and files that mean harm."""

from __future__ import annotations

import time
import zipfile
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook

from kiosk.jobs import sheet_cells, xlsx_cells
from kiosk.services import refusal_words, tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.files import read_file
from kiosk.services.lists.reading import read_book
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_reading import Reading, read_rows
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_writing import Spoken, Written
from tests.aids.factories import make_event
from tests.aids.lists import reading_of_cells, reading_of_file, reading_of_text
from tests.aids.paths import FIXTURES

FIXTURES = FIXTURES / "rosters"
PEOPLE, ENTERPRISES = 397, 166
SHEET = "xl/worksheets/sheet1.xml"


def read(name: str, event: EventView) -> Reading:
    file = FIXTURES / name
    if name.endswith(".txt"):
        return reading_of_text(file.read_text(encoding="utf-8"), event)
    return reading_of_file(file.read_bytes(), event)


def pasted(text: str, **settings: object) -> Reading:
    return reading_of_text(text, make_event(**settings))


def write(event: EventView, reading: Reading) -> Written:
    return roster_writing.write(event.id, reading.rows, actor="staff:1", spoken=Spoken(reading.given))


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info.filename))
    return file.getvalue()


@pytest.mark.parametrize("name", ["office.xlsx", "form.xlsx", "gb18030.csv", "chat.txt"])
def test_everybody_is_read_whatever_program_saved_the_roster(app: Flask, name: str) -> None:
    rows = [row for row in read(name, make_event()).rows if row.mobile]
    assert len(rows) == PEOPLE
    assert len({row.organisation_name for row in rows}) == ENTERPRISES
    assert [row.mobile for row in rows] == [f"160{number:08d}" for number in range(PEOPLE)]
    assert {row.kind for row in rows} == {"enterprise"}
    assert all(2 <= len(row.name) <= 3 and row.name.isalpha() for row in rows), "names are not padded"


def test_bad_rows_of_the_office_s_sheet_are_named_with_reasons(app: Flask) -> None:
    reading = read("office.xlsx", make_event())
    rejected = reading.rejected
    assert [(one.row, one.code) for one in rejected] == [(42, "no_name"), (296, "same_row")]
    assert str(rejected[1].reason) == "与第 4 行是同一人。" and "重复" in rejected[1].text
    assert "16000000000" not in rejected[1].text and "160****0000" in rejected[1].text
    (without,) = (row for row in reading.rows if not row.mobile)
    assert without.note, "a telephone that is none is a remark"


def test_the_same_import_again_changes_nothing_also_from_another_file(both_app: Flask) -> None:
    event = make_event()
    first, other = read("office.xlsx", event), read("gb18030.csv", event)
    assert write(event, first) == Written(PEOPLE + 1, 0, 0)
    assert write(event, first) == Written(0, 0, PEOPLE + 1)
    assert write(event, other) == Written(0, 0, PEOPLE)
    assert events.counts(event.id).expected == PEOPLE + 1
    assert tallies.recount() == ()


def test_what_a_file_does_not_speak_of_stays(app: Flask) -> None:
    event = make_event()
    roster_writing.write(
        event.id, [RosterRow("enterprise", "王强", "东贝", seat="A1", is_starred=True)], actor="staff:1"
    )
    reading = pasted("姓名\t单位\t手机\n王　强\t东贝\t13800138000")
    assert write(event, reading) == Written(0, 1, 0)
    (entry,) = rosters.entries(event.id)
    assert (entry.mobile, entry.seat, entry.is_starred) == ("13800138000", "A1", True)
    without = pasted("姓名\t单位\n王强\t东贝")
    assert write(event, without) == Written(0, 0, 1)


def test_a_namesake_with_another_mobile_is_another_person(app: Flask) -> None:
    event = make_event()
    rows = [RosterRow("enterprise", "王强", "东贝", mobile="13800138000")]
    roster_writing.write(event.id, rows, actor="staff:1")
    rows.insert(0, RosterRow("enterprise", "王强", "东贝", mobile="13900139000"))
    assert roster_writing.write(event.id, rows, actor="staff:1") == Written(1, 0, 1)
    assert [entry.mobile for entry in rosters.entries(event.id)] == ["13800138000", "13900139000"]


@pytest.mark.parametrize(
    "header",
    [
        "姓名,单位,职务,手机",
        "1、您的姓名：,2、所在单位全称(必填),3、您的职务,4.联系电话（必填）",
        "*姓　名,企业名称,职 务,手机号码",
        "Name,Organisation,Job title,Mobile number",
        "Your name,Company name,Position,Phone",
    ],
)
def test_headers_are_found_as_people_and_form_services_write_them(app: Flask, header: str) -> None:
    (row,) = pasted(f"{header}\n王强,东贝,经理,13800138000").rows
    assert (row.name, row.organisation_name, row.job_title, row.mobile) == ("王强", "东贝", "经理", "13800138000")


def test_columns_stand_in_any_order_and_others_are_named_as_unused(app: Flask) -> None:
    reading = pasted("手机\t座位\t家长电话\t姓名\t组别\n13800138000\tA1\t13900139000\t王强\t二组\n合计\t\t\t1")
    (row,) = reading.rows
    assert (row.mobile, row.seat, row.name, row.group_name) == ("13800138000", "A1", "王强", "二组")
    assert reading.ignored == ("家长电话",)


def test_without_headers_columns_are_told_by_what_they_hold(app: Flask) -> None:
    (first, second) = pasted(
        "1\t质量经理\t湖北东贝制冷有限公司\t王强\t13800138000\n2\t主任\t劲牌公司\t李娜\t+49 151 12345678"
    ).rows
    assert (first.name, first.job_title, first.organisation_name) == ("王强", "质量经理", "湖北东贝制冷有限公司")
    assert (second.name, second.mobile) == ("李娜", "+4915112345678")


@pytest.mark.parametrize(
    "line",
    ["1. 张三 东贝制冷 13800138000", "1、张三，东贝制冷，138-0013-8000", "①张 三 东贝制冷 138 0013 8000",
     "(1) 张三 13800138000 东贝制冷", "1. 张三：13800138000，东贝制冷"],
)  # fmt: skip
def test_chat_s_list_is_read_in_many_hands(app: Flask, line: str) -> None:
    (row,) = pasted(f"#接龙\n\n{line}\n").rows
    assert (row.name, row.organisation_name, row.mobile) == ("张三", "东贝制冷", "13800138000")


def test_names_alone_are_enough(app: Flask) -> None:
    rows = pasted("张三\n王　五\n\nAnna Li\n欧阳娜娜", kinds=[{"kind": "student"}]).rows
    assert [row.name for row in rows] == ["张三", "王五", "Anna Li", "欧阳娜娜"]
    assert {row.kind for row in rows} == {"student"}


def test_row_may_be_an_organisation_with_seats(app: Flask) -> None:
    reading = pasted("单位,姓名,名额\n东贝,,3人\n劲牌,王强,\n美尔雅,,许多\n东贝,,2")
    assert [(row.organisation_name, row.name, row.seats) for row in reading.rows] == [
        ("东贝", "", 3), ("劲牌", "王强", 0),
    ]  # fmt: skip
    assert [(one.row, one.code) for one in reading.rejected] == [(4, "bad_seats"), (5, "same_seats")]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (",东贝,13800138000,,", "no_name"),
        ("——,东贝,13800138000,,", "no_name"),
        ("()(),东贝,13800138000,,", "no_name"),
        (f"{'王' * 61},东贝,,,", "too_long"),
        ("王强,东贝😀,,,", "pictures"),
        ("王强,东贝,,外星人,", "unknown_kind"),
        ("王强,东贝,,学生,", "not_admitted"),
        ("陈一,四棵,13800138001,,", "same_row"),
        ("陈二,四棵,,,S1", "same_number"),
    ],
)
def test_bad_row_is_left_out_with_its_reason(app: Flask, cells: str, code: str) -> None:
    text = f"姓名,单位,手机,类别,学号\n陈一,四棵,13800138001,企业代表,S1\n{cells}"
    reading = pasted(text, kinds=[{"kind": "enterprise"}, {"kind": "guest"}])
    assert [(one.row, one.code) for one in reading.rejected] == [(3, code)]
    assert len(reading.rows) == 1 and "%" not in str(reading.rejected[0].reason)


def test_kind_goes_by_the_event_s_own_words_and_else_by_columns(app: Flask) -> None:
    kinds = [{"kind": "guest", "label": "媒体"}, {"kind": "student"}, {"kind": "enterprise"}]
    rows = pasted(
        "姓名,类别,班级,单位,身份\n甲一,媒体,,,\n乙一,,初二,,\n丙一,,,东贝,\n丁一,,,报社,记者", kinds=kinds
    ).rows
    assert [row.kind for row in rows] == ["guest", "student", "enterprise", "guest"]


def test_two_of_one_name_in_one_class_are_two_people(app: Flask) -> None:
    reading = pasted("姓名,学校,班级\n李明,四棵中学,初二\n李明,四棵中学,初二", kinds=[{"kind": "student"}])
    assert len(reading.rows) == 2 and reading.rejected == ()


def test_numbers_days_and_merged_cells_read_as_they_look(app: Flask) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["姓名", "单位", "手机", "组别"],
        ["王强", "东贝", 13800138000.0, 1.0],
        ["李娜", None, "13900139000.0", 2],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    file = BytesIO()
    book.save(file)
    rows = reading_of_file(file.getvalue(), make_event()).rows
    assert [(r.name, r.organisation_name, r.mobile, r.group_name) for r in rows] == [
        ("王强", "东贝", "13800138000", "1"), ("李娜", "东贝", "13900139000", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_its_encoding_and_with_its_delimiter(app: Flask, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(cells) for cells in (["姓名", "单位"], ["王强", '"东贝,一"'], ["𠮷祥", "劲牌"]))
    rows = reading_of_file(text.encode(encoding), make_event()).rows
    assert [row.organisation_name for row in rows] == ["东贝,一", "劲牌"]


@pytest.mark.parametrize("cut", [0, 40, 300, 4000])
def test_cut_off_workbook_gets_a_sentence(app: Flask, cut: int) -> None:
    with pytest.raises(Refused) as refused:
        reading_of_file((FIXTURES / "office.xlsx").read_bytes()[:cut], make_event())
    assert refusal_words.say(refused.value, "desk")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "old_format"),
        (b"%PDF-1.7 ...", "no_table"),
        (b"PK\x05\x06" + b"\0" * 18, "no_workbook"),
        (b"PK and no archive", "no_workbook"),
        (b"\0\1\2\3" * 100, "no_table"),
        (b"\n\n , ,\n", "empty_table"),
        (b"a" * (5 * 2**20 + 1), "too_big"),
        (b"name\n" + b"Anna Li\n" * 5001, "too_many_rows"),
    ],
)  # fmt: skip
def test_file_that_is_no_roster_gets_a_sentence(app: Flask, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_file(content)
    assert refused.value.code == code and refusal_words.say(refused.value, "desk")


def test_archive_that_unpacks_to_very_much_is_not_opened(app: Flask) -> None:
    bomb = with_part(workbook(["姓名"], ["王强"]), SHEET, b" " * (xlsx_cells.MOST_UNPACKED + 1))
    assert len(bomb) < 200_000
    with pytest.raises(Refused, match="too_big"):
        read_file(bomb)


def test_cell_in_the_last_corner_costs_nothing(app: Flask) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet["XFD2"], sheet["XFD1048576"] = "姓名", "王强", "x", "x"
    file = BytesIO()
    book.save(file)
    (book,) = read_file(file.getvalue())
    assert [cells[0] for _, cells in book.sheets[0].rows][:2] == ["姓名", "王强"]


def test_a_million_rows_get_a_sentence(app: Flask) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))
    xmlns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{xmlns}"><sheetData>{rows}</sheetData></worksheet>'
    with pytest.raises(Refused) as refused:
        read_file(with_part(workbook([1]), SHEET, sheet.encode()))
    assert refused.value.code in ("too_many_rows", "too_big")


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_entities_are_not_expanded(app: Flask, part: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet>&l8;</worksheet>'
    with pytest.raises(Refused) as refused:
        read_file(with_part(workbook(["姓名"], ["王强"]), part, bomb.encode()))
    assert refused.value.code in ("hostile", "no_workbook")


def test_overlapping_merges_fill_no_cell_twice(app: Flask) -> None:
    """Twenty thousand merges over the same rows had both workers killed, which filled the cells."""
    content = workbook(["姓名", "单位"], *(["王强" + chr(0x4E00 + number), "东贝"] for number in range(4_980)))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheet = archive.read(SHEET).decode()
    merges = '<mergeCells count="20000">' + '<mergeCell ref="B2:B5000"/>' * 20_000 + "</mergeCells>"
    hostile = with_part(content, SHEET, sheet.replace("</sheetData>", f"</sheetData>{merges}").encode())
    event = make_event()
    began = time.process_time()  # of this process: the job's own is bounded there
    (book,) = read_file(hostile)
    assert time.process_time() - began < 0.5
    assert [list(merge) for merge in book.sheets[0].merges] == [[1, 1, 4999, 1]]
    reading = read_rows(read_book(book), event)
    assert len(reading.rows) + len(reading.asked) == 4_980


def test_one_long_text_in_very_many_cells_is_refused_where_it_is_read(app: Flask) -> None:
    row = ["长" * sheet_cells.LONGEST_CELL] * 60
    with pytest.raises(Refused) as refused:
        read_file(workbook(*[row] * 200))
    assert refused.value.code == "too_big"


@pytest.mark.parametrize("text", ["姓名\t单位\n王强\t" + "长" * 200_000, "姓名,单位\n王强," + "a" * 200_000])
def test_a_pasted_cell_of_any_length_gets_a_sentence(app: Flask, text: str) -> None:
    reading = pasted(text)
    assert reading.rows == () and [(one.row, one.code) for one in reading.rejected] == [(2, "too_long")]


def test_table_without_names_says_which_column_is_missing(app: Flask) -> None:
    with pytest.raises(Refused, match="no_names"):
        reading_of_cells([["手机", "座位"], ["13800138000", "A1"]], make_event())
