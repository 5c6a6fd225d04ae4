"""A steward confirms: what the board, the sheet, the report, the hours and a phone say of who waits."""

from __future__ import annotations

from flask import Flask

from kiosk.services.board import bulletins, dashboards, narrowed
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import confirmations, corrections, receipts
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.reports import counting
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import (
    enterprise,
    guest,
    make_event,
    sheet_of,
    sign_in,
)


def confirmed(**changes: object) -> EventView:
    return make_event(needs_confirmation=True, **changes)


def expect(event: EventView, *names: str) -> None:
    roster_writing.write(event.id, [RosterRow("guest", name) for name in names], actor="staff:1")


def confirm(sign_in_id: int) -> corrections.Correction:
    return corrections.confirm(sign_in_id, staff_id=None)


def test_the_board_its_narrowed_face_and_the_bulletin_say_who_waits_apart(app: Flask) -> None:
    event = confirmed()
    sign_in(event, guest("甲"))
    confirm(sign_in(event, enterprise()).sign_in_id)
    numbers = dashboards.read(event)
    assert (numbers.counts.arrived, numbers.counts.unconfirmed) == (1, 1)
    of_guests = narrowed.read(event, PeopleFilter(kind="guest"))
    assert (of_guests.counts.arrived, of_guests.counts.unconfirmed, len(of_guests.unconfirmed)) == (0, 1, 1)
    with app.test_request_context():
        text = bulletins.compose(
            event, numbers, title="会", kind_labels={"guest": "来宾", "enterprise": "企业代表", "student": ""}
        )
    assert text.endswith("会已到 1 人：企业代表 1 人；待确认 1 人。")


def test_the_sheet_counts_them_apart_and_lists_no_refused_one(app: Flask) -> None:
    event = confirmed()
    expect(event, "王强", "李四", "赵六", "孙七")
    confirm(sign_in(event, guest("王强")).sign_in_id)
    sign_in(event, guest("李四"))
    corrections.refuse(sign_in(event, guest("赵六")).sign_in_id, staff_id=None)
    sign_in(event, guest("走读生"))
    sheet = sheet_of(event, "zh", has_no_shows=True)
    keys = [column.key for column in sheet.columns]
    rows = {row[keys.index("name")]: row[keys.index("remarks")] for row in sheet.rows}
    assert rows == {"王强": "市民观察员", "李四": "待确认", "赵六": "缺席", "孙七": "缺席"}
    foot = dict(sheet.foot)
    assert (foot["应到"], foot["实到"], foot["缺席"], foot["待确认"]) == ("4 人", "1 人", "2 人", "2 人（未计入实到）")
    plain = dict(sheet_of(make_event(), "zh").foot)
    assert "待确认" not in plain


def test_the_report_and_the_hours_know_nobody_who_waits(app: Flask) -> None:
    event = confirmed(credited_hours=4.0)
    confirm(sign_in(event, guest("甲")).sign_in_id)
    sign_in(event, guest("乙"))
    corrections.refuse(sign_in(event, guest("丙")).sign_in_id, staff_id=None)
    figures = counting.figures(event.campaign_id)
    assert (figures.attendances, figures.people, figures.unconfirmed, figures.refused) == (1, 1, 1, 1)
    assert len(hours.by_sign_in(event.id)) == 1


def test_only_the_phone_of_the_sign_in_reads_its_number_and_seat_and_only_once_confirmed(app: Flask) -> None:
    event = confirmed()
    roster_writing.write(event.id, [RosterRow("guest", "王强", seat="A3")], actor="staff:1")
    result = sign_in(event, guest("王强"))
    address = receipts.address_of(result, is_kiosk=False)
    waits = receipts.read(address)
    assert waits is not None and (waits.state, waits.seat, waits.ordinal) == ("unconfirmed", None, None)
    confirm(result.sign_in_id)
    here = receipts.read(address)
    assert here is not None and (here.state, here.seat, here.ordinal) == ("arrived", "A3", 1)
    corrections.unconfirm(result.sign_in_id, staff_id=None)
    again = receipts.read(address)  # its number is kept, unseen, for the next confirmation
    assert again is not None and (again.state, again.seat, again.ordinal) == ("unconfirmed", None, None)
    corrections.refuse(result.sign_in_id, staff_id=None)
    refused = receipts.read(address)
    assert refused is not None and refused.state == "refused"
    assert receipts.standing(address, event.code) is None  # their phone may sign in anew


def test_who_waits_is_what_is_found_and_nobody_of_another_event(app: Flask) -> None:
    event, other = confirmed(), confirmed()
    sign_in(other, guest("别处"))
    named = [sign_in(event, guest(f"来宾{number}")).sign_in_id for number in range(3)]
    assert [row.sign_in_id for row in confirmations.waiting(event.id)] == named
