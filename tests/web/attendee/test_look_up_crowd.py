"""An honest crowd and a guesser at the look-up of a real server with two workers, all behind one address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from kiosk.services.door import look_ups
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import rosters
from tests.aids.listed import training
from tests.aids.server import Answer, Phone, Server, run_server

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("crowd"), workers=2) as server:
        yield server


def hidden(answer: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.text)
    assert found, answer.text
    return unescape(found[1])


def look_up(phone: Phone, event: EventView, ticket: str, last4: str) -> Answer:
    return phone.post(f"/e/{event.code}/look-up", {"ticket": ticket, "last4": last4})


def arrive(server: Server, event: EventView, mobile: str, *, mistypes: bool) -> tuple[int, int]:
    """Look oneself up, mistyping first or not, and tap; return the statuses of the right look-up and the tap."""
    with Phone(server.port) as phone:
        ticket = hidden(phone.get(f"/e/{event.code}"), "ticket")
        if mistypes:
            assert look_up(phone, event, ticket, "0001").status == 422
        asked = look_up(phone, event, ticket, mobile[-4:])
        if asked.status != 200:
            return asked.status, 0
        fields = {"ticket": hidden(asked, "ticket"), "entry": hidden(asked, "entry")}
        return asked.status, phone.post(f"/e/{event.code}/sign-in", fields).status


def test_67_people_half_of_whom_mistype_get_in_by_their_digits_alone_on_two_workers(server: Server) -> None:
    """As many at a time are between their digits and their tap as may be shown at once: ten minutes have one or two."""
    event = training(67)
    mobiles = [entry.mobile or "" for entry in rosters.entries(event.id)]
    with ThreadPoolExecutor(look_ups.SHOWN_LEAST) as crowd:
        came = list(crowd.map(lambda n: arrive(server, event, mobiles[n], mistypes=n % 2 == 0), range(67)))
    assert came == [(200, 303)] * 67
    assert events.counts(event.id).listed_arrived == 67
    assert look_ups.asked(event.id) is None


def test_pages_on_two_workers_that_guess_at_once_are_shown_five_people_together(server: Server) -> None:
    event = training(67)
    mobiles = [entry.mobile or "" for entry in rosters.entries(event.id)]

    def guess(mobile: str) -> int:
        with Phone(server.port) as phone:
            return look_up(phone, event, hidden(phone.get(f"/e/{event.code}"), "ticket"), mobile[-4:]).status

    with ThreadPoolExecutor(16) as guessers:
        statuses = list(guessers.map(guess, mobiles))
    assert statuses.count(200) == look_ups.SHOWN_LEAST
