"""A roll call on three stewards' phones at once, one of which has no network for a while."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.extensions import db
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work, links, roll_calls, roll_rows, roll_sheets
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import TABLET, context, leave, log_in, open_page, origin
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

BUSES = {"1号车": 24, "2号车": 23, "3号车": 23}
PEOPLE = 70
SOON = 20_000  # one tap is sent after the other, and every two seconds a phone asks what the others have tapped


@dataclass(frozen=True)
class Outing:
    """An event with seventy people in three buses, and a roll call that goes on."""

    event: EventView
    call: int
    ids: dict[str, int]


@pytest.fixture
def outing(server: Server) -> Outing:
    event = make_event(title="首席质量官巡回培训（大冶）")
    listed = [RosterRow("guest", f"{bus}的{n + 1}", bus=bus) for bus, count in BUSES.items() for n in range(count)]
    roster_writing.write(event.id, listed, actor="staff:1")
    ids = {}
    for entry in rosters.entries(event.id):
        ids[entry.name] = hand_work.sign_in_entry(event, entry.id, Hand("staff:1")).sign_in_id or 0
    return Outing(event, roll_calls.start(event.id, "返程上车", Hand("staff:1")), ids)


@contextlib.contextmanager
def phone(browser: Browser, server: Server, outing: Outing, label: str) -> Iterator[Page]:
    """A steward's own phone that has opened the roll call."""
    token = links.make(outing.event.id, "steward", label, staff_id=None)
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/st/{token}")
        page.goto(address(server, outing))
        yield page


def address(server: Server, outing: Outing) -> str:
    return f"{origin(server)}/steward/{outing.event.code}/roll-calls/{outing.call}"


def tap(page: Page, outing: Outing, *names: str) -> None:
    for name in names:
        page.locator(f'.roll__person[value="{outing.ids[name]}"]').click()


def stop_the_clock(page: Page) -> None:
    """Let the page's time go by only where a test says so: it asks for the list at its own moments, after a rest."""
    page.clock.install()
    page.reload()
    page.clock.pause_at(time.time() + 60)


def choose(page: Page, bus: str) -> None:
    page.locator("[data-part]", has_text=bus).click()
    expect(page.locator(".roll__row:visible")).to_have_count(BUSES[bus])


def shown(page: Page) -> tuple[str, list[str], list[str]]:
    """Return what a phone shows: how many are to go, who is unaccounted in their order, and who is there."""
    halves = page.locator(".roll__people").all()
    lists = {one.get_attribute("class") or "": one.locator(".roll__name").all_text_contents() for one in halves}
    return (
        page.locator("[data-lacks]").first.inner_text(),
        lists.get("roll__people", []),
        lists.get("roll__people roll__people--there", []),
    )


def test_three_phones_call_seventy_people_and_one_has_no_network_for_a_while(
    server: Server, browser: Browser, outing: Outing
) -> None:
    with contextlib.ExitStack() as stack:
        first, second, third = (stack.enter_context(phone(browser, server, outing, one)) for one in "甲乙丙")
        for page, bus in zip((first, second, third), BUSES, strict=True):
            expect(page.locator("#roll-count")).to_contain_text("还差 70 人")
            choose(page, bus)

        third.context.set_offline(True)
        tap(third, outing, *(f"3号车的{n}" for n in range(1, 21)))  # 21 to 23 are missing
        expect(third.locator("#unsent summary")).to_have_text("待发出：20 条")
        expect(third.locator("#roll-lost")).to_contain_text("没有网络")
        expect(third.locator("#roll-count")).to_contain_text("还差 50 人")  # its own count goes on
        expect(third.locator("[data-part]", has_text="3号车")).to_contain_text("还差 3 人")

        tap(first, outing, *(f"1号车的{n}" for n in range(1, 24)))  # 24 is missing
        tap(second, outing, *(f"2号车的{n}" for n in range(1, 24)))
        # Somebody of the third bus was seen in the first; a minute later it was somebody else. The later act counts.
        first.locator('[data-part=""]').click()
        first.locator(f'.roll__row[data-id="{outing.ids["3号车的5"]}"][data-there="0"]').wait_for()
        tap(first, outing, "3号车的5")
        first.wait_for_timeout(400)
        tap(first, outing, "3号车的5")
        corrections.void(outing.ids["3号车的7"], staff_id=None)  # ticked without a network, and not here at all
        for page in (first, second):
            expect(page.locator("#roll-count")).to_contain_text("还差 23 人", timeout=SOON)
            expect(page.locator("#roll-count")).to_contain_text("在场共 69 人")

        third.context.set_offline(False)
        for page in (first, second, third):
            page.locator('[data-part=""]').click()
            expect(page.locator("#roll-count")).to_contain_text("还差 5 人", timeout=SOON)
            expect(page.locator("#unsent")).to_have_attribute("hidden", "")
            expect(page.locator(".roll__people").first.locator(".roll__row")).to_have_count(5, timeout=SOON)
        lists = [shown(page) for page in (first, second, third)]
        assert lists[0] == lists[1] == lists[2]
        assert lists[0][:2] == ("还差 5 人", ["1号车的24", "3号车的5", "3号车的21", "3号车的22", "3号车的23"])
        assert len(lists[0][2]) == 64
    db.session.rollback()
    sheet = roll_sheets.read(outing.event.id, outing.call)
    assert sheet is not None and (sheet.call.total, sheet.call.absent) == (69, 5)


