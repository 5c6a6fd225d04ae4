"""The list on the tablet: the latest, a search, a void with its undo, who waits."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.extensions import db
from kiosk.services.board.people import PeopleFilter, latest, search
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import (
    csrf_token,
    enterprise,
    guest,
    log_in,
    make_event,
    make_staff,
    post,
    sign_in,
    sign_in_on_trial,
    student,
)


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """A tablet on which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def _page(event: EventView, rest: str = "") -> str:
    return f"/events/{event.code}/dashboard{rest}"


# --- the list


def test_the_latest_are_newest_first_and_a_void_keeps_its_place(both_app: Flask) -> None:
    event = make_event()
    ids = [sign_in(event, guest(name)).sign_in_id for name in "甲乙丙"]
    corrections.void(ids[1], staff_id=None)
    rows = latest(event.id)
    assert [(row.name, row.is_void) for row in rows] == [("丙", False), ("乙", True), ("甲", False)]


def test_cleared_trials_leave_the_list(app: Flask) -> None:
    event = make_event()
    sign_in_on_trial(event, guest("试签人"))
    sign_in(event, guest("甲"))
    assert len(latest(event.id)) == 2
    corrections.clear_trials(event.id, staff_id=None)
    assert [row.name for row in latest(event.id)] == ["甲"]


def test_a_search_finds_by_name_organisation_and_last_digits(both_app: Flask) -> None:
    event, other = make_event(), make_event(title="开放日")
    sign_in(event, enterprise("王　强"))
    sign_in(event, student())
    sign_in(other, enterprise("王芳", mobile="13900139000"))
    expected = {
        **dict.fromkeys(("王", "王强", "东贝", "8000", "13800138000", "1"), {"王　强"}),
        **dict.fromkeys(("李 明", "四棵", "2"), {"李明"}),
        **dict.fromkeys(("38000", "138001", "9000", "%", "_", "赵"), set()),
    }
    found = {words: {row.name for row in search(event.id, PeopleFilter(typed=words)).rows} for words in expected}
    assert found == expected


def test_a_long_result_says_that_there_is_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.services.board.people.FOUND", 2)
    event = make_event()
    for name in "甲乙丙":
        sign_in(event, guest(name))
    found = search(event.id, PeopleFilter(kind="guest"))
    assert (len(found.rows), found.has_more) == (2, True)


def test_a_filter_works_without_scripts(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, guest("张爱国"))
    page = tablet.get(_page(event, "?kind=enterprise")).text
    assert "王强" in page and "张爱国" not in page and "只看：企业代表" in page
    nobody = post(tablet, _page(event), q="赵").text
    assert "没有找到" in nobody and 'value="赵"' in nobody
    nonsense = tablet.get(_page(event, "?kind=nonsense&organisation=x"))
    assert nonsense.status_code == 200 and "张爱国" in nonsense.text


# --- corrections by hand


def test_void_and_undo_without_scripts(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    path = f"/events/{event.code}/sign-ins/{done.sign_in_id}"
    answer = post(tablet, f"{path}/void")
    assert (answer.status_code, answer.headers["Location"]) == (303, _page(event))
    page = tablet.get(_page(event)).text
    assert "已撤销张爱国的签到" in page and f"{path}/restore" in page
    assert events.counts(event.id).arrived == 0
    assert post(tablet, f"{path}/restore").status_code == 303
    db.session.rollback()
    assert events.counts(event.id).arrived == 1


def test_void_in_place_answers_with_an_undo(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    path = f"/events/{event.code}/sign-ins/{done.sign_in_id}"
    token = csrf_token(tablet)
    answer = tablet.post(f"{path}/void", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and f'hx-post="{path}/restore"' in answer.text
    assert answer.headers["HX-Trigger-After-Swap"] == "rows-changed"
    again = tablet.post(f"{path}/restore", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert "已恢复张爱国的签到" in again.text and "restore" not in again.text


def test_a_correction_without_a_token_is_refused(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    assert tablet.post(f"/events/{event.code}/sign-ins/{done.sign_in_id}/void").status_code == 403
    assert events.counts(event.id).arrived == 1


def test_a_restore_that_must_not_be_says_why(tablet: FlaskClient) -> None:
    event = make_event()
    first = sign_in(event, enterprise())
    path = f"/events/{event.code}/sign-ins/{first.sign_in_id}/restore"
    corrections.void(first.sign_in_id, staff_id=None)
    sign_in(event, enterprise())
    data = {"csrf_token": csrf_token(tablet)}
    in_place = tablet.post(path, data=data, headers={"HX-Request": "true"})
    assert in_place.status_code == 422 and "以那一次为准" in in_place.text
    assert tablet.post(path, data=data).status_code == 303
    assert "以那一次为准" in tablet.get(_page(event)).text


def test_a_sign_in_of_another_event_is_not_found(tablet: FlaskClient) -> None:
    event, other = make_event(), make_event(title="开放日")
    done = sign_in(event, guest("张爱国"))
    assert post(tablet, f"/events/{other.code}/sign-ins/{done.sign_in_id}/void").status_code == 404
    assert events.counts(event.id).arrived == 1


def test_who_waits_is_let_in_by_one_tap(tablet: FlaskClient) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    sign_in(event, guest("甲"))
    waiting = sign_in(event, guest("乙"))
    path = f"/events/{event.code}/sign-ins/{waiting.sign_in_id}/admit"
    assert path in tablet.get(_page(event)).text
    assert post(tablet, path).status_code == 303
    page = tablet.get(_page(event)).text
    assert "乙已到，第 2 位" in page and path not in page


def test_trials_are_shown_live_and_cleared_in_one_tap(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in_on_trial(event, guest("试签人"))
    page = tablet.get(_page(event)).text
    assert "1 条试签，不计入人数" in page and 'data-roll="arrived">0<' in page
    assert post(tablet, f"/events/{event.code}/trials/clear").status_code == 303
    page = tablet.get(_page(event)).text
    assert "已清除 1 条试签" in page and "试签人" not in page
