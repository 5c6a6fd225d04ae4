"""What the database is asked, and how it goes about it; and the address of every page that staff and stewards open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event as sa_event, select

from kiosk.extensions import db
from kiosk.models import Proof, RollCall, RosterEntry, SignIn
from kiosk.services.event.event_views import EventView

NO_PAGES = ("/", ".pdf", ".xlsx", ".docx", ".csv", ".png", "/stream", "/file", "<token>")  # files, and what never ends
REGIONS = ("numbers", "chart", "missing", "breakdown", "trouble")


@contextmanager
def traced(engine: Any, statements: list[str]) -> Iterator[None]:
    """Note what SQLite itself is asked on a connection of this engine."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.set_trace_callback(statements.append)
    yield
    raw.set_trace_callback(None)


@contextmanager
def noted(engine: Engine, asked: list[tuple[str, Any]]) -> Iterator[None]:
    """Note the statements of an engine with their values."""

    def note(_connection: Connection, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not many:
            asked.append((statement, values))

    sa_event.listen(engine, "before_cursor_execute", note)
    yield
    sa_event.remove(engine, "before_cursor_execute", note)


def plan_of(connection: Connection, statement: str, values: Any) -> list[str]:
    """Return the steps by which SQLite answers a statement."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [str(row[3]) for row in rows]


def values_of(event: EventView) -> dict[str, Any]:
    """Return what stands for the parts of an address: the event's own, and the first of its rows where there is one."""

    def first(model: Any) -> int | None:
        number: int | None = db.session.scalar(select(model.id).where(model.event_id == event.id).limit(1))
        return number

    rows = {"sign_in_id": SignIn, "entry_id": RosterEntry, "roll_call_id": RollCall, "proof_id": Proof}
    known = {"code": event.code, "campaign_id": event.campaign_id, "organisation_id": 1, "staff_id": 1}
    return known | {name: number for name, model in rows.items() if (number := first(model)) is not None}


def addresses(app: Flask, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each page's rule and an address of it, where its parts are known; a rule with a choice once for each."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        text, names = str(rule), rule.arguments
        if "GET" not in (rule.methods or ()) or text.endswith(NO_PAGES) or not names <= {*values, "region"}:
            continue
        for region in REGIONS if "region" in names else ("",):
            parts = {name: values.get(name, region) for name in names}
            with app.test_request_context():
                yield f"{text} {region}".strip(), app.url_for(rule.endpoint, **parts)
