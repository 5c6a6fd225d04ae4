"""A real Chromium that knows the server by a name that is not localhost."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from kiosk.services.account import staff, staff_sessions
from kiosk.web.frame.access import COOKIE
from tests.aids import fonts
from tests.aids.factories import PASSWORD
from tests.aids.fonts import FontSet
from tests.aids.server import HOST, Server
from tests.aids.tools import missing

PHONE: ViewportSize = {"width": 360, "height": 740}
TABLET: ViewportSize = {"width": 1180, "height": 820}
PORTRAIT: ViewportSize = {"width": 820, "height": 1180}
WALL: ViewportSize = {"width": 1920, "height": 1080}
WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome")
# The same engine without the windows of a browser around it, where there is one: half of what a page costs.
WITHOUT_WINDOWS = ("chromium-headless-shell", *WITH_WINDOWS)
BOXES = "what => [...document.querySelectorAll(what)].map(one => one.getBoundingClientRect().toJSON())"
ARGUMENTS = [
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program(*names: str) -> str:
    """Return Chromium's path; without one the test is skipped, and fails where CI is set."""
    return next(filter(None, map(shutil.which, names or WITHOUT_WINDOWS)), None) or missing("chromium")


@contextlib.contextmanager
def run_browser() -> Iterator[Browser]:
    """Run a browser until the block ends."""
    path, environ = program(), _environ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, env=environ)
        yield browser
        browser.close()


@contextlib.contextmanager
def run_another(browser: Browser, drawn_with: FontSet) -> Iterator[Browser]:
    """Run a second browser, with another set of fonts, until the block ends."""
    environ = _environ(drawn_with)
    another = browser.browser_type.launch(executable_path=program(), args=ARGUMENTS, env=environ)
    yield another
    another.close()


def _environ(drawn_with: FontSet = "noto") -> dict[str, str | float | bool]:
    return {**os.environ, **fonts.environ(drawn_with)}


def origin(server: Server) -> str:
    return f"http://{HOST}:{server.port}"


@contextlib.contextmanager
def context(
    browser: Browser,
    *,
    size: ViewportSize = PHONE,
    lang: str = "zh-CN",
    takes_cookies: bool = True,
    **options: Any,
) -> Iterator[BrowserContext]:
    """A browser of its own: no cookie, no storage, nothing shared."""
    with tempfile.TemporaryDirectory() as profile:
        if takes_cookies:
            made = browser.new_context(viewport=size, locale=lang, **options)
        else:
            made = _without_cookies(browser, Path(profile), viewport=size, locale=lang, **options)
        made.set_default_timeout(10_000)
        try:
            yield made
        finally:
            made.close()


def _without_cookies(browser: Browser, profile: Path, **options: Any) -> BrowserContext:
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text('{"profile": {"default_content_setting_values": {"cookies": 2}}}')
    return browser.browser_type.launch_persistent_context(
        str(profile), executable_path=program(*WITH_WINDOWS), args=ARGUMENTS, env=_environ(), **options
    )


@contextlib.contextmanager
def open_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """One page in a browser of its own; an error in its scripts fails the test."""
    errors: list[str] = []
    with context(browser, **options) as made:
        page = made.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Return where everything stands that a selector means, in order. It is looked up and measured in one go: between
    the two of `Locator.evaluate_all`, a change from the stream may put others in its place, and those measure nothing.
    """
    measured: list[dict[str, float]] = page.evaluate(BOXES, selector)
    return measured


def in_view(page: Page, selector: str) -> int:
    """Return how many of those that a selector means are whole in view."""
    height = page.evaluate("innerHeight")
    return sum(box["height"] > 0 and box["top"] >= 0 and box["bottom"] <= height for box in boxes(page, selector))


def leave(page: Page) -> None:
    """Close a tab as somebody does whose network is away: nothing more comes of it. The emulated network is back for a
    page that goes, a moment before it is gone, and it would send: with `page.goto` as with `page.close`."""
    page.evaluate("XMLHttpRequest.prototype.send = () => {}")
    page.goto("about:blank")
    page.close()


def log_in(page: Page, server: Server, *, email: str = "admin@example.org") -> None:
    """Give the browser the cookie that the form gives the staff whom factories.make_staff makes: the form costs a test
    more than most of what it looks at. Where the form itself matters, or where it is sent from: `log_in_by_form`."""
    agent = page.evaluate("navigator.userAgent")
    with server.app.app_context():
        account = staff.find(email)
        assert account is not None, email
        token = staff_sessions.begin(account.id, address="127.0.0.1", user_agent=agent)
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": origin(server), "httpOnly": True}])


def log_in_by_form(page: Page, server: Server, *, address: str | None = None) -> None:
    """Log in as the admin does."""
    page.goto(f"{address or origin(server)}/login")
    page.fill("[name=email]", "admin@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/events")
