"""The organiser's desk: today's events first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kiosk.web.access import staff_required

bp = Blueprint("desk", __name__)


@bp.get("/events")
@staff_required
def events() -> ResponseReturnValue:
    """Show the events."""
    return render_template("staff/frame.html")


@bp.get("/campaigns")
@staff_required
def campaigns() -> ResponseReturnValue:
    """Show the campaigns."""
    return render_template("staff/frame.html")


@bp.get("/organisations")
@staff_required
def organisations() -> ResponseReturnValue:
    """Show the directory."""
    return render_template("staff/frame.html")
