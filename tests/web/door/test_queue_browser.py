"""Two stewards' phones without a network for ten minutes: forty acts each way, nothing lost, nothing doubled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from kiosk.assets import _without_remarks
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, DoorLink, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work, links, ticks
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids import answers
from tests.aids.browser import leave, open_page, origin
from tests.aids.factories import make_event, opens_at
from tests.aids.paths import ROOT
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

ORGANISATION = "湖北东贝制冷有限公司"
PEOPLE = tuple(
    RosterRow("enterprise", f"员工{number:02}", ORGANISATION, mobile=f"138001380{number:02}") for number in range(28)
)
VOIDED_LAST, SIGNED_IN_LAST = "员工00", "员工01"  # here before the network was lost
LONG_AGO = timedelta(hours=2)


@pytest.fixture
def event(server: Server) -> EventView:
    event = make_event(title="首席质量官巡回培训（大冶）", tick_labels=["聘书已发"], kinds=[{"kind": "enterprise"}])
    roster_writing.write(event.id, PEOPLE, actor="staff:1")
    opens_at(event, utcnow() - LONG_AGO)
    return event


@contextmanager
def steward(browser: Browser, server: Server, event: EventView, label: str) -> Iterator[Page]:
    """A phone that has looked everybody up, and has a clock that can be put on."""
    token = links.make(event.id, "steward", label, staff_id=None)
    db.session.execute(update(DoorLink).values(created_at=utcnow() - LONG_AGO))
    db.session.commit()
    with open_page(browser) as page:
        page.clock.install()
        answers.listen(page)
        page.goto(f"{origin(server)}/st/{token}")
        page.fill("#q", "东贝")
        expect(page.locator(".hand")).to_have_count(len(PEOPLE))
        yield page


def go_dark(page: Page) -> None:
    page.context.set_offline(True)


def tap(page: Page, who: str, button: str) -> None:
    """Tap as a hand does, and tap away what is answered, which lies over the rows."""
    row = page.locator(".hand", has_text=who)
    if button == "撤销":
        row.locator("summary").click()
    row.get_by_role("button", name=button, exact=False).first.click()
    answers.read(page)
    answers.wave_away(page)


def unsent(page: Page) -> int:
    words = page.locator("#unsent summary").text_content() or ""
    return int((re.search(r"\d+", words) or ["0"])[0]) if page.locator("#unsent details").is_visible() else 0


def here(event: EventView) -> dict[str, SignIn]:
    db.session.rollback()
    rows = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id, SignIn.has_arrived)).all()
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row for row in rows}


def test_ten_minutes_without_a_network(server: Server, browser: Browser, event: EventView) -> None:
    entries = {entry.name: entry.id for entry in rosters.entries(event.id)}
    with steward(browser, server, event, "小王") as late, steward(browser, server, event, "小李") as early:
        go_dark(late)  # it has not heard that these two have come
        before = Hand("staff:1", at=utcnow() - LONG_AGO / 2)
        for name in (VOIDED_LAST, SIGNED_IN_LAST):
            hand_work.sign_in_entry(event, entries[name], before)
        early.fill("#q", "员工")
        early.fill("#q", "东贝")
        expect(early.locator(".hand--arrived")).to_have_count(2)
        go_dark(early)
        lost_at = utcnow()

        # The first phone: 26 sign-ins, 2 voids, 2 ticks, 10 people who walk in: 40 acts.
        tap(early, SIGNED_IN_LAST, "聘书已发")
        tap(early, VOIDED_LAST, "聘书已发")
        for number in range(2, 28):
            tap(early, f"员工{number:02}", "签到")
        early.clock.fast_forward("03:00")
        tap(early, SIGNED_IN_LAST, "撤销")
        early.fill("#q", "没有此人")
        expect(early.locator("#rows .notice")).to_contain_text("没有网络")
        expect(early.locator(".hand")).to_have_count(0)
        early.get_by_role("button", name="现场登记").click()
        for number in range(10):
            early.fill("#name", f"访客{number}")
            early.fill("#enterprise", "大冶有色")
            early.fill("#mobile", f"1390013900{number}")
            early.click(".submit button")
            answers.read(early)
            answers.wave_away(early)
        early.fill("#q", VOIDED_LAST)  # whom the page has shown already
        expect(early.locator(".hand")).to_have_count(1)
        early.clock.fast_forward("03:00")
        tap(early, VOIDED_LAST, "撤销")
        early.clock.fast_forward("04:00")
        assert unsent(early) == 40

        # The second: the same people, some of them at other times.
        late.clock.fast_forward("04:00")
        tap(late, VOIDED_LAST, "签到")
        late.clock.fast_forward("01:00")
        tap(late, SIGNED_IN_LAST, "签到")
        for number in range(2, 12):
            tap(late, f"员工{number:02}", "签到")
        late.clock.fast_forward("05:00")
        assert unsent(late) == 12

        for page in (late, early):
            page.context.set_offline(False)
            page.clock.run_for(5000)
            expect(page.locator("#unsent details")).to_be_hidden(timeout=30_000)
        arrived = here(event)
        assert len(arrived) == events.counts(event.id).arrived == 37  # 26, one who was signed in again, 10 walk-ins
        assert VOIDED_LAST not in arrived  # at six minutes; signed in by the other phone at four
        assert {f"访客{number}" for number in range(10)} <= arrived.keys()

        expect(early.locator("#unsent")).to_contain_text("之后另有不同操作")  # one of two voids
        assert early.locator("#unsent li").count() == 1
        expect(late.locator("#unsent")).to_be_hidden()

        def waited(row: SignIn) -> float:
            return (row.received_at - row.signed_in_at).total_seconds() / 60

        assert 9.9 < waited(arrived["员工20"]) < 11.5  # the claimed time and the server's own
        again = arrived[SIGNED_IN_LAST].signed_in_at - lost_at
        entries_of_log = db.session.scalars(select(AuditEntry).where(AuditEntry.event_id == event.id)).all()
        claimed = [entry for entry in entries_of_log if "at" in entry.changed and entry.actor.startswith("steward")]
        assert len(claimed) == 52 and all(entry.done_at > lost_at for entry in claimed)
        assert timedelta(minutes=-6) < again < timedelta(), again  # five minutes before the line came back
        void = db.session.scalars(select(SignIn.voided_at).where(SignIn.voided_at.is_not(None))).all()
        assert len(void) == 1 and timedelta(minutes=-6) < void[0] - lost_at < timedelta()
        assert ticks.counts(event.id) == {"聘书已发": 1}
        assert tallies.recount() == ()

        early.locator("#unsent button").click()
        expect(early.locator("#unsent")).to_be_hidden()
        for page in (late, early):
            assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0


def test_a_tap_of_the_dark_can_be_taken_back_before_it_is_sent(
    server: Server, browser: Browser, event: EventView
) -> None:
    with steward(browser, server, event, "小李") as page:
        go_dark(page)
        for who in ("员工05", "员工06"):
            tap(page, who, "签到")
        page.locator("#unsent summary").click()
        page.locator("#unsent li", has_text="员工06").get_by_role("button", name="撤销").click()  # never on its way
        expect(page.locator("#unsent details li")).to_have_count(1)
        page.locator("#unsent li", has_text="员工05").get_by_role("button", name="撤销").click()  # perhaps on its way
        expect(page.locator("#unsent details li")).to_contain_text("发出后随即撤销")
        page.context.set_offline(False)
        page.clock.run_for(5000)
        expect(page.locator("#unsent")).to_be_hidden()
    assert here(event) == {} and events.counts(event.id).voided == 1


def test_what_waits_dies_with_the_link_and_is_said_once(server: Server, browser: Browser, event: EventView) -> None:
    with steward(browser, server, event, "小李") as page:
        go_dark(page)
        for who in ("员工05", "员工06"):
            tap(page, who, "签到")
        links.revoke(event.id, "steward", links.list_of(event.id, "steward")[0].id)
        page.context.set_offline(False)
        page.clock.run_for(5000)
        expect(page.locator("h1")).to_have_text("此链接已失效")
        expect(page.locator("#lost li")).to_have_text(["为员工05签到", "为员工06签到"])
        assert page.evaluate("() => localStorage.length") == 0
        page.reload()
        expect(page.locator("#lost")).to_be_hidden()
    assert here(event) == {}


def test_what_waits_outlives_a_lost_cookie(server: Server, browser: Browser, event: EventView) -> None:
    """In-app browsers lose cookies; whoever scans the link's code again sends what they did."""
    with steward(browser, server, event, "小李") as page:
        cookies = page.context.cookies()
        go_dark(page)
        tap(page, "员工05", "签到")
        page.context.clear_cookies()
        page.context.set_offline(False)
        page.clock.run_for(5000)
        expect(page.locator("h1")).to_have_text("此链接已失效")
        assert here(event) == {} and page.evaluate("() => localStorage.length") == 1
        page.context.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto(f"{origin(server)}/steward/{event.code}")
        expect(page.locator("#counts")).to_contain_text("到场 1")
        expect(page.locator("#unsent")).to_be_hidden()
    assert here(event).keys() == {"员工05"}


