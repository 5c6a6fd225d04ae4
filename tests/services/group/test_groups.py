"""Group sign-in: all or none, once, correctable, counted on leaving; on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, GroupSignIn, HeadCount, SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.door import links
from kiosk.services.door.links import LinkView
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_changes, group_views, groups
from kiosk.services.group.group_views import GroupView
from kiosk.services.group.groups import Absent, GroupPerson, Submission
from kiosk.services.refusals import SignInRefused, Unknown
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids.factories import LEFT_OPEN, guest, make_event, sign_in, student, ticket_for

CLASS = "初二(3)班"
PUPILS = tuple(f"{surname}{given}" for surname in "赵钱孙李周" for given in ("明", "丽", "建国", "晓东"))


def school_event(**changes: Any) -> EventView:
    return make_event(**{"kinds": [{"kind": "student"}], **changes})


def submission(event: EventView, *names: str, **changes: Any) -> Submission:
    people = tuple(GroupPerson(student(name)) for name in names)
    values = {"organisation_name": "四棵中学", "class_name": CLASS, "has_consented": True, "ticket": ticket_for(event)}
    return Submission(**{"event": event, "people": people, **values, **changes})


def group_of(token: str) -> GroupView:
    found = group_views.find(token)
    assert found is not None
    return found


def class_with_link(event: EventView, *names: str) -> tuple[LinkView, str]:
    """Put a class on the roster, and one pupil of another; return the link for the class."""
    rows = [RosterRow("student", name, "四棵中学", class_name=CLASS) for name in names or PUPILS]
    roster_writing.write(
        event.id, [*rows, RosterRow("student", "吴别班", "四棵中学", class_name="初二(4)班")], actor="staff:1"
    )
    token = links.make(event.id, "group", "王老师", staff_id=None, group_name=CLASS)
    link = links.find(token, "group")
    assert link is not None
    return link, token


def from_link(event: EventView, link: LinkView, **reasons: str) -> Submission:
    """Submit the link's class: whoever has a reason is absent, all others are there."""
    entries = groups.part_of_roster(event.id, link.group_name)
    return Submission(
        event=event,
        ticket=groups.ticket_of_link(link),
        people=tuple(GroupPerson(entry.details(), entry.id) for entry in entries if entry.name not in reasons),
        absent=tuple(Absent(e.name, reasons[e.name], e.id) for e in entries if e.name in reasons),
        link=link,
        has_consented=True,
    )


def refusal_of(given: Submission) -> SignInRefused:
    with pytest.raises(SignInRefused) as refused:
        groups.submit(given)
    return refused.value


def test_twenty_pupils_are_signed_in_together(both_app: Flask) -> None:
    event = school_event()
    group = group_of(groups.submit(submission(event, *PUPILS)))
    assert (group.here, group.total, group.title) == (20, 20, CLASS)
    assert events.counts(event.id).arrived == 20
    rows = db.session.scalars(select(SignIn)).all()
    assert {row.method for row in rows} == {"group"} and {row.group_sign_in_id for row in rows} == {group.id}
    assert tallies.recount() == ()


def test_the_same_submission_again_leaves_one_group_at_one_address(both_app: Flask) -> None:
    event = school_event()
    given = submission(event, "李明", "王丽")
    assert groups.submit(given) == groups.submit(given)
    assert events.counts(event.id).arrived == 2
    assert len(db.session.scalars(select(GroupSignIn)).all()) == 1
    assert tallies.recount() == ()


def test_a_late_retry_gets_its_answer_although_the_event_has_closed(both_app: Flask) -> None:
    event = school_event()
    given = submission(event, "李明")
    token = groups.submit(given)
    events.close(event.code)
    assert groups.submit(given) == token
    assert refusal_of(submission(event, "王丽")).code == "closed"


