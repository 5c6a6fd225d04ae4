"""Roll calls: who is on the list, which of two acts counts, what stays when it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, RollCall, RollTick
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, roll_calls, roll_sheets
from kiosk.services.door.roll_sheets import RollSheet
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import persons, purges
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import movements
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import enterprise, guest, make_event, sign_in, sign_in_on_trial

HAND, OTHER = Hand("steward:1"), Hand("steward:2")
LISTED = (
    RosterRow("guest", "甲", bus="10号车", group_name="一组"),
    RosterRow("guest", "乙", bus="2号车", group_name="二组", seat="B2"),
    RosterRow("guest", "丙", bus="2号车"),
)
SECOND = timedelta(seconds=1)


def outing(**changes: object) -> EventView:
    """Let three of a roster come, with their buses, and one who is on no list."""
    event = make_event(**changes)
    roster_writing.write(event.id, LISTED, actor="staff:1")
    for entry in rosters.entries(event.id):
        hand_work.sign_in_entry(event, entry.id, Hand("staff:1"))
    sign_in(event, guest("丁"))
    return event


def sheet_of(event: EventView, call: int, part: str = "") -> RollSheet:
    sheet = roll_sheets.read(event.id, call, part)
    assert sheet is not None
    return sheet


def names(sheet: RollSheet) -> tuple[list[str], list[str]]:
    """Return who is unaccounted and who is there."""
    return [one.person.name for one in sheet.absent], [one.person.name for one in sheet.there]


def ids(sheet: RollSheet) -> dict[str, int]:
    return {one.person.name: one.person.sign_in_id or 0 for one in sheet.people}


def test_list_is_who_is_inside_by_bus_and_group_and_who_is_unaccounted_comes_first(both_app: Flask) -> None:
    event = outing(wants_sign_out=True)
    left, gone = sign_in(event, guest("走了")), sign_in(event, guest("撤销"))
    movements.move(event.id, left.sign_in_id, "out", Hand("self"), method="self")
    corrections.void(gone.sign_in_id, staff_id=None)
    call = roll_calls.start(event.id, " 返程上车 ", HAND)
    sheet = sheet_of(event, call)
    assert names(sheet) == (["乙", "丙", "甲", "丁"], []), "2号车 stands before 10号车, who has none at the end"
    assert (sheet.call.label, sheet.call.total, sheet.call.absent) == ("返程上车", 4, 4)
    assert [(one.name, one.total, one.absent) for one in sheet.parts] == [
        ("2号车", 2, 2), ("10号车", 1, 1), ("一组", 1, 1), ("二组", 1, 1),
    ]  # fmt: skip
    roll_calls.tick(event.id, call, ids(sheet)["乙"], HAND, is_there=True)
    sheet = sheet_of(event, call)
    assert names(sheet) == (["丙", "甲", "丁"], ["乙"]) and sheet.call.absent == 3
    assert [(one.name, one.absent) for one in sheet.parts][:2] == [("2号车", 1), ("10号车", 1)]
    narrowed = sheet_of(event, call, sheet.parts[0].key)
    assert names(narrowed) == (["丙"], ["乙"]) and narrowed.part == sheet.parts[0]
    assert "2号车" not in sheet.parts[0].key, "a group may be called after somebody, and stands in an address"


def test_trials_and_who_waits_are_on_no_list(app: Flask) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    sign_in_on_trial(event, guest("试签"))
    sign_in(event, guest("到了"))
    sign_in(event, guest("候补"))
    assert names(sheet_of(event, roll_calls.start(event.id, "", HAND))) == (["到了"], [])


def test_who_comes_in_somebodys_place_belongs_to_their_bus(app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, LISTED[:1], actor="staff:1")
    entry = rosters.entries(event.id)[0]
    hand_work.sign_in_walk_in(event, guest("替甲"), Hand("staff:1"), replaces_id=entry.id)
    sheet = sheet_of(event, roll_calls.start(event.id, "", HAND))
    assert names(sheet) == (["替甲"], []) and [one.name for one in sheet.parts] == ["10号车", "一组"]
    assert sheet.people[0].person.place == ("10号车", "一组")


def test_who_was_closed_without_a_sign_out_is_still_called(app: Flask) -> None:
    """未签退: nobody has said that they left, and a bus home counts them."""
    now = utcnow()
    event = make_event(wants_sign_out=True, starts_at=now - timedelta(hours=4), ends_at=now + SECOND)
    sign_in(event, guest("忘了"))
    with clock.freeze(now + timedelta(hours=3)):
        movements.close_forgotten()
        assert names(sheet_of(event, roll_calls.start(event.id, "", HAND))) == (["忘了"], [])


def test_signing_in_and_out_and_a_void_change_the_list_while_it_is_called(both_app: Flask) -> None:
    event = outing(wants_sign_out=True)
    call = roll_calls.start(event.id, "", HAND)
    people = ids(sheet_of(event, call))
    for name in ("甲", "乙"):
        roll_calls.tick(event.id, call, people[name], HAND, is_there=True)
    late = sign_in(event, guest("刚到"))
    movements.move(event.id, people["甲"], "out", Hand("self"), method="self")
    corrections.void(people["丙"], staff_id=None)
    assert names(sheet_of(event, call)) == (["丁", "刚到"], ["乙"])
    movements.move(event.id, people["甲"], "in", Hand("self"), method="self")
    corrections.restore(people["丙"], staff_id=None)
    assert names(sheet_of(event, call)) == (["丙", "丁", "刚到"], ["乙", "甲"]), "what was ticked stands"
    assert late.sign_in_id


@pytest.mark.parametrize("is_in_order", [True, False])
def test_later_of_two_acts_counts_in_whichever_order_they_arrive(both_app: Flask, is_in_order: bool) -> None:
    event = outing()
    begun = utcnow()
    with clock.freeze(begun):
        call = roll_calls.start(event.id, "", HAND)
    person = ids(sheet_of(event, call))["甲"]
    acts = [(HAND, True, begun + 2 * SECOND), (OTHER, False, begun + 5 * SECOND)]
    with clock.freeze(begun + 60 * SECOND):
        for hand, is_there, at in acts if is_in_order else reversed(acts):
            roll_calls.tick(event.id, call, person, hand, is_there=is_there, at=at)
    assert "甲" in names(sheet_of(event, call))[0]
    row = db.session.scalars(select(RollTick)).one()
    assert (row.ticked_by, row.ticked_at) == ("steward:2", begun + 5 * SECOND)


@pytest.mark.parametrize("is_in_order", [True, False])
def test_of_two_acts_of_one_moment_the_one_counts_that_asks_to_look_again(app: Flask, is_in_order: bool) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    person, at = ids(sheet_of(event, call))["甲"], utcnow() + SECOND
    acts = [(HAND, True), (OTHER, False)]
    with clock.freeze(at + SECOND):
        for hand, is_there in acts if is_in_order else reversed(acts):
            roll_calls.tick(event.id, call, person, hand, is_there=is_there, at=at)
    assert "甲" in names(sheet_of(event, call))[0]


def test_claimed_time_counts_between_the_start_and_now(app: Flask) -> None:
    """A phone's clock may be wrong: an act from before the start, or from tomorrow, wins over no other for ever."""
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    person = ids(sheet_of(event, call))["甲"]
    roll_calls.tick(event.id, call, person, HAND, is_there=True, at=utcnow() + timedelta(days=1))
    assert "甲" in names(sheet_of(event, call))[1]
    roll_calls.tick(event.id, call, person, OTHER, is_there=False)
    assert "甲" in names(sheet_of(event, call))[0]
    other = ids(sheet_of(event, call))["乙"]
    roll_calls.tick(event.id, call, other, HAND, is_there=True, at=utcnow() - timedelta(days=1))
    assert "乙" in names(sheet_of(event, call))[1], "the whole list is there for the first time"


