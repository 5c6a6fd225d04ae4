"""A listed person who came as a walk-in: staff say that the two are one, and can take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards
from kiosk.services.directory import entries as directory_entries
from kiosk.services.door import corrections, hand_search, hand_work, ties
from kiosk.services.event import events
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.people.rows import PersonRow
from kiosk.services.privacy import clearing, purges
from kiosk.services.privacy.declaration import Target
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import namesakes, organisations
from kiosk.services.sign_in.requests import SignInResult
from tests.aids.factories import enterprise, guest, make_event, organisation_id, sign_in, student
from tests.aids.statements import noted, plan_of

KAICHUANG, SHORT = "湖北凯创化工有限公司", "凯创化工"
LV = RosterRow("enterprise", "吕明燕", KAICHUANG, mobile="13800130445", seat="A3")
HAND = Hand("staff:1", staff_id=None)


def came_as_walk_in(*rows: RosterRow, **typed: object) -> tuple[EventView, int, SignInResult]:
    """Return an event that expects 吕明燕, her entry, and the sign-in that she made without being found on the list."""
    event = make_event()
    roster_writing.write(event.id, [LV, *rows], actor="staff:1")
    details = enterprise("吕　明燕", **{"organisation_name": SHORT, "mobile": "13900139000", **typed})
    return event, rosters.entries(event.id)[0].id, sign_in(event, details)


def figures(event: EventView) -> tuple[int, int, int, int]:
    """Return arrived, walk-ins, who of the list is here, who is missing; the tallies must be those of the rows."""
    counts = events.counts(event.id)
    assert tallies.recount() == ()
    return counts.arrived, counts.walk_ins, counts.listed_arrived, counts.missing


def row_of(sign_in_id: int) -> SignIn:
    return db.session.get_one(SignIn, sign_in_id, populate_existing=True)


def missing_rows(event: EventView) -> list[PersonRow]:
    db.session.rollback()
    missing = dashboards.read(event).missing
    assert missing is not None
    return [*missing.starred, *(person for gap in missing.gaps for person in gap.people)]


def asked(people: object) -> list[tuple[str, list[str | None]]]:
    return [(row.name, [same.organisation for same in row.same_names]) for row in people]  # type: ignore[attr-defined]


def actions(sign_in_id: int) -> list[tuple[str, str]]:
    db.session.rollback()
    kept = select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.subject == f"sign_in:{sign_in_id}")
    return [(action, actor) for action, actor in db.session.execute(kept.order_by(AuditEntry.id))]


def test_who_is_known_is_looked_for_by_name_among_the_others(app: Flask) -> None:
    """By both ways. SQLite has read everybody who came, or everybody who is absent, for a handful of rows."""
    event, entry_id, came = came_as_walk_in()
    missing, asked = missing_rows(event), list[tuple[str, Any]]()
    with noted(db.engine, asked):
        shown = namesakes.beside(event.id, missing)
        expected = namesakes.expected_as(event.id, came.sign_in_id)
    assert shown[0].same_names[0].sign_in_id == came.sign_in_id and expected[0].entry_id == entry_id
    plans = [plan_of(db.session.connection(), *one)[:2] for one in asked if "person_difference" in one[0]]
    by_name = "SEARCH {} USING INDEX ix_{}_name (event_id=? AND name_key=?) LEFT-JOIN"
    assert plans == [
        ["SEARCH roster_entry USING INTEGER PRIMARY KEY (rowid=?)", by_name.format("sign_in", "sign_in")],
        ["SEARCH sign_in USING INTEGER PRIMARY KEY (rowid=?)", by_name.format("roster_entry", "roster_entry")],
    ]


def test_one_act_ties_them_and_another_separates_them_again(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    before = row_of(came.sign_in_id)
    kept = (before.ordinal, before.signed_in_at, before.name, before.organisation_name, before.mobile)
    assert figures(event) == (1, 1, 0, 1)
    done = ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert (done.code, done.name, done.ordinal) == ("tied", "吕　明燕", 1)
    assert figures(event) == (1, 0, 1, 0)
    row = row_of(came.sign_in_id)
    assert (row.roster_entry_id, row.is_walk_in) == (entry_id, False)
    assert (row.ordinal, row.signed_in_at, row.name, row.organisation_name, row.mobile) == kept
    assert row.revision == events.counts(event.id).revision, "screens see the row again"
    assert rosters.entry(event.id, entry_id).has_arrived
    assert ties.separate(event.id, came.sign_in_id, HAND).code == "separated"
    assert figures(event) == (1, 1, 0, 1)
    row = row_of(came.sign_in_id)
    assert (row.roster_entry_id, row.is_walk_in, row.ordinal) == (None, True, 1)
    assert not rosters.entry(event.id, entry_id).has_arrived
    assert actions(came.sign_in_id) == [("sign_in.tie", "staff:1"), ("sign_in.separate", "staff:1")]


def test_every_list_of_staff_asks_and_no_longer_once_it_is_answered(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    lists = {
        "dashboard": lambda: missing_rows(event),
        "roster": lambda: roster_lists.search(event.id, state="missing").rows,
        "search": lambda: hand_search.search(event.id, "吕明燕").rows,  # type: ignore[union-attr]
    }
    for name, people in lists.items():
        assert ("吕明燕", [SHORT]) in asked(people()), name
    assert [row.name for row in namesakes.expected_as(event.id, came.sign_in_id)] == ["吕明燕"]
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    for name, people in lists.items():
        assert all(not same for _, same in asked(people())), name
    assert namesakes.expected_as(event.id, came.sign_in_id) == ()
    ties.separate(event.id, came.sign_in_id, HAND)
    assert ("吕明燕", [SHORT]) in asked(missing_rows(event))


def test_that_they_are_two_is_remembered_until_somebody_takes_it_back(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    before = figures(event)
    revision = events.counts(event.id).revision
    differ = ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    assert (differ.code, differ.name, differ.entry_id) == ("differ", "吕　明燕", entry_id)
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)  # a second tap
    assert figures(event) == before and events.counts(event.id).revision == revision + 1, "screens look again, once"
    lists = [
        missing_rows(event),
        roster_lists.search(event.id, state="missing").rows,
        hand_search.search(event.id, "吕明燕").rows,  # type: ignore[union-attr]
    ]
    assert all(not same for people in lists for _, same in asked(people))
    assert namesakes.expected_as(event.id, came.sign_in_id) == ()
    assert [row.name for row in namesakes.different_from(event.id, came.sign_in_id)] == ["吕明燕"]
    assert [one.organisation for one in namesakes.different_as(event.id, entry_id)] == [SHORT]
    another = sign_in(event, enterprise("吕明燕", organisation_name="别家", mobile="13900139001"))
    assert asked(missing_rows(event)) == [("吕明燕", ["别家"])], "another one is asked about all the same"
    ties.set_different(event.id, another.sign_in_id, entry_id, HAND, are_different=True)
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=False)
    assert asked(missing_rows(event)) == [("吕明燕", [SHORT])]
    said = [action for action, _ in actions(came.sign_in_id)]
    assert said == ["sign_in.differ", "sign_in.undiffer"]


def test_no_import_ties_two_whom_staff_told_apart(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [replace(LV, name="别人")], actor="staff:1")
    came = sign_in(event, enterprise("吕明燕", organisation_name=KAICHUANG, mobile="13800130445"))
    roster_writing.write(event.id, [LV], actor="staff:1")
    entry_id = row_of(came.sign_in_id).roster_entry_id
    assert entry_id is not None
    ties.separate(event.id, came.sign_in_id, HAND)
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    assert roster_writing.write(event.id, [LV], actor="staff:1").here == 0
    assert row_of(came.sign_in_id).roster_entry_id is None and figures(event) == (1, 1, 0, 2)
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=False)
    assert roster_writing.write(event.id, [LV], actor="staff:1").here == 1


def test_the_last_word_stands(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert namesakes.different(event.id) == frozenset()
    with pytest.raises(Refused, match="changed_meanwhile"):
        ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    ties.separate(event.id, came.sign_in_id, HAND)
    assert asked(missing_rows(event)) == [("吕明燕", [SHORT])]
    with pytest.raises(Refused, match="changed_meanwhile"):
        ties.set_different(event.id, came.sign_in_id, entry_id + 99, HAND, are_different=True)
    with pytest.raises(Unknown):
        ties.set_different(make_event().id, came.sign_in_id, entry_id, HAND, are_different=True)


def test_the_answer_goes_with_either_person_and_with_the_event(both_app: Flask) -> None:
    for whose in ("sign_in_ids", "entry_ids"):
        event, entry_id, came = came_as_walk_in()
        ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
        clearing.clear(Target(event.campaign_id, (make_event().id,), is_person=True, sign_in_ids=(99,)))
        assert namesakes.different(event.id) == {(entry_id, came.sign_in_id)}, "another person's"
        erased = {whose: (came.sign_in_id if whose == "sign_in_ids" else entry_id,)}
        clearing.clear(Target(event.campaign_id, (event.id,), is_person=True, **erased))
        db.session.rollback()
        assert namesakes.different(event.id) == frozenset()
    event, entry_id, came = came_as_walk_in()
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    purges.purge_event(event, "command")
    assert namesakes.different(event.id) == frozenset()
    event, entry_id, came = came_as_walk_in()
    ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)
    rosters.remove(event.id, entry_id, actor="staff:1")
    assert namesakes.different(event.id) == frozenset()


def test_the_likeliest_is_asked_about_first(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [LV], actor="staff:1")
    for number, name in enumerate(("别家公司", None, SHORT, "凯创", KAICHUANG)):
        sign_in(event, enterprise("吕明燕", organisation_name=name, mobile=f"1390013900{number}"))
    db.session.rollback()
    assert asked(missing_rows(event)) == [("吕明燕", [KAICHUANG, None, SHORT])], "three at most"
    organisations.add_many(["别家公司"], "enterprise")
    directory_entries.add_alias(organisation_id(KAICHUANG), "凯创集团", actor="staff:1")
    sign_in(event, enterprise("吕明燕", organisation_name="凯创集团", mobile="13900139009"))
    assert asked(missing_rows(event)) == [("吕明燕", [KAICHUANG, "凯创集团", None])]


def test_nobody_is_asked_about_who_has_a_place_or_does_not_count(both_app: Flask) -> None:
    event, _entry_id, came = came_as_walk_in(replace(LV, name="钱多", mobile="13800130446"))
    qian = rosters.entries(event.id)[1].id
    hand_work.sign_in_walk_in(event, enterprise("吕明燕", mobile=None), Hand("staff:1"), replaces_id=qian)
    assert asked(missing_rows(event)) == [("吕明燕", [SHORT])], "a substitute stands in another's place"
    corrections.void(came.sign_in_id, staff_id=None)
    assert asked(missing_rows(event)) == [("吕明燕", [])]


def test_a_seat_is_given_back_and_taken_again_unless_somebody_took_it(both_app: Flask) -> None:
    seats = RosterRow("enterprise", organisation_name=SHORT, seats=1)
    event, entry_id, came = came_as_walk_in(seats)
    assert figures(event) == (1, 0, 1, 1)
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert figures(event) == (1, 0, 1, 1), "the seat is free again"
    ties.separate(event.id, came.sign_in_id, HAND)
    assert figures(event) == (1, 0, 1, 1) and row_of(came.sign_in_id).roster_seats_id is not None
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    sign_in(event, enterprise("孙七", organisation_name=SHORT, mobile="13700137000"))
    assert figures(event) == (2, 0, 2, 0)
    ties.separate(event.id, came.sign_in_id, HAND)
    assert figures(event) == (2, 1, 1, 1) and row_of(came.sign_in_id).is_walk_in


def test_a_leave_is_over_with_the_tie_and_stands_again_without_it(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    rosters.set_state(event.id, entry_id, "excuse", actor="staff:1", reason="出差")
    assert [row.reason for row in namesakes.expected_as(event.id, came.sign_in_id)] == ["出差"]
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert figures(event) == (1, 0, 1, 0) and events.counts(event.id).excused == 0
    ties.separate(event.id, came.sign_in_id, HAND)
    assert figures(event) == (1, 1, 0, 0) and events.counts(event.id).excused == 1
    entry = db.session.get_one(RosterEntry, entry_id, populate_existing=True)
    assert (entry.state, entry.reason) == ("excused", "出差")


def test_a_repeat_changes_nothing_also_by_its_key_after_others_changed_it(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    keyed = Hand("staff:1", "k1")
    for _ in range(2):
        assert ties.tie(event.id, came.sign_in_id, entry_id, keyed).code == "tied"
    assert ties.tie(event.id, came.sign_in_id, entry_id, Hand("staff:2")).code == "tied", "another tablet"
    ties.separate(event.id, came.sign_in_id, HAND)
    ties.separate(event.id, came.sign_in_id, Hand("staff:2"))
    assert ties.tie(event.id, came.sign_in_id, entry_id, keyed).code == "tied", "the late retry of an act that was done"
    assert figures(event) == (1, 1, 0, 1)
    assert [action for action, _ in actions(came.sign_in_id)] == ["sign_in.tie", "sign_in.separate"]


def _filled(event: EventView, entry_id: int, came: SignInResult) -> None:
    sign_in(event, enterprise("吕明燕", organisation_name=KAICHUANG, mobile="13800130445"))


def _replaced(event: EventView, entry_id: int, came: SignInResult) -> None:
    hand_work.sign_in_walk_in(event, enterprise("代会人", mobile=None), Hand("staff:1"), replaces_id=entry_id)


def _void(event: EventView, entry_id: int, came: SignInResult) -> None:
    corrections.void(came.sign_in_id, staff_id=None)


def _corrected(event: EventView, entry_id: int, came: SignInResult) -> None:
    hand_work.correct(event, came.sign_in_id, {"name": "吕明艳"}, Hand("staff:1"))


def _removed(event: EventView, entry_id: int, came: SignInResult) -> None:
    rosters.remove(event.id, entry_id, actor="staff:1")


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [(_filled, "has_arrived"), (_replaced, "is_replaced"), (_void, "is_void"), (_corrected, "changed_meanwhile"),
     (_removed, "changed_meanwhile")],
)  # fmt: skip
def test_what_happened_meanwhile_is_said_and_nothing_changes(both_app: Flask, meanwhile: object, code: str) -> None:
    event, entry_id, came = came_as_walk_in()
    meanwhile(event, entry_id, came)  # type: ignore[operator]
    before = figures(event)
    with pytest.raises(Refused) as refusal:
        ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert refusal.value.code == code
    assert figures(event) == before


def test_only_what_was_tied_is_separated(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    with pytest.raises(Refused, match="changed_meanwhile"):
        ties.separate(event.id, came.sign_in_id, HAND)
    ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    assert ties.tied_to(event.id, came.sign_in_id) == entry_id
    corrections.void(came.sign_in_id, staff_id=None)
    assert ties.tied_to(event.id, came.sign_in_id) is None
    with pytest.raises(Refused, match="is_void"):
        ties.separate(event.id, came.sign_in_id, HAND)
    corrections.restore(came.sign_in_id, staff_id=None)
    assert figures(event) == (1, 0, 1, 0), "a void and its undo keep the place"
    listed = sign_in(make_event(), guest())
    assert ties.tied_to(event.id, listed.sign_in_id) is None
    with pytest.raises(Unknown):
        ties.tie(event.id, listed.sign_in_id, entry_id, HAND)


def test_an_import_s_tie_is_separated_as_well(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [replace(LV, name="别人")], actor="staff:1")
    came = sign_in(event, enterprise("吕明燕", organisation_name=KAICHUANG, mobile="13800130445"))
    roster_writing.write(event.id, [LV], actor="staff:1")
    assert row_of(came.sign_in_id).roster_entry_id is not None
    assert figures(event) == (1, 0, 1, 1)
    ties.separate(event.id, came.sign_in_id, HAND)
    assert figures(event) == (1, 1, 0, 2)


def test_a_purged_event_ties_nobody(both_app: Flask) -> None:
    event, entry_id, came = came_as_walk_in()
    purges.begin(event, "event", "staff:1")
    with pytest.raises(EventCleared):
        ties.tie(event.id, came.sign_in_id, entry_id, HAND)
    with pytest.raises(EventCleared):
        ties.set_different(event.id, came.sign_in_id, entry_id, HAND, are_different=True)


def test_pupils_of_one_name_are_asked_about_for_staff(both_app: Flask) -> None:
    event = make_event()
    pupil = RosterRow("student", "李明", "四棵中学", class_name="初二(3)班")
    roster_writing.write(event.id, [pupil], actor="staff:1")
    came = sign_in(event, student(class_name="初二(4)班"))
    assert asked(missing_rows(event)) == [("李明", ["四棵中学"])]
    ties.tie(event.id, came.sign_in_id, rosters.entries(event.id)[0].id, HAND)
    assert figures(event) == (1, 0, 1, 0)
