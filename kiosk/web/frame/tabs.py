"""The tabs of an event's page, and which of them a page belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Tab:
    """A tab, the blueprints and endpoints whose pages stand under it, and whether it is for those who run the event."""

    endpoint: str
    words: Any
    pages: frozenset[str]
    is_to_run: bool = False

    @property
    def is_current(self) -> bool:
        return request.endpoint == self.endpoint or not {request.endpoint, request.blueprint}.isdisjoint(self.pages)


TABS = (
    Tab("desk.event", _("Overview"), frozenset({"rehearsal", "hand", "links"})),
    Tab("roster.show", _("Roster"), frozenset({"roster", "badges"})),
    Tab("desk.sign_ins", _("Sign-ins"), frozenset({"desk.search_sign_ins", "desk.look_at_sign_in"})),
    Tab("desk.sheets", _("Sheets"), frozenset({"desk.take_frozen", "paper", "hours", "proofs"})),
    Tab("desk.settings", _("Settings"), frozenset({"privacy", "notices"}), is_to_run=True),
)


def register_tabs(app: Flask) -> None:
    """Give every template `tabs`."""
    app.context_processor(lambda: {"tabs": TABS})
