"""The desk's pages of links, for screens, stewards' phones and leaders of groups: made, listed, revoked.

One just made is shown with its address and QR code on the page after the redirect, this once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from flask import Blueprint, flash, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services import refusal_words
from kiosk.services.board.walls import FACES, Face
from kiosk.services.door import links
from kiosk.services.door.links import Kind, Purpose
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_views, groups as group_sign_ins
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import actor, logged_in, run_required
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import go, page_of

bp = Blueprint("links", __name__)
PATHS: dict[Kind, str] = {"device": "d", "steward": "st", "group": "g", "count": "n"}


@bp.get("/events/<code>/devices", endpoint="devices", defaults={"kind": "device"})
@bp.get("/events/<code>/stewards", endpoint="stewards", defaults={"kind": "steward"})
@bp.get("/events/<code>/groups", endpoint="groups", defaults={"kind": "group"})
@bp.get("/events/<code>/counts", endpoint="counts", defaults={"kind": "count"})
@run_required
def show(event: EventView, kind: Kind) -> ResponseReturnValue:
    """List an event's links for screens, for stewards' phones, or for leaders with their groups."""
    return _page(event, kind)


@bp.post("/events/<code>/devices")
@run_required
def make_device(event: EventView) -> ResponseReturnValue:
    """Make a link for the display, the wall or the kiosk; a kiosk needs a PIN to be left."""
    screen = posted.one_of("screen", links.SCREENS) or "display"
    try:
        face = posted.one_of("face", FACES) if screen == "wall" else None
        return _make(event, screen, pin=posted.text("pin") if screen == "kiosk" else None, face=face)
    except Refused as refusal:
        return _page(event, "device", {"pin": refusal_words.say(refusal, "desk")}), 422


@bp.post("/events/<code>/stewards", endpoint="make_steward", defaults={"kind": "steward"})
@bp.post("/events/<code>/groups", endpoint="make_group", defaults={"kind": "group"})
@bp.post("/events/<code>/counts", endpoint="make_count", defaults={"kind": "count"})
@run_required
def make_named(event: EventView, kind: Literal["steward", "group", "count"]) -> ResponseReturnValue:
    """Make a link, named after whoever gets it: a steward, a leader with one part of the roster, who only counts."""
    label, part = posted.text("label"), posted.text("part", 200) if kind == "group" else ""
    errors = {} if label else {"label": _("Please fill this in.")}
    if part and part not in dict(group_sign_ins.parts_of_roster(event.id)):
        errors["part"] = _("Please choose one of these.")
    if errors:
        return _page(event, kind, errors), 422
    return _make(event, kind, label, part=part or None)


@bp.post("/events/<code>/devices/<int:link_id>/revoke", defaults={"kind": "device"})
@bp.post("/events/<code>/stewards/<int:link_id>/revoke", defaults={"kind": "steward"})
@bp.post("/events/<code>/groups/<int:link_id>/revoke", defaults={"kind": "group"})
@bp.post("/events/<code>/counts/<int:link_id>/revoke", defaults={"kind": "count"})
@run_required
def revoke(event: EventView, link_id: int, kind: Kind) -> ResponseReturnValue:
    """Revoke a link: a screen goes dark within seconds, a phone can do nothing from the next tap on."""
    if links.revoke(event.id, kind, link_id, actor=actor()):
        flash(_("The link is revoked."), "ok")
    return go(f"links.{kind}s", code=event.code)


def _make(
    event: EventView,
    purpose: Purpose,
    label: str = "",
    *,
    part: str | None = None,
    pin: str | None = None,
    face: Face | None = None,
) -> ResponseReturnValue:
    """Make a link, and keep its token and what its page says about it, sealed, until the next page here."""
    token = links.make(event.id, purpose, label, staff_id=logged_in().id, group_name=part, pin=pin)
    kind = links.kind_of(purpose)
    session[_key(kind)] = [event.id, token, {"purpose": purpose, "label": label, "part": part, "face": face}]
    return go(f"links.{kind}s", code=event.code)


def _just_made(event: EventView, kind: Kind) -> dict[str, Any] | None:
    """Return the link just made for this event as `address` and what was kept about it, this once; or None."""
    made = session.get(_key(kind))
    if not made or made[0] != event.id:
        return None
    session.pop(_key(kind))
    face = made[2].get("face")  # one of a wall's, held by its address
    return {**made[2], "address": f"{addresses.base_url()}/{PATHS[kind]}/{made[1]}{f'?face={face}' if face else ''}"}


def _key(kind: Kind) -> str:
    return f"made_{kind}_link"


def _page(event: EventView, kind: Kind, errors: Mapping[str, str] | None = None) -> str:
    is_of_groups = kind == "group"
    return render_template(
        f"door/links/{kind}s.html",
        **page_of(event),
        links=links.list_of(event.id, kind),
        new=None if errors else _just_made(event, kind),
        errors=errors or {},
        typed=posted.plain(),
        parts=group_sign_ins.parts_of_roster(event.id) if is_of_groups else (),
        groups=group_views.list_of(event.id) if is_of_groups else (),
    )
