"""A screen that follows the agenda, over plain HTTP: which event it shows, what it never shows, who makes its link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.door import followers
from kiosk.services.event import campaign_access, campaigns, event_access, rotation
from kiosk.services.event.campaigns import CampaignRow
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.screens import COOKIE
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in

HALL = "三楼报告厅"
PIN = "4711"
GUEST = [{"kind": "guest"}]


def month(**more: object) -> CampaignRow:
    return campaigns.create(campaigns.CampaignDraft(title="质量月", title_alt="Quality Month"), **more)  # type: ignore[arg-type]


def sitting(campaign: CampaignRow, title: str, hours: float, **more: object) -> EventView:
    starts = utcnow() + timedelta(hours=hours)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=3)}
    usual = {"is_opening_usual": True, "is_closing_usual": True, "venue": HALL, "kinds": GUEST}
    return make_event(**{"title": title, "campaign_id": campaign.id, **times, **usual, **more})


def opened(client: FlaskClient, campaign: CampaignRow, screen: str = "display", **more: object) -> str:
    """Return the screen's address after its link was opened; no account has ever been in this browser."""
    pin = PIN if screen == "kiosk" else None
    answer = client.get(f"/d/{followers.make(campaign.id, screen, staff_id=None, pin=pin, **more)}")  # type: ignore[arg-type]
    (link, *_before) = followers.list_of(campaign.id)
    assert (answer.status_code, answer.location) == (303, f"/screens/{link.id}")
    paths = [
        line.partition("Path=")[2].partition(";")[0]
        for line in answer.headers.getlist("Set-Cookie")
        if line.startswith(COOKIE)
    ]
    assert paths == [f"/screens/{link.id}", *(["/login"] if screen == "kiosk" else [])]
    return str(answer.location)


@contextmanager
def later(hours: float) -> Iterator[datetime]:
    moment = utcnow() + timedelta(hours=hours)
    with clock.freeze(moment):
        yield moment


