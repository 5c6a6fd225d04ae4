"""An event that is put into another campaign takes its people along, so that nobody is counted or kept twice."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Event, Participant, Proof, SignIn
from kiosk.services import tallies
from kiosk.services.door import corrections
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.services.proofs import issuing, subjects
from kiosk.services.refusals import Refused
from kiosk.services.reports import counting
from kiosk.services.reports.counting import ReportFigures
from kiosk.services.sign_in import sign_ins
from tests.aids.factories import enterprise, guest, make_event, merge, request_for, sign_in, student


def a_campaign(title: str = "质量月") -> int:
    return campaigns.create(campaigns.CampaignDraft(title=title)).id


def move(event: EventView, campaign_id: int) -> EventView:
    return events.update(event.code, replace(events.draft_of(events.get(event.code)), campaign_id=campaign_id))


def figures(campaign_id: int) -> ReportFigures:
    db.session.rollback()
    return counting.figures(campaign_id)


def participants_of(campaign_id: int) -> list[str]:
    db.session.rollback()
    statement = select(Participant.name).where(Participant.campaign_id == campaign_id).order_by(Participant.name)
    return list(db.session.scalars(statement))


def test_who_was_at_a_moved_event_and_at_another_one_is_one_person(both_app: Flask) -> None:
    month = a_campaign()
    inside, outside = make_event(campaign_id=month), make_event()
    for event in (inside, outside):
        sign_in(event, enterprise())
        sign_in(event, student("李明", student_no="20230301"))
        sign_in(event, guest("张三", mobile="13911112222"))
    sign_in(outside, guest("没留手机的人"))
    assert figures(month).people == 3
    move(outside, month)
    found = figures(month)
    assert (found.events, found.attendances, found.people, found.students) == (2, 7, 4, 1)
    assert participants_of(outside.campaign_id) == []


def test_a_repeat_after_the_move_finds_the_first_sign_in_and_later_events_the_person(both_app: Flask) -> None:
    month = a_campaign()
    event = make_event()
    first = sign_in(event, enterprise())
    moved = move(event, month)
    for known in (moved, event):  # the page may have been opened before the move
        again = sign_ins.sign_in(request_for(known, enterprise()))
        assert (again.is_repeat, again.sign_in_id) == (True, first.sign_in_id)
    sign_in(make_event(campaign_id=month), enterprise())
    assert (figures(month).attendances, figures(month).people) == (2, 1)


def test_who_is_needed_in_the_old_campaign_stays_there_too(both_app: Flask) -> None:
    month = a_campaign()
    going, staying = make_event(title="去"), make_event(title="留")
    for event in (going, staying):
        sign_in(event, enterprise())
    sign_in(going, guest())
    sign_in(staying, guest())
    move(going, month)
    assert (figures(month).people, figures(going.campaign_id).people) == (2, 2)
    assert participants_of(month) == participants_of(going.campaign_id) == ["张爱国", "王强"]
    move(going, going.campaign_id)
    assert (figures(going.campaign_id).attendances, figures(going.campaign_id).people) == (4, 3)
    assert participants_of(month) == []


def test_pupils_of_schools_that_are_one_now_stay_two_rows_where_both_signed_in(both_app: Flask) -> None:
    month, event = a_campaign(), make_event()
    for school in ("四棵中学", "大冶市四棵中学"):
        sign_in(event, student("李明", student_no="7", organisation_name=school), is_another=True)
    sign_in(make_event(campaign_id=month), student("李明", student_no="7"))
    merge("大冶市四棵中学", "四棵中学")
    move(event, month)
    assert (figures(month).attendances, figures(month).people) == (3, 2)


def test_a_proof_follows_its_person_and_is_not_made_twice(both_app: Flask) -> None:
    month = a_campaign()
    event = make_event(credited_hours=4.0)
    sign_in(make_event(campaign_id=month), enterprise())
    sign_in(event, enterprise())
    issuing.issue(subjects.of_event(event), staff_id=None)
    number = db.session.scalar(select(Proof.number))
    moved = subjects.of_event(move(event, month))
    assert subjects.waiting_ids(moved) == []
    issuing.issue(moved, staff_id=None)
    db.session.rollback()
    proof = db.session.scalars(select(Proof)).one()
    assert proof.number == number
    assert proof.participant_id == db.session.scalar(select(SignIn.participant_id).where(SignIn.event_id == event.id))


def test_a_purge_after_a_move_leaves_nobody_behind(both_app: Flask) -> None:
    month, event = a_campaign(), make_event()
    sign_in(event, enterprise("王小强"))
    purges.purge_event(move(event, month), "staff:1")
    db.session.rollback()
    assert db.session.scalars(select(Participant.name).where(Participant.name != "")).all() == []
    assert db.session.scalars(select(Participant.mobile).where(Participant.mobile.is_not(None))).all() == []


STEPS = st.tuples(st.sampled_from(("come", "void", "restore", "move", "move")), st.integers(0, 2), st.integers(0, 3))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=12))
def test_after_any_moves_the_people_of_each_campaign_are_those_who_came(app: Flask, steps: list[Any]) -> None:
    """Each of four people has a name of their own, so that names, which nothing is counted by, can say who came."""
    month, other = a_campaign(), a_campaign("别的")
    held = [make_event(campaign_id=month), make_event(campaign_id=month), make_event(campaign_id=other)]
    people = (
        enterprise("甲"),
        enterprise("乙", mobile="13911112222"),
        guest("丙", mobile="13911113333"),
        student("丁", student_no="7"),
    )
    for one in held:
        sign_in(one, people[0])
        sign_in(one, people[3])
    for what, event, number in steps:
        mine = [row.id for row in db.session.query(SignIn).filter(SignIn.event_id == held[event].id)]
        db.session.rollback()
        if what == "come":
            sign_in(held[event], people[number])
        elif what == "move":
            move(held[event], (month, other)[number % 2])
        elif mine:
            with contextlib.suppress(Refused):
                change = corrections.void if what == "void" else corrections.restore
                change(mine[number % len(mine)], staff_id=None)
    for campaign_id in (month, other):
        came = (
            db.session.query(SignIn.name)
            .join(Event, Event.id == SignIn.event_id)
            .filter(Event.campaign_id == campaign_id, SignIn.voided_at.is_(None))
        )
        names = [name for (name,) in came]
        found = figures(campaign_id)
        assert (found.attendances, found.people) == (len(names), len(set(names)))
    assert tallies.recount() == ()
