"""The settings on tablet and phone: sections, English behind a switch, questions one by one, errors in focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services.event import events
from tests.aids.browser import PHONE, log_in, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SCREENS = 1.5  # so long is the page while everything is closed


def height_of(page: Page) -> float:
    return float(page.evaluate("() => document.documentElement.scrollHeight / innerHeight"))


def test_settings_are_changed_section_by_section(page: Page, server: Server) -> None:
    event = make_event(title="首席质量官培训")
    page.goto(f"{origin(server)}/events/{event.code}/settings")
    assert height_of(page) <= SCREENS
    expect(page.locator("#title")).to_be_hidden()
    page.locator("#section-what > summary").click()
    expect(page.locator("#title_alt")).to_be_hidden()
    page.get_by_label("同时填写英文").check()
    page.locator("#title_alt").fill("Training of chief quality officers")
    questions = page.locator("#section-questions")
    questions.locator("> summary").click()
    offered = questions.get_by_text("添加问题")
    for number, words in enumerate(["车次", "用餐"]):
        expect(offered.locator("visible=true")).to_have_count(number + 1)
        offered.nth(number).click()
        page.locator(f"#own_fields-{number}-label").fill(words)
    page.locator("#own_fields-0-type").select_option("choice")
    page.locator("#own_fields-0-choices").fill("1 号车")
    page.get_by_role("button", name="保存设置").click()

    summary = page.locator("#errors")
    expect(summary).to_contain_text("至少需要两个答案")
    expect(page).to_have_title("错误：首席质量官培训 · 签到台")
    expect(page.locator("#own_fields-0-choices")).to_be_focused()
    expect(page.locator("#title_alt")).to_have_value("Training of chief quality officers")
    expect(page.locator("#own_fields-1-label")).to_have_value("用餐")
    page.locator("#title").focus()
    summary.get_by_role("link").click()
    expect(page.locator("#own_fields-0-choices")).to_be_focused()
    page.keyboard.press("End")
    page.locator("#own_fields-0-choices").fill("1 号车\n2 号车")
    page.get_by_role("button", name="保存设置").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    expect(page.locator("#section-questions > summary")).to_contain_text("车次、用餐")
    view = events.get(event.code)
    assert view.title_alt and [own["label"] for own in view.own_fields] == ["车次", "用餐"]


def test_a_phone_without_script_opens_saves_and_is_led_to_what_is_wrong(server: Server, browser: Browser) -> None:
    event = make_event(title="质量月")
    with open_page(browser, size=PHONE, java_script_enabled=False) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/settings")
        assert page.locator("body").evaluate("each => each.scrollHeight") <= SCREENS * PHONE["height"]
        page.locator("#section-capacity > summary").click()
        page.locator("#capacity").fill("0")
        page.get_by_role("button", name="保存设置").click()
        expect(page.locator("#capacity")).to_be_focused()
        expect(page.locator("#capacity")).to_be_in_viewport()
        page.locator("#capacity").fill("80")
        page.get_by_role("button", name="保存设置").click()
        expect(page.locator("#section-capacity > summary")).to_contain_text("80")
