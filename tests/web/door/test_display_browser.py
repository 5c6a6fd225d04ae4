"""The door display and the station in a real browser: read from afar, alive, and back at the start by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, expect

from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.browser import PORTRAIT, TABLET, WALL, open_page, origin
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
ADDRESS = "http://kiosk.local:8000"
LONG = "湖北省黄石市大冶市企业首席质量官质量提升行动巡回培训暨全市质量基础设施一站式服务现场观摩推进会（第六场）"
SIZES = {"wall": WALL, "tablet": TABLET, "portrait": PORTRAIT, "tall": {"width": 1080, "height": 1920}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # One trusted proxy, so that a phone in this process may come from another address than this machine's.
    settings = {"KIOSK_BASE_URL": ADDRESS, "KIOSK_TRUSTED_PROXIES": "1"}
    with run_server(tmp_path_factory.mktemp("door"), environ=settings) as server:
        yield server


def training(**changes: object) -> EventView:
    return make_event(
        **{
            "title_alt": "Chief Quality Officer training",
            "venue": "大冶市市场监督管理局三楼报告厅",
            "starts_at": datetime(2026, 9, 10, 1, 0, tzinfo=UTC),
            **changes,
        }
    )


def show(page: Page, server: Server, event: EventView, screen: links.Screen = "display") -> None:
    """Open a screen by a device link of its own."""
    page.goto(f"{origin(server)}/d/{links.make(event.id, screen, staff_id=None, pin='4711')}")
    page.wait_for_url(f"**/events/{event.code}/{screen}")


def from_afar(picture: bytes) -> Image.Image:
    """What a phone's camera makes of a screen at the other end of the foyer: small, blurred, a little skewed."""
    whole = Image.open(BytesIO(picture)).convert("L")
    small = whole.resize((whole.width // 5, whole.height // 5), Image.Resampling.BILINEAR)
    width, height = small.size
    corners = (0, 0, 6, height, width - 4, height - 8, width, 5)
    skewed = small.transform(small.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR, fillcolor=128)
    return skewed.filter(ImageFilter.GaussianBlur(0.8))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_code_is_read_from_afar(server: Server, browser: Browser, scheme: str, lang: str) -> None:
    event = training()
    with open_page(browser, size=WALL, lang=lang, color_scheme=scheme) as page:
        show(page, server, event)
        picture = page.screenshot()
    assert [code.text for code in zxingcpp.read_barcodes(from_afar(picture))] == [f"{ADDRESS}/e/{event.code}"]


@pytest.mark.parametrize("title", ["质量月", LONG], ids=["short", "long"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_code_takes_its_height_and_nothing_is_clipped(
    server: Server, browser: Browser, size: str, lang: str, title: str
) -> None:
    event = training(title=title, title_alt=None, wifi_name="DongBei-Guest-5G", wifi_password="zl2024@0912")
    with open_page(browser, size=SIZES[size], lang=lang) as page:
        show(page, server, event)
        box = page.locator(".display__code svg").bounding_box()
        assert box is not None and box["height"] >= 0.55 * SIZES[size]["height"]
        whole = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [SIZES[size]["width"], SIZES[size]["height"]]
        assert page.evaluate(CLIPPED) == []


# Texts that reach out of the window, or out of a box that cuts them.
CLIPPED = """() => [...document.querySelectorAll('.display p, .display h1, .display figcaption')].filter(each => {
  if (!each.offsetParent) return false;
  const box = each.getBoundingClientRect();
  const isOut = box.left < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
  return isOut || each.scrollWidth > each.clientWidth + 1;
}).map(each => each.textContent.trim())"""


def test_quiet_zone_is_white_in_the_dark(server: Server, browser: Browser) -> None:
    with open_page(browser, size=TABLET, color_scheme="dark") as page:
        show(page, server, training())
        picture = Image.open(BytesIO(page.locator(".display__code svg").screenshot())).convert("L")
    side = picture.width
    zone = int(side * 3.5 / 37)  # four modules of 37, and rounded corners are left out
    edge = picture.crop((side // 4, 2, side * 3 // 4, zone))
    assert edge.getextrema() == (255, 255)


def test_count_and_phone_check_follow_by_themselves(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=TABLET) as page:
        show(page, server, event)
        expect(page.locator("#arrived")).to_have_text("0")
        expect(page.locator(".display__phones")).to_contain_text("请用手机扫一次")
        sign_in(event, enterprise())
        expect(page.locator("#arrived")).to_have_text("1")
        with server.phone() as phone:
            phone.headers["X-Forwarded-For"] = "127.0.0.1"
            phone.get(f"/e/{event.code}")  # this machine's own browser proves nothing
            for _look in range(2):  # felt within a second, looked at every two
                page.wait_for_event("response", lambda answer: "/display/count" in answer.url)
            expect(page.locator(".display__phones--ok")).to_have_count(0)
            phone.headers["X-Forwarded-For"] = "192.168.8.55"
            phone.get(f"/e/{event.code}")
        expect(page.locator(".display__phones--ok")).to_contain_text("只有连上本场 Wi-Fi 的手机能签到")


def test_changed_title_reaches_the_screen(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=TABLET) as page:
        show(page, server, event)
        draft = events.draft_of(event)
        events.update(event.code, type(draft)(**{**vars(draft), "title": "改到二楼"}))
        expect(page.locator("h1")).to_have_text("改到二楼")


def test_lost_connection_is_said_and_taken_back(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=TABLET) as page:
        show(page, server, event)
        page.route("**/display/count*", lambda route: route.abort())
        expect(page.locator("#stale")).to_be_visible()
        page.unroute("**/display/count*")
        expect(page.locator("#stale")).to_be_hidden()


def test_revoked_display_goes_dark_by_itself(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=TABLET) as page:
        show(page, server, event)
        links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
        expect(page.locator(".display__code")).to_have_count(0)
        assert event.title not in page.content()


def test_screen_that_cannot_stay_awake_says_which_setting(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=TABLET) as page:  # plain HTTP under a name: no wake lock
        show(page, server, event)
        expect(page.locator("#awake")).to_be_visible()
        assert page.locator("#awake span:visible").count() == 1
        page.click("#awake button")
        page.reload()
        expect(page.locator("#arrived")).to_be_visible()
        expect(page.locator("#awake")).to_be_hidden()


def test_station_signs_one_person_in_after_the_other(server: Server, browser: Browser) -> None:
    event = training(kinds=[{"kind": "guest"}])
    with open_page(browser, size=PORTRAIT) as page:
        show(page, server, event, "kiosk")
        for name in ("张爱国", "李建国"):
            assert page.input_value("#name") == ""
            page.fill("#name", name)
            page.click(".submit button")
            expect(page.locator("h1")).to_have_text(name)
            if name == "张爱国":
                page.click("text=下一位")
            page.wait_for_selector("#name")  # by itself, after six seconds
            page.wait_for_url(f"**/events/{event.code}/kiosk")
        page.go_back()
        page.wait_for_selector("#name")
        assert "张爱国" not in page.content() and "李建国" not in page.content()
    assert events.counts(event.id).arrived == 2


def test_station_returns_to_its_start_when_nobody_touches_it(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser, size=PORTRAIT) as page:
        page.clock.install()
        show(page, server, event, "kiosk")
        page.click(".tile >> nth=0")
        page.fill("#name", "张爱国")
        page.clock.fast_forward(50_000)
        page.press("#name", "End")  # a touch begins the minute anew
        page.clock.fast_forward(50_000)
        assert page.input_value("#name") == "张爱国"
        page.clock.fast_forward(12_000)
        expect(page.locator(".tile")).to_have_count(3)
        page.click(".tile >> nth=0")
        assert page.input_value("#name") == ""


def test_mistake_at_the_station_also_returns(server: Server, browser: Browser) -> None:
    event = training(kinds=[{"kind": "guest"}])
    with open_page(browser, size=PORTRAIT) as page:
        page.clock.install()
        show(page, server, event, "kiosk")
        page.click(".submit button")
        expect(page.locator(".field__error")).to_be_visible()
        page.clock.fast_forward(61_000)
        expect(page.locator(".field__error")).to_have_count(0)
