"""The trouble line counts tickets that nobody used, of the last quarter of an hour; a program that looks ahead is
nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.extensions import db
from kiosk.services.board import dashboards, pulse, screens
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import CODES
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import log_in, make_event, make_staff

PHONE = {"REMOTE_ADDR": "192.168.1.23"}
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 14_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.30 NetType/WIFI Language/zh_CN"
)
PROGRAMS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0 A",
    "WeChatShareExtensionNew/1 CFNetwork/1410.0.3 Darwin/22.6.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; Baiduspider-render/2.0; +http://www.baidu.com/search/spider.html)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5",
    "LinkedInBot/1.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
)
CUBOT = "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile"


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """A phone without cookies: each page is a stranger's."""
    return app.test_client(use_cookies=False)


def get(phone: FlaskClient, path: str, headers: Mapping[str, str] | None = None) -> str:
    return phone.get(path, environ_base=PHONE, headers={"User-Agent": SAFARI, **(headers or {})}).text


def links_of(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/e/[^"]*)"', page)]


def send(phone: FlaskClient, event: EventView, page: str, **fields: str) -> int:
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket
    data = {"ticket": ticket[1], "kind": "guest", **fields}
    address = f"/e/{event.code}/sign-in"
    return phone.post(address, data=data, environ_base=PHONE, headers={"User-Agent": SAFARI}).status_code


def trouble(event: EventView) -> dashboards.Trouble:
    pulse.flush()
    db.session.rollback()
    return dashboards.read(event).trouble


def has_phone(event: EventView) -> bool:
    pulse.flush()
    db.session.rollback()
    return screens.look(event, None).phone_check.is_green


# --- tickets, not openings


def test_seven_of_seven_who_chose_their_kind_and_finished_leave_nothing(phone: FlaskClient) -> None:
    event = make_event()
    for number in range(7):
        tiles = get(phone, f"/e/{event.code}")
        form = get(phone, next(link for link in links_of(tiles) if "kind=guest" in link))
        assert send(phone, event, form, name=f"来宾{number}") == 303
    assert (trouble(event).unfinished, trouble(event).is_red) == (0, False)


def test_who_opens_the_form_and_goes_is_counted_once(phone: FlaskClient) -> None:
    event = make_event()
    for _ in range(dashboards.RED_OPENINGS):
        get(phone, f"/e/{event.code}")
    assert trouble(event).unfinished == 0  # the tiles have no ticket
    for _ in range(dashboards.RED_OPENINGS):
        get(phone, f"/e/{event.code}?kind=guest")
    assert (trouble(event).unfinished, trouble(event).is_red) == (dashboards.RED_OPENINGS, True)


def test_one_phone_is_one_whichever_way_it_takes(phone: FlaskClient) -> None:
    """From the look-up to the form, to another kind, to the end."""
    event = make_event()
    roster_writing.write(event.id, [RosterRow("guest", "王强", mobile="13800138000")], actor="staff:1")
    look_up = get(phone, f"/e/{event.code}")
    assert trouble(event).unfinished == 1
    tiles = get(phone, next(link for link in links_of(look_up) if "form=1" in link))
    form = get(phone, next(link for link in links_of(tiles) if "kind=guest" in link))
    again = get(phone, next(link for link in links_of(form) if link.endswith("kind=") or "kind=&" in link))
    form = get(phone, next(link for link in links_of(again) if "kind=guest" in link))
    assert trouble(event).unfinished == 1
    assert send(phone, event, form, name="赵敏") == 303
    assert trouble(event).unfinished == 0


def test_a_group_is_one_ticket_too(phone: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    form = get(phone, f"/e/{event.code}")
    names = get(phone, next(link for link in links_of(form) if "/group" in link))
    assert trouble(event).unfinished == 1
    page = phone.post(
        f"/e/{event.code}/group/check", data={"kind": "guest", "names": "甲\n乙"}, environ_base=PHONE
    ).text
    fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', page))
    for _ in range(2):  # a double tap
        answer = phone.post(f"/e/{event.code}/group", data={**fields, "consent": "1"}, environ_base=PHONE)
        assert answer.status_code == 303, names
    get(phone, f"/e/{event.code}")
    assert trouble(event).unfinished == 1


def test_a_retry_of_one_ticket_and_a_station_hide_nobody(phone: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    page = get(phone, f"/e/{event.code}")
    get(phone, f"/e/{event.code}")
    assert [send(phone, event, page, name="甲") for _ in range(3)] == [303, 303, 303]
    assert trouble(event).unfinished == 1


# --- the last quarter of an hour, in words


def test_only_the_last_quarter_of_an_hour_is_told(app: Flask, phone: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    began = clock.utcnow()
    for minutes in (0, 10, 20):
        with clock.freeze(began + timedelta(minutes=minutes)):
            get(phone, f"/e/{event.code}")
            pulse.refused(event.id, "full")
            pulse.refused(event.id, "field_errors" if minutes else "consent")
            pulse.flush()
    with clock.freeze(began + timedelta(minutes=20)):
        now = trouble(event)
        assert now.unfinished == 2
        assert {one.code: one.count for one in now.refusals} == {"full": 2, "field_errors": 2}
    with clock.freeze(began + timedelta(minutes=40)):
        assert (trouble(event).unfinished, trouble(event).refusals) == (0, ())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_of_the_closed_list_is_said_in_words(app: Flask, client: FlaskClient, lang: str) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    event = make_event()
    for code in CODES:
        pulse.refused(event.id, code)  # type: ignore[arg-type]
    pulse.flush()
    line = client.get(f"/events/{event.code}/dashboard/trouble?lang={lang}").text
    assert line.count("被拒（" if lang == "zh" else "refused, ") == len(CODES)
    raw = [code for code in CODES if re.search(rf"[（\s]{code}[）:]", line) and (lang == "zh" or "_" in code)]
    assert raw == []
    assert ("近 15 分钟" if lang == "zh" else "The last 15 minutes") in line


# --- nobody


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_preview_is_neither_a_phone_nor_an_opening(phone: FlaskClient, program: str) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    assert event.code in get(phone, f"/e/{event.code}", {"User-Agent": program})
    assert not has_phone(event) and trouble(event).unfinished == 0


@pytest.mark.parametrize(
    "header", [("Sec-Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"),
               ("X-Moz", "prefetch"), ("X-Purpose", "preview")]
)  # fmt: skip
def test_what_a_browser_fetches_before_a_tap_is_nobody(phone: FlaskClient, header: tuple[str, str]) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    get(phone, f"/e/{event.code}", dict([header]))
    get(phone, f"/e/{event.code}/group", dict([header]))
    assert not has_phone(event) and trouble(event).unfinished == 0


def test_a_head_is_nobody_and_the_phone_after_it_is_one(phone: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    phone.head(f"/e/{event.code}", environ_base=PHONE, headers={"User-Agent": SAFARI})
    assert not has_phone(event) and trouble(event).unfinished == 0
    get(phone, f"/e/{event.code}", {"User-Agent": CUBOT})
    assert has_phone(event) and trouble(event).unfinished == 1


def test_the_tiles_and_the_countdown_are_phones_without_a_ticket(phone: FlaskClient) -> None:
    tiles, early = make_event(), make_event(opens_at=clock.utcnow() + timedelta(hours=1))
    for event in (tiles, early):
        get(phone, f"/e/{event.code}")
        assert has_phone(event) and trouble(event).unfinished == 0
