"""A steward confirms (待确认): who waits counts nowhere, holds a place, and becomes an arrival by one tap."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterEntry, RosterSeats, SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards, people
from kiosk.services.door import back_entry, confirmations, corrections, hand_work, passes, receipts, ties
from kiosk.services.door.back_entry import PaperRow
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.refusals import Refused, SignInRefused, Unknown
from kiosk.services.roster import roster_arrivals, roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import (
    enterprise,
    guest,
    make_event,
    request_for,
    sign_in,
    sign_in_on_trial,
    student,
    ticket_for,
)

HAND = Hand("steward:1")
DONGBEI = "湖北东贝制冷有限公司"


def confirmed(**changes: object) -> EventView:
    return make_event(needs_confirmation=True, **changes)


def counts_of(event: EventView) -> events.Counts:
    db.session.rollback()
    return events.counts(event.id)


def expect(event: EventView, *names: str) -> tuple[int, ...]:
    """Put people on the list and return their entries."""
    roster_writing.write(event.id, [RosterRow("guest", name) for name in names], actor="staff:1")
    db.session.rollback()
    return tuple(entry.id for entry in rosters.entries(event.id))


def confirm(sign_in_id: int) -> corrections.Correction:
    return corrections.confirm(sign_in_id, staff_id=None)


def test_who_signs_in_alone_waits_and_counts_nowhere(both_app: Flask) -> None:
    event = confirmed()
    result = sign_in(event, enterprise())
    assert (result.state, result.ordinal, result.is_repeat) == ("unconfirmed", None, False)
    counts = counts_of(event)
    assert (counts.unconfirmed, counts.arrived, counts.enterprise, counts.ordinal) == (1, 0, 0, 0)
    numbers = dashboards.read(event)
    assert [row.name for row in numbers.unconfirmed] == ["王强"] and numbers.latest == ()
    assert (numbers.organisations, numbers.enterprises) == ((), 0)
    assert tallies.recount() == ()


def test_a_confirmation_takes_the_next_ordinal_and_keeps_the_time(both_app: Flask) -> None:
    starts_at = clock.utcnow()
    event = confirmed(starts_at=starts_at)
    with clock.freeze(starts_at - timedelta(minutes=1)):
        first = sign_in(event, guest("甲"))
    second = sign_in(event, guest("乙"))
    with clock.freeze(starts_at + timedelta(minutes=5)):
        done = [confirm(second.sign_in_id), confirm(first.sign_in_id)]
    assert [one.ordinal for one in done] == [1, 2]
    rows = {row.name: row for row in db.session.scalars(select(SignIn))}
    assert (rows["甲"].is_late, rows["乙"].is_late) == (
        False,
        True,
    )  # by when they came, not by when they were looked at
    assert rows["甲"].signed_in_at == first.signed_in_at
    counts = counts_of(event)
    assert (counts.arrived, counts.late, counts.unconfirmed, counts.ordinal) == (2, 1, 0, 2)
    assert tallies.recount() == ()


def test_a_second_tap_on_another_phone_changes_nothing(both_app: Flask) -> None:
    event = confirmed()
    waits = sign_in(event, guest()).sign_in_id
    changed: list[bool] = []

    def tap() -> None:
        with both_app.app_context():
            changed.append(confirm(waits).is_changed)

    threads = [threading.Thread(target=tap) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False] * 7 + [True]
    counts = counts_of(event)
    assert (counts.arrived, counts.ordinal, counts.unconfirmed) == (1, 1, 0)
    assert tallies.recount() == ()


def test_one_confirms_and_one_refuses_at_once_and_one_of_them_is_told(both_app: Flask) -> None:
    event = confirmed()
    waits = [sign_in(event, guest(f"来宾{number}")).sign_in_id for number in range(6)]
    told: list[str] = []

    def act(change: object) -> None:
        with both_app.app_context():
            for one in waits:
                try:
                    change(one, staff_id=None)  # type: ignore[operator]
                except Refused as refusal:
                    told.append(refusal.code)

    threads = [threading.Thread(target=act, args=(change,)) for change in (corrections.confirm, corrections.refuse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = counts_of(event)
    assert counts.arrived + counts.voided == 6 and counts.unconfirmed == 0
    assert sorted(told) == sorted(["is_confirmed"] * counts.arrived + ["is_void"] * counts.voided)
    assert tallies.recount() == ()


def test_a_refusal_leaves_a_trace_and_can_be_taken_back(both_app: Flask) -> None:
    event = confirmed()
    waits = sign_in(event, guest()).sign_in_id
    refused = hand_work.refuse(event.id, waits, HAND)
    assert (refused.code, counts_of(event).voided, counts_of(event).unconfirmed) == ("refused", 1, 0)
    assert [one.change for one in db.session.scalars(select(SignInChange))] == ["refuse"]
    log = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.refuse")).one()
    assert (log.actor, log.subject, log.changed["name"]) == ("steward:1", f"sign_in:{waits}", "张*国")
    hand_work.restore(event.id, waits, HAND)
    assert counts_of(event).unconfirmed == 1  # it waits again, and is no arrival
    assert hand_work.confirm(event.id, waits, HAND).ordinal == 1
    assert tallies.recount() == ()


def test_a_confirmation_can_be_taken_back_and_its_number_is_kept(both_app: Flask) -> None:
    event = confirmed()
    first, second = (sign_in(event, guest(name)).sign_in_id for name in ("甲", "乙"))
    confirm(first)
    corrections.unconfirm(first, staff_id=None)
    counts = counts_of(event)
    assert (counts.arrived, counts.unconfirmed, counts.guest) == (0, 2, 0)
    address = receipts.address_of(sign_in(event, guest("丙")), is_kiosk=False)
    assert receipts.read(address).ordinal is None  # type: ignore[union-attr]
    assert (confirm(second).ordinal, confirm(first).ordinal) == (2, 1)
    assert tallies.recount() == ()


def test_only_a_confirmation_is_taken_back_by_its_undo(both_app: Flask) -> None:
    event = confirmed()
    by_staff = hand_work.sign_in_walk_in(event, guest(), HAND)
    assert by_staff.sign_in_id is not None
    with pytest.raises(Refused, match="changed_meanwhile"):
        corrections.unconfirm(by_staff.sign_in_id, staff_id=None)
    assert counts_of(event).arrived == 1


@pytest.mark.parametrize("method", ["self", "kiosk", "group"])
def test_at_a_door_without_staff_everybody_waits(both_app: Flask, method: str) -> None:
    event = confirmed()
    assert sign_in(event, guest(), method=method, actor="group:1" if method == "group" else None).state == "unconfirmed"


@pytest.mark.parametrize("method", ["steward", "api", "paper"])
def test_whom_staff_sign_in_is_confirmed_by_that(both_app: Flask, method: str) -> None:
    event = confirmed()
    assert sign_in(event, guest(), method=method, actor="staff:1").state == "arrived"


def test_without_the_setting_nobody_waits_and_trials_never_do(both_app: Flask) -> None:
    assert sign_in(make_event(), guest()).state == "arrived"
    event = confirmed()
    assert sign_in_on_trial(event, guest()).state == "arrived"
    assert (counts_of(event).trial, counts_of(event).unconfirmed) == (1, 0)


def test_the_same_key_gets_the_same_answer_in_every_state(both_app: Flask) -> None:
    event = confirmed()
    request = request_for(event, guest())
    results = []

    def again() -> None:
        with both_app.app_context():
            results.append(hand_work.sign_ins.sign_in(request))

    again()
    again()
    first, repeat = results
    assert (repeat.sign_in_id, repeat.is_own, repeat.state, repeat.ordinal) == (
        first.sign_in_id,
        True,
        "unconfirmed",
        None,
    )
    confirm(first.sign_in_id)
    again()
    assert (results[-1].sign_in_id, results[-1].state, results[-1].ordinal) == (first.sign_in_id, "arrived", 1)
    corrections.unconfirm(first.sign_in_id, staff_id=None)
    corrections.refuse(first.sign_in_id, staff_id=None)
    with pytest.raises(SignInRefused, match="not_confirmed"):
        again()
    assert counts_of(event).unconfirmed == 0


def test_who_waits_is_met_as_a_repeat_by_another_phone(both_app: Flask) -> None:
    event = confirmed()
    first = sign_in(event, enterprise())
    repeat = sign_in(event, enterprise())
    assert (repeat.is_repeat, repeat.sign_in_id, repeat.state) == (True, first.sign_in_id, "unconfirmed")
    assert counts_of(event).unconfirmed == 1


def test_who_waits_holds_a_place_and_a_refusal_frees_it(both_app: Flask) -> None:
    event = confirmed(capacity=2)
    first, second = sign_in(event, guest("甲")), sign_in(event, guest("乙"))
    with pytest.raises(SignInRefused, match="full"):
        sign_in(event, guest("丙"))
    corrections.refuse(first.sign_in_id, staff_id=None)
    sign_in(event, guest("丙"))
    confirm(second.sign_in_id)
    with pytest.raises(SignInRefused, match="full"):
        sign_in(event, guest("丁"))
    assert tallies.recount() == ()


def test_who_is_expected_and_waits_holds_one_place_and_not_two(both_app: Flask) -> None:
    event = confirmed(capacity=2, starts_at=clock.utcnow() + timedelta(minutes=30), opens_at=clock.utcnow())
    expect(event, "王强")
    sign_in(event, guest("王强"))
    assert sign_in(event, guest("赵六")).state == "unconfirmed"
    with pytest.raises(SignInRefused, match="full"):
        sign_in(event, guest("钱七"))


def test_who_is_wait_listed_and_let_in_is_confirmed_by_that(both_app: Flask) -> None:
    event = confirmed(capacity=1, full_policy="wait_list")
    sign_in(event, guest("甲"))
    waits = sign_in(event, guest("乙"))
    assert waits.state == "wait_listed"
    assert corrections.admit(waits.sign_in_id, staff_id=None).state == "arrived"
    assert (counts_of(event).arrived, counts_of(event).unconfirmed) == (1, 1)
    assert tallies.recount() == ()


def test_who_is_expected_is_missing_until_they_are_confirmed(both_app: Flask) -> None:
    event = confirmed()
    wang, _li = expect(event, "王强", "李四")
    waits = sign_in(event, guest("王强"))
    counts = counts_of(event)
    assert (counts.missing, counts.listed, counts.unconfirmed_listed) == (2, 0, 1)
    entry = rosters.entry(event.id, wang)
    assert (entry.is_unconfirmed, entry.has_arrived, entry.is_missing) == (True, False, False)
    assert [row.name for row in roster_lists.search(event.id, state="arrived").rows] == []
    confirm(waits.sign_in_id)
    assert (counts_of(event).missing, counts_of(event).listed) == (1, 1)
    assert db.session.get_one(RosterEntry, wang).is_here
    assert tallies.recount() == ()


def test_who_asked_leave_and_waits_is_expected_again_once_confirmed(both_app: Flask) -> None:
    event = confirmed()
    (wang,) = expect(event, "王强")
    rosters.set_state(event.id, wang, "excuse", actor="staff:1")
    waits = sign_in(event, guest("王强"))
    assert counts_of(event).excused == 1
    confirm(waits.sign_in_id)
    assert (counts_of(event).excused, counts_of(event).listed) == (0, 1)
    corrections.unconfirm(waits.sign_in_id, staff_id=None)
    assert tallies.recount() == ()


def test_a_seat_is_filled_by_the_confirmation_and_the_next_one_is_a_walk_in(both_app: Flask) -> None:
    event = confirmed()
    roster_writing.write(event.id, [RosterRow("enterprise", "", DONGBEI, seats=1)], actor="staff:1")
    first = sign_in(event, enterprise("甲", mobile="13800138001"))
    second = sign_in(event, enterprise("乙", mobile="13800138002"))
    assert db.session.scalars(select(RosterSeats.filled)).one() == 0
    confirm(second.sign_in_id)
    confirm(first.sign_in_id)
    counts = counts_of(event)
    assert (counts.listed, counts.unlisted, counts.walk_ins) == (1, 1, 1)
    assert tallies.recount() == ()


def test_staff_who_sign_somebody_in_confirm_who_waits(both_app: Flask) -> None:
    event = confirmed()
    wang, li, zhao = expect(event, "王强", "李四", "赵六")
    for name in ("王强", "李四", "赵六"):
        sign_in(event, guest(name))
    assert hand_work.sign_in_entry(event, wang, HAND).code == "confirmed"
    scanned = passes.scanned(event, passes.address_of(li))
    assert hand_work.sign_in_entry(event, scanned.entry_id, HAND).code == "confirmed"
    row = PaperRow("1", guest("赵六"), clock.utcnow(), entry_id=zhao)
    assert back_entry.enter(event, [row], Hand("staff:1", "page"))[0].code == "there"
    assert (counts_of(event).arrived, counts_of(event).unconfirmed) == (3, 0)
    assert tallies.recount() == ()


def test_a_group_waits_and_is_confirmed_in_one_tap(both_app: Flask) -> None:
    event = confirmed()
    persons = tuple(GroupPerson(student(name)) for name in ("李明", "王丽", "赵云"))
    submission = Submission(event, ticket_for(event), persons, (), None, "四棵中学", "初二(3)班", has_consented=True)
    groups.submit(submission)
    groups.submit(submission)  # sent again after a lost answer
    waiting = confirmations.waiting(event.id)
    assert [row.name for row in waiting] == ["李明", "王丽", "赵云"]
    (arrival,) = people.gathered(waiting)
    assert arrival.is_group
    corrections.refuse(waiting[0].sign_in_id or 0, staff_id=None)
    done = confirmations.confirm_group(event.id, waiting[1].sign_in_id or 0, HAND)
    assert (done.code, done.count) == ("confirmed_group", 2)
    assert (counts_of(event).arrived, counts_of(event).voided, counts_of(event).unconfirmed) == (2, 1, 0)
    assert confirmations.confirm_group(event.id, waiting[1].sign_in_id or 0, HAND).count == 0
    with pytest.raises(Unknown):
        confirmations.confirm_group(event.id, sign_in(event, guest()).sign_in_id, HAND)
    assert tallies.recount() == ()


def test_nobody_else_takes_the_place_of_who_waits(both_app: Flask) -> None:
    event = confirmed()
    (wang,) = expect(event, "王强")
    waits = sign_in(event, guest("王强"))
    other = hand_work.sign_in_walk_in(event, guest("王强"), HAND, is_another=True)
    assert other.sign_in_id is not None
    with pytest.raises(Refused, match="has_arrived"):
        ties.tie(event.id, other.sign_in_id, wang, HAND)
    db.session.rollback()
    assert [one.id for one in roster_arrivals.free_entries(db.session, event.id)] == []
    with pytest.raises(Refused, match="has_arrived"):
        rosters.set_state(event.id, wang, "excuse", actor="staff:1")
    confirm(waits.sign_in_id)
    assert tallies.recount() == ()


def test_a_correction_of_who_waits_counts_once_confirmed(both_app: Flask) -> None:
    event = confirmed()
    waits = sign_in(event, enterprise()).sign_in_id
    hand_work.correct(event, waits, {"organisation_name": "大冶特钢"}, HAND)
    confirm(waits)
    assert tallies.recount() == ()
    assert [bar.label for bar in dashboards.read(event).organisations] == ["大冶特钢"]
