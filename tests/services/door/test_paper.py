"""Paper (story 9): back-entry on both databases, and totals that reconcile everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from kiosk import clock
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards
from kiosk.services.door import back_entry, corrections
from kiosk.services.door.back_entry import Entered, PaperRow
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import sign_ins
from tests.aids.factories import enterprise, guest, make_event, sheet_of, sign_in, student

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Huangshi
AFTERWARDS = START + timedelta(hours=4)


def listed(number: int) -> RosterRow:
    mobile = f"138000{number:05}"
    return RosterRow(
        "enterprise", f"代表{number:02}", f"第{number:02}机械有限公司", mobile=mobile, job_title="质量总监"
    )


def an_event(count: int = 0, **changes: Any) -> EventView:
    """Make an event at 09:00 with `count` people on its roster."""
    ends_at = START + timedelta(hours=3)
    event = make_event(**{"starts_at": START, "ends_at": ends_at, "closes_at": ends_at, **changes})
    if count:
        roster_writing.write(event.id, [listed(number) for number in range(1, count + 1)], actor="staff:1")
    return event


def arrive(event: EventView, details: Details, minutes: float = -10, **changes: Any) -> Any:
    with clock.freeze(START + timedelta(minutes=minutes)):
        return sign_in(event, details, **changes)


def ticked(event: EventView, numbers: range, minutes: float = -5) -> list[PaperRow]:
    """Return the lines of these numbers of the emergency sheet, as the page would send them."""
    return [
        PaperRow(f"e{one.entry.id}", one.entry.details(), START + timedelta(minutes=minutes), one.entry.id)
        for one in back_entry.listed(event.id).rows
        if one.number in numbers
    ]


def walk_in(row: str, details: Details, minutes: float = -5, **changes: Any) -> PaperRow:
    return PaperRow(row, details, START + timedelta(minutes=minutes), **changes)


def enter(event: EventView, rows: list[PaperRow], key: str = "page") -> tuple[Entered, ...]:
    with clock.freeze(AFTERWARDS):
        return back_entry.enter(event, rows, Hand("staff:1", key))


def codes(done: tuple[Entered, ...]) -> list[str]:
    return [one.code for one in done]


def totals(event: EventView, language: str = "zh") -> dict[str, str]:
    return dict(sheet_of(event, language).foot)


@pytest.fixture
def crowd(both_app: Flask) -> EventView:
    """60 are expected, 52 signed in by phone, and the paper has nine: eight of the roster and a walk-in."""
    event = an_event(60)
    for number in range(1, 53):
        row = listed(number)
        arrive(event, enterprise(row.name, organisation_name=row.organisation_name, mobile=row.mobile))
    return event


def nine(event: EventView) -> list[PaperRow]:
    return [*ticked(event, range(53, 61)), walk_in("w0", guest("𠮷田䶮"))]


def test_52_by_phone_and_9_on_paper_are_61_on_dashboard_sheet_and_totals(crowd: EventView) -> None:
    assert codes(enter(crowd, nine(crowd))) == ["entered"] * 9
    numbers, model = dashboards.read(crowd), sheet_of(crowd, "zh")
    assert (numbers.counts.arrived - numbers.on_paper, numbers.on_paper, numbers.counts.arrived) == (52, 9, 61)
    assert (tallies.on_paper(crowd.id), events.counts(crowd.id).arrived, len(model.rows)) == (9, 61, 61)
    assert sum("纸质补录" in row[-1] for row in model.rows) == 9
    assert dict(model.foot)["签到方式"] == "电子 52 + 纸质 9 = 61"
    assert totals(crowd, "en")["How"] == "electronic 52 + paper 9 = 61"
    assert tallies.recount() == ()


def test_foot_of_a_sheet_with_a_roster_adds_up(crowd: EventView) -> None:
    rosters.set_state(crowd.id, rosters.entries(crowd.id)[59].id, "excuse", actor="staff:1")
    enter(crowd, nine(crowd)[:6])
    foot = totals(crowd)
    wanted = {"应到": "60 人", "实到": "58 人", "迟到": "0 人", "请假": "1 人", "缺席": "1 人"}
    assert {key: foot[key] for key in wanted} == wanted


def test_sending_the_page_again_changes_nothing(crowd: EventView) -> None:
    rows = nine(crowd)
    first = enter(crowd, rows)
    before = events.counts(crowd.id)
    assert enter(crowd, rows) == first
    assert events.counts(crowd.id) == before
    assert tallies.recount() == ()


def test_void_and_undo_of_each_leave_the_totals_right(crowd: EventView) -> None:
    enter(crowd, nine(crowd))
    (paper, *_others) = dashboards.read(crowd).latest
    assert paper.method == "paper"
    by_phone = arrive(crowd, enterprise("代表01", organisation_name="第01机械有限公司", mobile="13800000001"))
    for sign_in_id, electronic, on_paper in ((paper.sign_in_id, 52, 8), (by_phone.sign_in_id, 51, 9)):
        corrections.void(sign_in_id, staff_id=None)
        assert (events.counts(crowd.id).arrived, tallies.on_paper(crowd.id)) == (electronic + on_paper, on_paper)
        assert totals(crowd)["签到方式"] == f"电子 {electronic} + 纸质 {on_paper} = {electronic + on_paper}"
        assert tallies.recount() == ()
        corrections.restore(sign_in_id, staff_id=None)
        assert (dashboards.read(crowd).on_paper, totals(crowd)["签到方式"]) == (9, "电子 52 + 纸质 9 = 61")
        assert tallies.recount() == ()


def test_who_signed_in_by_phone_as_well_is_there_already_and_never_double(both_app: Flask) -> None:
    event = an_event(2)
    rows = ticked(event, range(1, 3))  # the page was opened before the first of them came
    first = listed(1)
    arrive(event, enterprise(first.name, organisation_name=first.organisation_name, mobile=first.mobile), minutes=-20)
    done = enter(event, [*rows, walk_in("w0", enterprise(first.name, mobile=first.mobile))])
    assert codes(done) == ["there", "entered", "there"]
    assert done[0].signed_in_at == START + timedelta(minutes=-20)
    assert (events.counts(event.id).arrived, tallies.on_paper(event.id)) == (2, 1)
    assert tallies.recount() == ()


def test_claimed_time_says_who_was_late_and_the_server_keeps_its_own(both_app: Flask) -> None:
    event = an_event(2)
    early, late = ticked(event, range(1, 2), minutes=0), ticked(event, range(2, 3), minutes=1)
    enter(event, early + late)
    (second, first) = dashboards.read(event).latest
    assert (first.is_late, second.is_late, events.counts(event.id).late) == (False, True, 1)
    assert first.signed_in_at == START
    (row, *_others) = sheet_of(event, "zh").rows
    assert row[5] == "09:00"


def test_same_name_is_asked_about_and_written_once_staff_has_answered(both_app: Flask) -> None:
    event = an_event(are_students_minors=True)
    arrive(event, student(), minutes=-8)
    (asked,) = enter(event, [walk_in("w0", student())])
    assert (asked.code, asked.signed_in_at) == ("same_name", START + timedelta(minutes=-8))
    assert events.counts(event.id).arrived == 1
    assert codes(enter(event, [walk_in("w0", student(), is_another=True)])) == ["entered"]
    assert (events.counts(event.id).arrived, tallies.on_paper(event.id)) == (2, 1)
    assert tallies.recount() == ()


def test_a_line_that_was_taken_back_is_not_entered_by_the_same_page_again(both_app: Flask) -> None:
    event = an_event(1)
    rows = ticked(event, range(1, 2))
    enter(event, rows)
    corrections.void(dashboards.read(event).latest[0].sign_in_id, staff_id=None)
    assert codes(enter(event, rows)) == ["void"]
    assert codes(enter(event, rows, key="another page")) == ["entered"]
    assert tallies.recount() == ()


def test_who_waits_by_phone_is_said_to_wait(both_app: Flask) -> None:
    event = an_event(capacity=1, full_policy="wait_list")
    arrive(event, guest("到场者"))
    arrive(event, enterprise("候补者"))
    assert codes(enter(event, [walk_in("w0", enterprise("候补者"))])) == ["waits"]
    assert tallies.on_paper(event.id) == 0


def test_absent_keep_the_numbers_of_the_sheet_and_name_a_namesake(app: Flask) -> None:
    event = an_event(4)
    second = listed(2)
    arrive(event, enterprise(second.name, organisation_name=second.organisation_name, mobile=second.mobile))
    arrive(event, enterprise("代表03", organisation_name="另一家有限公司", mobile="13900139000"), minutes=-3)
    found = [one for one in back_entry.listed(event.id).rows if one.is_absent]
    assert [one.number for one in found] == [1, 3, 4]
    assert [one.namesake_at for one in found] == [None, START + timedelta(minutes=-3), None]


def test_a_chunk_that_fails_leaves_those_before_it_and_the_rest_can_be_sent(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = an_event(30)
    rows = ticked(event, range(1, 31))
    real = sign_ins.sign_in.within

    def failing(session: Any, request: Any) -> Any:
        if request.details.name == "代表25":
            raise RuntimeError("the disk is full")
        return real(session, request)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(sign_ins.sign_in, "within", failing)
        enter(event, rows)
    assert events.counts(event.id).arrived == back_entry.CHUNK
    assert codes(enter(event, rows)) == ["entered"] * 30
    assert (events.counts(event.id).arrived, tallies.on_paper(event.id)) == (30, 30)
    assert tallies.recount() == ()
