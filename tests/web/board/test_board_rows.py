"""The latest arrivals as rows: what stands in one, what opens behind it, and a class that is one row."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.board import people
from kiosk.services.door import corrections
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from tests.aids.board import PUPILS, busy_event, class_of
from tests.aids.factories import guest, log_in, make_event, make_staff, post, sign_in


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """A tablet on which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def rows_of(tablet: FlaskClient, event: EventView, rest: str = "") -> list[str]:
    """Return the text of each row, its people's rows within it."""
    page = tablet.get(f"/events/{event.code}/dashboard/latest{rest}").text
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in page.split('<li class="person')[1:]]


def test_a_row_says_where_somebody_sits_and_how_they_came(tablet: FlaskClient) -> None:
    event = busy_event(people=4, here=2, has_class=False)
    substitute, walk_in, other, second, first = rows_of(tablet, event)
    assert "替 张建国" not in first and "替" in substitute and "迟到" in substitute and "名单外" not in substitute
    assert "名单外" in walk_in and "名单外" in other
    assert re.search(r"王建国.*湖北东贝制冷有限公司 · 第一组 · B1", first) and "名单外" not in first
    assert "B2" in second


def test_without_a_roster_nobody_is_off_it(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    assert "名单外" not in rows_of(tablet, event)[0]


def test_a_class_is_one_row_that_holds_its_people(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    groups.submit(class_of(event, *PUPILS))
    sign_in(event, guest("乙"))
    one, group, *pupils, last = rows_of(tablet, event)
    assert "乙" in one and "甲" in last and len(pupils) == len(PUPILS)
    assert f"四棵中学 初二(3)班 {len(PUPILS)} 人" in group and "2–11" in group
    token = re.search(r'name="csrf_token" value="([^"]+)"', tablet.get(f"/events/{event.code}/dashboard").text)
    assert token
    data = {"csrf_token": token[1], "q": PUPILS[0]}
    page = tablet.post(f"/events/{event.code}/dashboard/latest", data=data, headers={"HX-Request": "true"}).text
    # Who is looked for stands alone.
    assert page.count('<li class="person') == 1 and PUPILS[0] in page


def test_a_class_takes_the_place_of_one_and_says_how_many_are_here(app: Flask) -> None:
    event = make_event()
    for number in range(people.LATEST - 1):
        sign_in(event, guest(f"来宾{number}"))
    groups.submit(class_of(event, *PUPILS))
    shown = people.latest(event.id)
    assert len(shown) == people.LATEST - 1 + len(PUPILS)
    corrections.void(shown[0].sign_in_id or 0, staff_id=None)
    arrivals = people.gathered(people.latest(event.id))
    assert len(arrivals) == people.LATEST
    assert (arrivals[0].count, len(arrivals[0].people), arrivals[0].is_group) == (len(PUPILS) - 1, len(PUPILS), True)


def test_a_class_that_fills_the_list_is_counted_whole(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "LOOKED_THROUGH", 4)
    event = make_event()
    groups.submit(class_of(event, *PUPILS))
    (arrival,) = people.gathered(people.latest(event.id))
    assert (arrival.count, len(arrival.people)) == (len(PUPILS), 4)


def test_on_a_narrowed_board_a_search_looks_among_those_it_shows(tablet: FlaskClient) -> None:
    event = busy_event(people=4, here=2, has_class=False)
    page = post(tablet, f"/events/{event.code}/dashboard", kind="enterprise", q="何振勇").text
    assert "只看：企业代表" in page and "其中的查找都是" in page
    for kind, is_shown in (("guest", True), ("enterprise", False)):
        arrivals = post(tablet, f"/events/{event.code}/dashboard/latest", kind=kind, q="何振勇").text
        assert ('<li class="person' in arrivals) == is_shown, kind
    again = post(tablet, f"/events/{event.code}/dashboard", kind="enterprise", q="")
    assert again.headers["Location"].endswith("/dashboard?kind=enterprise")
