"""The attendee's phone."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("attendee", __name__)
