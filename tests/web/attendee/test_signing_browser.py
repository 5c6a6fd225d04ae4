"""Signing by hand in a real browser, over plain http under a name that is not localhost: mouse, finger, a phone that is
turned, a network that drops it, no scripts, the station."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.extensions import db
from kiosk.jobs import ink
from kiosk.models import Signature, SignIn
from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from tests.aids.browser import PHONE, TABLET, open_page, origin
from tests.aids.drawn_cells import first_page
from tests.aids.server import Server
from tests.aids.signed import asking

pytestmark = [pytest.mark.browser, pytest.mark.server]

GUEST = [{"kind": "guest"}]
# How much of the box has ink, where it begins and ends, as parts of the box.
INK = """() => {
    const canvas = document.querySelector("canvas"), context = canvas.getContext("2d");
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0, left = canvas.width, right = 0, top = canvas.height, bottom = 0;
    for (let at = 3; at < pixels.length; at += 4) {
        if (pixels[at] < 128) continue;
        const x = (at - 3) / 4 % canvas.width, y = Math.floor((at - 3) / 4 / canvas.width);
        count += 1;
        left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
    }
    return { count, shape: count ? (right - left) / Math.max(bottom - top, 1) : 0,
        within: left > 0 && top > 0 && right < canvas.width - 1 && bottom < canvas.height - 1 };
}"""
# Whether the box has been drawn anew for a screen of this width.
FITS = """width => {
    const canvas = document.querySelector("canvas"), box = canvas.getBoundingClientRect();
    const [wide, high] = [box.width, box.height].map(side => Math.trunc(side * devicePixelRatio));
    return innerWidth === width && canvas.width === wide && canvas.height === high;
}"""
ZIGZAG = ((0.1, 0.7), (0.3, 0.25), (0.45, 0.7), (0.6, 0.25), (0.75, 0.7), (0.9, 0.25))
DASH = ((0.2, 0.85), (0.8, 0.85))


def signed_in(page: Page, server: Server, event: EventView, name: str = "张爱国") -> None:
    """Sign in on a phone, and go where one signs by hand."""
    page.goto(f"{origin(server)}/e/{event.code}")
    page.fill("#name", name)
    page.locator(".submit button").click()
    expect(page.locator(".tick")).to_be_visible()
    page.get_by_role("link", name="手写签名").click()
    expect(page.get_by_role("heading", name="请签名")).to_be_visible()


def stroke(page: Page, points: Sequence[tuple[float, float]]) -> None:
    """Draw one line with the mouse, through points that are parts of the box."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    placed = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*placed[0])
    page.mouse.down()
    for x, y in placed[1:]:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def finger(page: Page, points: Sequence[tuple[float, float]]) -> None:
    """Draw one line with a finger."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    steps = [
        (a[0] + (b[0] - a[0]) * part / 6, a[1] + (b[1] - a[1]) * part / 6)
        for a, b in zip(points, points[1:], strict=False)
        for part in range(7)
    ]
    for number, (x, y) in enumerate(steps):
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": [at]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def kept() -> list[str]:
    """Return the cell of each signature, the newest last."""
    db.session.rollback()
    rows = db.session.query(Signature).order_by(Signature.id)
    return [one.typed or ink.MARK + one.drawn for one in rows]


def test_signature_survives_turning_the_phone_and_stands_in_the_pdf(server: Server, browser: Browser) -> None:
    event, before = asking(kinds=GUEST), len(kept())
    with open_page(browser, size=PHONE, device_scale_factor=2) as page:
        signed_in(page, server, event)
        stroke(page, ZIGZAG)
        stroke(page, DASH)
        upright = page.evaluate(INK)
        assert upright["count"] > 500 and upright["within"]
        for size in ({"width": 740, "height": 360}, PHONE, {"width": 740, "height": 360}, PHONE):
            page.set_viewport_size(size)
            page.wait_for_function(FITS, arg=size["width"])
            turned = page.evaluate(INK)
            assert turned["count"] > 200 and turned["within"]
            assert turned["shape"] == pytest.approx(upright["shape"], rel=0.1), "not stretched"
        assert page.evaluate(INK)["count"] == pytest.approx(upright["count"], rel=0.05), "as large as it was"
        page.set_viewport_size({"width": 740, "height": 360})
        page.wait_for_function(FITS, arg=740)
        stroke(page, ((0.1, 0.1), (0.2, 0.1)))  # beside it, with the phone turned
        page.get_by_role("button", name="退一笔").click()
        page.set_viewport_size(PHONE)
        page.wait_for_function(FITS, arg=PHONE["width"])
        assert page.evaluate(INK)["count"] == pytest.approx(upright["count"], rel=0.05)
        page.get_by_role("button", name="完成签名").click()
        expect(page.get_by_text("已手写签名")).to_be_visible()
        page.go_back()
        expect(page.locator("canvas")).to_have_count(0)
    (cell,) = kept()[before:]
    lines = ink.lines_of(cell)
    assert len(lines) == 2 and max(ink.size_of(lines)) == ink.SIDE
    db.session.rollback()
    drawn = first_page(sheet_copies.file_of(event, Choice(is_masked=False), "zh", "pdf").content)
    assert drawn.cell("张爱国", "签名", width=23).getextrema()[0] < 60
    masked = first_page(sheet_copies.file_of(event, Choice(), "zh", "pdf").content)
    assert masked.cell("张爱国", "签名", width=23).getextrema() == (255, 255)


def test_finger_draws_and_the_page_does_not_scroll(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    with open_page(browser, size=PHONE, has_touch=True, is_mobile=True) as page:
        signed_in(page, server, event)
        finger(page, ZIGZAG)
        finger(page, ((0.5, 0.9), (0.5, 0.1)))  # what would scroll a page
        assert page.evaluate(INK)["count"] > 300 and page.evaluate("scrollY") == 0
        page.get_by_role("button", name="完成签名").click()
        expect(page.get_by_text("已手写签名")).to_be_visible()
    assert len(ink.lines_of(kept()[-1])) == 2


def test_lines_go_back_come_again_and_are_emptied(server: Server, browser: Browser) -> None:
    event, before = asking(kinds=GUEST), len(kept())
    with open_page(browser, size=PHONE) as page:
        signed_in(page, server, event)
        page.get_by_role("button", name="完成签名").click()
        expect(page.get_by_text("请先在框内签名")).to_be_visible()
        stroke(page, ZIGZAG)
        stroke(page, DASH)
        both = page.evaluate(INK)["count"]
        page.get_by_role("button", name="退一笔").click()
        one = page.evaluate(INK)["count"]
        assert 0 < one < both
        page.get_by_role("button", name="恢复").click()
        assert page.evaluate(INK)["count"] == pytest.approx(both, rel=0.02)
        page.get_by_role("button", name="清空").click()
        assert page.evaluate(INK)["count"] == 0
        page.get_by_role("button", name="恢复").click()
        assert 0 < page.evaluate(INK)["count"] < both, "what was emptied by mistake comes again, line by line"
        page.get_by_role("link", name="跳过").click()
        expect(page.locator(".tick")).to_be_visible()
    assert len(kept()) == before


def test_network_that_drops_it_costs_neither_sign_in_nor_signature(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    with open_page(browser, size=PHONE) as page:
        signed_in(page, server, event)
        db.session.rollback()
        assert db.session.query(SignIn).filter_by(event_id=event.id).count() == 1, "before anything is signed"
        stroke(page, ZIGZAG)

        def drop(route: Route) -> None:
            route.abort()

        page.route("**/signature", drop)
        page.get_by_role("button", name="完成签名").click()
        expect(page.get_by_text("签名没有丢")).to_be_visible()
        page.unroute("**/signature", drop)
        expect(page.get_by_text("已手写签名")).to_be_visible(timeout=15_000)
    assert kept()[-1].startswith(ink.MARK)


def test_without_its_script_there_is_a_field(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    with open_page(browser, size=PHONE, java_script_enabled=False) as page:
        signed_in(page, server, event)
        expect(page.locator("canvas")).to_be_hidden()
        page.fill("#typed", "张 爱国")
        page.locator(".submit button").click()
        expect(page.get_by_text("已手写签名")).to_be_visible()
    assert kept()[-1] == "张 爱国"
    with open_page(browser, size=PHONE) as page:
        page.route("**/signature_pad*", lambda route: route.abort())
        signed_in(page, server, event, "陈红")
        expect(page.locator("canvas")).to_be_hidden()
        expect(page.locator("#typed")).to_be_visible()


def test_keyboard_alone_signs(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    with open_page(browser, size=PHONE) as page:
        signed_in(page, server, event)
        page.get_by_role("link", name="改为输入姓名").press("Enter")
        expect(page.locator("canvas")).to_have_count(0)
        page.locator("#typed").focus()
        page.keyboard.type("Zhang Aiguo")
        page.keyboard.press("Enter")
        expect(page.get_by_text("已手写签名")).to_be_visible()
    assert kept()[-1] == "Zhang Aiguo"


def test_station_takes_a_signature_and_returns_to_its_start(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    with open_page(browser, size=TABLET) as page:
        page.goto(f"{origin(server)}/d/{links.make(event.id, 'kiosk', staff_id=None, pin='4711')}")
        here = page.url
        page.fill("#name", "张爱国")
        page.locator(".submit button").click()
        page.get_by_role("link", name="手写签名").click()
        stroke(page, ZIGZAG)
        expect(page).to_have_url(here)
        page.get_by_role("button", name="完成签名").click()
        expect(page.get_by_text("已手写签名")).to_be_visible()
        expect(page.locator("#name")).to_be_visible(timeout=9_000)
        page.go_back()
        expect(page.locator("#name")).to_have_value("")
        assert "张爱国" not in page.content()
    assert kept()[-1].startswith(ink.MARK)


def test_page_stays_small_and_asks_nobody_else(server: Server, browser: Browser) -> None:
    event = asking(kinds=GUEST)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    with open_page(browser, size=PHONE) as page:
        signed_in(page, server, event)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        network.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))
        network.on(
            "Network.loadingFinished",
            lambda told: sizes.update({names[told["requestId"]]: int(told["encodedDataLength"])}),
        )
        page.goto(page.url, wait_until="networkidle")
    assert all(name.startswith(origin(server)) for name in names.values())
    assert any("signature_pad" in name for name in sizes) and 8_000 < sum(sizes.values()) <= 40 * 1024, sizes
