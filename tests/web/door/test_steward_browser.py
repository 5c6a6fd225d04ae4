"""The steward's stories (docs/stories.md, 4 and 8) in a real browser, and what a lost network does to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.door import links, ticks
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.answers import Answer
from tests.aids.browser import TABLET, leave, log_in, open_page, origin
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.server import HOST, Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
ROSTER = (
    RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000"),
    RosterRow("enterprise", "王强", CABLE, mobile="13700137000"),
    RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000"),
)
# What the phone does that no picture shows, written down instead of done.
LISTEN = """
    window.buzzes = []; window.tones = [];
    Object.defineProperty(navigator, "vibrate", { value: (pattern) => { window.buzzes.push(pattern); return true; } });
    const sound = AudioParam.prototype.setValueAtTime;
    AudioParam.prototype.setValueAtTime = function (pitch, at) {
        window.tones.push(pitch);
        return sound.call(this, pitch, at);
    };
"""


@dataclass(frozen=True)
class Steward:
    """A steward's own phone at one event's door."""

    page: Page
    event: EventView

    def search(self, words: str) -> None:
        self.page.fill("#q", words)

    def tap(self, where: str, word: str) -> None:
        self.page.locator(".hand", has_text=where).get_by_role("button", name=word, exact=False).first.click()

    def screen_says(self, *words: str) -> Answer:
        return answers.read(self.page, *words)

    def unsent(self, count: int) -> None:
        if count:
            expect(self.page.locator("#unsent summary")).to_have_text(f"待发出：{count} 条")
        else:
            expect(self.page.locator("#unsent")).to_be_hidden()


def send_on(route: Route) -> None:
    """Let the server have it; the browser's map of host names does not reach this far."""
    url = route.request.url
    headers = {**route.request.all_headers(), "host": urlsplit(url).netloc}
    assert route.fetch(url=url.replace(HOST, "127.0.0.1", 1), headers=headers).status == 200


@pytest.fixture
def event(server: Server) -> EventView:
    event = make_event(title="首席质量官巡回培训（大冶）", tick_labels=["聘书已发"])
    roster_writing.write(event.id, ROSTER, actor="staff:1")
    return event


def address(server: Server, event: EventView) -> str:
    return f"{origin(server)}/st/{links.make(event.id, 'steward', '小李', staff_id=None)}"


@pytest.fixture
def steward(server: Server, browser: Browser, event: EventView) -> Iterator[Steward]:
    """A phone that has just scanned the steward's QR."""
    with open_page(browser) as page:
        page.add_init_script(LISTEN)
        answers.listen(page)
        page.goto(address(server, event))
        expect(page).to_have_url(f"{origin(server)}/steward/{event.code}")
        yield Steward(page, event)


def arrived(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).arrived


def test_story_8_a_temporary_volunteer_works_the_door_on_an_own_phone(steward: Steward) -> None:
    """Sees only this event, finds by pinyin, signs in with one tap, is told in every way, and undoes it."""
    page = steward.page
    expect(page.locator("h1")).to_have_text("首席质量官巡回培训（大冶）")
    expect(page.locator(".hand")).to_have_count(0)

    steward.search("wq")  # two of one name stand side by side with their organisations
    expect(page.locator(".hand")).to_have_count(2)
    expect(page.locator(".hand__where")).to_have_text([DONGBEI, CABLE])
    expect(page.locator(".hand").first).to_contain_text("138****8000")

    steward.tap(CABLE, "签到")
    answer = steward.screen_says("签到成功", "王强", "第 1 位")
    assert (answer.size, answer.colour) == ((360, 740), "rgb(23, 102, 61)")
    assert page.evaluate("() => [window.buzzes, window.tones]") == [[[80]], [880]]
    expect(page.locator("#counts")).to_contain_text("到场 1")
    assert arrived(steward.event) == 1
    expect(page.locator(".answer__toast")).to_be_visible()  # a second later

    page.locator(".answer__toast button").click()
    steward.screen_says("已撤销签到")
    assert arrived(steward.event) == 0
    expect(page.locator(".hand", has_text=CABLE)).to_contain_text("未到")


def test_story_8_a_second_tap_says_the_first_time_in_another_colour_and_sound(steward: Steward) -> None:
    page = steward.page
    steward.search("李娜")
    expect(page.locator(".hand")).to_have_count(1)
    sign_in(steward.event, enterprise("李娜", mobile="13900139000"))  # by her own phone, meanwhile
    steward.tap("李娜", "签到")
    assert steward.screen_says("已签到", "重复").colour == "rgb(138, 75, 0)"
    assert page.evaluate("() => [window.buzzes.length, window.tones]") == [1, [440, 440]]
    assert arrived(steward.event) == 1


def test_story_4_an_observer_of_68_holds_nothing_at_all(steward: Steward) -> None:
    """The steward enters the name; no organisation is asked for; the letter of appointment is ticked in the row."""
    page = steward.page
    page.get_by_role("link", name="现场登记").click()
    page.get_by_role("link", name="来宾").click()
    page.fill("#name", "张爱国")
    page.fill("#identity", "市民质量观察员")
    page.click(".submit button")
    steward.screen_says("签到成功", "张爱国", "第 1 位")
    answers.wave_away(page)

    steward.search("zag")
    steward.tap("张爱国", "聘书已发")
    steward.screen_says("聘书已发", "张爱国")
    expect(page.locator(".button--on")).to_have_text("聘书已发")
    assert ticks.counts(steward.event.id) == {"聘书已发": 1}


