"""A steward confirms: what phones, a steward's page, the board and the desk show of who waits, and their buttons."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.extensions import db
from kiosk.services.door import corrections, links, passes, receipts
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, sign_in, student, ticket_for


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """An organiser who is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def event(app: Flask) -> EventView:
    return make_event(needs_confirmation=True, kinds=[{"kind": "guest"}, {"kind": "enterprise"}])


def page_of(result: object) -> str:
    return "/done/" + receipts.address_of(result, is_kiosk=False)  # type: ignore[arg-type]


def counts(event: EventView) -> events.Counts:
    db.session.rollback()
    return events.counts(event.id)


@pytest.fixture
def steward(app: Flask, event: EventView) -> FlaskClient:
    client = app.test_client()
    client.get("/st/" + links.make(event.id, "steward", "小李", staff_id=None), follow_redirects=True)
    return client


def send(client: FlaskClient, event: EventView, page: str, action: str, sign_in_id: int, name: str = "") -> str:
    """Press the button of a person on a page of a steward, and return the answer's page."""
    form = re.search(rf'action="(/steward/{event.code}/{action})".*?name="sign_in_id" value="{sign_in_id}"', page, re.S)
    forms = [one for one in re.findall(r"<form.*?</form>", page, re.S) if f'value="{sign_in_id}"' in one]
    mine = next(one for one in forms if f'/{action}"' in one)
    assert form is not None
    values = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', mine))
    return client.post(f"/steward/{event.code}/{action}", data=values, follow_redirects=True).text


def test_a_phone_reads_that_it_waits_then_its_tick_then_a_refusal(app: Flask, event: EventView) -> None:
    client = app.test_client()
    result = sign_in(event, guest())
    address = page_of(result)
    waits = client.get(address).text
    assert "请到签到台确认" in waits and "待确认" in waits and "张爱国" in waits
    assert 'class="tick"' not in waits and "第 " not in waits
    assert client.get(address + "/state").text == "unconfirmed"
    corrections.confirm(result.sign_in_id, staff_id=None)
    assert client.get(address + "/state").text == "arrived"
    done = client.get(address).text
    assert 'class="tick"' in done and "第 1 位" in done and "待确认" not in done
    corrections.unconfirm(result.sign_in_id, staff_id=None)
    corrections.refuse(result.sign_in_id, staff_id=None)
    assert client.get(address + "/state").text == "refused"
    refused = client.get(address).text
    assert "会务人员没有确认这次签到" in refused and "请到签到台找会务人员" in refused and 'class="tick"' not in refused
    assert client.get("/done/nothing/state").status_code == 404


def test_in_english_too(app: Flask, event: EventView) -> None:
    client = app.test_client()
    result = sign_in(event, guest())
    english = {"Accept-Language": "en"}
    assert "Please go to the sign-in desk" in client.get(page_of(result), headers=english).text
    corrections.refuse(result.sign_in_id, staff_id=None)
    db.session.rollback()
    assert "A steward has not confirmed this sign-in" in client.get(page_of(result), headers=english).text


def test_a_phone_that_scans_again_reads_where_it_stands(app: Flask, event: EventView) -> None:
    client = app.test_client()
    form = client.get(f"/e/{event.code}?kind=guest").text
    ticket = re.search(r'name="ticket" value="([^"]+)"', form)
    assert ticket is not None
    answer = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket[1], "kind": "guest", "name": "张爱国"})
    assert answer.status_code == 303
    assert "请到签到台确认" in client.get(f"/e/{event.code}").text
    again = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket[1], "kind": "guest", "name": "张爱国"})
    assert again.location == answer.location
    assert counts(event).unconfirmed == 1


def test_a_repeat_on_another_phone_reads_no_name_that_it_did_not_type(app: Flask, event: EventView) -> None:
    sign_in(event, enterprise())
    repeat = sign_in(event, enterprise("王　强"))
    text = app.test_client().get(page_of(repeat)).text
    assert "请到签到台确认" in text and "13800138000" not in text


def test_an_event_without_the_setting_has_no_word_of_it(app: Flask) -> None:
    text = app.test_client().get(page_of(sign_in(make_event(), guest()))).text
    assert "data-state" not in text and "待确认" not in text


def test_a_steward_confirms_and_refuses_by_one_tap_each_and_takes_it_back(
    steward: FlaskClient, event: EventView
) -> None:
    first, second = sign_in(event, guest("甲乙")), sign_in(event, guest("丙丁"))
    page = steward.get(f"/steward/{event.code}").text
    assert page.index("甲乙") < page.index("丙丁")  # whoever has waited longest first
    answer = send(steward, event, page, "confirm", first.sign_in_id)
    assert "已确认" in answer and "第 1 位" in answer and "甲乙" in answer
    answer = send(steward, event, answer, "refuse", second.sign_in_id)
    assert "未予确认" in answer
    assert (counts(event).arrived, counts(event).voided, counts(event).unconfirmed) == (1, 1, 0)
    answer = send(steward, event, answer, "restore", second.sign_in_id)
    assert counts(event).unconfirmed == 1
    answer = send(steward, event, answer, "confirm", second.sign_in_id)
    answer = send(steward, event, answer, "unconfirm", second.sign_in_id)
    assert (counts(event).arrived, counts(event).unconfirmed) == (1, 1)


