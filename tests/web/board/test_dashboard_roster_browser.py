"""Story 10 in a real browser: five minutes to the start, who is missing, a call, and both tablets know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import PORTRAIT, TABLET, log_in, open_page, origin
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
A, B, C, HERE = "劲牌有限公司", "新冶钢有限公司", "大冶特钢有限公司", "湖北东贝制冷有限公司"
# A tone that is played is counted; no test listens.
COUNT_TONES = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.tones += 1; return start.call(this, at); };
}"""


@pytest.fixture
def second_tablet(server: Server, browser: Browser) -> Iterator[Page]:
    with open_page(browser, size=PORTRAIT) as page:
        log_in(page, server)
        yield page


def opening(*more: RosterRow, minutes_to_start: int = 5) -> EventView:
    """An event to which four enterprises are expected; of one somebody has come."""
    event = make_event(starts_at=utcnow() + timedelta(minutes=minutes_to_start), tick_labels=("资料已领",))
    rows = [
        RosterRow("enterprise", name, where, mobile=f"1380013800{number}")
        for number, (name, where) in enumerate((("王强", HERE), ("赵敏", A), ("钱多", B), ("孙七", C)))
    ]
    roster_writing.write(event.id, [*rows, *more], actor="staff:1")
    sign_in(event, enterprise("王强", organisation_name=HERE, mobile="13800138000"))
    return event


def look_at(page: Page, server: Server, event: EventView) -> None:
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")


def test_at_five_minutes_to_the_start_the_missing_are_called_and_both_tablets_know(
    server: Server, page: Page, second_tablet: Page
) -> None:
    event = opening()
    look_at(page, server, event)
    look_at(second_tablet, server, event)
    # Five minutes to the start: who is still missing, in one line.
    for each in (page, second_tablet):
        expect(each.locator(".missing__soon")).to_have_text(f"还差 3 家：{A}、{B}、{C}")
        expect(each.locator("[data-roll=missing]")).to_have_text("3")
    # The number is masked until it is tapped, and then a link that dials.
    zhao = page.locator(".absentee", has_text="赵敏")
    expect(zhao).to_contain_text("138****8001")
    zhao.get_by_role("button").click()
    expect(page.locator("#call a.call__number")).to_have_attribute("href", "tel:13800138001")
    expect(second_tablet.locator("#call")).to_have_count(0)
    # He cannot come: one tap, with the reason.
    page.fill("#call [name=reason]", "高铁晚点")
    page.locator("#call").get_by_role("button", name="已请假").click()
    expect(page.locator("#call")).to_have_count(0)
    for each in (page, second_tablet):
        expect(each.locator(".missing__soon")).to_have_text(f"还差 2 家：{B}、{C}")
        expect(each.locator("[data-roll=missing]")).to_have_text("2")
        expect(each.locator("[data-roll=excused]")).to_have_text("1")
        expect(each.locator(".gap--excused")).to_contain_text("高铁晚点")
    # The next one is on the way, and the other tablet need not call again.
    page.locator(".absentee", has_text="钱多").get_by_role("button").click()
    page.locator("#call").get_by_role("button", name="在路上").click()
    expect(second_tablet.locator(".absentee", has_text="钱多")).to_contain_text("在路上")
    # He comes.
    sign_in(event, enterprise("钱多", organisation_name=B, mobile="13800138002"))
    for each in (page, second_tablet):
        expect(each.locator(".missing__soon")).to_have_text(f"还差 1 家：{C}")
        expect(each.locator("#arrived")).to_have_text("2")
    db.session.rollback()
    counts = events.counts(event.id)
    assert (counts.expected, counts.listed_arrived, counts.excused, counts.missing) == (4, 2, 1, 1)


def test_a_leave_is_taken_back_by_the_answer_that_says_it(server: Server, page: Page) -> None:
    event = opening()
    look_at(page, server, event)
    page.locator(".absentee", has_text="赵敏").get_by_role("button").click()
    page.locator("#call").get_by_role("button", name="已请假").click()
    expect(page.locator("[data-roll=missing]")).to_have_text("2")
    page.locator("#toast button").click()
    expect(page.locator("[data-roll=missing]")).to_have_text("3")


def test_the_missing_hold_still_under_a_finger(server: Server, page: Page) -> None:
    event = opening()
    look_at(page, server, event)
    page.locator(".absentee__name", has_text="赵敏").hover()
    page.mouse.down()
    sign_in(event, enterprise("赵敏", organisation_name=A, mobile="13800138001"))
    expect(page.locator("[data-roll=missing]")).to_have_text("2")
    expect(page.locator(".absentee", has_text="赵敏")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".absentee", has_text="赵敏")).to_have_count(0)


def test_a_starred_person_rings_after_a_tap_and_stands_out(server: Server, page: Page) -> None:
    event = opening(
        RosterRow("guest", "周局长", mobile="13600136000", is_starred=True),
        RosterRow("guest", "郑主任", mobile="13600136001", is_starred=True),
    )
    page.add_init_script(f"({COUNT_TONES})()")
    look_at(page, server, event)
    expect(page.locator(".missing__starred .absentee")).to_have_count(2)
    sign_in(event, guest("周局长", mobile="13600136000"))
    expect(page.locator(".person--starred")).to_have_count(1)
    assert page.evaluate("window.tones") == 0  # off until it is tapped
    page.locator("#chime").click()
    expect(page.locator("#chime")).to_have_attribute("aria-pressed", "true")
    heard = page.evaluate("window.tones")
    assert heard > 0  # the tap lets one hear it
    sign_in(event, guest("郑主任", mobile="13600136001"))
    expect(page.locator(".person--starred")).to_have_count(2)
    page.wait_for_function("heard => window.tones === 2 * heard", arg=heard)


def test_what_is_handed_out_is_ticked_on_one_tablet_and_seen_on_the_other(
    server: Server, page: Page, second_tablet: Page
) -> None:
    event = opening()
    look_at(page, server, event)
    look_at(second_tablet, server, event)
    page.locator(".person .button--tick").click()
    for each in (page, second_tablet):
        expect(each.locator(".person .button--on")).to_have_count(1)
        expect(each.locator(".total")).to_contain_text("资料已领 1")
    second_tablet.locator(".person .button--on").click()
    expect(page.locator(".person .button--on")).to_have_count(0)


def test_without_scripts_the_number_is_a_page_of_its_own(server: Server, browser: Browser) -> None:
    event = opening()
    with open_page(browser, size=TABLET, java_script_enabled=False) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/dashboard")
        page.locator(".absentee", has_text="赵敏").get_by_role("button").click()
        expect(page.locator("a.call__number")).to_have_attribute("href", "tel:13800138001")
        page.get_by_role("button", name="联系不上").click()
        page.wait_for_url("**/dashboard")
        expect(page.locator(".absentee", has_text="赵敏")).to_contain_text("联系不上")
