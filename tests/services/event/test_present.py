"""Which event is on: what a screen that follows the agenda shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.services.event import agenda
from kiosk.services.event.agenda import Slot

DAY = datetime(2026, 9, 10, tzinfo=UTC)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def slot(
    id_: int, starts: float | None, opens: float | None, closes: float | None, *, by_hand: float | None = None
) -> Slot:
    """One event of the day, by its hours."""
    moments = (None if hour is None else at(hour) for hour in (starts, opens, closes, by_hand))
    starts_at, opens_at, closes_at, closed_by_hand_at = moments
    return Slot(
        id=id_,
        code=f"CODE{id_}",
        starts_at=starts_at,
        opens_at=opens_at,
        closes_at=closes_at,
        closed_by_hand_at=closed_by_hand_at,
        created_at=at(-24),
    )


MORNING, AFTERNOON, EVENING = slot(1, 9, 8, 13), slot(2, 13.5, 12.5, 18), slot(3, 19, 18.5, 22)
TITLE_ONLY = slot(4, None, None, None)


@pytest.mark.parametrize(
    ("hour", "code"),
    [
        (6, "CODE1"),  # the next to open
        (8, "CODE1"),
        (12.4, "CODE1"),
        (12.5, "CODE2"),  # both are open: the one that starts later
        (14, "CODE2"),
        (18.2, "CODE3"),  # between two: the next to open, not the one that is over
        (21, "CODE3"),
        (23, "CODE3"),  # all are over: the last
        (22 + 23.9, "CODE3"),
        (22 + 24, None),  # nothing old in a corridor
    ],
)
def test_screen_shows_what_is_on_then_what_comes_then_what_was_last(hour: float, code: str | None) -> None:
    for order in ((MORNING, AFTERNOON, EVENING), (EVENING, AFTERNOON, MORNING)):
        shown = agenda.present(order, at(hour))
        assert (None if shown is None else shown.code) == code


def test_nothing_is_on_without_events() -> None:
    assert agenda.present((), at(9)) is None


def test_event_without_times_gives_way_to_the_sitting_that_is_open() -> None:
    assert agenda.present((MORNING, TITLE_ONLY), at(9)) == MORNING
    assert agenda.present((MORNING, TITLE_ONLY), at(14)) == TITLE_ONLY


def test_closing_by_hand_moves_the_screens_on() -> None:
    closed = slot(1, 9, 8, 13, by_hand=10)
    assert agenda.present((closed, AFTERNOON), at(10.5)) == AFTERNOON
    assert agenda.present((closed,), at(10.5)) == closed and closed.closed_at == at(10)
    assert agenda.present((closed,), at(34.5)) is None


def test_two_at_once_are_always_the_same_one() -> None:
    one, other = slot(1, 9, 8, 13), slot(2, 9, 8, 13)
    for hour in (7, 9, 14):
        assert agenda.present((one, other), at(hour)) == agenda.present((other, one), at(hour))
