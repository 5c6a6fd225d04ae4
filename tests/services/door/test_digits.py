"""The brake on guessing the digits of a rotating code: what is counted, what a guesser meets, what the honest do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from kiosk import clock
from kiosk.services import tallies
from kiosk.services.door import digits, misses
from kiosk.services.door.digits import DigitsOfTwoChanges
from kiosk.services.event import rotation
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.store.writer import WriterSession, run
from tests.aids.rotating import SECONDS, on_screen, rotating, wrong_for


class Time:
    """The server's clock, moved by hand."""

    now = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    one = Time()
    monkeypatch.setattr(clock, "_source", lambda: one.now)
    yield one


def miss(event: EventView, page: str = "", many: int = 1) -> None:
    for _guess in range(many):
        with pytest.raises(Refused, match="digits_wrong"):
            digits.check(event, wrong_for(event), page=page)


def guess_away(event: EventView, many: int = digits.EVENT_MISSES) -> None:
    """Let somebody with a new page for each guess spend the event's budget."""
    misses.count(f"digits:{event.id}", window=digits.WINDOW, many=many)


def arrive(event: EventView, many: int) -> None:
    def work(session: WriterSession) -> None:
        tallies.change(session.driver, event.id, arrived=many)

    run(work)


def test_a_page_that_misses_five_times_types_the_digits_of_two_changes(app: Flask, time: Time) -> None:
    event = rotating()
    miss(event, "page", digits.PAGE_MISSES - 1)
    digits.check(event, on_screen(event), page="page")
    miss(event, "page")
    with pytest.raises(DigitsOfTwoChanges) as asked:
        digits.check(event, on_screen(event), page="page")
    digits.check(event, on_screen(event), page="another page")
    with pytest.raises(DigitsOfTwoChanges):
        digits.check(event, on_screen(event), page="page", proof=asked.value.proof)  # the same digits again
    time.now += timedelta(seconds=SECONDS)
    with pytest.raises(Refused):
        digits.check(event, wrong_for(event), page="page", proof=asked.value.proof)
    digits.check(event, on_screen(event), page="page", proof=asked.value.proof)


def test_who_takes_a_new_page_for_each_guess_spends_the_event_s_budget(app: Flask, time: Time) -> None:
    event, other = rotating(), rotating()
    guess_away(event, digits.EVENT_MISSES - 1)
    digits.check(event, on_screen(event))
    miss(event, "page")
    with pytest.raises(DigitsOfTwoChanges) as asked:
        digits.check(event, on_screen(event), page="honest")
    digits.check(other, on_screen(other))
    for proof in ("", "x", asked.value.proof[:-1], digits.BEFORE.sign(other.id, 1)):
        time.now += timedelta(seconds=1)
        with pytest.raises(DigitsOfTwoChanges):
            digits.check(event, on_screen(event), proof=proof)


def test_a_million_tries_are_hopeless(app: Flask, time: Time) -> None:
    """Two of a million are right. Within the budget a guesser may hope once an hour for a miss that was none; beyond it
    for two in a row."""
    right = (1 + rotation.OVERLAP) / 10**rotation.LENGTH
    an_hour, tries = digits.WINDOW / timedelta(hours=1), 1_000_000
    assert 1 - (1 - right) ** (digits.EVENT_MISSES / an_hour) < 0.001
    assert tries * right * digits.AFTER_MISSES * right < 0.001, "each that is right is followed by so many guesses"


def test_who_has_guessed_one_change_right_has_few_tries_at_the_next(app: Flask, time: Time) -> None:
    event = rotating()
    guess_away(event)
    with pytest.raises(DigitsOfTwoChanges) as asked:
        digits.check(event, on_screen(event))
    time.now += timedelta(seconds=SECONDS)
    for page in range(digits.AFTER_MISSES):
        with pytest.raises(Refused):
            digits.check(event, wrong_for(event), page=f"page {page}", proof=asked.value.proof)
    with pytest.raises(DigitsOfTwoChanges) as once_more:
        digits.check(event, on_screen(event), proof=asked.value.proof)
    time.now += timedelta(seconds=SECONDS)
    digits.check(event, on_screen(event), proof=once_more.value.proof)  # it goes on with the next ones


def test_a_proof_is_of_no_use_after_the_time_for_typing(app: Flask, time: Time) -> None:
    event = rotating()
    guess_away(event)
    with pytest.raises(DigitsOfTwoChanges) as asked:
        digits.check(event, on_screen(event))
    time.now += rotation.TYPING + timedelta(seconds=SECONDS)
    with pytest.raises(DigitsOfTwoChanges):
        digits.check(event, on_screen(event), proof=asked.value.proof)


def test_a_crowd_may_mistype_as_often_as_people_have_come(app: Flask, time: Time) -> None:
    event = rotating()
    arrive(event, 2000)
    guess_away(event, 1999)
    digits.check(event, on_screen(event))
    guess_away(event, 1)
    with pytest.raises(DigitsOfTwoChanges):
        digits.check(event, on_screen(event))


def test_an_hour_later_all_is_as_before(app: Flask, time: Time) -> None:
    event = rotating()
    guess_away(event)
    time.now += digits.WINDOW + timedelta(seconds=1)
    digits.check(event, on_screen(event))


def test_what_is_no_six_digits_is_no_guess(app: Flask, time: Time) -> None:
    event = rotating()
    for typed in ("", "12345", "abcdef", "1234567", "一二三四五六"):
        with pytest.raises(Refused):
            digits.check(event, typed, page="page")
    assert misses.read(f"digits:{event.id}", window=digits.WINDOW) == 0


@pytest.mark.parametrize("form", ["{0}{1}", "{0} {1}", " {0}-{1} ", "wide"])
def test_digits_may_be_wide_or_in_groups(app: Flask, time: Time, form: str) -> None:
    event = rotating()
    shown = on_screen(event)
    wide = shown.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    digits.check(event, wide if form == "wide" else form.format(shown[:3], shown[3:]))


def test_a_store_that_is_away_closes_no_door_and_opens_none_wider(
    app: Flask, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = rotating()

    def away(*_asked: object, **_options: object) -> int:
        raise misses.StoreAway

    monkeypatch.setattr(misses, "read", away)
    monkeypatch.setattr(misses, "count", away)
    with pytest.raises(Refused, match="digits_wrong"):
        digits.check(event, wrong_for(event))
    with pytest.raises(DigitsOfTwoChanges):
        digits.check(event, on_screen(event))


def test_misses_of_one_address_are_nobody_else_s(both_app: Flask, time: Time) -> None:
    """Four hundred people behind one address: each page for itself, and the event's budget for all."""
    event = rotating()
    for page in range(20):
        miss(event, f"page {page}", 2)
    digits.check(event, on_screen(event), page="page 3")
    assert misses.read(f"digits:{event.id}", window=digits.WINDOW) == 40
