"""The cookies that this house sets: no script reads one, no other site sends one, and over https none travels bare."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response


def put(response: Response, name: str, value: str, *, seconds: int, path: str = "/") -> None:
    """Keep a value in this browser for so many seconds, for addresses below `path`."""
    response.set_cookie(name, value, max_age=seconds, path=path, **_flags())


def drop(response: Response, name: str, *, path: str = "/") -> None:
    """Take a value out of this browser."""
    response.delete_cookie(name, path=path, **_flags())


def _flags() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": request.is_secure}
