"""The back-entry page: what is right is written, what is not comes back as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.services import tallies
from kiosk.services.board import dashboards
from kiosk.services.door import back_entry
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, enterprise, guest, log_in, make_event, make_staff, post, sign_in, student

START = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Huangshi
DONGBEI = "湖北东贝制冷有限公司"
NAMES = ("王强", "李娜", "赵敏")


@pytest.fixture
def event(app: Flask, client: FlaskClient) -> Iterator[EventView]:
    """Three are expected; it is 10:00, the event began at 09:00, and the admin is logged in."""
    with clock.freeze(START + timedelta(hours=1)):
        event = make_event(starts_at=START, late_after_minutes=10)
        rows = [RosterRow("enterprise", name, DONGBEI, mobile=f"1380013800{n}") for n, name in enumerate(NAMES)]
        roster_writing.write(event.id, rows, actor="staff:1")
        make_staff()
        log_in(client, "admin@example.org")
        yield event


def page(client: FlaskClient, event: EventView) -> str:
    answer = client.get(f"/events/{event.code}/paper")
    assert answer.status_code == 200
    return answer.text


def value(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', text)
    assert found is not None, name
    return found[1]


def send(client: FlaskClient, event: EventView, key: str = "page", **fields: Any) -> TestResponse:
    """Send the page with the start as its time."""
    common = {"csrf_token": csrf_token(client), "key": key, "day": "2026-09-10", "time": "09:00"}
    return client.post(f"/events/{event.code}/paper", data={**common, **fields})


def line(**changes: str) -> dict[str, str]:
    filled = {
        "row": "w1",
        "kind": "guest",
        "name": "张爱国",
        "organisation": "",
        "detail": "",
        "mobile": "",
        "own_time": "",
    }
    return {**filled, **changes}


def entry_ids(event: EventView) -> list[int]:
    return [entry.id for entry in rosters.entries(event.id)]


def counts(event: EventView) -> tuple[int, int]:
    """How many arrived, and how many of them from paper."""
    return events.counts(event.id).arrived, tallies.on_paper(event.id)


def test_page_lists_who_has_not_arrived_with_the_sheet_s_numbers(client: FlaskClient, event: EventView) -> None:
    sign_in(event, enterprise("王强", mobile="13800138000"))
    text = page(client, event)
    assert "王强" not in text and "李娜" in text and "13800138001" not in text
    assert re.findall(r'<span class="number muted">(\d+)</span>', text) == ["2", "3"]
    assert (value(text, "day"), value(text, "time")) == ("2026-09-10", "09:00")


def test_a_long_list_is_shown_a_page_at_a_time_by_the_sheet_s_numbers(
    client: FlaskClient, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_entry, "LISTED", 2)
    path, ids = f"/events/{event.code}/paper", entry_ids(event)
    first, second = client.get(path).text, client.get(f"{path}?page=2").text
    assert re.findall(r'<span class="number muted">(\d+)</span>', first + second) == ["1", "2", "3"]
    assert "名单第 1 至 2 号中未到：2 人" in first and "名单第 3 至 3 号中未到：1 人" in second
    assert f"{path}?page=2" in first and 'href="' + path in second
    form = {"csrf_token": csrf_token(client), "key": "page", "day": "2026-09-10", "time": "25:00"}
    again = client.post(f"{path}?page=2", data={**form, "entry": [ids[0], ids[2]]}).text  # of a list in other order
    assert re.findall(r'<span class="number muted">(\d+)</span>', again) == ["1", "3"] and again.count(" checked>") == 2
    done = client.post(f"{path}?page=2", data={**form, "time": "09:00", "entry": [ids[0], ids[2]]})
    assert (done.status_code, done.location) == (303, f"{path}?page=2") and counts(event) == (2, 2)


def test_ticked_people_and_a_walk_in_are_entered_and_the_totals_said(client: FlaskClient, event: EventView) -> None:
    sign_in(event, enterprise("王强", mobile="13800138000"))
    answer = send(client, event, entry=entry_ids(event)[1:], **line())
    assert (answer.status_code, answer.location) == (303, f"/events/{event.code}/paper")
    assert counts(event) == (4, 3)
    text = page(client, event)
    assert "已补录 3 人" in text and "电子 1 + 纸质 3 = 4" in text
    assert "电子 1 + 纸质 3 = 4" in client.get(f"/events/{event.code}/sheets").text
    assert client.get(f"/events/{event.code}/sign-ins").text.count("纸质补录") == 3


def test_sending_the_page_twice_changes_nothing(client: FlaskClient, event: EventView) -> None:
    for _attempt in range(2):
        assert send(client, event, entry=entry_ids(event), **line()).status_code == 303
        assert counts(event) == (4, 4)
    assert tallies.recount() == ()


def test_a_row_s_own_time_beats_the_common_one_and_says_who_was_late(client: FlaskClient, event: EventView) -> None:
    first, second, _third = entry_ids(event)
    send(client, event, entry=[first, second], **{f"t_{second}": "09:20"})
    found = {row.name: row for row in dashboards.read(event).latest}
    assert (found["王强"].is_late, found["李娜"].is_late) == (False, True)
    assert found["李娜"].signed_in_at == START + timedelta(minutes=20)


def test_wrong_rows_keep_what_was_typed_and_the_right_ones_are_written(client: FlaskClient, event: EventView) -> None:
    first, second, _third = entry_ids(event)
    bad = line(kind="enterprise", name="周代表", organisation="某某公司", detail="经理", mobile="138")
    answer = send(client, event, entry=[first, second], **{f"t_{second}": "25:00"}, **bad)
    assert answer.status_code == 422 and counts(event) == (1, 1)
    for kept in ("周代表", "某某公司", "经理", 'value="138"', 'value="25:00"'):
        assert kept in answer.text
    assert "请填写时间" in answer.text and answer.text.count("paper__line--bad") == 1
    assert re.search(rf'value="{second}" checked', answer.text) and not re.search(rf'value="{first}"', answer.text)
    assert "已补录 1 人" in answer.text


@pytest.mark.parametrize(("field", "typed"), [("day", "yesterday"), ("time", "9 o'clock"), ("time", "")])
def test_without_a_common_time_nothing_is_written(
    client: FlaskClient, event: EventView, field: str, typed: str
) -> None:
    answer = send(client, event, entry=entry_ids(event), **{field: typed})
    assert answer.status_code == 422 and counts(event) == (0, 0)
    assert f'id="{field}-error"' in answer.text and answer.text.count(" checked") == 3


def test_a_time_that_is_still_to_come_is_refused(client: FlaskClient, event: EventView) -> None:
    answer = send(client, event, entry=entry_ids(event)[:1], time="10:01")
    assert answer.status_code == 422 and "这个时间还没有到" in answer.text and counts(event) == (0, 0)


def test_who_signed_in_by_phone_since_the_page_was_opened_is_there_already(
    client: FlaskClient, event: EventView
) -> None:
    ids = entry_ids(event)
    sign_in(event, enterprise("王强", mobile="13800138000"))
    assert send(client, event, entry=ids[:2]).status_code == 303
    assert counts(event) == (2, 1)
    assert re.search(r"此前已签到，无需补录：王强 \d\d:\d\d", page(client, event))


def test_same_name_is_asked_about_on_the_page(client: FlaskClient, event: EventView) -> None:
    sign_in(event, student())
    twin = line(kind="student", name="李明", organisation="四棵中学", detail="初二(3)班")
    answer = send(client, event, **twin)
    assert answer.status_code == 422 and 'name="another"' in answer.text and counts(event) == (1, 0)
    assert send(client, event, another=["w1"], **twin).status_code == 303
    assert counts(event) == (2, 1)


def test_pasted_people_become_lines_to_look_through(client: FlaskClient, event: EventView) -> None:
    pasted = "1. 周代表 某某公司 13900139000\n2. 吴敏、吴强 某某公司"
    answer = send(client, event, pasted=pasted)
    assert answer.status_code == 422 and counts(event) == (0, 0)
    assert 'value="周代表"' in answer.text and 'value="13900139000"' in answer.text
    assert "吴敏、吴强 某某公司</textarea>" in answer.text, "of two in one line it is asked"
    good = send(client, event, pasted=pasted.splitlines()[0], do="fill")
    assert good.status_code == 200 and "请核对" in good.text and counts(event) == (0, 0)


def test_more_lines_are_added_below_what_was_typed(client: FlaskClient, event: EventView) -> None:
    answer = send(client, event, do="more", entry=entry_ids(event)[:1], **line())
    assert answer.status_code == 200 and 'value="张爱国"' in answer.text and answer.text.count(" checked") == 1
    assert answer.text.count('name="row"') == 9 and counts(event) == (0, 0)


def test_nothing_ticked_is_said(client: FlaskClient, event: EventView) -> None:
    assert send(client, event).status_code == 303
    assert "没有勾选任何人" in page(client, event)


def test_without_a_roster_there_are_lines_only(client: FlaskClient, app: Flask) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    text = page(client, event)
    assert 'name="entry"' not in text and text.count('name="row"') == 3


def test_sheets_page_offers_the_orders_its_files_follow(client: FlaskClient, event: EventView) -> None:
    sign_in(event, guest("路过者"))
    sign_in(event, enterprise("李娜", mobile="13800138001"))
    page = client.get(f"/events/{event.code}/sheets?order=roster&no_shows=1").text
    assert '<option value="roster" selected>' in page and 'name="no_shows" value="1" checked' in page
    asked = {"format": "csv", "order": "roster", "no_shows": "1"}
    address = post(client, f"/events/{event.code}/sheets", **asked).location
    rows = client.get(address).data.decode("utf-8-sig").splitlines()[1:]
    assert [row.split('"')[3] for row in rows] == ["王强", "李娜", "赵敏", "路过者"]
    assert "缺席" in rows[0] and "缺席" not in rows[1]
