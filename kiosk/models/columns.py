"""Column makers. Every text column says whether it holds personal data (docs/product.md, "Decided").

`info["personal"]` is one of: "no", "name", "contact", "identity" (what a person is or belongs to),
"answer" (what a person was asked), "technical" (traces of a person's device). Purge, erasure, export
and the log filter run from this declaration; tests/house/test_personal_columns.py fails for a column without it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text as sql
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from kiosk.extensions import Base, UTCDateTime
from kiosk.person_fields import Personal


class Numbered(Base):
    """A row that has a number of its own."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)


def text(length: int, personal: Personal = "no", **options: Any) -> MappedColumn[Any]:
    """A string column of at most `length` characters."""
    return mapped_column(String(length), info={"personal": personal}, **options)


def long_text(personal: Personal = "no", **options: Any) -> MappedColumn[Any]:
    """A text column without a limit of its own; services limit what people type."""
    return mapped_column(Text, info={"personal": personal}, **options)


def search_key() -> MappedColumn[str]:
    """What a person is found by (services/people/search_keys); no list reads it, only its conditions do."""
    return long_text("name", default="", server_default="", deferred=True)


def json(personal: Personal = "no", **options: Any) -> MappedColumn[Any]:
    """A JSON column; its shape is described beside its use."""
    return mapped_column(JSON, info={"personal": personal}, **options)


def binary(personal: Personal = "no", **options: Any) -> MappedColumn[Any]:
    """A file's bytes."""
    return mapped_column(LargeBinary, info={"personal": personal}, **options)


def moment(**options: Any) -> MappedColumn[datetime]:
    """An aware UTC time."""
    return mapped_column(UTCDateTime, **options)


def reference(target: str, **options: Any) -> MappedColumn[Any]:
    """A foreign key to `table.id`, indexed unless said otherwise."""
    options.setdefault("index", True)
    return mapped_column(ForeignKey(target, ondelete=options.pop("ondelete", "RESTRICT")), **options)


def unique_where(condition: str, name: str, *columns: str) -> Index:
    """Make an index that lets only one of the rows that a condition names have these values."""
    return index_where(condition, name, *columns, unique=True)


def index_where(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """Make an index of the rows that a condition names."""
    return Index(name, *columns, unique=unique, sqlite_where=sql(condition), postgresql_where=sql(condition))


def rare_reference(target: str) -> MappedColumn[Any]:
    """A foreign key that few rows have; the table names it among its `rare_indexes`."""
    return reference(target, index=False)


def rare_indexes(table: str, *columns: str) -> list[Index]:
    """Return the indexes of a table's rare references, without the rows that have none.

    A whole index costs every insert a page of its own, to note NULL once more (docs/decisions/0002-the-writer.md).
    """
    is_there = {column: sql(f"{column} IS NOT NULL") for column in columns}
    return [
        Index(f"ix_{table}_{column}", column, sqlite_where=condition, postgresql_where=condition)
        for column, condition in is_there.items()
    ]
