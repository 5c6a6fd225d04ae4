"""The large print (大字版): a switch on attendees' and stewards' pages that the phone remembers."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.door import links
from tests.aids.factories import make_event
from tests.web.attendee.test_attendee import post, ticket_in

LARGE = 'data-print="large"'


@pytest.fixture
def code(app: Flask) -> str:
    return make_event(kinds=[{"kind": "enterprise"}]).code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_remembers_the_print(client: FlaskClient, code: str, lang: str) -> None:
    page = client.get(f"/e/{code}?lang={lang}").text
    assert LARGE not in page and ("大字版" if lang == "zh" else "Large print") in page
    large = client.get(f"/e/{code}?large=1")
    assert LARGE in large.text and ("标准字号" if lang == "zh" else "Usual print") in large.text
    assert LARGE in client.get("/").text and LARGE in client.get("/e/QQQQQQ").text
    assert LARGE not in client.get(f"/e/{code}?large=0").text
    assert LARGE not in client.get("/").text


def test_it_goes_along_where_no_cookie_is_taken(app: Flask, code: str) -> None:
    refusing = app.test_client(use_cookies=False)
    page = refusing.get(f"/e/{code}?large=1")
    assert '<input type="hidden" name="large" value="1">' in page.text
    wrong = post(refusing, code, ticket_in(page), name="", large="1")
    assert LARGE in wrong.text
    done = post(refusing, code, ticket_in(wrong), large="1")
    assert LARGE in refusing.get(done.location).text
    again = refusing.get(f"/e/{code}/sign-in?large=1")
    assert again.location.startswith(f"/e/{code}?") and "large=1" in again.location


def test_nonsense_is_the_usual_print(client: FlaskClient, code: str) -> None:
    assert LARGE not in client.get(f"/e/{code}?large=yes").text and client.get_cookie("large") is None


def test_a_steward_has_it_and_a_station_does_not(app: Flask, client: FlaskClient, code: str) -> None:
    event_id = make_event().id
    steward = client.get(f"/st/{links.make(event_id, 'steward', '小李', staff_id=None)}").location
    assert "大字版" in client.get(steward).text
    assert LARGE in client.get(f"{steward}?large=1").text
    assert LARGE in client.get("/steward/QQQQQQ").text, "a dead link's page is a steward's too"
    station = client.get(f"/d/{links.make(event_id, 'kiosk', staff_id=None, pin='4938')}").location
    page = client.get(station).text
    assert LARGE not in page and "大字版" not in page, "it is large itself, and keeps nothing of anybody"


def test_staff_s_pages_stay_as_they_are(client: FlaskClient) -> None:
    page = client.get("/login?large=1").text
    assert LARGE not in page and not re.search("大字版", page)
