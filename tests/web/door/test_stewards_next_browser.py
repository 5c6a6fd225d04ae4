"""A steward's minute at the door, on the phone: search, tap, next; nobody found; who is missing; a link passed on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from kiosk.services.door import links
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.browser import TABLET, boxes, log_in, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
PLACED = {"group_name": "第一组", "seat": "A3"}
ROSTER = (
    *(
        RosterRow("enterprise", f"王{name}", DONGBEI, mobile=f"138001380{at:02}", **PLACED)
        for at, name in enumerate("强芳丽")
    ),
    *(RosterRow("enterprise", f"王{name}", CABLE, mobile=f"137001370{at:02}") for at, name in enumerate("伟敏静磊洋")),
)
# What a secure context has and plain HTTP has not.
SHARES = "window.shared = []; navigator.share = one => { window.shared.push(one.url); return Promise.resolve(); };"


def test_a_steward_takes_one_after_another_without_clearing_typing_twice_or_scrolling(
    server: Server, browser: Browser
) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    roster_writing.write(event.id, ROSTER, actor="staff:1")
    with open_page(browser) as page:
        answers.listen(page)
        page.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        field, rows, answer = page.locator("#q"), page.locator(".hand"), page.locator(".answer.is-screen")
        field.fill("王")
        field.press_sequentially("强")
        expect(rows).to_have_count(1)
        field.fill("东贝")
        expect(rows).to_have_count(3)
        heights = [round(box["height"]) for box in boxes(page, ".hand")]
        assert all(72 <= height <= 76 for height in heights), heights
        rows.nth(1).get_by_role("button", name="为王芳签到").click()
        assert answers.read(page, "王芳", "第一组").place == "第一组A3"
        expect(field).to_have_value("")
        expect(field).to_be_focused()
        # The same people stay below, who is missing first, for the next of them.
        expect(rows.locator(".hand__name b")).to_have_text(["王强", "王丽", "王芳"])
        page.keyboard.type("孙悦")
        expect(field).to_have_value("孙悦")
        expect(page.locator(".hands__none")).to_be_visible()
        expect(answer).to_have_count(0)

        page.locator(".walk-in button").click()
        expect(page.locator("#name")).to_have_value("孙悦")
        assert "孙" not in page.url and "%" not in page.url
        page.fill("#enterprise", "大冶一家公司")
        page.click(".submit button")
        answers.read(page, "孙悦")
        expect(field).to_have_value("")
        expect(field).to_be_focused()
        expect(page.locator("#counts")).to_contain_text("到场 2")
        expect(answer).to_have_count(0)

        page.get_by_role("link", name="未到 7").click()
        gaps = page.locator(".gaps__one")
        expect(gaps).to_have_count(2)
        assert "王" not in page.locator("#rows").inner_text()
        gaps.filter(has_text=CABLE).click()
        expect(rows).to_have_count(5)
        assert rows.last.evaluate("one => one.getBoundingClientRect().bottom <= innerHeight")  # all in one view
        page.get_by_role("button", name="为王伟签到").click()
        answers.read(page, "王伟")
        expect(rows).to_have_count(4)
        expect(page.get_by_role("link", name="未到 6")).to_be_visible()
        page.get_by_role("link", name="全部单位").click()
        expect(gaps.filter(has_text=CABLE)).to_contain_text("1 / 5")


def test_a_new_link_is_copied_over_plain_http_and_shared_where_the_engine_can(server: Server, browser: Browser) -> None:
    event = make_event()
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/stewards")
        page.fill("#label", "小李")
        page.click(".maker button")
        address = page.locator("#made-address").inner_text()  # waits for the page that says it
        assert page.evaluate("navigator.clipboard === undefined && navigator.share === undefined")
        expect(page.locator("[data-share]")).to_be_hidden()
        copy = page.locator("[data-copy]")
        copy.click()
        expect(copy).to_have_text("已复制")
        page.focus("#label")
        page.keyboard.press("Control+V")
        expect(page.locator("#label")).to_have_value(address[:60])

        page.add_init_script(SHARES)
        page.goto(f"{origin(server)}/events/{event.code}/devices")
        page.click("button[name=screen][value=display]")
        page.locator("[data-share]").click()
        assert page.evaluate("window.shared") == [page.locator("#made-address").inner_text()]