def test_act_sent_again_is_one_act_although_others_have_changed_it_since(app: Flask) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    person = ids(sheet_of(event, call))["甲"]
    mine = Hand("steward:1", "a-key")
    roll_calls.tick(event.id, call, person, mine, is_there=True)
    roll_calls.tick(event.id, call, person, OTHER, is_there=False)
    roll_calls.tick(event.id, call, person, mine, is_there=True)  # without a time: a form without its script
    assert "甲" in names(sheet_of(event, call))[0]
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"sign_in:{person}")).all()
    assert [one for one in actions if one.startswith("roll_call")] == ["roll_call.tick", "roll_call.take_back"]


def test_same_key_starts_one_roll_call(both_app: Flask) -> None:
    event = outing()
    first, again = (roll_calls.start(event.id, "上车", Hand("steward:1", "k")) for _ in range(2))
    assert first == again != roll_calls.start(event.id, "上车", Hand("steward:1", "l"))
    assert len(roll_sheets.running(event.id)) == 2


def test_database_has_one_tick_for_a_person_in_a_roll_call(both_app: Flask) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    person = ids(sheet_of(event, call))["甲"]
    roll_calls.tick(event.id, call, person, HAND, is_there=True)

    def work(session: WriterSession) -> None:
        again = RollTick(roll_call_id=call, sign_in_id=person, is_there=True, ticked_by="x")
        again.ticked_at = again.received_at = utcnow()
        session.add(again)

    with pytest.raises(IntegrityError):
        run(work)


def test_ended_roll_call_keeps_who_was_inside_and_who_was_not_ticked(both_app: Flask) -> None:
    event = outing(wants_sign_out=True)
    call = roll_calls.start(event.id, "", HAND)
    people = ids(sheet_of(event, call))
    for name in ("甲", "乙"):
        roll_calls.tick(event.id, call, people[name], HAND, is_there=True)
    movements.move(event.id, people["乙"], "out", Hand("self"), method="self")
    for _ in range(2):
        roll_calls.end(event.id, call, HAND)
    sign_in(event, guest("后来"))
    movements.move(event.id, people["丙"], "out", Hand("self"), method="self")
    movements.move(event.id, people["乙"], "in", Hand("self"), method="self")
    sheet = sheet_of(event, call)
    assert names(sheet) == (["丙", "丁"], ["甲"]) and not sheet.call.is_running
    assert [(one.id, one.total, one.absent) for one in roll_sheets.over(event.id)] == [(call, 3, 2)]
    corrections.void(people["丁"], staff_id=None)
    assert names(sheet_of(event, call)) == (["丙"], ["甲"])
    assert roll_sheets.running(event.id) == ()
    nobody = roll_sheets.read(event.id, call, names_when_over=False)
    assert nobody is not None and nobody.people == () and nobody.call.total == 2 and nobody.parts


