"""The ledger of several nodes: on PostgreSQL each node's folder has the lines of all, by way of a table.

Each keeps the whole outside the database, so that a database restored on whichever node, or with whichever of them
left, brings nobody back. With SQLite there is one folder, and nothing to share.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kiosk.extensions import db
from kiosk.models import LedgerLine
from kiosk.services.pages import parts
from kiosk.services.privacy import ledger
from kiosk.services.store.writer import WriterSession, unit

AT_ONCE = 500  # lines a unit of work


def append(scope: str, **what: Any) -> None:
    """Write an entry and return when it is on disk, and where others find it."""
    ledger.append(scope, **what)
    share()


def is_behind() -> bool:
    """Say whether folder and table do not have the same lines."""
    return not current_app.config["KIOSK"].is_sqlite and set(_own()) != set(_of_all())


def share() -> None:
    """Give the table what only this folder has, and this folder what only the table has."""
    if current_app.config["KIOSK"].is_sqlite:
        return
    own, all_lines = _own(), _of_all()
    for some in parts([digest for digest in own if digest not in all_lines], AT_ONCE):
        _add([{"digest": digest, "line": own[digest]} for digest in some])
    if missing := [line for digest, line in all_lines.items() if digest not in own]:
        ledger.add(missing)


def _own() -> dict[str, str]:
    return {sha256(line.encode()).hexdigest(): line for line in ledger.lines()}


def _of_all() -> dict[str, str]:
    rows = db.session.execute(select(LedgerLine.digest, LedgerLine.line)).all()
    return {row.digest: row.line for row in rows}


@unit
def _add(session: WriterSession, rows: list[dict[str, str]]) -> None:
    session.execute(insert(LedgerLine).values(rows).on_conflict_do_nothing())
