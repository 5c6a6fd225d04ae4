"""People who are expected, and their phones: what the tests of the look-up share."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import make_event

DONGBEI = "湖北东贝制冷有限公司"
WANG = RosterRow("enterprise", "王小强", DONGBEI, mobile="13800135678", group_name="第一组", seat="A3", bus="2号车")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or (WANG, LI), actor="staff:1")
    return event


def training(people: int) -> EventView:
    """An event that expects so many people, their last four digits spread over the ten thousand."""
    rows = [
        RosterRow("enterprise", f"{SURNAMES[n % 20]}{n:03}", DONGBEI, mobile=f"138{n:04}{n * 7919 % 10000:04}")
        for n in range(people)
    ]
    return with_roster(*rows)


def hidden(response: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', response.text)
    assert found, response.text
    return unescape(found[1])


def look_up(client: FlaskClient, event: EventView, last4: str, **fields: str) -> TestResponse:
    """Open the page and send the digits."""
    ticket = fields.pop("ticket", "") or hidden(client.get(f"/e/{event.code}"), "ticket")
    return client.post(f"/e/{event.code}/look-up", data={"ticket": ticket, "last4": last4, **fields})


def tap(client: FlaskClient, event: EventView, asked: TestResponse, **fields: str) -> TestResponse:
    """Say "that is me"."""
    data = {"ticket": hidden(asked, "ticket"), "entry": hidden(asked, "entry"), **fields}
    return client.post(f"/e/{event.code}/sign-in", data=data)
