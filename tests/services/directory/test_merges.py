"""Organisations that are one: merged, undone, and counted by their root everywhere, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Organisation, OrganisationMerge, Participant, SignIn
from kiosk.services import enterprises, tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards, missing
from kiosk.services.board.people import PeopleFilter, search
from kiosk.services.codes import new_token
from kiosk.services.directory import merges
from kiosk.services.door import corrections, hand_work, look_ups
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.reports import counting, paragraph
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, merge, organisation_id, sheet_of, sign_in, student, unmerge

FULL, SHORT, LOCAL = "湖北东贝制冷有限公司", "东贝制冷", "黄石东贝制冷有限公司"
CABLE = "湖北航天电缆有限公司"


def of(name: str, organisation: str, number: int) -> Any:
    return enterprise(name, organisation_name=organisation, mobile=f"1380013800{number}")


def three_enterprises(**settings: object) -> EventView:
    """An event to which one enterprise came under two names, and another one."""
    event = make_event(**settings)
    for number, (name, organisation) in enumerate((("甲", FULL), ("乙", SHORT), ("丙", CABLE))):
        sign_in(event, of(name, organisation, number))
    return event


def written() -> list[tuple[str, str]]:
    """Return who stands with which organisation, as the rows have it."""
    db.session.rollback()
    statement = select(SignIn.name, Organisation.name).join(Organisation, Organisation.id == SignIn.organisation_id)
    return sorted(map(tuple, db.session.execute(statement)))  # type: ignore[arg-type]


def bars(event: EventView) -> dict[str | None, int]:
    db.session.rollback()
    return {bar.label: bar.count for bar in dashboards.read(event).organisations}


def trees() -> list[tuple[int, int | None, int | None]]:
    db.session.rollback()
    columns = (Organisation.id, Organisation.merged_into_id, Organisation.root_id)
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(Organisation.id))]


def test_merge_counts_two_as_one_at_once_rewrites_no_sign_in_and_is_undone(both_app: Flask) -> None:
    event = three_enterprises()
    before, counted = written(), bars(event)
    assert enterprises.count([event.id]) == 3

    merge(SHORT, FULL)
    assert enterprises.count([event.id]) == 2
    assert bars(event) == {FULL: 2, CABLE: 1}
    found = search(event.id, PeopleFilter(organisation_id=organisation_id(FULL)))
    assert [row.name for row in found.rows] == ["乙", "甲"]
    assert [row.name for row in search(event.id, PeopleFilter(typed="湖北东贝")).rows] == ["乙", "甲"]
    assert written() == before and tallies.recount() == ()

    unmerge(SHORT)
    assert enterprises.count([event.id]) == 3
    assert bars(event) == counted
    assert written() == before and tallies.recount() == ()


def test_a_merge_changes_the_enterprises_by_one_in_dashboard_sheet_and_report_and_its_undo_changes_them_back(
    both_app: Flask,
) -> None:
    event = three_enterprises(starts_at=utcnow() - timedelta(hours=2), ends_at=utcnow() - timedelta(hours=1))
    assert said_everywhere(event) == (3, "3 家", 3, "3家")
    merge(SHORT, FULL)
    assert said_everywhere(event) == (2, "2 家", 2, "2家")
    unmerge(SHORT)
    assert said_everywhere(event) == (3, "3 家", 3, "3家")


def said_everywhere(event: EventView) -> tuple[int, str, int, str]:
    """Return how many enterprises the dashboard, the sheet's foot, the report and its paragraph say."""
    db.session.rollback()
    figures = counting.figures(event.campaign_id)
    foot = dict(sheet_of(event, "zh").foot)
    in_words = re.search(r"\d+家", paragraph.draft(figures).zh)
    assert in_words is not None
    return dashboards.read(event).enterprises, foot["企业"], figures.enterprises, in_words[0]


