"""PostgreSQL's planner hears of tables that have grown: a plan of an empty table must not outlive its emptiness."""

from __future__ import annotations

import time

from flask import Flask
from sqlalchemy import text

from kiosk.extensions import db
from kiosk.services.store import planner
from tests.aids.factories import guest, make_event, sign_in

PATIENCE = 15.0
COUNTED = text("SELECT reltuples FROM pg_class WHERE relname = 'sign_in'")
CROWD = 200


def planned_rows() -> float:
    """Return how many sign-ins the planner knows of; -1 when it has never heard of any."""
    rows: float = db.session.scalar(COUNTED)
    db.session.rollback()
    return rows


def test_a_table_that_grew_is_counted_while_people_come(postgresql_app: Flask) -> None:
    event = make_event()
    assert planned_rows() <= 0
    for number in range(CROWD):
        sign_in(event, guest(f"张{number}"))
    deadline = time.monotonic() + PATIENCE
    while planned_rows() < CROWD / 2:
        assert time.monotonic() < deadline, "the planner still thinks that the table is empty"
        sign_in(event, guest(f"李{time.monotonic_ns()}"))
        time.sleep(0.05)


def test_tables_are_looked_at_once_a_second_and_counted_only_when_they_grew() -> None:
    asked: list[str] = []
    grown = [("sign_in",)]

    class Connection:
        def execute(self, sql: str) -> Connection:
            asked.append(sql)
            return self

        def fetchall(self) -> list[tuple[str]]:
            return grown

    news = planner.PlannerNews()
    news.look(Connection())
    news.look(Connection())
    assert asked == [planner.GROWN, "ANALYZE (SKIP_LOCKED) sign_in"]
    grown.clear()
    news._looked_at -= planner.LOOK_SECONDS
    news.look(Connection())
    assert asked[2:] == [planner.GROWN]
