"""The digits of a rotating code for screens: what is said of them, to whom, and by whose clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import freeze, utcnow
from kiosk.services.door import links
from kiosk.services.event import event_views, events, last_time, posters, rotation
from kiosk.services.rehearsals import stage
from kiosk.services.store.writer import run
from tests.aids.factories import guest, log_in, make_event, make_staff, opens_at, sign_in
from tests.aids.rotating import on_screen, rotating
from tests.aids.server import run_server

MOMENT = datetime(2026, 9, 10, 1, 0, 10, 400_000, tzinfo=UTC)


def screen(app: Flask, event: event_views.EventView, purpose: links.Screen = "display") -> FlaskClient:
    client = app.test_client()
    client.get(f"/d/{links.make(event.id, purpose, staff_id=None, pin='4711')}")
    return client


def test_the_screen_is_told_the_digits_and_how_long_they_stand(app: Flask) -> None:
    event = rotating()
    display = screen(app, event)
    sign_in(event, guest(), actor="staff:1")
    path = f"/events/{event.code}/display/now"
    with freeze(MOMENT):
        answer = display.get(path)
        assert answer.json == {"digits": on_screen(event), "seconds_left": 19.6, "arrived": 1}
        assert answer.headers["Cache-Control"] == "no-store"
    with freeze(MOMENT + timedelta(seconds=19.5)):
        assert display.get(path).json == {**answer.json, "seconds_left": 0.1}
    with freeze(MOMENT + timedelta(seconds=19.6)):
        following = display.get(path).json
        assert (
            following is not None and following["seconds_left"] == 30 and following["digits"] != answer.json["digits"]
        )


def test_there_are_no_digits_without_a_rotating_code_nor_while_nobody_signs_in(app: Flask) -> None:
    plain, event = make_event(), rotating()
    assert screen(app, plain).get(f"/events/{plain.code}/display/now").json["digits"] is None
    display = screen(app, event)
    opens_at(event, utcnow() + timedelta(hours=1))
    assert display.get(f"/events/{event.code}/display/now").json == {"digits": None, "seconds_left": None, "arrived": 0}
    opens_at(event, None)
    events.close(event.code)
    assert display.get(f"/events/{event.code}/display/now").json["digits"] is None


def test_nobody_is_told_the_digits_but_staff_and_the_event_s_own_display(app: Flask, client: FlaskClient) -> None:
    event, other = rotating(), rotating()
    path = f"/events/{event.code}/display/now"
    for stranger in (client, screen(app, other), screen(app, event, "kiosk"), screen(app, event, "wall")):
        answer = stranger.get(path)
        assert answer.status_code in (303, 404) and on_screen(event) not in answer.text
    display = screen(app, event)
    links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
    assert display.get(path).status_code == 404
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    assert client.get(path).json["digits"] == on_screen(event)


def test_code_and_poster_give_the_event_s_address_never_the_digits(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    poster = posters.poster_of(event, "zh", {"zh": "", "en": ""})
    assert poster["address"].endswith(f"/e/{event.code}") and poster["asks_digits"] is True
    assert on_screen(event) not in json.dumps(poster)
    assert posters.poster_of(make_event(), "zh", {"zh": "", "en": ""})["asks_digits"] is False
    page = screen(app, event).get(f"/events/{event.code}/display").text
    assert on_screen(event)[:3] in page and "扫码后，输入这六位数字" in page
    assert "扫码后" not in screen(app, make_event()).get(f"/events/{make_event().code}/display").text


def test_clones_and_like_last_time_have_it_and_a_rehearsal_has_not(app: Flask) -> None:
    event = rotating()
    assert events.clone(event.code).rotate_seconds == 30
    assert last_time.like(event, events.EventDraft(title="讲堂")).rotate_seconds == 30
    boss = make_staff()
    assert run(lambda session: stage.set_up(session, event, 10, boss.id).rotate_seconds) is None


@pytest.mark.server
def test_the_log_knows_neither_the_digits_nor_the_way_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    with run_server(tmp_path_factory.mktemp("log")) as server:
        event = rotating()
        digits = on_screen(event)
        with server.phone() as phone:
            assert phone.post(f"/e/{event.code}/digits", {"digits": "000000"}).status == 403
            answer = phone.post(f"/e/{event.code}/digits", {"digits": digits})
            assert answer.status == 303 and answer.headers["referrer-policy"] == "strict-origin"
            assert phone.get(str(answer.location)).status == 200
            phone.post(f"/e/{event.code}/digits", {"digits": digits * 20_000})
        shown = rotation.shown(event)
    log = server.log.read_text()
    assert digits not in log and (shown is None or shown.digits not in log)
    assert str(answer.location).partition("entrance=")[2][:20] not in log


def test_no_other_address_says_the_digits(app: Flask, client: FlaskClient) -> None:
    """Every address of the event, opened by a stranger, by its station, by a steward and by a leader."""
    event = rotating(rotate_seconds=300)
    steward = app.test_client()
    steward.get(f"/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
    group = links.make(event.id, "group", "王老师", staff_id=None)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.arguments == {"code"}]
    paths = [rule.rule.replace("<code>", event.code) for rule in rules] + [f"/g/{group}", "/"]
    assert f"/events/{event.code}/display/now" in paths and f"/steward/{event.code}" in paths
    for somebody in (client, screen(app, event, "kiosk"), steward):
        for path in paths:
            answer = somebody.get(path)
            digits = on_screen(event)
            assert digits not in answer.text and digits not in str(answer.headers), path
            assert f"<span>{digits[:3]}</span> <span>{digits[3:]}</span>" not in answer.text, path
