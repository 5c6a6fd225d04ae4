"""Taps on the board that must not be lost: one that comes in the very moment, one that stays, one whose row is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from kiosk.extensions import db
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

# A finger that is quicker than any: it taps what it waits for as soon as that stands on the page.
TAPS = """selector => new MutationObserver((_, observer) => {
    const button = document.querySelector(selector);
    if (!button) return;
    observer.disconnect();
    button.click();
}).observe(document, { subtree: true, childList: true })"""


@pytest.fixture
def event(server: Server) -> EventView:
    event = make_event(title="首席质量官巡回培训（大冶）")
    roster_writing.write(event.id, [RosterRow("enterprise", "李娜", mobile="13900139000")], actor="staff:1")
    return event


def search(page: Page, server: Server, event: EventView) -> None:
    """Find on the board who is still missing."""
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")
    page.fill("#q", "李娜")
    expect(page.locator("#hand-region .hand")).to_have_count(1)


def arrived(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).arrived


def test_tap_in_the_moment_in_which_its_button_comes_is_one_of_the_board(
    server: Server, page: Page, event: EventView
) -> None:
    search(page, server, event)
    page.evaluate(TAPS, ".toast button")
    page.get_by_role("button", name="为李娜签到").click()
    expect(page.locator(".toast")).to_contain_text("已撤销签到")
    expect(page.locator("#hand-region .hand")).to_contain_text("李娜")
    assert page.input_value("#q") == "李娜", "the page was left"
    assert arrived(event) == 0


def test_undo_that_is_held_stays_under_the_finger(server: Server, page: Page, event: EventView) -> None:
    page.clock.install()
    search(page, server, event)
    page.get_by_role("button", name="为李娜签到").click()
    expect(page.locator("#hand-region .hand")).to_have_count(0)
    page.locator(".toast button").hover()
    page.mouse.down()
    page.clock.run_for(9_000)  # the toast goes after eight seconds
    page.mouse.up()
    expect(page.locator("#hand-region .hand")).to_contain_text("李娜")
    assert arrived(event) == 0
    page.clock.run_for(10_000)
    expect(page.locator(".toast")).to_have_count(0)


def test_board_hears_of_a_tap_whose_row_is_gone_when_the_answer_comes(
    server: Server, page: Page, event: EventView
) -> None:
    held: list[Route] = []
    search(page, server, event)
    page.route("**/hand/sign_in", lambda route: held.append(route))
    with page.expect_request("**/hand/sign_in"):
        page.get_by_role("button", name="为李娜签到").click()
    row = page.locator("#hand-region .hand").element_handle()
    assert row is not None
    page.fill("#q", "9000")  # whoever types on meanwhile
    page.wait_for_function("row => !row.isConnected", arg=row)
    expect(page.locator("#hand-region .hand")).to_contain_text("李娜")
    held[0].continue_()
    expect(page.locator(".toast")).to_contain_text("签到成功")
    expect(page.locator("#hand-region .hand")).to_have_count(0)
    assert arrived(event) == 1
