"""A steward confirms, in a real browser: the phone, the steward's phone and the board change by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids import answers
from tests.aids.browser import TABLET, log_in, open_page, origin
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SOON = 12_000  # a page asks every four seconds


def counts(event: EventView) -> events.Counts:
    db.session.rollback()
    return events.counts(event.id)


def sign_in_here(page: Page, server: Server, event: EventView, name: str) -> None:
    page.goto(f"{origin(server)}/e/{event.code}")
    page.fill("#name", name)
    page.click(".submit button")
    page.wait_for_url("**/done/**")


def test_waiting_confirmed_and_refused_are_seen_by_themselves_on_every_screen(server: Server, browser: Browser) -> None:
    event = make_event(needs_confirmation=True, kinds=[{"kind": "guest"}])
    link = links.make(event.id, "steward", "小李", staff_id=None)
    with (
        open_page(browser) as zhang,
        open_page(browser) as chen,
        open_page(browser) as steward,
        open_page(browser, size=TABLET) as board,
    ):
        for phone in (chen, steward):
            phone.clock.install()
        answers.listen(steward)
        steward.goto(f"{origin(server)}/st/{link}")
        log_in(board, server)
        board.goto(f"{origin(server)}/events/{event.code}/dashboard")
        expect(board.locator("#light")).to_have_attribute("data-state", "live")

        sign_in_here(zhang, server, event, "张爱国")
        sign_in_here(chen, server, event, "陈秋实")
        for phone in (zhang, chen):
            expect(phone.locator("main")).to_contain_text("请到签到台确认")
            expect(phone.locator(".tick")).to_have_count(0)
        expect(board.locator("[data-roll=unconfirmed]")).to_have_text("2")
        expect(board.locator("#arrived")).to_have_text("0")
        expect(board.locator(".latest__waiting")).to_contain_text("张爱国")
        expect(steward.locator(".confirm__one")).to_have_count(2, timeout=SOON)

        steward.get_by_role("button", name="确认 张爱国 的签到", exact=True).click()
        answers.read(steward, "已确认")
        expect(zhang.locator(".tick")).to_be_visible(timeout=SOON)
        expect(zhang.locator("main")).to_contain_text("第 1 位")
        expect(board.locator("#arrived")).to_have_text("1")
        expect(steward.locator(".confirm__one")).to_have_count(1, timeout=SOON)

        board.get_by_role("button", name="不确认 陈秋实").click()
        expect(board.locator("#toast")).to_contain_text("陈秋实 未予确认")
        for phone in (chen, steward):
            phone.clock.run_for(SOON)  # the board's undo stays for eight seconds
        expect(chen.locator("main")).to_contain_text("会务人员没有确认这次签到", timeout=SOON)
        expect(steward.locator(".confirm__one")).to_have_count(0, timeout=SOON)
        board.get_by_role("button", name="撤销", exact=True).click()  # it waits again, everywhere
        expect(chen.locator("main")).to_contain_text("请到签到台确认", timeout=SOON)
        expect(board.locator("[data-roll=unconfirmed]")).to_have_text("1")
    assert (counts(event).arrived, counts(event).unconfirmed) == (1, 1)


def test_without_scripts_a_phone_waits_and_a_steward_confirms(server: Server, browser: Browser) -> None:
    event = make_event(needs_confirmation=True, kinds=[{"kind": "guest"}])
    link = links.make(event.id, "steward", "小李", staff_id=None)
    with (
        open_page(browser, java_script_enabled=False) as phone,
        open_page(browser, java_script_enabled=False) as steward,
    ):
        sign_in_here(phone, server, event, "张爱国")
        expect(phone.locator("main")).to_contain_text("请到签到台确认")
        steward.goto(f"{origin(server)}/st/{link}")
        steward.get_by_role("button", name="确认 张爱国 的签到", exact=True).click()
        expect(steward.locator(".answer")).to_contain_text("已确认")
        expect(phone.locator(".tick")).to_be_visible(timeout=2 * SOON)  # the page is fetched anew every ten seconds
    assert counts(event).arrived == 1


def test_the_list_holds_still_while_nobody_new_waits(server: Server, browser: Browser) -> None:
    event = make_event(needs_confirmation=True, kinds=[{"kind": "guest"}])
    sign_in(event, guest("张爱国"))
    link = links.make(event.id, "steward", "小李", staff_id=None)
    with open_page(browser) as steward:
        steward.goto(f"{origin(server)}/st/{link}")
        steward.evaluate("document.querySelector('.confirm__one').dataset.mark = 'same'")
        with steward.expect_response("**/unconfirmed?ids=*", timeout=SOON) as answer:
            pass
        assert answer.value.status == 204
        expect(steward.locator(".confirm__one")).to_have_attribute("data-mark", "same")
