"""Void, restore, admit, clear: what staff take back and give again, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused, Unknown
from tests.aids.factories import (
    enterprise,
    guest,
    make_event,
    sign_in,
    sign_in_on_trial,
    student,
)

MEAL = {"key": "meal", "type": "yes_no", "label": "用餐", "mode": "optional"}


def _counts(event: EventView) -> events.Counts:
    db.session.rollback()
    return events.counts(event.id)


def _trial(event: EventView, name: str = "试签人") -> int:
    return sign_in_on_trial(event, guest(name)).sign_in_id


def test_a_void_takes_the_arrival_out_of_every_tally(both_app: Flask) -> None:
    event = make_event(own_fields=[MEAL])
    kept = sign_in(event, enterprise("李四", mobile="13900139000", answers=(("x_meal", "yes"),)))
    gone = sign_in(event, enterprise(answers=(("x_meal", "yes"),)))
    done = corrections.void(gone.sign_in_id, staff_id=None, reason="按错了")
    counts = _counts(event)
    assert (counts.arrived, counts.enterprise, counts.voided) == (1, 1, 1)
    assert done.is_changed and done.voided_at is not None and kept.sign_in_id != gone.sign_in_id
    assert tallies.recount() == ()


def test_a_second_void_changes_nothing(both_app: Flask) -> None:
    event = make_event()
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    first = corrections.void(sign_in_id, staff_id=None)
    again = corrections.void(sign_in_id, staff_id=None)
    assert not again.is_changed and (again.voided_at, again.revision) == (first.voided_at, first.revision)
    assert _counts(event).voided == 1
    assert len(db.session.scalars(select(SignInChange)).all()) == 1


def test_undo_gives_the_same_ordinal_back(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    second = sign_in(event, guest("乙"))
    corrections.void(second.sign_in_id, staff_id=None)
    sign_in(event, guest("丙"))
    restored = corrections.restore(second.sign_in_id, staff_id=None)
    assert (restored.ordinal, restored.voided_at) == (2, None)
    assert _counts(event).arrived == 3
    assert tallies.recount() == ()


def test_the_rows_revision_is_the_events(both_app: Flask) -> None:
    event = make_event()
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    for change in (corrections.void, corrections.restore):
        done = change(sign_in_id, staff_id=None)
        assert done.revision == _counts(event).revision
        row = db.session.get(SignIn, sign_in_id, populate_existing=True)
        assert row is not None and row.revision == done.revision


def test_a_trace_says_what_changed_and_why_and_never_the_values(both_app: Flask) -> None:
    event = make_event()
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    corrections.void(sign_in_id, staff_id=None, reason="重复")
    corrections.restore(sign_in_id, staff_id=None)
    traces = db.session.scalars(select(SignInChange).order_by(SignInChange.id)).all()
    assert [(t.change, t.reason, t.changed_fields) for t in traces] == [
        ("void", "重复", ["voided_at"]),
        ("restore", None, ["voided_at"]),
    ]


def test_after_a_void_the_person_may_sign_in_again_and_the_void_stays(both_app: Flask) -> None:
    event = make_event()
    first = sign_in(event, enterprise())
    corrections.void(first.sign_in_id, staff_id=None)
    again = sign_in(event, enterprise())
    assert again.sign_in_id != first.sign_in_id
    with pytest.raises(Refused) as refusal:
        corrections.restore(first.sign_in_id, staff_id=None)
    assert refusal.value.code == "signed_in_again"
    assert _counts(event).arrived == 1
    assert tallies.recount() == ()


def test_a_late_mark_follows_the_times_that_changed_while_it_was_void(both_app: Flask) -> None:
    now = clock.utcnow()
    event = make_event(starts_at=now - timedelta(hours=1))
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    corrections.void(sign_in_id, staff_id=None)
    draft = events.draft_of(event)
    events.update(event.code, events.replace(draft, starts_at=now + timedelta(hours=1)))
    corrections.restore(sign_in_id, staff_id=None)
    assert _counts(event).late == 0
    assert tallies.recount() == ()


def _full_event(**changes: object) -> EventView:
    return make_event(capacity=1, full_policy="wait_list", **changes)


def test_admission_gives_the_next_ordinal_even_beyond_the_limit(both_app: Flask) -> None:
    event = _full_event()
    sign_in(event, guest("甲"))
    waiting = sign_in(event, guest("乙"))
    assert waiting.state == "wait_listed"
    admitted = corrections.admit(waiting.sign_in_id, staff_id=None)
    assert (admitted.state, admitted.ordinal) == ("arrived", 2)
    counts = _counts(event)
    assert (counts.arrived, counts.wait_listed, counts.ordinal) == (2, 0, 2)
    assert not corrections.admit(waiting.sign_in_id, staff_id=None).is_changed
    assert _counts(event).arrived == 2
    assert tallies.recount() == ()


def test_who_waits_can_be_taken_back_and_is_not_admitted_then(both_app: Flask) -> None:
    event = _full_event()
    sign_in(event, guest("甲"))
    waiting = sign_in(event, guest("乙"))
    corrections.void(waiting.sign_in_id, staff_id=None)
    with pytest.raises(Refused, match="is_void"):
        corrections.admit(waiting.sign_in_id, staff_id=None)
    corrections.restore(waiting.sign_in_id, staff_id=None)
    assert _counts(event).wait_listed == 1
    assert tallies.recount() == ()


def test_trials_are_cleared_at_once_and_real_ones_stay(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "TRIALS_AT_ONCE", 2)
    event, other = make_event(), make_event(title="开放日")
    for number in range(5):
        _trial(event, f"试签{number}")
    _trial(other)
    sign_in(event, enterprise())
    assert corrections.clear_trials(event.id, staff_id=None) == 5
    assert corrections.clear_trials(event.id, staff_id=None) == 0
    assert (_counts(event).trial, _counts(event).arrived, _counts(other).trial) == (0, 1, 1)
    assert tallies.recount() == ()


def test_a_sign_in_of_another_event_is_unknown(both_app: Flask) -> None:
    event, other = make_event(), make_event(title="开放日")
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    with pytest.raises(Unknown):
        corrections.void(sign_in_id, staff_id=None, event_id=other.id)
    with pytest.raises(Unknown):
        corrections.void(999_999, staff_id=None)
    assert _counts(event).arrived == 1


def test_ten_taps_at_once_are_one_void(both_app: Flask) -> None:
    event = make_event()
    sign_in_id = sign_in(event, enterprise()).sign_in_id
    changed: list[bool] = []

    def tap() -> None:
        with both_app.app_context():
            changed.append(corrections.void(sign_in_id, staff_id=None).is_changed)

    threads = [threading.Thread(target=tap) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False] * 9 + [True]
    assert (_counts(event).arrived, _counts(event).voided) == (0, 1)


PEOPLE = [
    enterprise("王强", answers=(("x_meal", "yes"),)),
    enterprise("李四", mobile="13900139000", organisation_name="大冶特钢", answers=(("x_meal", "no"),)),
    student("李明", student_no="7"),
    guest("张爱国"),
    guest("赵六"),
]
CONFIRMING = ("confirm", "refuse", "unconfirm")
ACTIONS = ("sign_in", "by_hand", "trial", "void", "restore", "admit", "clear", *CONFIRMING)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sign_in", "by_hand", "trial", "void", "restore", "admit", "clear", *CONFIRMING]),
        st.integers(0, 9),
    ),
    min_size=5,
    max_size=30,
)


def _step(event: EventView, action: str, number: int) -> None:
    ids = db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id).order_by(SignIn.id)).all()
    db.session.rollback()
    if action == "sign_in":
        sign_in(event, PEOPLE[number % len(PEOPLE)])
    elif action == "by_hand":
        hand_work.sign_in_walk_in(event, PEOPLE[number % len(PEOPLE)], Hand("staff:1"))
    elif action == "trial":
        sign_in_on_trial(event, PEOPLE[number % len(PEOPLE)])
    elif action == "clear":
        corrections.clear_trials(event.id, staff_id=None)
    elif ids:
        getattr(corrections, action)(ids[number % len(ids)], staff_id=None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, is_late=st.booleans(), confirms=st.booleans())
def test_after_any_changes_the_tallies_equal_the_rows(
    both_app: Flask, steps: list[tuple[str, int]], is_late: bool, confirms: bool
) -> None:
    starts_at = clock.utcnow() - timedelta(hours=1) if is_late else None
    rules = {"needs_confirmation": confirms, "full_policy": "wait_list"}
    event = make_event(capacity=3, own_fields=[MEAL], starts_at=starts_at, **rules)
    for action, number in steps:
        try:
            _step(event, action, number)
        except Refused:
            continue
    db.session.rollback()
    assert [difference for difference in tallies.recount() if difference.event_id == event.id] == []
    rows = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id)).all()
    ordinals = [row.ordinal for row in rows if row.ordinal is not None]
    assert len(ordinals) == len(set(ordinals))
    assert all(row.ordinal is not None for row in rows if row.has_arrived)
    assert max((row.revision for row in rows), default=0) <= events.counts(event.id).revision
