"""The emergency sheet: what is printed can be read, ticked with a pen, and given to those who run the event only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.jobs import emergency_sheet
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import emergency
from tests.aids.factories import log_in, make_event, make_staff, sign_in
from tests.aids.tools import need

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Huangshi
HEADER = "序号姓名单位职务联系电话签到时间签名"


def an_event(rows: Sequence[RosterRow] = (), **changes: Any) -> EventView:
    venue = {"venue": "大冶市市民之家", "starts_at": START, "ends_at": START + timedelta(hours=3)}
    event = make_event(**{"title": "首席质量官巡回培训", **venue, **changes})
    if rows:
        roster_writing.write(event.id, rows, actor="staff:1")
    return event


def sixty() -> list[RosterRow]:
    rows = [
        RosterRow("enterprise", f"代表{n:02}", f"第{n:02}机械有限公司", mobile=f"138000{n:05}") for n in range(1, 61)
    ]
    rows[1] = RosterRow("enterprise", "刘䶮", LONG_NAME, mobile="13900139000", job_title="首席质量官兼副总经理")
    return rows


def pupils() -> list[RosterRow]:
    """Pupils whose school gave numbers that must not be printed."""
    return [
        RosterRow("student", f"学生{n:02}", "四棵中学", class_name="初二(3)班", mobile=f"138000{n:05}")
        for n in range(1, 6)
    ]


def pages(event: EventView, folder: Path, language: str = "zh") -> list[str]:
    """Return the text of each page without white space, which depends on where lines break."""
    file = folder / f"{language}.pdf"
    file.write_bytes(emergency.pdf_bytes(emergency.build(event, language)))
    command = [need("pdftotext"), "-raw", str(file), "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [re.sub(r"\s", "", page) for page in said.split("\f")[:-1]]


def test_every_page_has_its_header_and_its_number(app: Flask, tmp_path: Path) -> None:
    found = pages(an_event(sixty()), tmp_path)
    assert len(found) == 4
    for number, page in enumerate(found, start=1):
        assert HEADER in page and f"第{number}页共4页" in page and "首席质量官巡回培训应急签到表" in page
    assert "时间：2026年9月10日09:00–12:00" in found[0] and "地点：大冶市市民之家" in found[0]
    assert "名单外人员" in found[-1] and "代表" not in found[-1]


def test_roster_stands_in_its_order_with_masked_mobiles_and_rare_characters(app: Flask, tmp_path: Path) -> None:
    whole = "".join(pages(an_event(sixty()), tmp_path))
    places = [whole.index(f"代表{number:02}") for number in (1, 3, 30, 60)]
    assert places == sorted(places)
    assert "刘䶮" in whole and LONG_NAME in whole and "139****9000" in whole
    assert "〓" not in whole and not re.search(r"1[3-9]\d{9}", whole)


def test_who_has_arrived_or_asked_leave_is_marked(app: Flask, tmp_path: Path) -> None:
    event = an_event(sixty())
    first, second, third, *_rest = rosters.entries(event.id)
    with clock.freeze(START - timedelta(minutes=8)):
        sign_in(event, first.details(), roster_entry_id=first.id)
    rosters.set_state(event.id, third.id, "excuse", actor="staff:1")
    rows = emergency.build(event, "zh").rows
    assert [(row.cells[-2:], row.is_done) for row in rows[:3]] == [
        (("08:52", "已电子签到"), True),
        (("", ""), False),
        (("", "请假"), True),
    ]
    (page, *_others) = pages(event, tmp_path)
    assert page.count("已电子签到") == 2 and "08:52已电子签到" in page and "此时已电子签到1人" in page


def test_minors_sheet_has_no_mobiles(app: Flask, tmp_path: Path) -> None:
    sheet = emergency.build(an_event(pupils(), kinds=[{"kind": "student"}]), "zh")
    assert [column.key for column in sheet.columns] == [
        "number", "class", "name", "student_no", "signed_in_at", "signature",
    ]  # fmt: skip
    mixed = emergency.build(an_event([*pupils(), *sixty()[:1]]), "zh")
    by_name = {row.cells[1]: row.cells[4] for row in mixed.rows}
    assert by_name["学生01"] == "" and by_name["代表01"] == "138****0001"


def test_a_seat_without_a_name_is_a_line_with_its_organisation(app: Flask) -> None:
    event = an_event([*sixty()[:1], RosterRow("enterprise", organisation_name="某某公司", seats=2)])
    assert [row.cells[:3] for row in emergency.build(event, "zh").rows] == [
        ("1", "代表01", "第01机械有限公司"),
        ("2", "", "某某公司"),
        ("3", "", "某某公司"),
    ]


def test_without_a_roster_there_are_blank_rows(app: Flask, tmp_path: Path) -> None:
    first, second = pages(an_event(), tmp_path)
    assert HEADER in first and HEADER in second and "名单外" not in first + second


def test_sheet_speaks_english(app: Flask, tmp_path: Path) -> None:
    found = pages(an_event(sixty(), title_alt="Chief quality officer training"), tmp_path, "en")
    assert "Emergencysign-insheet:Chiefqualityofficertraining" in found[0] and "Page1of4" in found[0]
    assert "No.NameOrganisationJobtitleMobileSignedinSignature" in found[2]


def test_rows_take_a_pen_and_leave_blank_ones_on_every_page() -> None:
    columns = [{"key": "name", "title": "姓名", "width": 40}]
    with closing(emergency_sheet.Paper(title="", language="zh")) as paper:
        blank = emergency_sheet._row(paper, columns, [""])
        rows = [emergency_sheet._row(paper, columns, [f"代表{number}"]) for number in range(60)]
    made = emergency_sheet._pages(rows, 30.0, blank)
    assert all(row.height >= 9 for page in made for row in page.rows)
    assert all(page.rows[-3:] == (blank,) * 3 for page in made)
    assert [row for page in made for row in page.rows if row is not blank] == rows
    for page in made:
        head = 30.0 if page.has_head else emergency_sheet.RUNNING_HEAD
        assert sum(row.height for row in page.rows) <= emergency_sheet._space(head)
    assert set(made[-1].rows) == {blank} and len(made[-1].rows) > 20


@pytest.mark.parametrize(("role", "status"), [("organiser", 200), ("viewer", 403)])
def test_sheet_is_for_who_runs_the_event(app: Flask, client: FlaskClient, role: str, status: int) -> None:
    event = events.create(events.EventDraft(title="首席质量官巡回培训"), owner_id=make_staff(role).id)
    log_in(client, f"{role}@example.org")
    answer = client.get(f"/events/{event.code}/emergency.pdf")
    assert answer.status_code == status
    if status == 200:
        assert answer.data.startswith(b"%PDF")
        assert "首席质量官巡回培训 应急签到表.pdf" in unquote(answer.headers["Content-Disposition"])
