"""Whose browser this is: the phone check counts phones, never the organiser's own (docs/product.md 0.1)."""

from __future__ import annotations

from flask import request

from kiosk.services.account import staff_sessions
from kiosk.services.board import phone_check
from kiosk.services.host import network


def phone_kind() -> phone_check.Visitor:
    """Return what phone_check.classify says of this request's browser."""
    address = request.remote_addr
    is_staff = staff_sessions.is_staff_browser(address, request.user_agent.string)
    return phone_check.classify(address, is_staff_browser=is_staff, own=network.own_addresses())
