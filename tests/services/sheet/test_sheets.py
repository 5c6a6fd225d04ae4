"""The list taken home: what stands on the sheet, and that LibreOffice opens it as text."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from kiosk import clock
from kiosk.models import SignIn
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_changes, group_views, groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.store.writer import run
from kiosk.services.tables import sheet_files
from kiosk.services.tables.sheet_model import SheetModel
from tests.aids import office
from tests.aids.factories import enterprise, guest, make_event, sheet_of, sign_in, sign_in_on_trial, student, ticket_for

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Huangshi


def an_event(**changes: Any) -> EventView:
    return make_event(
        **{
            "title_alt": "Chief quality officer training",
            "venue": "大冶市市民之家",
            "starts_at": START,
            "ends_at": START + timedelta(hours=3),
            **changes,
        }
    )


def sign_in_at(minutes: float, event: EventView, details: Any, **changes: Any) -> Any:
    with clock.freeze(START + timedelta(minutes=minutes)):
        return sign_in(event, details, **changes)


def rows(model: SheetModel) -> list[dict[str, str]]:
    return [dict(zip((column.title for column in model.columns), row, strict=True)) for row in model.rows]


def change(sign_in_id: int, **values: Any) -> None:
    def work(session: Any) -> None:
        for name, value in values.items():
            setattr(session.get(SignIn, sign_in_id), name, value)

    run(work)


def test_sheet_has_the_offices_columns_in_their_order(app: Flask) -> None:
    event = an_event()
    sign_in_at(-5, event, enterprise("王强", job_title="质量总监"))
    model = sheet_of(event, "zh")
    assert [column.title for column in model.columns] == [
        "序号", "姓名", "单位", "职务", "联系电话", "签到时间", "签名", "备注",
    ]  # fmt: skip
    assert model.rows == (("1", "王强", "湖北东贝制冷有限公司", "质量总监", "13800138000", "08:55", "", ""),)
    assert model.title == "首席质量官巡回培训 签到表"
    assert dict(model.lines) == {"时间": "2026年9月10日 09:00–12:00", "地点": "大冶市市民之家"}


def test_people_stand_in_the_order_of_their_arrival_and_the_foot_counts_them(app: Flask) -> None:
    event = an_event()
    sign_in_at(7, event, guest("张爱国", identity="市民观察员"))
    sign_in_at(-5, event, enterprise("王强"))
    model = sheet_of(event, "zh")
    assert [(row["序号"], row["姓名"], row["备注"]) for row in rows(model)] == [
        ("1", "王强", ""),
        ("2", "张爱国", "市民观察员、迟到"),
    ]
    assert model.foot == (("实到", "2 人"), ("迟到", "1 人"), ("企业", "1 家"))


def test_void_trial_and_waiting_sign_ins_are_not_on_the_sheet(app: Flask) -> None:
    event = an_event(capacity=2, full_policy="wait_list")
    voided = sign_in_at(-9, event, guest("已撤销"))
    sign_in_on_trial(event, guest("试签"))
    sign_in_at(-7, event, guest("到场者"))
    waiting = sign_in_at(-6, event, guest("候补者"))
    assert waiting.state == "wait_listed"
    change(voided.sign_in_id, voided_at=START)
    assert [row["姓名"] for row in rows(sheet_of(event, "zh"))] == ["到场者"]


def test_students_sheet_has_no_mobiles_and_shows_the_class(app: Flask) -> None:
    event = an_event()
    sign_in_at(-5, event, student("李明", student_no="20230301"))
    sign_in_at(-4, event, guest("陈老师", identity="班主任"))
    model = sheet_of(event, "zh")
    assert [column.title for column in model.columns] == ["序号", "学校班级", "姓名", "学号", "到场", "离场", "备注"]
    assert model.rows[0] == ("1", "四棵中学 初二(3)班", "李明", "20230301", "08:55", "", "")
    assert model.rows[1] == ("2", "", "陈老师", "", "08:56", "", "班主任")


def test_masked_copy_hides_mobiles_numbers_and_minors_names(app: Flask) -> None:
    event = an_event()
    sign_in_at(-5, event, enterprise("王强"))
    sign_in_at(-4, event, student("李小明", student_no="20230301"))
    first, second = rows(sheet_of(event, "zh", is_masked=True))
    assert (first["姓名"], first["联系电话"]) == ("王强", "138****8000")
    assert second["姓名"] == "李*明"
    pupils = an_event()
    sign_in_at(-4, pupils, student("李小明", student_no="20230301"))
    assert rows(sheet_of(pupils, "zh", is_masked=True))[0]["学号"] == "******01"


def test_english_sheet_takes_the_second_language_and_the_events_zone(app: Flask) -> None:
    event = an_event(timezone="Asia/Urumqi")
    sign_in_at(-5, event, enterprise("王强"))
    model = sheet_of(event, "en")
    assert model.title == "Sign-in sheet: Chief quality officer training"
    assert dict(model.lines)["Time"] == "September 10, 2026 07:00–10:00"
    assert dict(model.lines)["Place"] == "大冶市市民之家"
    assert rows(model)[0]["Signed in"] == "06:55"


def test_an_arrival_on_another_day_shows_its_day(app: Flask) -> None:
    event = an_event()
    sign_in_at(24 * 60, event, guest("张爱国"))
    sign_in_at(365 * 24 * 60, event, guest("李春华"))
    assert [row["签到时间"] for row in rows(sheet_of(event, "zh"))] == ["09-11 09:00", "2027-09-10 09:00"]
    undated = an_event(starts_at=None, ends_at=None)
    sign_in_at(0, undated, guest("张爱国"))
    assert rows(sheet_of(undated, "zh"))[0]["签到时间"] == "2026-09-10 09:00", "no head line has its day"


def test_csv_is_utf_8_with_bom_and_crlf_and_marks_mobiles_as_text(app: Flask) -> None:
    event = an_event()
    sign_in_at(-5, event, enterprise("刘䶮", organisation_name=LONG_NAME))
    raw = sheet_files.csv_bytes(sheet_of(event, "zh", is_for_programs=True))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 2
    (row,) = csv.DictReader(StringIO(raw.decode("utf-8-sig")))
    assert (row["姓名"], row["单位"], row["联系电话"]) == ("刘䶮", LONG_NAME, "13800138000\t")
    assert row["签到时间"] == "2026-09-10 08:55"


def test_csv_disarms_what_a_spreadsheet_would_calculate(app: Flask) -> None:
    event = an_event()
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1"):
        sign_in_at(-5, event, guest(name))
    raw = sheet_files.csv_bytes(sheet_of(event, "zh")).decode("utf-8-sig")
    assert [row["姓名"] for row in csv.DictReader(StringIO(raw))] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1+1"]


@pytest.mark.parametrize(("is_masked", "columns"), [(False, ("用餐", "组别", "车牌号")), (True, ("用餐", "组别"))])
def test_answers_to_the_events_own_fields_leave_the_house_in_the_csv(
    app: Flask, is_masked: bool, columns: tuple[str, ...]
) -> None:
    own = [
        {"key": "lunch", "type": "yes_no", "label": "用餐", "label_alt": "Lunch", "mode": "optional"},
        {"key": "team", "type": "choice", "label": "组别", "choices": ["甲", "乙"], "mode": "hidden"},
        {"key": "plate", "type": "text", "label": "车牌号", "mode": "optional"},
    ]
    event = an_event(own_fields=own)
    told = (("x_lunch", "yes"), ("x_plate", "鄂B·12345"), ("x_team", "甲"))
    sign_in_at(-5, event, enterprise("王强", answers=told))
    sign_in_at(-4, event, enterprise("李娜", mobile="13900139000"))
    file = sheet_copies.file_of(event, Choice(is_masked=is_masked), "zh", "csv")
    first, second = csv.DictReader(StringIO(file.content.decode("utf-8-sig")))
    assert tuple(first)[8:] == columns and [second[column] for column in columns] == [""] * len(columns)
    assert [first[column] for column in columns] == ["是", "甲", "鄂B·12345"][: len(columns)]
    assert "Lunch" in sheet_copies.file_of(event, Choice(), "en", "csv").content.decode("utf-8-sig")
    assert [column.key for column in sheet_copies.build(event, Choice(), "zh").columns][-1] == "remarks", "not on paper"


def hard_names(event: EventView) -> None:
    sign_in_at(-9, event, enterprise("=1+1", organisation_name=LONG_NAME, mobile="13800138000"))
    sign_in_at(-8, event, enterprise("刘䶮", mobile="16005882054"))
    sign_in_at(-7, event, enterprise("吴𠮷祥", mobile="+4915112345678"))


def test_workbook_is_a4_with_a_repeated_header_and_rows_a_pen_fits_in(app: Flask) -> None:
    event = an_event()
    hard_names(event)
    sheet = load_workbook(BytesIO(sheet_files.render(sheet_of(event, "zh"), "xlsx"))).active
    (header,) = (row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "序号")
    assert sheet.print_title_rows == f"${header}:${header}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    for row in range(header + 1, header + 4):
        assert sheet.row_dimensions[row].height >= 9 * 72 / 25.4
        cells = [sheet.cell(row, column) for column in range(1, 9)]
        assert all(cell.number_format == "@" and cell.alignment.wrap_text for cell in cells)
        assert {cell.data_type for cell in cells if cell.value} == {"s"}
    # The long name wraps: its row is taller than its neighbour's.
    assert sheet.row_dimensions[header + 1].height > sheet.row_dimensions[header + 2].height


def test_libreoffice_opens_the_workbook_with_mobiles_and_formulas_as_text(app: Flask, tmp_path: Path) -> None:
    event = an_event()
    hard_names(event)
    file = tmp_path / "sheet.xlsx"
    file.write_bytes(sheet_files.render(sheet_of(event, "zh"), "xlsx"))
    cells = office.open_cells(file)
    for text in ("=1+1", "刘䶮", "吴𠮷祥", LONG_NAME, "13800138000", "16005882054", "+4915112345678", "08:51"):
        assert (cells[text].type, cells[text].formula) == ("string", None), text


def test_libreoffice_opens_the_csv_with_mobiles_and_formulas_as_text(app: Flask, tmp_path: Path) -> None:
    event = an_event()
    hard_names(event)
    file = tmp_path / "sheet.csv"
    file.write_bytes(sheet_files.csv_bytes(sheet_of(event, "zh")))
    opened = office.open_cells(file, infilter=office.CSV_AS_UTF8)
    cells = {text.strip(): cell for text, cell in opened.items()}
    for text in ("'=1+1", "刘䶮", "吴𠮷祥", LONG_NAME, "13800138000", "16005882054", "'+4915112345678"):
        assert (cells[text].type, cells[text].formula) == ("string", None), text


def test_with_a_roster_the_sheet_follows_its_order_and_names_who_did_not_come(app: Flask) -> None:
    event = an_event(are_students_minors=False)
    names = ("孙丽", "王强", "李娜", "赵敏")
    roster_writing.write(
        event.id, [RosterRow("enterprise", name, "湖北东贝制冷有限公司") for name in names], actor="staff:1"
    )
    (_sun, _wang, li, zhao) = rosters.entries(event.id)
    rosters.set_state(event.id, li.id, "excuse", actor="staff:1", reason="出差")
    sign_in_at(-8, event, guest("陈路过", identity="媒体"))
    sign_in_at(-6, event, enterprise("王强"))
    sign_in_at(-4, event, enterprise("周代表", mobile="13700137000"), replaces_id=zhao.id)
    whole = rows(sheet_of(event, "zh", order="roster", has_no_shows=True))
    assert [(row["姓名"], row["签到时间"], row["备注"]) for row in whole] == [
        ("孙丽", "", "缺席"),
        ("王强", "08:54", ""),
        ("李娜", "", "请假"),
        ("周代表", "08:56", "代赵敏"),
        ("陈路过", "08:52", "媒体、名单外"),
    ]
    arrived = rows(sheet_of(event, "zh", order="roster"))
    assert [row["姓名"] for row in arrived] == ["王强", "周代表", "陈路过"]
    model = sheet_of(event, "zh", has_no_shows=True)
    assert [row["姓名"] for row in rows(model)] == ["陈路过", "王强", "周代表", "孙丽", "李娜"]
    assert dict(model.foot) == {
        "应到": "4 人", "实到": "3 人（其中名单外 1 人、替会 1 人）", "迟到": "0 人", "请假": "1 人", "缺席": "1 人",
        "企业": "1 家",
    }  # fmt: skip


def test_free_seats_are_rows_without_a_name_and_the_totals_add_up(both_app: Flask) -> None:
    event = an_event(are_students_minors=False)
    sign_in_at(-30, event, guest("先到者"))  # before there was a roster: nobody expected them either
    listed = [
        RosterRow("enterprise", organisation_name="甲厂", seats=3),
        RosterRow("enterprise", "孙丽", "乙厂"),
        RosterRow("enterprise", "李娜", "乙厂"),
    ]
    roster_writing.write(event.id, listed, actor="staff:1")
    rosters.set_state(event.id, rosters.entries(event.id)[1].id, "excuse", actor="staff:1")
    sign_in_at(-8, event, guest("陈路过"))
    sign_in_at(-6, event, enterprise("吴代表", organisation_name="甲厂"))
    model = sheet_of(event, "zh", order="roster", has_no_shows=True)
    assert [(row["姓名"], row["单位"], row["备注"]) for row in rows(model)] == [
        ("吴代表", "甲厂", ""),
        ("（名额）", "甲厂", "缺席"),
        ("（名额）", "甲厂", "缺席"),
        ("孙丽", "乙厂", "缺席"),
        ("李娜", "乙厂", "请假"),
        ("先到者", "", "市民观察员、名单外"),
        ("陈路过", "", "市民观察员、名单外"),
    ]
    foot = dict(model.foot)
    assert foot["实到"] == "3 人（其中名单外 2 人）"
    expected, excused, absent = (int(foot[label].split()[0]) for label in ("应到", "请假", "缺席"))
    assert expected == 3 - 2 + excused + absent == 5
    remarks = [row["备注"] for row in rows(model)]
    assert (remarks.count("缺席"), remarks.count("请假")) == (absent, excused), "each total can be counted in the rows"
    assert len(model.rows) == sheet_copies.rows_of(event.id, Choice(has_no_shows=True)) and model.variant == "general"


def test_by_organisation_its_people_stand_together(app: Flask) -> None:
    event = an_event()
    for minutes, name, where in ((-9, "甲", "乙厂"), (-8, "乙", "甲厂"), (-7, "丙", "乙厂")):
        sign_in_at(minutes, event, enterprise(name, organisation_name=where, mobile=None))
    sign_in_at(-6, event, guest("丁"))
    found = rows(sheet_of(event, "zh", order="organisation"))
    assert [(row["单位"], row["姓名"]) for row in found] == [("乙厂", "甲"), ("乙厂", "丙"), ("甲厂", "乙"), ("", "丁")]


def test_a_head_count_says_when_pupils_left_and_staff_s_note_is_stronger(app: Flask) -> None:
    event = an_event(kinds=[{"kind": "student"}])
    names = ("李明", "王丽", "赵敏", "孙浩")
    people = tuple(GroupPerson(student(name)) for name in names)
    with clock.freeze(START):
        token = groups.submit(Submission(event, ticket_for(event), people, has_consented=True))
        group = group_views.find(token)
    assert group is not None
    ids = [one.sign_in_id for one in group.members]
    for minutes, there in ((170, ids), (185, ids[:3])):  # the later count stands: one is not there any more
        with clock.freeze(START + timedelta(minutes=minutes)):
            group_changes.count(group, there)
    change(ids[1], left_at=START + timedelta(minutes=80))
    model = sheet_of(event, "zh")
    assert [(row["姓名"], row["到场"], row["离场"], row["备注"]) for row in rows(model)] == [
        ("李明", "09:00", "12:05", ""),
        ("王丽", "09:00", "10:20", "早退"),
        ("赵敏", "09:00", "12:05", ""),
        ("孙浩", "09:00", "", ""),
    ]
    assert model.variant == "students" and model.signing == ("带队教师签字", "主办单位（盖章）负责人签字")


@pytest.mark.parametrize(("minutes", "said"), [(80, "早退 10:20"), (180, ""), (200, "")])
def test_who_left_before_the_end_left_early(app: Flask, minutes: int, said: str) -> None:
    event = an_event()
    change(sign_in_at(-5, event, enterprise()).sign_in_id, left_at=START + timedelta(minutes=minutes))
    assert rows(sheet_of(event, "zh"))[0]["备注"] == said


def test_lecturers_stand_in_the_head_and_sign_with_the_host(app: Flask) -> None:
    event = an_event(lecturers="张教授、李高工")
    model = sheet_of(event, "zh")
    assert model.lines[-1] == ("授课教师", "张教授、李高工")
    assert model.signing == ("授课教师（主讲人）签字", "主办单位（盖章）负责人签字")


def test_certificates_variant_has_hours_and_leaves_grade_and_number_to_the_offices(app: Flask) -> None:
    event, without = an_event(credited_hours=3.5), an_event()
    sign_in_at(-5, event, enterprise("王强", job_title="质量总监"))
    sign_in_at(-5, without, enterprise("李娜", mobile="13900139000"))
    model = sheet_of(event, "zh", variant="certificates")
    titles = ["序号", "姓名", "单位", "职务", "学时", "成绩", "证书编号", "备注"]
    assert [column.title for column in model.columns] == titles
    assert [row[4:7] for row in model.rows] == [("3.5", "", "")]
    assert sheet_of(without, "zh", variant="certificates").rows[0][4:7] == ("", "", ""), "no hours are credited there"


def test_a_variant_can_be_chosen_whoever_stands_on_the_sheet(app: Flask) -> None:
    event = an_event()
    sign_in_at(-5, event, enterprise("王强"))
    model = sheet_of(event, "zh", variant="students")
    assert model.variant == "students" and "13800138000" not in "".join(model.rows[0])


def test_a_name_that_was_taken_out_says_so_and_the_totals_stay(app: Flask) -> None:
    event = an_event()
    pupil = sign_in_at(-5, event, student("李明"))
    cleared = {"name": "", "name_key": "", "organisation_name": None, "class_name": None}
    change(pupil.sign_in_id, **cleared)
    for is_masked in (False, True):
        model = sheet_of(event, "zh", is_masked=is_masked)
        assert model.rows[0][1:4] == ("", "已清除", "") and dict(model.foot)["实到"] == "1 人"


def test_enterprises_are_counted_once_and_only_where_there_are_any(both_app: Flask) -> None:
    event = an_event()
    sign_in_at(-9, event, guest("张爱国"))
    assert "企业" not in dict(sheet_of(event, "zh").foot)
    for minutes, name, where in ((-8, "甲", "东贝制冷"), (-7, "乙", "东贝制冷"), (-6, "丙", "大冶特钢")):
        sign_in_at(minutes, event, enterprise(name, organisation_name=where, mobile=None))
    assert dict(sheet_of(event, "zh").foot)["企业"] == "2 家"


def test_progress_is_told_now_and_then_and_at_the_end(app: Flask) -> None:
    event = an_event()
    roster_writing.write(event.id, [RosterRow("guest", f"来宾{n}") for n in range(250)], actor="staff:1")
    sign_in_at(-5, event, guest("张爱国"))
    told: list[tuple[int, int]] = []
    model = sheet_of(event, "zh", has_no_shows=True, on_row=lambda *step: told.append(step))
    assert told == [(100, 251), (200, 251), (251, 251)] and len(model.rows) == 251
    assert (
        sheet_copies.rows_of(event.id, Choice(has_no_shows=True)) == 251
        and sheet_copies.rows_of(event.id, Choice()) == 1
    )
