"""The screens of signing out: phones, the station, the desk, a leader's page."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import PRIMARY, Screen


def find_two(page: Page) -> None:
    """Type four digits at the station that two people have."""
    page.fill("#typed", "8000")
    page.click(".submit button")
    page.wait_for_selector(".known")


def find_nobody(page: Page) -> None:
    """Type what nobody has."""
    page.fill("#typed", "0000")
    page.click(".submit button")
    page.wait_for_selector(".field__error")


def sign_out_again(page: Page) -> None:
    """Sign out by name and number who is out."""
    page.fill("#name", "赵敏")
    page.fill("#mobile", "13900138000")
    page.click(".submit button")
    page.wait_for_selector(".ordinal")


STATION = "/events/{leaving[code]}/kiosk/out"
LEAVING = (
    Screen("leaving-inside", "/done/{leaving[inside]}?again=1", step=PRIMARY),
    Screen("leaving-out", "/done/{leaving[out]}?again=1"),
    Screen("leaving-later", "/done/{leaving[later]}"),
    Screen("leaving-over", "/done/{leaving[over]}?again=1"),
    Screen("leaving-kinds", "/e/{leaving[code]}/leave"),
    Screen("leaving-form", "/e/{leaving[code]}/leave?kind=enterprise", step=PRIMARY),
    Screen("leaving-form-done", "/e/{leaving[code]}/leave?kind=enterprise", act=sign_out_again),
    Screen("leaving-station", STATION, size=TABLET, is_staff=True, step=PRIMARY),
    Screen("leaving-station-two", STATION, size=PORTRAIT, is_staff=True, act=find_two, step=PRIMARY),
    Screen("leaving-station-nobody", STATION, size=TABLET, is_staff=True, act=find_nobody, status=422, step=PRIMARY),
    Screen("leaving-inside-list", "/events/{leaving[code]}/hand/inside", size=TABLET, is_staff=True),
    Screen("leaving-inside-list-phone", "/events/{leaving[code]}/hand/inside", is_staff=True),
    Screen("leaving-board", "/events/{leaving[code]}/dashboard", size=TABLET, is_staff=True),
    Screen("leaving-hours", "/events/{leaving[over_code]}/hours", is_staff=True),
    Screen("leaving-hours-person", "/events/{leaving[over_code]}/hours/{leaving[forgot]}", is_staff=True),
    Screen("leaving-group", "/group/{leaving[group]}"),
)
