"""The second step of a purge: off the disk, as far as the database reaches, while no event is open; where one without
an end is, in a minute in which nobody signs in; at the latest within a day.

SQLite: deleted text stays in free pages, in the journal and in copies that updates left within pages (`secure_delete`
misses those, measured): VACUUM writes the file anew, and a truncating checkpoint empties the journal. PostgreSQL:
VACUUM FULL writes the tables anew, ANALYZE the planner's statistics, which hold frequent values. What remains the
host's (backups, archives, the disk's free blocks) stands in docs/privacy.en.md.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Literal

from flask import current_app
from sqlalchemy import ColumnElement, Connection, and_, create_engine, exists, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from kiosk.clock import utcnow
from kiosk.config import Settings
from kiosk.extensions import db
from kiosk.models import SignIn, Task
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy.declaration import TABLES
from kiosk.services.privacy.purges import PurgeView
from kiosk.services.store.batches import Writer
from kiosk.services.store.writer import WriterBusy, WriterSession, end_read, unit
from kiosk.sqlite_driver import sqlite3

log = logging.getLogger(__name__)

FORGOTTEN = timedelta(days=1)  # an event that ended so long ago holds nothing up, though nobody closed its sign-in
LONGEST = timedelta(days=1)  # what was cleared stays on the disk no longer than this, whatever is open
QUIET = timedelta(minutes=1)  # without a sign-in at any event
READERS_SECONDS = 20.0  # a reader that holds the journal ends within its request
Outcome = Literal["done", "nothing", "event_open", "not_quiet", "busy"]


def is_pending() -> bool:
    """Say whether something that is cleared for every reader is still on the disk."""
    return bool(db.session.scalar(select(exists().where(_is_pending()))))


def waits_for() -> tuple[EventView, ...]:
    """Return the events that are open and have an end: rewriting the database would make their doors wait."""
    now = utcnow()
    return () if _is_overdue(now) else tuple(view for view in _open(now) if not _is_endless(view))


def waits_for_quiet() -> bool:
    """Say whether somebody has just signed in, while an event is open that names no end: it may be open for long."""
    now = utcnow()
    latest = select(SignIn.received_at).order_by(SignIn.id.desc()).limit(1)
    received_at = db.session.scalar(latest)
    is_quiet = received_at is None or received_at <= now - QUIET
    return not is_quiet and not _is_overdue(now) and any(map(_is_endless, _open(now)))


def is_due() -> bool:
    """Say whether the scrub can be done now."""
    return is_pending() and _held_up_by() is None


def _held_up_by() -> Outcome | None:
    if waits_for():
        return "event_open"
    return "not_quiet" if waits_for_quiet() else None


def scrub(*, is_at_once: bool = False) -> Outcome:
    """Take what was cleared off the disk; "event_open", "not_quiet" and "busy" mean that it is to be tried again.

    `is_at_once`: whoever asks takes it upon them that the doors of open events wait for it.
    """
    end_read()  # who asks again and again is to see what has come since
    began = utcnow()
    if not is_pending():
        return "nothing"
    if not is_at_once and (held_up_by := _held_up_by()) is not None:
        return held_up_by
    end_read()  # a read of one's own would hold the journal
    settings: Settings = current_app.config["KIOSK"]
    is_done = _scrub_sqlite(settings) if settings.is_sqlite else _scrub_postgresql(settings, began)
    if not is_done:
        return "busy"
    _mark_scrubbed(began)
    return "done"


@unit
def _mark_scrubbed(session: WriterSession, before: datetime) -> None:
    rows = update(Task).where(_is_pending(), Task.ended_at <= before)
    session.execute(rows.values(scrubbed_at=utcnow()).execution_options(synchronize_session=False))


def scrub_within(seconds: float, quiet_seconds: float = 0.0, *, is_at_once: bool = False) -> Outcome:
    """Scrub, trying again for so long while an event is open or somebody reads, and until a minute was quiet."""
    began = time.monotonic()
    while (outcome := scrub(is_at_once=is_at_once)) in ("event_open", "not_quiet", "busy"):
        if time.monotonic() - began >= (quiet_seconds if outcome == "not_quiet" else seconds):
            break
        time.sleep(0.5)
    return outcome


def _is_pending() -> ColumnElement[bool]:
    return and_(Task.kind == PurgeView.kind, Task.state == "done", Task.scrubbed_at.is_(None))


def _is_overdue(now: datetime) -> bool:
    return bool(db.session.scalar(select(exists().where(_is_pending(), Task.ended_at <= now - LONGEST))))


def _open(now: datetime) -> tuple[EventView, ...]:
    return tuple(row.view for row in events.list_all() if _is_on(row.view, now))


def _is_endless(view: EventView) -> bool:
    return view.ends_at is None and (view.closes_at is None or view.is_closing_usual)


def _is_on(view: EventView, now: datetime) -> bool:
    end = view.ends_at or view.starts_at
    return view.phase(now) == "open" and (end is None or now < end + FORGOTTEN)


def _scrub_sqlite(settings: Settings) -> bool:
    """Write the file anew and empty the journal; say whether nobody kept it from being emptied."""
    writer: Writer = current_app.extensions["kiosk_writer"].writer
    connection = sqlite3.connect(settings.sqlite_file, timeout=2.0, isolation_level=None)
    try:
        connection.execute("PRAGMA temp_store=MEMORY")  # VACUUM's copy must not become a file
        with writer.held():
            connection.execute("VACUUM")
        until = time.monotonic() + READERS_SECONDS
        while True:
            with writer.held():  # in turns with those who write
                is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not is_busy or time.monotonic() > until:
                return not is_busy
            time.sleep(0.2)
    except (sqlite3.OperationalError, WriterBusy):
        log.warning("the database could not be written anew; it is tried again", exc_info=True)
        return False
    finally:
        connection.close()


def _scrub_postgresql(settings: Settings, began: datetime) -> bool:
    """Write the tables anew; say whether no older transaction kept the old rows in them."""
    engine = create_engine(
        settings.engine_url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"options": "-c lock_timeout=3000"},  # an exclusive lock: nobody may queue behind it for long
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            if _has_older_readers(connection, began):
                return False
            for table in TABLES:
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {table.name}"))
            _vacuum_statistics(connection)
        return True
    except OperationalError:
        log.warning("the tables could not be written anew; it is tried again", exc_info=True)
        return False
    finally:
        engine.dispose()


def _has_older_readers(connection: Connection, began: datetime) -> bool:
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        " AND datname = current_database() AND xact_start < :began"
    )
    return bool(connection.scalar(older, {"began": began}))


def _vacuum_statistics(connection: Connection) -> None:
    try:
        connection.execute(text("VACUUM FULL pg_catalog.pg_statistic"))
    except DBAPIError:  # only the owner of the database may; docs/privacy.en.md says so
        log.warning("the planner's statistics could not be written anew", exc_info=True)