def test_who_signs_in_under_a_merged_name_counts_with_the_root_and_goes_back_with_the_undo(both_app: Flask) -> None:
    event = three_enterprises()
    merge(SHORT, FULL)
    sign_in(event, of("丁", SHORT, 7))
    assert bars(event) == {FULL: 3, CABLE: 1}
    assert ("丁", SHORT) in written()
    unmerge(SHORT)
    assert bars(event) == {FULL: 1, SHORT: 2, CABLE: 1}
    assert tallies.recount() == ()


@pytest.mark.parametrize("first, second", [(SHORT, LOCAL), (LOCAL, SHORT)])
def test_merges_above_one_another_are_undone_in_any_order(both_app: Flask, first: str, second: str) -> None:
    event = make_event()
    for number, name in enumerate((SHORT, LOCAL, FULL)):
        sign_in(event, of("甲乙丙"[number], name, number))
    apart = trees()
    merge(SHORT, LOCAL)
    short_in_local = trees()
    merge(LOCAL, FULL)
    assert bars(event) == {FULL: 3}

    unmerge(first)
    assert bars(event) == ({SHORT: 1, FULL: 2} if first == SHORT else {LOCAL: 2, FULL: 1})
    if first == LOCAL:
        assert trees() == short_in_local
    unmerge(second)
    assert bars(event) == {SHORT: 1, LOCAL: 1, FULL: 1}
    assert trees() == apart


def test_merging_into_what_was_merged_means_its_root(both_app: Flask) -> None:
    organisations.add_many([SHORT, LOCAL, FULL], "enterprise")
    merge(LOCAL, FULL)
    assert merge(SHORT, LOCAL).into_id == organisation_id(FULL)


def test_circle_a_second_parent_and_the_unknown_are_refused(both_app: Flask) -> None:
    organisations.add_many([SHORT, LOCAL, FULL, CABLE], "enterprise")
    merge(SHORT, LOCAL)
    merge(LOCAL, FULL)
    for name, into, code in (
        (FULL, FULL, "is_itself"),
        (FULL, SHORT, "is_itself"),
        (SHORT, CABLE, "merged_already"),
    ):
        with pytest.raises(Refused) as refused:
            merge(name, into)
        assert refused.value.code == code
    for act in (lambda: merges.merge(99, 1, actor="staff:1"), lambda: merges.undo(99, actor="staff:1")):
        with pytest.raises(Unknown):
            act()


def test_same_merge_or_undo_again_changes_nothing_and_each_is_logged_once(both_app: Flask) -> None:
    organisations.add_many([SHORT, FULL], "enterprise")
    assert [merge(SHORT, FULL).is_changed for _ in range(2)] == [True, False]
    assert [unmerge(SHORT).is_changed for _ in range(2)] == [True, False]
    db.session.rollback()
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("organisation.%merge"))).all()
    subject = f"organisation:{organisation_id(SHORT)}"
    assert [(entry.action, entry.subject, entry.changed) for entry in logged] == [
        ("organisation.merge", subject, {"into": organisation_id(FULL)}),
        ("organisation.unmerge", subject, {"into": organisation_id(FULL)}),
    ]
    (kept,) = db.session.scalars(select(OrganisationMerge)).all()
    assert (kept.merged_by, kept.undone_at is not None) == ("staff:1", True)


