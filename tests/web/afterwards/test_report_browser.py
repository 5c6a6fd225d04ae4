"""The report in a real browser: copied over plain HTTP, looked into on a phone, printed on A4 as it stands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services.demo.build import Demo, build
from kiosk.services.event.notices import ensure_default_notice
from kiosk.services.reports import counting
from kiosk.services.reports.paragraph import draft
from tests.aids.browser import TABLET, context, log_in, open_page, origin
from tests.aids.factories import make_staff
from tests.aids.server import Server, run_server
from tests.aids.tools import need

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("report")) as server:
        yield server


@pytest.fixture(scope="module")
def demo(server: Server) -> Demo:
    make_staff()
    ensure_default_notice()
    return build()


@pytest.fixture
def page(server: Server, demo: Demo, browser: Browser) -> Iterator[Page]:
    """A tablet that shows the demo's report."""
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/campaigns/{demo.campaign_id}/report")
        yield page


def test_the_paragraph_is_copied_without_a_clipboard(demo: Demo, page: Page) -> None:
    """Over plain HTTP there is no clipboard: what is copied is pasted into a field and read there."""
    assert page.evaluate("() => navigator.clipboard === undefined")
    paragraph = draft(counting.figures(demo.campaign_id))
    for tag, text in (("zh", paragraph.zh), ("en", paragraph.en)):
        button = page.locator(f"[data-copy=paragraph-{tag}]")
        button.click()
        expect(button).to_have_text("已复制")
        assert page.evaluate("() => String(getSelection())") == text
        page.evaluate(
            "() => { const area = document.createElement('textarea'); document.body.append(area); area.focus(); }"
        )
        page.keyboard.press("Control+v")
        assert page.evaluate("() => document.activeElement.value") == text
    assert "近400" in paragraph.zh and "6场" in paragraph.zh and "20名" in paragraph.zh


def test_a_tap_on_a_number_opens_its_rows_and_the_way_back(page: Page) -> None:
    number = page.locator("[data-figure]").nth(1)
    said = number.inner_text()
    number.click()
    expect(page.locator("#total")).to_have_text(said)
    page.locator(".event-head a").click()
    expect(page.locator("#districts")).to_be_visible()


def test_it_prints_on_a4_without_what_only_a_screen_needs(demo: Demo, page: Page, tmp_path: Path) -> None:
    pdf = tmp_path / "print.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    info = subprocess.run([need("pdfinfo"), pdf], capture_output=True, check=True, text=True).stdout
    assert "A4" in info and 2 <= int(re.search(r"Pages:\s+(\d+)", info)[1]) <= 4  # type: ignore[index]
    text = subprocess.run([need("pdftotext"), "-raw", pdf, "-"], capture_output=True, check=True, text=True).stdout
    squeezed = re.sub(r"\s", "", text)
    paragraph = draft(counting.figures(demo.campaign_id))
    for said in (paragraph.zh, paragraph.en, "西塞山区", "每日人次"):
        assert re.sub(r"\s", "", said) in squeezed
    for screen_only in ("退出登录", "复制中文段落", "按这些日期统计", "XLSX"):
        assert screen_only not in squeezed


def test_it_reads_and_prints_without_a_script(server: Server, demo: Demo, browser: Browser) -> None:
    with context(browser, size=TABLET, java_script_enabled=False) as made:
        page = made.new_page()
        log_in(page, server)
        page.goto(f"{origin(server)}/campaigns/{demo.campaign_id}/report")
        expect(page.locator("#paragraph-zh")).to_contain_text("近400")
        page.locator("[data-figure]").first.click()
        expect(page.locator("#total")).to_have_text("13")
