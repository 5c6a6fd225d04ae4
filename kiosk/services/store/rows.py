"""Rows of the database as views: frozen dataclasses, which outlive the session and which services hand out."""

from __future__ import annotations

from typing import Any


def values_for(view: type[Any], owner: Any) -> dict[str, Any]:
    """Return what an object has for the fields of a view, by their names."""
    return {name: getattr(owner, name) for name in view.__dataclass_fields__ if hasattr(owner, name)}
