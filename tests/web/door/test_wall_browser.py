"""The public wall in a real browser, as it hangs in a hall for hours: alive, still, honest about its age, soon dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import utcnow
from kiosk.services.door import corrections, links
from kiosk.services.event import campaigns
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import PORTRAIT, TABLET, WALL, open_page, origin
from tests.aids.factories import enterprise, guest, make_event, sign_in, student
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
DARK_WITHIN = 15_000  # milliseconds after a revocation
LONG = "湖北省黄石市大冶市新型工业化高质量发展检验检测认证认可公共服务平台（集团）股份有限责任公司黄石经济技术开发区"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("wall")) as server:
        yield server


def show(page: Page, server: Server, event: EventView, query: str = "") -> None:
    """Open the wall by a device link of its own."""
    page.goto(f"{origin(server)}/d/{links.make(event.id, 'wall', staff_id=None)}{query}")
    page.wait_for_url(f"**/events/{event.code}/wall*")


def test_12_the_hall_at_the_opening(server: Server, browser: Browser) -> None:
    ceremony = campaigns.create(campaigns.CampaignDraft(title="2024年黄石市质量月"))
    event = make_event(title="启动仪式", campaign_id=ceremony.id, starts_at=utcnow() - timedelta(minutes=1))
    with open_page(browser, size=WALL) as page:
        page.context.clear_cookies()  # no account, a link alone
        show(page, server, event)
        expect(page.locator(".wall__campaign")).to_have_text("2024年黄石市质量月")
        expect(page.locator("#arrived")).to_have_text("0")
        # People come; the wall follows by itself, with counts, organisations and surnames.
        first = sign_in(event, enterprise("王强强", job_title="质量部长"))
        sign_in(event, guest("张三"))
        sign_in(event, student("李明"))  # a pupil of 13: counted, and nothing else
        expect(page.locator("#arrived")).to_have_text("3")
        assert page.locator(".wall__organisations li").all_inner_texts() == ["湖北东贝制冷有限公司"]
        assert page.locator(".wall__names li").all_inner_texts() == ["张*", "王*"]
        for never in ("王强", "张三", "13800138000", "8000", "部长", "李", "四棵中学", "初二"):
            assert never not in page.inner_text("main")
        # Red and gold, and the count is the largest thing in the room.
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red, green, blue = (int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(","))
        assert red > 100 and green < 60 and blue < 60
        sizes = page.evaluate(SIZES)
        assert sizes["arrived"] > 3 * sizes["most"]
        # Who is taken back leaves the wall as well.
        corrections.void(first.sign_in_id, staff_id=None, reason="")
        expect(page.locator(".wall__names li")).to_have_text(["张*"])
        # Nothing can be tapped but the hint about the screen's own settings.
        assert page.locator("main a, main button, main input, main form").count() == 0


SIZES = """() => {
  const size = one => parseFloat(getComputedStyle(one).fontSize);
  const others = [...document.querySelectorAll(".display *")].filter(one => one.id !== "arrived");
  return {arrived: size(document.querySelector("#arrived")), most: Math.max(...others.map(size))};
}"""


NEW = """() => {
  const [one, ...others] = document.querySelectorAll(".wall__names li.is-new");
  return one && !others.length && [one.innerText, getComputedStyle(one).animationName];
}"""


def test_revoked_wall_goes_dark_by_itself(server: Server, browser: Browser) -> None:
    event = make_event(title="启动仪式")
    sign_in(event, enterprise("王强强"))
    with open_page(browser, size=WALL) as page:
        show(page, server, event)
        expect(page.locator(".wall__names li")).to_have_count(1)
        links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
        expect(page.locator(".wall__part")).to_have_count(0, timeout=DARK_WITHIN)
        assert event.title not in page.content() and "王*" not in page.content()


def test_wall_says_that_it_is_old_and_heals_by_itself(server: Server, browser: Browser) -> None:
    event = make_event()
    with open_page(browser, size=WALL) as page:
        show(page, server, event)
        expect(page.locator("#stale")).to_be_hidden()
        page.route("**/wall/part*", lambda route: route.abort())
        expect(page.locator("#stale")).to_contain_text("连接中断", timeout=15_000)
        expect(page.locator("#stale")).to_be_visible()
        server.restart()
        page.unroute("**/wall/part*")
        sign_in(event, enterprise())
        expect(page.locator("#arrived")).to_have_text("1", timeout=15_000)
        expect(page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_only_what_is_new_moves_and_nothing_where_motion_is_unwanted(
    server: Server, browser: Browser, motion: str
) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    with open_page(browser, size=WALL, reduced_motion=motion) as page:
        show(page, server, event)
        sign_in(event, guest("张三"))
        name, moves = page.wait_for_function(NEW).json_value()  # both at one look: at the next it is not new any more
        assert name == "张*" and (moves == "none") == (motion == "reduce")
        expect(page.locator(".wall__names li.is-new")).to_have_count(0)  # at the next look it stood there already
        expect(page.locator(".wall__names li")).to_have_count(2)


def test_wall_without_scripts_loads_anew_by_itself(server: Server, browser: Browser) -> None:
    event = make_event()
    with open_page(browser, size=WALL, java_script_enabled=False) as page:
        show(page, server, event)
        assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "15"


@pytest.mark.parametrize("title", ["质量" * 10, "质量" * 16, LONG], ids=["plain", "long", "longest"])
@pytest.mark.parametrize("size", [WALL, PORTRAIT], ids=["wall", "portrait"])
def test_page_full_of_short_names_fits_beside_the_highest_header(
    server: Server, browser: Browser, size: dict[str, int], title: str
) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="2024年黄石市质量月"))
    begun = utcnow() - timedelta(minutes=1)
    event = make_event(title=title, title_alt=title, venue=LONG, campaign_id=campaign.id, starts_at=begun)
    for at in range(10):
        sign_in(event, guest(f"欧阳强{at}"))
    organisations = [f"湖北第{at}制冷集团有限公司"[-13:] for at in range(10, 42)]
    for at, organisation in enumerate(organisations):
        sign_in(event, enterprise(f"王强{at}", organisation_name=organisation, mobile=f"138001380{at:02}"))
    with open_page(browser, size=size) as page:  # type: ignore[arg-type]
        show(page, server, event)
        expect(page.locator(".wall__organisations li")).to_have_count(16)
        whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [size["width"], size["height"]]


@pytest.mark.parametrize("size", [WALL, TABLET, PORTRAIT], ids=["wall", "tablet", "portrait"])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_four_hundred_missing_organisations_fit_page_by_page(
    server: Server, browser: Browser, size: dict[str, int], lang: str
) -> None:
    event = make_event(title=LONG, title_alt=LONG, venue=LONG, starts_at=utcnow() + timedelta(minutes=10))
    rows = [RosterRow("enterprise", f"王{at}强", LONG if at % 3 else f"第{at}公司") for at in range(12)]
    longest = [RosterRow("enterprise", f"王{at}强", f"{LONG}{at}") for at in range(400)]
    roster_writing.write(event.id, [*longest, *rows], actor="staff:1")
    with open_page(browser, size=size, lang=lang) as page:  # type: ignore[arg-type]
        show(page, server, event)
        expect(page.locator("#missing")).to_have_text("405")
        before = page.inner_text(".wall__organisations")
        expect(page.locator(".wall__organisations")).not_to_have_text(before, timeout=25_000)  # it turns the page
        whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [size["width"], size["height"]]
