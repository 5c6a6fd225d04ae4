"""One blueprint per device in somebody's hand."""

from __future__ import annotations

from flask import Flask

from kiosk.web import (
    account,
    attendee,
    audit,
    dashboard,
    desk,
    desk_campaigns,
    desk_machine,
    desk_merges,
    desk_organisations,
    desk_settings,
    desk_sheets,
    desk_sign_ins,
    desk_stewards,
    devices,
    display,
    exports,
    group_page,
    groups,
    hand,
    health,
    hours,
    look_up,
    missing,
    notices,
    paper,
    posters,
    privacy,
    proofs,
    rehearsal,
    report,
    roster,
    roster_entries,
    sheets,
    station,
    steward,
    verify,
)
from kiosk.web.access import register_access
from kiosk.web.errors import register_errors
from kiosk.web.form_bodies import register_form_bodies
from kiosk.web.headers import register_headers
from kiosk.web.numbers import Number
from kiosk.web.tabs import register_tabs
from kiosk.web.words import register_words

DESK = (
    desk_campaigns,
    desk_machine,
    desk_merges,
    desk_organisations,
    desk_settings,
    desk_sheets,
    desk_sign_ins,
    desk_stewards,
    roster_entries,
)  # routes on desk's blueprint, and on the roster's


def register_web(app: Flask) -> None:
    """Add blueprints, error pages, security headers and the words templates use."""
    app.url_map.converters["int"] = Number
    for module in (
        attendee,
        account,
        audit,
        dashboard,
        desk,
        health,
        hours,
        devices,
        display,
        exports,
        group_page,
        groups,
        look_up,
        missing,
        notices,
        paper,
        posters,
        privacy,
        proofs,
        report,
        rehearsal,
        roster,
        sheets,
        station,
        hand,
        steward,
        verify,
    ):
        app.register_blueprint(module.bp)
    register_access(app)
    register_errors(app)
    register_form_bodies(app)
    register_headers(app)
    register_tabs(app)
    register_words(app)
