"""When sign-in opens and closes unless it is set otherwise (docs/product.md, "Decided"), with a moving clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from kiosk import clock
from kiosk.services.door import corrections
from kiosk.services.event import event_rules, events, usual_times
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.refusals import SignInRefused
from tests.aids.factories import LEFT_OPEN, enterprise, guest, make_event, sign_in, sign_in_on_trial

ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 in Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def usual(**changes: Any) -> EventView:
    """Make an event whose sign-in opens and closes at the usual times."""
    return make_event(**{"is_opening_usual": True, "is_closing_usual": True, **changes})


def phase(event: EventView, moment: datetime) -> str:
    return events.get(event.code).phase(moment)


@pytest.mark.parametrize(
    ("times", "opening", "closing"),
    [
        ({"starts_at": at(10, 9), "ends_at": at(10, 12)}, at(10, 8), at(10, 13)),
        ({"starts_at": at(10, 9)}, at(10, 8), at(11, 0)),
        ({"starts_at": at(10, 20)}, at(10, 19), at(11, 2)),  # at least six hours after the start
        ({"starts_at": at(10, 22), "ends_at": at(11, 2)}, at(10, 21), at(11, 3)),  # over midnight
        ({"starts_at": at(10, 9), "ends_at": at(10, 12), "closes_at": at(10, 12)}, at(10, 8), at(10, 12)),
        ({"starts_at": at(10, 9), "ends_at": at(10, 12), "opens_at": at(9, 9)}, at(9, 9), at(10, 13)),
        ({}, None, at(1, 10) + 30 * DAY),
        ({"opens_at": at(5, 9)}, at(5, 9), at(5, 9) + 30 * DAY),
    ],
)
def test_the_usual_opening_and_closing(
    app: Flask, times: dict[str, Any], opening: datetime | None, closing: datetime
) -> None:
    with clock.freeze(at(1, 10)):
        event = usual(**times)
    assert (event.opens_at, event.closes_at) == (opening, closing)


def test_an_event_without_times_has_the_day_of_its_first_sign_in(app: Flask) -> None:
    with clock.freeze(at(1, 20)):
        event = usual()
        assert usual_times.is_unused(event)
    with clock.freeze(at(3, 9)):
        sign_in(event, enterprise())
    assert events.get(event.code).closes_at == at(4, 0)
    assert not usual_times.is_unused(events.get(event.code))
    with clock.freeze(at(3, 23, 59)):
        sign_in(event, guest())
    assert events.get(event.code).closes_at == at(4, 0), "only the first one says which day it is"
    with clock.freeze(at(4, 9)), pytest.raises(SignInRefused) as refusal:
        sign_in(event, guest("后来的人"))
    assert refusal.value.code == "closed"


def test_who_comes_first_late_in_the_evening_leaves_six_hours(app: Flask) -> None:
    with clock.freeze(at(1, 20)):
        event = usual()
    with clock.freeze(at(3, 22)):
        sign_in(event, enterprise())
    assert events.get(event.code).closes_at == at(4, 4)


def test_a_trial_and_a_sign_in_that_was_taken_back_make_no_day(app: Flask) -> None:
    with clock.freeze(at(1, 20)):
        event = usual(opens_at=at(2, 8))
        sign_in_on_trial(event, enterprise())
        assert events.get(event.code).closes_at == at(2, 8) + 30 * DAY
    with clock.freeze(at(2, 20)):
        first = sign_in(event, enterprise())
        assert events.get(event.code).closes_at == at(3, 2)
        corrections.void(first.sign_in_id, staff_id=None)
        assert events.get(event.code).closes_at == at(2, 8) + 30 * DAY
        corrections.restore(first.sign_in_id, staff_id=None)
        assert events.get(event.code).closes_at == at(3, 2)


def test_nobody_came_for_thirty_days(app: Flask) -> None:
    with clock.freeze(at(1, 10)):
        event = usual()
    assert phase(event, at(1, 10) + 30 * DAY - HOUR) == "open"
    assert phase(event, at(1, 10) + 30 * DAY) == "closed"


def test_changed_times_take_the_usual_ones_along_and_set_ones_stay(app: Flask) -> None:
    with clock.freeze(at(1, 10)):
        event, fixed = usual(starts_at=at(10, 9), ends_at=at(10, 12)), usual(starts_at=at(10, 9), closes_at=at(10, 10))
        for one in (event, fixed):
            draft = events.draft_of(events.get(one.code))
            events.update(one.code, replace(draft, starts_at=at(12, 9), ends_at=at(12, 10)))
    assert (events.get(event.code).opens_at, events.get(event.code).closes_at) == (at(12, 8), at(12, 11))
    assert events.get(fixed.code).closes_at == at(10, 10)


def test_six_clones_are_open_on_their_own_days(app: Flask) -> None:
    with clock.freeze(at(1, 10)):
        first = usual(starts_at=at(2, 9), ends_at=at(2, 11))
        clones = [events.clone(first.code, starts_at=at(day, 9)) for day in range(3, 9)]
    for day in range(2, 9):
        are_open = [one.code for one in (first, *clones) if phase(one, at(day, 9)) == "open"]
        assert are_open == [(first, *clones)[day - 2].code]
        assert not any(phase(one, at(day, 20)) == "open" for one in (first, *clones))


@pytest.mark.parametrize(
    ("closed_at", "until", "closing"),
    [
        (at(10, 12, 30), "hour", at(10, 14)),  # before the closing at 13:00
        (at(10, 15), "hour", at(10, 16)),  # after it
        (at(10, 12, 30), "tonight", at(11, 0)),
        (at(10, 23, 30), "tonight", at(11, 0, 30)),  # an hour at least
    ],
)
def test_prolonging(app: Flask, closed_at: datetime, until: usual_times.Until, closing: datetime) -> None:
    with clock.freeze(at(1, 10)):
        event = usual(starts_at=at(10, 9), ends_at=at(10, 12))
    with clock.freeze(closed_at):
        prolonged = events.prolong(event.code, until)
        assert (prolonged.phase(closed_at), prolonged.closes_at) == ("open", closing)
        draft = events.draft_of(prolonged)
        assert events.update(event.code, draft).closes_at == closing, "saving the settings does not take it back"


def test_closed_by_hand_and_opened_again_closes_when_it_would_have(app: Flask) -> None:
    with clock.freeze(at(1, 10)):
        event = usual(starts_at=at(10, 9), ends_at=at(10, 12))
    with clock.freeze(at(10, 10)):
        events.close(event.code)
        assert events.open_now(event.code).closes_at == at(10, 13)


def test_an_event_of_before_stays_open_until_somebody_closes_it(app: Flask) -> None:
    event = make_event(**LEFT_OPEN)
    assert (event.opens_at, event.closes_at, event.is_left_open) == (None, None, True)
    sign_in(event, enterprise())
    assert events.update(event.code, events.draft_of(events.get(event.code))).closes_at is None
    assert events.prolong(event.code, "hour").closes_at is None


def test_today_s_own_of_last_week_s_event(app: Flask) -> None:
    with clock.freeze(at(1, 10)):
        timed, timeless = usual(starts_at=at(2, 9), ends_at=at(2, 11)), usual()
    with clock.freeze(at(9, 8, 30)):
        own = events.clone_for_today(timed.code)
        assert (own.starts_at, own.ends_at, own.phase(at(9, 8, 30))) == (at(9, 9), at(9, 11), "open")
        assert usual_times.is_unused(events.clone_for_today(timeless.code))


def test_an_event_of_several_days_becomes_one_a_day(app: Flask) -> None:
    draft = events.EventDraft(title="三天培训", timezone="Asia/Shanghai", starts_at=at(10, 9), ends_at=at(12, 17))
    assert len(events.days_of(draft)) == 3
    first = events.create_daily(draft)
    rows = [row.view for row in events.list_all()]
    assert [(one.starts_at, one.ends_at) for one in rows] == [(at(day, 9), at(day, 17)) for day in (10, 11, 12)]
    assert first.code == rows[0].code
    assert len({one.series_id for one in rows}) == 1 and rows[0].series_id is not None


def test_an_evening_that_ends_after_midnight_is_one_event(app: Flask) -> None:
    draft = events.EventDraft(title="夜场", timezone="Asia/Shanghai", starts_at=at(10, 21), ends_at=at(11, 2))
    assert events.days_of(draft) == ()
    nights = replace(draft, ends_at=at(12, 2))
    assert events.days_of(nights) == ((at(10, 21), at(11, 2)), (at(11, 21), at(12, 2)))


@pytest.mark.parametrize(("hour", "is_skipped"), [(1, False), (2, True), (3, False)])
def test_a_time_that_no_clock_shows_is_said(app: Flask, hour: int, is_skipped: bool) -> None:
    berlin = event_rules.in_zone(datetime(2026, 3, 29, hour, 30), "Europe/Berlin")
    draft = events.EventDraft(title="T", timezone="Europe/Berlin", starts_at=berlin)
    if not is_skipped:
        assert event_rules.check(draft) is draft
        return
    with pytest.raises(FieldErrors) as wrong:
        event_rules.check(draft)
    assert list(wrong.value.messages) == ["starts_at"]


def test_the_usual_hours_hold_over_a_change_of_clocks(app: Flask) -> None:
    start = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # clocks go back at 3
    event = usual(timezone="Europe/Berlin", starts_at=start)
    assert event.closes_at == datetime(2026, 10, 26, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def test_an_opening_may_be_after_the_usual_closing_of_no_event(app: Flask) -> None:
    draft = events.EventDraft(title="T", timezone="UTC", starts_at=at(10, 9), ends_at=at(10, 10), opens_at=at(10, 12))
    with pytest.raises(FieldErrors) as wrong:
        event_rules.check(draft)
    assert list(wrong.value.messages) == ["opens_at"]
