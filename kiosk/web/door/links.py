"""The desk's pages of links, for screens, stewards' phones and leaders of groups: made, listed, revoked.

One just made is shown with its address and QR code on the page after the redirect, this once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services import refusal_words
from kiosk.services.door import links
from kiosk.services.door.links import Kind, Purpose
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_views, groups as group_sign_ins
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import actor, logged_in, run_required
from kiosk.web.frame.drawings import qr
from kiosk.web.frame.event_pages import page_of
from kiosk.web.frame.inputs import posted

bp = Blueprint("links", __name__)
PATHS: dict[Kind, str] = {"device": "d", "steward": "st", "group": "g"}


@bp.get("/events/<code>/devices")
@run_required
def devices(event: EventView) -> ResponseReturnValue:
    """List an event's links for screens."""
    return _page(event, "device")


@bp.post("/events/<code>/devices")
@run_required
def make_device(event: EventView) -> ResponseReturnValue:
    """Make a link for the display or the kiosk; a kiosk needs a PIN to be left."""
    is_kiosk = posted.raw("screen") == "kiosk"
    try:
        if is_kiosk:
            return _make(event, "kiosk", pin=posted.text("pin"))
        return _make(event, "display")
    except Refused as refusal:
        return _page(event, "device", {"pin": refusal_words.say(refusal, "desk")}), 422


@bp.get("/events/<code>/stewards")
@run_required
def stewards(event: EventView) -> ResponseReturnValue:
    """List an event's links for stewards' phones."""
    return _page(event, "steward")


@bp.post("/events/<code>/stewards")
@run_required
def make_steward(event: EventView) -> ResponseReturnValue:
    """Make a link, named after whoever gets it."""
    label = _label()
    if not label:
        return _page(event, "steward", {"label": _("Please fill this in.")}), 422
    return _make(event, "steward", label)


@bp.get("/events/<code>/groups")
@run_required
def groups(event: EventView) -> ResponseReturnValue:
    """List an event's group links and groups; a link just made is a card to print."""
    return _groups_page(event)


@bp.post("/events/<code>/groups")
@run_required
def make_group(event: EventView) -> ResponseReturnValue:
    """Make a link for one leader and one part of the roster."""
    label, part = _label(), posted.text("part", 200)
    names = [name for name, _count in group_sign_ins.parts_of_roster(event.id)]
    errors = {} if label else {"label": _("Please fill this in.")}
    if part and part not in names:
        errors["part"] = _("Please choose one of these.")
    if errors:
        return _groups_page(event, errors), 422
    return _make(event, "group", label, part=part or None)


@bp.post("/events/<code>/devices/<int:link_id>/revoke", defaults={"kind": "device"})
@bp.post("/events/<code>/stewards/<int:link_id>/revoke", defaults={"kind": "steward"})
@bp.post("/events/<code>/groups/<int:link_id>/revoke", defaults={"kind": "group"})
@run_required
def revoke(event: EventView, link_id: int, kind: Kind) -> ResponseReturnValue:
    """Revoke a link: a screen goes dark within seconds, a phone can do nothing from the next tap on."""
    if links.revoke(event.id, kind, link_id, actor=actor()):
        flash(_("The link is revoked."), "ok")
    return _back(event, kind)


def _label() -> str:
    return posted.text("label")


def _make(
    event: EventView, purpose: Purpose, label: str = "", *, part: str | None = None, pin: str | None = None
) -> ResponseReturnValue:
    """Make a link, and keep its token and what its page says about it until the next page of this browser."""
    token = links.make(event.id, purpose, label, staff_id=logged_in().id, group_name=part, pin=pin)
    kind = links.kind_of(purpose)
    session[_key(kind)] = [event.id, token, {"purpose": purpose, "label": label, "part": part}]
    return _back(event, kind)


def _just_made(event: EventView, kind: Kind) -> dict[str, Any] | None:
    """Return the link just made for this event as `address`, `qr` and what was kept about it, this once; or None."""
    made = session.get(_key(kind))
    if not made or made[0] != event.id:
        return None
    session.pop(_key(kind))
    address = f"{addresses.base_url()}/{PATHS[kind]}/{made[1]}"
    return {**made[2], "address": address, "qr": qr(address, _("Link"))}


def _key(kind: Kind) -> str:
    return f"made_{kind}_link"


def _back(event: EventView, kind: Kind) -> ResponseReturnValue:
    return redirect(url_for(f"links.{kind}s", code=event.code), 303)


def _page(event: EventView, kind: Kind, errors: Mapping[str, str] | None = None, **more: Any) -> str:
    return render_template(
        f"door/links/{kind}s.html",
        **page_of(event),
        links=links.list_of(event.id, kind),
        new=None if errors else _just_made(event, kind),
        errors=errors or {},
        typed=posted.plain(),
        **more,
    )


def _groups_page(event: EventView, errors: Mapping[str, str] | None = None) -> str:
    parts, listed = group_sign_ins.parts_of_roster(event.id), group_views.list_of(event.id)
    return _page(event, "group", errors, parts=parts, groups=listed)
