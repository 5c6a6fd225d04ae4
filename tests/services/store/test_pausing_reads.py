"""Who reads much beside a door pauses between two statements; nobody else does, and the writer never."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import event as sa_event, select

from kiosk.extensions import db
from kiosk.models import StoredSetting
from kiosk.services import pauses
from kiosk.services.board import dashboards, people
from kiosk.services.store import writer
from kiosk.services.store.pausing_reads import pausing_reads
from tests.aids.factories import guest, make_event, sign_in


@pytest.fixture
def pauses_due(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """After how many seconds a pause was due, of each moment at which somebody would have paused."""
    due: list[float] = []
    monkeypatch.setattr(pauses, "pause_if_due", due.append)
    return due


def test_a_board_lets_the_door_in_before_each_statement(app: Flask, pauses_due: list[float]) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    executed: list[str] = []
    pauses_due.clear()

    @sa_event.listens_for(db.engine, "before_cursor_execute")
    def count(*arguments: object) -> None:
        executed.append(str(arguments[2]))

    dashboards.read(event)
    of_tallies = [statement for statement in executed if "FROM event_tally" in statement]
    assert len(of_tallies) == 1, "it is read by its connection, row by row"
    assert len(pauses_due) == len(executed) - len(of_tallies) >= 6
    assert set(pauses_due) == {pauses.FINE}


def test_elsewhere_nobody_pauses(app: Flask, pauses_due: list[float]) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    with pausing_reads():
        people.latest(event.id)
        inside = len(pauses_due)
        writer.run(lambda session: session.execute(select(StoredSetting)).all())
        assert len(pauses_due) == inside, "the writer holds what others wait for"
    assert inside
    people.latest(event.id)
    assert len(pauses_due) == inside


def test_fine_pauses_do_not_make_work_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "pause", lambda: None)
    monkeypatch.setattr(pauses, "_last", threading.local())
    for _ in range(2 * pauses.LONG):
        pauses.pause_if_due(pauses.FINE)
        pauses._last.at = 0.0
    assert not pauses.was_long(), "a board's page leaves nothing behind"
    for _ in range(pauses.LONG):
        pauses.pause_if_due()
        pauses._last.at = 0.0
    assert pauses.was_long()
