"""Many boards in one browser over plain HTTP, which has six connections to a host: one stream serves them all, a hidden
one gives its own back, and whatever else is opened still loads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kiosk.services.event.event_views import EventView
from tests.aids.browser import TABLET, context, log_in, origin
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
HIDE = """is_hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => is_hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def open_board(made: BrowserContext, server: Server, event: EventView) -> Page:
    board = made.new_page()
    board.goto(f"{origin(server)}/events/{event.code}/dashboard")
    is_live(board)
    return board


def is_live(board: Page) -> None:
    expect(board.locator("#light")).to_have_attribute("data-state", "live")


def test_seven_boards_are_live_an_eighth_page_loads_and_a_hidden_one_catches_up(
    server: Server, browser: Browser
) -> None:
    event, other = make_event(title="开放日"), make_event(title="座谈会")
    with context(browser, size=TABLET) as made:
        desk = made.new_page()
        log_in(desk, server)
        boards = [open_board(made, server, each) for each in (event, event, other, event, event, other, event)]
        assert desk.evaluate("() => typeof SharedWorker") == "function"
        desk.goto(f"{origin(server)}/events/{event.code}")
        expect(desk.locator("h1")).to_contain_text("开放日")
        hidden, seen = boards[0], boards[1]
        hidden.evaluate(HIDE, True)
        expect(hidden.locator("#light")).not_to_have_attribute("data-state", "live", timeout=10_000)
        sign_in(event, guest("张爱国"))
        for board in boards[1:]:
            is_live(board)
        expect(seen.locator("#arrived")).to_have_text("1")
        expect(boards[2].locator("#arrived")).to_have_text("0")  # nobody's stream is another event's
        expect(hidden.locator("#arrived")).to_have_text("0")
        hidden.evaluate(HIDE, False)
        is_live(hidden)
        expect(hidden.locator("#arrived")).to_have_text("1")
        # Who opens the board while the others hold its stream has what they have.
        late = open_board(made, server, event)
        sign_in(event, guest("赵敏"))
        for board in (late, hidden, seen):
            expect(board.locator("#arrived")).to_have_text("2")


def test_where_no_worker_is_shared_hidden_boards_leave_the_line_to_those_that_are_seen(
    server: Server, browser: Browser
) -> None:
    event = make_event()
    with context(browser, size=TABLET) as made:
        made.add_init_script("delete window.SharedWorker")
        desk = made.new_page()
        log_in(desk, server)
        behind = [open_board(made, server, event) for _ in range(5)]
        for board in behind:
            board.evaluate(HIDE, True)
        for board in behind:
            expect(board.locator("#light")).not_to_have_attribute("data-state", "live", timeout=10_000)
        front = [open_board(made, server, event) for _ in range(2)]
        desk.goto(f"{origin(server)}/events")
        expect(desk.locator("h1").first).to_be_visible()
        sign_in(event, guest("张爱国"))
        for board in front:
            expect(board.locator("#arrived")).to_have_text("1")
