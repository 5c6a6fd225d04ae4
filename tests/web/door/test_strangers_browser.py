"""One stranger after another at the station, over plain http under a name that is not localhost: whatever the last one
did, nothing of them is left for the next (docs/product.md 2.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import TABLET, open_page, origin
from tests.aids.listed import DONGBEI, with_roster
from tests.aids.server import Server
from tests.web.door.test_scanner_browser import address, scan

pytestmark = [pytest.mark.browser, pytest.mark.server]

PEOPLE = (
    RosterRow("enterprise", "王小强", DONGBEI, mobile="13800135678", seat="A3"),
    RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000"),
    RosterRow("enterprise", "张伟", "黄石港饼厂", mobile="13700137001"),
    RosterRow("enterprise", "Grace Lindqvist", "Nordic Test AB", mobile="13600136002"),
)
# Whatever is somebody's, as it may stand anywhere: typed, masked, shown.
OF_SOMEBODY = re.compile(
    r"小强|王\*强|5678|李娜|李\*|9000|张伟|张\*|7001|Grace|G\*\*\*t|Lindqvist|6002|刘路过|路过公司|13512345678|半途|半路公司|东贝|港饼|Nordic"
)
EVERYTHING = """async () => {
    const databases = await indexedDB.databases();
    const fields = [...document.querySelectorAll("input:not([type=hidden]), textarea, select")];
    return {
        source: document.documentElement.outerHTML + " " + document.title + " " + location.href,
        values: fields.map(field => field.type === "checkbox" ? (field.checked ? "ticked" : "") : field.value),
        completes: fields.map(field => field.autocomplete),
        stored: JSON.stringify([{...localStorage}, {...sessionStorage}, databases, window.name, history.state]),
        lang: document.documentElement.lang,
    };
}"""


def look_at_start(page: Page, here: str) -> None:
    """Say that this page is the start as a stranger finds it."""
    expect(page).to_have_url(here)
    expect(page.locator("#last4")).to_be_visible()
    seen = page.evaluate(EVERYTHING)
    assert not OF_SOMEBODY.search(seen["source"]), OF_SOMEBODY.findall(seen["source"])
    assert set(seen["values"]) == {""} and set(seen["completes"]) == {"off"}
    assert seen["stored"] == '[{},{},[],"","station"]'
    assert seen["lang"] == "zh-CN"


def look_for_the_last(page: Page, here: str) -> None:
    """Look everywhere that a browser keeps anything of the last person."""
    look_at_start(page, here)
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names == {"kiosk_device"}, names
    page.evaluate("history.back()")
    look_at_start(page, here)
    page.evaluate("history.forward()")
    look_at_start(page, here)
    page.go_back()
    look_at_start(page, here)
    session = page.context.new_cdp_session(page)

    def history() -> list[dict[str, str]]:
        return list(session.send("Page.getNavigationHistory")["entries"])

    entries = history()
    addresses = {entry["url"] for entry in entries}
    assert addresses <= {here, "about:blank"}, addresses
    assert not [entry["title"] for entry in entries if OF_SOMEBODY.search(entry["title"])]
    for at in reversed(range(len(entries))):  # as a long press on Back offers each of them
        if (entry := history()[at])["url"] == here:
            session.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]})
            page.wait_for_load_state()
            look_at_start(page, here)
    page.reload()
    look_at_start(page, here)


def arrived(event: EventView) -> int:
    db.session.rollback()
    return db.session.query(SignIn).filter_by(event_id=event.id, method="kiosk").count()


@contextmanager
def at_station(server: Server, browser: Browser, event: EventView, **options: object) -> Iterator[tuple[Page, str]]:
    """A tablet that is this event's station, and the address of its start."""
    token = links.make(event.id, "kiosk", staff_id=None, pin="4711")
    with open_page(browser, size=TABLET, **options) as page:
        page.goto(f"{origin(server)}/d/{token}")
        yield page, f"{origin(server)}/events/{event.code}/kiosk"


def by_digits(page: Page, digits: str, masked: str) -> None:
    """Find oneself by four digits, and say that one is it."""
    page.fill("#last4", digits)
    page.press("#last4", "Enter")
    expect(page.locator("form.known strong")).to_have_text(masked)
    page.locator("form.known button").click()
    expect(page.locator(".tick")).to_be_visible()


def in_a_minute(page: Page) -> None:
    """Let the clock of the page run on, as it does where nobody stands."""
    page.clock.fast_forward(61_000)


