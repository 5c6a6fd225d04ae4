"""The desk's page of hours: the list, one person's page, the series in the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.event import events, series
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in


def training(**changes: object) -> EventView:
    """Half a day that was over an hour ago, in the event's own zone not around midnight."""
    noon = utcnow().replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=1)  # 12:00 in Shanghai
    given = {
        "starts_at": noon - timedelta(hours=3),
        "ends_at": noon,
        "credited_hours": 4.0,
        "hours_late_minutes": 30,
        "hours_early_minutes": 30,
    }
    return make_event(**{**given, **changes})


def arrive(event: EventView, name: str = "王小强", minutes: int = -5, mobile: str = "13800138000") -> int:
    assert event.starts_at is not None
    with freeze(event.starts_at + timedelta(minutes=minutes)):
        return sign_in(event, enterprise(name, mobile=mobile)).sign_in_id


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    return client


def test_list_says_hours_why_not_and_the_sums(app: Flask, desk: FlaskClient) -> None:
    event = training()
    arrive(event)
    arrive(event, "李娜", 35, "13900139000")
    page = desk.get(f"/events/{event.code}/hours").text
    assert "王小强" in page and "迟到 35 分钟" in page and "138****8000" in page and "13800138000" not in page
    assert '<dd class="number">4</dd>' in page and '<dd class="number">2</dd>' in page
    without = desk.get(f"/events/{event.code}/hours?without=1").text
    assert "李娜" in without and "王小强" not in without
    found = post(desk, f"/events/{event.code}/hours/search", q="小强").text
    assert "王小强" in found and "李娜" not in found


def test_viewer_sees_masked_names_and_no_button(app: Flask, client: FlaskClient) -> None:
    event = training()
    hours_changes.set_hours(event.id, arrive(event), 2.0, "陪同家人就医", staff_id=None)
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    page = client.get(f"/events/{event.code}/hours").text
    assert "王*强" in page and "王小强" not in page and "更改" not in page
    assert "人工认定" in page and "陪同家人" not in page, "why is for who runs the event"


def test_event_without_hours_says_where_to_set_them(app: Flask, desk: FlaskClient) -> None:
    event = training(credited_hours=None)
    page = desk.get(f"/events/{event.code}/hours").text
    assert f"/events/{event.code}/settings?open=afterwards#credited_hours" in page and "半天通常计 4 学时" in page
    assert 'id="credited_hours"' in desk.get(f"/events/{event.code}/settings").text


@pytest.mark.parametrize("typed", ["11:10", "1110", "１１：１０", "11时10分"])
def test_leaving_early_takes_the_hours(app: Flask, desk: FlaskClient, typed: str) -> None:
    event = training()
    one = arrive(event)
    path = f"/events/{event.code}/hours/{one}"
    assert post(desk, f"{path}/left", time=typed).status_code == 303
    left_at = db.session.get_one(SignIn, one, populate_existing=True).left_at
    assert left_at is not None and f"{left_at.astimezone(event.zone):%H:%M}" == "11:10"
    page = desk.get(f"/events/{event.code}/hours").text
    assert "早退 50 分钟" in page and "08:55–11:10" in page
    assert post(desk, f"{path}/left", stayed="1").status_code == 303
    assert "早退 50" not in desk.get(f"/events/{event.code}/hours").text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("left", {"time": "25:00"}, "例如 09:05"),
        ("left", {"time": "08:00"}, "此人在这个时间之后才签到"),
        ("left", {"time": "11:00", "day": "2999-01-01"}, "还没有到"),
        ("set", {"hours": "many", "reason": "讲课"}, "4 或 1.5"),
        ("set", {"hours": "3", "reason": " "}, "请写明原因"),
        ("set", {"hours": "300", "reason": "讲课"}, "200"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    app: Flask, desk: FlaskClient, path: str, fields: dict[str, str], said: str
) -> None:
    event = training()
    one = arrive(event)
    answer = post(desk, f"/events/{event.code}/hours/{one}/{path}", **fields)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    typed = [value for name, value in fields.items() if value.strip() and name != "day"]
    assert [value for value in typed if f'value="{value}"' not in answer.text] == [], "nothing typed is lost"
    assert "field__error" in answer.text and said in answer.text
    assert hours.by_sign_in(event.id) == {one: 4.0}


