"""Stories of people at the door and at the desk, told as they live them (docs/product.md 1.9, 3.1, 3.2, 3.4)."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import utcnow
from kiosk.services import tallies
from kiosk.services.event import events
from tests.aids.browser import TABLET, log_in_by_form, open_page, origin
from tests.aids.factories import make_event, open_now_everywhere
from tests.aids.paths import FIXTURES
from tests.aids.server import Server
from tests.aids.tools import need

pytestmark = [pytest.mark.browser, pytest.mark.server]
OFFICE = FIXTURES / "rosters" / "office.xlsx"
DISTRICTS = ("大冶市", "阳新县", "黄石港区", "西塞山区", "下陆区", "铁山区")


def sign_in(page: Page, name: str, mobile: str) -> None:
    page.fill("#name", name)
    page.fill("#enterprise", "湖北东贝制冷有限公司")
    page.fill("#mobile", mobile)
    page.click(".submit button")
    page.wait_for_url("**/done/**")


def test_7_who_comes_early_waits_on_a_page_that_opens_by_itself(server: Server, browser: Browser) -> None:
    event = make_event(
        kinds=[{"kind": "enterprise"}],
        opens_at=utcnow() + timedelta(minutes=5),
        starts_at=utcnow() + timedelta(minutes=20),
    )
    with open_page(browser) as phone:
        # Twenty minutes before the start she scans the code on the wall and is never told that it is invalid.
        phone.clock.install()
        phone.goto(f"{origin(server)}/e/{event.code}")
        expect(phone.locator("main")).to_contain_text("开始签到")
        expect(phone.locator("main")).not_to_contain_text("无效")
        # The page counts down and becomes the form; she signs in like everybody.
        open_now_everywhere(event)
        phone.clock.fast_forward("05:00")
        expect(phone.locator("#sign-in")).to_be_visible(timeout=15_000)
        sign_in(phone, "王强", "13800138000")
        expect(phone.locator(".ordinal")).to_contain_text("第 1 位")


def test_7_who_comes_late_signs_in_and_reads_nothing_of_it(server: Server, browser: Browser) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}], starts_at=utcnow() - timedelta(minutes=12))
    with open_page(browser) as phone:
        phone.goto(f"{origin(server)}/e/{event.code}")
        sign_in(phone, "李娜", "13900139000")
        expect(phone.locator("h1")).to_have_text("李娜")
        assert "迟到" not in phone.content()
    # Staff and sheet do know.
    assert events.counts(event.id).late == 1


def test_11_six_districts_with_their_rosters_and_posters(server: Server, browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, size=TABLET) as desk:
        # One event, made whole: a title, a place, a time.
        log_in_by_form(desk, server)
        desk.goto(f"{origin(server)}/events/new")
        desk.fill("[name=title]", "2024年度企业首席质量官巡回培训")
        desk.fill("[name=starts_at]", "2027-09-20T09:00")
        desk.click("main form button")
        desk.wait_for_url(lambda url: "/events/" in url and not url.endswith("/new"))
        first = desk.url.split("/events/")[1][:6]
        # Six more from it, each with its district, place and start.
        desk.goto(f"{origin(server)}/events/{first}/clone")
        for number, district in enumerate(DISTRICTS):
            row = desk.locator(".clones__row").nth(number)
            row.locator("[name$=district]").fill(district)
            row.locator("[name$=venue]").fill(f"{district}市场监管局")
            row.locator("[name$=starts_at]").fill(f"2027-09-{21 + number}T14:30")
        desk.click(".save button")
        desk.wait_for_url(lambda url: not url.endswith("/clone"))
        made = [row.view for row in events.list_all() if row.view.district in DISTRICTS]
        assert sorted(view.district or "" for view in made) == sorted(DISTRICTS)
        assert len({view.starts_at for view in made}) == 6
        # The office's list: wrong rows are named before anything is written.
        daye = next(view for view in made if view.district == "大冶市")
        desk.goto(f"{origin(server)}/events/{daye.code}/roster")
        desk.set_input_files("input[type=file]", OFFICE)
        desk.click(".roster-import button")
        expect(desk.locator(".chip--warn.number")).to_have_count(2)
        assert events.counts(daye.id).expected == 0
        desk.click(".roster-save button")
        expect(desk.locator("main")).to_contain_text("名单")
        assert events.counts(daye.id).expected > 300
        # All posters in one file: one page an event.
        read = "async address => Array.from(new Uint8Array(await (await fetch(address)).arrayBuffer()))"
        posters = tmp_path / "posters.pdf"
        posters.write_bytes(bytes(desk.evaluate(read, f"/campaigns/{daye.campaign_id}/posters.pdf?lang=zh")))
        assert pages(posters) == len(events.list_all(campaign_id=daye.campaign_id))
    assert tallies.recount() == ()


def pages(pdf: Path) -> int:
    """Return how many pages poppler counts."""
    told = subprocess.run([need("pdfinfo"), str(pdf)], capture_output=True, text=True, check=True).stdout
    return int(told.split("Pages:")[1].split()[0])
