"""The six characters that somebody says of their phone: who was signed in for it, and what it sent itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sa_event

from kiosk.extensions import db
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_search, hand_work, own_sign_ins
from kiosk.services.door.hand_work import new_key
from tests.aids.factories import enterprise, guest, make_event, sign_in, ticket_for

CODE = "ACDEFG"


def plans_of(work: Callable[[], Any]) -> list[str]:
    """Return how SQLite finds the rows of each statement that is made meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_others: Any) -> None:
        statements.append((statement, parameters))

    sa_event.listen(db.engine, "before_cursor_execute", note)
    work()
    sa_event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()) for sql, values in statements]


def test_a_phone_s_form_finds_whom_a_steward_signed_in_for_it_and_nobody_else(both_app: Flask) -> None:
    event, other = make_event(), make_event()
    own = ticket_for(event)
    sign_in(event, guest("甲"), ticket=own)
    assert own_sign_ins.by_spoken_code(event.id, own.spoken_code) is None  # by its own phone: its key finds it
    hand_work.sign_in_walk_in(event, enterprise(), Hand("steward:5", new_key()), spoken_code=CODE)
    (row,) = hand_search.search(event.id, CODE).rows  # type: ignore[union-attr]
    assert own_sign_ins.by_spoken_code(event.id, CODE) == row.sign_in_id
    assert own_sign_ins.by_spoken_code(other.id, CODE) is None


def test_whom_a_hand_signed_in_is_found_by_an_index_of_their_own(app: Flask) -> None:
    event = make_event()
    (plan,) = plans_of(lambda: own_sign_ins.by_spoken_code(event.id, CODE))
    assert "ix_sign_in_heard" in plan


def test_a_steward_finds_what_a_phone_sent_among_the_latest_only(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, first = make_event(), None
    for name in ("甲", "乙", "丙"):
        own = ticket_for(event)
        first = first or own
        sign_in(event, guest(name), ticket=own)
    assert first is not None
    assert [row.name for row in hand_search.search(event.id, first.spoken_code.lower()).rows] == ["甲"]  # type: ignore[union-attr]
    monkeypatch.setattr(hand_search, "LATEST", 2)  # so that a search costs the same at any size
    assert hand_search.search(event.id, first.spoken_code).rows == ()  # type: ignore[union-attr]
