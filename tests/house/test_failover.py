"""A PostgreSQL of two machines: the primary dies in a stream of sign-ins, the standby takes over.

One address names both. What was acknowledged is there, nothing is there twice, no phone and no page gets a 500, and
screens are live again by themselves. SOAK=1: twenty failovers there and back.
"""

from __future__ import annotations

import http.client
import os
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from werkzeug.routing import AnyConverter

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.services.store import live
from tests.aids.apps import build_app, close
from tests.aids.browser import TABLET, log_in as log_in_browser, open_page, origin
from tests.aids.factories import log_in, make_event, make_staff
from tests.aids.postgres import Pair, migrate, run_pair
from tests.aids.server import Phone, Server, run_server

FAILOVERS = 20 if os.environ.get("SOAK") == "1" else 1
PHONES, PATIENCE_SECONDS, SILENCE_SECONDS, LIVE_SECONDS = 6, 60.0, 10.0, 10.0
GUEST = {"kind": "guest", "identity": "市民观察员"}

pytestmark = [pytest.mark.server, pytest.mark.timeout(60 + 60 * FAILOVERS)]


@dataclass
class Seen:
    """What phones and pages were answered, and when."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)
    moments: list[float] = field(default_factory=list)
    without_retry: list[str] = field(default_factory=list)

    def longest_silence(self) -> float:
        moments = sorted(self.moments)
        return max(after - before for before, after in zip(moments, moments[1:], strict=False))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with run_pair(tmp_path_factory.mktemp("pair")) as running:
        yield running


@pytest.fixture
def server(pair: Pair, tmp_path: Path) -> Iterator[Server]:
    name = f"kiosk_{secrets.token_hex(4)}"
    pair.follow()
    with pair.server._connected() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate(pair.url(name))
    with run_server(tmp_path / "instance", database_url=pair.url(name), is_forked=False) as running:
        yield running


def test_a_standby_that_takes_over_has_all_that_was_acknowledged_and_nobody_sees_an_error(
    server: Server, pair: Pair
) -> None:
    event, seen, is_over = make_event(), Seen(), threading.Event()
    with ThreadPoolExecutor(PHONES + 1) as pool:
        phones = [pool.submit(sign_in_again_and_again, server, event, n, seen, is_over) for n in range(PHONES)]
        reader = pool.submit(read_pages, server, event, seen, is_over)
        for _ in range(FAILOVERS):
            time.sleep(2)
            pair.kill_primary()
            time.sleep(0.5)
            pair.promote()
            wait_for_a_bell(server, event, seen)
            if FAILOVERS > 1:
                pair.follow()
        time.sleep(1)
        is_over.set()
        for one in (*phones, reader):
            one.result()
    assert 500 not in seen.statuses and seen.statuses <= {200, 303, 503}, seen.statuses
    assert 503 in seen.statuses, "the primary's death met nobody"
    assert seen.without_retry == []
    assert seen.longest_silence() < SILENCE_SECONDS
    assert_ledger_agrees(event, seen)
    print(f"{len(seen.acknowledged)} sign-ins, longest silence {seen.longest_silence():.1f} s, {sorted(seen.statuses)}")


@pytest.mark.browser
def test_a_board_that_is_open_shows_who_comes_after_a_failover(server: Server, pair: Pair, browser: Browser) -> None:
    event, seen = make_event(), Seen()
    make_staff()
    with open_page(browser, size=TABLET) as page:
        log_in_browser(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/dashboard")
        expect(page.locator("#light")).to_have_attribute("data-state", "live")
        pair.kill_primary()
        pair.promote()
        with server.phone(timeout=15) as phone:
            until, ticket, place = time.monotonic() + PATIENCE_SECONDS, None, None
            while place is None and time.monotonic() < until:
                ticket = ticket or ask_for_ticket(phone, event, seen)
                place = send(phone, event, {**GUEST, "name": "张爱国"}, ticket, seen) if ticket else None
        live_within = LIVE_SECONDS * 1000
        expect(page.locator("#latest-region")).to_contain_text("张爱国", timeout=live_within)
        expect(page.locator("#light")).to_have_attribute("data-state", "live", timeout=live_within)


def test_without_a_database_every_page_says_to_come_again(pair: Pair, tmp_path: Path) -> None:
    with pair.server._connected() as connection:
        connection.execute("CREATE DATABASE away")
    migrate(pair.url("away"))
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=pair.url("away"))
    with app.app_context():
        event, client = make_event(), app.test_client()
        make_staff()
        log_in(client, "admin@example.org")
        known = {"code": event.code, "event_id": event.id, "campaign_id": event.campaign_id}
        assert client.get(f"/events/{event.code}").status_code == 200  # with a connection that is about to be lost
        form = {**GUEST, "name": "王强", "ticket": new_ticket(event.id).token}
        with pair.away():
            answers = {path: client.get(path) for path in every_page(app, known)}
            posted = client.post(f"/e/{event.code}/sign-in", data=form)
            statuses = {path: answer.status_code for path, answer in answers.items()}
            assert [path for path, status in statuses.items() if status in (500, 502)] == []
            away = [path for path, status in statuses.items() if status == 503]
            assert len(away) > 60 and posted.status_code == 503 and posted.headers["Retry-After"]
            assert [path for path in away if "Retry-After" not in answers[path].headers and path != "/readyz"] == []
        assert client.get(f"/events/{event.code}").status_code == 200  # by itself
        close(app)


def every_page(app: Flask, known: dict[str, object]) -> list[str]:
    """Return an address of each route by GET; what is not known is a number or a word."""
    urls = app.url_map.bind("door.test")
    paths = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            kinds = {name: kind for name, kind in rule._converters.items() if name not in (rule.defaults or ())}
            others = {n: next(iter(each.items)) if isinstance(each, AnyConverter) else "1" for n, each in kinds.items()}
            paths.append(
                urls.build(rule.endpoint, {**(rule.defaults or {}), **others, **known}, "GET", append_unknown=False)
            )
    return [path for path in paths if not path.endswith("/stream")]


def sign_in_again_and_again(
    server: Server, event: EventView, number: int, seen: Seen, is_over: threading.Event
) -> None:
    """Sign one person in after another, each until it is acknowledged, as a phone's own retry does."""
    count = 0
    while not is_over.is_set():
        name, ticket, count = f"张{number}{count:04d}", None, count + 1
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with server.phone(timeout=15) as phone:
                ticket = ticket or ask_for_ticket(phone, event, seen)
                if ticket and (place := send(phone, event, {**GUEST, "name": name}, ticket, seen)):
                    seen.acknowledged[name] = place
                    seen.moments.append(time.monotonic())
                    break
            time.sleep(0.1)
        else:
            raise AssertionError(f"{name} was not signed in")


