"""Pauses of long work: by time, also over many short loops, and whatever the items cost."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import gevent
import pytest

from kiosk.services import pauses
from kiosk.services.pauses import SLICE, pausing
from kiosk.services.store.writer_gevent import GeventQueue
from tests.aids.paths import ROOT

# Somebody has sent something, and somebody else computes: how many pauses go by until it is read.
UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, socket, time
from kiosk.services import pauses

ours, theirs = socket.socketpair()
heard, counted = [], []
gevent.spawn(lambda: [heard.append(ours.recv(1)) for _ in range(20)])
gevent.sleep(0.01)
for number in range(20):
    theirs.send(b"x")
    for count in range(1, 1000):
        until = time.thread_time() + pauses.SLICE
        while time.thread_time() < until:
            pass
        pauses.pause_if_due()
        if len(heard) > number:
            break
    counted.append(count)
print(max(counted))
"""


@pytest.mark.timeout(60)
def test_who_has_sent_something_is_heard_at_the_next_pause() -> None:
    """A sleep of nothing does not look: gevent then goes on with whoever computes, half a second and more."""
    command = [sys.executable, "-c", UNDER_GEVENT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert int(done.stdout) <= 3


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


def test_a_pause_lasts_while_somebody_waits_for_the_disk_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0, left=3)

    def sleep(seconds: float) -> None:
        clock.now += seconds
        clock.left -= 1

    monkeypatch.setattr(pauses, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    monkeypatch.setattr(pauses, "_doors", [])
    pauses.pause()
    assert clock.left == 2, "nobody waits"
    pauses.give_way_to(lambda: clock.left > 0)
    pauses.pause()
    assert clock.left == 0
    began = clock.now
    pauses.give_way_to(lambda: True)
    pauses.pause()
    assert clock.now - began <= pauses.GIVES_WAY + pauses.MOMENT


def test_whoever_writes_in_the_loop_is_who_pauses_give_way_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "_doors", [])

    def states() -> list[bool]:
        queue = GeventQueue(SimpleNamespace(is_sqlite=False, lock=SimpleNamespace()))  # type: ignore[arg-type]
        [is_waiting] = pauses._doors
        before, queue._is_writing = is_waiting(), True
        gevent.get_hub().destroy()
        return [before, is_waiting()]

    with ThreadPoolExecutor(1) as pool:  # the loop is a thread's own
        assert pool.submit(states).result() == [False, True]


def test_what_is_quick_does_not_stop(rests: list[float]) -> None:
    work(3, 0)
    before = len(rests)
    work(1000, 0)
    assert before <= 1 and len(rests) == before


def test_long_work_is_said_to_be_long_once(rests: list[float]) -> None:
    work(pauses.LONG, SLICE)
    assert pauses.was_long() and not pauses.was_long()
    work(pauses.LONG // 2, SLICE)
    assert not pauses.was_long(), "and each of many short requests of one phone is short"
    work(pauses.LONG // 2 + 1, SLICE)
    assert not pauses.was_long()
    pauses.count_as_long()
    assert pauses.was_long()