def test_what_was_done_before_the_end_counts_when_it_arrives_after_it(both_app: Flask) -> None:
    event = outing()
    begun = utcnow()
    with clock.freeze(begun):
        call = roll_calls.start(event.id, "", HAND)
    people = ids(sheet_of(event, call))
    with clock.freeze(begun + 60 * SECOND):
        roll_calls.end(event.id, call, HAND)
    late = sign_in(event, guest("后来")).sign_in_id
    with clock.freeze(begun + 90 * SECOND):
        roll_calls.tick(event.id, call, people["甲"], OTHER, is_there=True, at=begun + 30 * SECOND)
        for person, at in ((people["乙"], begun + 70 * SECOND), (late, begun + 30 * SECOND), (people["丙"], None)):
            with pytest.raises(Refused) as refused:
                roll_calls.tick(event.id, call, person, OTHER, is_there=True, at=at)
            assert refused.value.code == "roll_call_over"
    assert names(sheet_of(event, call)) == (["乙", "丙", "丁"], ["甲"])


def test_roll_call_goes_on_with_its_ticks(both_app: Flask) -> None:
    event = outing()
    call = roll_calls.start(event.id, "", HAND)
    roll_calls.tick(event.id, call, ids(sheet_of(event, call))["甲"], HAND, is_there=True)
    roll_calls.end(event.id, call, HAND)
    sign_in(event, guest("后来"))
    for _ in range(2):
        roll_calls.reopen(event.id, call, HAND)
    assert names(sheet_of(event, call)) == (["乙", "丙", "丁", "后来"], ["甲"])
    assert [one.id for one in roll_sheets.running(event.id)] == [call]


def test_roll_calls_and_people_of_another_event_are_unknown(app: Flask) -> None:
    event, other = outing(), outing()
    call = roll_calls.start(event.id, "", HAND)
    person = ids(sheet_of(event, call))["甲"]
    stranger = ids(sheet_of(other, roll_calls.start(other.id, "", HAND)))["甲"]
    for act in (
        lambda: roll_calls.tick(other.id, call, stranger, HAND, is_there=True),
        lambda: roll_calls.tick(event.id, call, stranger, HAND, is_there=True),
        lambda: roll_calls.end(other.id, call, HAND),
        lambda: roll_calls.reopen(other.id, call, HAND),
    ):
        with pytest.raises(Unknown):
            act()
    assert roll_sheets.read(other.id, call) is None and person


def test_three_phones_at_once_tick_everybody_once(both_app: Flask) -> None:
    event = make_event()
    people = [sign_in(event, guest(f"人{number}")).sign_in_id for number in range(12)]
    call = roll_calls.start(event.id, "", HAND)
    errors: list[Exception] = []

    def phone(number: int) -> Callable[[], None]:
        def work() -> None:
            with both_app.app_context():
                try:
                    for person in people[number:] + people[:number]:
                        roll_calls.tick(event.id, call, person, Hand(f"steward:{number}"), is_there=True)
                except Exception as error:  # noqa: BLE001  said below, in the test's own thread
                    errors.append(error)

        return work

    threads = [threading.Thread(target=phone(number)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(RollTick)) == 12
    assert sheet_of(event, call).call.absent == 0


def test_purged_event_keeps_the_numbers_and_no_name(app: Flask) -> None:
    event = outing()
    call = roll_calls.start(event.id, "王老师的车", HAND)
    roll_calls.tick(event.id, call, ids(sheet_of(event, call))["甲"], HAND, is_there=True)
    roll_calls.end(event.id, call, HAND)
    purges.purge_event(event, "retention")
    sheet = sheet_of(event, call)
    assert sheet.people == () and sheet.unnamed == 4 and (sheet.call.total, sheet.call.absent) == (4, 3)
    assert db.session.scalars(select(RollCall.label)).all() == [""]


def test_persons_copy_says_in_which_roll_calls_they_were_ticked(app: Flask) -> None:
    event = make_event()
    person = sign_in(event, enterprise()).sign_in_id
    call = roll_calls.start(event.id, "上车", HAND)
    roll_calls.tick(event.id, call, person, HAND, is_there=True)
    rows = persons.export([one.rows for one in persons.find("王强", "13800138000")], "staff:1")["tables"]["roll_tick"]
    assert [(one["sign_in_id"], one["is_there"]) for one in rows] == [(person, True)]
    assert "ticked_by" not in rows[0]
