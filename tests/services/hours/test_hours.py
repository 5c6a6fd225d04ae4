"""Credited hours: the rule, its SQL, what staff change, and that voids and corrections follow at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, SignIn
from kiosk.services.door import corrections
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from kiosk.services.hours.hours import HoursRule
from kiosk.services.refusals import Refused, Unknown
from tests.aids.factories import (
    enterprise,
    guest,
    make_event,
    make_staff,
    sign_in,
    sign_in_on_trial,
)

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=3)
RULE = HoursRule(4.0, START, END, late_minutes=30, early_minutes=30)
MINUTE = timedelta(minutes=1)


def training(**changes: object) -> EventView:
    """Half a day that credits four hours and was over an hour ago."""
    given = {
        "starts_at": utcnow().replace(second=0, microsecond=0) - timedelta(hours=4),
        "ends_at": utcnow().replace(second=0, microsecond=0) - timedelta(hours=1),
        "credited_hours": 4.0,
        "hours_late_minutes": 30,
        "hours_early_minutes": 30,
    }
    return make_event(**{**given, **changes})


def arrive(event: EventView, name: str, minutes: float = -5, **changes: object) -> int:
    """Sign somebody in so many minutes after the start."""
    assert event.starts_at is not None
    with freeze(event.starts_at + minutes * MINUTE):
        return sign_in(event, enterprise(name, mobile=None, **changes), is_another=True).sign_in_id


def given(event: EventView) -> dict[int, float]:
    db.session.rollback()
    return hours.by_sign_in(event.id)


@pytest.mark.parametrize(
    ("after_start", "before_end", "override", "expected", "why", "minutes"),
    [
        (-10, None, None, 4.0, None, 0),
        (0, None, None, 4.0, None, 0),
        (29, None, None, 4.0, None, 0),
        (30, None, None, 4.0, None, 0),
        (30.9, None, None, 4.0, None, 0),  # 09:30 on the sheet
        (31, None, None, 0.0, "late", 31),
        (35, None, None, 0.0, "late", 35),
        (0, 29, None, 4.0, None, 0),
        (0, 30, None, 4.0, None, 0),
        (0, 31, None, 0.0, "early", 31),
        (0, -10, None, 4.0, None, 0),
        (35, 40, None, 0.0, "late", 35),
        (35, None, 2.0, 2.0, "late", 35),
        (0, None, 0.0, 0.0, None, 0),
    ],
)
def test_rule(
    after_start: float, before_end: float | None, override: float | None, expected: float, why: str | None, minutes: int
) -> None:
    left_at = None if before_end is None else END - before_end * MINUTE
    reason = None if override is None else "带队讲课"
    credit = hours.judge(RULE, START + after_start * MINUTE, left_at, override, reason)
    assert (credit.hours, credit.why, credit.minutes, credit.is_override) == (
        expected,
        why,
        minutes,
        override is not None,
    )


@pytest.mark.parametrize("changes", [{"late_minutes": None}, {"starts_at": None}])
def test_without_minutes_or_a_start_nobody_is_too_late(changes: dict[str, None]) -> None:
    rule = HoursRule(**{**vars(RULE), **changes})
    assert hours.judge(rule, START + timedelta(hours=2), None, None, None).hours == 4.0


@pytest.mark.parametrize("changes", [{"early_minutes": None}, {"ends_at": None}])
def test_without_minutes_or_an_end_nobody_leaves_too_early(changes: dict[str, None]) -> None:
    rule = HoursRule(**{**vars(RULE), **changes})
    assert hours.judge(rule, START, START + MINUTE, None, None).hours == 4.0


def test_the_database_s_rule_is_the_same_rule(both_app: Flask) -> None:
    event = training()
    assert event.ends_at is not None
    cases = product((-5.0, 30.98, 31.0), (None, 30, 31), (None, 0.0, 2.5))
    expected: dict[int, float] = {}
    rule = hours.rule_of(event)
    assert rule is not None
    for number, (after, early, override) in enumerate(cases):
        one = arrive(event, f"甲{number}", after)
        left_at = None if early is None else event.ends_at - early * MINUTE
        if left_at is not None:
            hours_changes.set_left(event.id, one, left_at, staff_id=None)
        if override is not None:
            hours_changes.set_hours(event.id, one, override, "讲课", staff_id=None)
        at = db.session.scalars(select(SignIn.signed_in_at).where(SignIn.id == one)).one()
        expected[one] = hours.judge(rule, at, left_at, override, "讲课" if override is not None else None).hours
    assert given(event) == expected
    sums = hours.totals(event)
    assert sums.people == len(expected) and sums.hours == sum(expected.values())
    assert sums.without == sum(1 for value in expected.values() if value <= 0) > 0
    found = hours.search(event, is_without=True)
    shown = {row.person.sign_in_id: row.credit.hours for row in found.rows}
    assert set(shown) <= {one for one, value in expected.items() if value <= 0} and set(shown.values()) == {0.0}
    assert {row.person.sign_in_id: row.credit.hours for row in hours.search(event).rows}.items() <= expected.items()


def test_void_trial_and_waiting_have_no_hours_and_a_restored_sign_in_has_them_again(both_app: Flask) -> None:
    event = training(capacity=2, full_policy="wait_list")
    kept, gone = arrive(event, "王强"), arrive(event, "李娜")
    waiting = arrive(event, "赵敏")
    sign_in_on_trial(event, guest("试签人"))
    assert given(event) == {kept: 4.0, gone: 4.0}
    corrections.void(gone, staff_id=None)
    assert given(event) == {kept: 4.0} and hours.totals(event).hours == 4.0
    corrections.restore(gone, staff_id=None)
    corrections.admit(waiting, staff_id=None)
    assert given(event) == {kept: 4.0, gone: 4.0, waiting: 4.0}


def test_hours_follow_the_event_s_settings_at_once(both_app: Flask) -> None:
    event = training()
    one = arrive(event, "王强", 20)
    assert given(event) == {one: 4.0}
    changed = events.update(event.code, events.EventDraft(**{**vars(events.draft_of(event)), "hours_late_minutes": 15}))
    assert given(changed) == {one: 0.0}


def test_override_with_a_reason_beats_the_rule_and_can_be_taken_back(both_app: Flask) -> None:
    event, boss = training(), make_staff()
    one = arrive(event, "王强", 40)
    for reason in ("", "  　"):
        with pytest.raises(Refused, match="no_reason"):
            hours_changes.set_hours(event.id, one, 4.0, reason, staff_id=boss.id)
    with pytest.raises(Refused, match="bad_hours"):
        hours_changes.set_hours(event.id, one, 201.0, "讲课", staff_id=boss.id)
    hours_changes.set_hours(event.id, one, 4.0, "授课专家", staff_id=boss.id)
    hours_changes.set_hours(event.id, one, 3.5, "授课专家", staff_id=boss.id)
    hours_changes.set_hours(event.id, one, 3.5, "授课专家", staff_id=boss.id)
    db.session.rollback()
    row = hours.of_sign_in(event, one)
    assert row is not None and (row.credit.hours, row.credit.by_rule, row.credit.reason) == (3.5, 0.0, "授课专家")
    hours_changes.take_back(event.id, one, staff_id=boss.id)
    hours_changes.take_back(event.id, one, staff_id=boss.id)
    assert given(event) == {one: 0.0}
    of_hours = select(AuditEntry).where(AuditEntry.action.startswith("hours.")).order_by(AuditEntry.id)
    actions = [entry.action for entry in db.session.scalars(of_hours)]
    assert actions == ["hours.override", "hours.override", "hours.take_back"]


def test_leaving_early_is_noted_with_a_trace_and_taken_back(both_app: Flask) -> None:
    event, boss = training(), make_staff()
    one = arrive(event, "王强")
    assert event.starts_at is not None and event.ends_at is not None
    before = db.session.get_one(SignIn, one).revision
    for left_at, code in ((event.starts_at - timedelta(hours=1), "before_arrival"), (utcnow() + MINUTE, "to_come")):
        with pytest.raises(Refused, match=code):
            hours_changes.set_left(event.id, one, left_at, staff_id=boss.id)
    hours_changes.set_left(event.id, one, event.ends_at - 45 * MINUTE, staff_id=boss.id)
    db.session.rollback()
    row = hours.of_sign_in(event, one)
    assert row is not None and (row.credit.hours, row.credit.why, row.credit.minutes) == (0.0, "early", 45)
    assert db.session.get_one(SignIn, one, populate_existing=True).revision > before
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.left"))
    assert (entry.actor, entry.subject) == (f"staff:{boss.id}", f"sign_in:{one}")
    assert "王强" not in str(entry.changed)
    hours_changes.set_left(event.id, one, None, staff_id=boss.id)
    assert given(event) == {one: 4.0}


def test_nothing_is_changed_of_another_event_s_or_a_void_sign_in(both_app: Flask) -> None:
    event, other = training(), training()
    one, gone = arrive(event, "王强"), arrive(event, "李娜")
    corrections.void(gone, staff_id=None)
    for event_id, sign_in_id in ((other.id, one), (event.id, gone), (event.id, 999)):
        with pytest.raises(Unknown, match="sign-in"):
            hours_changes.set_hours(event_id, sign_in_id, 4.0, "讲课", staff_id=None)
    plain = make_event(starts_at=utcnow() - timedelta(hours=1))
    with pytest.raises(Unknown, match="hours"):
        hours_changes.set_hours(plain.id, arrive(plain, "王强"), 4.0, "讲课", staff_id=None)


def test_search_knows_name_organisation_and_last_four_digits(app: Flask) -> None:
    event = training()
    assert event.starts_at is not None
    with freeze(event.starts_at):
        wang = sign_in(event, enterprise()).sign_in_id
        sign_in(event, enterprise("李娜", organisation_name="大冶机械有限公司", mobile="13900139000"))
    for words in ("王", " 王 强", "东贝", "8000"):
        assert [row.person.sign_in_id for row in hours.search(event, typed=words).rows] == [wang], words
    assert len(hours.search(event, typed="").rows) == 2 and hours.search(event, typed="%").rows == ()


def test_pages_hold_fifty(app: Flask) -> None:
    event = training()
    made = [arrive(event, f"代表{number:02}") for number in range(52)]
    first, second = hours.search(event), hours.search(event, page=2)
    assert first.has_more and not second.has_more
    assert [row.person.sign_in_id for row in (*first.rows, *second.rows)] == made


def test_event_without_hours_gives_none(app: Flask) -> None:
    event = training(credited_hours=None)
    arrive(event, "王强")
    assert hours.by_sign_in(event.id) == {} and hours.search(event).rows == ()
    assert event_views.find(event.code) is not None and hours.totals(event).hours == 0
