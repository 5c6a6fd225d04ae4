"""The roster and what a sign-in does to it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services import tallies
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.people import pinyin
from kiosk.services.refusals import Refused, SignInRefused
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_writing import Written
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids.factories import enterprise, make_event, sign_in, student

DONGBEI = "湖北东贝制冷有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", group_name="第一组", seat="A3")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000")


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or (WANG, LI), actor="staff:1")
    return event


def missing(event: EventView) -> int:
    counts = events.counts(event.id)
    return counts.expected - counts.excused - counts.replaced - counts.listed_arrived


def test_the_same_import_again_changes_nothing(both_app: Flask) -> None:
    event = with_roster()
    assert roster_writing.write(event.id, [WANG, LI], actor="staff:1") == Written(0, 0, 2)
    assert events.counts(event.id).expected == 2
    assert tallies.recount() == ()


def test_a_changed_row_updates_its_entry(both_app: Flask) -> None:
    event = with_roster()
    changed = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", seat="B1")
    assert roster_writing.write(event.id, [changed], actor="staff:1") == Written(0, 1, 0)
    assert [entry.seat for entry in rosters.entries(event.id)] == ["B1", None]


def test_listed_person_fills_the_entry_and_others_are_walk_ins(both_app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise())
    sign_in(event, enterprise("赵敏", mobile="13700137000", organisation_name="另一家公司"))
    counts = events.counts(event.id)
    assert (counts.arrived, counts.listed_arrived, counts.walk_ins, missing(event)) == (2, 1, 1, 1)
    assert [entry.has_arrived for entry in rosters.entries(event.id)] == [True, False]
    assert tallies.recount() == ()


def test_void_and_undo_move_the_roster_too(both_app: Flask) -> None:
    event = with_roster()
    result = sign_in(event, enterprise())
    corrections.void(result.sign_in_id, staff_id=None)
    assert missing(event) == 2
    corrections.restore(result.sign_in_id, staff_id=None)
    assert missing(event) == 1
    assert tallies.recount() == ()


def test_name_and_enterprise_find_an_entry_without_a_mobile(both_app: Flask) -> None:
    event = with_roster(RosterRow("enterprise", "王　强", DONGBEI))
    sign_in(event, enterprise())
    assert missing(event) == 0


def test_another_mobile_under_the_same_name_is_another_person(both_app: Flask) -> None:
    event = with_roster(WANG)
    sign_in(event, enterprise(mobile="13700137000"))
    assert (missing(event), events.counts(event.id).walk_ins) == (1, 1)


def test_two_of_one_name_in_one_class_take_one_entry_each(both_app: Flask) -> None:
    twin = RosterRow("student", "李明", "四棵中学", class_name="初二(3)班")
    event = with_roster(twin, twin)
    assert events.counts(event.id).expected == 2
    sign_in(event, student())
    with pytest.raises(SamePersonAsked):
        sign_in(event, student())
    sign_in(event, student(), is_another=True)
    assert (missing(event), events.counts(event.id).walk_ins) == (0, 0)
    assert roster_writing.write(event.id, [twin, twin], actor="staff:1") == Written(0, 0, 2)
    assert tallies.recount() == ()


def test_one_entry_is_never_filled_twice(both_app: Flask) -> None:
    event = with_roster()
    (entry, _) = rosters.entries(event.id)
    first = sign_in(event, entry.details(), roster_entry_id=entry.id)
    again = sign_in(event, enterprise("王 强"), roster_entry_id=entry.id)
    assert again.sign_in_id == first.sign_in_id and again.is_repeat
    assert tallies.recount() == ()


def test_seats_without_names_are_filled_by_whoever_comes(both_app: Flask) -> None:
    event = with_roster(RosterRow("enterprise", organisation_name=DONGBEI, seats=2))
    for number, name in enumerate(("王强", "李娜", "赵敏")):
        sign_in(event, enterprise(name, mobile=f"1380013800{number}"))
    counts = events.counts(event.id)
    assert (counts.expected, counts.listed_arrived, counts.walk_ins) == (2, 2, 1)
    assert [seat.filled for seat in rosters.seats(event.id)] == [2]
    assert sign_in(event, enterprise("王强", mobile="13800138000")).is_repeat
    assert [seat.filled for seat in rosters.seats(event.id)] == [2]
    assert tallies.recount() == ()


def test_substitute_counts_the_enterprise_once_and_the_person_as_replaced(both_app: Flask) -> None:
    event = with_roster()
    (wang, _) = rosters.entries(event.id)
    sign_in(event, enterprise("赵敏", mobile="13700137000"), replaces_id=wang.id)
    counts = events.counts(event.id)
    assert (counts.replaced, counts.walk_ins, missing(event)) == (1, 0, 1)
    with pytest.raises(SignInRefused, match="cannot_replace"):
        sign_in(event, enterprise("孙丽", mobile="13600136000"), replaces_id=wang.id)
    assert tallies.recount() == ()


def test_excused_person_who_comes_after_all_is_expected_again(both_app: Flask) -> None:
    event = with_roster()
    (wang, _) = rosters.entries(event.id)
    rosters.set_state(event.id, wang.id, "excuse", actor="staff:1", reason="出差")
    assert (events.counts(event.id).excused, missing(event)) == (1, 1)
    sign_in(event, enterprise())
    assert (events.counts(event.id).excused, missing(event)) == (0, 1)
    with pytest.raises(Refused, match="has_arrived"):
        rosters.set_state(event.id, wang.id, "excuse", actor="staff:1")
    assert tallies.recount() == ()


def test_walk_ins_are_refused_or_wait_by_the_event_s_rule_and_staff_decide(both_app: Flask) -> None:
    closed = with_roster(walk_in_policy="refuse")
    stranger = enterprise("赵敏", mobile="13700137000", organisation_name="另一家公司")
    with pytest.raises(SignInRefused, match="not_listed"):
        sign_in(closed, stranger)
    assert sign_in(closed, stranger, actor="staff:1", method="steward").state == "arrived"
    waiting = with_roster(walk_in_policy="wait_list")
    assert sign_in(waiting, stranger).state == "wait_listed"
    assert tallies.recount() == ()


def test_full_keeps_places_for_those_who_are_expected_until_the_grace_is_over(both_app: Flask) -> None:
    start = utcnow() + timedelta(minutes=5)
    event = with_roster(capacity=2, starts_at=start, late_after_minutes=0)
    stranger = enterprise("赵敏", mobile="13700137000", organisation_name="另一家公司")
    with pytest.raises(SignInRefused, match="full"):
        sign_in(event, stranger)
    assert not sign_in(event, enterprise()).is_repeat
    with clock.freeze(start + timedelta(minutes=16)):
        assert sign_in(event, stranger).state == "arrived"
        assert sign_in(event, enterprise("李娜", mobile="13900139000")).state == "arrived"  # listed: never refused
    assert tallies.recount() == ()


def test_staff_s_door_is_open_after_closing(both_app: Flask) -> None:
    event = with_roster(closes_at=utcnow() - timedelta(minutes=1))
    claimed = utcnow() - timedelta(hours=1)
    result = sign_in(event, enterprise(), actor="staff:1", method="paper", claimed_at=claimed)
    assert result.signed_in_at == claimed


def test_initials_find_people() -> None:
    assert pinyin.initials_of("王强") == "wq"
    assert pinyin.initials_of("欧阳娜娜") == "oynn"
    assert pinyin.initials_of("Anna Li") == "annali"
    assert pinyin.initials_of("单雄信") == "sxx"
    assert pinyin.initials_of("单") == "d"


def test_removing_an_entry_leaves_the_tallies_right(both_app: Flask) -> None:
    event = with_roster()
    (wang, li) = rosters.entries(event.id)
    sign_in(event, enterprise())
    rosters.remove(event.id, li.id, actor="staff:1")
    with pytest.raises(Refused):
        rosters.remove(event.id, wang.id, actor="staff:1")
    assert events.counts(event.id).expected == 1
    assert tallies.recount() == ()


def test_one_name_under_two_mobiles_or_two_numbers_is_two_people(app: Flask) -> None:
    event = make_event()
    known = [
        RosterRow("enterprise", "王强", "劲牌有限公司", mobile="13800138000"),
        RosterRow("student", "李明", "四棵中学", class_name="初二(3)班", student_no="1"),
    ]
    roster_writing.write(event.id, known, actor="staff:1")
    others = [replace(known[0], mobile="13900139000"), replace(known[1], student_no="2")]
    assert roster_writing.write(event.id, others, actor="staff:1").added == 2
    unmarked = [replace(known[0], mobile=None), replace(known[1], student_no=None)]
    assert roster_writing.write(event.id, unmarked, actor="staff:1").added == 0, "nothing speaks against these"


def test_somebody_who_sent_a_substitute_is_not_excused_as_well(app: Flask) -> None:
    event = make_event()
    roster_writing.write(
        event.id, [RosterRow("enterprise", "王强", "劲牌有限公司", mobile="13800138000")], actor="staff:1"
    )
    (entry,) = rosters.entries(event.id)
    sign_in(event, enterprise("赵敏", mobile="13700137000"), replaces_id=entry.id)
    with pytest.raises(Refused, match="is_replaced"):
        rosters.set_state(event.id, entry.id, "excuse", actor="staff:1", reason="病假")
    counts = events.counts(event.id)
    assert (counts.replaced, counts.excused, counts.missing) == (1, 0, 0) and tallies.recount() == ()
