"""People at an event with a rotating code: what its screen shows, and their phones that type it."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.services.event import rotation
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event
from tests.aids.listed import hidden

SECONDS = 30
GUESTS = [{"kind": "guest"}]


def rotating(**changes: Any) -> EventView:
    """Make an event whose digits change every 30 seconds."""
    return make_event(**{"rotate_seconds": SECONDS, "kinds": GUESTS, **changes})


def on_screen(event: EventView) -> str:
    """Return the digits that stand on the event's screen now."""
    shown = rotation.shown(event)
    assert shown is not None
    return shown.digits


def wrong_for(event: EventView) -> str:
    """Return six digits that are not right now."""
    return next(one for one in ("111111", "222222", "333333") if rotation.step_of(event, one) is None)


def type_digits(client: FlaskClient, event: EventView, digits: str, path: str = "", **fields: str) -> TestResponse:
    """Open the event's page and type the digits there."""
    page = client.get(path or f"/e/{event.code}")
    data = {"ticket": hidden(page, "ticket"), "digits": digits, **fields}
    return client.post(f"/e/{event.code}/digits", data=data)


def open_form(client: FlaskClient, event: EventView) -> TestResponse:
    """Type the digits of now and return the page that they lead to."""
    answer = type_digits(client, event, on_screen(event))
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def send_guest(client: FlaskClient, event: EventView, page: TestResponse, name: str, **fields: str) -> TestResponse:
    """Send the form of a page, filled in."""
    data = {"ticket": hidden(page, "ticket"), "kind": "guest", "name": name, **fields}
    return client.post(f"/e/{event.code}/sign-in", data=data)
