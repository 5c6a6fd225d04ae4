"""Rows of the database: one by its id, and as views, frozen dataclasses, which outlive the session and which services
hand out."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy.orm import Session, scoped_session

from kiosk.extensions import Base
from kiosk.services.refusals import Unknown

Row = TypeVar("Row", bound=Base)


def values_for(view: type[Any], owner: Any) -> dict[str, Any]:
    """Return what an object has for the fields of a view, by their names."""
    return {name: getattr(owner, name) for name in view.__dataclass_fields__ if hasattr(owner, name)}


def known(session: Session | scoped_session[Any], model: type[Row], row_id: int, *, event_id: int | None = None) -> Row:
    """Return the row of this id, and of this event where one is named; raise Unknown."""
    row: Row | None = session.get(model, row_id)
    if row is None or event_id not in (None, getattr(row, "event_id", None)):
        raise Unknown(model.__tablename__.replace("_", "-"), row_id)
    return row