def test_back_and_a_longer_list_adds_to_the_same_group(both_app: Flask) -> None:
    event = school_event()
    ticket = ticket_for(event)
    token = groups.submit(submission(event, "李明", ticket=ticket))
    assert groups.submit(submission(event, "李明", "王丽", ticket=ticket)) == token
    assert group_of(token).here == events.counts(event.id).arrived == 2


def test_two_of_one_name_in_one_list_are_two_people(both_app: Flask) -> None:
    event = school_event()
    people = (GroupPerson(student("李明")), GroupPerson(student("李明"), is_another=True))
    given = submission(event, people=people)
    token = groups.submit(given)
    groups.submit(given)
    assert group_of(token).here == events.counts(event.id).arrived == 2
    assert tallies.recount() == ()


def test_one_who_is_in_doubt_keeps_everybody_out(both_app: Flask) -> None:
    event = school_event()
    sign_in(event, student("王丽"))
    refused = refusal_of(submission(event, "李明", "王丽", "赵敏"))
    assert refused.code == "people" and {n: mark.code for n, mark in refused.about["marks"].items()} == {1: "asked"}
    assert events.counts(event.id).arrived == 1
    assert db.session.scalar(select(GroupSignIn.id)) is None
    assert tallies.recount() == ()


def test_too_few_places_are_given_to_nobody(both_app: Flask) -> None:
    event = school_event(capacity=4)
    sign_in(event, student("先到"))
    refused = refusal_of(submission(event, *PUPILS[:4]))
    assert (refused.code, refused.about) == ("too_few_places", {"count": 3})
    assert events.counts(event.id).arrived == 1
    groups.submit(submission(event, *PUPILS[:3]))
    assert events.counts(event.id).arrived == 4
    assert tallies.recount() == ()


def test_a_class_is_not_torn_apart_by_the_waiting_list(both_app: Flask) -> None:
    event = school_event(capacity=2, full_policy="wait_list")
    assert refusal_of(submission(event, "李明", "王丽", "赵敏")).code == "too_few_places"
    counts = events.counts(event.id)
    assert (counts.arrived, counts.wait_listed) == (0, 0)


def test_the_list_of_groups_counts_who_has_arrived_and_not_who_waits(both_app: Flask) -> None:
    event = school_event(walk_in_policy="wait_list")
    roster_writing.write(event.id, [RosterRow("student", "李明", "四棵中学", class_name=CLASS)], actor="staff:1")
    group = group_of(groups.submit(submission(event, "李明", "王丽")))
    assert (group.here, group.waiting) == (2, 1)
    (row,) = group_views.list_of(event.id)
    assert row.arrived == events.counts(event.id).arrived == 1


def test_names_outside_the_roster_are_marked_where_walk_ins_are_refused(both_app: Flask) -> None:
    event = school_event(walk_in_policy="refuse")
    roster_writing.write(event.id, [RosterRow("student", "李明", "四棵中学", class_name=CLASS)], actor="staff:1")
    refused = refusal_of(submission(event, "李明", "王丽"))
    assert {n: mark.code for n, mark in refused.about["marks"].items()} == {1: "not_listed"}
    assert events.counts(event.id).arrived == 0


@pytest.mark.parametrize("are_minors", [True, False])
def test_minors_need_the_school_s_confirmation_and_it_is_kept(both_app: Flask, are_minors: bool) -> None:
    event = school_event(are_students_minors=are_minors)
    given = submission(event, "李明", has_consented=False)
    if are_minors:
        assert refusal_of(given).code == "consent"
        given = submission(event, "李明")
    assert group_of(groups.submit(given)).has_guardian_consent is are_minors


def test_guests_need_none_where_the_notice_is_a_statutory_duty(both_app: Flask) -> None:
    event = make_event(notice_basis="statutory")
    token = groups.submit(submission(event, people=(GroupPerson(guest()),), has_consented=False))
    assert not group_of(token).has_guardian_consent


