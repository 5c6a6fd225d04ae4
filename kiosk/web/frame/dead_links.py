"""The page of a link that opens nothing: it was revoked, its event is over, or nobody knows it."""

from __future__ import annotations

from flask import Response, render_template

from kiosk.services.door import followers, links
from kiosk.services.door.links import Kind


def dead_link(kind: Kind, token: str | None, status: int) -> Response:
    """Say why a link opens nothing, and what to do."""
    why = followers.why_dead(token) if kind == "device" else links.why_dead(token, kind)
    page = render_template("frame/dead_link.html", kind=kind, why=why)
    return Response(page, status, mimetype="text/html")
