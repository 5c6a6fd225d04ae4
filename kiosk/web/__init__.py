"""One blueprint per device in somebody's hand."""

from __future__ import annotations

from flask import Flask

from kiosk.web import (
    account,
    attendee,
    dashboard,
    desk,
    desk_campaigns,
    desk_machine,
    desk_organisations,
    desk_settings,
    desk_sign_ins,
    desk_stewards,
    devices,
    display,
    group_page,
    groups,
    hand,
    health,
    look_up,
    missing,
    paper,
    posters,
    rehearsal,
    roster,
    roster_entries,
    sheets,
    station,
    steward,
)
from kiosk.web.access import register_access
from kiosk.web.errors import register_errors
from kiosk.web.headers import register_headers
from kiosk.web.words import register_words

DESK = (
    desk_campaigns,
    desk_machine,
    desk_organisations,
    desk_settings,
    desk_sign_ins,
    desk_stewards,
    roster_entries,
)  # routes on desk's blueprint, and on the roster's


def register_web(app: Flask) -> None:
    """Add blueprints, error pages, security headers and the words templates use."""
    for module in (
        attendee,
        account,
        dashboard,
        desk,
        health,
        devices,
        display,
        group_page,
        groups,
        look_up,
        missing,
        paper,
        posters,
        rehearsal,
        roster,
        sheets,
        station,
        hand,
        steward,
    ):
        app.register_blueprint(module.bp)
    register_access(app)
    register_errors(app)
    register_headers(app)
    register_words(app)
