"""A phone whose network went in the middle of the post: one row, at the right time, and no second tap."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.browser import TABLET, context, leave, open_page, origin
from tests.aids.factories import make_event
from tests.aids.listed import with_roster
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

WAITS = "() => JSON.parse(localStorage.getItem('outbox') || '[]').length"
ENTERPRISE = {"kinds": [{"kind": "enterprise"}]}


def fill(page: Page, name: str = "王强", mobile: str = "13800138000") -> None:
    page.fill("#name", name)
    page.fill("#enterprise", "湖北东贝制冷有限公司")
    page.fill("#mobile", mobile)


def rows(event: EventView) -> list[SignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(SignIn).where(SignIn.event_id == event.id).order_by(SignIn.id)))


@contextmanager
def phone(browser: Browser) -> Iterator[BrowserContext]:
    with context(browser) as made:
        yield made


def lose(made: BrowserContext, server: Server, event: EventView, *, seconds: float = 0) -> None:
    """Fill the form, lose the network in the middle of the post, and close the tab."""
    page = made.new_page()
    page.goto(f"{origin(server)}/e/{event.code}")
    fill(page)
    # Only this page has no network: where all have none, one that is being closed may hear that it is back, and send.
    page.route("**/sign-in", lambda route: route.abort("connectionreset"))
    page.click(".submit button")
    expect(page.locator("#network")).to_contain_text("正在重试")
    page.wait_for_timeout(seconds * 1000)
    leave(page)


def test_story_3_a_closed_tab_sends_its_sign_in_when_it_is_opened_again(server: Server, browser: Browser) -> None:
    """Thirty seconds without a network: the row stands at the tap, the server's own time beside it."""
    event = make_event(**ENTERPRISE)
    with phone(browser) as made:
        tapped = utcnow()
        lose(made, server, event, seconds=30)
        assert rows(event) == []
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{event.code}")
        page.wait_for_url("**/done/**")
        expect(page.locator(".ordinal")).to_contain_text("第 1 位")
        assert page.evaluate(WAITS) == 0
    (row,) = rows(event)
    assert abs(row.signed_in_at - tapped) < timedelta(seconds=8)
    assert timedelta(seconds=28) < row.received_at - row.signed_in_at < timedelta(seconds=60)


def test_it_goes_out_from_the_page_that_asks_for_the_code_and_not_from_another_event_s(
    server: Server, browser: Browser
) -> None:
    event, other = make_event(**ENTERPRISE), make_event(title="下午场", **ENTERPRISE)
    with phone(browser) as made:
        lose(made, server, event)
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{other.code}")
        page.wait_for_timeout(500)
        assert page.evaluate(WAITS) == 1 and rows(event) == []
        page.goto(f"{origin(server)}/")
        page.wait_for_url("**/done/**")
    assert len(rows(event)) == 1 and rows(other) == []


def test_two_that_wait_both_go_out_and_the_first_one_s_page_stays(server: Server, browser: Browser) -> None:
    event = make_event(**ENTERPRISE)
    with phone(browser) as made:
        own, companion = made.new_page(), made.new_page()
        own.goto(f"{origin(server)}/e/{event.code}")
        companion.goto(f"{origin(server)}/e/{event.code}?companion=1")
        fill(own)
        fill(companion, "李娜", "13900139000")
        made.set_offline(True)
        for page in (own, companion):
            page.click(".submit button")
            expect(page.locator("#network")).to_contain_text("正在重试")
            leave(page)
        made.set_offline(False)
        last = made.new_page()
        last.goto(f"{origin(server)}/e/{event.code}")
        expect(last.locator("h1")).to_have_text("王强")
        expect(last.locator(".tick")).to_be_visible()
        assert last.evaluate(WAITS) == 0
    assert sorted(row.name for row in rows(event)) == ["李娜", "王强"]


SENT_UNHEARD = """() => {
    XMLHttpRequest.prototype.send = (body) => {
        navigator.sendBeacon(document.getElementById("sign-in").action, new URLSearchParams(body));
    };
}"""


