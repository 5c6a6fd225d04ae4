"""Hand work as a service, on SQLite and on PostgreSQL: found, signed in, replaced, corrected, ticked, once a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_search, hand_work, ticks
from kiosk.services.door.hand_work import new_key
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.pages import Page
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids.factories import enterprise, guest, make_event, sign_in, student

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", seat="A3")
OTHER_WANG = RosterRow("enterprise", "王强", CABLE, mobile="13700137000")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000")


def hand(key: str | None = None, actor: str = "steward:5") -> Hand:
    return Hand(actor, key or new_key())


def with_roster(*rows: RosterRow, **changes: object) -> EventView:
    event = make_event(**changes)
    roster_writing.write(event.id, rows or (WANG, OTHER_WANG, LI), actor="staff:1")
    return event


def ids(event: EventView) -> list[int]:
    return [entry.id for entry in rosters.entries(event.id)]


def counts(event: EventView) -> events.Counts:
    db.session.rollback()
    return events.counts(event.id)


def found(event: EventView, words: str) -> tuple[PersonRow, ...]:
    return (hand_search.search(event.id, words) or Page()).rows


def names(event: EventView, words: str) -> list[tuple[str, str | None]]:
    return [(row.name, row.organisation) for row in found(event, words)]


def log(action: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.parametrize("words", ["王强", "王 强", "wq", "WQ", "东贝", "8000"])
def test_people_are_found_by_name_initials_organisation_and_last_four(app: Flask, words: str) -> None:
    event = with_roster(WANG)
    assert names(event, words) == [("王强", DONGBEI)]


def test_nobody_is_found_before_two_characters_nor_in_another_event(app: Flask) -> None:
    event = with_roster()
    assert hand_search.search(event.id, "王") is None and names(event, " 王 ") == []
    assert names(make_event(), "王强") == []


def test_two_of_one_name_stand_side_by_side_with_their_organisations_and_masked_mobiles(app: Flask) -> None:
    event = with_roster()
    assert names(event, "王强") == [("王强", DONGBEI), ("王强", CABLE)]
    assert [row.mobile for row in found(event, "wq")] == ["138****8000", "137****7000"]


def test_walk_ins_are_found_by_their_initials_too_and_each_person_once(app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise())
    sign_in(event, guest("欧阳娜娜"))
    assert names(event, "oyn") == [("欧阳娜娜", None)]
    rows = found(event, "王强")
    assert [row.state for row in rows] == ["missing", "arrived"]


def test_a_search_lists_at_most_thirty_and_says_that_there_are_more(app: Flask) -> None:
    event = with_roster(*(RosterRow("guest", f"王强{number}") for number in range(31)))
    page = hand_search.search(event.id, "王强")
    assert page is not None and len(page.rows) == 30 and page.has_more


def test_one_tap_signs_in_and_another_phone_hears_the_first_time(both_app: Flask) -> None:
    event = with_roster()
    entry_id = ids(event)[0]
    first = hand_work.sign_in_entry(event, entry_id, hand("k1"))
    again = hand_work.sign_in_entry(event, entry_id, hand("k2", "steward:6"))
    assert (first.code, again.code) == ("signed_in", "repeat")
    assert (again.sign_in_id, again.signed_in_at) == (first.sign_in_id, first.signed_in_at)
    assert (counts(event).arrived, counts(event).missing) == (1, 2)
    assert tallies.recount() == ()


def test_a_tap_sent_again_after_a_lost_answer_is_the_same_tap(both_app: Flask) -> None:
    event = with_roster()
    key, entry_id = hand(), ids(event)[0]
    answers = [hand_work.sign_in_entry(event, entry_id, key) for _ in range(3)]
    assert len(set(answers)) == 1 and answers[0].code == "signed_in"
    assert len(log("sign_in.by_hand")) == 1


def test_a_void_that_arrives_again_does_not_undo_what_others_did_since(both_app: Flask) -> None:
    event = with_roster()
    done = hand_work.sign_in_entry(event, ids(event)[0], hand())
    assert done.sign_in_id is not None
    late = hand("late")
    hand_work.void(event.id, done.sign_in_id, late)
    hand_work.restore(event.id, done.sign_in_id, hand())
    hand_work.void(event.id, done.sign_in_id, late)
    assert counts(event).arrived == 1
    assert [entry.actor for entry in log("sign_in.void")] == ["steward:5"]
    assert tallies.recount() == ()


def test_an_excuse_that_arrives_again_does_not_excuse_who_is_expected_again(both_app: Flask) -> None:
    event = with_roster()
    entry_id, late = ids(event)[0], hand("late")
    hand_work.excuse(event.id, entry_id, late, reason="出差")
    assert [row.reason for row in found(event, "王强")] == [None, "出差"]
    hand_work.expect(event.id, entry_id, hand())
    hand_work.excuse(event.id, entry_id, late, reason="出差")
    assert (counts(event).excused, counts(event).missing) == (0, 3)
    with pytest.raises(Refused, match="has_arrived"):
        hand_work.sign_in_entry(event, entry_id, hand())
        hand_work.excuse(event.id, entry_id, hand())
    assert tallies.recount() == ()


def test_a_substitute_counts_once_and_a_voided_one_leaves_a_missing_person(both_app: Flask) -> None:
    event = with_roster()
    wang = ids(event)[0]
    done = hand_work.sign_in_walk_in(event, enterprise("赵敏", mobile="13600136000"), hand(), replaces_id=wang)
    assert done.sign_in_id is not None
    assert (counts(event).replaced, counts(event).missing, counts(event).walk_ins) == (1, 2, 0)
    assert [row.replaces for row in found(event, "赵敏")] == ["王强"]
    with pytest.raises(Refused, match="cannot_replace"):
        hand_work.sign_in_walk_in(event, enterprise("孙丽", mobile="13500135000"), hand(), replaces_id=wang)
    hand_work.void(event.id, done.sign_in_id, hand())
    assert (counts(event).replaced, counts(event).missing) == (0, 3)
    hand_work.restore(event.id, done.sign_in_id, hand())
    assert (counts(event).replaced, counts(event).missing) == (1, 2)
    assert tallies.recount() == ()


def test_a_restored_substitute_does_not_replace_who_has_come_since(both_app: Flask) -> None:
    event = with_roster()
    wang = ids(event)[0]
    done = hand_work.sign_in_walk_in(event, enterprise("赵敏", mobile="13600136000"), hand(), replaces_id=wang)
    assert done.sign_in_id is not None
    hand_work.void(event.id, done.sign_in_id, hand())
    hand_work.sign_in_entry(event, wang, hand())
    hand_work.restore(event.id, done.sign_in_id, hand())
    assert (counts(event).replaced, counts(event).missing, counts(event).arrived) == (0, 2, 2)
    assert tallies.recount() == ()


def test_a_walk_in_of_a_known_name_is_asked_after_and_staff_decide(both_app: Flask) -> None:
    event = make_event(closes_at=utcnow() - timedelta(minutes=1), walk_in_policy="refuse")
    first = hand_work.sign_in_walk_in(event, student(), hand())
    with pytest.raises(SamePersonAsked):
        hand_work.sign_in_walk_in(event, student(), hand())
    assert hand_work.sign_in_walk_in(event, student(), hand(), same_as=first.sign_in_id).code == "repeat"
    assert hand_work.sign_in_walk_in(event, student(), hand(), is_another=True).code == "signed_in"
    assert counts(event).arrived == 2


def test_a_correction_changes_the_snapshot_leaves_a_trace_and_moves_the_tallies(both_app: Flask) -> None:
    event = with_roster(
        RosterRow("enterprise", organisation_name=DONGBEI, seats=1),
        RosterRow("enterprise", organisation_name=CABLE, seats=1),
    )
    written = sign_in(event, enterprise("王小强", mobile="13800138009"))
    changes = {"name": "王晓强", "organisation_name": CABLE, "mobile": "13800138000"}
    key = hand()
    hand_work.correct(event, written.sign_in_id, changes, key)
    hand_work.correct(event, written.sign_in_id, {**changes, "name": "王小强"}, key)
    db.session.rollback()
    row = db.session.get(SignIn, written.sign_in_id)
    assert row is not None and (row.name, row.organisation_name, row.mobile) == ("王晓强", CABLE, "13800138000")
    assert [seat.filled for seat in rosters.seats(event.id)] == [0, 1]
    trace = db.session.scalars(select(SignInChange)).one()
    assert (trace.change, trace.changed_fields) == ("correct", ["name", "organisation_name", "mobile"])
    assert "13800138000" not in str(log("sign_in.correct")[0].changed)
    assert tallies.recount() == ()


def test_a_correction_of_a_voided_row_is_counted_when_it_is_restored(both_app: Flask) -> None:
    event = with_roster(RosterRow("enterprise", organisation_name=DONGBEI, seats=1))
    written = sign_in(event, enterprise())
    hand_work.void(event.id, written.sign_in_id, hand())
    hand_work.correct(event, written.sign_in_id, {"organisation_name": CABLE}, hand())
    hand_work.restore(event.id, written.sign_in_id, hand())
    assert counts(event).walk_ins == 1
    assert tallies.recount() == ()


def test_ticks_are_counted_once_and_only_for_the_event_s_labels(both_app: Flask) -> None:
    event = make_event(tick_labels=["聘书已发", "资料已领"])
    person = sign_in(event, guest())
    for _ in range(2):
        hand_work.set_tick(event.id, person.sign_in_id, "聘书已发", hand(), is_ticked=True)
    assert ticks.counts(event.id) == {"聘书已发": 1}
    assert [row.ticks for row in found(event, "张爱国")] == [("聘书已发",)]
    with pytest.raises(Refused, match="unknown_label"):
        hand_work.set_tick(event.id, person.sign_in_id, "午餐", hand(), is_ticked=True)
    hand_work.set_tick(event.id, person.sign_in_id, "聘书已发", hand(), is_ticked=False)
    assert ticks.counts(event.id) == {}


def test_a_person_of_another_event_is_unknown_here(both_app: Flask) -> None:
    event, other = with_roster(), with_roster()
    entry_id, sign_in_id = ids(other)[0], sign_in(other, guest()).sign_in_id
    acts: tuple[Callable[[], object], ...] = (
        lambda: hand_work.sign_in_entry(event, entry_id, hand()),
        lambda: hand_work.excuse(event.id, entry_id, hand()),
        lambda: hand_work.void(event.id, sign_in_id, hand()),
        lambda: hand_work.correct(event, sign_in_id, {"name": "某人"}, hand()),
        lambda: hand_work.set_tick(event.id, sign_in_id, "资料", hand(), is_ticked=True),
    )
    for act in acts:
        with pytest.raises(Unknown):
            act()
    assert counts(other).arrived == 1 and names(other, "某人") == []


def test_a_restored_person_whose_seat_is_taken_is_a_walk_in(both_app: Flask) -> None:
    event = with_roster(RosterRow("enterprise", organisation_name=DONGBEI, seats=1))
    first = sign_in(event, enterprise())
    hand_work.void(event.id, first.sign_in_id, hand())
    sign_in(event, enterprise("李娜", mobile="13900139000"))
    hand_work.restore(event.id, first.sign_in_id, hand())
    assert (counts(event).missing, counts(event).walk_ins) == (0, 1)
    assert tallies.recount() == ()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "walk_in", "replace", "void", "restore", "excuse", "expect", "correct"]),
        st.integers(0, 5),
    ),
    max_size=25,
)


def do(event: EventView, verb: str, number: int) -> None:
    """Do one act to whoever the number means; what is refused is refused."""
    entries = ids(event)
    rows = list(db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id).order_by(SignIn.id)))
    db.session.rollback()
    entry_id = entries[number % len(entries)]
    stranger = enterprise(f"来人{number}", mobile=f"1350013500{number}", organisation_name=(DONGBEI, CABLE)[number % 2])
    if verb in ("enter", "excuse", "expect"):
        act = {"enter": lambda: hand_work.sign_in_entry(event, entry_id, hand())}.get(verb)
        change = hand_work.excuse if verb == "excuse" else hand_work.expect
        act() if act else change(event.id, entry_id, hand())
    elif verb in ("walk_in", "replace"):
        replaces_id = entry_id if verb == "replace" else None
        hand_work.sign_in_walk_in(event, stranger, hand(), replaces_id=replaces_id, is_another=True)
    elif rows and verb == "correct":
        hand_work.correct(event, rows[number % len(rows)], {"organisation_name": (DONGBEI, CABLE)[number % 2]}, hand())
    elif rows:
        (hand_work.void if verb == "void" else hand_work.restore)(event.id, rows[number % len(rows)], hand())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_tallies_equal_the_rows_after_any_hand_work(both_app: Flask, acts: list[tuple[str, int]]) -> None:
    seats = RosterRow("enterprise", organisation_name=CABLE, seats=1)
    event = with_roster(WANG, LI, RosterRow("guest", "张爱国"), seats)
    for verb, number in acts:
        try:
            do(event, verb, number)
        except Refused:
            continue
    db.session.rollback()
    assert tallies.recount() == ()
    states = [entry.has_arrived or entry.state != "expected" for entry in rosters.entries(event.id)]
    assert all(entry.state == "expected" for entry in rosters.entries(event.id) if entry.has_arrived)
    assert all(0 <= seat.filled <= seat.seats for seat in rosters.seats(event.id))
    unfilled = sum(seat.seats - seat.filled for seat in rosters.seats(event.id))
    assert counts(event).missing == states.count(False) + unfilled
