"""What desk, phones and board say of the hours of sign-in."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventRefusal
from kiosk.services.board import pulse
from kiosk.services.event import campaigns, event_views, events
from kiosk.web.frame.words import time_at
from tests.aids.factories import LEFT_OPEN, enterprise, log_in, make_event, make_staff, opens_at, post, sign_in
from tests.web.attendee.test_attendee import open_form, post as sign_in_by_phone
from tests.web.desk.test_desk_forms import change

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def new_event(desk: FlaskClient, **fields: str) -> str:
    """Make an event at the desk and return its page."""
    answer = post(desk, "/events/new", title="培训", **fields)
    assert answer.status_code == 302 or answer.status_code == 303, answer.text
    return desk.get(answer.location).text


def test_creation_and_the_overview_say_the_hours(desk: FlaskClient) -> None:
    assert "开始前 60 分钟" in desk.get("/events/new").text
    day = (utcnow() + 3 * DAY).astimezone(ZONE)
    page = new_event(desk, starts_at=f"{day:%Y-%m-%d}T09:00", ends_at=f"{day:%Y-%m-%d}T12:00")
    assert f"签到 {day.month}月{day.day}日 08:00 开始，{day.month}月{day.day}日 13:00 结束。" in page
    assert "首位签到者签到当天结束" in new_event(desk)


def test_the_chips_are_of_one_tense(desk: FlaskClient) -> None:
    now = utcnow()
    make_event(title="早", opens_at=now + DAY), make_event(title="中"), make_event(title="晚", closes_at=now - DAY)
    page = desk.get("/events").text
    for words in ("未开始", "签到中", "已结束"):
        assert page.count(f"{words}</span>") == 1, words


def test_prolonging_by_a_tap_from_the_desk_and_from_the_board(desk: FlaskClient) -> None:
    now = utcnow()
    event = make_event(closes_at=now + timedelta(minutes=5))
    assert "延长一小时" in desk.get(f"/events/{event.code}").text
    post(desk, f"/events/{event.code}/prolong", until="hour")
    assert events.get(event.code).closes_at == now + timedelta(minutes=65)
    assert "延长一小时" not in desk.get(f"/events/{make_event().code}").text, "it closes in a month"
    closed = make_event(closes_at=now - timedelta(minutes=5))
    board = desk.get(f"/events/{closed.code}/dashboard").text
    assert "再开放一小时" in board and "建今天的场次" in board
    answer = post(desk, f"/events/{closed.code}/prolong", until="tonight", back="board")
    assert answer.location.endswith(f"/events/{closed.code}/dashboard")
    assert events.get(closed.code).phase(utcnow()) == "open"


def test_today_s_own_event_is_made_by_a_tap(desk: FlaskClient) -> None:
    closed = make_event(title="每周讲堂", closes_at=utcnow() - DAY)
    made = post(desk, f"/events/{closed.code}/today").location.rsplit("/", 1)[1]
    assert made != closed.code and events.get(made).title == "每周讲堂"


def test_an_event_of_several_days_is_asked_about(desk: FlaskClient) -> None:
    fields = {"title": "三天", "starts_at": "2026-12-10T09:00", "ends_at": "2026-12-12T17:00"}
    asked = post(desk, "/events/new", **fields)
    assert asked.status_code == 422 and "每天一场，分别签到" in asked.text and 'value="三天"' in asked.text
    assert events.list_all() == ()
    post(desk, "/events/new", **fields, days="daily")
    assert [row.view.title for row in events.list_all()] == ["三天"] * 3
    post(desk, "/events/new", **{**fields, "title": "合一"}, days="one")
    assert len(events.list_all()) == 4


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("1971-01-01T09:00", "8999-12-31T17:00"),  # more days than are made in one go
        ("2026-12-10T09:00", "2026-12-10T17:00"),  # a single one
        ("", ""),
    ],
)
def test_what_has_no_days_of_its_own_is_one_event_whatever_is_sent(
    desk: FlaskClient, starts_at: str, ends_at: str
) -> None:
    began = time.process_time()
    answer = post(desk, "/events/new", title="一场", starts_at=starts_at, ends_at=ends_at, days="daily")
    assert answer.status_code == 303 and time.process_time() - began < 0.5
    assert len(events.list_all()) == 1


def test_an_event_of_before_keeps_its_hours_until_it_is_told(desk: FlaskClient) -> None:
    event = make_event(**LEFT_OPEN)
    page = desk.get(f"/events/{event.code}/settings").text
    assert "以前建的活动" in page
    assert change(desk, event, title="改名").status_code == 303
    assert events.get(event.code).is_left_open
    change(desk, event, has_usual_times="y")
    assert events.get(event.code).closes_at is not None
    assert "以前建的活动" not in desk.get(f"/events/{event.code}/settings").text


def test_who_comes_on_a_second_day_reads_the_day_and_is_counted(app: Flask, client: FlaskClient) -> None:
    event = make_event(closes_at=utcnow() + DAY)
    first = utcnow() - 2 * DAY
    with clock.freeze(first):
        sign_in(event, enterprise())
    answer = sign_in_by_phone(client, event.code)
    day = first.astimezone(ZONE)
    assert f"本场活动的签到记录是 {day.month}月{day.day}日 {day:%H:%M}" in client.get(answer.location).text
    pulse.flush()
    assert db.session.scalars(select(EventRefusal.refused).filter_by(event_id=event.id, code="another_day")).all() == [
        1
    ]


def test_a_time_has_its_date_unless_it_is_today_s(app: Flask) -> None:
    with app.test_request_context(), clock.freeze(moment(27, 12)):
        assert time_at(moment(27, 9, 2), ZONE) == "09:02"
        assert time_at(moment(26, 9, 2), ZONE) == "11月26日 09:02"
        assert time_at(moment(27, 9, 2) - 365 * DAY, ZONE) == "2025年11月27日 09:02"
    with app.test_request_context(), force_locale("en"), clock.freeze(moment(27, 12)):
        assert time_at(moment(26, 9, 2), ZONE) == "26 Nov 09:02"
        assert time_at(moment(27, 9, 2) - 365 * DAY, ZONE) == "27 Nov 2025 09:02"


def test_a_closed_page_says_since_when(app: Flask, client: FlaskClient) -> None:
    closed_at = utcnow() - 2 * DAY
    event, day = make_event(closes_at=closed_at), closed_at.astimezone(ZONE)
    assert f"签到已于 {day.month}月{day.day}日 {day:%H:%M} 结束" in client.get(f"/e/{event.code}").text


def test_a_clone_s_time_that_no_clock_shows_is_said_beside_its_field(desk: FlaskClient) -> None:
    event = make_event(timezone="Europe/Berlin")
    rows = {"rows-0-title": "第二场", "rows-0-starts_at": "2027-03-28T02:30"}
    answer = post(desk, f"/events/{event.code}/clone", **rows)
    assert answer.status_code == 422 and "时钟拨快" in answer.text and "2027-03-28T02:30" in answer.text
    assert len(events.list_all()) == 1


def test_who_is_refused_by_what_another_worker_wrote_reads_since_when(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    ticket = open_form(client, event.code, "enterprise")
    events.close(event.code)
    event_views.VIEWS.keep(event.code, event)  # what this worker remembers for a second
    closed = sign_in_by_phone(client, event.code, ticket)
    assert closed.status_code == 409
    closed_at = events.get(event.code).closed_by_hand_at
    assert closed_at is not None and f"签到已于 {closed_at.astimezone(event.zone):%H:%M}" in closed.text


def test_who_is_refused_because_another_worker_put_the_opening_off_reads_until_when(
    app: Flask, client: FlaskClient
) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    ticket = open_form(client, event.code, "enterprise")
    opens_at(event, opening := utcnow() + timedelta(hours=2))
    event_views.VIEWS.keep(event.code, event)  # what this worker remembers for a second: open, with no time at all
    early = sign_in_by_phone(client, event.code, ticket)
    assert early.status_code == 409
    assert f"{opening.astimezone(event.zone):%H:%M} 开始签到</h2>" in early.text


@pytest.mark.parametrize(
    ("words", "times"), [("未开始", (DAY, 2 * DAY)), ("签到中", (-DAY, DAY)), ("已结束", (-2 * DAY, -DAY))]
)
def test_one_chip_says_where_an_event_stands_on_desk_campaign_code_and_display(
    desk: FlaskClient, words: str, times: tuple[timedelta, timedelta]
) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft("质量月"))
    opens_at, closes_at = (utcnow() + each for each in times)
    for _each in range(2):  # a single open one is gone to at once
        event = make_event(campaign_id=campaign.id, opens_at=opens_at, closes_at=closes_at)
    others = {"未开始", "签到中", "已结束"} - {words}
    for path in (
        f"/events/{event.code}",
        f"/campaigns/{campaign.id}",
        f"/c/{campaign.code}",
        f"/events/{event.code}/display",
    ):
        page = desk.get(path).text
        assert f"{words}</span>" in page, path
        assert not [other for other in others if f"{other}</span>" in page], path
