"""Story 9 in a real browser: the Wi-Fi fails, nine sign on paper, and afterwards everything adds up."""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import utcnow
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards
from kiosk.services.door import back_entry
from kiosk.services.door.back_entry import PaperRow
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import PHONE, boxes, log_in, open_page, origin
from tests.aids.factories import enterprise, make_event, sheet_of, sign_in
from tests.aids.server import Server
from tests.aids.tools import need

pytestmark = [pytest.mark.browser, pytest.mark.server]

BY_PHONE, ON_THE_LIST = 52, 60
TWO_MINUTES = 120.0


def listed(number: int) -> RosterRow:
    company, mobile = f"第{number:02}机械有限公司", f"138000{number:05}"
    return RosterRow("enterprise", f"代表{number:02}", company, mobile=mobile)


def an_event() -> EventView:
    """An event that began an hour ago, with sixty on its list."""
    event = make_event(title="首席质量官巡回培训", starts_at=utcnow() - timedelta(hours=1))
    roster_writing.write(event.id, [listed(number) for number in range(1, ON_THE_LIST + 1)], actor="staff:1")
    return event


def sign_in_by_phone(event: EventView, numbers: range) -> None:
    for number in numbers:
        row = listed(number)
        sign_in(event, enterprise(row.name, organisation_name=row.organisation_name, mobile=row.mobile))


def text_of(pdf: Path) -> str:
    return subprocess.run([need("pdftotext"), "-raw", str(pdf), "-"], capture_output=True, check=True, text=True).stdout


def test_story_9_the_wifi_fails_nine_sign_on_paper_and_the_totals_reconcile(
    server: Server, page: Page, tmp_path: Path
) -> None:
    event = an_event()

    # Before it begins the emergency sheet is printed, with three blank rows on every page.
    page.goto(f"{origin(server)}/events/{event.code}/sheets")
    with page.expect_download() as download:
        page.get_by_role("link", name="应急签到表").click()
    download.value.save_as(tmp_path / "sheet.pdf")
    printed = text_of(tmp_path / "sheet.pdf")
    assert "首席质量官巡回培训 应急签到表" in printed and "60 代表60" in printed

    # 52 sign in by phone; then the Wi-Fi fails, and eight of the list and a visitor sign on the sheet.
    sign_in_by_phone(event, range(1, BY_PHONE + 1))

    # Afterwards: tick the eight, write the visitor into a blank line, give one who was late their own time, save.
    began = time.monotonic()
    page.click("text=纸质补录")
    rows = page.locator(".paper__row")
    expect(rows).to_have_count(ON_THE_LIST - BY_PHONE)
    for number in range(BY_PHONE + 1, ON_THE_LIST + 1):
        page.click(f"text=代表{number:02}")
    late = utcnow().astimezone(event.zone) - timedelta(minutes=30)
    is_same_day = event.starts_at is not None and event.starts_at.astimezone(event.zone).date() == late.date()
    if is_same_day:
        rows.last.locator(".paper__time").fill(f"{late:%H:%M}")
    line = page.locator(".paper__line").first
    line.locator("select").select_option("guest")
    line.locator("[name=name]").fill("刘䶮")
    line.locator("[name=detail]").fill("市民观察员")
    page.click("text=保存补录")
    expect(page.locator(".notice").first).to_have_text("已补录 9 人。")
    assert time.monotonic() - began < TWO_MINUTES

    # Every total says the same: this page, the sheets page, the dashboard, the sheet itself.
    expect(page.locator("#by-method")).to_have_text("电子 52 + 纸质 9 = 61")
    expect(rows).to_have_count(0)
    for path in ("sheets", "dashboard"):
        page.goto(f"{origin(server)}/events/{event.code}/{path}")
        expect(page.locator("#by-method")).to_have_text("电子 52 + 纸质 9 = 61")
    expect(page.locator("#arrived")).to_have_text("61")
    page.goto(f"{origin(server)}/events/{event.code}/sign-ins")
    # In the order of arrival: who was late stands at their own time, behind those who came by phone since.
    expect(page.locator(".chip", has_text="纸质补录")).to_have_count(8 if is_same_day else 9)
    page.get_by_role("link", name="较早").click()
    expect(page.locator(".chip", has_text="纸质补录")).to_have_count(1 if is_same_day else 0)
    model = sheet_of(event, "zh")
    assert dict(model.foot)["签到方式"] == "电子 52 + 纸质 9 = 61" and len(model.rows) == 61
    assert (tallies.on_paper(event.id), dashboards.read(event).counts.late) == (9, 52 + is_same_day)
    assert tallies.recount() == ()


def test_back_from_a_bad_line_everything_typed_is_still_there(server: Server, page: Page) -> None:
    event = an_event()
    page.goto(f"{origin(server)}/events/{event.code}/paper")
    page.click("text=代表07")
    line = page.locator(".paper__line").first
    line.locator("[name=organisation]").fill("某某公司")
    page.click("text=保存补录")
    expect(page.locator(".paper__line--bad .field__error")).to_contain_text("姓名")
    expect(line.locator("[name=organisation]")).to_have_value("某某公司")
    expect(page.locator(".paper__row")).to_have_count(ON_THE_LIST - 1)  # the seventh is entered
    line.locator("[name=name]").fill("周代表")
    page.click("text=保存补录")
    expect(page.locator("#by-method")).to_have_text("电子 0 + 纸质 2 = 2")


def test_dashboard_hears_of_paper_live(server: Server, page: Page) -> None:
    event = an_event()
    sign_in_by_phone(event, range(1, 3))
    page.goto(f"{origin(server)}/events/{event.code}/dashboard")
    expect(page.locator("#light")).to_have_attribute("data-state", "live")
    (third,) = (one.entry for one in back_entry.listed(event.id).rows if one.number == 3)
    back_entry.enter(
        event, [PaperRow("e3", third.details(), utcnow() - timedelta(minutes=5), third.id)], Hand("staff:1", "page")
    )
    expect(page.locator("#by-method")).to_have_text("电子 2 + 纸质 1 = 3")


def test_page_fits_a_phone(server: Server, browser: Browser) -> None:
    event = an_event()
    with open_page(browser, size=PHONE) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/paper")
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] <= widths[1]
        assert min(box["height"] for box in boxes(page, ".paper__who, .paper__time, .save .button")) >= 44
