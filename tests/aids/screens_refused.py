"""The screens on which something is refused, held up or still under way."""

from __future__ import annotations

import contextlib

from playwright.sync_api import Page

from kiosk.services.account import guesses, known_devices, staff
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.door import look_ups, misses
from kiosk.services.event import event_views
from tests.aids.browser import TABLET
from tests.aids.screen import PRIMARY, Screen

STRANGER = "nobody.with.a.very.long.address@department.example.org"


def send_too_much(page: Page) -> None:
    """Send more than the page's form may hold."""
    page.evaluate("document.getElementById('code').value = 'x'.repeat(100_000)")
    page.click("main form button")
    page.wait_for_selector(".message")


def log_in_too_often(page: Page) -> None:
    """Log in after all tries for this e-mail are spent."""
    budget = known_devices.budget_of(staff.address_hash(STRANGER), None)
    with contextlib.suppress(TooManyGuesses):
        for _ in range(staff.MISSES + 1):
            guesses.count(budget, limit=staff.MISSES, window=staff.WINDOW)
    page.fill("#email", STRANGER)
    page.fill("#password", "not the password")
    page.click("main form button")
    page.wait_for_selector(".field__error")


def look_up_after_many(page: Page) -> None:
    """Look somebody up after the event's misses of these ten minutes are spent."""
    event = event_views.find(page.url.rpartition("/")[2])
    assert event is not None
    misses.count(f"look_up:{event.id}", window=look_ups.WINDOW, many=look_ups.MISSES)
    page.fill("#last4", "8000")
    page.click(".submit button")
    page.wait_for_selector(".notice[role=alert]")


def type_wrong_pin(page: Page) -> None:
    """Leave a station with a PIN that is not its own."""
    page.fill("#pin", "1111")
    page.click("main form button")
    page.wait_for_selector(".field__error")


def share_with_nobody(page: Page) -> None:
    """Share with an e-mail that has no account."""
    page.fill("#email", STRANGER)
    page.click("main .button--primary")
    page.wait_for_selector(".field__error")


LEAVE = "/events/{codes[kinds]}/kiosk/leave"
REFUSED = (
    Screen("too-much", "/", act=send_too_much, status=413, fits=True),
    Screen("log-in-too-often", "/login", act=log_in_too_often, status=429, step=PRIMARY, fits=True),
    Screen("look-up-more-asked", "/e/{codes[door]}", act=look_up_after_many, step=PRIMARY),
    Screen("kiosk-leave-wrong", LEAVE, via="/d/{link_token}", act=type_wrong_pin, status=422, step=PRIMARY, fits=True),
    Screen(
        "campaign-sharing-nobody",
        "/campaigns/{campaign_id}/sharing",
        is_staff=True,
        act=share_with_nobody,
        status=422,
        step=PRIMARY,
    ),
    Screen("trial-over", "/events/{codes[open]}/trial", is_staff=True),
    Screen("roster-importing", "/events/{codes[door]}/roster", size=TABLET, is_staff=True),
    Screen("roster-importing-first", "/events/{codes[waiting]}/roster", is_staff=True),
)
