"""The overview as an organiser sees it on the phone, from the evening before to the day after."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from kiosk.services.event import events
from tests.aids.browser import PHONE, TABLET, log_in, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server


def test_the_overview_ticks_itself_and_follows_the_day(server: Server, browser: Browser) -> None:
    event = make_event(title="实验室开放日")
    with (
        open_page(browser, size=PHONE) as desk,
        open_page(browser, size=TABLET) as tablet,
        open_page(browser, size=PHONE) as phone,
    ):
        for screen in (desk, tablet):
            log_in(screen, server)
            screen.goto(f"{origin(server)}/events/{event.code}")
            expect(screen.locator("#step-list.step--large")).to_be_in_viewport()
        desk.click("#skip-list")
        expect(desk.locator("#step-poster.step--large")).to_be_visible()
        expect(desk.locator("#need-list")).to_be_visible()
        desk.locator("#more summary").click()
        expect(desk.locator("#more #step-board")).to_be_visible()

        phone.goto(f"{origin(server)}/e/{event.code}?kind=guest")
        phone.fill("#name", "张爱国")
        phone.click(".submit button")
        expect(phone.locator("main")).to_contain_text("张爱国")

        for screen in (desk, tablet):  # by itself
            expect(screen.locator("#step-board.step--large")).to_be_visible(timeout=15_000)
            expect(screen.locator("#course .figures__main dd")).to_have_text("1")
        events.close(event.code)
        expect(desk.locator("#step-freeze.step--large")).to_be_visible(timeout=15_000)
        expect(desk.locator(".pass")).to_have_count(0)
