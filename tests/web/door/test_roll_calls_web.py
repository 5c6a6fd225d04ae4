"""The pages of roll calls over plain HTTP: what they show to whom, and what their forms answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_search, hand_work, roll_calls, roll_rows, roll_sheets
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, enterprise, log_in, make_event, make_staff, sign_in, student
from tests.web.door.test_stewards import HTMX, send, steward_of

HAND = Hand("staff:1")


def called(**changes: object) -> tuple[EventView, int, int]:
    """Return an event, a roll call of it, and somebody who is inside."""
    event = make_event(**changes)
    person = sign_in(event, enterprise("欧阳娜娜", mobile="13812345678")).sign_in_id
    return event, roll_calls.start(event.id, "返程上车", HAND), person


def absent(event: EventView) -> int:
    return roll_sheets.running(event.id)[0].absent


def test_start_leads_to_the_list_and_a_second_tap_to_the_same_one(app: Flask) -> None:
    event = make_event()
    phone = steward_of(app, event)
    first, again = (send(phone, event, "/roll-calls", label="上车", key="k") for _ in range(2))
    assert (first.status_code, first.location) == (303, again.location)
    assert "点名 · 上车" in phone.get(first.location).text
    assert len(roll_sheets.running(event.id)) == 1


def test_steward_sees_names_and_places_and_no_mobile(app: Flask) -> None:
    event = make_event()
    listed = RosterRow("enterprise", "欧阳娜娜", "东贝", mobile="13812345678", bus="2号车", seat="A7")
    roster_writing.write(event.id, [listed], actor="staff:1")
    hand_work.sign_in_entry(event, rosters.entries(event.id)[0].id, HAND)
    sign_in(event, student("李明"))
    page = steward_of(app, event).get(f"/steward/{event.code}/roll-calls/{roll_calls.start(event.id, '', HAND)}").text
    for shown in ("欧阳娜娜", "2号车", "A7", "东贝", "李明"):
        assert shown in page
    assert "138" not in page and "5678" not in page


def test_tick_by_a_plain_form_leads_back_and_by_a_script_answers_with_what_takes_it_back(app: Flask) -> None:
    event, call, person = called()
    phone, at = steward_of(app, event), f"/roll-calls/{call}"
    answer = send(phone, event, f"{at}/tick", there=person, part="", key="a")
    assert answer.status_code == 303 and answer.location.partition("?")[0].endswith(at) and absent(event) == 0
    answer = send(phone, event, f"{at}/tick", headers=HTMX, gone=person, key="b")
    assert answer.status_code == 200 and absent(event) == 1
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', answer.text))
    assert fields.keys() == {"csrf_token", "key", "there"} and "欧阳娜娜" not in answer.text
    assert phone.post(f"/steward/{event.code}{at}/tick", data=fields).status_code == 303 and absent(event) == 0


@pytest.mark.parametrize("at", ["", "x", "-1", "1", "999", "9" * 30, "1.5", "٣٣٣٣٣٣٣٣٣٣٣٣٣"])
def test_what_is_no_time_is_now(app: Flask, at: str) -> None:
    event, call, person = called()
    for times in ({"at": at}, {"at": at, "sent": at}, {"at": "1", "sent": at}):
        fields = {"there": person, "key": str(times), **times}
        assert send(steward_of(app, event), event, f"/roll-calls/{call}/tick", **fields).status_code == 303
    assert absent(event) == 0


def test_how_long_a_tap_has_waited_settles_which_came_later(app: Flask) -> None:
    begun = utcnow()
    with clock.freeze(begun):
        event, call, person = called()
    phone = steward_of(app, event)
    with clock.freeze(begun + timedelta(minutes=1)):
        for field, waited in (("gone", 5000), ("there", 5001)):  # by whichever clock the phone has
            at = {"at": 946684800000, "sent": 946684800000 + waited}
            send(phone, event, f"/roll-calls/{call}/tick", headers=HTMX, **{field: person, **at})
    assert absent(event) == 1
    changed = [row.changed for row in db.session.scalars(select(AuditEntry)) if row.action.startswith("roll_call.t")]
    assert [one.get("is_overtaken") for one in changed] == [None, True] and all("at" in one for one in changed)


def test_nobody_of_another_event_is_ticked(app: Flask) -> None:
    event, call, _ = called()
    _, other_call, stranger = called()
    phone = steward_of(app, event)
    assert send(phone, event, f"/roll-calls/{call}/tick", there=stranger).status_code == 404
    assert send(phone, event, f"/roll-calls/{other_call}/tick", there=stranger).status_code == 404
    assert send(phone, event, f"/roll-calls/{call}/tick", there="x").status_code == 404
    assert send(phone, event, f"/roll-calls/{call}/tick").status_code == 404
    assert phone.get(f"/steward/{event.code}/roll-calls/{other_call}").status_code == 404


def test_page_is_told_only_what_has_changed(app: Flask) -> None:
    event, call, person = called()
    sign_in(event, student("李明"))
    phone, at = steward_of(app, event), f"/steward/{event.code}/roll-calls/{call}/list"
    seen = roll_sheets.revision(event.id)
    assert (phone.get(f"{at}?since={seen}").status_code, phone.get(f"{at}?since={seen}").text) == (204, "")
    roll_calls.tick(event.id, call, person, HAND, is_there=True)
    answer = phone.get(f"{at}?since={seen}").text
    assert "欧阳娜娜" in answer and "李明" not in answer and "还差 1 人" in answer
    corrections.void(person, staff_id=None)
    answer = phone.get(f"{at}?since={seen}").text
    assert "欧阳娜娜" not in answer and f'data-gone="{person}"' in answer
    for whole in (at, f"{at}?since=x"):
        assert phone.get(whole).status_code == 200 and "李明" in phone.get(whole).text
    assert phone.get(f"/steward/{event.code}/roll-calls/999/list?since=1").status_code == 404
    roll_calls.end(event.id, call, HAND)
    answer = phone.get(f"{at}?since={seen}")
    assert answer.status_code == 409 and "李明" not in answer.text, "the page opens itself anew"


def test_tick_of_a_roll_call_that_is_over_says_so_and_loses_nothing(app: Flask) -> None:
    event, call, person = called()
    phone = steward_of(app, event)
    assert send(phone, event, f"/roll-calls/{call}/end").status_code == 303
    answer = send(phone, event, f"/roll-calls/{call}/tick", there=person)
    assert answer.status_code == 409 and "这次点名已经结束" in answer.text
    answer = send(phone, event, f"/roll-calls/{call}/tick", headers=HTMX, there=person)
    assert answer.status_code == 409 and answer.text.startswith("这次点名已经结束")
    assert send(phone, event, f"/roll-calls/{call}/reopen").status_code == 303 and absent(event) == 1


def test_ended_roll_call_names_nobody_to_a_steward_and_everybody_to_staff(app: Flask, client: FlaskClient) -> None:
    event, call, _ = called()
    phone = steward_of(app, event)
    send(phone, event, f"/roll-calls/{call}/end")
    page = phone.get(f"/steward/{event.code}/roll-calls/{call}").text
    assert "欧阳娜娜" not in page and "还差 1 人" in page and "继续点名" in page
    assert "欧阳娜娜" not in phone.get(f"/steward/{event.code}/roll-calls/{call}/list").text
    make_staff()
    log_in(client, "admin@example.org")
    assert "欧阳娜娜" in client.get(f"/events/{event.code}/hand/roll-calls/{call}").text


def test_board_shows_a_roll_call_that_goes_on_and_a_viewer_gets_no_way_to_its_names(
    app: Flask, client: FlaskClient
) -> None:
    event, call, person = called()
    make_staff()
    make_staff("viewer")
    log_in(client, "admin@example.org")
    board = f"/events/{event.code}/dashboard"
    way = f'href="/events/{event.code}/hand/roll-calls/{call}"'
    assert "还差 1 人" in client.get(board).text and way in client.get(board).text
    roll_calls.tick(event.id, call, person, HAND, is_there=True)
    assert "已点齐" in client.get(f"{board}/numbers").text
    viewer = app.test_client()
    log_in(viewer, "viewer@example.org")
    page = viewer.get(f"{board}/numbers").text
    assert "返程上车" in page and way not in page
    roll_calls.end(event.id, call, HAND)
    assert "返程上车" not in client.get(f"{board}/numbers").text


def test_staff_tick_on_the_tablet(client: FlaskClient) -> None:
    event, call, person = called()
    make_staff()
    log_in(client, "admin@example.org")
    fields = {"there": person, "csrf_token": csrf_token(client)}
    assert client.post(f"/events/{event.code}/hand/roll-calls/{call}/tick", data=fields).status_code == 303
    assert absent(event) == 0


def test_long_list_comes_in_parts_and_a_tick_without_a_script_leads_back_to_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_rows, "PART", 2)
    event = make_event()
    listed = [RosterRow("guest", f"人{n}", bus=f"{n % 2}号车") for n in range(6)]
    roster_writing.write(event.id, listed, actor="staff:1")
    for entry in rosters.entries(event.id):
        hand_work.sign_in_entry(event, entry.id, HAND)
    phone, call = steward_of(app, event), roll_calls.start(event.id, "", HAND)
    at = f"/steward/{event.code}/roll-calls/{call}"
    page = phone.get(at).text
    assert shown_in(page) == ["人0", "人2"] and "还差 6 人" in page and "显示更多" in page
    following = phone.get(more_in(page)).text
    assert shown_in(following) == ["人4", "人1"] and "从头看起" in following
    fields = fields_in(following) | {"there": value_of("人1", following)}
    answer = phone.post(f"{at}/tick", data=fields)
    assert answer.status_code == 303 and shown_in(phone.get(answer.location).text) == ["人4", "人3"]
    of_bus = phone.get(re.findall(r'href="([^"]+part=[^"]+)" data-part', page)[1]).text
    assert shown_in(of_bus) == ["人3", "人5"]
    rest = phone.get(more_in(of_bus)).text
    assert shown_in(rest) == ["人1"] and not re.search(r'id="roll-more">', rest), "of the same bus, and no more"


def shown_in(page: str) -> list[str]:
    return re.findall(r'data-said="(人\d)"', page)


def value_of(name: str, page: str) -> str:
    return re.findall(rf'data-said="{name}" data-id="(\d+)"', page)[0]


def fields_in(page: str) -> dict[str, str]:
    form = page[page.index('<form id="roll"') :].partition("</form>")[0]
    return dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', form.partition("<button")[0]))


def more_in(page: str) -> str:
    return re.findall(r'id="roll-more"><a[^>]+href="([^"]+)"', page)[0].replace("&amp;", "&")


def test_search_shows_whom_words_mean_and_no_address_has_them(app: Flask, client: FlaskClient) -> None:
    event, call, _ = called()
    sign_in(event, student("李明"))
    make_staff()
    log_in(client, "admin@example.org")
    staff = f"/events/{event.code}/hand/roll-calls/{call}"
    pages = (
        send(steward_of(app, event), event, f"/roll-calls/{call}", q="oynn").text,
        client.post(staff, data={"q": "欧阳", "csrf_token": csrf_token(client)}).text,
    )
    for page in pages:
        assert "欧阳娜娜" in page and "李明" not in page and "还差 2 人" in page and "从头看起" in page
    nobody = send(steward_of(app, event), event, f"/roll-calls/{call}", q="没有这人").text
    assert re.search(r'id="roll-none" role="status">没有找到', nobody) and "李明" not in nobody
    assert "李明" in send(steward_of(app, event), event, f"/roll-calls/{call}", q="").text
    assert send(steward_of(app, event), event, "/roll-calls/999", q="李").status_code == 404
    roll_calls.end(event.id, call, HAND)
    assert "李明" not in send(steward_of(app, event), event, f"/roll-calls/{call}", q="李").text


def test_link_searches_a_roll_call_as_often_as_it_may_anywhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_search, "OF_LINK", 2)
    event, call, _ = called()
    phone = steward_of(app, event)
    assert [send(phone, event, f"/roll-calls/{call}", q="欧阳").status_code for _ in range(3)] == [200, 200, 429]
    answer = send(phone, event, f"/roll-calls/{call}", q="欧阳")
    assert "请等一分钟再搜索" in answer.text and "欧阳娜娜" in answer.text, "the list itself stays"
