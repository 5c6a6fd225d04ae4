"""What each worker would do for the first time is done once, before they are forked: a board is drawn, and looked is
what is due, on an empty database in this process's memory (docs/decisions/0029-memory.md).

The first time costs more than any other: statements are compiled, templates loaded, and all the code that does so is
used, which makes the pages of memory around it the worker's own. Done here, it is done once, and shared.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event as sa_event

from kiosk.extensions import db
from kiosk.services.account import staff_sessions
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.people import rows
from kiosk.services.store.writer import WriterSession
from kiosk.services.upkeep import housekeeping, upgrades
from kiosk.sqlite_driver import sqlite3
from kiosk.web.board import live_fragments

log = logging.getLogger(__name__)


def use_once(app: Flask, empty: Path = upgrades.EMPTY) -> bool:
    """Do it, and say whether it was done: with PostgreSQL, or without the empty database of `make install`, it is not.

    Of the application's own database nothing is read; what it remembers of the other is forgotten, and the connection
    closed.
    """
    if not app.config["KIOSK"].is_sqlite or not empty.exists():
        return False
    before = dict(app.extensions)
    try:
        with app.app_context(), _connected_to_memory(db.engine, empty):
            event = _make_event()
            with app.test_request_context("/"):
                live_fragments.screen(event, may_run=True)
                rows.by_ids((0,))  # both asked for a board where somebody has come
                rows.ticks_of((0,))
                staff_sessions.find("")
            housekeeping.is_anything_due()
            db.session.remove()
    except Exception:  # a server that uses everything for the first time later serves as well
        log.warning("nothing could be used before the workers are forked", exc_info=True)
        return False
    finally:
        app.extensions.clear()  # what is remembered of events, by numbers that another event has in the own database
        app.extensions.update(before)
    return True


@contextlib.contextmanager
def _connected_to_memory(engine: Engine, empty: Path) -> Iterator[None]:
    """Let every connection that the engine makes inside the block be to a copy of an empty database in memory."""

    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> Any:
        connection = sqlite3.connect(":memory:", **options)
        with contextlib.closing(sqlite3.connect(f"file:{empty}?mode=ro&immutable=1", uri=True)) as source:
            source.backup(connection)
        return connection

    engine.dispose()  # or one that is open would be used
    sa_event.listen(engine, "do_connect", connect)
    try:
        yield
    finally:
        sa_event.remove(engine, "do_connect", connect)
        db.session.remove()
        engine.dispose()


def _make_event() -> EventView:
    with db.engine.connect() as connection, WriterSession(bind=connection) as session:
        code = events.add(session, events.EventDraft(title="Kiosk")).code
        session.commit()
    event = event_views.find(code)
    assert event is not None
    return event
