"""The screens of roll calls and head-counts."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import Screen

STEWARD = "/steward/{codes[door]}"
HAND = "/events/{codes[door]}/hand"
CALL, OVER = "/roll-calls/{door.roll_call}", "/roll-calls/{door.roll_call_over}"


def tick_on_a_slow_line(page: Page) -> None:
    """Tick three while no answer comes: what waits is counted."""
    page.route("**/tick", lambda route: None)
    for number in range(3):
        page.locator(".roll__person").nth(number).click()
    page.wait_for_selector("#unsent", state="visible")


def make_count_link(page: Page) -> None:
    """Make a link that only counts; its address is shown once."""
    page.fill("#label", "东门")
    page.click("main form .button--primary")
    page.wait_for_selector(".made")


COUNTING = (
    Screen("steward-roll-calls", STEWARD + "/roll-calls", is_steward=True, step=".roll__start .button"),
    Screen("steward-roll-call", STEWARD + CALL, is_steward=True, is_key=True, step=".roll__person"),
    Screen("steward-roll-call-waiting", STEWARD + CALL, is_steward=True, act=tick_on_a_slow_line),
    Screen("steward-roll-call-over", STEWARD + OVER, is_steward=True),
    Screen("steward-head-count", STEWARD + "/head-count", is_steward=True, step=".button--plus"),
    Screen("head-count-link", "/n/{door.count}", is_key=True, step=".button--plus", fits=True),
    Screen("head-count", HAND + "/head-count", size=TABLET, is_staff=True, step=".button--plus"),
    Screen("counts", "/events/{codes[door]}/counts", size=TABLET, is_staff=True),
    Screen("counts-made", "/events/{codes[door]}/counts", is_staff=True, act=make_count_link),
    Screen("roll-calls", HAND + "/roll-calls", size=TABLET, is_staff=True),
    Screen("roll-call", HAND + CALL, size=TABLET, is_staff=True, step=".roll__person"),
    Screen("roll-call-upright", HAND + CALL, size=PORTRAIT, is_staff=True, step=".roll__person"),
    Screen("roll-call-over", HAND + OVER, size=PORTRAIT, is_staff=True),
)