def test_more_than_a_coach_full_is_refused(both_app: Flask) -> None:
    event = school_event()
    assert refusal_of(submission(event, *(f"学生{n}" for n in range(61)))).code == "too_many"
    assert refusal_of(submission(event)).code == "nobody"


def test_a_link_signs_its_class_in_and_excuses_the_absent(both_app: Flask) -> None:
    event = school_event()
    link, _ = class_with_link(event)
    group = group_of(groups.submit(from_link(event, link, 赵明="sick", 李丽="personal")))
    assert (group.here, group.total, group.excused) == (18, 20, 2)
    counts = events.counts(event.id)
    assert (counts.expected, counts.listed_arrived, counts.excused, counts.missing) == (21, 18, 2, 1)
    states = {entry.name: (entry.state, entry.reason) for entry in rosters.entries(event.id)}
    assert states["赵明"] == ("excused", "sick") and states["吴别班"] == ("expected", None)
    assert tallies.recount() == ()


def test_a_link_has_one_group_from_however_many_phones(both_app: Flask) -> None:
    event = school_event()
    link, _ = class_with_link(event, "李明", "王丽")
    given = from_link(event, link, 王丽="sick")
    assert groups.submit(given) == groups.submit(given)
    assert (events.counts(event.id).arrived, events.counts(event.id).excused) == (1, 1)
    assert tallies.recount() == ()


def test_a_pupil_who_came_through_another_door_belongs_to_the_class(both_app: Flask) -> None:
    event = school_event()
    link, _ = class_with_link(event, "李明", "王丽")
    sign_in(event, student("李明"))
    group = group_of(groups.submit(from_link(event, link)))
    assert (group.here, group.total) == (2, 2)
    assert events.counts(event.id).arrived == 2


def test_a_link_works_although_the_event_is_closed_or_full(both_app: Flask) -> None:
    event = school_event(capacity=1)
    link, _ = class_with_link(event, "李明", "王丽")
    events.close(event.code)
    groups.submit(from_link(event, link))
    assert events.counts(event.id).arrived == 2


def test_one_who_came_late_is_signed_in_and_no_longer_excused(both_app: Flask) -> None:
    event = school_event()
    link, _ = class_with_link(event, "李明", "王丽")
    token = groups.submit(from_link(event, link, 王丽="sick"))
    group = group_of(token)
    group_changes.sign_in_missing(group, event, ticket_for(event), group.missing[0])
    counts = events.counts(event.id)
    assert (group_of(token).here, counts.arrived, counts.excused) == (2, 2, 0)
    assert tallies.recount() == ()


def test_one_more_is_added_by_name_and_asked_for_when_the_name_is_there(both_app: Flask) -> None:
    event = school_event()
    token = groups.submit(submission(event, "李明"))
    group = group_of(token)
    group_changes.add_late(group, event, ticket_for(event), "王丽")
    with pytest.raises(SamePersonAsked):
        group_changes.add_late(group, event, ticket_for(event), "王丽")
    group_changes.add_late(group, event, ticket_for(event), "王丽", is_another=True)
    assert [one.name for one in group_of(token).members] == ["李明", "王丽", "王丽"]
    row = db.session.scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert row is not None and (row.organisation_name, row.class_name) == ("四棵中学", CLASS)


def test_a_public_group_s_addition_keeps_to_the_event_s_hours(both_app: Flask) -> None:
    event = school_event()
    group = group_of(groups.submit(submission(event, "李明")))
    events.close(event.code)
    with pytest.raises(SignInRefused):
        group_changes.add_late(group, event, ticket_for(event), "王丽")