def test_display_shows_the_morning_s_code_then_the_afternoon_s_never_the_last(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    morning, afternoon = sitting(campaign, "上午场", 0), sitting(campaign, "下午场", 6)
    screen = opened(client, campaign, place=HALL)
    page = client.get(screen)
    assert "上午场" in page.text and f"/e/{morning.code}" in page.text and afternoon.code not in page.text
    assert f"{screen}/part?since=" in page.text and "/kiosk/start" not in page.text
    settings = page.text.partition('data-settings="')[2].partition('"')[0]
    assert f'data-settings="{settings}"' in client.get(f"{screen}/part").text
    with later(4.5):  # the morning's is over, the afternoon's opens in half an hour
        page = client.get(screen)
        assert "下午场" in page.text and morning.code not in page.text and "还有 30 分钟" in page.text
        assert f'data-settings="{settings}"' not in client.get(f"{screen}/part").text  # so the page loads anew
    with later(5.01):
        assert f"/e/{afternoon.code}" in client.get(screen).text
    with later(10.5):  # everything is over: said, without a code to scan
        page = client.get(screen)
        assert page.status_code == 200 and "下午场" in page.text and "签到已结束" in page.text
        assert morning.code not in page.text and afternoon.code not in page.text
    with later(10 + 25):
        page = client.get(screen)
        assert "这里现在没有活动" in page.text and "下午场" not in page.text and "质量月" in page.text


def test_screen_is_dark_when_its_link_is_revoked(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    sitting(campaign, "上午场", 0)
    screen = opened(client, campaign)
    followers.revoke(campaign.id, followers.list_of(campaign.id)[0].id)
    for path in (screen, f"{screen}/part", f"{screen}/now"):
        answer = client.get(path)
        assert answer.status_code == 404 and "上午场" not in answer.text
    assert "撤销" in client.get(screen).text


def test_screen_is_its_own_only(app: Flask, client: FlaskClient) -> None:
    campaign, other = month(), month()
    event = sitting(campaign, "上午场", 0)
    screen, elsewhere = opened(client, campaign), opened(client, other)
    token = client.get_cookie(COOKIE, path=elsewhere)
    assert token is not None
    stranger = app.test_client()
    for path in ("", "/part", "/now"):
        assert stranger.get(f"{screen}{path}").status_code == 404
        stranger.set_cookie(COOKIE, token.value, path=screen)  # a thief may send it where he likes
        assert stranger.get(f"{screen}{path}").status_code == 404
    for path in (f"/events/{event.code}/display", f"/events/{event.code}/wall", "/campaigns", "/events"):
        client.set_cookie(COOKIE, token.value, path=path)
        assert client.get(path).status_code in (303, 404)


def test_digits_are_those_of_the_event_that_is_on(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    morning = sitting(campaign, "上午场", 0, rotate_seconds=30)
    afternoon = sitting(campaign, "下午场", 5, rotate_seconds=30)
    screen = opened(client, campaign)
    page = client.get(screen).text
    assert f'data-now="{screen}/now?code={morning.code}"' in page
    shown = rotation.shown(morning)
    answer = client.get(f"{screen}/now", query_string={"code": morning.code}).json
    assert shown is not None and answer is not None
    assert (answer["code"], answer["digits"], answer["arrived"]) == (morning.code, shown.digits, 0)
    with later(4.2):
        shown = rotation.shown(afternoon)
        assert shown is not None
        late = client.get(f"{screen}/now", query_string={"code": morning.code}).json
        assert late == {"code": afternoon.code, "digits": None, "seconds_left": None, "arrived": None}
        answer = client.get(f"{screen}/now", query_string={"code": afternoon.code}).json
        assert answer is not None and answer["digits"] == shown.digits
    with later(10):
        answer = client.get(f"{screen}/now").json
        assert answer == {"code": None, "digits": None, "seconds_left": None, "arrived": None}


@pytest.mark.parametrize("screen", ["wall", "kiosk"])
def test_other_screens_are_told_no_digits(app: Flask, client: FlaskClient, screen: str) -> None:
    campaign = month()
    event = sitting(campaign, "上午场", 0, rotate_seconds=30)
    answer = client.get(f"{opened(client, campaign, screen)}/now").json
    assert answer == {"code": event.code, "digits": None, "seconds_left": None, "arrived": None}


def test_wall_follows_and_keeps_the_last_figures(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    morning = sitting(campaign, "上午场", 0)
    sitting(campaign, "下午场", 5)
    sign_in(morning, enterprise("王强强"))
    screen = opened(client, campaign, "wall")
    page = client.get(f"{screen}?face=arrived").text
    assert "上午场" in page and "王*" in page and f"{screen}/part?face=arrived" in page and "lang=zh" in page
    with later(4.2):
        page = client.get(screen).text
        assert "下午场" in page and "王*" not in page
        assert "王*" not in client.get(f"{screen}/part").text
    with later(9.5):
        assert "下午场" in client.get(screen).text


def test_station_moves_on_between_two_people_only(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    morning, afternoon = sitting(campaign, "上午场", 0), sitting(campaign, "下午场", 3.5)
    screen = opened(client, campaign, "kiosk")
    answer = client.get(screen)
    assert (answer.status_code, answer.location) == (303, f"/events/{morning.code}/kiosk")
    start = client.get(answer.location).text
    assert "上午场" in start and f'data-follows="{screen}/now"' in start and f'data-code="{morning.code}"' in start
    ticket = start.partition('name="ticket"')[2].partition('value="')[2].partition('"')[0]
    with later(2.6):  # the afternoon's is on, while somebody still types at the morning's
        typed = {"kind": "guest", "name": "张爱国", "identity": "市民观察员", "ticket": ticket}
        done = client.post(f"/e/{morning.code}/sign-in", data=typed)
        assert done.status_code == 303 and "/kiosk/done/" in done.location
        row = db.session.query(SignIn).one()
        assert (row.event_id, row.device_link_id) == (morning.id, followers.list_of(campaign.id)[0].id)
        assert "张爱国" in client.get(done.location).text
        # The start is where it moves.
        moved = client.get(f"/events/{morning.code}/kiosk")
        assert (moved.status_code, moved.location) == (303, screen)
        assert client.get(screen).location == f"/events/{afternoon.code}/kiosk"
        assert "下午场" in client.get(f"/events/{afternoon.code}/kiosk").text
    with later(8):
        assert client.get(f"/events/{afternoon.code}/kiosk").location == screen
        assert "签到已结束" in client.get(screen).text


def test_early_station_waits_at_its_event_s_countdown(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    event = sitting(campaign, "下午场", 1.5)
    screen = opened(client, campaign, "kiosk")
    start = client.get(client.get(screen).location).text
    assert f"/events/{event.code}/kiosk" in start and f'data-follows="{screen}/now"' in start and "开始签到" in start


def test_leaving_the_station_needs_the_pin_and_ends_the_link(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    event = sitting(campaign, "上午场", 0)
    screen = opened(client, campaign, "kiosk")
    client.get(client.get(screen).location)
    assert client.get("/login").location == screen  # Back from the station leads to it again
    assert client.post(f"/events/{event.code}/kiosk/leave", data={"pin": "0000"}).status_code == 422
    answer = client.post(f"/events/{event.code}/kiosk/leave", data={"pin": PIN})
    assert answer.location == "/login" and not followers.list_of(campaign.id)[0].is_alive
    assert client.get("/login").status_code == 200 and client.get_cookie(COOKIE, path=screen) is None


def test_station_opens_no_event_beside_its_campaign_s(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    sitting(campaign, "上午场", 0)
    screen = opened(client, campaign, "kiosk")
    token = client.get_cookie(COOKIE, path=screen)
    other = make_event(kinds=GUEST)
    assert token is not None
    client.set_cookie(COOKIE, token.value, path=f"/events/{other.code}/kiosk")
    assert client.get(f"/events/{other.code}/kiosk").status_code == 404


def test_desk_lists_makes_and_revokes_for_whoever_runs_the_campaign(app: Flask, client: FlaskClient) -> None:
    owner = make_staff("organiser", email="owner@example.org")
    campaign = month(owner_id=owner.id)
    event_access.share(sitting(campaign, "上午场", 0).id, owner.email)
    sitting(campaign, "别人的", 0, venue="四楼")
    log_in(client, "owner@example.org")
    desk = f"/campaigns/{campaign.id}/screens"
    assert desk in client.get(f"/campaigns/{campaign.id}").text
    page = client.get(desk).text
    assert HALL in page and "四楼" not in page
    bad = post(client, desk, screen="display", place="四楼")
    assert bad.status_code == 422 and "请选择其中一项" in bad.text
    bad = post(client, desk, screen="kiosk", pin="12", place=HALL)
    assert bad.status_code == 422 and "请填 4 至 6 位数字。" in bad.text and f"<option selected>{HALL}" in bad.text
    assert followers.list_of(campaign.id) == ()
    answer = post(client, desk, screen="wall", place=HALL, face="missing")
    page = client.get(answer.location).text
    token = page.partition("/d/")[2].partition("?")[0]
    assert len(token) == 32 and f"{token}?face=missing" in page and token not in client.get(answer.location).text
    (link,) = followers.list_of(campaign.id)
    assert (link.purpose, link.place, link.created_by_id) == ("wall", HALL, owner.id)
    assert "上午场" in app.test_client().get(f"/d/{token}", follow_redirects=True).text
    assert post(client, f"{desk}/{link.id}/revoke").status_code == 303 and followers.find(token) is None
    assert "已撤销" in client.get(desk).text


def test_who_may_not_run_the_campaign_makes_no_screens(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    make_staff("organiser", email="other@example.org")
    log_in(client, "other@example.org")
    desk = f"/campaigns/{campaign.id}/screens"
    assert client.get(desk).status_code == 403 and desk not in client.get(f"/campaigns/{campaign.id}").text
    assert post(client, desk, screen="display").status_code == 403
    campaign_access.share(campaign.id, "other@example.org")
    assert client.get(desk).status_code == 200


def test_screen_of_somebody_who_loses_an_event_loses_it_too(app: Flask, client: FlaskClient) -> None:
    owner = make_staff("organiser", email="owner@example.org")
    campaign = month(owner_id=owner.id)
    event = sitting(campaign, "上午场", 0)
    event_access.share(event.id, owner.email)
    client.get(f"/d/{followers.make(campaign.id, 'display', staff_id=owner.id)}")
    screen = f"/screens/{followers.list_of(campaign.id)[0].id}"
    assert "上午场" in client.get(screen).text
    event_access.unshare(event.id, owner.id)
    assert "上午场" not in client.get(screen).text and event.code not in client.get(f"{screen}/part").text


def test_events_own_display_stays_where_it_is(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    morning = sitting(campaign, "上午场", 0)
    sitting(campaign, "下午场", 0.5)
    make_staff()
    log_in(client, "admin@example.org")
    opened_here = client.get(f"/d/{followers.make(campaign.id, 'display', staff_id=None)}")
    assert "下午场" in client.get(opened_here.location).text  # who is logged in follows as well
    assert "上午场" in client.get(f"/events/{morning.code}/display").text


def test_language_of_the_browser_is_the_screen_s(app: Flask, client: FlaskClient) -> None:
    campaign = month()
    screen = opened(client, campaign)
    text = client.get(screen, headers={"Accept-Language": "en"}).text
    assert "No event is on here now" in text and "Quality Month" in text
