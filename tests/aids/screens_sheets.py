"""The screens of frozen sheets, of files that are being made, and of /verify."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import TABLET
from tests.aids.screen import PRIMARY, Screen

LAST = """() => { const codes = document.querySelectorAll(".frozen__code");
    const form = document.querySelector(".frozen__files");
    form.action = form.action.replace(/[^/]+$/, codes[codes.length - 1].href.split("code=")[1]); }"""


def take_changed_sheet(page: Page) -> None:
    """Ask for a file of a sheet of which a row was corrected since, from a page that does not know that yet."""
    page.evaluate(LAST)
    page.click(".frozen__files button")
    page.wait_for_selector("#refused")


def verify_file(page: Page) -> None:
    """Choose a file that is not ours and have it verified."""
    page.set_input_files("#file", {"name": "签到表.csv", "mimeType": "text/csv", "buffer": b"not ours"})
    page.click("main form button")
    page.wait_for_selector("#verdict")


def verify_nothing(page: Page) -> None:
    """Ask without a code and without a file."""
    page.click("main form button")
    page.wait_for_selector(".field__error")


def stay(page: Page) -> None:
    """Keep the download from beginning by itself."""
    page.evaluate("window.stop()")


HARD = "/events/{codes[hard]}/sheets"
SHEETS = (
    Screen("sheets-frozen", f"{HARD}?order=organisation", size=TABLET, is_staff=True, is_key=True),
    Screen("sheets-frozen-phone", HARD, is_staff=True),
    Screen("sheets-empty", "/events/{codes[empty]}/sheets", is_staff=True),
    Screen("sheets-changed", HARD, is_staff=True, act=take_changed_sheet, status=409),
    Screen("export", "/exports/{sheets[running]}", is_staff=True),
    Screen("export-done", "/exports/{sheets[done]}", is_staff=True, step=PRIMARY, act=stay),
    Screen("export-failed", "/exports/{sheets[failed]}", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("verify", "/verify", step=PRIMARY, fits=True),
    Screen("verify-known", "/verify?code={sheets[new]}", is_key=True),
    Screen("verify-older", "/verify?code={sheets[old]}", size=TABLET),
    Screen("verify-unknown", "/verify?code=AAAAAAAAAA"),
    Screen("verify-changed", "/verify?code={sheets[new]}", act=verify_file),
    Screen("verify-nothing", "/verify", act=verify_nothing, status=422),
)
