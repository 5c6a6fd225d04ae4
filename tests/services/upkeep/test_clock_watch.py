"""A clock that has jumped deletes nothing for an hour: what is due is due by a clock that is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from kiosk.clock import freeze
from kiosk.services.upkeep import housekeeping
from kiosk.services.upkeep.housekeeping import LOOK_SECONDS, STEADY_SECONDS, ClockWatch

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def looks(jumps: dict[int, timedelta], count: int) -> Iterator[bool]:
    """Look once a minute at a clock that jumps before some of the looks."""
    passed, ahead = [0.0], timedelta()
    with freeze(NOON):
        watch = ClockWatch(lambda: passed[0])
    for number in range(count):
        passed[0] += LOOK_SECONDS
        ahead += jumps.get(number, timedelta())
        with freeze(NOON + timedelta(seconds=passed[0]) + ahead):
            yield watch.is_steady()


def test_a_clock_that_goes_on_is_steady_also_when_it_is_set_right_by_seconds() -> None:
    assert all(looks({3: timedelta(seconds=40), 5: timedelta(seconds=-70)}, 10))


@pytest.mark.parametrize("jump", [YEAR, -YEAR, timedelta(hours=1)])
def test_a_jump_lasts_an_hour_and_so_does_the_jump_back(jump: timedelta) -> None:
    hour = int(STEADY_SECONDS / LOOK_SECONDS)
    steady = list(looks({5: jump, 15: -jump}, 30 + hour))
    assert steady == [True] * 5 + [False] * (10 + hour) + [True] * 15


def test_nothing_is_begun_meanwhile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    ahead, jumps = [timedelta()], iter([timedelta(), YEAR, timedelta()])
    monkeypatch.setattr(housekeeping, "is_anything_due", lambda: True)
    monkeypatch.setattr(housekeeping.beside, "start", begun.append)
    monkeypatch.setattr(housekeeping, "utcnow", lambda: datetime.now(UTC) + ahead[0])

    def turn() -> None:
        ahead[0] = next(jumps)

    with pytest.raises(StopIteration):
        housekeeping.keep_house(app, turn)
    assert begun == ["housekeeping"]
