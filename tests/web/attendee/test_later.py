"""What a phone may see later: its receipt, whom it remembers, what a repeat is told, when a trial is over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services.event import events
from kiosk.web.frame.tickets import TRIAL
from tests.aids.factories import make_event
from tests.web.attendee.test_attendee import post, ticket_in


@pytest.fixture
def code(app: Flask) -> str:
    return make_event().code


def test_a_trial_s_address_is_the_ordinary_page_after_the_opening(app: Flask, client: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=20))
    address = f"/e/{event.code}?kind=enterprise&trial={TRIAL.sign(event.id, 0)}"
    before = client.get(address)
    assert "试签" in before.text
    with clock.freeze(utcnow() + timedelta(minutes=21)):
        assert "试签" not in client.get(address).text
        shown_again = post(client, event.code, ticket_in(before), name="")
        assert (shown_again.status_code, "试签" in shown_again.text) == (422, False)
        assert "第 1 位" in client.get(post(client, event.code, ticket_in(before)).location).text
    assert (events.counts(event.id).arrived, events.counts(event.id).trial) == (1, 0)


def test_a_receipt_says_no_name_after_a_week(app: Flask, client: FlaskClient, code: str) -> None:
    address = post(client, code).location
    with clock.freeze(utcnow() + timedelta(days=6, hours=23)):
        assert "王强" in client.get(address).text
    with clock.freeze(utcnow() + timedelta(days=7, minutes=1)):
        page = client.get(address)
    assert (page.status_code, "王强" in page.text, "第 1 位" in page.text) == (200, False, True)


def test_a_phone_remembers_for_sixty_days_whatever_its_cookie_says(app: Flask, client: FlaskClient) -> None:
    code = make_event(closes_at=utcnow() + timedelta(days=90)).code
    post(client, code)
    cookie = client.get_cookie("kiosk_me")
    assert cookie is not None
    with clock.freeze(utcnow() + timedelta(days=59)):
        assert "王*" in client.get(f"/e/{code}").text
    with clock.freeze(utcnow() + timedelta(days=60, minutes=1)):
        client.set_cookie("kiosk_me", cookie.value)
        assert "王*" not in client.get(f"/e/{code}").text


def test_repeat_from_another_phone_sees_the_first_time_and_nothing_more(
    app: Flask, client: FlaskClient, code: str
) -> None:
    post(client, code, job_title="质量部长")
    other = app.test_client()
    page = other.get(post(other, code, enterprise="另一家公司").location).text
    assert "您已于" in page
    assert "湖北东贝" not in page and "质量部长" not in page and "第 1 位" not in page


def test_phone_is_remembered_until_it_forgets(app: Flask, client: FlaskClient, code: str) -> None:
    post(client, code)
    following = make_event(title="下午场")
    page = client.get(f"/e/{following.code}")
    assert "王*" in page.text and "138****8000" in page.text and "王强" not in page.text
    answer = client.post(
        f"/e/{following.code}/sign-in", data={"kind": "enterprise", "known": "1", "ticket": ticket_in(page)}
    )
    assert "王强" in client.get(answer.location).text
    client.post("/forget", data={"code": following.code})
    assert "王*" not in client.get(f"/e/{following.code}").text


def test_a_phone_is_shown_nothing_of_a_person_that_it_did_not_type(app: Flask, client: FlaskClient, code: str) -> None:
    post(client, code, job_title="质量部长")
    following, later, last = make_event(title="下午场"), make_event(title="次日"), make_event(title="第三天")
    curious = app.test_client()
    for known in ({"enterprise": "另一家公司"}, {"enterprise": "湖北东贝制冷有限公司"}):
        done = post(curious, following.code, **known, job_title="").location
        pages = [curious.get(done).text, curious.get(f"/e/{later.code}").text, curious.get(f"/e/{later.code}").text]
        assert not [page for page in pages if "湖北东贝" in page or "质量部长" in page]
        ticket = ticket_in(curious.get(f"/e/{later.code}?kind=enterprise"))
        form = {"kind": "enterprise", "known": "1", "ticket": ticket}
        assert "湖北东贝" not in curious.post(f"/e/{later.code}/sign-in", data=form).text
    post(curious, later.code, job_title="质量部长")  # who types all of it is remembered
    assert "湖北东贝" in curious.get(f"/e/{last.code}").text


def test_a_repeat_is_shown_a_name_only_where_it_typed_that_name(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "student"}])
    pupil = {
        "kind": "student",
        "name": "李明",
        "school": "四棵中学",
        "class_name": "初二(3)班",
        "enterprise": "",
        "mobile": "",
    }
    assert post(client, event.code, **pupil).status_code == 303
    other = app.test_client()
    asked = post(other, event.code, **pupil)
    same = re.search(r'name="same" value="([^"]+)"', asked.text)
    assert asked.status_code == 422 and same is not None
    guess = post(other, event.code, **{**pupil, "name": "王丽"}, same=same[1])
    page = other.get(guess.location).text
    assert "您已于" in page and "李明" not in page
    honest = post(other, event.code, **pupil, same=same[1])
    assert "李明" in other.get(honest.location).text


def test_remembered_phone_can_change_the_kind(client: FlaskClient, code: str) -> None:
    post(client, code)
    following = make_event(title="下午场")
    change = re.search(r'href="(/e/[^"]+)">更换', client.get(f"/e/{following.code}").text)
    assert change
    assert "来宾" in client.get(change[1]).text and "王*" not in client.get(change[1]).text
