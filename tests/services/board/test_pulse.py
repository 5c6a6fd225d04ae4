"""The door's health: what phones did, felt in memory and written once a second (docs/product.md 0.1 and 2.1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import EventMinute, EventPulse, EventRefusal
from kiosk.services import tallies
from kiosk.services.board import pulse
from kiosk.services.event import events
from kiosk.services.store.writer import WriterBusy
from tests.aids.factories import enterprise, make_event, sign_in


def _row(event_id: int) -> EventPulse:
    db.session.rollback()
    row = db.session.get(EventPulse, event_id, populate_existing=True)
    assert row is not None
    return row


def _until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def test_an_opening_is_written_only_by_the_flush(both_app: Flask) -> None:
    event = make_event()
    pulse.opened(event.id, "phone_private")
    assert _row(event.id).opened == 0
    pulse.flush()
    assert _row(event.id).opened == 1


def test_first_phone_keeps_its_time_and_the_last_one_moves(both_app: Flask) -> None:
    event = make_event()
    began = clock.utcnow()
    for minutes in (0, 3, 7):
        with clock.freeze(began + timedelta(minutes=minutes)):
            pulse.opened(event.id, "phone_private")
            pulse.flush()
    row = _row(event.id)
    assert row.first_phone_at == began
    assert row.last_phone_at == began + timedelta(minutes=7)
    assert not row.has_public_phone


def test_public_phone_is_remembered_after_private_ones(both_app: Flask) -> None:
    event = make_event()
    for kind in ("phone_private", "phone_public", "phone_private"):
        pulse.opened(event.id, kind)
        pulse.flush()
    assert _row(event.id).has_public_phone


def test_this_machine_opens_the_page_but_is_no_phone(both_app: Flask) -> None:
    event = make_event()
    pulse.opened(event.id, "own_machine")
    pulse.flush()
    row = _row(event.id)
    assert (row.opened, row.first_phone_at, row.last_phone_at) == (1, None, None)


def test_staffs_own_browser_counts_as_nothing(both_app: Flask) -> None:
    event = make_event()
    pulse.opened(event.id, "staff")
    pulse.flush()
    assert _row(event.id).opened == 0


def test_openings_and_finishes_are_kept_by_the_minute(both_app: Flask) -> None:
    event = make_event()
    began = clock.utcnow().replace(second=5)
    with clock.freeze(began):
        pulse.opened(event.id, "phone_private")
        pulse.opened(event.id, "phone_private")
        pulse.finished(event.id, began)
    with clock.freeze(began + timedelta(minutes=1)):
        pulse.opened(event.id, "phone_private")
    pulse.flush()
    minutes = db.session.scalars(select(EventMinute).order_by(EventMinute.minute)).all()
    assert [(m.minute.second, m.opened, m.finished, m.arrived) for m in minutes] == [(0, 2, 1, 0), (0, 1, 0, 0)]


def test_refusals_are_counted_by_their_code(both_app: Flask) -> None:
    event = make_event()
    for code in ("closed", "full", "closed"):
        pulse.refused(event.id, code)
    pulse.flush()
    pulse.refused(event.id, "closed")
    pulse.flush()
    rows = db.session.scalars(select(EventRefusal).order_by(EventRefusal.code)).all()
    assert [(row.code, row.refused) for row in rows] == [("closed", 3), ("full", 1)]


def test_pulse_leaves_the_arrivals_alone(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    pulse.opened(event.id, "phone_private")
    pulse.finished(event.id, clock.utcnow())
    pulse.flush()
    assert events.counts(event.id).arrived == 1
    assert tallies.recount() == ()


def test_first_phone_and_refusals_move_the_dashboards_at_once(both_app: Flask) -> None:
    event = make_event()
    pulse.opened(event.id, "phone_private")
    pulse.flush()
    first = events.counts(event.id).revision
    pulse.refused(event.id, "closed")
    pulse.flush()
    db.session.rollback()
    assert (first, events.counts(event.id).revision) == (1, 2)


def test_openings_alone_move_the_dashboards_every_few_seconds_and_the_last_one_is_owed(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    now = [1000.0]
    monkeypatch.setattr(pulse.time, "monotonic", lambda: now[0])

    def revision_after(seconds: float, *, is_opened: bool) -> int:
        now[0] += seconds
        if is_opened:
            pulse.opened(event.id, "own_machine")
        pulse.flush()
        db.session.rollback()
        return events.counts(event.id).revision

    assert revision_after(0, is_opened=True) == 1
    assert revision_after(1, is_opened=True) == 1
    assert revision_after(1, is_opened=False) == 1
    assert revision_after(1.5, is_opened=False) == 2
    assert revision_after(9, is_opened=False) == 2


def test_what_a_busy_writer_refuses_is_written_the_next_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    pulse.opened(event.id, "phone_private")

    def busy(*args: object, **kwargs: object) -> None:
        raise WriterBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr(pulse, "run_with", busy)
        pulse.flush()
    pulse.opened(event.id, "phone_private")
    pulse.flush()
    assert _row(event.id).opened == 2


def test_many_threads_lose_no_opening(app: Flask) -> None:
    event = make_event()
    memory = pulse.Pulse(app.extensions, is_flushed_by_hand=True)
    app.extensions[pulse.EXTENSION] = memory

    def open_many() -> None:
        with app.app_context():
            for _ in range(50):
                pulse.opened(event.id, "phone_private")

    threads = [threading.Thread(target=open_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pulse.flush()
    assert _row(event.id).opened == 400


def test_the_memory_empties_itself(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "FLUSH_SECONDS", 0.01)
    event = make_event()
    memory = app.extensions[pulse.EXTENSION] = pulse.Pulse(app.extensions)
    pulse.opened(event.id, "phone_private")
    _until(lambda: _row(event.id).opened == 1)
    pulse.opened(event.id, "phone_private")
    _until(lambda: _row(event.id).opened == 2)
    memory.stop()
