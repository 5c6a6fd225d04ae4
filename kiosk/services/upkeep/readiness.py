"""Whether this process can take a sign-in: its database is migrated and its writer commits."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kiosk.extensions import db
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterBusy, WriterSession, unit

TOUCH = Statement("UPDATE stored_setting SET value = value WHERE key = 'ready'")


@dataclass(frozen=True)
class Readiness:
    """What is ready; `is_ready` when all of it is."""

    database: bool
    writer: bool
    is_ready: bool


def check() -> Readiness:
    """Ask the database for its version and the writer for an empty write."""
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version"))
        database = True
    except SQLAlchemyError:
        current_app.logger.exception("the database is not ready")
        database = False
    finally:
        db.session.remove()
    writer = database and _writes()
    return Readiness(database, writer, database and writer)


def _writes() -> bool:
    try:
        _touch()
    except (WriterBusy, SQLAlchemyError):
        return False
    return True


@unit
def _touch(session: WriterSession) -> None:
    session.driver.execute(TOUCH, {})
