"""Two tablets on different workers and a phone between them: what the phone does, both show, without a reload."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from tests.aids.browser import PORTRAIT, TABLET, context, log_in, open_page, origin
from tests.aids.factories import make_event
from tests.aids.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.alone]
WITHIN = 1_000  # ms: docs/look.md and the issue ask for a second
ESTABLISHED = "01"
TRIES = 30


def connections(server: Server) -> dict[int, int]:
    """Return how many connections each worker holds, by process id."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == server.port and fields[3] == ESTABLISHED:
            sockets.add(f"socket:[{fields[9]}]")
    held = {}
    for worker in server.workers():
        links = (str(link.readlink()) for link in Path(f"/proc/{worker}/fd").iterdir() if link.is_symlink())
        held[worker] = sum(link in sockets for link in links)
    return held


def worker_of_the_only_stream(server: Server) -> int:
    """Return the worker that holds the one connection left when idle ones have been hung up."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        held = connections(server)
        if sum(held.values()) == 1:
            return next(worker for worker, count in held.items() if count)
        time.sleep(0.1)
    raise AssertionError(f"more than a stream is open: {connections(server)}")


def wait_until_live(page: Page, timeout: float = 10_000) -> None:
    expect(page.locator("#light")).to_have_attribute("data-state", "live", timeout=timeout)


def open_on_different_workers(server: Server, first: Page, second: Page, event: EventView) -> None:
    """Open the dashboard on both pages until each worker streams to one of them."""
    first.goto(f"{origin(server)}/events/{event.code}/dashboard")
    wait_until_live(first)
    own = worker_of_the_only_stream(server)
    for _ in range(TRIES):
        second.goto(f"{origin(server)}/events/{event.code}/dashboard")
        wait_until_live(second)
        if any(count for worker, count in connections(server).items() if worker != own) and is_settled(server, own):
            return
        second.goto("about:blank")
    raise AssertionError("the kernel gave both tablets to one worker")


def is_settled(server: Server, own: int) -> bool:
    """Say whether, with the idle connections gone, the other worker holds the second stream."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        held = connections(server)
        if sum(held.values()) == 2:
            return held[own] == 1
        time.sleep(0.1)
    return False


def sign_in(page: Page, server: Server, event: EventView, name: str, mobile: str) -> None:
    page.goto(f"{origin(server)}/e/{event.code}?kind=enterprise&companion=1")
    page.fill("#name", name)
    page.fill("#enterprise", "湖北东贝制冷有限公司")
    page.fill("#mobile", mobile)
    page.click(".submit button")
    page.wait_for_url("**/done/**")


def shows(page: Page, count: int, name: str) -> None:
    """Expect number, ring, bars and list to tell of the latest arrival within a second."""
    expect(page.locator("#arrived")).to_have_text(str(count), timeout=WITHIN)
    expect(page.locator("#latest-region li").first).to_contain_text(name, timeout=WITHIN)
    expect(page.locator(".ring__arc").first).to_have_attribute("stroke-dasharray", re.compile(r"^[1-9]"))
    expect(page.locator("#breakdown-region")).to_contain_text(re.compile(rf"企业代表\s*{count}"), timeout=WITHIN)


def test_address_form_tick_and_both_tablets_rise_together(server: Server, browser: Browser) -> None:
    event = make_event(capacity=20)
    with (
        context(browser, size=TABLET) as one,
        context(browser, size=PORTRAIT) as two,
        open_page(browser) as phone,
    ):
        tablets = [one.new_page(), two.new_page()]
        for tablet in tablets:
            log_in(tablet, server)
        open_on_different_workers(server, *tablets, event)
        loads: list[str] = []
        for tablet in tablets:
            tablet.on("load", lambda page: loads.append(page.url))
        for count, name in enumerate(["王强", "李娜", "张爱国"], start=1):
            sign_in(phone, server, event, name, f"1380013800{count}")
            for tablet in tablets:
                shows(tablet, count, name)

        server.restart()
        for tablet in tablets:
            wait_until_live(tablet, timeout=15_000)
        sign_in(phone, server, event, "赵敏", "13800138009")
        for tablet in tablets:
            shows(tablet, 4, "赵敏")
        assert loads == []
    assert tallies.recount() == ()


def test_killed_worker_costs_a_tablet_nothing_but_a_moment(server: Server, browser: Browser) -> None:
    event = make_event()
    with context(browser, size=TABLET) as made, open_page(browser) as phone:
        tablet = made.new_page()
        log_in(tablet, server)
        tablet.goto(f"{origin(server)}/events/{event.code}/dashboard")
        wait_until_live(tablet)
        for worker in server.workers():
            server.kill(worker, signal.SIGKILL)
        sign_in(phone, server, event, "王强", "13800138000")
        expect(tablet.locator("#arrived")).to_have_text("1", timeout=10_000)


def test_sign_in_is_taken_back_and_given_again_from_the_list(server: Server, browser: Browser) -> None:
    event = make_event(capacity=20)
    with context(browser, size=TABLET) as made, open_page(browser) as phone:
        tablet = made.new_page()
        log_in(tablet, server)
        tablet.goto(f"{origin(server)}/events/{event.code}/dashboard")
        wait_until_live(tablet)
        sign_in(phone, server, event, "王强", "13800138000")
        shows(tablet, 1, "王强")
        tablet.click("#latest-region .person__line")
        tablet.click("#latest-region >> text=撤销签到")
        expect(tablet.locator("#arrived")).to_have_text("0", timeout=WITHIN)
        tablet.click("#toast button")
        expect(tablet.locator("#arrived")).to_have_text("1", timeout=WITHIN)
    assert tallies.recount() == ()