def test_the_page_of_a_steward_asks_who_waits_and_hears_nothing_twice(steward: FlaskClient, event: EventView) -> None:
    sign_in(event, guest("甲乙"))
    first = steward.get(f"/steward/{event.code}/unconfirmed")
    ids = re.search(r'data-from="[^"]+\?ids=([^"]+)"', first.text)
    assert ids is not None and "甲乙" in first.text and "<html" not in first.text
    assert steward.get(f"/steward/{event.code}/unconfirmed?ids={ids[1]}").status_code == 204
    sign_in(event, guest("丙丁"))
    assert "丙丁" in steward.get(f"/steward/{event.code}/unconfirmed?ids={ids[1]}").text


def test_a_long_list_shows_who_came_first_and_counts_the_others(steward: FlaskClient, event: EventView) -> None:
    for number in range(9):
        sign_in(event, guest(f"来宾{number}"))
    page = steward.get(f"/steward/{event.code}").text
    assert "来宾5" in page and "来宾6" not in page and "后面还有 3 人待确认" in page


def test_a_link_cannot_confirm_whom_no_page_has_named_to_it(steward: FlaskClient, event: EventView) -> None:
    named, other = sign_in(event, guest("甲乙")), sign_in(make_event(needs_confirmation=True), guest("丙丁"))
    page = steward.get(f"/steward/{event.code}").text
    forms = [one for one in re.findall(r"<form.*?</form>", page, re.S) if '/confirm"' in one]
    values = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', forms[0]))
    assert values["sign_in_id"] == str(named.sign_in_id)
    values["sign_in_id"] = str(other.sign_in_id)
    assert steward.post(f"/steward/{event.code}/confirm", data=values).status_code == 404


def test_the_pass_of_who_waits_offers_to_confirm_them(steward: FlaskClient, event: EventView) -> None:
    roster_writing.write(event.id, [RosterRow("guest", "王强")], actor="staff:1")
    db.session.rollback()
    (entry,) = rosters.entries(event.id)
    sign_in(event, guest("王强"))
    address = passes.address_of(entry.id).partition("/p/")[2]
    page = steward.get(f"/p/{address}").text
    assert "待确认" in page and re.search(r"</svg>确认</button>", page)
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if "/sign-in" in one)
    values = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', form))
    answer = steward.post(f"/p/{address}/sign-in", data=values, follow_redirects=True).text
    assert "已确认" in answer
    assert (counts(event).arrived, counts(event).unconfirmed) == (1, 0)


def test_the_board_counts_them_apart_and_lists_them_above(tablet: FlaskClient, event: EventView) -> None:
    sign_in(event, guest("甲乙"))
    numbers = tablet.get(f"/events/{event.code}/dashboard/numbers").text
    assert re.search(r'data-roll="unconfirmed">1<', numbers) and re.search(r'data-roll="arrived">0<', numbers)
    latest = tablet.get(f"/events/{event.code}/dashboard/latest").text
    assert "latest__waiting" in latest and "甲乙" in latest and "还没有人签到" not in latest
    plain = make_event()
    assert 'data-roll="unconfirmed"' not in tablet.get(f"/events/{plain.code}/dashboard/numbers").text


def test_the_overview_and_the_sheets_page_say_who_is_left_to_settle(tablet: FlaskClient, event: EventView) -> None:
    sign_in(event, guest("甲乙"))
    assert "1 人待确认，尚未计入" in tablet.get(f"/events/{event.code}").text
    assert "1 人待确认" in tablet.get(f"/events/{event.code}/sheets").text
    events.close(event.code)
    assert "1 人待确认，尚未计入" in tablet.get(f"/events/{event.code}").text  # the organiser settles them afterwards
    assert "甲乙" in tablet.get(f"/events/{event.code}/hand").text
    assert "待确认" in tablet.get(f"/events/{event.code}/sign-ins").text


def test_the_settings_turn_it_on_and_say_so(tablet: FlaskClient) -> None:
    event = make_event()
    page = tablet.get(f"/events/{event.code}/settings").text
    assert 'name="needs_confirmation"' in page
    on = make_event(needs_confirmation=True)
    assert "会务人员确认" in tablet.get(f"/events/{on.code}/settings").text


def test_a_leader_reads_that_the_group_waits(app: Flask) -> None:
    event = make_event(needs_confirmation=True, kinds=[{"kind": "student"}])
    people = tuple(GroupPerson(student(name)) for name in ("李明", "王丽"))
    token = groups.submit(
        Submission(event, ticket_for(event), people, (), None, "四棵中学", "初二(3)班", has_consented=True)
    )
    page = app.test_client().get(f"/group/{token}").text
    assert "2 人待确认，请到签到台确认" in page and 'class="tick"' not in page
