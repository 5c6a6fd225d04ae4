"""A place's screens in a real browser: they move on by themselves, a station only between two people, and go dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import utcnow
from kiosk.closed import Screen
from kiosk.services.door import followers
from kiosk.services.event import campaigns, events, rotation
from kiosk.services.event.event_views import EventView
from tests.aids.browser import PORTRAIT, TABLET, WALL, open_page, origin
from tests.aids.factories import enterprise, make_event, opens_at, sign_in
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
HALL = "三楼报告厅"
SOON = timedelta(seconds=2)  # until the afternoon's sign-in opens, once everything stands there as it was before
WITHIN = 15_000  # milliseconds after it
DIGITS = re.compile(r"\d{3} \d{3}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("following")) as server:
        yield server


def a_day(**more: object) -> tuple[EventView, EventView]:
    """Return a morning's event that is open, and the afternoon's at the same place, which opens in an hour."""
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    now = utcnow()
    usual = {"campaign_id": campaign.id, "venue": HALL, "kinds": [{"kind": "guest"}], **more}
    opens = now + timedelta(hours=1)
    morning = make_event(title="上午场", starts_at=now - timedelta(hours=3), **usual)
    afternoon = make_event(title="下午场", starts_at=opens + timedelta(hours=1), opens_at=opens, **usual)
    make_event(**{**usual, "title": "别处", "venue": "四楼", "starts_at": now + timedelta(hours=2)})
    return morning, afternoon


def show(page: Page, server: Server, event: EventView, screen: Screen) -> None:
    pin = "4711" if screen == "kiosk" else None
    token = followers.make(event.campaign_id, screen, place=HALL, staff_id=None, pin=pin)
    page.goto(f"{origin(server)}/d/{token}")
    page.wait_for_url("**/kiosk" if screen == "kiosk" else "**/screens/*")


def test_place_s_display_moves_on_when_the_afternoon_s_sign_in_opens(server: Server, browser: Browser) -> None:
    morning, afternoon = a_day(rotate_seconds=30)
    with open_page(browser, size=WALL) as page:
        show(page, server, morning, "display")
        expect(page.locator("h1")).to_have_text("上午场")
        expect(page.locator(".display__code figcaption")).to_contain_text(morning.code)
        expect(page.locator(".digits__now")).to_have_text(DIGITS)
        assert rotation.step_of(morning, digits(page)) is not None
        let_open(page, afternoon)
        expect(page.locator("h1")).to_have_text("下午场", timeout=WITHIN)
        expect(page.locator(".display__code figcaption")).to_contain_text(afternoon.code)
        expect(page.locator(".digits__now")).to_have_text(DIGITS)
        assert rotation.step_of(afternoon, digits(page)) is not None and rotation.step_of(morning, digits(page)) is None
        assert morning.code not in page.content()


def let_open(page: Page, event: EventView) -> None:
    """Have an event open soon, and wait for the very opening: from then on the fifteen seconds count."""
    moment = utcnow() + SOON
    opens_at(event, moment)
    page.wait_for_timeout(max(0.0, (moment - utcnow()).total_seconds() * 1000))


def digits(page: Page) -> str:
    return "".join(page.inner_text(".digits__now").split())


def test_place_s_wall_moves_on(server: Server, browser: Browser) -> None:
    morning, afternoon = a_day()
    sign_in(morning, enterprise("王强强"))
    with open_page(browser, size=WALL) as page:
        show(page, server, morning, "wall")
        expect(page.locator(".wall__names li")).to_have_text(["王*"])
        let_open(page, afternoon)
        expect(page.locator("h1")).to_have_text("下午场", timeout=WITHIN)
        expect(page.locator("#arrived")).to_have_text("0")
        assert "王*" not in page.content()


def test_station_that_nobody_touches_moves_on_and_one_in_use_does_not(server: Server, browser: Browser) -> None:
    morning, afternoon = a_day()
    with open_page(browser, size=PORTRAIT) as idle, open_page(browser, size=PORTRAIT) as used:
        show(idle, server, morning, "kiosk")
        show(used, server, morning, "kiosk")
        used.fill("#name", "张爱国")
        let_open(idle, afternoon)
        idle.wait_for_url(f"**/events/{afternoon.code}/kiosk", timeout=WITHIN)
        used.wait_for_timeout(6_000)  # longer than it takes to look
        assert morning.code in used.url and used.input_value("#name") == "张爱国"
        used.click(".submit button")
        expect(used.locator("h1")).to_have_text("张爱国")
        used.wait_for_url(f"**/events/{afternoon.code}/kiosk", timeout=WITHIN)  # the next person is the afternoon's
        assert used.input_value("#name") == ""
    assert (events.counts(morning.id).arrived, events.counts(afternoon.id).arrived) == (1, 0)


@pytest.mark.parametrize("screen", ["display", "wall", "kiosk"])
def test_revoked_screen_goes_dark(server: Server, browser: Browser, screen: Screen) -> None:
    morning, _afternoon = a_day()
    with open_page(browser, size=TABLET) as page:
        show(page, server, morning, screen)
        expect(page.locator("h1")).to_have_text("上午场")
        followers.revoke(morning.campaign_id, followers.list_of(morning.campaign_id)[0].id)
        expect(page.locator("main.dead")).to_be_visible(timeout=WITHIN)
        assert "上午场" not in page.content()


def test_screen_between_events_becomes_the_next_one_by_itself(server: Server, browser: Browser) -> None:
    morning, afternoon = a_day()
    with open_page(browser, size=TABLET) as page:
        events.set_archived(afternoon.code, is_archived=True)
        events.close(morning.code)
        show(page, server, morning, "display")
        expect(page.locator("main")).to_contain_text("签到已结束")
        assert page.locator(".display__code").count() == 0 and morning.code not in page.content()
        events.set_archived(afternoon.code, is_archived=False)
        let_open(page, afternoon)
        expect(page.locator(".display__code figcaption")).to_contain_text(afternoon.code, timeout=WITHIN)


@pytest.mark.parametrize("size", [WALL, TABLET, PORTRAIT], ids=["wall", "tablet", "portrait"])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_page_between_events_fits(server: Server, browser: Browser, size: dict[str, int], lang: str) -> None:
    morning, afternoon = a_day()
    for event in (morning, afternoon):
        events.close(event.code)
    with open_page(browser, size=size, lang=lang) as page:  # type: ignore[arg-type]
        show(page, server, morning, "display")
        whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [size["width"], size["height"]]
