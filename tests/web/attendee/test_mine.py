"""Who has signed in and scans again gets their tick; a closed page leads to one's own sign-in (docs/product.md 1.7,
1.9)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventRefusal
from kiosk.services.board import pulse
from kiosk.services.door import corrections, links
from kiosk.services.event import events
from kiosk.services.roster import rosters
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.listed import look_up, tap, with_roster
from tests.web.attendee.test_attendee import open_form, post, ticket_in

ONE_KIND = [{"kind": "enterprise"}]


@pytest.fixture
def code(app: Flask) -> str:
    return make_event(kinds=ONE_KIND).code


def said(page: TestResponse) -> str:
    """What a page says, without its addresses."""
    return re.sub(r"<[^>]+>", "\n", page.text)


def test_who_scans_again_gets_the_tick_with_seat_and_group_in_both_languages(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    tap(client, event, look_up(client, event, "5678"))
    page = client.get(f"/e/{event.code}")
    for shown in ("王小强", "第 1 位", "您已于", "第一组", "A3", "2号车", "为同行人员签到", "不是我"):
        assert shown in said(page)
    assert 'name="last4"' not in page.text
    english = said(client.get(f"/e/{event.code}?lang=en"))
    for shown in ("No. 1", "You signed in at", "A3", "Sign in somebody with me", "Not me"):
        assert shown in english


def test_a_repeat_by_four_digits_keeps_name_and_seat_on_the_same_phone_only(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    tap(client, event, look_up(client, event, "5678"))
    companion = ticket_in(client.get(f"/e/{event.code}?companion=1"))  # the way to the field on a phone that signed in
    again = client.get(tap(client, event, look_up(client, event, "5678", ticket=companion)).location)
    for shown in ("王小强", "A3", "您已于"):
        assert shown in said(again)
    other = app.test_client()
    tap(other, event, look_up(other, event, "5678"))
    for page in (other.get(f"/e/{event.code}"),):
        assert "您已于" in said(page) and "不是我" in said(page)
        assert not [secret for secret in ("王小强", "第 1 位", "第一组", "A3") if secret in said(page)]
    assert rosters.entries(event.id)[0].has_arrived and events.counts(event.id).arrived == 1


def test_not_me_and_forget_lead_to_the_form(client: FlaskClient, code: str) -> None:
    post(client, code)
    assert "王强" in client.get(f"/e/{code}").text
    assert client.post("/forget", data={"code": code}).location == f"/e/{code}"
    page = client.get(f"/e/{code}").text
    assert "王" not in page and 'name="ticket"' in page


def test_what_the_phone_asks_for_it_gets(client: FlaskClient, code: str) -> None:
    post(client, code)
    for asked in ("companion=1", "kind=enterprise", "form=1"):
        assert 'name="ticket"' in client.get(f"/e/{code}?{asked}").text


def test_a_companion_a_trial_a_station_and_a_group_leave_nobody_s_tick(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=ONE_KIND)
    post(client, event.code, ticket_in(client.get(f"/e/{event.code}?companion=1")))
    tablet = app.test_client()
    station = tablet.get(f"/d/{links.make(event.id, 'kiosk', staff_id=None, pin='4938')}").location
    post(tablet, event.code, ticket_in(tablet.get(station)), name="李娜", mobile="13900139000")
    leader = app.test_client()
    names = {"kind": "enterprise", "enterprise": "东贝", "rows": "1", "name-0": "赵敏", "here-0": "1"}
    group = {**names, "ticket": open_form(leader, event.code)}
    assert "/group/" in leader.post(f"/e/{event.code}/group", data=group).location
    for phone in (client, tablet, leader):
        assert phone.get_cookie("kiosk_here", path=f"/e/{event.code}") is None
        assert 'name="ticket"' in phone.get(f"/e/{event.code}").text
    assert events.counts(event.id).arrived == 3


def test_a_phone_that_was_lent_shows_its_own_person(client: FlaskClient, code: str) -> None:
    post(client, code)
    companion = ticket_in(client.get(f"/e/{code}?companion=1"))
    assert "李娜" in client.get(post(client, code, companion, name="李娜", mobile="13900139000").location).text
    page = client.get(f"/e/{code}").text
    assert "王强" in page and "第 1 位" in page and "李娜" not in page


def test_one_event_s_tick_is_nothing_to_another(client: FlaskClient, code: str) -> None:
    post(client, code)
    cookie = client.get_cookie("kiosk_here", path=f"/e/{code}")
    other = make_event(kinds=ONE_KIND).code
    assert cookie is not None and cookie.path == f"/e/{code}"
    assert 'name="ticket"' in client.get(f"/e/{other}").text
    client.set_cookie("kiosk_here", cookie.value, path=f"/e/{other}")
    assert 'name="ticket"' in client.get(f"/e/{other}").text
    client.set_cookie("kiosk_here", "nonsense", path=f"/e/{other}")
    assert 'name="ticket"' in client.get(f"/e/{other}").text


def test_voided_is_no_tick_and_a_week_later_neither(client: FlaskClient, code: str) -> None:
    post(client, code)
    cookie = client.get_cookie("kiosk_here", path=f"/e/{code}")
    assert cookie is not None
    with clock.freeze(utcnow() + timedelta(days=7, minutes=1)):
        client.set_cookie("kiosk_here", cookie.value, path=f"/e/{code}")  # whatever a browser keeps
        assert "第 1 位" not in client.get(f"/e/{code}").text
    client.set_cookie("kiosk_here", cookie.value, path=f"/e/{code}")
    corrections.void(sign_in(events.get(code), enterprise()).sign_in_id, staff_id=None)
    assert 'name="ticket"' in client.get(f"/e/{code}").text


def test_closed_and_full_are_no_hindrance_to_a_tick(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=ONE_KIND, capacity=1)
    post(client, event.code)
    assert "第 1 位" in client.get(f"/e/{event.code}").text
    events.close(event.code)
    assert "第 1 位" in client.get(f"/e/{event.code}").text
    assert "第 1 位" not in app.test_client().get(f"/e/{event.code}").text


def test_a_second_day_is_told_and_counted(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=ONE_KIND, closes_at=utcnow() + timedelta(days=3))
    post(client, event.code)
    with clock.freeze(utcnow() + timedelta(days=1)):
        assert "本场活动的签到记录是" in client.get(f"/e/{event.code}").text
        pulse.flush()
    assert [(row.code, row.refused) for row in db.session.scalars(select(EventRefusal))] == [("another_day", 1)]


@pytest.mark.parametrize("state", ["closed", "full"])
def test_closed_and_full_pages_lead_to_one_s_own_sign_in(app: Flask, client: FlaskClient, state: str) -> None:
    event = make_event(kinds=ONE_KIND, capacity=1)
    post(client, event.code)
    if state == "closed":
        events.close(event.code)
    other = app.test_client()
    page = other.get(f"/e/{event.code}")
    way = re.search(r'href="([^"]+)">我已签到<', page.text)
    assert way is not None
    form = other.get(way[1])
    fields = {"kind": "enterprise", "name": "王强", "mobile": "13800138000", "enterprise": "湖北东贝制冷有限公司"}
    if 'name="mine"' in form.text:
        fields |= {"mine": "1"}
    answer = other.post(f"/e/{event.code}/sign-in", data={**fields, "ticket": ticket_in(form)})
    assert answer.status_code == 303
    assert "您已于" in said(other.get(answer.location)) and "王强" in said(other.get(answer.location))
    assert "第 1 位" not in said(other.get(answer.location))


def test_a_closed_look_up_finds_nobody_by_a_name_alone_and_signs_nobody_in(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=[*ONE_KIND, {"kind": "guest"}])
    sign_in(event, enterprise())
    events.close(event.code)
    assert 'class="tile"' in client.get(f"/e/{event.code}?form=1").text
    form = client.get(f"/e/{event.code}?kind=enterprise")
    assert "为什么需要" in form.text and 'name="enterprise"' not in form.text
    data = {"kind": "enterprise", "mine": "1", "ticket": ticket_in(form), "name": "王强"}
    assert client.post(f"/e/{event.code}/sign-in", data=data).status_code == 422
    wrong = client.post(f"/e/{event.code}/sign-in", data={**data, "mobile": "13900139000"})
    assert wrong.status_code == 409 and "没有查到" in wrong.text and 'value="王强"' in wrong.text
    guests = client.get(f"/e/{event.code}?kind=guest")
    assert "请找会务人员" in guests.text and 'name="name"' not in guests.text
    assert events.counts(event.id).arrived == 1


def test_an_open_event_is_not_looked_through(app: Flask, client: FlaskClient, code: str) -> None:
    sign_in(events.get(code), enterprise())
    data = {
        "kind": "enterprise",
        "mine": "1",
        "ticket": open_form(client, code),
        "name": "王强",
        "mobile": "13800138000",
    }
    assert client.post(f"/e/{code}/sign-in", data=data).status_code == 422  # it is the form, with a field missing
