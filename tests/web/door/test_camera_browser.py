"""The page's own camera: a code before a fake device is signed in in moments; elsewhere the page says what helps."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.jobs.qr_modules import qr_modules
from kiosk.services.door import links, passes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.browser import ARGUMENTS, open_page, origin, program
from tests.aids.listed import with_roster
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

WANG = RosterRow("enterprise", "王强", "东贝", mobile="13800138000")
WIDE, HIGH = 640, 480


def film(text: str, file: Path) -> None:
    """Write what a camera sees of a code that is held a little askew: one frame of it, again and again."""
    modules = qr_modules(text)
    code = Image.new("L", (len(modules) + 8,) * 2, 255)
    for y, row in enumerate(modules):
        for x, is_dark in enumerate(row):
            code.putpixel((x + 4, y + 4), 0 if is_dark else 255)
    code = code.resize((300, 300), Image.Resampling.NEAREST).rotate(7, expand=True, fillcolor=200)
    frame = Image.new("L", (WIDE, HIGH), 200)
    frame.paste(code, (150, 80))
    grey = bytes([128]) * (WIDE * HIGH // 2)
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420\n".encode())
        for _frame in range(10):
            out.write(b"FRAME\n" + frame.tobytes() + grey)


def open_link(page: Page, base: str, event: EventView) -> None:
    page.goto(f"{base}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")


def test_a_pass_before_the_camera_is_signed_in(browser: Browser, server: Server, tmp_path: Path) -> None:
    event = with_roster(WANG)
    film(passes.address_of(rosters.entries(event.id)[0].id), tmp_path / "pass.y4m")
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    fake.append(f"--use-file-for-fake-video-capture={tmp_path / 'pass.y4m'}")
    other = browser.browser_type.launch(executable_path=program(), args=[*ARGUMENTS, *fake])
    try:
        with open_page(other) as phone:
            requests: list[str] = []
            phone.on("request", lambda request: requests.append(request.url))
            answers.listen(phone)
            open_link(phone, f"http://127.0.0.1:{server.port}", event)
            phone.get_by_role("link", name="用本页的相机扫").click()
            expect(phone.locator("#camera-says")).to_contain_text("相机前")
            began = time.monotonic()
            answers.read(phone, "王强")
            print(f"{time.monotonic() - began:.2f} s from the ready camera to the answer")
            db.session.rollback()
            assert events.counts(event.id).arrived == 1
            phone.wait_for_timeout(1500)  # it is still held there, and is not asked again
            assert sum(url.endswith("/pass") for url in requests) == 1
            assert all(url.startswith((f"http://127.0.0.1:{server.port}/", "blob:", "data:")) for url in requests)
    finally:
        other.close()


def test_over_plain_http_the_page_says_what_helps(browser: Browser, server: Server) -> None:
    event = with_roster(WANG)
    with open_page(browser) as phone:
        open_link(phone, origin(server), event)
        expect(phone.get_by_role("link", name="用本页的相机扫")).to_be_hidden()
        phone.goto(f"{origin(server)}/steward/{event.code}/camera")
        expect(phone.locator("#camera-says")).to_contain_text("https")
        ordinary = phone.goto(f"{origin(server)}/steward/{event.code}")
        assert ordinary is not None and "wasm-unsafe-eval" not in ordinary.headers["content-security-policy"]
