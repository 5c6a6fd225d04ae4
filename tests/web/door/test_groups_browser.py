"""Stories 5 and 6 in a real browser: a class of twenty, one phone, taps counted (docs/stories.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services import tallies
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.browser import open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]

CLASS = "初二(3)班"
DONE = re.compile(r"/group/[0-9a-f]{40}")  # the page of what the group did
PUPILS = tuple(f"{surname}{given}" for surname in "赵钱孙李周" for given in ("明", "丽", "建国", "晓东"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("groups")) as server:
        yield server


class Thumb:
    """Taps, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.tap(selector)


def school_event(**changes: object) -> EventView:
    return make_event(**{"kinds": [{"kind": "student"}], "title": "中小学生质量教育实践", **changes})


def link_for_class(event: EventView, *names: str) -> str:
    roster_writing.write(
        event.id, [RosterRow("student", name, "四棵中学", class_name=CLASS) for name in names], actor="staff:1"
    )
    return links.make(event.id, "group", "王老师", staff_id=None, group_name=CLASS)


def kept_on(page: Page) -> list[str]:
    """Return what the phone keeps: names of cookies and of what is in its storages."""
    stored = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return [*stored, *(str(cookie.get("name")) for cookie in page.context.cookies())]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_class_of_twenty_in_eight_taps_with_a_link(server: Server, browser: Browser, javascript: bool) -> None:
    event = school_event()
    token = link_for_class(event, *PUPILS)
    with open_page(browser, has_touch=True, java_script_enabled=javascript) as page:
        thumb = Thumb(page)
        page.goto(f"{origin(server)}/g/{token}")
        thumb.tap("text=全部到场")
        thumb.tap("label:has-text('赵明')")
        thumb.tap(".person:has-text('赵明') .why__word:has-text('病假')")
        thumb.tap("label:has-text('李建国')")
        thumb.tap(".person:has-text('李建国') .why__word:has-text('事假')")
        thumb.tap("label:has-text('监护人同意')")
        words = f"为{CLASS}签到 18 人" if javascript else f"为{CLASS}签到"
        expect(page.locator(".submit button")).to_have_text(words)
        thumb.tap(".submit button")
        page.wait_for_url(DONE)
        expect(page.locator(".ordinal")).to_contain_text("18/20")
        expect(page.locator("main")).to_contain_text("请假 2 人")
        assert thumb.taps <= 8
        assert not [name for name in PUPILS if name in page.content()], "no name stays on a shared phone"
        if javascript:
            assert kept_on(page) == []
    counts = events.counts(event.id)
    assert (counts.arrived, counts.excused, counts.missing) == (18, 2, 0)
    assert {entry.reason for entry in rosters.entries(event.id) if entry.state == "excused"} == {"病假", "事假"}
    assert tallies.recount() == ()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_pasted_names_in_six_taps_and_one_paste(server: Server, browser: Browser, javascript: bool) -> None:
    event = school_event()
    chat = "\n".join(f"{number}. {name}" for number, name in enumerate(PUPILS, start=1))
    with open_page(browser, has_touch=True, java_script_enabled=javascript) as page:
        thumb = Thumb(page)
        page.goto(f"{origin(server)}/e/{event.code}")
        thumb.tap("text=集体签到")
        thumb.tap("#school")
        page.keyboard.insert_text("四棵中学")
        page.keyboard.press("Tab")  # the keyboard's own "next"
        page.keyboard.insert_text(CLASS)
        thumb.tap("#names")
        page.keyboard.insert_text(chat)
        thumb.tap(".submit button")
        expect(page.locator(".person")).to_have_count(20)
        thumb.tap("label:has-text('监护人同意')")
        expect(page.locator(".submit button")).to_have_text(f"为{CLASS}签到 20 人")
        thumb.tap(".submit button")
        page.wait_for_url(DONE)
        expect(page.locator(".ordinal")).to_have_text("20/20 到齐")
        assert thumb.taps <= 6
        if javascript:
            assert kept_on(page) == []
    assert events.counts(event.id).arrived == 20


def test_a_double_tap_leaves_one_group(server: Server, browser: Browser) -> None:
    event = school_event()
    token = link_for_class(event, *PUPILS[:3])
    with open_page(browser, has_touch=True) as page:
        page.goto(f"{origin(server)}/g/{token}")
        page.tap("text=全部到场")
        page.tap("label:has-text('监护人同意')")
        page.dblclick(".submit button")
        expect(page).to_have_url(DONE)
        expect(page.locator(".ordinal")).to_have_text("3/3 到齐")
    assert events.counts(event.id).arrived == 3