def test_one_stranger_after_another(server: Server, browser: Browser) -> None:
    event = with_roster(*PEOPLE)
    with at_station(server, browser, event) as (page, here):
        look_at_start(page, here)

        by_digits(page, "5678", "王*强")
        expect(page.locator("h1")).to_have_text("王小强")
        expect(page).to_have_url(here)  # also while the success page stands there
        expect(page.locator("#last4")).to_be_visible(timeout=9_000)  # it returns by itself
        look_for_the_last(page, here)

        page.fill("#last4", "0001")
        page.press("#last4", "Enter")
        expect(page.locator(".field__error")).to_be_visible()
        page.get_by_role("link", name="不在名单上？").click()
        page.get_by_role("link", name="企业代表").click()
        for field, value in (("name", "刘路过"), ("enterprise", "路过公司"), ("mobile", "13512345678")):
            page.fill(f"#{field}", value)
        page.locator(".submit button").click()
        expect(page.locator("h1")).to_have_text("刘路过")
        page.get_by_role("link", name="下一位").click()  # a touch on it, which makes its page one to go back to
        look_for_the_last(page, here)

        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        by_digits(page, "6002", "G***t")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("link", name="Next person")).to_be_visible()
        expect(page.locator("#last4")).to_be_visible(timeout=9_000)
        look_for_the_last(page, here)

        page.locator("#last4").focus()
        scan(page, address(event, 2))
        expect(page.locator("h1")).to_have_text("张伟")
        expect(page.locator("#last4")).to_be_visible(timeout=9_000)
        look_for_the_last(page, here)
        assert arrived(event) == 4

        by_digits(page, "5678", "王*强")  # again: of them this page shows the time alone
        assert "小强" not in page.content()
        page.get_by_role("link", name="下一位").click()
        look_for_the_last(page, here)
        assert arrived(event) == 4


def half_typed(page: Page) -> None:
    page.get_by_role("link", name="不在名单上？").click()
    page.get_by_role("link", name="来宾").click()
    page.fill("#name", "半途")


def half_sent(page: Page) -> None:
    page.get_by_role("link", name="不在名单上？").click()
    page.get_by_role("link", name="企业代表").click()
    page.fill("#name", "半途")
    page.fill("#enterprise", "半路公司")
    page.locator(".submit button").click()
    expect(page.locator(".field__error").first).to_be_visible()


def half_looked_up(page: Page) -> None:
    page.fill("#last4", "9000")
    page.press("#last4", "Enter")
    expect(page.locator("form.known strong")).to_have_text("李*")


def strange_pass(page: Page) -> None:
    scan(page, "http://door.test/p/" + "a" * 32)
    expect(page.locator("main [role=alert]")).to_be_visible()


def at_the_pin(page: Page) -> None:
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="For stewards: leave the station").click()
    page.fill("#pin", "5678")
    page.locator("main form button").click()
    expect(page.locator(".field__error")).to_be_visible()


@pytest.mark.parametrize("leave", [half_typed, half_sent, half_looked_up, strange_pass, at_the_pin])
def test_who_walks_away_leaves_nothing(server: Server, browser: Browser, leave: Callable[[Page], None]) -> None:
    event = with_roster(*PEOPLE)
    with at_station(server, browser, event) as (page, here):
        page.clock.install()
        page.reload()
        leave(page)
        in_a_minute(page)
        expect(page.locator("#last4")).to_be_visible()
        look_for_the_last(page, here)
        assert arrived(event) == 0


def test_nothing_stays_on_the_screen_while_the_network_is_away(server: Server, browser: Browser) -> None:
    event = with_roster(*PEOPLE)
    with at_station(server, browser, event) as (page, here):
        page.clock.install()
        page.reload()
        half_looked_up(page)

        def refuse(route: Route) -> None:
            route.abort()

        page.route("**/kiosk", refuse)
        in_a_minute(page)
        expect(page.locator("form.known")).to_have_count(0)
        assert not OF_SOMEBODY.search(page.content())
        expect(page).to_have_url(here)
        page.unroute("**/kiosk", refuse)
        page.clock.fast_forward(4_000)
        expect(page.locator("#last4")).to_be_visible()


def test_station_without_scripts_returns_by_itself_and_keeps_nothing(server: Server, browser: Browser) -> None:
    event = with_roster(*PEOPLE)
    with at_station(server, browser, event, java_script_enabled=False) as (page, here):
        page.get_by_role("link", name="English").click()
        page.fill("#last4", "5678")
        page.locator(".submit button").click()
        page.locator("form.known button").click()
        expect(page.locator("h1")).to_have_text("王小强")
        success = page.url
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("#last4")).to_be_visible(timeout=10_000)
        expect(page).to_have_url(here)
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        assert {cookie["name"] for cookie in page.context.cookies()} == {"kiosk_device"}
        assert "小强" not in success and "5678" not in success