def test_two_merges_at_once_draw_no_circle(
    tmp_path: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_root = merges._set_root

    def set_root_slowly(*arguments: Any) -> None:
        time.sleep(0.2)  # without turns the other one has looked by then
        set_root(*arguments)

    monkeypatch.setattr(merges, "_set_root", set_root_slowly)

    def attempt(app: Flask, pair: tuple[int, int]) -> str:
        with app.app_context():
            try:
                merges.merge(*pair, actor="staff:1")
            except Refused as refused:
                return refused.code
            return "merged"

    with postgres_server.database() as url:
        workers = [build_app(tmp_path / name, KIOSK_DATABASE_URL=url) for name in ("one", "two")]
        with workers[0].app_context():
            organisations.add_many([SHORT, FULL], "enterprise")
            short, full = organisation_id(SHORT), organisation_id(FULL)
            with ThreadPoolExecutor(2) as pool:
                outcomes = list(pool.map(attempt, workers, [(short, full), (full, short)]))
            assert sorted(outcomes) == ["is_itself", "merged"]
        for app in workers:
            with app.app_context():
                close(app)


def test_student_of_a_merged_school_is_one_person_under_both_names(both_app: Flask) -> None:
    first, second = make_event(), make_event()
    sign_in(first, student(organisation_name="四棵中学", student_no="0305"))
    sign_in(first, student("赵敏", organisation_name="四棵初级中学", student_no="0999"))
    merge("四棵中学", "四棵初级中学")
    sign_in(second, student(organisation_name="四棵初级中学", student_no="0305"))
    assert sign_in(first, student(organisation_name="四棵初级中学", student_no="0305")).is_repeat
    assert len(db.session.scalars(select(Participant)).all()) == 2


def test_one_of_that_name_from_a_merged_organisation_is_asked(both_app: Flask) -> None:
    event = make_event(field_modes={"enterprise.mobile": "hidden"})
    sign_in(event, enterprise("甲", organisation_name=FULL, mobile=None))
    sign_in(event, enterprise("乙", organisation_name=SHORT, mobile=None))
    merge(SHORT, FULL)
    with pytest.raises(SamePersonAsked):
        sign_in(event, enterprise("甲", organisation_name=SHORT, mobile=None))


def test_seats_are_filled_by_people_who_write_a_merged_name_their_own_first(both_app: Flask) -> None:
    event = make_event()
    rows = (RosterRow("enterprise", organisation_name=FULL, seats=1),
            RosterRow("enterprise", organisation_name=SHORT, seats=2))  # fmt: skip
    roster_writing.write(event.id, rows, actor="staff:1")
    merge(SHORT, FULL)
    organisations.add_many([LOCAL], "enterprise")
    merge(LOCAL, FULL)
    sign_in(event, of("甲", SHORT, 1))
    assert [seats.filled for seats in rosters.seats(event.id)] == [0, 1]
    sign_in(event, of("乙", LOCAL, 2))
    sign_in(event, of("丙", LOCAL, 3))
    sign_in(event, of("丁", LOCAL, 4))
    assert [seats.filled for seats in rosters.seats(event.id)] == [1, 2]
    assert (events.counts(event.id).walk_ins, events.counts(event.id).missing) == (1, 0)
    assert tallies.recount() == ()


def test_listed_person_is_known_under_a_merged_name_and_their_colleague_replaced(both_app: Flask) -> None:
    event = make_event()
    rows = (RosterRow("enterprise", "甲", FULL), RosterRow("enterprise", "乙", FULL))
    roster_writing.write(event.id, rows, actor="staff:1")
    organisations.add_many([SHORT, LOCAL], "enterprise")
    merge(SHORT, LOCAL)
    merge(LOCAL, FULL)
    sign_in(event, of("甲", SHORT, 1))
    assert [entry.has_arrived for entry in rosters.entries(event.id)] == [True, False]
    assert look_ups.to_replace(event.id, "乙", SHORT) == rosters.entries(event.id)[1].id


def test_missing_are_counted_by_the_root_at_once_and_seats_of_both_are_one(both_app: Flask) -> None:
    event = make_event()
    rows = (RosterRow("enterprise", organisation_name=FULL, seats=2),
            RosterRow("enterprise", organisation_name=SHORT, seats=3))  # fmt: skip
    roster_writing.write(event.id, rows, actor="staff:1")
    assert len(gaps(event)) == 2
    merge(SHORT, FULL)
    sign_in(event, of("甲", SHORT, 1))
    (gap,) = gaps(event)
    assert (gap.organisation, gap.equation.listed, gap.equation.expected, gap.free) == (FULL, 1, 5, 4)
    unmerge(SHORT)
    assert {(gap.organisation, gap.equation.listed, gap.equation.expected) for gap in gaps(event)} == {
        (FULL, 0, 2),
        (SHORT, 1, 3),
    }


def test_bulletin_names_the_missing_under_the_root_s_name(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(
        event.id, [RosterRow("enterprise", "甲", FULL), RosterRow("enterprise", "乙", SHORT)], actor="staff:1"
    )
    assert missing.names(event.id) == ((FULL, ("甲",)), (SHORT, ("乙",)))
    merge(SHORT, FULL)
    assert missing.names(event.id) == ((FULL, ("甲", "乙")),)


def gaps(event: EventView) -> tuple[missing.Gap, ...]:
    db.session.rollback()
    found = dashboards.read(event).missing
    return found.gaps if found else ()


def test_completion_gives_the_root_s_name_for_whatever_was_merged(both_app: Flask) -> None:
    organisations.add_many([FULL], "enterprise")
    event = make_event()
    sign_in(event, of("甲", "东贝压缩机", 1))
    assert organisations.complete("压缩机") == ()
    merge("东贝压缩机", FULL)
    assert organisations.complete("压缩机") == (FULL,)
    assert organisations.complete("东贝") == (FULL,)
    roster_writing.write(event.id, [RosterRow("enterprise", "乙", "东贝压缩机")], actor="staff:1")
    assert organisations.complete("压缩机", event_id=event.id) == (FULL,)


def test_open_screens_of_the_events_it_touches_look_again(both_app: Flask) -> None:
    touched, expecting, other = three_enterprises(), make_event(), make_event()
    roster_writing.write(expecting.id, [RosterRow("enterprise", "乙", SHORT)], actor="staff:1")
    sign_in(other, of("丁", CABLE, 8))
    before = [dashboards.revision(event.id) for event in (touched, expecting, other)]
    merge(SHORT, FULL)
    db.session.rollback()
    assert [dashboards.revision(event.id) for event in (touched, expecting, other)] == [
        before[0] + 1,
        before[1] + 1,
        before[2],
    ]


NAMES = (FULL, SHORT, LOCAL, CABLE)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("sign_in", "sign_in", "sign_in", "merge", "merge", "undo", "void", "restore", "correct")),
        st.integers(0, 63),
    ),
    max_size=24,
)


