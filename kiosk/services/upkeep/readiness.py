"""Whether this process can take a sign-in: its database is migrated and its writer commits."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kiosk.extensions import db
from kiosk.services.store import disk
from kiosk.services.store.verdicts import Cause, cause_of
from kiosk.services.store.writer import WriterBusy


@dataclass(frozen=True)
class Readiness:
    """What is ready; `is_ready` when all of it is."""

    database: bool
    writer: bool
    cause: Cause | None  # why the disk takes nothing; None when it does, or the reason is another
    is_ready: bool


def check() -> Readiness:
    """Ask the database for its version and the writer for an empty write."""
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        current_app.logger.exception("the database is not ready")
        return Readiness(database=False, writer=False, cause=cause_of(error), is_ready=False)
    finally:
        db.session.remove()
    try:
        disk.touch()
    except (WriterBusy, SQLAlchemyError) as error:
        return Readiness(database=True, writer=False, cause=getattr(error, "cause", None), is_ready=False)
    cause = disk.trouble()
    return Readiness(database=True, writer=cause is None, cause=cause, is_ready=cause is None)
