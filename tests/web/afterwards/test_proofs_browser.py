"""The story of a training in a real browser: hours, proofs on paper, and a stranger who checks one with a phone."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import freeze, utcnow
from tests.aids.browser import PHONE, open_page, origin
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.server import Server
from tests.aids.tools import need

pytestmark = [pytest.mark.browser, pytest.mark.server]
TITLE = "首席质量官任职培训"


def test_a_training_ends_with_hours_proofs_and_a_stranger_who_checks_one(
    server: Server, page: Page, browser: Browser, tmp_path: Path
) -> None:
    # Yesterday from nine to noon, where the event is; three came, one of them 41 minutes late.
    noon = utcnow().replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=1)
    event = make_event(title=TITLE, starts_at=noon - timedelta(hours=3), ends_at=noon)
    for name, minutes in (("王小强", -5), ("李娜", -3), ("周建华", 41)):
        with freeze(noon - timedelta(hours=3) + timedelta(minutes=minutes)):
            sign_in(event, enterprise(name, mobile=f"139{ord(name[0]):08}"))
    here = f"{origin(server)}/events/{event.code}"

    # The hours are set once; from then on the list says who has them, and why not.
    page.goto(f"{here}/sheets")
    page.click("text=谁有多少学时")
    page.click(".empty .button")
    page.fill("#credited_hours", "4")
    page.fill("#hours_late_minutes", "30")
    page.fill("#hours_early_minutes", "30")
    page.click("text=保存设置")
    page.goto(f"{here}/hours")
    expect(page.locator(".figures__main dd")).to_have_text("8")
    expect(page.locator(".person", has_text="周建华")).to_contain_text("迟到 41 分钟")

    # One was late with the others' coach: hours by hand, with a reason. One left at eleven.
    page.locator(".person", has_text="周建华").get_by_text("更改").click()
    page.fill("#hours", "4")
    page.click("text=按此计学时")
    expect(page.locator(".field__error")).to_contain_text("原因")
    page.fill("#reason", "大巴晚点")
    page.click("text=按此计学时")
    page.locator(".person", has_text="李娜").get_by_text("更改").click()
    page.fill("#time", "1100")
    page.click("text=记录离场时间")
    expect(page.locator(".person", has_text="李娜")).to_contain_text("早退 60 分钟")
    expect(page.locator(".person", has_text="周建华")).to_contain_text("人工认定：大巴晚点")

    # Two proofs, one PDF.
    page.click("text=参训证明")
    expect(page.locator("#issue")).to_have_text("待开具 2 份")
    page.click("text=为已勾选的开具")
    expect(page.locator(".notice").first).to_have_text("已开具 2 份证明。")
    with page.expect_download(timeout=60_000) as download:
        page.click("text=合为一个 PDF")
    assert download.value.suggested_filename == f"{TITLE} 参训证明.pdf"
    download.value.save_as(tmp_path / "proofs.pdf")
    command = [
        need("pdftoppm"),
        "-r",
        "100",
        "-png",
        "-singlefile",
        str(tmp_path / "proofs.pdf"),
        str(tmp_path / "one"),
    ]
    subprocess.run(command, check=True)

    # A stranger scans what is printed, and learns no more than is needed.
    (code,) = zxingcpp.read_barcodes(Image.open(tmp_path / "one.png"))
    address = urlsplit(code.text)
    with open_page(browser, size=PHONE) as phone:
        phone.goto(f"{origin(server)}{address.path}?{address.query}")
        expect(phone.locator("#verdict")).to_contain_text("真实有效")
        expect(phone.locator("main")).to_contain_text("王*强")
        expect(phone.locator("main")).not_to_contain_text("王小强")
        expect(phone.locator("main")).not_to_contain_text("东贝")

        # It is taken back at the desk; whoever checks it is told.
        page.goto(f"{here}/proofs")
        page.locator(".person", has_text="王小强").get_by_text("打开").click()
        page.fill("#reason", "重复开具")
        page.click("text=作废证明")
        expect(page.locator(".pill", has_text="已作废")).to_contain_text("1")
        phone.reload()
        expect(phone.locator("#verdict")).to_contain_text("已作废")
