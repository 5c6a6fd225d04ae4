"""Like last time: what an event takes over from another, and what of its times moves along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from kiosk.services.event import events, last_time
from kiosk.services.event.events import EventDraft
from tests.aids.factories import make_event, make_staff

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
SET: dict[str, Any] = {
    "title": "每周讲堂", "title_alt": "Weekly lecture", "venue": "会堂", "venue_alt": "Hall", "host": "市质检所",
    "host_alt": "Quality Institute", "district": "下陆区", "capacity": 80, "walk_in_policy": "refuse",
    "tick_labels": ("资料", "聘书"), "field_modes": {"guest.mobile": "required"}, "notice_basis": "consent",
    "retention_days": 90, "lecturers": "张教授", "credited_hours": 4.0, "wifi_name": "Hall",
    "own_fields": ({"key": "lunch", "label": "用餐", "label_alt": None, "type": "yes_no", "mode": "required"},),
    "kinds": [{"kind": "guest", "label": "媒体", "label_alt": "Press"}, {"kind": "student"}],
}  # fmt: skip


def typed(**changes: Any) -> EventDraft:
    """What the form of a new event says, as it was filled in."""
    asked = {name: SET[name] for name in ("title", "venue", "host", "district")}
    return EventDraft(**{**asked, "kinds": [{"kind": "guest"}, {"kind": "student"}], **changes})


def test_everything_is_as_it_was_but_for_the_day_and_what_came_of_it(app: Flask) -> None:
    source = make_event(**SET, starts_at=START, ends_at=START + 3 * HOUR, outcome="很好", outcome_alt="Fine")
    made = events.create(last_time.like(source, typed(starts_at=START + WEEK)))
    assert {name: getattr(made, name) for name in SET if name != "kinds"} == {
        name: value for name, value in SET.items() if name != "kinds"
    }
    assert [vars(kind) for kind in made.kinds] == [
        {"kind": "guest", "label": "媒体", "label_alt": "Press"}, {"kind": "student", "label": None, "label_alt": None},
    ]  # fmt: skip
    assert (made.starts_at, made.ends_at) == (START + WEEK, START + WEEK + 3 * HOUR)
    assert (made.outcome, made.outcome_alt) == (None, None)


def test_what_is_written_anew_has_no_second_language_of_before(app: Flask) -> None:
    source = make_event(**SET)
    made = last_time.like(source, typed(title="夏季讲堂", host=None, kinds=[{"kind": "enterprise"}]))
    assert (made.title, made.title_alt, made.venue_alt) == ("夏季讲堂", None, "Hall")
    assert (made.host, made.host_alt, list(made.kinds)) == (None, None, [{"kind": "enterprise"}])


@pytest.mark.parametrize(
    ("before", "anew", "opens_at", "closes_at"),
    [
        ({}, {}, START + WEEK - HOUR, START + WEEK + 4 * HOUR),  # the usual hours
        ({"opens_at": START - 3 * HOUR}, {}, START + WEEK - 3 * HOUR, START + WEEK + 4 * HOUR),
        ({"closes_at": START + 9 * HOUR}, {}, START + WEEK - HOUR, START + WEEK + 9 * HOUR),
        ({"closes_at": START + 4 * HOUR}, {"ends_at": START + WEEK + 6 * HOUR}, START + WEEK - HOUR,
         START + WEEK + 7 * HOUR),  # it lasts longer than it did
    ],
)  # fmt: skip
def test_the_hours_of_sign_in_move_along(
    app: Flask, before: dict[str, Any], anew: dict[str, Any], opens_at: datetime, closes_at: datetime
) -> None:
    times = {"starts_at": START, "ends_at": START + 3 * HOUR, "is_opening_usual": True, "is_closing_usual": True}
    source = make_event(**times, **before)
    made = events.create(last_time.like(source, EventDraft(title="T", starts_at=START + WEEK, **anew)))
    assert (made.opens_at, made.closes_at) == (opens_at, closes_at)


def test_without_a_day_the_hours_are_the_usual_ones(app: Flask) -> None:
    source = make_event(starts_at=START, ends_at=START + HOUR, opens_at=START - HOUR, closes_at=START + HOUR)
    made = events.create(last_time.like(source, EventDraft(title="T")))
    assert (made.starts_at, made.ends_at, made.opens_at, made.is_closing_usual) == (None, None, None, True)
    assert made.closes_at is not None, "nothing stays open for ever"


def test_of_each_title_the_newest_is_offered_to_who_runs_it(app: Flask) -> None:
    person = make_staff("organiser")
    made = [make_event(title=title) for title in ("讲堂", "开放日", "讲　堂", "培训")]
    own = events.create(EventDraft(title="我的"), owner_id=person.id)
    assert [view.code for view in last_time.offered(None)] == [one.code for one in (own, made[3], made[2])]
    assert [view.code for view in last_time.offered(person.id)] == [own.code]
