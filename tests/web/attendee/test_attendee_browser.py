"""The attendee's stories in a real browser against a real server (docs/product.md 1.1 to 1.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from kiosk.clock import utcnow
from kiosk.services import tallies
from kiosk.services.event import events, notices
from kiosk.services.event.event_views import EventView
from kiosk.services.sign_in import organisations
from tests.aids.browser import open_page, origin
from tests.aids.factories import make_event, open_now_everywhere
from tests.aids.server import HOST, Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("door")) as server:
        notices.ensure_default_notice()
        organisations.add_many(["湖北东贝制冷有限公司", "湖北航天电缆有限公司"], "enterprise")
        yield server


def training(**changes: object) -> EventView:
    return make_event(**{"kinds": [{"kind": "enterprise"}], "venue": "大冶市市场监督管理局三楼报告厅", **changes})


def fill(page: Page, name: str = "王强", mobile: str = "13800138000") -> None:
    page.fill("#name", name)
    page.fill("#enterprise", "湖北东贝制冷有限公司")
    page.fill("#mobile", mobile)


def arrived(event: EventView) -> int:
    return events.counts(event.id).arrived


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("cookies", [True, False], ids=["cookies", "no-cookies"])
def test_code_form_tick(server: Server, browser: Browser, lang: str, javascript: bool, cookies: bool) -> None:
    event = make_event(title_alt="Chief Quality Officer training")
    with open_page(browser, lang=lang, java_script_enabled=javascript, takes_cookies=cookies) as page:
        page.goto(origin(server))
        page.fill("#code", f"{event.code[:3]} {event.code[3:]}".lower())
        page.click("main button")
        page.click(".tile")
        fill(page)
        page.click(".submit button")
        page.wait_for_url("**/done/**")
        expect(page.locator("h1")).to_have_text("王强")
        expect(page.locator(".ordinal")).to_contain_text("第 1 位" if lang == "zh-CN" else "No. 1")
        expect(page.locator("main")).to_contain_text("首席质量官" if lang == "zh-CN" else "Chief Quality Officer")
        assert bool(page.context.cookies()) == cookies
    assert arrived(event) == 1


def fetch(route: Route, headers: dict[str, str]) -> APIResponse:
    """Send the request on; the browser's map of host names does not reach this far."""
    host = urlsplit(route.request.url).netloc
    url = route.request.url.replace(HOST, "127.0.0.1", 1)
    return route.fetch(url=url, headers={**headers, "host": host}, max_redirects=0)


def test_lost_network_is_retried_with_the_same_key_and_loses_nothing(server: Server, browser: Browser) -> None:
    event = training()
    tries: list[str] = []

    def lose(route: Route) -> None:
        tries.append(str(route.request.post_data))
        if len(tries) == 1:
            route.abort("connectionfailed")
        elif len(tries) == 2:
            fetch(route, route.request.headers)  # the server signs in, and its answer is lost
            route.abort("connectionreset")
        else:
            route.continue_()

    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        page.route("**/sign-in", lose)
        fill(page)
        page.click(".submit button")
        expect(page.locator("#network")).to_have_text("网络慢，正在重试，信息没有丢")
        expect(page.locator("#name")).to_have_value("王强")
        page.wait_for_url("**/done/**", timeout=20_000)
        expect(page.locator(".ordinal")).to_contain_text("第 1 位")
    bodies = [body.rpartition("&sent=") for body in tries]  # what it was, and when this try began
    assert len(tries) == 3 and len({body for body, _, _sent in bodies}) == 1
    assert [sent for _body, _, sent in bodies] == sorted({sent for _body, _, sent in bodies})
    assert arrived(event) == 1


def test_a_script_that_did_not_arrive_leaves_an_ordinary_form(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser) as page:
        page.route("**/post.*.js", lambda route: route.abort("connectionfailed"))
        page.goto(f"{origin(server)}/e/{event.code}")
        fill(page)
        page.click(".submit button")
        page.wait_for_url("**/done/**")
    assert arrived(event) == 1


