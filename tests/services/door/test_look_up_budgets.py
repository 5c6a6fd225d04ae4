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
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.listed import DONGBEI, SURNAMES, hidden, look_up, tap, training, with_roster

# By how many are listed: who is learnt by the digits alone, and until the name is asked for. A guesser who goes
# through all digits, and one who begins with those that are listed: somebody who knows which digits people like.
LEARNED = {20: (1, 1), 400: (6, 6), 2000: (27, 27)}
LEARNED_BY_LUCK = {20: (5, 5), 400: (8, 18), 2000: (40, 50)}


def test_five_misses_spend_a_page_and_a_fresh_one_goes_on(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
    for _miss in range(look_ups.TICKET_MISSES):
        assert look_up(client, event, "0000", ticket=ticket).status_code == 422
    spent = look_up(client, event, "5678", ticket=ticket)
    assert spent.status_code == 422 and "多次未找到" in spent.text and "王*强" not in spent.text
    assert look_up(client, event, "5678").status_code == 200


def test_page_counts_once_whom_it_was_shown_and_not_when_it_signs_them_in(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    shown = f"look_up.shown:{event.id}"
    ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
    for _again in range(2 * look_ups.SHOWN_LEAST):
        assert look_up(client, event, "5678", ticket=ticket).status_code == 200
    assert misses.read(shown, window=look_ups.WINDOW) == 1
    assert tap(client, event, look_up(client, event, "5678", ticket=ticket)).status_code == 303
    assert misses.read(shown, window=look_ups.WINDOW) == 0


def test_pages_that_show_somebody_and_sign_nobody_in_spend_the_budget(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    assert tap(client, event, look_up(client, event, "5678")).status_code == 303
    for _page in range(look_ups.SHOWN_LEAST):
        assert look_ups.asked(event.id) is None
        phone = app.test_client()  # which has signed nobody in
        tapped = tap(phone, event, look_up(phone, event, "5678"))
        assert tapped.status_code == 303, "they are here already: a row is written once, so it counts out once"
    assert look_ups.asked(event.id) == "initial"
    other = app.test_client()
    assert "王*强" not in look_up(other, event, "5678").text
    assert "王*强" in look_up(other, event, "5678", name="王").text


def test_page_that_would_show_more_than_is_left_asks_first(app: Flask) -> None:
    rows = [RosterRow("enterprise", f"王{n:02}", DONGBEI, mobile=f"138{n:04}5678") for n in range(3)]
    event = with_roster(
        *rows, *(RosterRow("enterprise", f"李{n:02}", DONGBEI, mobile=f"138{n:04}0000") for n in range(3))
    )
    assert len(look_ups.find(event.id, "a page", "5678")) == 3
    with pytest.raises(MoreAsked, match="initial"):
        look_ups.find(event.id, "another page", "0000")
    with pytest.raises(MoreAsked, match="initial"):
        look_ups.find(event.id, "another page", "0000")
    assert len(look_ups.find(event.id, "another page", "0000", "李")) == 3


def test_a_sign_in_takes_one_miss_of_its_page_back_once(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    key = f"look_up:{event.id}"
    for arrived in (False, True):
        client = app.test_client()  # a phone that has signed nobody in
        ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
        for _miss in range(2):
            look_up(client, event, "0000", ticket=ticket)
        before = misses.read(key, window=look_ups.WINDOW)
        assert tap(client, event, look_up(client, event, "5678", ticket=ticket)).status_code == 303
        assert misses.read(key, window=look_ups.WINDOW) == before - (0 if arrived else 1)


def test_nothing_is_taken_back_from_a_window_that_never_held_it(both_app: Flask) -> None:
    start, window = utcnow(), look_ups.WINDOW
    with clock.freeze(start):
        misses.count("all", window=window)
        misses.count("a page", window=window)
    with clock.freeze(start + window):
        misses.count("all", window=window)
        misses.take_back("a page", of="all", at_most=1)
        assert misses.read("all", window=window) == 1
        misses.count("another page", window=window)
        misses.take_back("another page", of="all", at_most=1)
        misses.take_back("another page", of="all", at_most=1)
        assert misses.read("all", window=window) == 0


def test_event_shows_two_of_a_hundred_listed_people_and_at_least_five(app: Flask) -> None:
    assert look_ups.may_be_shown(with_roster().id) == 5
    assert look_ups.may_be_shown(training(400).id) == 8


def spend(event: EventView, times: int = 1) -> None:
    misses.count(f"look_up:{event.id}", window=look_ups.WINDOW, many=times * look_ups.MISSES)


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


def guess(event: EventView, order: list[str]) -> tuple[int, int]:
    """Try the digits in this order, a new page for each guess, with the commonest surname, never slowed down.

    Returns how many are learnt, each of them masked, by the digits alone, and until the name is asked for.
    """
    learned: set[int] = set()
    by_digits_alone, name = 0, ""
    with clock.freeze(utcnow()):
        for digits in order:
            try:
                found = look_ups.find(event.id, f"page {event.id}.{digits}", digits, name)
            except MoreAsked as more:
                if more.asks == "name":
                    break
                by_digits_alone, name = len(learned), SURNAMES[0]
            else:
                learned |= {person.entry_id for person in found}
        else:
            pytest.fail("nothing stopped the guesser")
    return by_digits_alone, len(learned)


@pytest.mark.parametrize("listed", LEARNED)
def test_a_new_page_per_guess_teaches_a_guesser_two_of_a_hundred_at_most(app: Flask, listed: int) -> None:
    """In ten minutes, before the first character is asked for: 2 % or five people, whatever the guesser knows."""
    event, other = training(listed), training(listed)
    guessed = guess(event, [f"{digits:04}" for digits in range(10_000)])
    liked = list(dict.fromkeys(entry.mobile[-4:] for entry in rosters.entries(other.id) if entry.mobile))
    lucky = guess(other, [*liked, *(f"{digits:04}" for digits in range(10_000))])
    assert (guessed, lucky) == (LEARNED[listed], LEARNED_BY_LUCK[listed])
    assert max(guessed[0], lucky[0]) <= max(5, listed * 0.02)


def test_a_known_name_is_guessed_five_times_and_then_only_the_form_helps(app: Flask) -> None:
    event = with_roster()
    spend(event, times=2)
    for number in range(look_ups.TICKET_MISSES):
        assert look_ups.find(event.id, f"page {number}", "0000", "王小强") == ()
    with pytest.raises(Refused, match="spent"):
        look_ups.find(event.id, "a new page", "5678", "王小强")
    assert look_ups.find(event.id, "a new page", "9000", "李娜")


def test_67_people_behind_one_address_all_get_in_though_half_mistype_once(app: Flask) -> None:
    """30 of them in the first minute, the others in the nine that follow; each on a phone of its own, and each looks
    at the page for twelve seconds before the tap. Who comes when six others do not stand there is asked nothing more.
    """
    event, start, dwell = training(67), utcnow(), timedelta(seconds=12)
    entries = rosters.entries(event.id)
    phones = [(app.test_client(use_cookies=False), entry.name, str(entry.mobile)[-4:]) for entry in entries]
    coming = [start + timedelta(seconds=n * 2 if n < 30 else 60 + (n - 30) * 14) for n in range(67)]
    moments = sorted(
        [(at, n, "type") for n, at in enumerate(coming)] + [(at + dwell, n, "tap") for n, at in enumerate(coming)]
    )
    shown, asked_more = {}, []
    for moment, number, step in moments:
        phone, name, last4 = phones[number]
        with clock.freeze(moment):
            if step == "tap":
                assert tap(phone, event, shown.pop(number)).status_code == 303, number
                continue
            page = phone.get(f"/e/{event.code}", environ_base={"REMOTE_ADDR": "10.0.0.9"})
            ticket = hidden(page, "ticket")
            if number % 2:
                assert look_up(phone, event, "0001", ticket=ticket).status_code == 422
            answer = look_up(phone, event, last4, ticket=ticket)
            if answer.status_code == 422:
                asked_more.append((number, len(shown)))
                answer = look_up(phone, event, last4, ticket=ticket, name=name[0])
            assert answer.status_code == 200, number
            shown[number] = answer
    assert {number for number, _others in asked_more} <= set(range(30)) and len(asked_more) <= 5, asked_more
    assert all(others >= look_ups.SHOWN_LEAST for _number, others in asked_more), asked_more
    assert misses.read(f"look_up:{event.id}", window=timedelta(hours=1)) == 0, "each of them is in"
    assert (events.counts(event.id).arrived, events.counts(event.id).listed_arrived) == (67, 67)
    assert look_ups.asked(event.id) is None and tallies.recount() == ()
