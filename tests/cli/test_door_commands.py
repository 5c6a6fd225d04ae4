"""flask steward add, device add, event close and reopen: what the desk does, for whoever has the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.cli.doors import device_group, steward_group
from kiosk.cli.events import event_group
from kiosk.clock import utcnow
from kiosk.services.door import followers, links
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from tests.aids.factories import make_event


def run(app: Flask, group: Any, *arguments: str) -> dict[str, Any]:
    done = app.test_cli_runner().invoke(group, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def phase(event: EventView) -> str:
    view = event_views.find_now(event.code)
    assert view is not None
    return view.phase(utcnow())


def test_a_stewards_and_a_screens_link_open_what_they_are_for(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    url = run(app, steward_group, "add", event.code, "--label", "小李")["url"]
    assert client.get("/st/" + url.rpartition("/st/")[2]).location == f"/steward/{event.code}"
    assert links.list_of(event.id, "steward")[0].label == "小李"
    for screen, more in (("display", []), ("wall", []), ("kiosk", ["--pin", "1234"])):
        url = run(app, device_group, "add", event.code, "--screen", screen, *more)["url"]
        assert client.get("/d/" + url.rpartition("/d/")[2]).location == f"/events/{event.code}/{screen}"


def test_a_screen_of_a_campaign_or_of_a_place_in_it_follows_the_agenda(app: Flask, client: FlaskClient) -> None:
    event = make_event(venue="三楼报告厅")
    of = ["--campaign", str(event.campaign_id)]
    for screen, more in (("display", []), ("wall", ["--place", "三楼报告厅"]), ("kiosk", ["--pin", "1234"])):
        url = run(app, device_group, "add", *of, "--screen", screen, *more)["url"]
        (link, *_before) = followers.list_of(event.campaign_id)
        assert (link.purpose, link.place) == (screen, "三楼报告厅" if more[:1] == ["--place"] else None)
        assert client.get("/d/" + url.rpartition("/d/")[2]).location == f"/screens/{link.id}"


def test_sign_in_is_closed_and_opened_again(app: Flask) -> None:
    event = make_event()
    assert run(app, event_group, "close", event.code)["phase"] == "closed" and phase(event) == "closed"
    until = (utcnow() + timedelta(hours=2)).isoformat()
    assert run(app, event_group, "reopen", event.code, "--until", until)["phase"] == "open"
    view = event_views.find_now(event.code)
    assert view is not None and view.closes_at is not None and view.closes_at.isoformat() == until


@pytest.mark.parametrize(
    ("group", "arguments", "words"),
    [
        (steward_group, ["add", "{code}", "--label", " "], "1 to 60 characters"),
        (steward_group, ["add", "XXXXXX", "--label", "小李"], "No event has the code"),
        (device_group, ["add", "{code}", "--screen", "kiosk"], "needs --pin"),
        (device_group, ["add", "{code}", "--screen", "display", "--pin", "1234"], "needs --pin"),
        (device_group, ["add", "{code}", "--screen", "kiosk", "--pin", "12"], "4 to 6 digits"),
        (device_group, ["add", "--screen", "display"], "one of the two"),
        (device_group, ["add", "{code}", "--campaign", "1", "--screen", "display"], "one of the two"),
        (device_group, ["add", "{code}", "--place", "三楼", "--screen", "display"], "one of a --campaign"),
        (device_group, ["add", "--campaign", "1", "--place", "三楼", "--screen", "wall"], "no place of that name"),
        (device_group, ["add", "--campaign", "99", "--screen", "wall"], "There is no campaign 99"),
        (event_group, ["reopen", "{code}", "--until", "2020-01-01T09:00"], "a time to come"),
        (event_group, ["reopen", "{code}", "--until", "9999-01-01T09:00"], "from"),
        (event_group, ["reopen", "{berlin}", "--until", "2030-03-31T02:30"], "does not exist"),
        (event_group, ["close", "XXXXXX"], "No event has the code"),
    ],
)
def test_what_cannot_be_gets_a_sentence(app: Flask, group: Any, arguments: list[str], words: str) -> None:
    codes = {"code": make_event().code, "berlin": make_event(timezone="Europe/Berlin").code}
    done = app.test_cli_runner().invoke(group, [argument.format(**codes) for argument in arguments])
    assert done.exit_code != 0 and words.lower() in done.output.lower(), done.output