def test_override_is_given_and_taken_back(app: Flask, desk: FlaskClient) -> None:
    event = training()
    one = arrive(event, minutes=40)
    path = f"/events/{event.code}/hours/{one}"
    assert post(desk, f"{path}/set", hours="2,5", reason="大巴晚点").status_code == 303
    page = desk.get(f"/events/{event.code}/hours").text
    assert "人工认定：大巴晚点" in page and "2.5 学时" in page and "迟到 40 分钟" in page
    assert "恢复按规则计：0 学时" in desk.get(path).text
    assert post(desk, f"{path}/take-back").status_code == 303
    assert hours.by_sign_in(event.id) == {one: 0.0}


def test_somebody_of_another_event_is_not_found(app: Flask, desk: FlaskClient) -> None:
    event, other = training(), training()
    one = arrive(other)
    assert desk.get(f"/events/{event.code}/hours/{one}").status_code == 404
    assert post(desk, f"/events/{event.code}/hours/{one}/set", hours="1", reason="错").status_code == 404


def test_a_training_of_two_days_asks_on_which_day_somebody_left(app: Flask, desk: FlaskClient) -> None:
    event = training()
    two_days = training(ends_at=event.ends_at + timedelta(days=1) if event.ends_at else None)
    for one, has_day in ((event, False), (two_days, True)):
        page = desk.get(f"/events/{one.code}/hours/{arrive(one)}").text
        assert ('type="date"' in page) is has_day


def test_certificates_list_carries_the_hours(app: Flask, desk: FlaskClient) -> None:
    event = training()
    arrive(event)
    arrive(event, "李娜", 35, "13900139000")
    answer = post(desk, f"/events/{event.code}/sheets", variant="certificates", copy="full", format="csv")
    sheet = desk.get(str(answer.location)).data.decode("utf-8-sig")
    header, first, second = sheet.splitlines()[:3]
    assert "学时" in header and "证书编号" in header
    assert '"王小强"' in first and '"4"' in first and '"李娜"' in second and '"0' in second


def test_series_is_named_in_the_settings_and_shown_with_the_campaign(app: Flask, desk: FlaskClient) -> None:
    event = make_event()
    form = _settings_of(desk, event)
    assert post(desk, f"/events/{event.code}/settings", **{**form, "series": "两个半天"}).status_code == 303
    changed = events.get(event.code)
    assert series.title_of(changed.series_id) == "两个半天"
    page = desk.get(f"/events/{event.code}/settings").text
    assert 'value="两个半天"' in page and '<option value="两个半天">' in page
    assert "两个半天" in desk.get(f"/campaigns/{event.campaign_id}").text
    assert post(desk, f"/events/{event.code}/settings", **{**form, "series": ""}).status_code == 303
    assert events.get(event.code).series_id is None


def _settings_of(desk: FlaskClient, event: EventView) -> dict[str, str]:
    """Return what a settings form needs at least."""
    return {
        "title": event.title,
        "campaign_id": str(event.campaign_id),
        "timezone": event.timezone,
        "full_policy": "refuse",
        "walk_in_policy": "welcome",
        "notice_basis": "statutory",
        "kinds-enterprise-is_admitted": "y",
        **{f"modes-{mode}": "optional" for mode in _modes(desk, event)},
    }


def _modes(desk: FlaskClient, event: EventView) -> list[str]:
    page = desk.get(f"/events/{event.code}/settings").text
    return [part.split('"')[0] for part in page.split('name="modes-')[1:]]
