"""A row of a table as a view, which outlives its session and which services hand out."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

View = TypeVar("View")


def view_of(view: type[View], row: Any, **others: Any) -> View:
    """Return a view, a dataclass: its fields are the row's attributes of the same names, or among the others."""
    names = {field.name for field in fields(view)} - others.keys()  # type: ignore[arg-type]  # a dataclass
    return view(**{name: getattr(row, name) for name in names}, **others)