def test_what_was_stored_although_its_answer_was_lost_stays_one_row(server: Server, browser: Browser) -> None:
    event = make_event(**ENTERPRISE)
    with phone(browser) as made:
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{event.code}")
        fill(page)
        page.evaluate(SENT_UNHEARD)
        page.click(".submit button")
        deadline = time.monotonic() + 10
        while not rows(event) and time.monotonic() < deadline:
            time.sleep(0.1)
        page.close()
        again = made.new_page()
        again.goto(f"{origin(server)}/")
        again.wait_for_url("**/done/**")
        expect(again.locator(".ordinal")).to_contain_text("第 1 位")
        assert again.evaluate(WAITS) == 0
    assert len(rows(event)) == 1


def test_one_tap_on_the_own_name_waits_as_well(server: Server, browser: Browser) -> None:
    event = with_roster()
    with phone(browser) as made:
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{event.code}")
        page.fill("#last4", "5678")
        page.click("text=查找")
        page.route("**/sign-in", lambda route: route.abort("connectionreset"))
        page.click("text=是我，签到")
        expect(page.locator("#network")).to_contain_text("正在重试")
        leave(page)
        again = made.new_page()
        again.goto(f"{origin(server)}/e/{event.code}")
        again.wait_for_url("**/done/**")
        expect(again.locator("h1")).to_have_text("王小强")
    assert len(rows(event)) == 1


def test_forgetting_the_phone_forgets_what_waits(server: Server, browser: Browser) -> None:
    first, event = make_event(**ENTERPRISE), make_event(title="下午场", **ENTERPRISE)
    with phone(browser) as made:
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{first.code}")
        fill(page)
        page.click(".submit button")
        page.wait_for_url("**/done/**")
        lose_later = made.new_page()
        lose_later.goto(f"{origin(server)}/e/{event.code}?form=1&companion=1")
        fill(lose_later, "李娜", "13900139000")
        lose_later.route("**/sign-in", lambda route: route.abort("connectionreset"))
        lose_later.click(".submit button")
        expect(lose_later.locator("#network")).to_be_visible()
        assert lose_later.evaluate(WAITS) == 1
        leave(lose_later)
        page.click("text=在此手机上忘记我")
        page.wait_for_url(f"**/e/{first.code}")
        assert page.evaluate(WAITS) == 0
    assert rows(event) == []


def test_what_waited_half_a_day_is_gone(server: Server, browser: Browser) -> None:
    event = make_event(**ENTERPRISE)
    with phone(browser) as made:
        lose(made, server, event)
        page = made.new_page()
        page.clock.install(time=time.time() + 43_300)
        page.goto(f"{origin(server)}/e/{event.code}")
        page.wait_for_timeout(500)
        expect(page.locator("#name")).to_be_visible()
    assert rows(event) == []


def test_a_closed_event_says_so_once_and_keeps_nothing(server: Server, browser: Browser) -> None:
    event = make_event(**ENTERPRISE)
    with phone(browser) as made:
        lose(made, server, event)
        events.close(event.code)
        page = made.new_page()
        page.goto(f"{origin(server)}/e/{event.code}")
        expect(page.locator("main h2")).to_be_visible()
        page.wait_for_function(f"({WAITS})() === 0")  # once the server has refused it
    assert rows(event) == []


def test_a_station_and_a_group_keep_nothing(server: Server, browser: Browser) -> None:
    event = make_event(**ENTERPRISE)
    with open_page(browser, size=TABLET) as station:
        station.goto(f"{origin(server)}/d/{links.make(event.id, 'kiosk', staff_id=None, pin='1234')}")
        fill(station)
        station.route("**/sign-in", lambda route: route.abort("connectionreset"))
        station.click(".submit button")
        expect(station.locator("#network")).to_be_visible()
        names = station.evaluate("() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        assert [name for name in names if not name.startswith("htmx-")] == []  # which is an address
    with open_page(browser) as leader:
        leader.goto(f"{origin(server)}/e/{event.code}/group")
        assert leader.evaluate("() => [...document.scripts].filter(one => one.src.includes('attendee')).length") == 0
