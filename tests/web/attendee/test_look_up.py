"""Known people find themselves by four digits (docs/product.md 1.10): what is shown, asked and signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services import codes, tallies
from kiosk.services.door import corrections, look_ups, misses
from kiosk.services.event import events
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.attendee.look_up import TAPPED
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.listed import DONGBEI, LI, hidden, look_up, tap, with_roster

PERSON = {"kind": "enterprise", "name": "王小强", "enterprise": DONGBEI, "mobile": "13800135678"}


def test_four_digits_then_one_tap(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    first = client.get(f"/e/{event.code}")
    assert 'name="last4"' in first.text and 'inputmode="numeric"' in first.text and "不在名单上？" in first.text
    asked = look_up(client, event, "5678")
    assert asked.status_code == 200
    for shown in ("是您吗？", "王*强", "138****5678", DONGBEI):
        assert shown in asked.text
    assert "王小强" not in asked.text and "13800135678" not in asked.text
    done = tap(client, event, asked)
    assert done.status_code == 303
    page = client.get(done.location).text
    for shown in ("王小强", "第 1 位", "第一组", "A3", "2号车"):
        assert shown in page
    counts = events.counts(event.id)
    assert (counts.arrived, counts.listed_arrived, counts.walk_ins) == (1, 1, 0)
    assert tallies.recount() == ()


def test_it_needs_no_cookie(app: Flask) -> None:
    event = with_roster()
    refusing = app.test_client(use_cookies=False)
    done = tap(refusing, event, look_up(refusing, event, "5678"))
    assert refusing.get(done.location).status_code == 200


@pytest.mark.parametrize("typed", ["５６７８", " 56 78 ", "13800135678", "138 0013 5678"])
def test_digits_are_understood_however_they_are_typed(app: Flask, client: FlaskClient, typed: str) -> None:
    assert "王*强" in look_up(client, with_roster(), typed).text


@pytest.mark.parametrize("typed", ["", "567", "56789", "abcd", "１２三四"])
def test_what_is_no_four_digits_is_no_miss_and_is_kept(app: Flask, client: FlaskClient, typed: str) -> None:
    event = with_roster()
    answer = look_up(client, event, typed)
    assert answer.status_code == 422 and 'id="last4-error"' in answer.text and f'value="{typed}"' in answer.text
    assert misses.read(f"look_up:{event.id}", window=look_ups.WINDOW) == 0


def test_nobody_with_these_digits_says_so_and_leads_to_the_form(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    answer = look_up(client, event, "0000")
    assert answer.status_code == 422 and 'value="0000"' in answer.text
    assert f'href="/e/{event.code}?form=1"' in answer.text
    assert 'class="tile"' in client.get(f"/e/{event.code}?form=1").text


def test_several_with_the_same_digits_are_all_shown_and_told_apart(app: Flask, client: FlaskClient) -> None:
    twin = {"organisation_name": DONGBEI, "mobile": "13800135678"}
    event = with_roster(
        RosterRow("enterprise", "王小强", **twin, job_title="质量部长"),
        RosterRow("enterprise", "王志强", **twin, job_title="总经理"),
        RosterRow("guest", "陈红", mobile="18600185678", job_title="记者"),
    )
    page = look_up(client, event, "5678").text
    assert page.count('name="entry"') == 3 and page.count("王*强") == 2
    assert "质量部长" in page and "总经理" in page and "记者" not in page


def test_students_are_never_looked_up(app: Flask, client: FlaskClient) -> None:
    pupil = RosterRow("student", "李明", "四棵中学", class_name="初二(3)班", mobile="13800135678")
    event = with_roster(pupil)
    assert 'name="last4"' not in client.get(f"/e/{event.code}").text
    assert look_ups.find(event.id, "key", "5678") == ()
    mixed = with_roster(pupil, LI)
    assert 'name="last4"' in client.get(f"/e/{mixed.code}").text
    assert look_ups.find(mixed.id, "key", "5678") == ()


def test_without_mobiles_on_the_roster_the_form_is_first(app: Flask, client: FlaskClient) -> None:
    for event in (make_event(), with_roster(RosterRow("enterprise", "王小强", DONGBEI))):
        page = client.get(f"/e/{event.code}").text
        assert 'name="last4"' not in page and 'class="tile"' in page


def test_second_tap_is_friendly_and_tells_another_phone_nothing(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    asked = look_up(client, event, "5678")
    with clock.freeze(utcnow()):
        assert tap(client, event, asked).location == tap(client, event, asked).location
    other = app.test_client()
    page = other.get(tap(other, event, look_up(other, event, "5678")).location).text
    assert "您已于" in page
    page = re.sub(r"<[^>]+>", "\n", page)  # an event's code, drawn by chance, may hold a seat's letters
    for secret in ("王小强", "王*强", "第 1 位", "第一组", "A3", "2号车", "5678"):
        assert secret not in page
    assert events.counts(event.id).arrived == 1


def test_sign_in_by_form_and_by_digits_is_one_person(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    ticket = hidden(client.get(f"/e/{event.code}?form=1&kind=enterprise"), "ticket")
    assert client.post(f"/e/{event.code}/sign-in", data={**PERSON, "ticket": ticket}).status_code == 303
    other = app.test_client()
    assert "您已于" in other.get(tap(other, event, look_up(other, event, "5678")).location).text
    assert events.counts(event.id).arrived == 1


def test_entry_of_another_page_or_event_is_refused(app: Flask, client: FlaskClient) -> None:
    event, elsewhere = with_roster(), with_roster()
    entry = hidden(look_up(client, event, "5678"), "entry")
    for target, ticket in (
        (event, hidden(client.get(f"/e/{event.code}"), "ticket")),
        (elsewhere, hidden(client.get(f"/e/{elsewhere.code}"), "ticket")),
    ):
        answer = client.post(f"/e/{target.code}/sign-in", data={"ticket": ticket, "entry": entry})
        assert answer.status_code == 403 and 'name="last4"' in answer.text
    for nonsense in ("", "x", TAPPED.sign(event.id, "x", "k"), TAPPED.sign(event.id, None, "k")):
        ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
        answer = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "entry": nonsense})
        assert answer.status_code == 403
    assert events.counts(event.id).arrived == 0


def test_bad_ticket_keeps_the_digits_and_brings_a_fresh_one(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    answer = look_up(client, event, "5678", ticket="nonsense")
    assert answer.status_code == 403 and 'value="5678"' in answer.text
    assert look_up(client, event, "5678", ticket=hidden(answer, "ticket")).status_code == 200


def test_form_from_another_site_is_refused(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    data = {"ticket": codes.new_ticket(event.id).token, "last4": "5678"}
    answer = client.post(f"/e/{event.code}/look-up", data=data, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_nobody_is_looked_up_before_the_opening_or_after_the_closing(app: Flask, client: FlaskClient) -> None:
    minute = timedelta(minutes=1)
    for event in (with_roster(opens_at=utcnow() + minute), with_roster(closes_at=utcnow() - minute)):
        answer = look_up(client, event, "5678", ticket=codes.new_ticket(event.id).token)
        assert answer.status_code == 409 and "王*强" not in answer.text


def test_full_event_still_lets_listed_people_in(app: Flask, client: FlaskClient) -> None:
    event = with_roster(capacity=1)
    sign_in(event, enterprise("赵敏", mobile="13700137000"), actor="staff:1")
    assert tap(client, event, look_up(client, event, "5678")).status_code == 303


def test_consent_and_own_fields_are_asked_before_the_tap_counts(app: Flask, client: FlaskClient) -> None:
    meal = {"key": "meal", "type": "choice", "label": "用餐", "choices": ["清真", "普通"], "mode": "required"}
    event = with_roster(notice_basis="consent", own_fields=[meal])
    asked = look_up(client, event, "5678")
    assert 'name="notice"' in asked.text and 'name="x_meal"' in asked.text
    again = tap(client, event, asked, x_meal="素食")
    assert again.status_code == 422 and 'id="x_meal-error"' in again.text and "王小强" not in again.text
    again = tap(client, event, asked, x_meal="普通")
    assert again.status_code == 422 and 'id="notice-error"' in again.text
    assert tap(client, event, again, x_meal="普通", notice="1").status_code == 303


def test_entry_removed_meanwhile_says_so(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    asked = look_up(client, event, "5678")
    rosters.remove(event.id, rosters.entries(event.id)[0].id, actor="staff:1")
    answer = tap(client, event, asked)
    assert answer.status_code == 422 and "名单刚刚有变动" in answer.text


def test_voided_sign_in_can_be_made_again_by_a_new_page(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    asked = look_up(client, event, "5678")
    tap(client, event, asked)
    (wang, _li) = rosters.entries(event.id)
    assert wang.sign_in_id is not None
    corrections.void(wang.sign_in_id, staff_id=None)
    assert "撤销" in tap(client, event, asked).text
    assert tap(client, event, look_up(client, event, "5678")).status_code == 303
    assert tallies.recount() == ()


def test_phone_that_was_looked_up_signs_in_with_one_tap_in_the_afternoon(app: Flask, client: FlaskClient) -> None:
    morning, afternoon = with_roster(), with_roster()
    tap(client, morning, look_up(client, morning, "5678"))
    page = client.get(f"/e/{afternoon.code}")
    assert "王*强" in page.text and 'name="last4"' in page.text
    data = {"kind": "enterprise", "known": "1", "ticket": hidden(page, "ticket")}
    assert client.post(f"/e/{afternoon.code}/sign-in", data=data).status_code == 303
    assert [entry.has_arrived for entry in rosters.entries(afternoon.id)] == [True, False]


def test_phone_that_typed_four_digits_never_sees_the_rest_unmasked(app: Flask, client: FlaskClient) -> None:
    morning, afternoon = with_roster(), with_roster(notice_basis="consent")
    tap(client, morning, look_up(client, morning, "5678"))
    data = {"kind": "enterprise", "known": "1", "ticket": hidden(client.get(f"/e/{afternoon.code}"), "ticket")}
    refused = client.post(f"/e/{afternoon.code}/sign-in", data=data)
    assert refused.status_code == 422
    assert "13800135678" not in refused.text and "王小强" not in refused.text


def test_one_tap_in_the_afternoon_does_not_unmask_the_evening(app: Flask, client: FlaskClient) -> None:
    morning, afternoon, evening = with_roster(), with_roster(), with_roster(notice_basis="consent")
    tap(client, morning, look_up(client, morning, "5678"))
    for event, status in ((afternoon, 303), (evening, 422)):
        data = {"kind": "enterprise", "known": "1", "ticket": hidden(client.get(f"/e/{event.code}"), "ticket")}
        answer = client.post(f"/e/{event.code}/sign-in", data=data)
        assert answer.status_code == status
    assert "13800135678" not in answer.text and "王小强" not in answer.text
