"""Reading as of one moment: rows and totals of one paper belong together, whoever signs in meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from kiosk.extensions import db
from kiosk.services.store.writer import end_read


@contextmanager
def snapshot() -> Iterator[None]:
    """Let everything that is read inside the block be of one moment; it ends the read before it and its own.

    Readers are in autocommit on SQLite and in READ COMMITTED on PostgreSQL: there every statement sees its own moment.
    """
    end_read()
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("BEGIN"))
    else:
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        end_read()
