"""A roll call's list is read of whom it has met and of all others apart: together they are everybody inside."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import RollTick, RosterEntry, RosterSeats, SignIn
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, roll_calls, roll_sheets
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import erasure, persons
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import movements
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.services.door.test_roll_calls import HAND, LISTED, names, outing, sheet_of


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
        bool(row[2]), roll_sheets._in_order(row[3]), roll_sheets._in_order(row[4]), row[5] is None, row[5] or 0, row[0],
    ))  # fmt: skip
    return [(bool(is_there), bus, group, name) for _id, name, is_there, bus, group, _position in in_order]


@pytest.mark.parametrize("seed", range(3))
def test_whom_it_has_met_and_all_others_are_the_list_that_all_rows_give(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    event = make_event(wants_sign_out=True)
    seats = RosterRow("enterprise", "", "有席位公司", seats=3, group_name="三组")
    nowhere = (RosterRow("guest", "戊"), RosterRow("guest", "己", group_name="二组"))
    roster_writing.write(event.id, (*LISTED, *nowhere, seats), actor="staff:1")
    entries = rosters.entries(event.id)
    call = roll_calls.start(event.id, "", HAND)
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
            sheet = sheet_of(event, call)
            assert [one.person.name for one in sheet.people] == [row[3] for row in expected], number
            assert (sheet.call.total, sheet.call.absent) == (len(expected), sum(not row[0] for row in expected))
            for part in sheet.parts:
                of_part = [row for row in expected if part.name in row[1:3]]
                assert (part.total, part.absent) == (len(of_part), sum(not row[0] for row in of_part))
    monkeypatch.setattr(roll_sheets, "LISTED", 5)
    few = sheet_of(event, call)
    assert [one.person.name for one in few.people] == [row[3] for row in expected][:5]
    assert few.unlisted == len(expected) - 5


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
