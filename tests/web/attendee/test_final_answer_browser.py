"""The last word of a phone without a network: six characters to say, and what was typed as a QR code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from kiosk.assets import _without_remarks
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.codes import ALPHABET, new_ticket
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids import answers
from tests.aids.browser import PHONE, context, open_page, origin
from tests.aids.factories import make_event
from tests.aids.paths import ROOT
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

LONGEST = (
    "湖北省黄石市经济技术开发区铁山区黄金山新区东贝制冷科技股份有限公司"
    "压缩机智能制造与检验检测技术研究中心第二分公司质量一部"
)
NAME = "䶮䶮𠮷"
MOBILE = "13800138000"


def make(**changes: object) -> EventView:
    return make_event(**{"kinds": [{"kind": "enterprise"}], **changes})


def rows(event: EventView) -> list[SignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(SignIn).where(SignIn.event_id == event.id).order_by(SignIn.id)))


@contextmanager
def stuck(browser: Browser, server: Server, event: EventView, **typed: str) -> Iterator[Page]:
    """A phone whose network has been lost for a minute of its clock."""
    with context(browser, device_scale_factor=3) as made:
        page = made.new_page()
        page.clock.install()
        page.goto(f"{origin(server)}/e/{event.code}")
        for name, value in typed.items():
            page.fill(f"#{name}", value)
        expect(page.locator("script#final")).to_have_count(1)
        page.wait_for_load_state("networkidle")
        made.set_offline(True)
        page.click(".submit button")
        for _second in range(20):
            if page.locator(".final").count():
                break
            page.clock.fast_forward(8000)
            page.wait_for_timeout(100)
        yield page


def screen(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("L")


def seen_from_afar(page: Page) -> Image.Image:
    """What another phone's camera makes of it: a fifth of the size, blurred and skewed."""
    whole = screen(page)
    assert whole.size == (PHONE["width"] * 3, PHONE["height"] * 3)
    small = whole.resize((whole.width // 5, whole.height // 5), Image.Resampling.BILINEAR)
    width, height = small.size
    corners = (0, 0, 6, height, width - 4, height - 8, width, 5)
    skewed = small.transform(small.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR, fillcolor=128)
    return skewed.filter(ImageFilter.GaussianBlur(0.8))


def carried(page: Page, picture: Image.Image) -> str:
    (code,) = zxingcpp.read_barcodes(picture)
    assert "#" in code.text
    return code.text


def test_the_longest_answers_are_read_small_blurred_and_askew_and_sign_in_once(
    server: Server, browser: Browser
) -> None:
    assert len(LONGEST) == 60
    event = make()
    with stuck(browser, server, event, name=NAME, enterprise=LONGEST, job_title="首席质量官", mobile=MOBILE) as page:
        expect(page.locator(".final__code")).to_have_text(f"{said(page)[:3]} {said(page)[3:]}")
        assert set(said(page)) <= set(ALPHABET) and len(said(page)) == 6
        expect(page.locator(".final__qr svg")).to_be_visible()
        page.locator(".final__qr svg").scroll_into_view_if_needed()
        address = carried(page, seen_from_afar(page))
        asked: list[str] = []
        with open_page(browser) as steward:
            steward.on("request", lambda request: asked.append(request.url))
            steward.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
            steward.goto(address)
            expect(steward.locator("#name")).to_have_value(NAME)
            expect(steward.locator("#enterprise")).to_have_value(LONGEST)
            expect(steward.locator("#mobile")).to_have_value(MOBILE)
            assert rows(event) == [] and "#" not in steward.url  # no history has it, and nothing is sent without a tap
            steward.click(".submit button")
            steward.wait_for_url("**/done/**")
            steward.goto(f"{origin(server)}/e/{event.code}")
            expect(steward.locator("#name")).to_be_visible()  # it is nobody's own phone: no tick, no "use it again"
            expect(steward.locator(".known")).to_have_count(0)
            assert steward.evaluate("() => localStorage.length") == 0
        assert not any("首席" in url or "%E9%A6%96" in url or "13800" in url for url in asked)
        (row,) = rows(event)
        assert (row.name, row.organisation_name, row.mobile) == (NAME, LONGEST, MOBILE)
        page.context.set_offline(False)  # the phone's own retry
        page.clock.run_for(9000)
        page.wait_for_url("**/done/**")
        expect(page.locator("h1")).to_have_text(NAME)
    assert len(rows(event)) == 1


def said(page: Page) -> str:
    return page.locator("#sign-in").get_attribute("data-spoken") or ""


def test_story_3_the_steward_types_the_code_and_finds_the_sign_in_or_hears_that_it_has_not_arrived(
    server: Server, browser: Browser
) -> None:
    event = make(kinds=[{"kind": "guest"}])
    with open_page(browser) as steward, stuck(browser, server, event, name="张爱国") as page:
        code = said(page)
        answers.listen(steward)
        steward.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        steward.fill("#q", f"{code[:3].lower()} {code[3:].lower()}")
        expect(steward.locator(".hands__none")).to_contain_text("还没有到")
        steward.get_by_role("button", name="现场登记").click()
        expect(steward.locator("#name")).to_have_value("")
        steward.fill("#name", "张爱国")
        steward.click(".submit button")
        answers.read(steward, "签到成功")
        (row,) = rows(event)
        page.context.set_offline(False)
        page.clock.run_for(9000)
        page.wait_for_url("**/done/**")  # a guest without a mobile: nothing but the code says who it is
        expect(page.locator(".again")).to_contain_text("您已于")
        assert [one.id for one in rows(event)] == [row.id]
        steward.fill("#q", code)
        expect(steward.locator(".hand")).to_contain_text("张爱国")


def test_the_code_finds_what_has_arrived_although_its_answer_was_lost(server: Server, browser: Browser) -> None:
    event = make(kinds=[{"kind": "guest"}])
    with open_page(browser) as page, open_page(browser) as steward:
        page.goto(f"{origin(server)}/e/{event.code}")
        code = said(page)
        page.fill("#name", "张爱国")
        page.click(".submit button")
        page.wait_for_url("**/done/**")
        steward.goto(f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
        steward.fill("#q", code)
        expect(steward.locator(".hand")).to_contain_text("张爱国")


HOSTILE = (
    *("", "#", "#x.00065", "#{ticket}", "#{ticket}.0006", "#{ticket}.99999", "#{ticket}.00000"),
    "#{ticket}." + "00065" * 1501,
    "#{ticket}." + "00010".join(["00065"] * 9),
)


def test_nothing_but_an_address_of_its_shape_fills_the_form(server: Server, browser: Browser) -> None:
    event = make()
    ticket = new_ticket(event.id).token
    with open_page(browser) as page:
        for fragment in HOSTILE:
            page.goto("about:blank")
            page.goto(f"{origin(server)}/e/{event.code}/carried{fragment.replace('{ticket}', ticket)}")
            expect(page.locator("#carried-none")).to_be_visible()
            expect(page.locator("#name")).to_be_hidden()
        markup = "".join(f"{ord(letter):05}" for letter in "<img src=x onerror=alert(1)>\n东贝")
        page.goto("about:blank")
        page.goto(f"{origin(server)}/e/{event.code}/carried#{ticket}.{markup}")
        expect(page.locator("#name")).to_have_value("<img src=x onerror=alert(1)>")
        assert page.locator("main img").count() == 0
    assert rows(event) == []


def test_outside_the_hours_and_without_a_kind_it_is_the_usual_page(server: Server, browser: Browser) -> None:
    late, early, both = (
        make(),
        make(opens_at=utcnow() + timedelta(hours=1)),
        make(kinds=[{"kind": "guest"}, {"kind": "student"}]),
    )
    events.close(late.code)
    with open_page(browser) as page:
        for event in (late, early):
            page.goto(f"{origin(server)}/e/{event.code}/carried")
            expect(page.locator(".message")).to_be_visible()
        page.goto(f"{origin(server)}/e/{both.code}/carried")
        expect(page.locator(".tiles")).to_be_visible()
        page.goto(f"{origin(server)}/e/{both.code}/carried?kind=guest")
        expect(page.locator("#carried-none")).to_be_visible()


def test_with_all_that_is_shown_at_last_a_phone_s_page_stays_small(server: Server, browser: Browser) -> None:
    event = make()
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    with open_page(browser) as page:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.responseReceived", lambda e: names.__setitem__(e["requestId"], e["response"]["url"]))
        network.on(
            "Network.loadingFinished", lambda e: sizes.__setitem__(names[e["requestId"]], int(e["encodedDataLength"]))
        )
        page.goto(f"{origin(server)}/e/{event.code}", wait_until="networkidle")
        assert not any("lean-qr" in url or "final" in url for url in sizes)  # not before somebody begins
        page.focus("#name")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
    assert any("lean-qr" in url for url in sizes) and sum(sizes.values()) <= 40 * 1024, sizes
    ours = [url.partition("/static/")[2].rpartition(".")[0].rpartition(".")[0] for url in sizes if "/static/js/" in url]
    assert sum(len(_without_remarks((ROOT / "static" / f"{name}.js").read_bytes())) for name in ours) <= 12 * 1024
