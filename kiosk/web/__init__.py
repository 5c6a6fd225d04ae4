"""One room per device in somebody's hand, and the frame that they all stand in."""

from __future__ import annotations

from flask import Flask

from kiosk.web.afterwards import audit, exports, hours, privacy, proofs, report, sheets, verify
from kiosk.web.attendee import digits, look_up, phone, sign_out, signing
from kiosk.web.board import dashboard, missing
from kiosk.web.desk import (
    account,
    badges,
    campaign_lists,
    desk_campaigns,
    desk_events,
    desk_organisations,
    desk_settings,
    desk_sign_ins,
    notices,
    overview,
    paper,
    posters,
    rehearsal,
    roster,
    roster_entries,
    search,
)
from kiosk.web.door import (
    campaign_screens,
    display,
    following,
    group_page,
    groups,
    hand,
    head_counts,
    links,
    passes,
    station,
    steward,
    wall,
)
from kiosk.web.frame import health
from kiosk.web.frame.access import register_access
from kiosk.web.frame.errors import register_errors
from kiosk.web.frame.form_bodies import register_form_bodies
from kiosk.web.frame.headers import register_headers
from kiosk.web.frame.numbers import Number
from kiosk.web.frame.tabs import register_tabs
from kiosk.web.frame.words import register_words

# Every file with routes, by room. Files of one page family share a blueprint: importing them adds their routes.
ROUTES = (
    phone, look_up, digits, sign_out, signing,
    campaign_screens, display, following, group_page, groups, hand, head_counts, links, passes, station, steward, wall,
    dashboard, missing,
    account, badges, campaign_lists, desk_campaigns, desk_events, desk_organisations, desk_settings, desk_sign_ins,
    notices, overview, paper, posters, rehearsal, roster, roster_entries, search,
    audit, exports, hours, privacy, proofs, report, sheets, verify,
    health,
)  # fmt: skip


def register_web(app: Flask) -> None:
    """Add blueprints, error pages, security headers and the words templates use."""
    app.url_map.converters["int"] = Number
    for blueprint in dict.fromkeys(module.bp for module in ROUTES):
        app.register_blueprint(blueprint)
    for register in (
        register_access,
        register_errors,
        register_form_bodies,
        register_headers,
        register_tabs,
        register_words,
    ):
        register(app)