def test_a_double_name_is_asked_about_and_the_count_follows(server: Server, browser: Browser) -> None:
    event = school_event()
    with open_page(browser, has_touch=True) as page:
        page.goto(f"{origin(server)}/e/{event.code}/group")
        page.fill("#school", "四棵中学")
        page.fill("#class_name", CLASS)
        page.fill("#names", "李明 王丽 李明 老师")
        page.tap(".submit button")
        expect(page.locator(".person--marked")).to_have_count(2)
        expect(page.locator(".submit button")).to_have_text(f"为{CLASS}签到 2 人")
        page.tap("label:has-text('监护人同意')")
        page.fill("input[name=name-3]", "赵敏")
        page.tap("label[for=here-2]")
        page.tap("label[for=here-3]")
        page.tap(".submit button")
        page.wait_for_url(DONE)
        expect(page.locator(".ordinal")).to_have_text("4/4 到齐")
    assert events.counts(event.id).arrived == 4


def test_the_head_count_names_the_one_who_is_not_there_until_all_are(server: Server, browser: Browser) -> None:
    event = school_event()
    token = link_for_class(event, "赵明", "李明", "王丽")
    with open_page(browser, has_touch=True) as page:
        page.goto(f"{origin(server)}/g/{token}")
        page.tap("text=全部到场")
        page.tap("label:has-text('监护人同意')")
        page.tap(".submit button")
        page.tap("text=清点人数")
        page.tap("text=全部到场")
        page.tap("label:has-text('李明')")
        expect(page.locator(".tally")).to_have_text("还差 1 人：李×")
        page.tap(".submit button")
        page.wait_for_url("**/count")
        expect(page.locator(".tally")).to_have_text("还差 1 人：李×")
        expect(page.locator(".person").first).to_contain_text("李明")
        page.tap("label:has-text('李明')")
        page.tap(".submit button")
        expect(page.locator("h2.tally")).to_have_text("3/3 到齐")
        page.goto(f"{origin(server)}/g/{token}")  # the card is scanned again on the way back: no consent is asked
        page.tap("text=清点人数")
        page.tap("text=重新清点")
        expect(page.locator(".tally")).to_have_text("还差 3 人：赵×、李×、王×")


def test_a_late_pupil_and_a_wrong_tick_are_put_right(server: Server, browser: Browser) -> None:
    event = school_event()
    token = link_for_class(event, "赵明", "李明", "王丽")
    with open_page(browser, has_touch=True) as page:
        page.goto(f"{origin(server)}/g/{token}")
        page.tap("text=全部到场")
        page.tap("label:has-text('王丽')")
        page.tap(".person:has-text('王丽') .why__word:has-text('病假')")
        page.tap("label:has-text('监护人同意')")
        page.tap(".submit button")
        page.tap("text=更正名单")
        page.tap(".change:has-text('王丽') >> text=已到，签到")
        page.tap(".change:has-text('赵明') >> text=撤销签到")
        page.fill("#name", "孙后来")
        page.tap("text=再签到一人")
        expect(page.locator(".change:has-text('孙后来')")).to_have_count(1)
        page.tap("text=返回")
        expect(page.locator(".ordinal")).to_contain_text("3/4")
    counts = events.counts(event.id)
    assert (counts.arrived, counts.excused, counts.voided) == (3, 0, 1)
    assert tallies.recount() == ()


def test_a_missing_confirmation_keeps_every_tick(server: Server, browser: Browser) -> None:
    event = school_event()
    token = link_for_class(event, "赵明", "李明")
    with open_page(browser, has_touch=True) as page:
        page.goto(f"{origin(server)}/g/{token}")
        page.tap("text=全部到场")
        page.tap("label:has-text('赵明')")
        page.tap(".person:has-text('赵明') .why__word:has-text('其他')")
        page.fill(".person:has-text('赵明') .why__text", "参加比赛")
        page.tap(".submit button")
        expect(page.locator(".field__error")).to_have_text("请先确认这一项。")
        expect(page.locator(".person:has-text('赵明') .why__text")).to_have_value("参加比赛")
        page.tap("label:has-text('监护人同意')")
        page.tap(".submit button")
        page.wait_for_url(DONE)
    assert [entry.reason for entry in rosters.entries(event.id)] == ["参加比赛", None]


def test_a_dead_link_says_nothing(server: Server, browser: Browser) -> None:
    event = school_event()
    token = link_for_class(event, "赵明")
    (link,) = links.list_of(event.id, "group")
    links.revoke(event.id, "group", link.id)
    with open_page(browser) as page:
        answer = page.goto(f"{origin(server)}/g/{token}")
        assert answer is not None and answer.status == 404
        assert CLASS not in page.content()
