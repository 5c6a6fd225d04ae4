"""A list that comes after people have signed in: who is on it is here, and nobody is guessed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.board import missing
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_arrivals, roster_drafts, roster_edits, roster_imports, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_writing import Written
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids.factories import (
    enterprise,
    guest,
    log_in,
    make_event,
    make_staff,
    merge,
    post,
    sign_in,
    sign_in_on_trial,
    student,
    ticket_for,
)
from tests.aids.lists import book_of_cells

DONGBEI = "湖北东贝制冷有限公司"
STRANGER = RosterRow("enterprise", "陌生人", "别家公司", mobile="13500135000")
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", seat="A3")
PUPIL = RosterRow("student", "李明", "四棵中学", class_name="初二(3)班")
FIELDS = ("name", "organisation_name", "class_name", "student_no", "mobile", "kind", "seats")
HEADERS = ("姓名", "单位", "班级", "学号", "手机", "类别", "名额")


def listed(*rows: RosterRow, **changes: Any) -> EventView:
    """Make an event whose list names a stranger, so that everybody else is a walk-in at the door."""
    event = make_event(**changes)
    roster_writing.write(event.id, [STRANGER, *rows], actor="staff:1")
    return event


def write(event: EventView, *rows: RosterRow) -> Written:
    """Import rows; the preview must have told before how many of them are here."""
    cells = [HEADERS, *([str(getattr(row, field) or "") for field in FIELDS] for row in rows)]
    token = roster_drafts.stage(event, [book_of_cells(cells)], staff_id=1, source="")
    told = roster_drafts.preview(event, token).here
    db.session.rollback()
    _reading, written = roster_imports.confirm(event, token, actor="staff:1")
    assert written.here == told
    return written


def figures(event: EventView) -> tuple[int, int, int]:
    """Return walk-ins, who of the list is here, who is missing; the tallies must be those of the rows."""
    counts = events.counts(event.id)
    assert tallies.recount() == ()
    return counts.walk_ins, counts.listed_arrived, counts.missing


def row_of(sign_in_id: int) -> SignIn:
    found = db.session.get(SignIn, sign_in_id, populate_existing=True)
    assert found is not None
    return found


SAME = {
    "mobile and name": (enterprise(organisation_name=None), WANG),
    "a padded name": (enterprise(), replace(WANG, name="王　强")),
    "number and school": (student("李 小明", student_no="7"), replace(PUPIL, student_no="7", class_name=None)),
    "name and organisation": (enterprise(mobile=None), replace(WANG, mobile=None)),
    "a mobile on one side": (enterprise(), replace(WANG, mobile=None)),
    "name, school and class": (student(), PUPIL),
    "no class on the list": (student(), replace(PUPIL, class_name=None)),
    "a list of names alone": (enterprise(), RosterRow("enterprise", "王强")),
    "a guest": (guest(), RosterRow("guest", "张爱国")),
}
OTHERS = {
    "another mobile": (enterprise(), replace(WANG, mobile="13900139000")),
    "another number": (student(student_no="7"), replace(PUPIL, student_no="8")),
    "another class": (student(), replace(PUPIL, class_name="初二(4)班")),
    "no class at the door": (student(class_name=None), PUPIL),
    "another organisation": (enterprise(mobile=None), replace(WANG, mobile=None, organisation_name="劲牌有限公司")),
    "another kind": (guest("王强"), RosterRow("enterprise", "王强", DONGBEI)),
    "another name": (enterprise("王小强"), WANG),
    "a number of another school": (student("孙甲", student_no="7"), RosterRow("student", "孙乙", "别校", None, "7")),
}


@pytest.mark.parametrize("details, row", SAME.values(), ids=SAME)
def test_who_is_here_already_has_the_place_that_the_list_gives(
    both_app: Flask, details: Details, row: RosterRow
) -> None:
    event = listed()
    came = sign_in(event, details)
    assert figures(event) == (1, 0, 1)
    before = events.counts(event.id)
    assert write(event, row) == Written(added=1, here=1)
    assert figures(event) == (0, 1, 1)
    stored, after = row_of(came.sign_in_id), events.counts(event.id)
    (entry,) = (one for one in rosters.entries(event.id) if one.has_arrived)
    assert (entry.name, stored.roster_entry_id, stored.is_walk_in) == (row.name.replace("　", ""), entry.id, False)
    assert (stored.ordinal, stored.signed_in_at, stored.name) == (came.ordinal, came.signed_in_at, details.name)
    assert stored.revision == after.revision > before.revision, "screens see the row again"
    assert write(event, row) == Written(unchanged=1) and events.counts(event.id).revision == after.revision


@pytest.mark.parametrize("details, row", OTHERS.values(), ids=OTHERS)
def test_who_is_somebody_else_stays_a_walk_in(both_app: Flask, details: Details, row: RosterRow) -> None:
    event = listed()
    sign_in(event, details)
    assert write(event, row).here == 0
    assert figures(event) == (1, 0, 2)


def test_a_first_list_that_comes_late_finds_who_is_here(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    assert write(event, WANG, STRANGER).here == 1
    assert figures(event) == (0, 1, 1)


def test_who_came_before_the_list_and_is_not_on_it_is_a_walk_in(both_app: Flask) -> None:
    event = make_event()
    others = [sign_in(event, enterprise(f"某{n}", mobile=f"1390000{n:04}")).sign_in_id for n in range(3)]
    corrections.void(others[0], staff_id=None)
    sign_in(event, enterprise())
    sign_in_on_trial(event, enterprise("试"))
    assert figures(event)[0] == 0, "without a list nobody is one"
    assert write(event, WANG).here == 1
    assert figures(event) == (2, 1, 0)
    foot = sheet_copies.build(event, Choice(), "zh").foot
    assert "名单外 2 人" in " ".join(value for _, value in foot), "the sheet says what the dashboard says"
    corrections.restore(others[0], staff_id=None)
    revision = events.counts(event.id).revision
    assert figures(event) == (3, 1, 0) and write(event, WANG).here == 0
    assert events.counts(event.id).revision == revision


NAMELESS = enterprise(mobile=None)
UNSURE = {
    "two who came": ((NAMELESS, NAMELESS), (replace(WANG, mobile=None),)),
    "two on the list": ((student(),), (PUPIL, PUPIL)),
    "two on either side": ((student(), student()), (PUPIL, PUPIL)),
    "one of two speaks against it": ((NAMELESS, enterprise()), (replace(WANG, mobile="13900139000"),)),
    "a namesake from nowhere": ((NAMELESS,), (replace(WANG, mobile=None), RosterRow("enterprise", "王强"))),
}


@pytest.mark.parametrize("came, rows", UNSURE.values(), ids=UNSURE)
def test_nobody_is_guessed_among_several(
    both_app: Flask, came: tuple[Details, ...], rows: tuple[RosterRow, ...]
) -> None:
    event = listed()
    for details in came:
        sign_in(event, details, is_another=True)
    assert write(event, *rows).here == 0
    assert figures(event) == (len(came), 0, 1 + len(rows))


def test_a_mobile_tells_two_of_one_name_apart_wherever_they_stand_in_the_list(both_app: Flask) -> None:
    event = listed()
    came = [sign_in(event, enterprise(mobile=f"1380013800{number}")).sign_in_id for number in range(2)]
    filling = tuple(RosterRow("enterprise", f"某人{number}", DONGBEI) for number in range(30))
    rows = (replace(WANG, mobile=None), *filling, replace(WANG, mobile="13800138001"), WANG)
    assert write(event, *rows).here == 2, "the one without a mobile is neither, though written units of work before"
    assert figures(event) == (0, 2, 32)
    by_mobile = {one.mobile: one.sign_in_id for one in rosters.entries(event.id) if one.name == "王强"}
    assert by_mobile == {None: None, "13800138000": came[0], "13800138001": came[1]}


def test_void_trial_waiting_and_substitute_stay_as_they_are(both_app: Flask) -> None:
    event = listed(RosterRow("enterprise", "李娜", DONGBEI), walk_in_policy="wait_list")
    (li,) = (one for one in rosters.entries(event.id) if one.name == "李娜")
    by_hand = {"actor": "staff:1", "method": "steward"}
    gone = sign_in(event, enterprise(), **by_hand).sign_in_id
    corrections.void(gone, staff_id=None)
    sign_in_on_trial(event, enterprise("孙甲"))
    assert sign_in(event, enterprise("孙乙")).state == "wait_listed"
    sign_in(event, enterprise("孙丙"), replaces_id=li.id, **by_hand)
    assert write(event, WANG, *(replace(WANG, name=name) for name in ("孙甲", "孙乙", "孙丙"))).here == 0
    assert figures(event) == (0, 0, 5)
    corrections.restore(gone, staff_id=None)
    assert write(event, WANG).here == 1, "who counts again is found by the next import"
    assert figures(event) == (0, 1, 4)


@pytest.mark.parametrize("change", ["excused", "replaced"])
def test_excused_or_replaced_person_who_is_here_came_after_all(both_app: Flask, change: str) -> None:
    event = listed(replace(WANG, mobile="13900139000"))
    entry = next(one for one in rosters.entries(event.id) if one.name == "王强")
    if change == "excused":
        rosters.set_state(event.id, entry.id, "excuse", actor="staff:1", reason="出差")
    else:
        sign_in(event, enterprise("赵敏", mobile="13700137000"), replaces_id=entry.id)
    sign_in(event, enterprise())
    roster_edits.edit(event.id, entry.id, replace(WANG, mobile="13800138000"), actor="staff:2")
    counts = events.counts(event.id)
    assert figures(event) == (0, 1, 1) and (counts.excused, counts.replaced) == (0, 0)
    found = rosters.entry(event.id, entry.id)
    assert found.has_arrived and found.state == "expected"


def test_an_entry_that_is_filled_is_left_to_who_fills_it(both_app: Flask) -> None:
    event = listed()
    sign_in(event, NAMELESS)
    write(event, replace(WANG, mobile=None))
    sign_in(event, NAMELESS, is_another=True)
    assert write(event, replace(WANG, mobile=None)).here == 0
    assert figures(event) == (1, 1, 1)


def test_a_merged_organisation_is_one(both_app: Flask) -> None:
    event = listed()
    sign_in(event, enterprise(mobile=None, organisation_name="东贝"))
    sign_in(event, enterprise("李娜", mobile=None, organisation_name="东贝"))
    sign_in(make_event(), enterprise())
    merge("东贝", DONGBEI)
    seats = RosterRow("enterprise", organisation_name=DONGBEI, seats=1)
    assert write(event, replace(WANG, mobile=None), seats).here == 2
    assert figures(event) == (0, 2, 1)


def test_free_seats_are_taken_by_who_came_first(both_app: Flask) -> None:
    event = listed()
    came = [sign_in(event, enterprise(f"某{n}", mobile=f"1380013800{n}")).sign_in_id for n in range(3)]
    seats = RosterRow("enterprise", organisation_name=DONGBEI, seats=2)
    assert write(event, seats) == Written(added=1, here=2)
    assert figures(event) == (1, 2, 1)
    assert [row_of(one).roster_seats_id is not None for one in came] == [True, True, False]
    assert write(event, replace(seats, seats=3)).here == 1
    assert figures(event) == (0, 3, 1) and [one.filled for one in rosters.seats(event.id)] == [3]


def test_a_name_on_the_list_frees_the_seat_for_the_next_of_the_organisation(both_app: Flask) -> None:
    event = listed(RosterRow("enterprise", organisation_name=DONGBEI, seats=1))
    sign_in(event, enterprise())
    sign_in(event, enterprise("李娜", mobile="13900139000"))
    assert figures(event) == (1, 1, 1)
    assert write(event, WANG).here == 2
    assert figures(event) == (0, 2, 1) and [one.filled for one in rosters.seats(event.id)] == [1]


def test_void_undo_and_removal_are_those_of_who_matched_at_the_door(both_app: Flask) -> None:
    event = listed()
    came = sign_in(event, enterprise()).sign_in_id
    write(event, WANG)
    entry = next(one for one in rosters.entries(event.id) if one.has_arrived)
    with pytest.raises(Refused, match="has_arrived"):
        rosters.remove(event.id, entry.id, actor="staff:1")
    corrections.void(came, staff_id=None)
    assert figures(event) == (0, 0, 2)
    corrections.restore(came, staff_id=None)
    assert figures(event) == (0, 1, 1)
    assert sign_in(event, enterprise()).is_repeat


def test_who_was_made_anonymous_is_not_looked_for_again(app: Flask) -> None:
    event = listed()
    sign_in(event, student())
    purges.carry_on(purges.begin(event, "minors", "staff:1"))
    assert write(event, PUPIL, RosterRow("student", organisation_name="四棵中学", seats=1)).here == 0


def test_the_log_keeps_who_was_tied_by_numbers_alone(app: Flask) -> None:
    event = listed(RosterRow("enterprise", organisation_name="劲牌", seats=1))
    came = sign_in(event, enterprise()).sign_in_id
    sign_in(event, enterprise("李娜", mobile="13900139000"))
    write(event, WANG, RosterRow("enterprise", organisation_name=DONGBEI, seats=1))
    entry_id = row_of(came).roster_entry_id
    logged = db.session.execute(
        select(AuditEntry.actor, AuditEntry.subject, AuditEntry.changed).where(AuditEntry.action == "sign_in.tie")
    ).all()
    assert logged[0] == ("staff:1", f"sign_in:{came}", {"entry": entry_id})
    assert list(logged[1].changed) == ["seats"] and len(logged) == 2


def test_missing_and_the_sheet_follow(app: Flask) -> None:
    event = listed()
    sign_in(event, enterprise())
    write(event, WANG)
    assert [person for _, people in missing.names(event.id) for person in people] == ["陌生人"]
    sheet = sheet_copies.build(event, Choice(has_no_shows=True), "zh")
    text = "\n".join(" ".join(row) for row in sheet.rows)
    assert "名单外" not in text and len(sheet.rows) == 2
    assert all("名单外" not in value for _, value in sheet.foot)


def test_the_preview_says_who_is_here_and_a_list_that_says_nothing_new_can_still_be_matched(
    app: Flask, client: FlaskClient
) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = listed()
    sign_in(event, enterprise())
    path, pasted = f"/events/{event.code}/roster/import", f"姓名\t单位\t手机\n王强\t{DONGBEI}\t13800138000"
    preview = post(client, path, pasted=pasted).location
    assert "其中 1 人已签到，将与名单对上。" in client.get(preview).text
    assert "1 of them has signed in already" in client.get(f"{preview}?lang=en").text
    client.get(f"{preview}?lang=zh")
    done = client.get(post(client, preview).location).text
    assert "1 人此前已签到，已与名单对上。" in done
    again = client.get(post(client, path, pasted=pasted).location).text
    assert "已签到，将与名单对上" not in again and "与已签到人员对上" not in again
    came = sign_in(event, enterprise("孙乙", mobile="13900139000"), ticket=ticket_for(event)).sign_in_id
    corrections.void(came, staff_id=None)
    write(event, replace(WANG, name="孙乙", mobile="13900139000"))
    corrections.restore(came, staff_id=None)
    waiting = post(client, path, pasted=f"姓名\t单位\t手机\n孙乙\t{DONGBEI}\t13900139000").location
    assert "与已签到人员对上" in client.get(waiting).text
    post(client, waiting)
    assert figures(event) == (0, 2, 1)


def test_what_changed_between_the_reading_and_the_writing_is_left_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = listed()
    came = sign_in(event, enterprise()).sign_in_id
    tie = roster_arrivals._tie

    def late(*given: Any) -> int:
        with contextlib.suppress(Refused):
            corrections.void(came, staff_id=None)
        return tie(*given)

    monkeypatch.setattr(roster_arrivals, "_tie", late)
    roster_writing.write(event.id, [WANG], actor="staff:1")
    assert figures(event) == (0, 0, 2)


PEOPLE = (
    enterprise(), enterprise("李娜", mobile=None), enterprise("李娜", mobile="13900139000"), student(student_no="7"),
    student(), guest(),
)  # fmt: skip
ROWS = (
    WANG, RosterRow("enterprise", "李娜", DONGBEI), replace(PUPIL, student_no="7"), PUPIL,
    RosterRow("guest", "张爱国"), RosterRow("enterprise", organisation_name=DONGBEI, seats=2),
)  # fmt: skip
STEPS = st.tuples(st.sampled_from(("come", "come", "void", "restore", "list", "list", "excuse")), st.integers(0, 9))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=5, max_size=16))
def test_after_any_order_of_people_and_lists_the_tallies_equal_the_rows(
    both_app: Flask, steps: list[tuple[str, int]]
) -> None:
    event = make_event()
    for what, number in steps:
        came = db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id).order_by(SignIn.id)).all()
        entries = db.session.scalars(select(RosterEntry.id).where(RosterEntry.event_id == event.id)).all()
        db.session.rollback()
        with contextlib.suppress(Refused, SamePersonAsked):
            if what == "come":
                sign_in(event, PEOPLE[number % len(PEOPLE)], is_another=number > 5)
            elif what == "list":
                write(event, *(ROWS[number % len(ROWS) :]))
                assert write(event, *(ROWS[number % len(ROWS) :])).here == 0
            elif what == "excuse" and entries:
                rosters.set_state(event.id, entries[number % len(entries)], "excuse", actor="staff:1")
            elif what in ("void", "restore") and came:
                getattr(corrections, what)(came[number % len(came)], staff_id=None)
    db.session.rollback()
    assert [one for one in tallies.recount() if one.event_id == event.id] == []
