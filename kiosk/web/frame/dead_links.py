"""The page of a link that opens nothing: it was revoked, its event is over, or nobody knows it."""

from __future__ import annotations

from flask import Response, render_template

from kiosk.services.door import links
from kiosk.services.door.links import Kind


def dead_link(kind: Kind, token: str | None, status: int) -> Response:
    """Say why a link opens nothing, and what to do."""
    page = render_template("frame/dead_link.html", kind=kind, why=links.why_dead(token, kind))
    return Response(page, status, mimetype="text/html")
