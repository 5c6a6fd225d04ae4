"""A head-count on two phones at once, one of which has no network for a while."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.extensions import db
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.browser import context, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server
from tests.web.door.test_steward_browser import send_on

pytestmark = [pytest.mark.browser, pytest.mark.server]


def address(server: Server, event: EventView, label: str) -> str:
    return f"{origin(server)}/n/{links.make(event.id, 'count', label, staff_id=None)}"


def nameless(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).nameless


def tap(page: Page, word: str, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name=word, exact=True).click()


def test_two_phones_add_up_and_what_was_tapped_without_a_network_goes_out_by_itself(
    server: Server, browser: Browser
) -> None:
    event = make_event(title="检验检测机构开放日")
    with contextlib.ExitStack() as stack:
        east, west = (stack.enter_context(open_page(browser)) for _ in range(2))
        for page, gate in ((east, "东门"), (west, "西门")):
            page.goto(address(server, event, gate))
            expect(page.locator("#count-number")).to_have_text("0")
        west.context.set_offline(True)
        tap(west, "多一位", 12)
        tap(west, "少一位", 2)
        expect(west.locator("#count-number")).to_have_text("10")
        expect(west.locator("#unsent summary")).to_have_text("待发出：14 条")
        tap(east, "多一位", 7)
        expect(east.locator("#count-number")).to_have_text("7")
        expect(east.locator("#unsent")).to_have_attribute("hidden", "")
        assert nameless(event) == 7
        west.context.set_offline(False)
        for page in (east, west):
            expect(page.locator("#count-number")).to_have_text("17", timeout=20_000)
        expect(west.locator("#unsent")).to_have_attribute("hidden", "")
    assert nameless(event) == 17


def test_tap_whose_answer_was_lost_is_sent_again_and_counts_once(server: Server, browser: Browser) -> None:
    event, sent = make_event(), list[str]()

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
            if len(sent) == 1:  # the server has it, the phone has no answer
                send_on(route)
                route.abort()
                return
        route.continue_()

    with open_page(browser) as page:
        page.goto(address(server, event, "东门"))
        page.route("**/n/*", lose)
        tap(page, "多一位")
        expect(page.locator("#count-number")).to_have_text("1")
        expect(page.locator("#unsent")).to_have_attribute("hidden", "", timeout=15_000)
        expect(page.locator("#count-number")).to_have_text("1")
        assert len(sent) == 2
    assert nameless(event) == 1


def test_page_counts_without_scripts(server: Server, browser: Browser) -> None:
    event = make_event()
    with context(browser, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(address(server, event, "东门"))
        tap(page, "多一位", 3)
        tap(page, "少一位")
        expect(page.locator("#count-number")).to_have_text("2")
    assert nameless(event) == 2
