"""Six districts in five minutes: one workbook with a column of districts over six events, in a real browser."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from kiosk.services.event import campaigns, events
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.roster import rosters
from tests.aids.browser import origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

DISTRICTS = ("大冶市", "阳新县", "黄石港区", "西塞山区", "下陆区", "铁山区")
EACH = 66  # nearly 400 in all


def workbook() -> bytes:
    """Return a list as an office makes it: a title, districts short and long, one name that is asked about."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2024年度企业首席质量官巡回培训报名汇总表"])
    sheet.append(["序号", "姓名", "单位", "联系电话", "县区"])
    for number in range(EACH * len(DISTRICTS)):
        district = DISTRICTS[number % len(DISTRICTS)]
        said = district[:-1] if number // 6 % 4 == 0 else district
        sheet.append([number + 1, f"王{chr(0x4E00 + number)}", f"单位{number}", f"138{number:08}", said])
    sheet.append([999, "李娜、赵敏", "劲牌", "", "大冶市"])
    sheet.append([1000, "钱多", "远方公司", "13600136000", "武汉市"])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_story_11_six_districts_with_one_workbook(page: Page, server: Server, tmp_path: Path) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    made = [make_event(title=f"巡回培训{one}专场", district=one, campaign_id=campaign.id) for one in DISTRICTS]
    file = tmp_path / "六县市区报名汇总.xlsx"
    file.write_bytes(workbook())
    page.goto(f"{origin(server)}/campaigns/{campaign.id}")
    page.get_by_role("link", name="一份名单分各场").click()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="预览").click()
    rows = page.locator(".split-values li")
    expect(rows).to_have_count(13)  # each district as it stands and without its 市, and 武汉市
    wuhan = rows.filter(has_text="武汉市").locator("select")
    expect(wuhan).to_have_value("0")
    assert events.counts(made[0].id).expected == 0, "nothing is written before the confirmation"
    expect(page.get_by_role("button", name="导入 396 条")).to_be_in_viewport(ratio=1)
    shares = page.locator(".split-shares > li")
    expect(shares).to_have_count(6)
    for place, share in enumerate(shares.all()):
        firsts = [f"王{chr(0x4E00 + number)}" for number in range(place, 3 * len(DISTRICTS), len(DISTRICTS))]
        expect(share.locator(".person strong")).to_have_text(firsts)
    asked = page.get_by_role("checkbox", name=re.compile("^李娜"))
    asked.check()
    wuhan.select_option(str(made[5].id))
    page.get_by_role("button", name="按所选重新显示").click()
    expect(wuhan).to_have_value(str(made[5].id))
    expect(asked).to_be_checked()
    page.get_by_role("button", name="导入 398 条").click()
    expect(page.get_by_text("巡回培训大冶市专场：新增 67 条，更新 0 条，未变 0 条，未导入 1 条。")).to_be_visible()
    expect(page.get_by_text("巡回培训铁山区专场：新增 67 条")).to_be_visible()
    counted = [events.counts(event.id).expected for event in made]
    assert counted == [67, 66, 66, 66, 66, 67]
    assert "李娜" in [entry.name for entry in rosters.entries(made[0].id)]
