"""The bell: a change in any process reaches whoever listens, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask

from kiosk.config import ROOT
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.store import live
from kiosk.services.store.batches import Queue, Writer
from kiosk.services.store.live import Bell, Listening
from kiosk.services.store.writer import WriterSession, run, run_with
from tests.aids.factories import enterprise, make_event, sign_in

PATIENCE = 10.0


def _until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def _bump(event_id: int) -> Callable[[WriterSession], int | None]:
    return lambda session: tallies.change(session.driver, event_id)


def test_a_listener_is_told_the_present_revision_first(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    with live.listen(event.id) as bell:
        assert bell.wait(PATIENCE) == events.counts(event.id).revision == 1


def test_a_sign_in_rings_the_bell(both_app: Flask) -> None:
    event = make_event()
    with live.listen(event.id) as bell:
        assert bell.wait(PATIENCE) == 0
        sign_in(event, enterprise())
        assert bell.wait(PATIENCE) == 1


def test_without_a_change_the_wait_ends_with_none(both_app: Flask) -> None:
    event = make_event()
    with live.listen(event.id) as bell:
        bell.wait(PATIENCE)
        assert bell.wait(0.05) is None


def test_after_a_failure_of_the_disk_the_bell_opens_the_database_anew(app: Flask) -> None:
    """A connection from a read-only time would keep this process from writing."""
    event = make_event()
    with live.listen(event.id) as bell:
        assert bell.wait(PATIENCE) == 0
        watched = app.extensions[live.EXTENSION]
        opened, open_source = [], watched._open_source
        watched._open_source = lambda: (opened.append(1), open_source())[1]
        for close in app.extensions["kiosk_writer"].writer.on_disk_failure:
            close()
        sign_in(event, enterprise())
        assert bell.wait(PATIENCE) == 1
        deadline = time.monotonic() + PATIENCE  # the old connection may have heard it just before it was closed
        while not opened and time.monotonic() < deadline:
            time.sleep(0.01)
        assert opened == [1]


def test_another_process_rings_the_bell(both_app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the safety net, so that it is the file's version or the notification that rings, at whatever load."""
    monkeypatch.setattr(live, "SAFETY_SECONDS", 3600.0)
    event = make_event()
    program = f"""
import sys
from pathlib import Path
from kiosk.services import tallies
from kiosk.services.store import live
from kiosk.services.store.batches import Queue, Writer
from kiosk.services.store.writer import run_with
from sqlalchemy import make_url
writer = Writer(make_url({database_url!r}), Path({str(both_app.config["KIOSK"].instance_dir)!r}) / "writer.lock")
live.attach(writer)
print("ready", flush=True)
sys.stdin.readline()
run_with(Queue(writer), lambda session: tallies.change(session.driver, {event.id}), event_id={event.id})
sys.stdin.readline()
writer.close()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other, live.listen(event.id) as bell:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "ready\n"  # how long a program takes to start says nothing of the bell
        assert bell.wait(PATIENCE) == 0
        other.stdin.write("now\n")
        other.stdin.flush()
        assert bell.wait(PATIENCE) == 1
        other.stdin.write("end\n")


def test_a_bell_of_another_event_stays_silent(both_app: Flask) -> None:
    event, other = make_event(), make_event(title="开放日")
    with live.listen(event.id) as bell:
        bell.wait(PATIENCE)
        sign_in(other, enterprise())
        assert bell.wait(0.3) is None


def test_every_listener_is_rung_and_many_changes_are_one_ring(both_app: Flask) -> None:
    event = make_event()
    with live.listen(event.id) as first, live.listen(event.id) as second:
        assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
        for _ in range(5):
            run(_bump(event.id), event_id=event.id)
        heard = {first: 0, second: 0}
        for bell in heard:
            while heard[bell] < 5:
                revision = bell.wait(PATIENCE)
                assert revision is not None and revision > heard[bell]
                heard[bell] = revision


def test_the_watcher_goes_when_nobody_listens_and_comes_again(both_app: Flask) -> None:
    event = make_event()
    with live.listen(event.id) as bell:
        bell.wait(PATIENCE)
        watcher: Bell = both_app.extensions[live.EXTENSION]
        assert watcher.is_watching
    _until(lambda: not watcher.is_watching)
    with live.listen(event.id) as again:
        assert again.wait(PATIENCE) == 0
    _until(lambda: not watcher.is_watching)


def test_the_bell_returns_after_its_database_was_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SAFETY_SECONDS", 0.05)
    event = make_event()
    tries: list[int] = []

    def open_source() -> live.Source:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("away")
        return live.open_source(app.config["KIOSK"].engine_url)

    with Bell(open_source).listen(event.id) as bell:
        assert bell.wait(PATIENCE) == 0
    assert len(tries) == 3


def test_a_ring_during_the_wait_is_not_lost() -> None:
    listening = Listening(1)
    threading.Timer(0.05, listening.ring, [7]).start()
    assert listening.wait(PATIENCE) == 7
    listening.ring(8)
    listening.ring(9)
    assert listening.wait(0) == 9
    assert listening.wait(0) is None


def test_a_commit_names_the_events_it_wrote_and_a_failed_one_does_not(both_app: Flask) -> None:
    event = make_event()
    named: list[set[int]] = []
    queue: Queue = both_app.extensions["kiosk_writer"]
    writer: Writer = queue.writer
    writer.on_commit.append(named.append)

    def fail(session: WriterSession) -> None:
        raise ValueError("no")

    run_with(queue, _bump(event.id), event_id=event.id)
    with pytest.raises(ValueError, match="no"):
        run_with(queue, fail, event_id=event.id)
    assert named == [{event.id}]
