"""A roll call's list is read of whom it has met and of all others apart, part by part, and then by what has changed:
together they are everybody inside, in one order."""

from __future__ import annotations

import contextlib
import random
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from kiosk.extensions import db
from kiosk.models import EventCounter, RollTick, RosterEntry, RosterSeats, SignIn
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, roll_calls, roll_rows, roll_sheets
from kiosk.services.door.roll_sheets import RollPerson, RollSheet
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import erasure, persons
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_edits, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import movements
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.services.door.test_roll_calls import HAND, LISTED, ids, names, outing, sheet_of


def as_people_sort(name: str | None) -> tuple[Any, ...]:
    """Return what sorts names with numbers as people do, and nothing at the end."""
    return not name, [int(one) if one.isdecimal() else one for one in re.split(r"(\d+)", name or "")]


def whole(event: EventView, call: int, part: str = "") -> list[RollPerson]:
    """Return the whole list, part by part."""
    people, sheet = [], sheet_of(event, call, part)
    while True:
        people += sheet.people
        assert len(sheet.people) == roll_rows.PART or not sheet.next
        if not sheet.next:
            return people
        following = roll_sheets.read(event.id, call, part, after=sheet.next)
        assert following is not None and following.call.total == sheet.call.total
        sheet = following


class Phone:
    """A page that has read the list once, and since then only what has changed."""

    def __init__(self, event: EventView, call: int) -> None:
        self.event, self.call = event, call
        self.people = {one.person.sign_in_id: one for one in whole(event, call)}
        self.revision = sheet_of(event, call).revision

    def follow(self) -> RollSheet:
        sheet = roll_sheets.changes(self.event.id, self.call, self.revision)
        assert sheet is not None
        for id_ in sheet.gone:
            self.people.pop(id_, None)
        self.people |= {one.person.sign_in_id: one for one in sheet.people}
        self.revision = sheet.revision
        return sheet

    @property
    def names(self) -> list[str]:
        return [one.person.name for one in sorted(self.people.values(), key=lambda one: one.order)]


def by_rows(event: EventView, call: int) -> list[tuple[Any, ...]]:
    """Return the list as all rows give it: whether somebody is there, their bus and group, and who they are."""
    expected = RosterEntry.id == func.coalesce(SignIn.roster_entry_id, SignIn.replaces_id)
    of_call = (RollTick.sign_in_id == SignIn.id) & (RollTick.roll_call_id == call)
    group = func.coalesce(RosterEntry.group_name, RosterSeats.group_name)
    statement = (
        select(SignIn.id, SignIn.name, RollTick.is_there, RosterEntry.bus, group, RosterEntry.position)
        .join(RollTick, of_call, isouter=True)
        .join(RosterEntry, expected, isouter=True)
        .join(RosterSeats, RosterSeats.id == SignIn.roster_seats_id, isouter=True)
        .where(SignIn.event_id == event.id, SignIn.has_arrived, SignIn.left_at.is_(None))
    )
    rows = db.session.execute(statement).all()
    in_order = sorted(rows, key=lambda row: (
        bool(row[2]), as_people_sort(row[3]), as_people_sort(row[4]), row[5] is None, row[5] or 0, row[0],
    ))  # fmt: skip
    return [(bool(is_there), bus, group, name) for _id, name, is_there, bus, group, _position in in_order]


