"""The phone check at a real door: a phone in a network namespace of its own turns it green, the organiser does not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services.event.event_views import EventView
from tests.aids.browser import TABLET, log_in_by_form, open_page
from tests.aids.factories import PASSWORD, make_event, make_staff
from tests.aids.namespaces import TwoHosts, require_namespaces, run_in, two_hosts
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]
ASKS = "还没有手机打开过签到页，请用手机扫一次"
GREEN = ".display__phones--ok"


@dataclass(frozen=True)
class Door:
    """A server on this machine and a phone on a wire to it."""

    server: Server
    hosts: TwoHosts

    @property
    def address(self) -> str:
        return f"http://{self.hosts.server_address}:{self.server.port}"

    def phone_opens(self, event: EventView) -> None:
        """Open the event's page from the phone's namespace."""
        request = f"urllib.request.Request('{self.address}/e/{event.code}', headers={{'User-Agent': 'a phone'}})"
        ask = f"import urllib.request; print(urllib.request.urlopen({request}).status)"
        assert run_in(self.hosts.phone, [sys.executable, "-c", ask]).stdout.strip() == "200"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    require_namespaces()
    with (
        two_hosts(server_is_this_machine=True) as hosts,
        run_server(tmp_path_factory.mktemp("door"), bind="0.0.0.0") as server,
    ):
        make_staff()
        yield Door(server, hosts)


def test_phone_turns_the_display_green_by_itself(door: Door, browser: Browser) -> None:
    event = make_event()
    with open_page(browser, size=TABLET) as page:
        log_in_by_form(page, door.server, address=door.address)
        page.goto(f"{door.address}/events/{event.code}/display")
        expect(page.locator("#door-state")).to_contain_text(ASKS)
        door.phone_opens(event)
        expect(page.locator(GREEN)).to_be_visible()
        expect(page.locator(GREEN)).to_contain_text("只有连上本场 Wi-Fi 的手机能签到")


@pytest.mark.parametrize("by", ["loopback", "own address", "other browser on this machine"])
def test_organiser_s_own_browser_never_counts(door: Door, browser: Browser, by: str) -> None:
    event, other = make_event(), make_event()
    address = f"http://127.0.0.1:{door.server.port}" if by == "loopback" else door.address
    with open_page(browser, size=TABLET) as page:
        log_in_by_form(page, door.server, address=door.address)
        if by == "other browser on this machine":
            with open_page(browser) as stranger:
                stranger.goto(f"{address}/e/{event.code}")
        else:
            page.goto(f"{address}/e/{event.code}")
        still_asks(door, page, event, other)


def still_asks(door: Door, page: Page, event: EventView, other: EventView) -> None:
    """See `event` ask for a phone although a later phone at `other` has been felt: it is no matter of waiting."""
    door.phone_opens(other)
    page.goto(f"{door.address}/events/{other.code}/display")
    expect(page.locator(GREEN)).to_be_visible()
    page.goto(f"{door.address}/events/{event.code}/display")
    expect(page.locator("#door-state")).to_contain_text(ASKS)
    expect(page.locator(GREEN)).to_have_count(0)


def test_organiser_s_tablet_with_a_log_in_never_counts(door: Door, browser: Browser) -> None:
    event, other = make_event(), make_event()
    script = f"""
import http.cookiejar, urllib.parse, urllib.request
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
form = dict(email="admin@example.org", password="{PASSWORD}")
opener.open("{door.address}/login", urllib.parse.urlencode(form).encode())
print(opener.open("{door.address}/e/{event.code}").status)
print(urllib.request.urlopen("{door.address}/e/{event.code}").status)  # the same tablet without its cookie
"""
    assert run_in(door.hosts.phone, [sys.executable, "-c", script]).stdout.split() == ["200", "200"]
    with open_page(browser, size=TABLET) as page:
        log_in_by_form(page, door.server, address=door.address)
        still_asks(door, page, event, other)
