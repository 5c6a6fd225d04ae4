"""From the printed set-up link to the first sign-in on a phone: every tap and every typed field is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from kiosk import launcher
from kiosk.extensions import db
from kiosk.models import SignIn
from tests.aids.browser import PHONE, TABLET, open_page, origin
from tests.aids.factories import PASSWORD
from tests.aids.server import Server, run_server

MOST_TAPS, MOST_FIELDS = 8, 4


@dataclass
class Hand:
    """A hand that counts: a field that has not the focus has to be tapped before anything is typed."""

    taps: int = 0
    fields: int = 0

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()

    def type(self, field: Locator, words: str) -> None:
        if not field.evaluate("one => one === document.activeElement"):
            self.tap(field)
        self.fields += 1
        field.press_sequentially(words)

    def scan(self, phone: Page, address: str) -> None:
        """Point the camera at a code and tap what it offers."""
        self.taps += 1
        phone.goto(address)


def printed_link(server: Server) -> str:
    """Return what `make run` prints for the first account, on this server's own address."""
    lines, _demo = launcher._prepare(server.app.config["KIOSK"], is_demo=False)
    path = re.search(r"/setup/\S+", "\n".join(lines))
    assert path is not None
    return origin(server) + path[0]


def test_the_first_sign_in_is_eight_taps_and_four_fields_from_the_printed_link(
    browser: Browser, tmp_path: Path
) -> None:
    hand = Hand()
    with (
        run_server(tmp_path / "server", workers=1, is_forked=False) as server,
        open_page(browser, size=TABLET) as desk,
        open_page(browser, size=PHONE, has_touch=True) as phone,
    ):
        desk.goto(printed_link(server))
        hand.type(desk.locator("#email"), "wang@example.org")
        hand.type(desk.locator("#password"), PASSWORD)
        hand.tap(desk.locator("main form button"))

        hand.type(desk.locator("#title"), "实验室开放日")
        hand.tap(desk.locator("main form .button--primary"))

        code = desk.locator(".pass__qr")
        expect(code).to_be_in_viewport()
        assert hand.taps <= 3, "from the set-up to a code"
        link = desk.locator(".pass a").first
        path = link.get_attribute("href")
        assert path is not None and (link.text_content() or "").endswith(path)
        hand.scan(phone, origin(server) + path)
        hand.tap(phone.locator(".tile[href*='kind=guest']"))
        hand.type(phone.locator("#name"), "张爱国")
        hand.tap(phone.locator(".submit button"))

        expect(phone.locator("main")).to_contain_text("张爱国")
        expect(desk.locator("#course")).to_contain_text("1", timeout=15_000)
        assert db.session.query(SignIn).count() == 1
    assert hand.taps <= MOST_TAPS and hand.fields <= MOST_FIELDS, hand
