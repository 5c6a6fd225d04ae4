"""Back on the station's start: it stays the station, with a script and without one (docs/product.md 2.7)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from kiosk.services.door import links
from tests.aids.browser import TABLET, log_in_by_form, open_page, origin
from tests.aids.factories import log_in as log_in_client, make_event, make_staff, post
from tests.aids.server import Server
from tests.web.door.test_kiosk import GUEST, PIN, leave, start_station, station


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
def test_back_on_the_start_never_leads_to_the_log_in(server: Server, browser: Browser, has_script: bool) -> None:
    event = make_event(kinds=GUEST)
    with open_page(browser, size=TABLET, java_script_enabled=has_script) as page:
        log_in_by_form(page, server)  # what Back must not lead to
        page.goto(f"{origin(server)}/events/{event.code}")
        page.goto(f"{origin(server)}/events/{event.code}/kiosk/start")
        page.fill("#pin", PIN)
        page.click("main form button")
        here = f"{origin(server)}/events/{event.code}/kiosk"
        expect(page).to_have_url(here)
        for _time in range(4):
            page.go_back()
            expect(page).to_have_url(here)
            expect(page.locator("#name")).to_be_visible()
        for address in ("/login", "/events", f"/events/{event.code}"):
            page.goto(f"{origin(server)}{address}")
            expect(page).to_have_url(here)
        page.get_by_role("link", name="会务人员：退出自助签到").click()
        page.fill("#pin", PIN)
        page.click("main form button")
        expect(page.locator("#email")).to_be_visible()


def test_log_in_leads_to_the_station_until_it_is_left_or_revoked(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    start_station(client, event)
    assert client.get("/login?next=/events").location == f"/events/{event.code}/kiosk"
    leave(client, event, PIN)
    assert client.get("/login").status_code == 200
    log_in_client(client, "admin@example.org")
    post(client, f"/events/{event.code}/kiosk/start", pin=PIN)
    assert client.get("/login").status_code == 303
    links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
    assert client.get("/login").status_code == 200, "a forgotten PIN is no dead end: revoke the link at the desk"


def test_who_looks_at_a_stations_link_keeps_their_own_log_in(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUEST)
    station(app.test_client(), event)
    make_staff()
    log_in_client(client, "admin@example.org")
    station(client, event)
    client.post("/logout")
    client.delete_cookie("kiosk_staff")
    assert client.get("/login").status_code == 200
    alone = station(app.test_client(), event)
    assert alone.get("/login").location == f"/events/{event.code}/kiosk"
