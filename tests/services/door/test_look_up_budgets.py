"""What the look-up counts, and what a guesser learns of a roster ("Decided": last-four misses)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services import tallies
from kiosk.services.account import guesses
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.door import look_ups, misses
from kiosk.services.door.look_ups import MoreAsked
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import rosters
from tests.aids.listed import SURNAMES, hidden, look_up, tap, training, with_roster

LEARNED = 18  # of 400, by the misses an event has


def test_five_misses_spend_a_page_and_a_fresh_one_goes_on(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
    for _miss in range(look_ups.TICKET_MISSES):
        assert look_up(client, event, "0000", ticket=ticket).status_code == 422
    spent = look_up(client, event, "5678", ticket=ticket)
    assert spent.status_code == 422 and "多次未找到" in spent.text and "王*强" not in spent.text
    assert look_up(client, event, "5678").status_code == 200


def test_hits_are_not_counted(app: Flask) -> None:
    event = with_roster()
    for _hit in range(3 * look_ups.LEAST_BUDGET):
        assert look_ups.find(event.id, "one page", "5678")
    assert look_ups.asked(event.id) is None


def test_event_has_one_miss_per_listed_person_and_at_least_thirty(app: Flask) -> None:
    assert look_ups.budget_of(with_roster().id) == 30
    assert look_ups.budget_of(training(67).id) == 67


def spend(event: EventView, times: int = 1) -> None:
    for _miss in range(times * look_ups.budget_of(event.id)):
        misses.count(f"look_up:{event.id}", window=look_ups.WINDOW)


def test_beyond_the_budget_the_first_character_is_asked_and_the_door_never_closes(
    app: Flask, client: FlaskClient
) -> None:
    event = with_roster()
    spend(event)
    asked = look_up(client, event, "5678")
    assert asked.status_code == 422 and 'name="name"' in asked.text and 'value="5678"' in asked.text
    assert "王*强" not in asked.text
    assert look_up(client, event, "0000").text.count("第一个字") == asked.text.count("第一个字")  # it tells nothing
    assert "王*强" not in look_up(client, event, "5678", name="李").text
    assert tap(client, event, look_up(client, event, "5678", name="王")).status_code == 303


def test_beyond_twice_the_budget_the_name_is_asked(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    spend(event, times=2)
    assert "王*强" not in look_up(client, event, "5678", name="王").text
    assert "王*强" in look_up(client, event, "5678", name="王　小强").text


def test_budget_begins_anew_after_ten_minutes(app: Flask) -> None:
    event = with_roster()
    spend(event)
    with pytest.raises(MoreAsked, match="initial"):
        look_ups.find(event.id, "a page", "5678")
    with clock.freeze(utcnow() + look_ups.WINDOW):
        assert look_ups.find(event.id, "a page", "5678")


def test_misses_of_one_event_cost_another_nothing(app: Flask) -> None:
    event, other = with_roster(), with_roster()
    spend(event)
    assert (look_ups.asked(event.id), look_ups.asked(other.id)) == ("initial", None)


def test_store_that_is_away_makes_careful_and_closes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = with_roster()

    def away(*_asked: object, **_options: object) -> int:
        raise misses.StoreAway

    monkeypatch.setattr(misses, "read", away)
    monkeypatch.setattr(misses, "count", away)
    with pytest.raises(MoreAsked, match="name"):
        look_ups.find(event.id, "a page", "5678")
    assert look_ups.find(event.id, "a page", "5678", "王小强")
    assert look_ups.find(event.id, "a page", "0000", "王小强") == ()


def test_misses_are_counted_on_both_databases(both_app: Flask) -> None:
    event = with_roster()
    with clock.freeze(utcnow()):
        assert [misses.count("a", window=look_ups.WINDOW) for _ in range(3)] == [1, 2, 3]
        assert misses.read("a", window=look_ups.WINDOW) == 3 and misses.read("b", window=look_ups.WINDOW) == 0
    for _miss in range(look_ups.TICKET_MISSES):
        assert look_ups.find(event.id, "a page", "0000") == ()
    with pytest.raises(Refused, match="spent"):
        look_ups.find(event.id, "a page", "5678")


def test_guessed_pages_are_forgotten_when_their_window_is_long_over(both_app: Flask) -> None:
    event, start = with_roster(), utcnow()
    guesses.count("log_in:a@example.org", limit=5, window=look_ups.WINDOW)
    with clock.freeze(start):
        look_ups.find(event.id, "an old page", "0000")
    with clock.freeze(start + 3 * look_ups.WINDOW):
        look_ups.find(event.id, "a new page", "0000")
        assert misses.read("look_up.ticket:an old page", window=timedelta(days=1)) == 0
        assert misses.read("look_up.ticket:a new page", window=timedelta(days=1)) == 1
        with pytest.raises(TooManyGuesses):  # the log-in's own misses stay a day
            guesses.check("log_in:a@example.org", limit=1, window=timedelta(days=1))


def test_a_miss_waits_for_no_sign_in_and_holds_none_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = with_roster()
    written: list[object] = []
    monkeypatch.setattr(app.extensions["kiosk_writer"], "submit", written.append)
    assert look_ups.find(event.id, "a page", "0000") == ()
    assert misses.read(f"look_up:{event.id}", window=look_ups.WINDOW) == 1
    assert written == []


def test_a_new_page_per_guess_teaches_a_guesser_a_twentieth_of_the_roster_in_ten_minutes(app: Flask) -> None:
    """Somebody who fetches a new page for each guess, who knows the commonest surname, and who is never slowed down.

    In ten minutes: of 400 people 17 by the digits alone and LEARNED in all, 4.5 %, each of them masked. Then the name
    is asked for, and digits alone teach nothing any more.
    """
    event = training(400)
    learned: set[int] = set()
    misses_made, name = 0, ""
    stopped_by = None
    with clock.freeze(utcnow()):
        for digits in range(10_000):
            try:
                found = look_ups.find(event.id, f"page {digits}", f"{digits:04}", name)
            except MoreAsked as more:
                stopped_by, name = more.asks, SURNAMES[0]
                if stopped_by == "name":
                    break
            else:
                misses_made += not found
                learned |= {person.entry_id for person in found}
    assert (stopped_by, misses_made) == ("name", 2 * 400)
    assert len(learned) == LEARNED and LEARNED / 400 <= 0.05


def test_a_known_name_is_guessed_five_times_and_then_only_the_form_helps(app: Flask) -> None:
    event = with_roster()
    spend(event, times=2)
    for number in range(look_ups.TICKET_MISSES):
        assert look_ups.find(event.id, f"page {number}", "0000", "王小强") == ()
    with pytest.raises(Refused, match="spent"):
        look_ups.find(event.id, "a new page", "5678", "王小强")
    assert look_ups.find(event.id, "a new page", "9000", "李娜")


def test_67_people_behind_one_address_all_get_in_though_half_mistype_once(app: Flask) -> None:
    """30 of them in the first minute, the others in the nine that follow; each on a phone of its own."""
    event, start = training(67), utcnow()
    entries = rosters.entries(event.id)
    for number, entry in enumerate(entries):
        after = number * 2 if number < 30 else 60 + (number - 30) * 14
        phone = app.test_client(use_cookies=False)
        assert entry.mobile is not None
        with clock.freeze(start + timedelta(seconds=after)):
            page = phone.get(f"/e/{event.code}", environ_base={"REMOTE_ADDR": "10.0.0.9"})
            ticket = hidden(page, "ticket")
            if number % 2:
                assert look_up(phone, event, "0001", ticket=ticket).status_code == 422
            asked = look_up(phone, event, entry.mobile[-4:], ticket=ticket)
            assert asked.status_code == 200, number
            assert tap(phone, event, asked).status_code == 303, number
    assert misses.read(f"look_up:{event.id}", window=timedelta(hours=1)) == 33
    assert (events.counts(event.id).arrived, events.counts(event.id).listed_arrived) == (67, 67)
    assert tallies.recount() == ()
