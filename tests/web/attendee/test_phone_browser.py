"""What a person sees on the phone: nothing over the only field, large print, never disabled, the tick again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.services.door import links
from kiosk.services.event import events, notices
from kiosk.services.event.event_views import EventView
from tests.aids.browser import open_page, origin
from tests.aids.factories import make_event
from tests.aids.listed import with_roster
from tests.aids.paths import ROOT
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]

TARGETS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary")].filter(
    one => one.checkVisibility() && !one.closest(".unseen") && getComputedStyle(one).display !== "inline"
).map(one => (one.type === "checkbox" ? one.closest("label") : one).getBoundingClientRect()).filter(
    box => box.height < 59.5 || box.width < 59.5).length"""
LETTERS = "() => parseFloat(getComputedStyle(document.body).fontSize)"
# Whatever is pointed at in the middle of the field is the field, as the page opens and once it has the focus.
COVERED = """selector => {
    const field = document.querySelector(selector), box = field.getBoundingClientRect();
    const bottom = Math.min(box.bottom, innerHeight) - 1;
    const button = document.querySelector(".submit").getBoundingClientRect();
    return box.top < innerHeight && button.top < bottom && button.bottom > box.top;
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("phone")) as server:
        notices.ensure_default_notice()
        yield server


def only_a_name() -> EventView:
    long = "黄石市2026年度“质量月”首席质量官巡回培训暨质量强国建设纲要宣贯会议（大冶专场）"
    return make_event(title=long, kinds=[{"kind": "guest"}], field_modes={"guest.identity": "hidden"})


def test_the_button_never_lies_over_the_only_field(server: Server, browser: Browser) -> None:
    """At the usual and twice the size, in large print; on a phone upright, above its keyboard, and on its side."""
    fields = {"#last4": with_roster(), "#name": only_a_name()}
    with open_page(browser) as page:
        for selector, event in fields.items():
            for address in (f"/e/{event.code}?large=0", f"/e/{event.code}?large=1"):
                page.goto(origin(server) + address)
                for percent in ("", "200%"):
                    page.evaluate("size => { document.documentElement.style.fontSize = size }", percent)
                    for size in ((360, 740), (360, 480), (360, 300), (740, 360)):
                        page.set_viewport_size({"width": size[0], "height": size[1]})
                        where = f"{address} {percent} {size}"
                        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
                        assert not page.evaluate(COVERED, selector), where
                        page.focus(selector)
                        assert not page.evaluate(COVERED, selector), f"{where}, with the focus"


def test_the_button_stays_in_reach_of_a_long_form(server: Server, browser: Browser) -> None:
    own = [{"key": f"k{n}", "type": "text", "label": f"第{n}问", "mode": "optional"} for n in range(9)]
    event = make_event(kinds=[{"kind": "enterprise"}], own_fields=own)
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        box = page.locator(".submit button").bounding_box()
        assert box is not None and box["y"] + box["height"] <= 740


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_large_print_is_18_points_with_targets_of_60_pixels(server: Server, browser: Browser, javascript: bool) -> None:
    event = with_roster()
    steward = f"/st/{links.make(event.id, 'steward', '小李', staff_id=None)}"
    with open_page(browser, java_script_enabled=javascript) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        assert page.evaluate(LETTERS) == 16
        page.click("text=大字版")
        expect(page.locator("text=标准字号")).to_be_visible()
        for path in (f"/e/{event.code}", f"/e/{event.code}?kind=enterprise", f"/e/{event.code}?form=1", "/", steward):
            page.goto(origin(server) + path)
            assert page.evaluate(LETTERS) == 24, path
            assert page.evaluate(TARGETS) == 0, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(f"{origin(server)}/e/{event.code}")
        page.click("text=标准字号")
        expect(page.locator("text=大字版")).to_be_visible()
        assert page.evaluate(LETTERS) == 16


def test_a_busy_button_is_not_disabled_and_takes_one_tap(server: Server, browser: Browser) -> None:
    event, sent = only_a_name(), []

    def lose_first(route: Route) -> None:
        sent.append(route.request.post_data)
        if len(sent) == 1:
            route.abort("connectionfailed")
        else:
            route.continue_()

    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        page.route("**/sign-in", lose_first)
        page.fill("#name", "张爱国")
        page.click(".submit button")
        button = page.locator(".submit button")
        expect(button).to_have_attribute("aria-disabled", "true")
        assert button.get_attribute("disabled") is None
        button.dispatch_event("click")
        page.wait_for_url("**/done/**", timeout=20_000)
    assert len(sent) == 2 and events.counts(event.id).arrived == 1


def test_scanned_again_it_is_the_tick_until_it_is_somebody_else(server: Server, browser: Browser) -> None:
    event = with_roster()
    with open_page(browser) as page:
        scan(page, server, event)
        page.fill("#last4", "5678")
        page.click("text=查找")
        page.click("text=是我，签到")
        page.wait_for_url("**/done/**")
        scan(page, server, event)
        expect(page.locator("h1")).to_have_text("王小强")
        expect(page.locator(".again")).to_have_text(re.compile("第 1 位 · 您已于 .* 签到"))
        expect(page.locator(".chips")).to_contain_text("A3")
        page.click("text=为同行人员签到")
        expect(page.locator("#last4")).to_be_visible()
        scan(page, server, event)
        page.click("text=不是我")
        expect(page.locator("#last4")).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("王")


def scan(page: Page, server: Server, event: EventView) -> None:
    page.goto(f"{origin(server)}/e/{event.code}")


def test_no_page_of_a_phone_has_a_disabled_control() -> None:
    disabled = re.compile(r"(?<![-\w])disabled\b(?!['\"]?\s*\))")
    rooms = [ROOT / "templates" / room for room in ("attendee", "door", "frame", "board")]
    ours = [path for room in rooms for path in room.rglob("*.html")] + list((ROOT / "static" / "js").glob("*.js"))
    comments = re.compile(r"\{#.*?#\}|/\*.*?\*/|^\s*//.*$", re.DOTALL | re.MULTILINE)
    assert [str(path) for path in ours if disabled.search(comments.sub("", path.read_text(encoding="utf-8")))] == []
