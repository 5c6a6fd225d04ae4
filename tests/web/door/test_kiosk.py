"""The tablet as the station: it keeps nothing of the last person, and leaving it needs the PIN (docs/product.md
2.7)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.account import staff_sessions
from kiosk.services.door import links, look_ups, misses, receipts
from kiosk.services.event import events, notices
from kiosk.services.event.event_views import EventView
from kiosk.web.frame import access
from kiosk.web.frame.screens import COOKIE
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.listed import tap, with_roster

PIN = "4711"
GUEST = [{"kind": "guest"}]


def start_station(client: FlaskClient, event: EventView, pin: str | None = PIN) -> TestResponse:
    """Press the button as staff do."""
    make_staff()
    log_in(client, "admin@example.org")
    fields = {} if pin is None else {"pin": pin}
    return post(client, f"/events/{event.code}/kiosk/start", **fields)


def station(client: FlaskClient, event: EventView) -> FlaskClient:
    """Return a browser that is this event's station."""
    client.get(f"/d/{links.make(event.id, 'kiosk', staff_id=None, pin=PIN)}")
    return client


def ticket_in(text: str) -> str:
    (ticket,) = set(re.findall(r'name="ticket" value="([^"]+)"', text))
    return unescape(ticket)


def sign_in_at(client: FlaskClient, event: EventView, **fields: str) -> TestResponse:
    ticket = ticket_in(client.get(f"/events/{event.code}/kiosk").text)
    return client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "name": "张爱国", **fields})


def leave(client: FlaskClient, event: EventView, pin: str) -> TestResponse:
    return client.post(f"/events/{event.code}/kiosk/leave", data={"pin": pin})


def test_this_screen_becomes_the_station(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    answer = start_station(client, event)
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}/kiosk")
    assert client.get(answer.location).status_code == 200
    assert client.get("/events").location.startswith("/login")


