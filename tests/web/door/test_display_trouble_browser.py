"""A display that stands on its side keeps its short code while it says why no phone comes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.aids.browser import PORTRAIT, log_in, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

LONG = "湖北省黄石市大冶市企业首席质量官质量提升行动巡回培训暨全市质量基础设施一站式服务现场观摩推进会（第六场）"
# As after a minute in which no phone came: the screen has waited since 1970.
WAIT = (
    "code => htmx.ajax('GET', `/events/${code}/display/count?since=0&lang=${document.documentElement.lang}`, '#door')"
)
SEEN = """() => [".display__code svg", ".display__spell b", ".display__trouble"].map(name => {
    const one = document.querySelector(name), box = one.getBoundingClientRect();
    const on = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.height > 20 && box.top >= 0 && box.bottom <= innerHeight && one.contains(on);
})"""


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_the_short_code_stays_beside_the_causes(server: Server, browser: Browser, lang: str) -> None:
    about = {"venue": "大冶市市场监督管理局三楼报告厅", "wifi_name": "DongBei-Guest-5G", "wifi_password": "zl2024@0912"}
    with open_page(browser, size=PORTRAIT, lang=lang) as page:
        log_in(page, server)
        for title in ("质量月", LONG):
            event = make_event(title=title, **about)
            page.goto(f"{origin(server)}/events/{event.code}/display")
            page.evaluate(WAIT, event.code)
            expect(page.locator(".display__trouble li").first).to_be_visible()
            assert page.evaluate(SEEN) == [True, True, True], title
            height = page.locator(".display__code svg").evaluate("one => one.getBoundingClientRect().height")
            assert height >= 0.55 * PORTRAIT["height"]
