"""A scanner that types, as the keyboard that it is, with the focus anywhere; and a pass that a steward's camera opened,
over plain http under a name that is not localhost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.services.door import links, passes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.browser import TABLET, open_page, origin
from tests.aids.listed import with_roster
from tests.aids.server import HOST, Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

PEOPLE = tuple(
    RosterRow("enterprise", name, "湖北东贝制冷有限公司", mobile=f"1380013800{number}")
    for number, name in enumerate(("王强", "李娜", "张伟", "刘洋"))
)
SHIFT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ:"
PLACES = {"/": "Slash", ":": "Semicolon", ".": "Period"}


def scan(page: Page, typed: str) -> None:
    """Type as a scanner does: key by key by its place, in a few milliseconds each, and Enter."""
    for letter in typed:
        place = PLACES.get(letter) or ("Digit" if letter.isdigit() else "Key") + letter.upper()
        page.keyboard.press(f"Shift+{place}" if letter in SHIFT else place)
    page.keyboard.press("Enter")


def address(event: EventView, at: int) -> str:
    db.session.rollback()
    return passes.address_of(rosters.entries(event.id)[at].id)


def arrived(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).arrived


def test_scanner_at_the_dashboard_whatever_has_the_focus(page: Page, server: Server) -> None:
    event = with_roster(*PEOPLE)
    page.set_viewport_size(TABLET)
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    toast = page.locator("#toast")
    page.locator("#q").focus()
    scan(page, address(event, 0))
    expect(toast).to_contain_text("王强")
    expect(page.locator("#q")).to_have_value("")
    page.locator(".dash-search .button").focus()
    scan(page, address(event, 1).upper())
    expect(toast).to_contain_text("李娜")
    page.evaluate("document.activeElement.blur()")
    scan(page, address(event, 2))
    expect(toast).to_contain_text("张伟")
    assert arrived(event) == 3
    scan(page, address(event, 2))
    expect(toast).to_contain_text("重复")
    scan(page, f"http://{HOST}/p/{'a' * 32}")
    expect(toast).to_contain_text("无效")
    assert arrived(event) == 3
    page.locator("#q").focus()
    page.keyboard.type("刘洋")
    page.keyboard.press("Enter")
    expect(page.locator("#hand-rows")).to_contain_text("刘洋")


def test_scanner_at_the_hand_work_and_at_the_station(page: Page, browser: Browser, server: Server) -> None:
    event = with_roster(*PEOPLE)
    page.goto(f"{origin(server)}/events/{event.code}/hand")
    page.get_by_role("button", name="查找").first.focus()
    scan(page, address(event, 0))
    expect(page.locator(".notice--ok")).to_contain_text("王强")
    with open_page(browser, size=TABLET) as station:
        station.goto(f"{origin(server)}/d/{links.make(event.id, 'kiosk', staff_id=None, pin='1234')}")
        scan(station, address(event, 1))
        expect(station.locator(".tick")).to_be_visible()
        expect(station.locator("h1")).to_have_text("李娜")
        scan(station, address(event, 2))  # while the last one's page still stands: they queue
        expect(station.locator("h1")).to_have_text("张伟")
    assert arrived(event) == 3


def test_scanner_at_a_stewards_phone_answers_with_the_whole_screen(browser: Browser, server: Server) -> None:
    event = with_roster(*PEOPLE)
    with open_page(browser) as phone:
        answers.listen(phone)
        phone.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        scan(phone, address(event, 0))
        answers.read(phone, "王强")
        assert arrived(event) == 1  # the answer comes after the disk


def test_pass_by_a_stewards_own_camera_is_one_tap(browser: Browser, server: Server) -> None:
    event, other = with_roster(*PEOPLE, title="上午场"), with_roster(*PEOPLE, title="下午场")
    base = origin(server)
    assert HOST in base and base.startswith("http://")
    path = "/p/" + address(event, 0).rpartition("/")[2]
    with open_page(browser) as own:
        own.goto(base + path)
        expect(own.locator(".own-pass__code svg")).to_be_visible()
        expect(own.get_by_role("button", name="签到")).to_have_count(0)
    with open_page(browser) as wrong:
        wrong.goto(f"{base}/st/{links.make(other.id, 'steward', '小王', staff_id=None)}")
        wrong.goto(base + path)
        expect(wrong.get_by_text("属于另一场活动“下午场”")).to_be_visible()
        expect(wrong.get_by_role("button", name="签到")).to_have_count(0)
    assert arrived(event) == arrived(other) == 0
    with open_page(browser) as steward:
        steward.goto(f"{base}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        steward.goto(base + path)
        steward.get_by_role("button", name="签到").click()
        expect(steward.locator(".passing .answer__word")).to_contain_text("签到成功")
        assert arrived(event) == 1
        steward.goto(base + path)
        expect(steward.locator(".passing.answer--repeat")).to_contain_text("小李")