def take(event: EventView, step: str, number: int) -> None:
    one, other = NAMES[number % 4], NAMES[number // 4 % 4]
    if step == "sign_in":
        sign_in(event, of("甲乙丙丁"[number % 4], other, number % 8), is_another=True)
    elif step == "merge":
        merge(one, other)
    elif step == "undo":
        unmerge(one)
    else:
        ids = db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id)).all()
        db.session.rollback()
        if ids and step == "correct":
            hand = Hand("staff:1", new_token())
            hand_work.correct(event, ids[number % len(ids)], {"organisation_name": other}, hand)
        elif ids:
            getattr(corrections, step)(ids[number % len(ids)], staff_id=None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_merges_the_tallies_equal_the_rows_and_every_undo_gives_back(
    both_app: Flask, steps: list[tuple[str, int]]
) -> None:
    organisations.add_many(list(NAMES), "enterprise")
    for name in NAMES:
        unmerge(name)  # of the example before
    event = make_event()
    roster_writing.write(event.id, [RosterRow("enterprise", organisation_name=FULL, seats=2)], actor="staff:1")
    for step, number in steps:
        try:
            take(event, step, number)
        except Refused:
            continue
    assert_trees_agree()
    assert tallies.recount() == ()
    by_name = Counter(
        organisation
        for state, voided_at, organisation in db.session.execute(
            select(SignIn.state, SignIn.voided_at, Organisation.name)
            .join(Organisation, Organisation.id == SignIn.organisation_id)
            .where(SignIn.event_id == event.id)
        )
        if voided_at is None and state == "arrived"
    )
    for name in NAMES:
        unmerge(name)
    assert_trees_agree()
    assert Counter({label: count for label, count in bars(event).items() if count}) == by_name
    assert enterprises.count([event.id]) == len(by_name)


def assert_trees_agree() -> None:
    """The root that is kept is the one that the edges lead to."""
    edges = {one: into for one, into, _ in trees()}
    for one, into, root in trees():
        top = one
        for _ in edges:
            top = edges[top] or top
        assert root == (None if into is None else top)