@pytest.mark.parametrize("seed", range(3))
def test_whom_it_has_met_and_all_others_are_the_list_that_all_rows_give(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(roll_rows, "PART", 7)
    chance = random.Random(seed)
    event = make_event(wants_sign_out=True)
    seats = RosterRow("enterprise", "", "有席位公司", seats=3, group_name="三组")
    nowhere = (RosterRow("guest", "戊"), RosterRow("guest", "己", group_name="二组"))
    roster_writing.write(event.id, (*LISTED, *nowhere, seats), actor="staff:1")
    entries = rosters.entries(event.id)
    call = roll_calls.start(event.id, "", HAND)
    phone = Phone(event, call)
    came: list[int] = []

    def come(number: int) -> None:
        entry = chance.choice(entries)
        who = chance.randrange(5)
        if who == 0:
            hand_work.sign_in_entry(event, entry.id, Hand("staff:1"))
        elif who == 1:
            came.append(sign_in(event, guest(f"替{number}"), replaces_id=entry.id).sign_in_id)
        elif who == 2:
            somebody = enterprise(f"席{number}", organisation_name="有席位公司", mobile=f"1370013{number:04}")
            came.append(sign_in(event, somebody).sign_in_id)
        else:
            came.append(sign_in(event, guest(f"来{number}")).sign_in_id)

    for number in range(60):
        act = chance.randrange(9)
        with contextlib.suppress(Refused, Unknown):
            if act <= 3 or not came:
                come(number)
            elif act <= 5:
                person = chance.choice(came)
                roll_calls.tick(event.id, call, person, Hand(f"steward:{number}"), is_there=chance.random() < 0.6)
            elif act == 6:
                movements.move(event.id, chance.choice(came), chance.choice(("out", "in")), HAND, method="steward")
            else:
                (corrections.void if act == 7 else corrections.restore)(chance.choice(came), staff_id=None)
        db.session.rollback()
        if number % 4 == 0 or number == 59:
            expected = by_rows(event, call)
            sheet, called = sheet_of(event, call), [row[3] for row in expected]
            assert [one.person.name for one in whole(event, call)] == called, number
            assert (sheet.call.total, sheet.call.absent) == (len(expected), sum(not row[0] for row in expected))
            assert phone.follow().call == sheet.call and phone.names == called, number
            for part in sheet.parts:
                of_part = [row for row in expected if part.name in row[1:3]]
                assert (part.total, part.absent) == (len(of_part), sum(not row[0] for row in of_part))
                assert [one.person.name for one in whole(event, call, part.key)] == [row[3] for row in of_part]


def test_names_with_numbers_stand_as_people_sort_them(app: Flask) -> None:
    names = ["2号车", "2号车乙", "10号车", "a", "a2", "a10", "ab", "乙", "甲", "𠀀车", None]
    assert sorted(names, key=roll_rows.in_order) == sorted(names, key=as_people_sort)


def test_part_goes_on_behind_the_same_one_whatever_has_become_of_them(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody at the border of two parts is ticked or leaves: nobody is listed twice or passed over."""
    monkeypatch.setattr(roll_rows, "PART", 2)
    event = outing(wants_sign_out=True)
    for number in range(4):
        sign_in(event, guest(f"戊{number}"))
    call = roll_calls.start(event.id, "", HAND)
    first = sheet_of(event, call)
    assert names(first) == (["乙", "丙"], []) and first.next
    behind = ["甲", "丁"]
    border = first.people[-1].person.sign_in_id or 0

    def following() -> list[str]:
        sheet = roll_sheets.read(event.id, call, after=first.next)
        assert sheet is not None
        return names(sheet)[0]

    assert following() == behind
    roll_calls.tick(event.id, call, border, HAND, is_there=True)
    assert following() == behind
    movements.move(event.id, border, "out", HAND, method="steward")
    assert following() == behind
    others = roll_sheets.read(event.id, call, after=f"u{whole(event, call)[3].person.sign_in_id}")
    assert others is not None and names(others)[0] == ["戊1", "戊2"], "who is on no list, by an index"


@pytest.mark.parametrize("after", ["x", "u", "u0", "u999999", "z1", "u" + "9" * 30, "u-1", "u١"])
def test_border_that_is_none_begins_at_the_beginning(app: Flask, after: str) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    sheet = roll_sheets.read(event.id, call, after=after)
    assert sheet is not None and names(sheet)[0] == ["乙", "丙", "甲", "丁"]


def test_many_changes_come_a_hundred_at_a_time_and_those_of_one_act_together(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_rows, "CHANGES", 3)
    event = outing(wants_sign_out=True)
    call = roll_calls.start(event.id, "", HAND)
    phone = Phone(event, call)
    for number in range(8):
        sign_in(event, guest(f"戊{number}"))
    answers = []
    while True:
        answers.append(phone.follow())
        if not answers[-1].is_behind:
            break
    assert len(answers) > 2 and phone.names == ["乙", "丙", "甲", "丁", *(f"戊{number}" for number in range(8))]
    db.session.execute(update(SignIn).values(revision=phone.revision + 1))
    db.session.execute(update(EventCounter).values(revision=phone.revision + 1))
    db.session.commit()
    assert len(phone.follow().people) == 12, "no part of one act can be asked for"


def test_tick_that_was_overtaken_changes_nothing_and_is_not_told(both_app: Flask) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    phone = Phone(event, call)
    person = phone.people and next(iter(phone.people)) or 0
    roll_calls.tick(event.id, call, person, HAND, is_there=True)
    assert [one.is_there for one in phone.follow().people] == [True]
    roll_calls.tick(event.id, call, person, Hand("steward:2"), is_there=False)
    assert [one.is_there for one in phone.follow().people] == [False]
    assert phone.follow().people == ()


@pytest.mark.parametrize("way", ["edit", "import"])
def test_change_of_the_roster_is_told_so_that_all_is_read_again(both_app: Flask, way: str) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    before = sheet_of(event, call)
    sign_in(event, guest("戊"))
    assert sheet_of(event, call).roster_revision == before.roster_revision, "who comes changes no roster"
    moved = replace(LISTED[1], bus="3号车")
    if way == "edit":
        entry = next(one for one in rosters.entries(event.id) if one.name == moved.name)
        roster_edits.edit(event.id, entry.id, moved, actor="staff:1")
    else:
        roster_writing.write(event.id, [moved], actor="staff:1")
    after = sheet_of(event, call)
    assert before.revision < after.roster_revision <= after.revision
    assert [one.name for one in after.parts][:3] == ["2号车", "3号车", "10号车"]


def test_search_goes_over_the_whole_list_by_what_lists_are_searched_by(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_rows, "PART", 2)
    event = outing(wants_sign_out=True)
    sign_in(event, enterprise("王小明", mobile="13800135678"))
    left = sign_in(event, enterprise("王走了", mobile="13800130009"))
    movements.move(event.id, left.sign_in_id, "out", HAND, method="steward")
    call = roll_calls.start(event.id, "", HAND)
    for typed in ("王", "wxm", "5678", "小明"):
        sheet = roll_sheets.search(event.id, call, typed, link_id=None, actor="staff:1")
        assert sheet is not None and names(sheet) == (["王小明"], []), typed
    roll_calls.tick(event.id, call, ids(sheet)["王小明"], HAND, is_there=True)
    sheet = roll_sheets.search(event.id, call, "二组", link_id=None, actor="staff:1")
    assert sheet is not None and names(sheet) == (["乙"], []), "of the roster"
    sheet = roll_sheets.search(event.id, call, "王", link_id=None, actor="staff:1")
    assert sheet is not None and names(sheet) == ([], ["王小明"])


def test_who_was_erased_is_counted_and_not_listed(both_app: Flask) -> None:
    event = outing()
    for name, mobile in (("没名", "13800130001"), ("留名", "13800130002")):
        sign_in(event, guest(name, mobile=mobile))
    call = roll_calls.start(event.id, "", HAND)
    (person,) = persons.find("没名", "13800130001")
    erasure.erase(person.rows, "command")
    sheet = sheet_of(event, call)
    assert (sheet.call.total, sheet.unnamed) == (6, 1)
    assert names(sheet) == (["乙", "丙", "甲", "丁", "留名"], [])
