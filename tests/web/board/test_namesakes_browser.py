"""A listed person who came as a walk-in, in a real browser: asked on the phone, tied on the dashboard, by a steward."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.browser import open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
KAICHUANG = "湖北凯创化工有限公司"
ASKED = "名单上有一位吕明燕，尾号 0445，是您吗？"


def training() -> EventView:
    event = make_event(kinds=[{"kind": "enterprise"}])
    rows = [
        RosterRow("enterprise", "吕明燕", KAICHUANG, mobile="13800130445", seat="A3"),
        RosterRow("enterprise", "钱多", "新冶钢有限公司", mobile="13800130446"),
    ]
    roster_writing.write(event.id, rows, actor="staff:1")
    return event


def fill_in(phone: Page, server: Server, event: EventView) -> None:
    """Find nobody by the digits of the new mobile, and fill in the form."""
    phone.goto(f"{origin(server)}/e/{event.code}")
    phone.get_by_role("link", name="不在名单上？").click()
    phone.fill("[name=name]", "吕明燕")
    phone.fill("[name=enterprise]", "凯创化工")
    phone.fill("[name=mobile]", "13900139000")
    phone.locator("#sign-in button.button--primary").click()
    expect(phone.get_by_role("heading", name=ASKED)).to_be_visible()


def figures(event: EventView) -> tuple[int, int, int, int]:
    """Return arrived, walk-ins, who of the list is here, who is missing; the tallies must be those of the rows."""
    db.session.rollback()
    counts = events.counts(event.id)
    assert tallies.recount() == ()
    return counts.arrived, counts.walk_ins, counts.listed_arrived, counts.missing


def look_at(page: Page, server: Server, event: EventView) -> None:
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_asked_on_the_phone_she_is_the_one_who_was_expected(
    server: Server, browser: Browser, page: Page, javascript: bool
) -> None:
    event = training()
    look_at(page, server, event)
    with open_page(browser, java_script_enabled=javascript, takes_cookies=javascript) as phone:
        fill_in(phone, server, event)
        phone.get_by_role("button", name="是我", exact=True).click()
        expect(phone.locator("body")).to_contain_text("第 1 位")
        expect(phone.locator("body")).to_contain_text("A3")
    expect(page.locator("[data-roll=missing]")).to_have_text("1")
    expect(page.locator(".absentee")).to_have_count(1)
    assert figures(event) == (1, 0, 1, 1)


def test_not_me_is_asked_of_staff_beside_the_missing_and_one_tap_ties_them(
    server: Server, browser: Browser, page: Page
) -> None:
    event = training()
    look_at(page, server, event)
    with open_page(browser) as phone:
        fill_in(phone, server, event)
        phone.get_by_role("button", name="不是我").click()
        expect(phone.locator("body")).to_contain_text("第 1 位")
    row = page.locator(".absentee", has_text="吕明燕")
    expect(row.locator(".absentee__same")).to_contain_text("在场有同名：吕明燕（凯创化工，")
    row.get_by_role("button", name="是同一人").click()
    expect(page.locator("#toast")).to_contain_text("吕明燕 · 名单内，已到")
    expect(page.locator("[data-roll=missing]")).to_have_text("1")
    expect(page.locator(".absentee", has_text="吕明燕")).to_have_count(0)
    assert figures(event) == (1, 0, 1, 1)
    page.locator("#toast").get_by_role("button", name="撤销").click()
    expect(row.locator(".absentee__same")).to_be_visible()
    expect(page.locator("[data-roll=missing]")).to_have_text("2")
    assert figures(event) == (1, 1, 0, 2)


def test_a_steward_ties_them_on_the_phone_and_in_a_correction(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser) as phone:
        fill_in(phone, server, event)
        phone.get_by_role("button", name="不是我").click()
        expect(phone.locator("body")).to_contain_text("第 1 位")
    with open_page(browser) as steward:
        steward.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        steward.fill("#q", "吕明燕")
        steward.locator(".hand__same").get_by_role("button", name="是同一人").click()
        expect(steward.locator(".answer__screen")).to_contain_text("名单内，已到")
        expect(steward.locator(".hand")).to_have_count(1)
        assert figures(event) == (1, 0, 1, 1)
        answers.wave_away(steward)
        steward.locator(".answer__toast").get_by_role("button", name="撤销").click()
        expect(steward.locator(".hand")).to_have_count(2)
        assert figures(event) == (1, 1, 0, 2)
        steward.locator(".hand--arrived summary").click()
        steward.get_by_role("link", name="更正").click()
        expect(steward.locator(".hand__same")).to_contain_text(
            "名单上有同名未到：吕明燕（湖北凯创化工有限公司，138****0445）"
        )
        steward.get_by_role("button", name="是同一人").click()
        expect(steward.locator("#q")).to_be_visible()
        assert figures(event) == (1, 0, 1, 1)


def test_somebody_else_is_asked_about_no_more_until_it_is_taken_back(
    server: Server, browser: Browser, page: Page
) -> None:
    event = training()
    look_at(page, server, event)
    with open_page(browser) as phone:
        fill_in(phone, server, event)
        phone.get_by_role("button", name="不是我").click()
        expect(phone.locator("body")).to_contain_text("第 1 位")
    question = page.locator(".absentee__same")
    question.get_by_role("button", name="不是吕明燕，是另一位").click()
    expect(page.locator("#toast")).to_contain_text("吕明燕 · 已记下：是另一位同名人员")
    expect(question).to_have_count(0)
    expect(page.locator("[data-roll=missing]")).to_have_text("2")
    page.locator("#toast").get_by_role("button", name="撤销").click()
    expect(question).to_be_visible()
    with open_page(browser) as steward:
        steward.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        steward.fill("#q", "吕明燕")
        steward.locator(".hand__same").get_by_role("button", name="不是吕明燕，是另一位").click()
        expect(steward.locator(".answer__screen")).to_contain_text("是另一位同名人员")
        expect(steward.locator(".hand__same")).to_have_count(0)
        expect(question).to_have_count(0)
        answers.wave_away(steward)
        steward.locator(".hand--arrived summary").click()
        steward.get_by_role("link", name="更正").click()
        steward.get_by_role("button", name="再问一次").click()
    expect(question).to_be_visible()
    assert figures(event) == (1, 1, 0, 2)


def test_the_roster_asks_and_its_entry_separates_them_again(server: Server, browser: Browser, page: Page) -> None:
    event = training()
    with open_page(browser) as phone:
        fill_in(phone, server, event)
        phone.get_by_role("button", name="不是我").click()
        expect(phone.locator("body")).to_contain_text("第 1 位")
    page.goto(f"{origin(server)}/events/{event.code}/roster")
    page.locator(".person__same").get_by_role("button", name="是同一人").click()
    expect(page.locator(".person", has_text="吕明燕")).to_contain_text("已到")
    assert figures(event) == (1, 0, 1, 1)
    page.locator(".person", has_text="吕明燕").get_by_role("link").click()
    page.get_by_role("button", name="重新分开").click()
    expect(page.locator(".person__same")).to_be_visible()
    assert figures(event) == (1, 1, 0, 2)