def test_one_is_taken_back_with_a_trace_and_given_back(both_app: Flask) -> None:
    event = school_event()
    token = groups.submit(submission(event, "李明", "王丽"))
    group = group_of(token)
    group_changes.take_back(group, group.members[0].sign_in_id)
    group_changes.take_back(group, group.members[0].sign_in_id)
    after = group_of(token)
    assert ([one.name for one in after.members], [one.name for one in after.taken_back]) == (["王丽"], ["李明"])
    assert events.counts(event.id).arrived == 1
    assert [change.change for change in db.session.scalars(select(SignInChange))] == ["void"]
    actors = {
        entry.actor for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.void"))
    }
    assert actors == {f"group_sign_in:{group.id}"}
    group_changes.give_back(after, group.members[0].sign_in_id)
    assert events.counts(event.id).arrived == 2
    assert tallies.recount() == ()


def test_a_submission_that_is_sent_again_leaves_a_taken_back_one_alone(both_app: Flask) -> None:
    event = school_event()
    given = submission(event, "李明", "王丽")
    group = group_of(groups.submit(given))
    group_changes.take_back(group, group.members[0].sign_in_id)
    groups.submit(given)
    assert events.counts(event.id).arrived == 1


def test_nobody_else_s_sign_in_is_taken_back(both_app: Flask) -> None:
    event = school_event()
    other = sign_in(event, student("别人", class_name="初二(4)班"))
    group = group_of(groups.submit(submission(event, "李明")))
    with pytest.raises(Unknown):
        group_changes.take_back(group, other.sign_in_id)
    assert events.counts(event.id).arrived == 2


def test_reasons_change_on_the_roster_and_in_a_pasted_list(both_app: Flask) -> None:
    event = school_event()
    link, _ = class_with_link(event, "李明", "王丽")
    listed = groups.submit(from_link(event, link, 王丽="sick"))
    group_changes.set_reason(group_of(listed), group_of(listed).missing[0], None)
    assert (events.counts(event.id).excused, group_of(listed).excused) == (0, 0)
    pasted = groups.submit(submission(event, "赵敏", absent=(Absent("孙某", "sick"),)))
    group_changes.set_reason(group_of(pasted), group_of(pasted).missing[0], "personal")
    assert [one.reason for one in group_of(pasted).missing] == ["personal"]
    group_changes.sign_in_missing(group_of(pasted), event, ticket_for(event), group_of(pasted).missing[0])
    assert (group_of(pasted).here, group_of(pasted).total) == (2, 2)
    assert tallies.recount() == ()


def test_the_head_count_says_who_is_not_there_until_all_are(both_app: Flask) -> None:
    event = school_event()
    token = groups.submit(submission(event, "李明", "王丽", "赵敏"))
    ids = [one.sign_in_id for one in group_of(token).members]
    group_changes.count(group_of(token), ids[:2])
    group_changes.count(group_of(token), ids[:2])
    assert [one.name for one in group_of(token).not_there()] == ["赵敏"]
    assert len(db.session.scalars(select(HeadCount)).all()) == 1, "a double tap is one count"
    group_changes.count(group_of(token), [*ids, 9999])
    assert group_of(token).not_there() == ()
    assert [count.present_ids for count in db.session.scalars(select(HeadCount).order_by(HeadCount.id))][-1] == ids


def test_the_address_is_dead_with_its_link_and_after_the_event(both_app: Flask) -> None:
    event = school_event(ends_at=utcnow() + timedelta(hours=1))
    link, _ = class_with_link(event, "李明")
    pasted, listed = groups.submit(submission(event, "王丽")), groups.submit(from_link(event, link))
    links.revoke(event.id, "group", link.id)
    assert group_views.find(listed) is None and group_views.find(pasted) is not None
    with clock.freeze(utcnow() + timedelta(hours=8, minutes=1)):  # an hour until it closes, and six on the way home
        assert group_views.find(pasted) is None


def test_a_group_s_address_ends_although_its_event_names_no_end(app: Flask) -> None:
    event = school_event(**LEFT_OPEN)
    token = groups.submit(submission(event, "李明"))
    with clock.freeze(utcnow() + timedelta(days=6, hours=23)):
        assert group_views.find(token) is not None
    with clock.freeze(utcnow() + timedelta(days=7, minutes=1)):
        assert group_views.find(token) is None
