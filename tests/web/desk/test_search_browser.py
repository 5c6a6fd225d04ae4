"""The desk's search on a phone and on the tablet: from the bar to the person in the event's own list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.aids.browser import PHONE, log_in, open_page, origin
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_bar_of_every_page_leads_to_the_person(page: Page, server: Server, browser: Browser) -> None:
    event = make_event(title="首席质量官培训")
    sign_in(event, enterprise("王小强", mobile="13800138123"))
    page.goto(f"{origin(server)}/campaigns")
    page.fill("#bar-q", "8123")
    page.press("#bar-q", "Enter")
    person = page.locator(".person", has_text="王*强")
    expect(person).to_contain_text("首席质量官培训")
    assert "8123" not in page.url
    person.get_by_role("button", name="查看").click()
    expect(page.locator(".person", has_text="王小强")).to_be_visible()
    expect(page.locator("#q")).to_have_value("8123")

    with open_page(browser, size=PHONE, java_script_enabled=False) as phone:
        log_in(phone, server)
        phone.goto(f"{origin(server)}/events")
        expect(phone.locator("#bar-q")).to_be_hidden()
        phone.get_by_role("link", name="搜索").click()
        expect(phone.locator("#q")).to_be_focused()
        phone.fill("#q", "首席")
        phone.press("#q", "Enter")
        phone.get_by_role("link", name="首席质量官培训").first.click()
        expect(phone).to_have_url(f"{origin(server)}/events/{event.code}")