def test_session_of_the_station_is_revoked_and_not_only_forgotten(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    kept = client.get_cookie(access.COOKIE)
    assert kept is not None
    post(client, f"/events/{event.code}/kiosk/start", pin=PIN)
    assert staff_sessions.find(kept.value) is None


def test_last_resort_asks_for_the_pin(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    answer = start_station(client, event, pin=None)
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}/kiosk/start")
    page = client.get(answer.location)
    assert page.status_code == 200 and 'name="pin"' in page.text


def test_bad_pin_keeps_staff_logged_in(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    answer = start_station(client, event, pin="12")
    assert answer.status_code == 422 and "请填 4 至 6 位数字。" in answer.text
    assert client.get("/account/password").status_code == 200


def test_station_needs_the_right_to_run_and_the_token_of_the_form(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    assert post(client, f"/events/{event.code}/kiosk/start", pin=PIN).status_code == 403
    assert client.post(f"/events/{event.code}/kiosk/start", data={"pin": PIN}).status_code == 403


def test_sign_in_at_the_station_says_how_and_where(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    answer = sign_in_at(station(client, event), event)
    assert answer.status_code == 303
    row = db.session.query(SignIn).one()
    assert (row.method, row.device_link_id) == ("kiosk", links.list_of(event.id, "device")[0].id)


def test_success_returns_to_the_start_by_itself(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    done = client.get(sign_in_at(station(client, event), event).location).text
    assert f'<meta http-equiv="refresh" content="6; url=/events/{event.code}/kiosk">' in done
    assert "为同行人员签到" not in done


def test_station_keeps_nothing_of_the_last_person(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    answer = sign_in_at(station(client, event), event)
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "kiosk_me" in cookie]
    page = client.get(f"/events/{event.code}/kiosk")
    assert "张爱国" not in page.text and page.headers["Cache-Control"] == "no-store"
    assert re.findall(r'autocomplete="([^"]+)"', page.text) and set(
        re.findall(r'autocomplete="([^"]+)"', page.text)
    ) == {"off"}


def test_each_person_gets_a_ticket_of_their_own(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    station(client, event)
    for _ in range(2):
        assert sign_in_at(client, event).status_code == 303
    assert events.counts(event.id).arrived == 2  # two guests of one name without a mobile are two people


def test_person_remembered_by_the_browser_is_not_offered(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    ticket = ticket_in(client.get(f"/e/{event.code}").text)
    client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "name": "张爱国"})
    assert client.get_cookie("kiosk_me") is not None
    start_station(client, event)
    assert client.get_cookie("kiosk_me") is None
    assert "known" not in client.get(f"/events/{event.code}/kiosk").text


def test_mistake_stays_at_the_station(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    answer = sign_in_at(station(client, event), event, name="")
    assert answer.status_code == 422
    assert f'data-station="/events/{event.code}/kiosk"' in answer.text and "station." in answer.text


def test_kinds_lead_to_forms_of_the_station(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    page = station(client, event).get(f"/events/{event.code}/kiosk").text
    links = re.findall(r'class="tile" href="([^"]+)"', page)
    assert len(links) == 3 and all(link.startswith(f"/events/{event.code}/kiosk?kind=") for link in links)
    assert 'name="ticket"' in client.get(links[0]).text


def test_full_event_keeps_people_at_the_station(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST, capacity=1)
    sign_in(event, enterprise())
    answer = sign_in_at(station(client, event), event)
    assert answer.status_code == 409
    assert f'href="/e/{event.code}' not in answer.text and f"/events/{event.code}/kiosk" in answer.text


def test_early_and_closed_are_said(app: Flask, client: FlaskClient) -> None:
    early = make_event(opens_at=utcnow() + timedelta(hours=1))
    assert "data-seconds" in station(client, early).get(f"/events/{early.code}/kiosk").text
    closed = make_event()
    station(client, closed)
    events.close(closed.code)
    assert "签到已于" in client.get(f"/events/{closed.code}/kiosk").text


def test_an_ordinary_phone_is_no_station(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    assert "data-station" not in client.get(f"/e/{event.code}").text


def test_leaving_needs_the_pin(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    station(client, event)
    answer = leave(client, event, "0000")
    assert answer.status_code == 422 and "PIN 码不对。" in answer.text
    answer = leave(client, event, PIN)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert client.get_cookie(COOKIE, path=f"/events/{event.code}/kiosk") is None
    assert links.list_of(event.id, "device")[0].revoked_at is not None


def test_five_misses_close_the_door_for_ten_minutes(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    station(client, event)
    now = utcnow()
    with clock.freeze(now):
        assert [leave(client, event, "0000").status_code for _ in range(6)] == [422] * 5 + [429]
        answer = leave(client, event, PIN)
        assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 601
    with clock.freeze(now + timedelta(minutes=11)):
        assert leave(client, event, PIN).status_code == 303


def test_right_pin_of_another_station_does_not_open_this_one(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    links.make(event.id, "kiosk", staff_id=None, pin="9999")
    station(client, event)
    assert leave(client, event, "9999").status_code == 422


def test_staff_who_look_at_the_station_simply_go_back(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    assert client.get(f"/events/{event.code}/kiosk").status_code == 200
    answer = client.get(f"/events/{event.code}/kiosk/leave")
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}")
    assert leave(client, event, PIN).status_code == 403


def test_stranger_cannot_leave_or_enter(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    assert client.get(f"/events/{event.code}/kiosk").location.startswith("/login")
    assert leave(client, event, PIN).status_code in (303, 403)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_start_is_for_staff(app: Flask, client: FlaskClient, method: str) -> None:
    event = make_event()
    answer = client.open(f"/events/{event.code}/kiosk/start", method=method)
    assert answer.status_code == (303 if method == "GET" else 403)


def test_station_s_success_page_is_nobody_s_after_a_moment(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    now = utcnow()
    with clock.freeze(now):
        address = sign_in_at(station(client, event), event).location
        assert "张爱国" in client.get(address).text
        assert app.test_client().get(address).location.startswith("/login"), "the address alone opens nothing"
        receipt = receipts.shown_at_station(event.id, address.rpartition("/")[2])
        assert receipt is not None and client.get(f"/done/{receipt}").status_code == 404
        assert client.post(f"/done/{receipt}/out").status_code == 404
    with clock.freeze(now + timedelta(seconds=20)):
        assert client.get(address).location == f"/events/{event.code}/kiosk"


def test_language_chosen_at_the_station_is_that_person_s_alone(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    answer = station(client, event).get(f"/events/{event.code}/kiosk?lang=en&large=1")
    assert '<html lang="en"' in answer.text and not answer.headers.getlist("Set-Cookie")
    ticket = ticket_in(answer.text)
    wrong = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "name": "", "lang": "en"})
    assert f'href="/events/{event.code}/kiosk?lang=zh"' in wrong.text, "the other language of what a form answered"
    done = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "name": "张爱国", "lang": "en"})
    assert '<html lang="en"' in client.get(done.location).text
    assert '<html lang="zh-CN"' in client.get(f"/events/{event.code}/kiosk").text


def test_station_asks_for_the_digits_first_and_signs_in_as_the_station(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    page = station(client, event).get(f"/events/{event.code}/kiosk")
    assert 'name="last4"' in page.text and f'href="/events/{event.code}/kiosk?form=1"' in page.text
    asked = client.post(f"/e/{event.code}/look-up", data={"ticket": ticket_in(page.text), "last4": "5678"})
    assert f'data-station="/events/{event.code}/kiosk"' in asked.text and "王*强" in asked.text
    for text in (page.text, asked.text):  # nobody is led away from the station, and no page keeps what is typed
        ways = set(re.findall(r'(?:href|action)="(/e/[^"?]*)', text))
        assert ways <= {f"/e/{event.code}/sign-in", f"/e/{event.code}/look-up"}, ways
        assert "data-kiosk" in text and set(re.findall(r'autocomplete="([^"]+)"', text)) == {"off"}
    assert tap(client, event, asked).location.startswith(f"/events/{event.code}/kiosk/done/")
    row = db.session.query(SignIn).one()
    assert (row.method, row.device_link_id) == ("kiosk", links.list_of(event.id, "device")[0].id)
    assert 'class="tile"' in client.get(f"/events/{event.code}/kiosk?form=1").text


def test_guesses_at_the_station_are_counted_as_on_a_phone(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    station(client, event)
    ticket = ticket_in(client.get(f"/events/{event.code}/kiosk").text)
    for _time in range(look_ups.TICKET_MISSES):
        client.post(f"/e/{event.code}/look-up", data={"ticket": ticket, "last4": "0000"})
    assert misses.read(f"look_up:{event.id}", window=look_ups.WINDOW) == look_ups.TICKET_MISSES
    spent = client.post(f"/e/{event.code}/look-up", data={"ticket": ticket, "last4": "5678"})
    assert spent.status_code == 422 and "王*强" not in spent.text


def test_whole_notice_stands_on_the_station_s_own_page(app: Flask, client: FlaskClient) -> None:
    notices.ensure_default_notice()
    event = make_event(kinds=GUEST)
    page = station(client, event).get(f"/events/{event.code}/kiosk").text
    assert f"/e/{event.code}/notice" not in page and "<summary>查看全文</summary>" in page
