"""A rotating code in real browsers, over plain HTTP and a name that is no localhost: display and phone side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services.door import links
from kiosk.services.event import events, rotation
from kiosk.services.event.event_views import EventView
from tests.aids.browser import PORTRAIT, TABLET, WALL, open_page, origin
from tests.aids.factories import make_event
from tests.aids.rotating import GUESTS, on_screen
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
LONG = "湖北省黄石市大冶市企业首席质量官质量提升行动巡回培训暨全市质量基础设施一站式服务现场观摩推进会（第六场）"
SIZES = {"wall": WALL, "tablet": TABLET, "portrait": PORTRAIT, "tall": {"width": 1080, "height": 1920}}
AN_HOUR_OFF = "window.shift = 3600e3; const now = Date.now.bind(Date); Date.now = () => now() + window.shift;"
DIGITS, LOST = ".digits__now", ".digits__lost"
CLIPPED = """() => [...document.querySelectorAll('.display p, .display h1, .display figcaption')].filter(each => {
  if (!each.offsetParent) return false;
  const box = each.getBoundingClientRect();
  const isOut = box.left < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
  return isOut || each.scrollWidth > each.clientWidth + 1;
}).map(each => each.textContent.trim())"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"KIOSK_BASE_URL": "http://kiosk.local:8000"}
    with run_server(tmp_path_factory.mktemp("rotating"), environ=settings) as server:
        yield server


def rotating(seconds: int = 300, **changes: object) -> EventView:
    about = {"venue": "三楼报告厅", "starts_at": datetime(2026, 9, 10, 1, 0, tzinfo=UTC), "kinds": GUESTS}
    return make_event(**{**about, "rotate_seconds": seconds, **changes})


def show(page: Page, server: Server, event: EventView) -> None:
    """Open the display by a device link of its own."""
    page.goto(f"{origin(server)}/d/{links.make(event.id, 'display', staff_id=None)}")
    page.wait_for_url(f"**/events/{event.code}/display")


def digits_of(page: Page) -> str:
    return page.inner_text(DIGITS).replace(" ", "")


def test_phone_and_display_side_by_side(server: Server, browser: Browser) -> None:
    """The tablet's clock is an hour off; the phone has neither scripts nor cookies; the digits stand in no address."""
    event = rotating(15)
    asked: list[str] = []
    plain = {"takes_cookies": False, "java_script_enabled": False}
    with open_page(browser, size=TABLET) as display, open_page(browser, **plain) as phone:
        phone.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
        display.add_init_script(AN_HOUR_OFF)
        show(display, server, event)
        phone.goto(f"{origin(server)}/e/{event.code}")
        digits = digits_of(display)
        assert len(digits) == 6 and digits.isdigit()
        phone.fill("#digits", digits)
        phone.click(".submit button")
        phone.fill("#name", "张爱国")
        expect(display.locator(DIGITS)).not_to_have_text(f"{digits[:3]} {digits[3:]}", timeout=20_000)  # by themselves
        assert digits_of(display) == on_screen(event)
        phone.click(".submit button")
        expect(phone.locator("h1")).to_have_text("张爱国")
        expect(display.locator("#arrived")).to_have_text("1")
    assert len(asked) >= 4 and not [one for one in asked if digits in one]
    assert digits not in server.log.read_text()


def test_a_phone_with_scripts_types_again_what_was_wrong(server: Server, browser: Browser) -> None:
    event = rotating()
    with open_page(browser) as phone:
        phone.goto(f"{origin(server)}/e/{event.code}")
        assert phone.evaluate("document.activeElement.id") == "digits"
        phone.fill("#digits", "000000" if on_screen(event) != "000000" else "111111")
        phone.press("#digits", "Enter")
        expect(phone.locator("#digits-error")).to_be_visible()
        assert phone.input_value("#digits") == "", "what is over does not come back"
        phone.fill("#digits", on_screen(event))
        phone.click(".submit button")
        phone.wait_for_selector("#name")
        assert phone.evaluate("Object.values(sessionStorage).join()").find(on_screen(event)) == -1
        phone.fill("#name", "李建国")
        phone.click(".submit button")
        expect(phone.locator("h1")).to_have_text("李建国")
    assert events.counts(event.id).arrived == 1


def test_digits_that_are_over_do_not_stay_when_the_line_is_lost(server: Server, browser: Browser) -> None:
    event = rotating()
    with open_page(browser, size=TABLET) as display:
        display.add_init_script(AN_HOUR_OFF)
        show(display, server, event)
        assert digits_of(display) == on_screen(event)
        display.route("**/display/now", lambda route: route.abort())
        left = float(display.get_attribute("#digits", "data-left") or 0)
        display.evaluate("by => { window.shift += by }", max(left - 60, 0) * 1000)  # as after a sleep
        display.wait_for_timeout(500)
        if left > 30:  # else they change by themselves just now
            expect(display.locator(DIGITS)).to_be_visible()  # what is still right stays
        display.evaluate("window.shift += 600e3")
        expect(display.locator(LOST)).to_be_visible(timeout=2_000)
        expect(display.locator(DIGITS)).to_be_hidden()
        assert on_screen(event)[:3] not in display.inner_text("#digits")
        display.unroute("**/display/now")
        expect(display.locator(DIGITS)).to_be_visible()
        assert digits_of(display) == on_screen(event)


def test_a_display_without_scripts_loads_the_digits_anew(server: Server, browser: Browser) -> None:
    event = rotating(20)
    with open_page(browser, size=TABLET, java_script_enabled=False) as display:
        before = on_screen(event)
        show(display, server, event)
        assert digits_of(display) in (before, on_screen(event))  # they may have changed just now
        refresh = display.locator("noscript meta[http-equiv=refresh]").get_attribute("content")
        assert refresh is not None and 1 <= int(refresh) <= 15


def test_a_closed_event_shows_no_digits_and_an_opened_one_does(server: Server, browser: Browser) -> None:
    event = rotating()
    events.close(event.code)
    with open_page(browser, size=TABLET) as display:
        show(display, server, event)
        expect(display.locator(".digits__early")).to_be_visible()
        expect(display.locator(DIGITS)).to_be_hidden()
        events.open_now(event.code)
        expect(display.locator(DIGITS)).to_be_visible()


@pytest.mark.parametrize("title", ["质量月", LONG], ids=["short", "long"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_digits_are_read_at_four_metres_and_nothing_is_clipped(
    server: Server, browser: Browser, size: str, lang: str, title: str
) -> None:
    wifi = {"wifi_name": "DongBei-Guest-5G", "wifi_password": "zl2024@0912"}
    event = rotating(title=title, **wifi)
    with open_page(browser, size=SIZES[size], lang=lang) as page:
        show(page, server, event)
        code = page.locator(".display__code svg").bounding_box()
        assert code is not None and code["height"] >= 0.55 * SIZES[size]["height"]
        whole = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [SIZES[size]["width"], SIZES[size]["height"]]
        assert page.evaluate(CLIPPED) == []
        letters = page.locator(DIGITS).evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert letters >= 0.065 * min(SIZES[size].values()) and len(digits_of(page)) == rotation.LENGTH
