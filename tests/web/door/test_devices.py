"""Device links: one screen of one event and no other right; revocable; dead a day after the event."""

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
from kiosk.models import DeviceLink
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.web.frame.screens import COOKIE
from tests.aids.factories import LEFT_OPEN, log_in, make_event, make_staff, post


def make_link(event: EventView, screen: links.Screen = "display", pin: str | None = None) -> str:
    return links.make(event.id, screen, staff_id=None, pin=pin)


def open_link(client: FlaskClient, token: str) -> TestResponse:
    return client.get(f"/d/{token}")


def test_link_opens_its_screen_and_leaves_the_address_bar(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    token = make_link(event)
    answer = open_link(client, token)
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}/display")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and f"Path=/events/{event.code}/display" in cookie
    page = client.get(answer.location)
    assert page.status_code == 200 and token not in page.text


def test_link_is_kept_as_a_hash_only(app: Flask, client: FlaskClient) -> None:
    token = make_link(make_event(), "kiosk", "4711")
    kept = db.session.query(DeviceLink).one()
    assert token not in kept.token_hash and len(kept.pin_hash or "") == len(kept.token_hash) > len("4711")


def test_link_opens_no_other_event_and_no_other_screen(app: Flask, client: FlaskClient) -> None:
    mine, other = make_event(), make_event(title="另一场")
    token = make_link(mine)
    for path in (f"/events/{other.code}/display", f"/events/{mine.code}/kiosk"):
        client.set_cookie(COOKIE, token, path=path)  # a thief may send it where he likes
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/events", "/campaigns", "/staff", "/events/{code}/qr.svg", "/events/{code}/poster.pdf"]
)
def test_link_gives_no_right_at_the_desk(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    path = path.format(code=event.code)
    client.set_cookie(COOKIE, make_link(event), path=path)
    answer = client.get(path)
    assert answer.status_code == 303 and answer.location.startswith("/login")


def test_revoked_link_goes_dark(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    open_link(client, make_link(event))
    (link,) = links.list_of(event.id, "device")
    assert links.revoke(event.id, "device", link.id)
    assert client.get(f"/events/{event.code}/display").status_code == 404
    assert client.get(f"/events/{event.code}/display/count").status_code == 404
    assert not links.revoke(event.id, "device", link.id)


def test_link_is_made_seen_and_revoked_on_both_databases(both_app: Flask) -> None:
    event = make_event()
    token = make_link(event, "kiosk", "4711")
    link = links.find(token, "device")
    assert link is not None and links.is_pin(link, token, "4711") and not links.is_pin(link, token, "4712")
    links.touch(link)
    assert links.list_of(event.id, "device")[0].last_seen_at is not None
    assert links.revoke(event.id, "device", link.id) and links.find(token, "device") is None


def test_link_of_another_event_is_not_revoked(app: Flask) -> None:
    mine, other = make_event(), make_event()
    make_link(mine)
    (link,) = links.list_of(mine.id, "device")
    assert not links.revoke(other.id, "device", link.id)


def test_link_lives_a_day_longer_than_the_event(app: Flask, client: FlaskClient) -> None:
    end = utcnow() + timedelta(hours=2)
    event = make_event(starts_at=end - timedelta(hours=1), ends_at=end)
    token = make_link(event)
    with clock.freeze(end + timedelta(hours=23)):
        assert open_link(client, token).status_code == 303
    with clock.freeze(end + timedelta(hours=25)):
        assert open_link(client, token).status_code == 404
        assert client.get(f"/events/{event.code}/display").status_code == 404


def test_link_of_an_event_without_end_lives_until_it_is_closed(app: Flask) -> None:
    event = make_event(**LEFT_OPEN)
    token = make_link(event)
    with clock.freeze(utcnow() + timedelta(days=40)):
        assert links.find(token, "device") is not None
        events.close(event.code)
        assert links.find(token, "device") is not None
    with clock.freeze(utcnow() + timedelta(days=42)):
        assert links.find(token, "device") is None


def test_unknown_link_is_404(app: Flask, client: FlaskClient) -> None:
    assert open_link(client, "nothing").status_code == 404


def test_screen_is_seen_at_most_once_a_minute(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    open_link(client, make_link(event))
    began = utcnow()
    seen = []
    for seconds in (0, 30, 61):
        with clock.freeze(began + timedelta(seconds=seconds)):
            client.get(f"/events/{event.code}/display")
        seen.append(links.list_of(event.id, "device")[0].last_seen_at)
    assert seen == [began, began, began + timedelta(seconds=61)]


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "１２３４", " 1234\n5"])
def test_pin_is_four_to_six_digits(app: Flask, pin: str) -> None:
    with pytest.raises(Refused, match="bad_pin"):
        links.make(make_event().id, "kiosk", staff_id=None, pin=pin)


def test_stranger_is_asked_to_log_in(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    answer = client.get(f"/events/{event.code}/display")
    assert (answer.status_code, answer.location) == (303, f"/login?next=/events/{event.code}/display")
    assert client.get("/events/XXXXXX/display").status_code == 404


def test_organiser_of_another_event_sees_no_screen(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff("organiser")
    log_in(client, "organiser@example.org")
    assert client.get(f"/events/{event.code}/display").status_code == 403


def test_new_link_is_shown_once_with_its_code(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    answer = post(client, f"/events/{event.code}/devices", screen="display")
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}/devices")
    other = client.get(f"/events/{make_event().code}/devices").text
    assert "made__code" not in other, "another event's page shows nothing of it, and leaves it where it is"
    first, second = client.get(answer.location).text, client.get(answer.location).text
    (address,) = re.findall(r"http://\S+/d/([\w-]+)", unescape(first))
    assert "/d/" not in second and "made__code" not in second
    assert open_link(app.test_client(), address).status_code == 303


def test_station_link_needs_a_pin(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    answer = post(client, f"/events/{event.code}/devices", screen="kiosk", pin="12")
    assert answer.status_code == 422 and "请填 4 至 6 位数字。" in answer.text
    assert links.list_of(event.id, "device") == ()


def test_link_is_revoked_on_the_page(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    token = make_link(event)
    make_staff()
    log_in(client, "admin@example.org")
    (link,) = links.list_of(event.id, "device")
    answer = post(client, f"/events/{event.code}/devices/{link.id}/revoke")
    assert answer.status_code == 303 and links.find(token, "device") is None
    page = client.get(answer.location).text
    assert "已撤销" in page and "/revoke" not in page


@pytest.mark.parametrize("path", ["/devices", "/trial", "/kiosk/start"])
def test_viewer_makes_no_links(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    assert client.get(f"/events/{event.code}{path}").status_code == 403


def trial_address(page: str) -> str:
    (path,) = re.findall(r"http://[^/\s<]+(/e/\w+\?trial=[\w.-]+)", unescape(page))
    return str(path)


def test_trial_address_opens_the_form_early(app: Flask, client: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(hours=1), kinds=[{"kind": "guest"}])
    make_staff()
    log_in(client, "admin@example.org")
    address = trial_address(client.get(f"/events/{event.code}/trial").text)
    phone = app.test_client()
    assert 'name="name"' not in phone.get(f"/e/{event.code}").text
    assert 'name="name"' in phone.get(address).text


def test_trial_page_of_an_open_event_says_that_sign_ins_count(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/trial").text
    assert "?trial=" not in page and "签到已经开始" in page
