"""Pauses of long work: by time, also over many short loops, and whatever the items cost."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from kiosk.services import pauses
from kiosk.services.pauses import SLICE, pausing


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moments of the pauses, by a clock that each item moves on."""
    clock = SimpleNamespace(now=100.0)
    rests: list[float] = []
    monkeypatch.setattr(
        pauses, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=lambda _: rests.append(clock.now))
    )
    monkeypatch.setattr(pauses, "_last", threading.local())
    monkeypatch.setattr(pauses, "clock", clock, raising=False)
    return rests


def work(count: int, seconds: float) -> None:
    for _ in pausing(range(count)):
        pauses.clock.now += seconds  # type: ignore[attr-defined]


def test_a_long_loop_stops_as_often_as_its_items_take_time(rests: list[float]) -> None:
    work(100, SLICE / 10)
    assert 9 <= len(rests) <= 12
    work(5, SLICE * 3)
    assert 14 <= len(rests) <= 17, "an item that takes long is one slice"


def test_many_short_loops_stop_too(rests: list[float]) -> None:
    for _ in range(100):
        work(1, SLICE / 10)
    assert 9 <= len(rests) <= 12


def test_what_is_quick_does_not_stop(rests: list[float]) -> None:
    work(3, 0)
    before = len(rests)
    work(1000, 0)
    assert before <= 1 and len(rests) == before
