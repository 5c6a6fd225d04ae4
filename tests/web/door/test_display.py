"""The door display over plain HTTP: what it says of the count, the phone check and the address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventPulse
from kiosk.services.board import screens
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.store.writer import run
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, log_in, make_event, make_staff, sign_in

WAITING = "还没有手机打开过签到页，请用手机扫一次"
STATION = "用这块屏幕自助签到"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application with an address that is private and always its own."""
    app = build_app(tmp_path / "instance", KIOSK_BASE_URL="http://kiosk.local:8000")
    with app.app_context():
        yield app
        close(app)


def opened(client: FlaskClient, event: EventView) -> FlaskClient:
    """Return the client with a display link of this event."""
    client.get(f"/d/{links.make(event.id, 'display', staff_id=None)}")
    return client


def page(client: FlaskClient, event: EventView, **query: object) -> str:
    answer = client.get(f"/events/{event.code}/display", query_string=query)
    assert answer.status_code == 200
    return answer.text


def count(client: FlaskClient, event: EventView, **query: object) -> str:
    answer = client.get(f"/events/{event.code}/display/count", query_string=query)
    assert answer.status_code == 200
    return answer.text


def feel_phone(event: EventView, *, is_public: bool) -> None:
    def work(session: object) -> None:
        pulse = session.get(EventPulse, event.id)  # type: ignore[attr-defined]
        pulse.first_phone_at, pulse.has_public_phone = utcnow(), is_public

    run(work)


def test_display_says_all_that_the_door_needs(app: Flask, client: FlaskClient) -> None:
    event = make_event(venue="三楼报告厅", starts_at=utcnow())
    text = page(opened(client, event), event)
    for said in (
        event.title,
        "三楼报告厅",
        "微信或相机扫一扫 · 无需下载 · 无需关注",
        f"http://kiosk.local:8000/e/{event.code}",
    ):
        assert said in text
    assert f"<span>{event.code[:3]}</span> <span>{event.code[3:]}</span>" in text


def test_display_speaks_english(app: Flask, client: FlaskClient) -> None:
    event = make_event(title_alt="Chief Quality Officer training")
    text = page(opened(client, event), event, lang="en")
    assert "Chief Quality Officer training" in text and "Scan with WeChat or the camera" in text
    assert f"/display/count?since={int(utcnow().timestamp())}"[:30] in text and "lang=en" in text


def test_display_without_a_page_for_scripts_refreshes(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    assert '<noscript><meta http-equiv="refresh"' in page(opened(client, event), event)


def test_count_follows_the_sign_ins(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    opened(client, event)
    assert 'id="arrived">0<' in count(client, event)
    sign_in(event, enterprise())
    assert 'id="arrived">1<' in count(client, event)


def test_early_display_says_when_it_opens(app: Flask, client: FlaskClient) -> None:
    opens = utcnow() + timedelta(hours=1)
    event = make_event(opens_at=opens)
    said = opens.astimezone(event.zone).strftime("%H:%M")
    text = count(opened(client, event), event)
    assert said in text and 'id="arrived"' not in text


def test_closed_display_keeps_its_count(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise())
    events.close(event.code)
    text = count(opened(client, event), event)
    assert 'id="arrived">1<' in text and "已结束" in text


def test_no_phone_yet_is_said_calmly(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    text = count(opened(client, event), event)
    assert WAITING in text and "如果手机打不开" not in text


def test_causes_come_after_a_minute_of_this_screen(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    opened(client, event)
    began = int(utcnow().timestamp())
    with clock.freeze(utcnow() + timedelta(seconds=61)):
        assert "如果手机打不开" in count(client, event, since=began)
        assert "如果手机打不开" not in count(client, event, since=began + 40)


@pytest.mark.parametrize("since", ["x", "-5", "99999999999999999999", ""])
def test_nonsense_in_since_is_no_crash(app: Flask, client: FlaskClient, since: str) -> None:
    event = make_event()
    assert WAITING in count(opened(client, event), event, since=since)


def test_first_phone_turns_it_green(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    opened(client, event)
    feel_phone(event, is_public=True)
    text = count(client, event)
    assert WAITING not in text and "已有手机打开签到页" in text and "display__phones--ok" in text


def test_private_phones_alone_are_named(app: Flask, client: FlaskClient) -> None:
    event = make_event(wifi_name="Hall-3", wifi_password="quality24")
    feel_phone(event, is_public=False)
    opened(client, event)
    assert "只有连上本场 Wi-Fi 的手机能签到" in count(client, event)
    text = page(client, event)
    assert "Hall-3" in text and "quality24" in text


def test_display_of_a_link_offers_no_station(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    with clock.freeze(utcnow() + timedelta(minutes=5)):
        assert STATION not in count(opened(client, event), event, since=int(utcnow().timestamp()) - 90)
        make_staff()
        log_in(client, "admin@example.org")
        assert STATION in count(client, event, since=int(utcnow().timestamp()) - 90)


def test_lost_address_names_two_remedies(tmp_path: Path) -> None:
    app = build_app(tmp_path / "instance", KIOSK_BASE_URL="http://192.0.2.77:8000")
    with app.app_context():
        event = make_event()
        text = count(opened(app.test_client(), event), event)
        assert "签到码上的地址是 http://192.0.2.77:8000" in text
        assert "把本机的地址改回 192.0.2.77" in text and "或将 KIOSK_BASE_URL 设为本机现在的地址" in text
        close(app)


def test_look_ends_its_read(app: Flask) -> None:
    screens.look(make_event(), None)
    assert not db.session().in_transaction()


def test_nothing_of_a_display_is_stored(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    assert opened(client, event).get(f"/events/{event.code}/display").headers["Cache-Control"] == "no-store"