def test_ticks_go_out_when_the_page_is_opened_again(server: Server, browser: Browser, outing: Outing) -> None:
    with phone(browser, server, outing, "甲") as page:
        page.context.set_offline(True)
        tap(page, outing, "1号车的1", "1号车的2")
        leave(page)
        page.context.set_offline(False)
        assert roll_sheets.running(outing.event.id)[0].absent == PEOPLE
        again = page.context.new_page()
        again.goto(address(server, outing))
        expect(again.locator("#roll-count")).to_contain_text("还差 68 人")
        expect(again.locator(".roll__people--there .roll__row")).to_have_count(2)
    db.session.rollback()
    assert roll_sheets.running(outing.event.id)[0].absent == PEOPLE - 2


def test_lost_answer_is_asked_for_again_and_counts_once(server: Server, browser: Browser, outing: Outing) -> None:
    """The server has ticked, and the phone does not know: meanwhile another phone took it back, and that stands."""
    person, bodies = outing.ids["1号车的1"], list[str | None]()

    def lose(route: Route) -> None:
        bodies.append(route.request.post_data)
        if len(bodies) > 1:
            route.continue_()
            return
        with server.app.app_context():
            for hand, is_there in ((Hand("steward:1"), True), (Hand("steward:2"), False)):
                roll_calls.tick(outing.event.id, outing.call, person, hand, is_there=is_there)
                time.sleep(1)  # a request's own way is not known to be part of what it waited
        route.abort()

    with phone(browser, server, outing, "甲") as page:
        page.route("**/tick", lose)
        tap(page, outing, "1号车的1")
        expect(page.locator("#roll-count")).to_contain_text("还差 69 人")
        expect(page.locator("#roll-count")).to_contain_text("还差 70 人", timeout=15_000)
        sent = [dict(parse_qsl(body or "")) for body in bodies]
        assert len(sent) == 2 and all(sent[0][name] == sent[1][name] for name in ("key", "at", "there"))


def test_tap_again_takes_a_tick_back_and_a_trembling_tap_is_one(
    server: Server, browser: Browser, outing: Outing
) -> None:
    with phone(browser, server, outing, "甲") as page:
        row = page.locator(f'.roll__person[value="{outing.ids["2号车的3"]}"]')
        stop_the_clock(page)
        row.dblclick()
        expect(row).to_have_attribute("aria-pressed", "true")
        page.clock.run_for(400)
        row.click()
        expect(row).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#roll-count")).to_contain_text("还差 70 人")
        for _ in range(100):  # the page counts before the server has answered
            db.session.rollback()
            if roll_sheets.running(outing.event.id)[0].absent == PEOPLE:
                break
            page.wait_for_timeout(100)
    assert roll_sheets.running(outing.event.id)[0].absent == PEOPLE


def test_list_does_not_move_under_a_thumb(server: Server, browser: Browser, outing: Outing) -> None:
    with phone(browser, server, outing, "甲") as page:
        row = page.locator(".roll__row").first
        stop_the_clock(page)
        tap(page, outing, "1号车的1")
        expect(page.locator("#unsent")).to_have_attribute("hidden", "")
        with page.expect_response(lambda answer: answer.status == 200 and "since=" in answer.url):
            for _ in range(8):  # longer than it takes to ask what the others have tapped
                scrolled = page.evaluate("scrollY")
                page.mouse.wheel(0, 1)
                page.wait_for_function("scrolled => scrollY > scrolled", arg=scrolled)
                page.clock.run_for(400)
        assert row.get_attribute("data-id") == str(outing.ids["1号车的1"])
        page.clock.run_for(4_000)
        expect(page.locator(".roll__people--there .roll__row")).to_have_count(1)  # once it rests