def test_story_8_excused_replaced_and_corrected(steward: Steward) -> None:
    page, event = steward.page, steward.event
    steward.search("李娜")
    page.locator(".hand summary").click()
    page.fill("[name=reason]", "出差")
    page.get_by_role("button", name="记为请假").click()
    steward.screen_says("已请假", "李娜")
    expect(page.locator(".hand")).to_contain_text("已请假：出差")

    answers.wave_away(page)
    page.locator(".hand summary").click()
    page.get_by_role("link", name="他人替会").click()
    expect(page.locator("#enterprise")).to_have_value(DONGBEI)
    page.fill("#name", "赵敏")
    page.click(".submit button")
    steward.screen_says("签到成功", "赵敏")
    answers.wave_away(page)
    steward.search("赵敏")
    expect(page.locator(".hand")).to_contain_text("代李娜")

    page.locator(".hand summary").click()
    page.get_by_role("link", name="更正").click()
    page.fill("#name", "赵闵")
    page.click(".submit button")
    steward.screen_says("已更正", "赵闵")
    db.session.rollback()
    counts = events.counts(event.id)
    assert (counts.replaced, counts.excused, counts.missing, counts.arrived) == (1, 0, 2, 1)


def test_story_8_without_a_network_it_says_what_was_not_sent_and_sends_it_by_itself(steward: Steward) -> None:
    page, event = steward.page, steward.event
    steward.search("王强")
    expect(page.locator(".hand")).to_have_count(2)
    page.context.set_offline(True)
    steward.tap(DONGBEI, "签到")
    steward.screen_says("已存在本机", "没有网络")
    steward.unsent(1)
    expect(page.locator("#unsent li")).to_contain_text("为王强签到")
    expect(page.locator(".hand", has_text=DONGBEI).locator(".hand__name")).to_have_attribute("data-waits", "待发出")
    answers.wave_away(page)
    steward.tap(DONGBEI, "签到")  # the same tap again waits once
    steward.screen_says("已存在本机")
    steward.unsent(1)
    answers.wave_away(page)
    steward.tap(CABLE, "签到")
    steward.unsent(2)

    assert arrived(event) == 0
    page.context.set_offline(False)
    steward.screen_says("已发出 2 条")
    steward.unsent(0)
    expect(page.locator("#counts")).to_contain_text("到场 2")
    assert arrived(event) == 2
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0


def test_story_8_a_tap_whose_answer_was_lost_is_sent_again_with_its_key_and_counts_once(steward: Steward) -> None:
    page, event = steward.page, steward.event
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(parse_qs(str(route.request.post_data))["key"][0])
        if len(keys) == 1:
            send_on(route)
            route.abort("connectionreset")  # the server has signed in, its answer is lost
        else:
            route.continue_()

    steward.search("李娜")
    expect(page.locator(".hand")).to_have_count(1)
    page.route("**/sign_in", lose)
    steward.tap("李娜", "签到")
    steward.unsent(1)
    steward.screen_says("已发出 1 条")
    steward.unsent(0)
    assert len(keys) == 2 and keys[0] == keys[1] and arrived(event) == 1


def test_story_8_what_waits_survives_a_closed_tab_and_the_walk_in_that_was_typed_is_not_lost(
    server: Server, steward: Steward
) -> None:
    page, event = steward.page, steward.event
    page.get_by_role("link", name="现场登记").click()
    page.get_by_role("link", name="来宾").click()
    page.fill("#name", "张爱国")
    page.context.set_offline(True)
    page.click(".submit button")
    steward.screen_says("已存在本机")
    expect(page.locator("#name")).to_have_value("")  # for the next one
    expect(page.locator("#unsent li")).to_contain_text("张爱国")
    leave(page)  # the tab, and with it all that its memory holds
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{origin(server)}/steward/{event.code}")
    expect(again.locator("#counts")).to_contain_text("到场 1")
    expect(again.locator("#unsent")).to_be_hidden()
    assert arrived(event) == 1 and again.evaluate("() => localStorage.length") == 0


def test_story_8_the_rights_die_at_once_when_the_link_is_taken_back(steward: Steward) -> None:
    page, event = steward.page, steward.event
    steward.search("李娜")
    expect(page.locator(".hand")).to_have_count(1)
    links.revoke(event.id, "steward", links.list_of(event.id, "steward")[0].id)
    steward.tap("李娜", "签到")
    expect(page.locator("h1")).to_have_text("此链接已失效")
    assert "李娜" not in page.content() and arrived(event) == 0


def test_story_8_works_without_a_script(server: Server, browser: Browser, event: EventView) -> None:
    with open_page(browser, java_script_enabled=False) as page:
        page.goto(address(server, event))
        page.fill("#q", "1390")
        page.fill("#q", "9000")
        page.click(".find button")
        page.get_by_role("button", name="为李娜签到").click()
        expect(page.locator(".answer__screen")).to_contain_text("签到成功")
        expect(page.locator("#counts")).to_contain_text("到场 1")
        page.locator(".answer__toast button").click()
        expect(page.locator(".answer__screen")).to_contain_text("已撤销签到")
    assert arrived(event) == 0


def test_the_dashboard_s_search_finds_who_is_missing_and_signs_them_in(
    server: Server, browser: Browser, event: EventView
) -> None:
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/dashboard")
        page.fill("#q", "李娜")
        page.get_by_role("button", name="为李娜签到").click()
        expect(page.locator(".toast")).to_contain_text("签到成功")
        expect(page.locator("#hand-region .hand")).to_have_count(0)
        expect(page.locator("#latest-region .person")).to_have_count(1)
        expect(page.locator("#arrived")).to_have_text("1")
        page.locator(".toast button").click()
        expect(page.locator("#hand-region .hand")).to_contain_text("李娜")
    assert arrived(event) == 0


def test_tallies_equal_the_rows_after_all_stories(server: Server) -> None:
    assert tallies.recount() == ()
