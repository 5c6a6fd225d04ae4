"""The screens of passwords, of settings in which something is wrong, and of the desk's search."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import PRIMARY, Screen


def make_reset_link(page: Page) -> None:
    """Make a link for a new password; its address is shown once."""
    page.click("form[action$='/reset-link'] button")
    page.wait_for_selector(".made")


def send_wrong_settings(page: Page) -> None:
    """Save settings of which two are wrong, each in a section of its own."""
    for section, field, value in (("capacity", "capacity", "0"), ("privacy", "retention_days", "99999")):
        page.click(f"#section-{section} > summary")
        page.fill(f"#{field}", value)
    page.click(".save button")
    page.wait_for_selector("#errors")


def search_everything(words: str, then: str) -> Callable[[Page], None]:
    """Search for these words and wait for what is shown of them."""

    def act(page: Page) -> None:
        page.fill("#q", words)
        page.press("#q", "Enter")
        page.wait_for_selector(then)

    return act


ACCOUNTS = (
    Screen("reset", "/reset/{reset_token}", step=PRIMARY, fits=True),
    Screen("reset-dead", "/reset/used", status=404, step=PRIMARY, fits=True),
    Screen("staff-link", "/staff", is_staff=True, act=make_reset_link),
    Screen(
        "settings-error",
        "/events/{codes[own_fields]}/settings",
        size=PORTRAIT,
        is_staff=True,
        status=422,
        act=send_wrong_settings,
    ),
    Screen("search", "/search", is_staff=True, act=search_everything("公司", ".person")),
    Screen("search-tablet", "/search", size=TABLET, is_staff=True, act=search_everything("质量", ".line")),
    Screen("search-none", "/search", is_staff=True, act=search_everything("不存在的人", ".empty")),
)
