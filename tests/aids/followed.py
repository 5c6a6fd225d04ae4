"""Screens that follow a campaign's agenda, made as the command line makes them, and how the staff routes that make and
revoke one are made to succeed: a part of tests/aids/audit_routes.py."""

from __future__ import annotations

from typing import Any

from kiosk.services.door import followers


def follower_id(campaign_id: int) -> int:
    """Make a link of a campaign's screen and return its number."""
    followers.make(campaign_id, "display", staff_id=None)
    return followers.list_of(campaign_id)[0].id


SCREENS = "/campaigns/<int:campaign_id>/screens"
AGENDA_ROUTES: dict[str, Any] = {
    f"POST {SCREENS}": lambda s: (f"/campaigns/{s.event.campaign_id}/screens", {}),
    f"POST {SCREENS}/<int:link_id>/revoke": lambda s: (
        f"/campaigns/{s.event.campaign_id}/screens/{follower_id(s.event.campaign_id)}/revoke", {}),
}  # fmt: skip
