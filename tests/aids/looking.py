"""A screen of tests/aids/screens.py, opened in a real browser: for tests/house/test_look.py and `make screenshots`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, Response

from tests.aids.browser import context
from tests.aids.screens import Lang, Screen, Theme
from tests.aids.stage import Stage

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
# The address and the cookies that a browser was given; opening a page adds none but the forms' own.
CARRIED: WeakKeyDictionary[BrowserContext, tuple[str, dict[str, str]]] = WeakKeyDictionary()


@contextlib.contextmanager
def browser_for(browser: Browser, lang: Lang, theme: Theme = "light") -> Iterator[BrowserContext]:
    """A browser of one language, without motion, that many screens share: what they load again is in its cache."""
    with context(browser, lang=LOCALES[lang], color_scheme=theme, reduced_motion="reduce") as made:
        made.set_default_timeout(30_000)
        yield made


class Ear:
    """What a page says while one screen is on it."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.statuses: list[int] = []
        self._heard = {
            "pageerror": self._error,
            "requestfailed": self._not_loaded,
            "console": self._said,
            "response": self._answered,
        }
        for event, hear in self._heard.items():
            page.on(event, hear)  # type: ignore[call-overload]

    def leave(self, page: Page) -> None:
        """Hear nothing any more."""
        for event, hear in self._heard.items():
            page.remove_listener(event, hear)

    def _error(self, error: Error) -> None:
        self.errors.append(f"script: {error}")

    def _not_loaded(self, request: Request) -> None:
        # Aborted is what the screen before had under way when it was left: its stream, its next poll.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"not loaded: {urlsplit(request.url).path}, {request.failure}")

    def _said(self, said: ConsoleMessage) -> None:
        # A page whose own status is an error is no complaint.
        if said.type in ("error", "warning") and not said.text.startswith(
            "Failed to load resource: the server responded with a status of 4"
        ):
            self.errors.append(f"console: {said.text}")

    def _answered(self, answer: Response) -> None:
        if answer.request.is_navigation_request():
            self.statuses.append(answer.status)


@contextlib.contextmanager
def open_screen(made: BrowserContext, stage: Stage, screen: Screen, errors: list[str] | None = None) -> Iterator[Page]:
    """Show a screen; what its console says goes to `errors`.

    Screens follow each other on one page, because making a page costs more than all that is looked at on it; what a
    screen has left in cookies and in the tab's storage is cleared before the next.
    """
    base = stage.first_run_origin if screen.is_first_run else stage.origin
    _carry_cookies(made, stage, screen, base)
    page = made.pages[0] if made.pages else made.new_page()
    if page.viewport_size != screen.viewport:
        page.set_viewport_size(screen.viewport)
    ear = Ear(page)
    try:
        for path in filter(None, (screen.via, screen.path)):
            page.goto(base + path.format(**vars(stage)))
        if screen.act is not None:
            screen.act(page)
            page.wait_for_load_state()  # what an act waits for may stand there before the page's style does
        assert ear.statuses[-1] == screen.status, f"{screen.name}: {ear.statuses} at {page.url}"
        if screen.leaves:
            page.route("**/*", lambda route: route.fulfill(status=204))
        yield page
        if screen.leaves:
            page.unroute("**/*")
        if screen.act is not None or screen.via is not None:
            page.evaluate("sessionStorage.clear()")
            CARRIED.pop(made, None)
    except BaseException:
        page.close()  # the next screen begins on a page of its own
        CARRIED.pop(made, None)
        raise
    ear.leave(page)
    if errors is not None:
        errors += ear.errors


def _carry_cookies(made: BrowserContext, stage: Stage, screen: Screen, base: str) -> None:
    cookies = {
        "kiosk_staff": stage.staff_token if screen.is_staff else "",
        "kiosk_me": stage.remembered if screen.is_known else "",
        "kiosk_steward": stage.door.token if screen.is_steward else "",
        f"kiosk_scan_{stage.codes['door']}": stage.door.token if screen.is_steward else "",
    }
    if CARRIED.get(made) != (base, cookies):
        made.clear_cookies()
        made.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items() if value])
        CARRIED[made] = (base, cookies)


def set_text_size(page: Page, percent: int) -> None:
    """Enlarge the text as a phone's text size does: the root's, on which every rem stands."""
    page.evaluate(
        "percent => { document.documentElement.style.fontSize = percent + '%'; window.scrollTo(0, 0) }", percent
    )