def test_end_of_a_roll_call_shows_on_every_phone_without_names_and_staff_see_who_was_missing(
    server: Server, browser: Browser, outing: Outing
) -> None:
    with (
        phone(browser, server, outing, "甲") as first,
        phone(browser, server, outing, "乙") as second,
        open_page(browser, size=TABLET) as tablet,
    ):
        tap(first, outing, *(f"1号车的{n}" for n in range(1, 25)))
        first.locator("#roll-end button").click()
        for page in (first, second):
            expect(page.get_by_role("button", name="继续点名")).to_be_visible(timeout=SOON)
            expect(page.locator("#roll-count")).to_contain_text("还差 46 人")
            expect(page.locator(".roll__row")).to_have_count(0)
        tablet.goto(origin(server))
        log_in(tablet, server)
        tablet.goto(f"{origin(server)}/events/{outing.event.code}/hand/roll-calls/{outing.call}")
        expect(tablet.locator(".roll__row")).to_have_count(roll_rows.PART)
        tablet.locator("#roll-more a").click()
        expect(tablet.locator(".roll__row")).to_have_count(PEOPLE - roll_rows.PART)
        tablet.locator("#roll-end button").click()
        tablet.goto(f"{origin(server)}/events/{outing.event.code}/dashboard")
        expect(tablet.locator(".calling")).to_contain_text("返程上车")
        expect(tablet.locator(".calling")).to_contain_text("还差 46 人")


def end_behind_a_tick(page: Page, outing: Outing) -> Route:
    """Tap somebody, and the end while that is on its way; return the request that is held there."""
    held: list[Route] = []
    page.route("**/tick", lambda route: held.append(route))
    with page.expect_request("**/tick"):
        tap(page, outing, "1号车的1")
    page.locator("#roll-end button").click()
    return held[0]


def test_end_that_is_tapped_while_a_tick_is_on_its_way_comes_behind_it(
    server: Server, browser: Browser, outing: Outing
) -> None:
    with phone(browser, server, outing, "甲") as page:
        tick = end_behind_a_tick(page, outing)
        assert roll_sheets.running(outing.event.id)[0].absent == PEOPLE
        tick.continue_()
        expect(page.get_by_role("button", name="继续点名")).to_be_visible()
        expect(page.locator("#roll-count")).to_contain_text("还差 69 人")
    db.session.rollback()
    assert roll_sheets.over(outing.event.id)[0].absent == PEOPLE - 1


def test_end_that_is_tapped_when_the_network_goes_is_not_for_later(
    server: Server, browser: Browser, outing: Outing
) -> None:
    with phone(browser, server, outing, "甲") as page:
        end_behind_a_tick(page, outing).abort()
        page.unroute("**/tick")
        expect(page.locator("#unsent summary")).to_have_text("待发出：1 条")
        expect(page.locator("#unsent")).to_have_attribute("hidden", "", timeout=SOON)
        expect(page.locator("#roll-count")).to_contain_text("还差 69 人")
        expect(page.locator("#roll-end button")).to_have_text("结束点名")
    db.session.rollback()
    assert roll_sheets.running(outing.event.id)[0].absent == PEOPLE - 1


def test_page_works_without_scripts(server: Server, browser: Browser, outing: Outing) -> None:
    token = links.make(outing.event.id, "steward", "甲", staff_id=None)
    with context(browser, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(f"{origin(server)}/st/{token}")
        page.goto(address(server, outing))
        page.locator("[data-part]", has_text="2号车").click()
        tap(page, outing, "2号车的2")
        expect(page.locator(".roll__row")).to_have_count(BUSES["2号车"])  # narrowed as it was
        expect(page.locator(".roll__people--there")).to_contain_text("2号车的2")
        expect(page.locator("#roll-count")).to_contain_text("还差 69 人")
        tap(page, outing, "2号车的2")
        expect(page.locator("#roll-count")).to_contain_text("还差 70 人")


def test_link_that_is_revoked_shows_no_list_any_more(server: Server, browser: Browser, outing: Outing) -> None:
    with phone(browser, server, outing, "甲") as page:
        expect(page.locator(".roll__row")).to_have_count(PEOPLE)
        links.revoke(outing.event.id, "steward", links.list_of(outing.event.id, "steward")[0].id)
        sign_in(outing.event, guest("刚到"))
        expect(page.locator(".roll__row")).to_have_count(0)
        expect(page.locator("h1")).to_have_text("此链接已失效")