def ask_for_ticket(phone: Phone, event: EventView, seen: Seen) -> str | None:
    try:
        return phone.ticket(event.code, "guest")
    except AssertionError as error:
        seen.statuses.add(error.args[0][0])  # of its Retry-After the reader of pages takes note
        return None
    except (OSError, http.client.HTTPException):
        return None


def send(phone: Phone, event: EventView, fields: dict[str, str], ticket: str, seen: Seen) -> str | None:
    try:
        answer = phone.sign_in(event.code, fields, ticket)
    except (OSError, http.client.HTTPException):
        return None
    take_note(seen, answer.status, answer.headers.get("retry-after", ""))
    return answer.location if answer.status == 303 else None


def take_note(seen: Seen, status: int, retry: str) -> None:
    seen.statuses.add(status)
    if status == 503 and retry == "":
        seen.without_retry.append("a sign-in")


def read_pages(server: Server, event: EventView, seen: Seen, is_over: threading.Event) -> None:
    """Open what phones open besides: an unknown code, the event's page, the form of another kind."""
    while not is_over.is_set():
        for path in (f"/e/{event.code}", "/e/AAAAAA", f"/e/{event.code}?kind=guest", "/login", "/verify"):
            with server.phone(timeout=15) as phone:
                try:
                    answer = phone.get(path)
                except (OSError, http.client.HTTPException):
                    continue
                seen.statuses.add(200 if answer.status == 404 else answer.status)
                if answer.status == 503 and "retry-after" not in answer.headers:
                    seen.without_retry.append(path)
        time.sleep(0.05)


def wait_for_a_bell(server: Server, event: EventView, seen: Seen) -> None:
    """Hear of a sign-in by the bell, not by looking slowly: the address of two hosts serves it as well."""
    url = server.app.config["KIOSK"].engine_url
    until = time.monotonic() + LIVE_SECONDS
    while time.monotonic() < until:
        try:
            source = live.open_source(url)
        except Exception:  # neither takes writes yet
            time.sleep(0.1)
            continue
        try:
            if source.wait(LIVE_SECONDS):
                return
        finally:
            source.close()
    raise AssertionError("no bell was heard")


def assert_ledger_agrees(event: EventView, seen: Seen) -> None:
    db.session.remove()
    db.engine.dispose()
    rows = db.session.execute(select(SignIn.name, SignIn.ordinal).where(SignIn.event_id == event.id)).all()
    names = [name for name, _ in rows]
    assert sorted(names) == sorted(seen.acknowledged), "each acknowledged one once, and nobody else"
    assert sorted(ordinal for _, ordinal in rows) == list(range(1, len(rows) + 1))
    assert tallies.recount() == ()
