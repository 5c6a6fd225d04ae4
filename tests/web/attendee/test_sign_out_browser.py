"""Signing out in a real browser, over plain HTTP by a name that is not localhost: phone, station, steward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import Movement
from kiosk.services import tallies
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids import answers
from tests.aids.browser import TABLET, open_page, origin
from tests.aids.factories import begin_now_everywhere, enterprise, make_event, sign_in
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("leaving")) as server:
        yield server


def going_on() -> EventView:
    now = utcnow()
    times = {"starts_at": now - HOUR, "ends_at": now + HOUR}
    return make_event(kinds=[{"kind": "enterprise"}], wants_sign_out=True, **times)


def came(event: EventView) -> None:
    with freeze(utcnow() - HOUR / 2):
        sign_in(event, enterprise())


def inside(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).inside


def moves() -> int:
    db.session.rollback()
    return db.session.query(Movement).count()


def sign_in_here(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#name", "王强")
    page.fill("#enterprise", "湖北东贝制冷有限公司")
    page.fill("#mobile", "13800138000")
    page.click(".submit button")
    page.wait_for_url("**/done/**")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_phone_signs_out_comes_back_and_goes(server: Server, browser: Browser, javascript: bool) -> None:
    event = going_on()
    address, before = f"{origin(server)}/e/{event.code}", moves()
    with open_page(browser, java_script_enabled=javascript) as page:
        sign_in_here(page, address)
        expect(page.locator(".leaving")).to_contain_text("离场时请签退")
        page.goto(address)  # scanned again on leaving: the phone has its tick
        page.get_by_role("button", name="签退").dblclick()
        expect(page.get_by_text("签退", exact=False).first).to_be_visible()
        page.wait_for_url("**/done/**")
        expect(page.locator(".leaving")).to_contain_text("已于")
        assert inside(event) == 0 and moves() == before + 1
        page.goto(address)
        page.get_by_role("button", name="我回来了").click()
        page.wait_for_url("**/done/**")
        assert inside(event) == 1
        page.get_by_role("button", name="签退").click()
        expect(page.get_by_role("button", name="我回来了")).to_be_visible()
        assert inside(event) == 0 and moves() == before + 3


def test_the_button_comes_by_itself_when_the_event_begins(server: Server, browser: Browser) -> None:
    now = utcnow()
    times = {"starts_at": now + HOUR / 2, "ends_at": now + HOUR}
    event = make_event(kinds=[{"kind": "enterprise"}], wants_sign_out=True, **times)
    with open_page(browser) as page:
        page.clock.install()
        sign_in_here(page, f"{origin(server)}/e/{event.code}")
        expect(page.locator(".leaving")).to_contain_text("离场时请签退")
        expect(page.get_by_role("button", name="签退")).to_have_count(0)
        begin_now_everywhere(event)
        page.clock.fast_forward("30:00")  # on the phone the half hour has gone by as well
        expect(page.get_by_role("button", name="签退")).to_be_visible(timeout=20_000)
        assert inside(event) == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_phone_without_cookies_signs_out(server: Server, browser: Browser, javascript: bool) -> None:
    event = going_on()
    address = f"{origin(server)}/e/{event.code}"
    with open_page(browser, java_script_enabled=javascript, takes_cookies=False) as page:
        sign_in_here(page, address)
        page.goto(address)  # nothing is known here
        page.get_by_role("link", name="签退").click()
        page.fill("#name", "王强")
        page.fill("#mobile", "13800138000")
        page.get_by_role("button", name="签退").click()
        expect(page.locator(".ordinal")).to_contain_text("签退")
        assert inside(event) == 0


def test_the_station_lets_out_and_returns_to_its_start(server: Server, browser: Browser) -> None:
    event = going_on()
    came(event)
    token = links.make(event.id, "kiosk", staff_id=None, pin="2468")
    with open_page(browser, size=TABLET) as page:
        page.goto(f"{origin(server)}/d/{token}")
        page.goto(f"{origin(server)}/events/{event.code}/kiosk")
        page.get_by_role("link", name="签退").click()
        page.fill("#typed", "8000")
        page.get_by_role("button", name="找到我").or_(page.locator(".submit button")).first.click()
        expect(page.locator(".known")).to_contain_text("王*")
        page.locator(".known button").click()
        expect(page.locator(".ordinal")).to_contain_text("已于")
        assert "王强" not in page.content() and inside(event) == 0
        page.wait_for_selector("#name", timeout=10_000)
        page.wait_for_url(f"**/events/{event.code}/kiosk")
        page.go_back()
        expect(page.locator(".known")).to_have_count(0)
        assert "王" not in page.inner_text("main")


def test_a_steward_lets_out_and_takes_it_back(server: Server, browser: Browser) -> None:
    event = going_on()
    came(event)
    with open_page(browser) as page:
        answers.listen(page)
        page.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        page.fill("#q", "王强")
        row = page.locator(".hand", has_text="王强")
        row.get_by_role("button", name="签退").click()
        answers.read(page, "已签退")
        assert inside(event) == 0
        page.fill("#q", "")
        page.fill("#q", "王强")
        page.locator(".hand", has_text="王强").get_by_role("button", name="已回来").click()
        answers.read(page, "已回来")
        assert inside(event) == 1


def test_tallies_equal_the_rows_after_all_stories(server: Server) -> None:
    assert not tallies.recount()
