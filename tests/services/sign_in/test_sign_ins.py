"""One person at one door: the rules of signing in, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event as sa_event, func, select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Organisation, Participant, SignIn
from kiosk.services import tallies
from kiosk.services.door import corrections
from kiosk.services.event import campaigns, events
from kiosk.services.refusals import SignInRefused
from kiosk.services.sign_in import sign_ins
from kiosk.services.sign_in.questions import SamePersonAsked
from tests.aids.factories import enterprise, guest, make_event, opens_at, request_for, sign_in, student, ticket_for


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(SignIn)) or 0


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Participant)) or 0


def test_first_scan_gets_the_first_ordinal(both_app: Flask) -> None:
    event = make_event()
    result = sign_in(event, enterprise())
    assert (result.ordinal, result.is_repeat) == (1, False)
    assert events.counts(event.id).arrived == 1
    assert tallies.recount() == ()


def test_second_scan_keeps_the_first_time(both_app: Flask) -> None:
    event = make_event()
    first = sign_in(event, enterprise())
    again = sign_in(event, enterprise())
    assert again.is_repeat and not again.is_own
    assert (again.sign_in_id, again.signed_in_at) == (first.sign_in_id, first.signed_in_at)
    assert events.counts(event.id).arrived == 1


def test_repeat_of_a_key_gets_the_same_answer(both_app: Flask) -> None:
    event = make_event()
    request = request_for(event, enterprise())
    first, again = sign_ins.sign_in(request), sign_ins.sign_in(request)
    assert again.is_own and again.sign_in_id == first.sign_in_id


def test_one_key_with_two_people_is_two_sign_ins(both_app: Flask) -> None:
    event = make_event()
    ticket = ticket_for(event)
    first = sign_in(event, enterprise(), ticket=ticket)
    second = sign_in(event, enterprise("李娜", mobile="13900139000"), ticket=ticket)
    assert first.sign_in_id != second.sign_in_id and not second.is_repeat


def test_one_mobile_with_two_names_is_two_people(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("李娜"))
    assert (rows(), people()) == (2, 2)


def test_padded_name_is_the_same_person(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    assert sign_in(event, enterprise("王　强")).is_repeat


def test_student_number_and_school_are_one_person(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, student(student_no="0305"))
    again = sign_in(event, student("李 明", student_no="0305", class_name="初二3班"))
    assert again.is_repeat and again.by_name
    other = sign_in(event, student("王丽", student_no="0305"))
    assert other.is_repeat and not other.by_name, "its phone did not type that name"
    assert not sign_in(event, student(student_no="0305", organisation_name="黄石八中")).is_repeat


def test_name_school_and_class_only_propose(both_app: Flask) -> None:
    event = make_event()
    first = sign_in(event, student())
    with pytest.raises(SamePersonAsked) as asked:
        sign_in(event, student())
    assert asked.value.sign_in_id == first.sign_in_id
    assert sign_in(event, student(), same_as=first.sign_in_id).is_repeat
    assert not sign_in(event, student(), is_another=True).is_repeat
    assert (rows(), people()) == (2, 2)


def test_same_name_in_another_class_is_not_asked(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, student())
    assert not sign_in(event, student(class_name="初二(4)班")).is_repeat


def test_guest_without_a_mobile_is_matched_by_nothing_but_the_key(both_app: Flask) -> None:
    event = make_event()
    ticket = ticket_for(event)
    first = sign_in(event, guest(), ticket=ticket)
    assert sign_in(event, guest(), ticket=ticket).sign_in_id == first.sign_in_id
    assert not sign_in(event, guest()).is_repeat
    assert rows() == 2


def test_one_person_at_two_events_of_a_campaign_is_one_participant(both_app: Flask) -> None:
    for event in (make_event(), make_event()):
        sign_in(event, enterprise())
    assert (rows(), people()) == (2, 1)


def test_one_person_in_two_campaigns_is_two_participants(both_app: Flask) -> None:
    other = campaigns.create(campaigns.CampaignDraft("安全生产月"))
    for event in (make_event(), make_event(campaign_id=other.id)):
        sign_in(event, enterprise())
    assert people() == 2


def test_remembered_participant_is_used_only_under_the_same_name(both_app: Flask) -> None:
    first, second, third = make_event(), make_event(), make_event()
    known = sign_in(first, student()).participant_id
    sign_in(second, student(), known_participant_id=known)
    assert people() == 1
    sign_in(third, student("赵敏"), known_participant_id=known)
    assert people() == 2


def test_one_enterprise_however_it_is_written_is_one_organisation(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    sign_in(event, enterprise("李娜", mobile="13900139000", organisation_name="湖北东贝制冷 有限公司"))
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_closed_event_refuses_but_answers_a_late_retry(both_app: Flask) -> None:
    event = make_event(closes_at=utcnow() + timedelta(minutes=5))
    request = request_for(event, enterprise())
    first = sign_ins.sign_in(request)
    with clock.freeze(utcnow() + timedelta(minutes=6)):
        assert sign_ins.sign_in(request).sign_in_id == first.sign_in_id
        with pytest.raises(SignInRefused, match="closed"):
            sign_in(event, enterprise("李娜"))


def test_full_event_refuses_leaves_no_row_and_answers_a_late_retry(both_app: Flask) -> None:
    event = make_event(capacity=1)
    request = request_for(event, enterprise())
    first = sign_ins.sign_in(request)
    with pytest.raises(SignInRefused, match="full"):
        sign_in(event, enterprise("李娜", mobile="13900139000"))
    assert rows() == 1
    assert sign_ins.sign_in(request).sign_in_id == first.sign_in_id
    assert events.counts(event.id).ordinal == 1


def test_full_event_with_a_waiting_list_gives_no_ordinal(both_app: Flask) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    sign_in(event, enterprise())
    waiting = sign_in(event, enterprise("李娜", mobile="13900139000"))
    assert (waiting.state, waiting.ordinal) == ("wait_listed", None)
    assert (events.counts(event.id).arrived, events.counts(event.id).wait_listed) == (1, 1)
    assert tallies.recount() == ()


def test_trial_is_counted_nowhere_and_leaves_the_person_free(both_app: Flask) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=5))
    with pytest.raises(SignInRefused, match="not_open_yet"):
        sign_in(event, enterprise())
    trial = sign_in(event, enterprise(), ticket=ticket_for(event, is_trial=True))
    assert trial.is_trial and trial.ordinal is None
    with clock.freeze(utcnow() + timedelta(minutes=6)):
        assert sign_in(event, enterprise()).ordinal == 1
    assert tallies.recount() == ()


def test_a_trial_s_page_sent_after_the_opening_signs_in_and_counts(both_app: Flask) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=5))
    sent_before = request_for(
        event, enterprise("先试者", mobile="13900139000"), ticket=ticket_for(event, is_trial=True)
    )
    opened_before = request_for(event, enterprise(), ticket=ticket_for(event, is_trial=True))
    assert sign_ins.sign_in(sent_before).is_trial
    with clock.freeze(utcnow() + timedelta(minutes=6)):
        real = sign_ins.sign_in(opened_before)
        assert (real.is_trial, real.ordinal) == (False, 1)
        again = sign_ins.sign_in(sent_before)
        assert (again.is_trial, again.ordinal, again.is_own) == (False, 2, True)
        assert sign_ins.sign_in(sent_before).sign_in_id == again.sign_in_id
        corrections.clear_trials(event.id, staff_id=None)
    counts = events.counts(event.id)
    assert (counts.arrived, counts.trial, rows()) == (2, 0, 3)
    assert tallies.recount() == ()


def test_a_trial_is_judged_inside_the_transaction(both_app: Flask) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=5))
    request = request_for(event, enterprise(), ticket=ticket_for(event, is_trial=True))
    opens_at(event, utcnow() - timedelta(seconds=1))  # staff opened it; the page's view of the event is the older one
    assert request.event.phase(utcnow()) == "early"
    assert (sign_ins.sign_in(request).is_trial, events.counts(event.id).arrived) == (False, 1)


def test_late_is_stored_and_recomputed_when_the_start_moves(both_app: Flask) -> None:
    start = utcnow() - timedelta(minutes=20)
    event = make_event(starts_at=start, late_after_minutes=15)
    sign_in(event, enterprise())
    assert events.counts(event.id).late == 1
    draft = events.draft_of(event)
    events.update(event.code, events.replace(draft, starts_at=start + timedelta(minutes=10)))
    assert events.counts(event.id).late == 0
    assert tallies.recount() == ()
    events.update(event.code, draft)
    assert events.counts(event.id).late == 1 and tallies.recount() == ()
    events.update(event.code, events.replace(draft, late_after_minutes=None))
    assert events.counts(event.id).late == 0 and tallies.recount() == ()


def test_saving_settings_reads_no_sign_in_one_by_one(app: Flask) -> None:
    event = make_event(starts_at=utcnow() - timedelta(minutes=20), late_after_minutes=15)
    sign_in(event, enterprise())
    read: list[SignIn] = []
    sa_event.listen(SignIn, "load", keep := lambda row, _context: read.append(row))
    try:
        events.update(event.code, events.replace(events.draft_of(event), late_after_minutes=30))
    finally:
        sa_event.remove(SignIn, "load", keep)
    assert events.counts(event.id).late == 0 and read == []


def test_ordinals_are_never_given_twice(both_app: Flask) -> None:
    event = make_event()
    given = [sign_in(event, enterprise(f"人{n}", mobile=f"1380013{n:04}")).ordinal for n in range(20)]
    assert given == list(range(1, 21))
