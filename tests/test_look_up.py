"""Known people find themselves by four digits (PRODUCT.md 1.10): what is shown, what a guesser learns."""

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
from kiosk.services import codes, corrections, events, look_ups, misses, rosters, tallies
from kiosk.services.event_views import EventView
from kiosk.services.look_ups import MoreAsked, TicketSpent
from kiosk.services.rosters import RosterRow
from tests.factories import enterprise, make_event, sign_in

DONGBEI = "湖北东贝制冷有限公司"
WANG = RosterRow("enterprise", "王小强", DONGBEI, mobile="13800135678", group_name="第一组", seat="A3", bus="2号车")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000")
PERSON = {"kind": "enterprise", "name": "王小强", "enterprise": DONGBEI, "mobile": "13800135678"}
LEARNED = 18  # of 400, by the misses an event has
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    rosters.write(event.id, rows or (WANG, LI), actor="staff:1")
    return event


def training(people: int) -> EventView:
    """An event that expects so many people, their last four digits spread over the ten thousand."""
    rows = [
        RosterRow("enterprise", f"{SURNAMES[n % 20]}{n:03}", DONGBEI, mobile=f"1380{n:03}{n * 7919 % 10000:04}")
        for n in range(people)
    ]
    return with_roster(*rows)


def hidden(response: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', response.text)
    assert found, response.text
    return unescape(found[1])


def look_up(client: FlaskClient, event: EventView, last4: str, **fields: str) -> TestResponse:
    """Open the page and send the digits."""
    ticket = fields.pop("ticket", "") or hidden(client.get(f"/e/{event.code}"), "ticket")
    return client.post(f"/e/{event.code}/look-up", data={"ticket": ticket, "last4": last4, **fields})


def tap(client: FlaskClient, event: EventView, asked: TestResponse, **fields: str) -> TestResponse:
    """Say "that is me"."""
    data = {"ticket": hidden(asked, "ticket"), "entry": hidden(asked, "entry"), **fields}
    return client.post(f"/e/{event.code}/sign-in", data=data)


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
    for nonsense in ("", "x", codes.sign("entry", "x"), codes.sign("entry", [event.id, None, "k"])):
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
    data = {"ticket": codes.make_ticket(event.id), "last4": "5678"}
    answer = client.post(f"/e/{event.code}/look-up", data=data, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_nobody_is_looked_up_before_the_opening_or_after_the_closing(app: Flask, client: FlaskClient) -> None:
    minute = timedelta(minutes=1)
    for event in (with_roster(opens_at=utcnow() + minute), with_roster(closes_at=utcnow() - minute)):
        answer = look_up(client, event, "5678", ticket=codes.make_ticket(event.id))
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


# --- what is counted


def test_five_misses_spend_a_page_and_a_fresh_one_goes_on(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
    for _miss in range(look_ups.TICKET_MISSES):
        assert look_up(client, event, "0000", ticket=ticket).status_code == 422
    spent = look_up(client, event, "5678", ticket=ticket)
    assert spent.status_code == 422 and "多次未找到" in spent.text and "王*强" not in spent.text
    assert look_up(client, event, "5678").status_code == 200


def test_hits_are_not_counted(app: Flask) -> None:
    event = with_roster()
    for _hit in range(3 * look_ups.LEAST_BUDGET):
        assert look_ups.find(event.id, "one page", "5678")
    assert look_ups.asked(event.id) is None


def test_event_has_one_miss_per_listed_person_and_at_least_thirty(app: Flask) -> None:
    assert look_ups.budget_of(with_roster().id) == 30
    assert look_ups.budget_of(training(67).id) == 67


def spend(event: EventView, times: int = 1) -> None:
    for _miss in range(times * look_ups.budget_of(event.id)):
        misses.count(f"look_up:{event.id}", window=look_ups.WINDOW)


def test_beyond_the_budget_the_first_character_is_asked_and_the_door_never_closes(
    app: Flask, client: FlaskClient
) -> None:
    event = with_roster()
    spend(event)
    asked = look_up(client, event, "5678")
    assert asked.status_code == 422 and 'name="name"' in asked.text and 'value="5678"' in asked.text
    assert "王*强" not in asked.text
    assert look_up(client, event, "0000").text.count("第一个字") == asked.text.count("第一个字")  # it tells nothing
    assert "王*强" not in look_up(client, event, "5678", name="李").text
    assert tap(client, event, look_up(client, event, "5678", name="王")).status_code == 303


def test_beyond_twice_the_budget_the_name_is_asked(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    spend(event, times=2)
    assert "王*强" not in look_up(client, event, "5678", name="王").text
    assert "王*强" in look_up(client, event, "5678", name="王　小强").text


def test_budget_begins_anew_after_ten_minutes(app: Flask) -> None:
    event = with_roster()
    spend(event)
    with pytest.raises(MoreAsked, match="initial"):
        look_ups.find(event.id, "a page", "5678")
    with clock.freeze(utcnow() + look_ups.WINDOW):
        assert look_ups.find(event.id, "a page", "5678")


def test_misses_of_one_event_cost_another_nothing(app: Flask) -> None:
    event, other = with_roster(), with_roster()
    spend(event)
    assert (look_ups.asked(event.id), look_ups.asked(other.id)) == ("initial", None)


def test_store_that_is_away_makes_careful_and_closes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = with_roster()

    def away(*_asked: object, **_options: object) -> int:
        raise misses.StoreAway

    monkeypatch.setattr(misses, "read", away)
    monkeypatch.setattr(misses, "count", away)
    with pytest.raises(MoreAsked, match="name"):
        look_ups.find(event.id, "a page", "5678")
    assert look_ups.find(event.id, "a page", "5678", "王小强")
    assert look_ups.find(event.id, "a page", "0000", "王小强") == ()


def test_misses_are_counted_on_both_databases(both_app: Flask) -> None:
    event = with_roster()
    with clock.freeze(utcnow()):
        assert [misses.count("a", window=look_ups.WINDOW) for _ in range(3)] == [1, 2, 3]
        assert misses.read("a", window=look_ups.WINDOW) == 3 and misses.read("b", window=look_ups.WINDOW) == 0
    for _miss in range(look_ups.TICKET_MISSES):
        assert look_ups.find(event.id, "a page", "0000") == ()
    with pytest.raises(TicketSpent):
        look_ups.find(event.id, "a page", "5678")


def test_a_miss_waits_for_no_sign_in_and_holds_none_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = with_roster()
    written: list[object] = []
    monkeypatch.setattr(app.extensions["kiosk_writer"], "submit", written.append)
    assert look_ups.find(event.id, "a page", "0000") == ()
    assert misses.read(f"look_up:{event.id}", window=look_ups.WINDOW) == 1
    assert written == []


def test_a_new_page_per_guess_teaches_a_guesser_a_twentieth_of_the_roster_in_ten_minutes(app: Flask) -> None:
    """Somebody who fetches a new page for each guess, who knows the commonest surname, and who is never slowed down.

    In ten minutes: of 400 people 17 by the digits alone and LEARNED in all, 4.5 %, each of them masked. Then the name
    is asked for, and digits alone teach nothing any more.
    """
    event = training(400)
    learned: set[int] = set()
    misses_made, name = 0, ""
    stopped_by = None
    with clock.freeze(utcnow()):
        for digits in range(10_000):
            try:
                found = look_ups.find(event.id, f"page {digits}", f"{digits:04}", name)
            except MoreAsked as more:
                stopped_by, name = more.asks, SURNAMES[0]
                if stopped_by == "name":
                    break
            else:
                misses_made += not found
                learned |= {person.entry_id for person in found}
    assert (stopped_by, misses_made) == ("name", 2 * 400)
    assert len(learned) == LEARNED and LEARNED / 400 <= 0.05


def test_a_known_name_is_guessed_five_times_and_then_only_the_form_helps(app: Flask) -> None:
    event = with_roster()
    spend(event, times=2)
    for number in range(look_ups.TICKET_MISSES):
        assert look_ups.find(event.id, f"page {number}", "0000", "王小强") == ()
    with pytest.raises(TicketSpent):
        look_ups.find(event.id, "a new page", "5678", "王小强")
    assert look_ups.find(event.id, "a new page", "9000", "李娜")


def test_67_people_behind_one_address_all_get_in_though_half_mistype_once(app: Flask) -> None:
    """30 of them in the first minute, the others in the nine that follow; each on a phone of its own."""
    event, start = training(67), utcnow()
    entries = rosters.entries(event.id)
    for number, entry in enumerate(entries):
        after = number * 2 if number < 30 else 60 + (number - 30) * 14
        phone = app.test_client(use_cookies=False)
        assert entry.mobile is not None
        with clock.freeze(start + timedelta(seconds=after)):
            page = phone.get(f"/e/{event.code}", environ_base={"REMOTE_ADDR": "10.0.0.9"})
            ticket = hidden(page, "ticket")
            if number % 2:
                assert look_up(phone, event, "0001", ticket=ticket).status_code == 422
            asked = look_up(phone, event, entry.mobile[-4:], ticket=ticket)
            assert asked.status_code == 200, number
            assert tap(phone, event, asked).status_code == 303, number
    assert misses.read(f"look_up:{event.id}", window=timedelta(hours=1)) == 33
    assert (events.counts(event.id).arrived, events.counts(event.id).listed_arrived) == (67, 67)
    assert tallies.recount() == ()
