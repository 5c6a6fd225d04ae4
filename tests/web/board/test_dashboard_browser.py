"""The tablet in a real browser: it holds still under a finger, says how fresh it is, and works by polling too."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from kiosk.services.event.event_views import EventView
from tests.aids.browser import origin
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SOON = 12_000  # where no stream comes, a board asks every five seconds


def look_at(page: Page, server: Server, event: EventView) -> None:
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")


def is_live(page: Page) -> None:
    expect(page.locator("#light")).to_have_attribute("data-state", "live")


def arrived(page: Page, count: int) -> None:
    expect(page.locator("#arrived")).to_have_text(str(count))


def crowd(event: EventView) -> None:
    for number in range(20):
        sign_in(event, guest(f"来宾{number:02}"))


def test_a_pressed_list_holds_still_and_catches_up_when_released(server: Server, page: Page) -> None:
    event = make_event()
    crowd(event)
    look_at(page, server, event)
    is_live(page)
    page.locator(".person__name").first.hover()
    page.mouse.down()
    sign_in(event, guest("后来者"))
    arrived(page, 21)
    expect(page.locator(".person__name").first).to_contain_text("来宾19")
    page.locator(".dash-search label").hover()  # not a tap, which would open the row
    page.mouse.up()
    expect(page.locator(".person__name").first).to_contain_text("后来者")


def test_a_scrolled_list_holds_still_and_offers_the_news(server: Server, page: Page) -> None:
    event = make_event()
    crowd(event)
    look_at(page, server, event)
    is_live(page)
    page.locator("#latest-region").evaluate("list => { list.scrollTop = 200; }")
    sign_in(event, guest("后来者"))
    expect(page.locator("#latest-more")).to_be_visible()
    expect(page.locator("#latest-region")).not_to_contain_text("后来者")
    page.locator("#latest-more").click()
    expect(page.locator(".person__name").first).to_contain_text("后来者")
    expect(page.locator("#latest-more")).to_be_hidden()


def test_a_tapped_bar_narrows_the_board_whose_list_then_holds_still(server: Server, page: Page) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, guest("张爱国"))
    look_at(page, server, event)
    is_live(page)
    page.locator("a.bar-row__link", has_text="企业代表").click()
    expect(page.locator("#only")).to_contain_text("只看：企业代表")
    expect(page.locator(".person")).to_have_count(1)
    is_live(page)
    sign_in(event, guest("赵敏"))
    sign_in(event, enterprise("李四", mobile="13900139000"))
    arrived(page, 2)
    expect(page.locator(".person")).to_have_count(1)
    page.locator("#latest-more").click()
    expect(page.locator(".person")).to_have_count(2)
    page.locator("#only a").click()
    expect(page.locator(".person")).to_have_count(4)


def test_a_bar_under_a_finger_is_not_swapped_away(server: Server, page: Page) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, guest("张爱国"))
    look_at(page, server, event)
    is_live(page)
    page.locator("a.bar-row__link", has_text="企业代表").hover()
    page.mouse.down()
    sign_in(event, enterprise("李四", mobile="13900139000"))
    arrived(page, 3)
    expect(page.locator(".person")).to_have_count(3)
    bar = page.locator("a.bar-row__link", has_text="企业代表").locator(".bar-row__count")
    expect(bar).to_have_text("1")
    page.mouse.up()
    expect(page.locator(".person")).to_have_count(2)
    expect(bar).to_have_text("2")


def test_a_search_narrows_while_typing_and_a_void_in_it_is_seen(server: Server, page: Page) -> None:
    event = make_event()
    crowd(event)
    look_at(page, server, event)
    is_live(page)
    page.fill("#q", "来宾07")
    expect(page.locator(".person")).to_have_count(1)
    page.locator(".person__line").click()
    page.locator(".person").get_by_role("button", name="撤销").click()
    expect(page.locator(".person--void")).to_have_count(1)
    arrived(page, 19)
    page.locator(".toast button").click()
    expect(page.locator(".person--void")).to_have_count(0)
    arrived(page, 20)
    assert page.input_value("#q") == "来宾07"
    sign_in(event, guest("来宾07的同事"))
    arrived(page, 21)
    expect(page.locator(".person")).to_have_count(1)  # the news does not widen it
    page.evaluate("htmx.trigger('#latest-region', 'rows-changed')")
    expect(page.locator(".person")).to_have_count(2)  # and what is asked for again is what was typed
    assert "?" not in page.url
    page.fill("#q", "")
    expect(page.locator(".person")).to_have_count(21)


def test_enter_searches_and_a_live_list_is_still_held_by_nothing_else(server: Server, page: Page) -> None:
    event = make_event()
    sign_in(event, guest("张爱国"))
    sign_in(event, guest("李娜"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    look_at(page, server, event)
    is_live(page)
    sign_in(event, guest("后来者"))
    expect(page.locator(".person__name").first).to_contain_text("后来者")  # the form's token narrows nothing
    page.locator("#q").press_sequentially("李娜")
    page.keyboard.press("Enter")
    expect(page.locator(".person")).to_have_count(1)
    page.reload()
    expect(page.locator(".person")).to_have_count(3)
    assert any(line.startswith("POST") and line.endswith("/dashboard/latest") for line in asked)
    assert [line for line in asked if "q=" in line] == []


def test_where_streams_fail_it_polls_and_says_how_old_it_is(server: Server, page: Page) -> None:
    event = make_event()
    page.add_init_script("delete window.SharedWorker")  # no test can answer in a worker's place
    page.route("**/dashboard/stream?*", lambda route: route.fulfill(status=502, body="bad gateway"))
    look_at(page, server, event)
    sign_in(event, guest("张爱国"))
    expect(page.locator("#arrived")).to_have_text("1", timeout=SOON)
    expect(page.locator("#light")).to_have_attribute("data-state", "old")
    expect(page.locator("#light")).to_have_text(re.compile(r"\d+ 秒前更新"))
    expect(page.locator("#latest-region")).to_contain_text("张爱国")
    page.unroute("**/dashboard/stream?*")
    is_live(page)


def test_without_a_network_it_says_so_and_comes_back_at_once(server: Server, page: Page) -> None:
    event = make_event()
    page.clock.install()
    look_at(page, server, event)
    is_live(page)
    page.context.set_offline(True)
    expect(page.locator("#light-words")).to_have_text("离线，正在重连")
    sign_in(event, guest("张爱国"))
    page.clock.pause_at(time.time() + 60)  # at once: no second has to go by, and no timer to try again
    page.context.set_offline(False)
    is_live(page)
    arrived(page, 1)


def test_the_bulletin_is_copied_without_a_clipboard(server: Server, page: Page) -> None:
    event = make_event(title="开放日")
    look_at(page, server, event)
    assert page.evaluate("() => navigator.clipboard === undefined")  # plain HTTP on a LAN has none
    page.get_by_text("复制通报").first.click()
    page.locator("[data-copy]").click()
    expect(page.locator("[data-copy]")).to_have_text("已复制")
    page.locator("#q").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#q")).to_have_value(re.compile("开放日已到 0 人"))
