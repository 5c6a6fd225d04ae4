"""What somebody said that the columns of a list hold, kept for the next list with the same headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import ColumnMeaning
from kiosk.services.lists.books import Book
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.headers import bare
from kiosk.services.lists.reading import TableRead, tables_in
from kiosk.services.store.writer import WriterSession


def as_remembered(book: Book, choices: Choices) -> Choices:
    """Return the choices with what was said before of lists with these headers."""
    tables = {table.key: _hash(table) for table in tables_in(book, choices) if table.header_rows}
    rows = db.session.scalars(select(ColumnMeaning).where(ColumnMeaning.headers_hash.in_(set(tables.values()))))
    known = {row.headers_hash: row.columns for row in rows}
    columns = {key: known[hashed] for key, hashed in tables.items() if hashed in known}  # sheets may have the same
    return replace(choices, columns={**columns, **choices.columns}) if columns else choices


def remember(session: WriterSession, tables: Sequence[TableRead], columns: Mapping[str, Mapping[str, str]]) -> None:
    """Keep what was said of the tables' columns, within a unit of work that takes the list."""
    for table in tables:
        meanings = columns.get(table.key)
        if not meanings or not table.header_rows:
            continue
        hashed = _hash(table)
        row = session.scalar(select(ColumnMeaning).where(ColumnMeaning.headers_hash == hashed))
        if row is None:
            row = ColumnMeaning(headers_hash=hashed)
            session.add(row)
        row.columns, row.changed_at = dict(meanings), utcnow()


def _hash(table: TableRead) -> str:
    words = "|".join(f"{column.index} {bare(column.header)}" for column in table.columns)
    return hashlib.sha256(words.encode()).hexdigest()
