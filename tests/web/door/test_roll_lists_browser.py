"""A long roll call on a phone: its list comes in parts, and stays one list that is scrolled, searched and ticked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, roll_calls, roll_rows, roll_sheets
from kiosk.services.roster import roster_edits, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import context
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.paths import ROOT
from tests.aids.server import Server
from tests.web.door.test_roll_calls_browser import SOON, Outing, address, phone, tap

pytestmark = [pytest.mark.browser, pytest.mark.server]

BUSES, EACH = ("1号车", "2号车", "3号车"), 45
PEOPLE = len(BUSES) * EACH
HAND = Hand("staff:1")


@pytest.fixture
def crowd(server: Server) -> Outing:
    event = make_event(title="质量月大会")
    listed = [RosterRow("guest", f"{bus}的{n + 1}", bus=bus) for bus in BUSES for n in range(EACH)]
    roster_writing.write(event.id, listed, actor="staff:1")
    ids = {}
    for entry in rosters.entries(event.id):
        ids[entry.name] = hand_work.sign_in_entry(event, entry.id, HAND).sign_in_id or 0
    return Outing(event, roll_calls.start(event.id, "疏散", HAND), ids)


def keep_back(page: Page, server: Server, outing: Outing) -> None:
    """Open the page again with a script that loads nothing but what is scrolled to or asked for."""
    script = (ROOT / "static" / "js" / "roll.js").read_text().replace("AHEAD = 400", "AHEAD = 0")
    assert "AHEAD = 0" in script
    page.route("**/roll.*.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto(address(server, outing))
    page.wait_for_timeout(1_000)
    expect(page.locator(".roll__row")).to_have_count(roll_rows.PART)


def top_of(page: Page, name: str) -> float:
    return float(page.locator(f'[data-said="{name}"]').evaluate("row => row.getBoundingClientRect().top"))


def shown(page: Page) -> list[str]:
    return page.locator(".roll__row:visible .roll__name").all_text_contents()


def test_first_part_comes_with_the_page_and_the_rest_by_itself_so_that_a_lost_network_takes_nobody_away(
    server: Server, browser: Browser, crowd: Outing
) -> None:
    with phone(browser, server, crowd, "甲") as page:
        opened = page.reload()
        assert opened is not None and opened.text().count('class="roll__row"') == roll_rows.PART
        expect(page.locator(".roll__row")).to_have_count(PEOPLE)
        expect(page.locator("#roll-more")).to_be_hidden()
        assert shown(page) == list(crowd.ids)
        page.context.set_offline(True)
        tap(page, crowd, "3号车的44", "3号车的45")
        expect(page.locator("#roll-count")).to_contain_text(f"还差 {PEOPLE - 2} 人")
        page.locator("[data-part]", has_text="2号车").click()
        assert shown(page) == [name for name in crowd.ids if name.startswith("2号车")]
        page.context.set_offline(False)
        expect(page.locator("#unsent")).to_have_attribute("hidden", "", timeout=SOON)
    db.session.rollback()
    assert roll_sheets.running(crowd.event.id)[0].absent == PEOPLE - 2


def scroll_to_second_part(page: Page, server: Server, crowd: Outing) -> None:
    keep_back(page, server, crowd)
    page.mouse.wheel(0, 100_000)
    expect(page.locator(".roll__row")).to_have_count(2 * roll_rows.PART)


def test_following_parts_come_as_the_list_is_scrolled_and_by_the_keyboard(
    server: Server, browser: Browser, crowd: Outing
) -> None:
    with phone(browser, server, crowd, "甲") as page:
        scroll_to_second_part(page, server, crowd)
        more = page.locator("#roll-more a")
        more.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".roll__row")).to_have_count(PEOPLE)
        assert shown(page) == list(crowd.ids) and page.url == address(server, crowd)
        expect(more).to_be_hidden()


def test_ticks_in_a_later_part_leave_the_reader_there_and_lose_nothing_that_was_loaded(
    server: Server, browser: Browser, crowd: Outing
) -> None:
    with phone(browser, server, crowd, "甲") as page:
        scroll_to_second_part(page, server, crowd)
        page.locator('[data-said="2号车的30"]').scroll_into_view_if_needed()
        before = top_of(page, "2号车的30")
        tap(page, crowd, "2号车的31")
        # Meanwhile others tick above and below, somebody comes, and somebody was never here.
        for name in ("1号车的1", "1号车的2", "3号车的1", "3号车的40"):
            roll_calls.tick(crowd.event.id, crowd.call, crowd.ids[name], HAND, is_there=True)
        corrections.void(crowd.ids["1号车的3"], staff_id=None)
        sign_in(crowd.event, guest("刚到"))
        expect(page.locator("#roll-count")).to_contain_text(f"还差 {PEOPLE - 5} 人", timeout=SOON)
        expect(page.locator('[data-said="1号车的3"]')).to_have_count(0, timeout=SOON)
        assert abs(top_of(page, "2号车的30") - before) < 80, "at most the row that was tapped beside it has gone"
        gone = ("1号车的1", "1号车的2", "1号车的3", "2号车的31", "3号车的1")
        assert shown(page) == [name for name in list(crowd.ids)[: 2 * roll_rows.PART] if name not in gone]
        page.mouse.wheel(0, 100_000)
        page.wait_for_timeout(500)
        page.mouse.wheel(0, 100_000)
        expect(page.locator(".roll__people").first.locator(".roll__row")).to_have_count(PEOPLE - 5, timeout=SOON)
        ticked = [name for name in crowd.ids if name in (*gone, "3号车的40") and name != "1号车的3"]
        expect(page.locator(".roll__people--there .roll__name")).to_have_text(ticked)
        assert shown(page)[PEOPLE - 6 : PEOPLE - 5] == ["刚到"]


def test_bus_that_is_not_loaded_yet_is_shown_whole(server: Server, browser: Browser, crowd: Outing) -> None:
    with phone(browser, server, crowd, "甲") as page:
        keep_back(page, server, crowd)
        page.locator("[data-part]", has_text="3号车").click()
        expect(page.locator(".roll__row:visible")).to_have_count(EACH)
        page.locator('[data-part=""]').click()
        expect(page.locator(".roll__row:visible")).to_have_count(roll_rows.PART)
        assert shown(page) == list(crowd.ids)[: roll_rows.PART], "nobody behind a gap"


def test_search_finds_over_the_whole_list_and_its_rows_are_ticked(
    server: Server, browser: Browser, crowd: Outing
) -> None:
    sign_in(crowd.event, guest("欧阳娜娜", mobile="13812345678"))
    with phone(browser, server, crowd, "甲") as page:
        keep_back(page, server, crowd)
        for typed in ("欧阳", "oynn", "5678"):
            page.fill("#q", typed)
            expect(page.locator(".roll__row:visible")).to_have_count(1)
            expect(page.locator(".roll__row:visible .roll__name")).to_have_text(["欧阳娜娜"])
        assert page.url == address(server, crowd), "no name in an address"
        page.locator(".roll__person:visible").click()
        expect(page.locator("#roll-count")).to_contain_text(f"还差 {PEOPLE} 人")
        expect(page.locator(".roll__people--there .roll__row:visible")).to_have_count(1, timeout=SOON)
        page.fill("#q", "没有这人")
        expect(page.locator("#roll-none")).to_be_visible()
        expect(page.locator("#roll-more")).to_be_hidden()
        page.fill("#q", "")
        expect(page.locator('[data-said="1号车的1"]')).to_be_visible()
        assert shown(page)[: roll_rows.PART] == list(crowd.ids)[: roll_rows.PART]
        page.context.set_offline(True)
        page.fill("#q", "1号车的45")
        expect(page.locator(".roll__row:visible .roll__name")).to_have_text(["1号车的45"])


def test_change_of_the_roster_reaches_rows_that_are_loaded(server: Server, browser: Browser, crowd: Outing) -> None:
    with phone(browser, server, crowd, "甲") as page:
        expect(page.locator(".roll__row")).to_have_count(PEOPLE)
        entry = next(one for one in rosters.entries(crowd.event.id) if one.name == "1号车的7")
        row = replace(RosterRow("guest", entry.name), bus="9号车")
        roster_edits.edit(crowd.event.id, entry.id, row, actor="staff:1")
        moved = page.locator('[data-said="1号车的7"]')
        expect(moved).to_contain_text("9号车", timeout=SOON)
        page.locator("[data-part]", has_text="9号车").click()
        assert shown(page) == ["1号车的7"]
        page.locator('[data-part=""]').click()
        assert len(shown(page)) == PEOPLE and shown(page)[-1] == "1号车的7"


def test_list_is_walked_through_without_scripts(server: Server, browser: Browser, crowd: Outing) -> None:
    with phone(browser, server, crowd, "甲") as page:
        cookies = page.context.cookies()
        with context(browser, java_script_enabled=False) as made:
            made.add_cookies(cookies)  # type: ignore[arg-type]  # what the one context gives the other takes
            plain = made.new_page()
            plain.goto(address(server, crowd))
            walked = shown(plain)
            while plain.locator("#roll-more a").is_visible():
                with plain.expect_navigation():
                    plain.locator("#roll-more a").click()
                walked += shown(plain)
            assert walked == list(crowd.ids)
            with plain.expect_navigation():
                tap(plain, crowd, "3号车的45")
            assert "after=" in plain.url and shown(plain)[-1] == "3号车的45"
            plain.fill("#q", "2号车的3")
            with plain.expect_navigation():
                plain.locator("#roll-find button").click()
            assert "2号车的33" in shown(plain) and "1号车的3" not in shown(plain)
