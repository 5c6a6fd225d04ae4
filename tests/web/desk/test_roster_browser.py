"""The organiser's stories about a roster (docs/product.md 3.2), in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kiosk.extensions import db
from kiosk.services.event import events
from kiosk.services.roster import rosters
from tests.aids.browser import origin
from tests.aids.factories import make_event
from tests.aids.looking import set_text_size
from tests.aids.paths import FIXTURES
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

LISTS = FIXTURES / "lists"
OFFICE = FIXTURES / "rosters" / "office.xlsx"


def test_office_s_sheet_becomes_a_roster_and_bad_rows_say_why(page: Page, server: Server) -> None:
    event = make_event()
    page.goto(f"{origin(server)}/events/{event.code}")
    page.get_by_role("link", name="名单", exact=True).click()
    expect(page.get_by_text("还没有名单")).to_be_visible()
    page.set_input_files("input[type=file]", OFFICE)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("第 42 行")).to_be_visible()
    expect(page.get_by_text("这一行没有姓名。")).to_be_visible()
    expect(page.get_by_text("与第 4 行是同一人。")).to_be_visible()
    assert events.counts(event.id).expected == 0, "nothing is written before the confirmation"
    page.get_by_role("button", name="导入 398 条").click()
    expect(page.get_by_text("新增 398 条，更新 0 条，未变 0 条，未导入 2 条。")).to_be_visible()
    assert events.counts(event.id).expected == 398


def test_doubts_stand_on_top_and_what_is_ticked_goes_in(page: Page, server: Server) -> None:
    event = make_event()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{origin(server)}/events/{event.code}/roster")
    page.set_input_files("input[type=file]", LISTS / "two-in-a-cell.xlsx")
    page.get_by_role("button", name="预览").click()
    page.wait_for_url("**/roster/import/*")
    doubt = page.locator("label", has=page.locator("strong", has_text="甘二"))
    target = doubt.bounding_box()
    assert target is not None and target["height"] >= 44
    button = page.get_by_role("button", name="导入已勾选的")
    expect(button).to_be_in_viewport()
    doubt.click()
    page.get_by_text("表格和列").click()
    page.locator("[name='column-0.0.0.1']").select_option("note")
    button.click()
    expect(page.get_by_text("已按您的选择重新读取，还没有导入。")).to_be_visible()
    expect(doubt.locator("input")).to_be_checked()
    assert events.counts(event.id).expected == 0
    page.get_by_role("button", name="导入已勾选的").click()
    expect(page.get_by_text("新增 1 条")).to_be_visible()
    (listed,) = rosters.entries(event.id)
    assert (listed.name, listed.note, listed.organisation_name) == ("甘二", "松林机电", None)


@pytest.mark.parametrize("size", [(360, 740), (740, 360)], ids=["upright", "sideways"])
def test_button_that_imports_is_at_hand_at_twice_the_text_and_hides_no_field(
    page: Page, server: Server, size: tuple[int, int]
) -> None:
    event = make_event()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{origin(server)}/events/{event.code}/roster")
    page.set_input_files("input[type=file]", LISTS / "two-in-a-cell.xlsx")
    page.get_by_role("button", name="预览").click()
    button = page.get_by_role("button", name="导入已勾选的")
    expect(button).to_be_visible()
    set_text_size(page, 200)
    expect(button).to_be_in_viewport(ratio=1)
    bar = page.locator(".roster-save").bounding_box()
    assert bar is not None and bar["height"] <= size[1] / 2
    for field in (page.locator("[name=take]").first, page.locator("[name=take]").last):
        field.focus()
        box = field.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= bar["y"]
    page.locator("[name=take]").first.check()
    button.click()
    expect(page.get_by_text("新增 1 条")).to_be_visible()


def test_a_second_list_shows_old_and_new_and_is_taken_back(page: Page, server: Server) -> None:
    event = make_event()
    for name in ("first.csv", "second.csv"):
        page.goto(f"{origin(server)}/events/{event.code}/roster/import")
        page.set_input_files("input[type=file]", LISTS / name)
        page.get_by_role("button", name="预览").click()
        if name == "first.csv":
            page.get_by_role("button", name="导入 2 条").click()
    before = rosters.entries(event.id)
    page.get_by_role("checkbox", name="表格留空处也清空").check()
    page.get_by_role("button", name="按选择重新读取").first.click()
    expect(page.locator(".roster-changes")).to_contain_text("→ 空")
    page.get_by_role("button", name="导入 2 条").click()
    page.get_by_role("link", name="导入记录").click()
    page.get_by_role("button", name="撤回这次导入").click()
    expect(page.get_by_text("已撤回这次导入：移除 0 条，恢复原样 2 条。")).to_be_visible()
    db.session.rollback()
    assert rosters.entries(event.id) == before


def test_list_pasted_from_a_chat_is_put_right_and_imported_again(page: Page, server: Server) -> None:
    event = make_event()
    said = "#接龙\n1. 王　强 湖北东贝制冷有限公司 138 0013 8000\n2、李娜，劲牌有限公司，1390013"
    page.goto(f"{origin(server)}/events/{event.code}/roster")
    page.fill("#pasted", said)
    page.get_by_role("button", name="预览").click()
    page.get_by_text("已读入，请看一眼").click()
    expect(page.get_by_text("第 3 行")).to_be_visible()
    page.get_by_role("button", name="导入 2 条").click()
    page.get_by_role("link", name="导入", exact=True).click()
    page.fill("#pasted", f"{said}9000")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="导入 1 条").click()
    expect(page.get_by_text("新增 0 条，更新 1 条，未变 1 条")).to_be_visible()
    page.fill("#q", "ln")
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".person")).to_have_count(1)
    assert "q=" not in page.url, "no person's name stands in an address"
    page.get_by_role("link", name="修改李娜").click()
    page.get_by_role("button", name="标为重点").click()
    page.fill("#reason", "出差")
    page.get_by_role("button", name="记为请假").click()
    expect(page.get_by_text("出差")).to_be_visible()
    counts = events.counts(event.id)
    assert (counts.expected, counts.excused, counts.missing) == (2, 1, 1)
