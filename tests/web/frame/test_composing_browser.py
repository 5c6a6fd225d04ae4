"""While an input method composes characters nothing is sent and nothing is searched, whichever key is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Request, expect

from kiosk.services.door import links, passes
from kiosk.services.event import notices
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from tests.aids.browser import TABLET, log_in, open_page, origin
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.listed import with_roster
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

LONGER_THAN_ANY_DELAY = 600  # ms
PEOPLE = (("王强", "湖北东贝制冷有限公司"), ("李娜", "湖北航天电缆有限公司"))


class Method:
    """An input method, by the browser's own protocol: every key while it composes is its own."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._ways: CDPSession = page.context.new_cdp_session(page)
        self.sent: list[str] = []
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        """Note pages and whatever says something; the board's regions that ask by themselves say nothing."""
        if request.resource_type == "document" or request.method == "POST" or re.search(r"\?(?!since=)", request.url):
            self.sent.append(f"{request.method} {request.url} {request.post_data or ''}")

    def _key(self, key: str, number: int, **more: object) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self._ways.send(
                "Input.dispatchKeyEvent", {"type": kind, "key": key, "windowsVirtualKeyCode": number, **more}
            )

    def compose(self, letters: str) -> None:
        """Type letters, none of which is the field's yet."""
        for end in range(1, len(letters) + 1):
            self._key("Process", 229)
            self._ways.send(
                "Input.imeSetComposition", {"text": letters[:end], "selectionStart": end, "selectionEnd": end}
            )

    def enter(self) -> None:
        """Press Enter inside the composition: as the input method takes it, and as it would reach the page untaken."""
        self._key("Enter", 229, code="Enter")
        self._key("Process", 229, code="Enter")
        for kind, text in (("keyDown", "\r"), ("keyUp", "")):
            key = {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": text}
            self._ways.send("Input.dispatchKeyEvent", key)

    def scan(self, address: str) -> None:
        """Press the keys of a scanner, each taken by the input method, and Enter."""
        places = {"/": "Slash", ":": "Semicolon", ".": "Period"}
        for one in address:
            code = places.get(one) or ("Digit" if one.isdigit() else "Key") + one.upper()
            key = {"type": "rawKeyDown", "key": "Process", "code": code, "windowsVirtualKeyCode": 229}
            self._ways.send("Input.dispatchKeyEvent", key)
        self._key("Process", 229, code="Enter")

    def choose(self, characters: str) -> None:
        """Take the characters that the letters stand for: the composition is over."""
        self._ways.send("Input.insertText", {"text": characters})

    def composes_without_a_word(self, field: str, letters: str, what_else: Callable[[], None] = lambda: None) -> None:
        """Compose in a field, press Enter inside, wait, and say that nothing was sent."""
        url = self._page.url
        self._page.focus(field)
        typed = self._page.input_value(field)
        self.sent.clear()
        self.compose(letters)
        self.enter()
        what_else()
        self._page.wait_for_timeout(LONGER_THAN_ANY_DELAY)
        assert self.sent == []
        assert self._page.url == url
        assert self._page.input_value(field) == typed + letters


@pytest.fixture(scope="module")
def listed(server: Server) -> Iterator[EventView]:
    notices.ensure_default_notice()
    event = make_event(kinds=[{"kind": "enterprise"}])
    roster_writing.write(event.id, [RosterRow("enterprise", *one) for one in PEOPLE], actor="staff:1")
    yield event


def test_the_board_searches_once_the_characters_are_there(page: Page, server: Server, listed: EventView) -> None:
    page.goto(f"{origin(server)}/events/{listed.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")
    method, found = Method(page), page.locator("#hand-region .hand")

    def poll() -> None:  # what asks by itself, with the field in what it sends, waits as well
        page.evaluate(
            "['latest-region', 'hand-region'].forEach(id => htmx.trigger(document.getElementById(id), 'poll'))"
        )
        page.evaluate("htmx.trigger(document.body, 'rows-changed')")

    method.composes_without_a_word("#q", "wangqiang", poll)
    method.choose("王强")
    expect(found).to_have_count(1)
    assert all("wang" not in one for one in method.sent) and len(method.sent) > 1
    # A second word begins before the first has been searched: both wait for its end.
    page.fill("#q", "")
    expect(found).to_have_count(0)
    page.keyboard.type("李")
    method.composes_without_a_word("#q", "na")
    method.choose("娜")
    expect(found).to_have_count(1)
    page.keyboard.press("Enter")
    expect(found).to_have_count(1)


def test_a_stewards_search_waits_for_the_characters(server: Server, browser: Browser, listed: EventView) -> None:
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/st/{links.make(listed.id, 'steward', '小李', staff_id=None)}")
        method, rows = Method(page), page.locator(".hand")
        method.composes_without_a_word("#q", "dongbei")
        method.choose("东贝")
        expect(rows).to_have_count(1)
        assert len(method.sent) == 1
        page.fill("#q", "航")
        method.composes_without_a_word("#q", "tian")
        method.choose("天")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("李娜")


def test_an_attendees_form_completes_and_is_sent_only_by_what_comes_after_the_characters(
    server: Server, browser: Browser
) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    organisations.add_many(["湖北东贝制冷有限公司", "湖北东贝机电集团股份有限公司"], "enterprise")
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        method = Method(page)
        method.composes_without_a_word("#enterprise", "dongbei")
        method.choose("东贝")
        expect(page.locator(".suggestions button")).to_have_count(2)
        page.fill("#mobile", "13800138000")
        page.fill("#job_title", "质量部长")
        method.composes_without_a_word("#name", "wang")
        method.choose("王")
        page.keyboard.type("强")
        page.keyboard.press("Enter")
        expect(page.locator(".done__name, h1")).to_contain_text(re.compile("王强"))


def test_a_page_without_a_search_of_its_own_is_not_sent_by_the_enter_that_ends_a_word(
    server: Server, browser: Browser, listed: EventView
) -> None:
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/search")
        method = Method(page)
        method.composes_without_a_word("#q", "wang")
        method.choose("王强")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("王*")


def test_whoever_taps_the_button_inside_a_word_is_not_kept_from_it(server: Server, browser: Browser) -> None:
    event = make_event(kinds=[{"kind": "guest"}], field_modes={"guest.identity": "hidden"})
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        method = Method(page)
        method.composes_without_a_word("#name", "Wang")
        page.click(".submit button")
        expect(page.locator("main")).to_contain_text("Wang")
        page.wait_for_url("**/done/**")


def test_a_scanner_is_read_whatever_an_input_method_makes_of_its_keys(page: Page, server: Server) -> None:
    event = with_roster(RosterRow("enterprise", *PEOPLE[0]))
    typed = passes.address_of(rosters.entries(event.id)[0].id)
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    page.focus("#q")
    method = Method(page)
    method.compose("h")
    method.scan(typed)
    method.choose(typed)
    expect(page.locator("#toast")).to_contain_text("王强")


def test_rows_of_the_board_come_while_somebody_composes(page: Page, server: Server, listed: EventView) -> None:
    page.goto(f"{origin(server)}/events/{listed.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")
    page.focus("#q")
    Method(page).compose("li")
    sign_in(listed, enterprise("赵敏", organisation_name="大冶一家公司"))
    expect(page.locator("#numbers-region [data-roll=arrived]")).to_have_text("1")