def test_typed_words_survive_a_reload(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        page.fill("#name", "欧阳娜娜")
        page.reload()
        expect(page.locator("#name")).to_have_value("欧阳娜娜")


def test_double_tap_and_back_leave_one_row(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        fill(page)
        page.dblclick(".submit button")
        expect(page).to_have_url(re.compile("/done/"))
        page.goto(f"{origin(server)}/e/{event.code}")
        expect(page.locator(".again")).to_contain_text("您已于")
        expect(page.locator(".ordinal")).to_have_text("第 1 位")
        page.goto(f"{origin(server)}/e/{event.code}?form=1")
        page.click(".other summary")
        fill(page)
        page.click("#sign-in .submit button")
        page.wait_for_url("**/done/**")
        expect(page.locator(".again")).to_contain_text("您已于")
    assert arrived(event) == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_errors_are_summed_up_on_top_and_beside_their_fields(
    server: Server, browser: Browser, javascript: bool
) -> None:
    event = training()
    with open_page(browser, java_script_enabled=javascript) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        page.click("text=为什么需要")
        expect(page.locator("main")).to_contain_text("只用于区分同名的人")
        fill(page, mobile="12345")
        page.click(".submit button")
        expect(page.locator("#errors")).to_be_focused()
        expect(page).to_have_title(re.compile("^错误："))
        expect(page.locator("#mobile-error")).to_be_visible()
        page.click("#errors a >> text=手机号")
        expect(page.locator("#mobile")).to_be_focused()
        expect(page.locator("#name")).to_have_value("王强")
        page.fill("#mobile", "１３８ ００１３ ８０００")
        page.click(".submit button")
        page.wait_for_url("**/done/**")


def test_enterprise_completes_after_two_characters(server: Server, browser: Browser) -> None:
    event = training()
    with open_page(browser) as page:
        page.goto(f"{origin(server)}/e/{event.code}")
        page.locator("#enterprise").press_sequentially("东贝")
        page.click("text=湖北东贝制冷有限公司")
        expect(page.locator("#enterprise")).to_have_value("湖北东贝制冷有限公司")


def test_early_page_becomes_the_form_by_itself(server: Server, browser: Browser) -> None:
    event = training(opens_at=utcnow() + timedelta(seconds=90))
    with open_page(browser) as page:
        page.clock.install()
        page.goto(f"{origin(server)}/e/{event.code}")
        expect(page.locator(".countdown")).to_have_text(re.compile(r"01:[0-3]\d"))
        open_now_everywhere(event)
        page.clock.fast_forward(90_000)  # on the phone the moment has come as well
        expect(page.locator("#sign-in")).to_be_visible(timeout=15_000)


def test_second_person_of_one_name_is_asked_and_signed_in(server: Server, browser: Browser) -> None:
    event = make_event(kinds=[{"kind": "student"}])
    with open_page(browser) as page:
        for answer in ("", "不是，我是另一位"):
            page.goto(f"{origin(server)}/e/{event.code}{'?companion=1' if answer else ''}")
            page.fill("#name", "李明")
            page.fill("#school", "四棵中学")
            page.fill("#class_name", "初二(3)班")
            page.click(".submit button")
            if answer:
                expect(page.locator("h1")).to_contain_text("是您吗")
                page.click(f"text={answer}")
            page.wait_for_url("**/done/**")
        expect(page.locator(".ordinal")).to_contain_text("第 2 位")
    assert arrived(event) == 2


def test_phone_asks_nobody_else_and_stays_small(server: Server, browser: Browser) -> None:
    event = training()
    hosts: set[str] = set()
    sizes: dict[str, int] = {}
    with open_page(browser) as page:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.responseReceived", lambda e: names.__setitem__(e["requestId"], e["response"]["url"]))
        network.on(
            "Network.loadingFinished", lambda e: sizes.__setitem__(names[e["requestId"]], int(e["encodedDataLength"]))
        )
        names: dict[str, str] = {}
        page.on("request", lambda request: hosts.add(str(urlsplit(request.url).hostname)))
        page.goto(f"{origin(server)}/e/{event.code}", wait_until="networkidle")
    assert hosts == {HOST}
    first = sum(size for url, size in sizes.items() if url.endswith(".css") or "/e/" in url)
    assert 2_000 < first <= 14 * 1024, sizes
    assert sum(sizes.values()) <= 40 * 1024, sizes


def test_tallies_equal_the_rows_after_all_stories(server: Server) -> None:
    assert tallies.recount() == ()
