"""Is it alive, is it ready: for whoever hosts it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from kiosk.services.upkeep import readiness

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 when the database is migrated and the writer writes, else 503 and which of them is not."""
    state = readiness.check()
    return jsonify(vars(state)), 200 if state.is_ready else 503
