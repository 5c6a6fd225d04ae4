"""The digits of a rotating code, as they are typed, and a brake on guessing them.

Two of a million are right at any moment. Misses are counted by page and by event, never by address: four hundred people
share one. Whoever misses too often, and everybody at an event at which somebody does, types the digits of two changes
one after the other, which nobody guesses; it never closes, and costs the honest one more change of the screen.
docs/decisions/0019-rotating-digits.md has the numbers.
"""

from __future__ import annotations

from datetime import timedelta

from kiosk.services.codes import Token
from kiosk.services.door import misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.event import events, rotation
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.store.writer import end_read

WINDOW = timedelta(hours=1)
PAGE_MISSES = 5
EVENT_MISSES = 200  # in a window, or as many as have arrived
AFTER_MISSES = 20  # of all who have typed those of one change, at those of the next
BEFORE = Token[int]("digits", int)  # for one event: the change whose digits were typed


class DigitsOfTwoChanges(Exception):
    """The digits are right, and those of the next change are asked for too; `proof` is sent along with them."""

    def __init__(self, proof: str) -> None:
        super().__init__("once more")
        self.proof = proof


def check(event: EventView, typed: str, *, page: str = "", proof: str = "") -> None:
    """Return where the digits are right. Raise Refused("digits_wrong"), or DigitsOfTwoChanges.

    `page` is the key of the ticket on the page they were typed on, empty where none was sent.
    """
    digits = rotation.typed_digits(typed)
    if digits is None:
        raise Refused("digits_wrong")  # no guess
    is_guessed_at, before = _is_guessed_at(event.id, page), _typed_before(event, proof)
    step = rotation.step_of(event, digits)
    if step is None:
        _count(event.id, page, before)
        raise Refused("digits_wrong")
    longest = rotation.TYPING.total_seconds() // (event.rotate_seconds or rotation.MOST)
    if is_guessed_at and not (before is not None and before < step <= before + longest):
        raise DigitsOfTwoChanges(BEFORE.sign(event.id, step))


def _typed_before(event: EventView, proof: str) -> int | None:
    """Return the change whose digits were typed before, unless too many have guessed at those of the next since."""
    before = BEFORE.find(event.id, proof) if proof else None
    if before is None:
        return None
    try:
        return before[0] if misses.read(_after(event.id, before[0]), window=WINDOW) < AFTER_MISSES else None
    except StoreAway:
        return before[0]


def _is_guessed_at(event_id: int, page: str) -> bool:
    try:
        if page and misses.read(_of_page(page), window=WINDOW) >= PAGE_MISSES:
            return True
        missed = misses.read(_of_event(event_id), window=WINDOW)
    except StoreAway:
        return True
    return missed >= EVENT_MISSES and missed >= events.counts(event_id).arrived


def _count(event_id: int, page: str, before: int | None) -> None:
    end_read()  # a miss is counted elsewhere
    try:
        if misses.count(_of_event(event_id), window=WINDOW) == 1:
            misses.forget_old("digits", window=WINDOW)
        if page:
            misses.count(_of_page(page), window=WINDOW)
        if before is not None:
            misses.count(_after(event_id, before), window=WINDOW)
    except StoreAway:
        return  # said in the log; it is as careful as it can be


def _of_event(event_id: int) -> str:
    return f"digits:{event_id}"


def _after(event_id: int, step: int) -> str:
    return f"digits.after:{event_id}:{step}"


def _of_page(key: str) -> str:
    return f"digits.page:{key}"
