"""A program that breaks before Flask can answer, for gunicorn's own page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/readyz":
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]
    raise RuntimeError(environ["PATH_INFO"])
