"""What we export comes back unchanged: every list of people that leaves the house, in every format, read in again."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import RosterEntry
from kiosk.person_fields import LABELS
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.files import read_file
from kiosk.services.roster import roster_drafts, roster_imports, roster_lists, roster_writing
from kiosk.services.roster.roster_drafts import Preview
from kiosk.services.roster.roster_rows import LISTED, RosterRow
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.tables import sheet_files
from tests.aids.factories import enterprise, make_event, sign_in, student
from tests.aids.paths import FIXTURES

FORMATS = ("csv", "xlsx")
RT = (FIXTURES / "lists" / "rt.csv").read_bytes()
# Siblings of rt.csv: what begins like a formula, wide ones too; apostrophes that somebody typed; lines within a cell;
# zeros in front, and numbers longer than a program keeps.
SIBLINGS = '''姓名,单位,职务,手机,学号,备注,座位
't Hart Jan,＝SUM(A1),+主任,,00000012,'s Avonds,A-1
王强,"松林
机电",'经理,13800130002,420202199001011234,"第一行
第二行",3/4
''甘二'',"「松林」""机电""",-,13800130003,420202199001010000,'=1+1,''7
@陈,@home,＋副主任,+85291234568,0,－5,-1
-李波,'t Café,"a;b	c",,007,=HYPERLINK("x"),=A1
'''.encode()  # noqa: RUF001
KINDS = [{"kind": "enterprise"}, {"kind": "student"}, {"kind": "guest", "label": "媒体", "label_alt": "Press"}]
# Names that no list would be trusted with, and that somebody has who stands on the roster already.
BY_HAND = [
    RosterRow("enterprise", "=1+1", "东贝", mobile="13800138000", is_starred=True),
    RosterRow("enterprise", "张三、李四", "东贝", mobile="13800138001", note="无"),
    RosterRow("enterprise", "甘三等3人", "劲牌", job_title="请假"),
    RosterRow("enterprise", "经理", "劲牌（黄石）", bus="-", seat="01", student_no="00123"),
    RosterRow("enterprise", "Ann (Annie) O'Neil +1", "Pine, Motors", mobile="+85291234567"),
    RosterRow("guest", "陈一", identity="记者", group_name="2-1", note="'=1"),
    RosterRow("student", "李明", "四棵中学", class_name="3-2", student_no="0012"),
    RosterRow("student", "王丽", "四棵中学", class_name="初二(3)班", student_no="420202199001010000"),
    RosterRow("enterprise", organisation_name="'=东贝", seats=3),
]


def roster_of(event: EventView) -> list[dict[str, Any]]:
    """Return what the roster says of everybody, in its order."""
    db.session.rollback()
    rows = db.session.scalars(select(RosterEntry).where(RosterEntry.event_id == event.id).order_by(RosterEntry.id))
    return [{name: getattr(row, name) for name in LISTED} for row in rows]


def previewed(event: EventView, content: bytes) -> Preview:
    """Return what a file would change."""
    return roster_drafts.preview(event, roster_drafts.stage(event, read_file(content), staff_id=1, source="导出"))


def exported(event: EventView, ending: str, language: str, *, is_masked: bool = False) -> bytes:
    """Return the roster as a file."""
    with force_locale(language):
        return sheet_files.render(roster_lists.export(event, language, is_masked=is_masked), ending)


def take(event: EventView, books: tuple[Book, ...]) -> None:
    roster_imports.write(event, books, Choices(takes_doubtful=True), actor="staff:1")
    db.session.rollback()


def check_unchanged(event: EventView, content: bytes, people: int) -> None:
    """Hold that a file of ours changes nothing, that nothing of it is doubted, and that its import changes nothing."""
    before = roster_of(event)
    shown = previewed(event, content)
    assert shown.changed == () and shown.outcomes == {"unchanged": people}
    reading = shown.reading
    assert reading.doubtful == () and reading.rejected == () and reading.doubts == ()
    take(event, read_file(content))
    assert roster_of(event) == before


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_comes_back_as_it_was_read_the_first_time(both_app: Flask, ending: str, language: str) -> None:
    for content, people in ((RT, 3), (SIBLINGS, 5)):
        event = make_event()
        take(event, read_file(content))
        assert len(roster_of(event)) == people
        check_unchanged(event, exported(event, ending, language), people)


def test_the_values_of_a_list_are_those_that_were_typed(app: Flask) -> None:
    event = make_event()
    take(event, read_file(RT))
    take(event, read_file(SIBLINGS))
    typed = [tuple(row[name] or "" for name in ("name", "organisation_name", "job_title", "mobile", "student_no",
                                                "note", "seat")) for row in roster_of(event)]  # fmt: skip
    assert (
        typed
        == [
            ("甘一", "松林机电", "经理", "13800130001", "00123", "讲稿；课件，话筒", "1-2"),
            ("=1+1", "松林,机电", "-经理", "+85291234567", "", '他说 "好"', "3-4"),
            ("O'Neil Ann", "Pine Motors", "@lead", "", "0007", "", ""),
            ("'t Hart Jan", "＝SUM(A1)", "+主任", "", "00000012", "'s Avonds", "A-1"),  # noqa: RUF001
            ("王强", "松林机电", "'经理", "13800130002", "420202199001011234", "第一行第二行", "3/4"),
        ]
        + typed[5:]
    )
    assert typed[6][1:] == ("@home", "＋副主任", "+85291234568", "0", "－5", "-1")  # noqa: RUF001


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_that_stand_on_the_roster_are_not_asked_about_again(both_app: Flask, ending: str, language: str) -> None:
    event = make_event(kinds=KINDS)
    roster_writing.write(event.id, BY_HAND, actor="staff:1")
    check_unchanged(event, exported(event, ending, language), len(BY_HAND))
    strange = previewed(make_event(kinds=KINDS), exported(event, ending, language)).reading
    assert {"=1+1"} < {one.proposed.name for one in strange.asked}, "another event does not know them"


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_in_sheet_comes_back_without_a_change(both_app: Flask, ending: str, language: str) -> None:
    event = make_event(kinds=KINDS, title_alt="Training")
    rows = [row for row in BY_HAND if row.kind == "enterprise" and not row.seats]
    rows += [RosterRow("student", f"李{one}", "四棵中学", class_name="初二(3)班") for one in "明娜"]
    roster_writing.write(event.id, rows, actor="staff:1")
    sign_in(event, enterprise("=1+1", organisation_name="东贝", mobile="13800138000"))
    sign_in(event, student("李明", organisation_name="四棵中学", class_name="初二(3)班"))
    with force_locale(language):
        choice = Choice(is_masked=False, has_no_shows=True)
        content = sheet_copies.file_of(event, choice, language, ending).content
    check_unchanged(event, content, len(rows))


def test_the_students_sheet_comes_back_without_a_change(app: Flask) -> None:
    event = make_event(kinds=KINDS)
    names = [f"李{one}" for one in "明娜"]
    rows = [RosterRow("student", name, "四棵中学", class_name="初二(3)班", student_no="0012") for name in names[:1]]
    rows += [RosterRow("student", name, "黄石二中", class_name="高一（1）班") for name in names[1:]]
    roster_writing.write(event.id, rows, actor="staff:1")
    sign_in(event, student("李明", organisation_name="四棵中学", class_name="初二(3)班", student_no="0012"))
    for ending in FORMATS:
        content = sheet_copies.file_of(event, Choice(is_masked=False, has_no_shows=True), "zh", ending).content
        check_unchanged(event, content, len(rows))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_masked_copy_takes_no_mobile_and_no_number_away(both_app: Flask, ending: str) -> None:
    event = make_event(kinds=KINDS)
    roster_writing.write(event.id, BY_HAND, actor="staff:1")
    before = roster_of(event)
    content = exported(event, ending, "zh", is_masked=True)
    shown = previewed(event, content)
    assert {doubt.code for one in shown.reading.told for doubt in one.doubts} == {"masked"}
    fields = {str(LABELS[name]) for name in ("mobile", "student_no")}
    assert {one.doubts[0].about["field"] for one in shown.reading.told} == fields
    assert {one.proposed.name for one in shown.reading.asked} == {"李", "王"}, "minors: their names are masked"
    roster_imports.write(event, read_file(content), Choices(), actor="staff:1")
    assert roster_of(event) == before
