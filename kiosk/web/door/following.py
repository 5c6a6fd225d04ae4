"""A screen that follows the agenda, at an address of its own: the display or the wall of the event that is on, or the
way to that event's station. Between events it says so, and shows nobody the code of one that is over."""

from __future__ import annotations

from typing import Any, TypeGuard

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services.board.walls import FACES
from kiosk.services.door import followers, links
from kiosk.services.door.followers import FollowerView
from kiosk.services.event import campaigns
from kiosk.services.event.event_views import EventView
from kiosk.web.door import display, wall
from kiosk.web.frame import screens
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.inputs import query
from kiosk.web.frame.screens import link_token
from kiosk.web.frame.words import language

bp = Blueprint("following", __name__)


@bp.get("/screens/<int:link_id>")
def show(link_id: int) -> ResponseReturnValue:
    """Show the screen of the event that is on, or that there is none."""
    link = _link(link_id)
    event = followers.present(link)
    ways: dict[str, Any] = {"link_id": link.id, "lang": language()}
    if not _has_screen(event, link):
        address = url_for("following.part", **ways)
        return render_template("door/following/page.html", address_of_part=address, **_between(link, event))
    if link.purpose == "kiosk":
        return screens.lend(redirect(url_for("station.start", code=event.code), 303), event.code)
    if link.purpose == "wall":
        return wall.page(event, url_for("following.part", face=query.one_of("face", FACES), **ways))
    address = url_for("following.part", since=int(utcnow().timestamp()), **ways)
    return display.page(event, address, url_for("following.now", link_id=link.id, code=event.code))


@bp.get("/screens/<int:link_id>/part")
def part(link_id: int) -> ResponseReturnValue:
    """Show what changes; that of another event than the page's has the page load anew (display.js)."""
    link = _link(link_id)
    event = followers.present(link)
    if link.purpose == "kiosk" or not _has_screen(event, link):
        return render_template("door/following/_between.html", **_between(link, event))
    return wall.part(event) if link.purpose == "wall" else display.part(event)


@bp.get("/screens/<int:link_id>/now")
def now(link_id: int) -> ResponseReturnValue:
    """Say which event is on, and to a display its digits (`display.now`). A page that still shows another one's code
    says which, and gets no digits: they never stand beside a code that is not theirs."""
    link = _link(link_id)
    event = followers.present(link)
    if event is None or not _has_screen(event, link):
        return {"code": None, "digits": None, "seconds_left": None, "arrived": None}
    if link.purpose != "display" or query.raw("code") not in ("", event.code):
        return {"code": event.code, "digits": None, "seconds_left": None, "arrived": None}
    return {"code": event.code, **display.now(event)}


def _link(link_id: int) -> FollowerView:
    """Return the link that this browser holds for this address; without one, or with a dead one, 404."""
    link = screens.followed()
    if link is None or link.id != link_id:
        abort(dead_link("device", link_token(), 404))
    links.touch(link)
    return link


def _has_screen(event: EventView | None, link: FollowerView) -> TypeGuard[EventView]:
    """Say whether the event has something for this screen: a wall keeps its figures when it is over."""
    return event is not None and (link.purpose == "wall" or event.phase(utcnow()) != "closed")


def _between(link: FollowerView, event: EventView | None) -> dict[str, Any]:
    """Return what the page between events says."""
    phase = None if event is None else event.phase(utcnow())
    return {"campaign": campaigns.get(link.campaign_id), "place": link.place, "event": event, "phase": phase}
