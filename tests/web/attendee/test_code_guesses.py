"""The brake on guessed codes: whom it holds up, at which doors, and who never feels it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.services.door import code_guesses, misses
from kiosk.services.event import campaigns
from tests.aids.factories import enterprise, make_event, ticket_for
from tests.aids.listed import hidden

GUESSER, HALL = "203.0.113.9", "198.51.100.7"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long answers were held up, instead of the waiting; meanwhile no time passes, however slow the machine is."""
    waited: list[float] = []
    monkeypatch.setattr(code_guesses, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(code_guesses, "_wait", waited.append)
    monkeypatch.setattr(code_guesses, "_lines", {})
    monkeypatch.setattr(code_guesses, "_heard", {})
    return waited


def get(client: FlaskClient, path: str, address: str = GUESSER) -> TestResponse:
    return client.get(path, environ_base={"REMOTE_ADDR": address})


def spend(client: FlaskClient, address: str = GUESSER, many: int = code_guesses.OF_ADDRESS - 1) -> None:
    """Let an address miss so often, the last time at the start page."""
    misses.count(code_guesses._key(address), window=code_guesses.WINDOW, many=many)
    misses.count("code", window=code_guesses.WINDOW, many=many)
    assert get(client, "/?code=AAAAAA", address).status_code == 404


def test_guesser_is_answered_at_a_pace_and_beyond_it_told_to_wait(
    app: Flask, client: FlaskClient, waits: list[float]
) -> None:
    spend(client)
    statuses = [get(client, f"/?code=AAAA{number:02}").status_code for number in range(20)]
    let_in = int(code_guesses.LONGEST_WAIT * code_guesses.PACE) + 1
    assert statuses == [404] * let_in + [429] * (20 - let_in)
    assert waits == pytest.approx([number / code_guesses.PACE for number in range(1, let_in + 1)])
    answer = get(client, "/?code=AAAAAA")
    assert answer.headers["Retry-After"] == "2" and "次数过多" in answer.text


@pytest.mark.parametrize(
    "door", ["/?code={}", "/e/{}", "/c/{}", "/verify?code={}", "/events/{}/display", "/e/{}/notice", "/e/{}/group"]
)
def test_every_door_counts_a_miss_and_holds_up_right_codes_too(
    app: Flask, client: FlaskClient, waits: list[float], door: str
) -> None:
    get(client, door.format("AAAAAA"))
    assert misses.read(code_guesses._key(GUESSER), window=code_guesses.WINDOW) == 1
    spend(client)
    event = make_event()
    right = campaigns.get(event.campaign_id).code if door.startswith("/c/") else event.code
    for _ in range(15):
        held_up = get(client, door.format(right))
    assert waits and held_up.status_code == 429, "the wait tells nothing"
    assert get(client, door.format(right), HALL).status_code != 429


def test_four_hundred_people_behind_one_address_who_mistype_once_never_feel_it(app: Flask, waits: list[float]) -> None:
    event = make_event()
    for _person in range(400):
        phone = app.test_client(use_cookies=False)
        assert get(phone, "/?code=AAAAAA", HALL).status_code == 404
        assert get(phone, f"/e/{event.code}", HALL).status_code == 200
    assert waits == []


def test_who_holds_a_ticket_signs_in_whoever_guesses_behind_the_same_address(
    app: Flask, client: FlaskClient, waits: list[float]
) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    page = get(client, f"/e/{event.code}")
    spend(client)
    details = enterprise()
    form = {"ticket": hidden(page, "ticket"), "kind": "enterprise", "name": details.name,
            "enterprise": details.organisation_name, "job_title": "x", "mobile": details.mobile}  # fmt: skip
    answer = client.post(f"/e/{event.code}/sign-in", data=form, environ_base={"REMOTE_ADDR": GUESSER})
    assert answer.status_code == 303
    assert get(client, answer.headers["Location"]).status_code == 200
    assert waits == []
    other = {**form, "ticket": ticket_for(make_event()).token}
    client.post(f"/e/{event.code}/sign-in", data=other, environ_base={"REMOTE_ADDR": GUESSER})
    assert waits != [], "a ticket of another event opens nothing"


def test_whole_server_s_budget_slows_those_who_have_missed_often_and_refuses_nobody(
    app: Flask, client: FlaskClient, waits: list[float]
) -> None:
    event = make_event()
    spend(client, "192.0.2.1", code_guesses.OF_SERVER)
    spend(client, HALL, code_guesses.OF_ADDRESS_THEN - 2)
    assert get(client, f"/e/{event.code}", HALL).status_code == 200 and waits == []
    assert get(client, "/e/AAAAAA", HALL).status_code == 404
    assert get(client, f"/e/{event.code}", HALL).status_code == 200 and len(waits) == 1


def test_one_network_of_ipv6_is_one_address(app: Flask) -> None:
    first, same, other, lan = map(code_guesses._key, ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1", "10.0.0.1"))
    assert first == same and len({first, other, lan, code_guesses._key(None), code_guesses._key("fe80::1%eth0")}) == 5


def test_store_that_is_away_closes_no_door(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    spend(client)

    def away(*_asked: object, **_options: object) -> int:
        raise misses.StoreAway

    monkeypatch.setattr(misses, "read", away)
    monkeypatch.setattr(misses, "count", away)
    assert get(client, f"/e/{make_event().code}").status_code == 200
    assert get(client, "/e/AAAAAA").status_code == 404 and waits == []
