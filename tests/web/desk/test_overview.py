"""An event's overview follows the day: one next step, what is to be done, the rest under "More"."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.board import pulse
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in

ZH = {"Accept-Language": "zh-CN"}


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def page(desk: FlaskClient, event: EventView) -> str:
    return desk.get(f"/events/{event.code}", headers=ZH).text


def large(text: str) -> str:
    found = re.search(r'class="step step--large" id="step-(\w+)"', text)
    return found[1] if found else ""


def states(text: str) -> list[str]:
    return re.findall(r"to-do__row--(\w+)", text)


def test_before_the_event_the_first_thing_that_is_left_is_large(desk: FlaskClient) -> None:
    event = make_event(starts_at=utcnow() + timedelta(days=1), is_opening_usual=True, is_closing_usual=True)
    text = page(desk, event)
    assert large(text) == "list" and states(text) == ["open"] * 5
    post(desk, f"/events/{event.code}/course", skip="list")
    assert large(page(desk, event)) == "poster"
    assert desk.get(f"/events/{event.code}/poster.pdf").status_code == 200
    pulse.opened(event.id, "phone_private")
    pulse.flush()
    assert states(page(desk, event)) == ["skipped", "done", "done", "open", "open"]
    post(desk, f"/events/{event.code}/course", need="list")
    assert desk.get(f"/events/{event.code}/display").status_code == 200
    text = page(desk, event)
    assert large(text) == "list" and states(text) == ["open", "done", "done", "open", "done"]
    assert post(desk, f"/events/{event.code}/course", skip="everything").status_code == 400


def test_during_the_event_the_board_is_large_with_live_figures(desk: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise())
    text = desk.get(f"/events/{event.code}/course?stage=during", headers=ZH).text
    assert (
        large(text) == "board" and states(text) == [] and ">1</dd>" in re.sub(r"<span.*?</span>", "", text, flags=re.S)
    )
    assert 'id="step-display"' in text and 'id="step-hand"' in text


def test_a_page_of_another_part_of_the_day_is_loaded_anew(desk: FlaskClient) -> None:
    event = make_event()
    path = f"/events/{event.code}/course?stage=before"
    assert "HX-Refresh" not in desk.get(path).headers
    sign_in(event, enterprise())
    assert desk.get(path).headers["HX-Refresh"] == "true"


def test_a_finished_event_offers_what_comes_after_it_and_neither_poster_nor_rehearsal(desk: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise())
    events.close(event.code)
    text = page(desk, event)
    assert large(text) == "freeze" and states(text) == ["open"] * 4
    for gone in ("poster.pdf", "/rehearsal", "/display", "qr.svg", "/stewards"):
        assert gone not in text, gone
    assert "再开放至今晚" in text and "签到已于" in text


def test_who_only_looks_has_nothing_to_do(app: Flask, client: FlaskClient) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    event = make_event()
    text = page(client, event)
    assert large(text) == "display" and states(text) == []
    assert post(client, f"/events/{event.code}/course", skip="list").status_code == 403
    sign_in(event, enterprise())
    assert large(page(client, event)) == "board"
    events.close(event.code)
    assert large(page(client, event)) == "sheets"
