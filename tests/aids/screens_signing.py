"""The screens of a signature by hand: phones and the station."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import PRIMARY, Screen

PAGE = "/done/{signing[asked]}/signature"
STATION = "/events/{signing[code]}/kiosk/done/{signing[station]}"


def draw(page: Page) -> None:
    """Draw a line in the box."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.7)
    page.mouse.down()
    for x, y in ((0.35, 0.25), (0.5, 0.7), (0.65, 0.25), (0.8, 0.7)):
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=8)
    page.mouse.up()


def send_nothing(page: Page) -> None:
    """Finish without a name."""
    page.click(".submit button")
    page.wait_for_selector(".field__error")


SIGNING = (
    Screen("success-to-sign", "/done/{signing[asked]}", step=PRIMARY, fits=True),
    Screen("success-signed", "/done/{signing[signed]}", fits=True),
    Screen("sign", PAGE, step=PRIMARY, fits=True),
    Screen("sign-drawn", PAGE, act=draw, step=PRIMARY, fits=True),
    Screen("sign-typed", PAGE + "?typed=1", step=PRIMARY, fits=True),
    Screen("sign-typed-errors", PAGE + "?typed=1", act=send_nothing, status=422, step=PRIMARY),
    Screen("kiosk-success-to-sign", STATION, size=TABLET, is_staff=True, leaves=True),
    Screen("kiosk-sign", STATION + "/signature", size=TABLET, is_staff=True, act=draw, step=PRIMARY, fits=True),
    Screen("kiosk-sign-portrait", STATION + "/signature", size=PORTRAIT, is_staff=True, step=PRIMARY),
)
