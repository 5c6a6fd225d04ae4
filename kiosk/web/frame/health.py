"""Is it alive, is it ready: for whoever hosts it."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk import metrics
from kiosk.services.host import network
from kiosk.services.upkeep import readiness

bp = Blueprint("health", __name__)
PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 when the database is migrated and the writer writes, else 503 and which of them is not."""
    state = readiness.check()
    return jsonify(vars(state)), 200 if state.is_ready else 503


@bp.get("/metrics")
def figures() -> ResponseReturnValue:
    """Say what the server has counted, to this machine and to who brings the token; 404 to everybody else."""
    if not (_brings_token() or _is_this_machine()):
        abort(404)
    return Response(metrics.text(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _brings_token() -> bool:
    token = current_app.config["KIOSK"].metrics_token
    brought = request.headers.get("Authorization", "")
    return token is not None and hmac.compare_digest(brought.encode(), f"Bearer {token}".encode())


def _is_this_machine() -> bool:
    """Say whether a program of this machine asks by itself: what a proxy on it passes on is somebody else's."""
    is_passed_on = any(name in request.headers for name in PASSED_ON)
    address = network.canonical_address(request.remote_addr or "")
    return not is_passed_on and address is not None and ip_address(address).is_loopback
