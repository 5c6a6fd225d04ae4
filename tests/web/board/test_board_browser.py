"""The board on a tablet in either direction and on a phone: what is on the first screen, what moves, what stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.board import PUPILS, busy_event
from tests.aids.browser import PHONE, PORTRAIT, TABLET, boxes, in_view, log_in, open_page, origin
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
LATEST = "#latest-region .latest__rows > .person"
BAR = ".dash-bar__nav, .dash-bar__menu, h1, #clock, #light"
TOP = "element => element.getBoundingClientRect().top"
HEIGHT = "() => document.documentElement.scrollHeight"
# What scrolls within what scrolls, the page among them.
NESTED = """() => [...document.querySelectorAll('main, main *')].filter(e =>
  /auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1 && e.clientHeight > 0
  && e.tagName !== 'TEXTAREA').map(e => e.id || e.className)"""


def look_at(page: Page, server: Server, event: EventView, rest: str = "") -> None:
    page.goto(f"{origin(server)}/events/{event.code}/dashboard{rest}")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")


def test_on_a_lying_tablet_nine_rows_are_in_view_and_each_opens_by_a_tap(server: Server, page: Page) -> None:
    event = busy_event(people=36, here=22)
    look_at(page, server, event)
    rows = page.locator(LATEST)
    assert in_view(page, LATEST) >= 9
    assert page.evaluate(HEIGHT) == TABLET["height"], "the page ends where the screen does"
    heights = [box["height"] for box in boxes(page, LATEST)[:9]]
    assert min(heights) >= 48 and max(heights) < 52
    # Void stands behind a tap, and an open row holds the list still.
    first = rows.first
    void = first.get_by_role("button", name=re.compile("撤销"))
    expect(void).to_be_hidden()
    first.locator("summary").click()
    expect(void).to_be_visible()
    sign_in(event, guest("后来者"))
    expect(page.locator("#latest-more")).to_be_visible()
    expect(page.locator("#latest-region")).not_to_contain_text("后来者")
    void.click()
    expect(page.locator(".person--void")).to_have_count(1)
    # The class is one row that opens to its people, each with what can be done with them.
    group = page.locator(".person--group")
    group.locator("summary").first.click()
    expect(group.locator(".person")).to_have_count(len(PUPILS))
    group.locator(".person summary").first.click()
    expect(group.get_by_role("link", name=re.compile("更正")).first).to_be_visible()


def test_in_english_the_bar_of_a_lying_tablet_leaves_the_height_to_the_list(server: Server, page: Page) -> None:
    event = make_event(
        title="2024年度企业首席质量官巡回培训（西塞山区）",
        title_alt="Chief quality officer training 2024: Xisaishan District",
        venue="西塞山区工业园培训中心",
        venue_alt="Xisaishan industrial park, training centre",
    )
    roster_writing.write(event.id, [RosterRow("enterprise", "王强")], actor="staff:1")
    look_at(page, server, event, "?lang=en")
    expect(page.locator("#chime")).to_be_visible()
    bar = page.locator(".dash-bar").bounding_box()
    assert bar is not None and bar["height"] <= 96, "two lines of a title, one of facts"


def test_the_bar_stays_where_it_is_when_the_line_drops(server: Server, browser: Browser) -> None:
    event = busy_event(people=4, here=2)
    for lang, size in (("zh-CN", TABLET), ("en-GB", TABLET), ("zh-CN", PHONE)):
        with open_page(browser, size=size, lang=lang) as page:
            log_in(page, server)
            look_at(page, server, event)
            heights = boxes(page, ".dash-bar")
            before = boxes(page, BAR)
            page.context.set_offline(True)
            expect(page.locator("#light")).to_have_attribute("data-state", "off")
            assert boxes(page, BAR) == before and boxes(page, ".dash-bar") == heights, lang


@pytest.mark.parametrize(("size", "rows"), [(PORTRAIT, 9), (PHONE, 2)], ids=["portrait", "phone"])
def test_on_a_narrow_screen_number_search_and_arrivals_come_first(
    server: Server, browser: Browser, size: ViewportSize, rows: int
) -> None:
    event = busy_event(people=12, here=6)
    with open_page(browser, size=size) as page:
        log_in(page, server)
        look_at(page, server, event)
        expect(page.locator(LATEST).nth(rows - 1)).to_be_visible()
        for first in ("#listed", "#q", ".dash-tabs"):
            assert page.locator(first).evaluate(TOP) < size["height"] * 0.75
        assert in_view(page, LATEST) >= rows
        assert page.evaluate(NESTED) == []
        # The others are tabs; the chosen one stays through a swap and for whoever comes back.
        page.get_by_role("link", name="未到", exact=True).click()
        expect(page.locator("#missing-region")).to_be_visible()
        expect(page.locator("#latest-region")).to_be_hidden()
        sign_in(event, enterprise("孙建国", mobile="13900139077"))
        expect(page.locator("[data-roll=unlisted]")).to_have_text("13")
        expect(page.locator("#missing-region")).to_be_visible()
        expect(page.locator("#latest-region")).to_be_hidden()
        assert page.evaluate(NESTED) == []
        assert page.locator("#missing-region").evaluate(TOP) < size["height"]
        page.reload()
        expect(page.locator("#missing-region")).to_be_visible()
        page.get_by_role("link", name="走势", exact=True).click()
        expect(page.locator("#chart")).to_be_visible()


def test_without_scripts_the_tabs_are_links(server: Server, browser: Browser) -> None:
    event = busy_event(people=4, here=2)
    with open_page(browser, size=PHONE, java_script_enabled=False) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/dashboard?kind=enterprise")
        expect(page.locator("#missing-region")).to_be_hidden()
        page.get_by_role("link", name="未到", exact=True).click()
        expect(page.locator("#missing-region")).to_be_visible()
        expect(page.locator("#only")).to_contain_text("企业代表")
        # A call comes back to this very board.
        page.locator("#missing-region").get_by_role("button").first.click()
        page.get_by_role("button", name="联系不上").click()
        page.wait_for_url("**/dashboard?kind=enterprise")


def test_the_clock_is_in_one_line_at_double_text_on_a_phone(server: Server, browser: Browser) -> None:
    event = busy_event(people=4, here=2)
    with open_page(browser, size=PHONE) as page:
        log_in(page, server)
        look_at(page, server, event)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.locator("#clock").evaluate("clock => clock.getClientRects().length") == 1
        assert page.locator("#clock").evaluate(
            "clock => clock.offsetHeight < 1.6 * parseFloat(getComputedStyle(clock).fontSize)"
        )
        assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]


def test_a_district_narrows_the_whole_board_and_what_leads_away_comes_back_to_it(server: Server, page: Page) -> None:
    event = busy_event(people=12, here=6, has_class=False)
    look_at(page, server, event)
    page.locator("a.bar-row__link", has_text="大冶市").click()
    only = page.locator("#only")
    expect(only).to_contain_text("只看：大冶市")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")
    here = page.url
    # 12 expected of six firms in three districts: four of this one, of whom two have come; the substitute is of it too.
    expect(page.locator("#arrived")).to_have_text("3")
    expect(page.locator("[data-roll=missing]")).to_have_text("2")
    expect(page.locator(".absentee")).to_have_count(2)
    expect(page.locator("#latest-region .person")).to_have_count(3)
    # It stays through the swaps of a change, elsewhere and here.
    sign_in(event, enterprise("赵建国", organisation_name="湖北新冶特钢有限公司", mobile="13900139001"))
    sign_in(event, enterprise("新来者", organisation_name="湖北东贝制冷有限公司", mobile="13900139002"))
    expect(page.locator("#arrived")).to_have_text("4")
    expect(page.locator(".absentee")).to_have_count(2)
    page.locator("#latest-more").click()
    expect(page.locator("#latest-region .person")).to_have_count(4)
    # A correction and a walk-in come back to this board.
    page.locator(".person__line").first.click()
    page.get_by_role("link", name=re.compile("更正")).first.click()
    page.get_by_role("button", name="保存更正").click()
    page.wait_for_url(here)
    expect(only).to_be_visible()
    page.get_by_role("link", name="现场登记").first.click()
    page.get_by_role("link", name="返回看板").click()
    page.wait_for_url(here)
    page.get_by_role("link", name="现场登记").first.click()
    page.get_by_role("link", name="来宾").click()
    page.fill("[name=name]", "钱来宾")
    page.get_by_role("button", name="签到").last.click()
    page.wait_for_url(here)
    expect(page.locator(".notice--ok", has_text="钱来宾")).to_be_visible()
    only.get_by_role("link").click()
    expect(only).to_have_count(0)
    expect(page.locator("#arrived")).to_have_text("12")


def test_no_empty_list_stands_below_whom_a_search_has_found(server: Server, page: Page) -> None:
    event = busy_event(people=12, here=6, has_class=False)
    look_at(page, server, event)
    page.fill("#q", "徐建国")
    expect(page.locator("#hand-region")).to_contain_text("徐建国")
    expect(page.locator(".latest__filter")).to_contain_text("徐建国")
    expect(page.locator("#latest-region .latest__none")).to_have_count(0)
    page.fill("#q", "查无此人")
    expect(page.locator(".dash__people")).to_contain_text("没有找到")


def test_every_page_of_staff_ends_where_its_words_do(server: Server, page: Page) -> None:
    """Words for screen readers in a scroller of their own lengthen no page: nothing lies below the last thing seen."""
    event = make_event(title="开放日")
    for number in range(30):
        sign_in(event, guest(f"来宾{number}"))
    look_at(page, server, event)
    assert page.evaluate(HEIGHT) == TABLET["height"]
    page.fill("#q", "来宾")
    expect(page.locator(".latest__filter")).to_be_visible()
    assert page.evaluate(HEIGHT) == TABLET["height"]
