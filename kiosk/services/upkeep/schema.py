"""Which schema a database has, and which this program has: a server on another one would break at the door."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from kiosk.config import ROOT
from kiosk.extensions import db

# By the names of the files: to read them takes a server that starts 60 ms and 2 MB.
KNOWN = frozenset(path.name[:4] for path in (ROOT / "kiosk" / "migrations" / "versions").glob("[0-9]*.py"))
TABLE = "alembic_version"  # asked without alembic, which no server is to load
OLDER = "The database is of an earlier version of this program: run `flask db-upgrade` first, once for all nodes."
NEWER = "The database is of a newer version than this program: start that version here."


class OtherSchema(Exception):
    """The database has another schema than this program; the message says what helps."""


def present() -> str:
    """Return which schema this program has."""
    return max(KNOWN)


def of(connection: Connection) -> str | None:
    """Return which schema a database has; None for one that has none of ours."""
    if not inspect(connection).has_table(TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {TABLE}"))  # noqa: S608  a name of alembic's
    return revision


def is_known(revision: str) -> bool:
    """Say whether this program knows a schema: its own, or one of before."""
    return revision in KNOWN


def require_known() -> None:
    """Raise OtherSchema when the database's is of a newer version: there is nothing that this one could do with it."""
    revision = _of_own()
    if revision is not None and not is_known(revision):
        raise OtherSchema(NEWER)


def require_present() -> None:
    """Raise OtherSchema when the database has another schema than this program.

    One that has none yet is let pass, as is one that does not answer: whatever comes next says that better.
    """
    revision = _of_own()
    if revision not in (None, present()):
        raise OtherSchema(OLDER if is_known(str(revision)) else NEWER)


def _of_own() -> str | None:
    try:
        with db.engine.connect() as connection:
            return of(connection)
    except SQLAlchemyError:
        return None
