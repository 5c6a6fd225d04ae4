"""A link that was just made: its address and QR code are shown once, on the page after the redirect."""

from __future__ import annotations

from typing import Any, Literal

from flask import session
from flask_babel import gettext as _

from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.web.frame.drawings import qr

Kind = Literal["device", "steward", "group"]
PATHS: dict[Kind, str] = {"device": "d", "steward": "st", "group": "g"}


def keep(kind: Kind, event: EventView, token: str, **about: str | None) -> None:
    """Keep a link's token, and what its page says about it, until the next page of this browser."""
    session[_key(kind)] = [event.id, token, about]


def take(kind: Kind, event: EventView) -> dict[str, Any] | None:
    """Return the link just made for this event as `address`, `qr` and what was kept about it, this once; or None."""
    made = session.get(_key(kind))
    if not made or made[0] != event.id:
        return None
    address = f"{addresses.base_url()}/{PATHS[kind]}/{made[1]}"
    session.pop(_key(kind))
    return {**made[2], "address": address, "qr": qr(address, _("Link"))}


def _key(kind: Kind) -> str:
    return f"made_{kind}_link"