def test_what_waits_for_one_link_is_not_sent_by_another_and_says_so(
    server: Server, browser: Browser, event: EventView
) -> None:
    with steward(browser, server, event, "小李") as page:
        go_dark(page)
        tap(page, "员工05", "签到")
        token = links.make(event.id, "steward", "小王", staff_id=None)
        leave(page)
        other = page.context.new_page()
        page.context.set_offline(False)
        other.goto(f"{origin(server)}/st/{token}")
        expect(other.locator("#unsent li")).to_contain_text("为员工05签到")
        expect(other.locator("#unsent")).to_contain_text("请核对：1 条")
    assert here(event) == {}


@pytest.mark.parametrize("path", ["", "/camera"])
def test_the_scripts_of_a_steward_s_page_are_at_most_12_kilobytes_together(
    server: Server, browser: Browser, event: EventView, path: str
) -> None:
    with steward(browser, server, event, "小李") as page:
        page.goto(f"{origin(server)}/steward/{event.code}{path}")
        ours = page.evaluate("() => [...document.scripts].map(one => one.src).filter(src => !src.includes('vendor'))")
    names = [re.sub(r"\.[0-9a-f]{12}\.js$", ".js", src.partition("/static/")[2]) for src in ours]
    sizes = {name: len(_without_remarks((ROOT / "static" / name).read_bytes())) for name in names}
    assert "js/queue.js" in sizes and sum(sizes.values()) <= 12 * 1024, sizes
