"""Screens without an account: the device link in a browser's cookie, and who may see a screen."""

from __future__ import annotations

from flask import abort, g, request
from werkzeug.wrappers import Response

from kiosk.services.door import links
from kiosk.services.door.links import LinkView, Purpose
from kiosk.services.event import event_access, event_views
from kiosk.services.event.event_views import EventView
from kiosk.web.frame import access, cookies
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.visitors import judge_code

COOKIE = "kiosk_device"
COOKIE_SECONDS = 30 * 24 * 3600  # a tablet that starts anew is still the station; the link dies by its event
# Where the browser sends the link's token; the station's also with the sign-in, which notes the link.
PATHS: dict[Purpose, tuple[str, ...]] = {
    "display": ("/events/{code}/display",),
    "kiosk": ("/events/{code}/kiosk", "/e/{code}/sign-in"),
    "wall": ("/events/{code}/wall",),
}
LOG_IN = "/login"  # a station's link goes there too: Back from the station ends there, and is led to it again


def screen_for(code: str, screen: Purpose) -> EventView:
    """Return the event for staff who may see it, or for a device link of exactly this event and screen.

    Else: 404 for a dead link, 403 for staff without the right, the log-in page for a stranger.
    """
    event, staff = event_views.find(code), access.current_staff()
    if staff is None and not link_token():
        judge_code(is_known=event is not None)
    if event is None:
        access.say_gone()
    if staff is not None and event_access.may_look(staff, event):
        g.staff = staff
        return event
    link = own_link(event, screen)
    if link is None:
        if staff is not None:
            abort(403)
        abort(dead_link("device", link_token(), 404) if link_token() else access.to_log_in())
    links.touch(link)
    return event


def link_token() -> str:
    """Return the token of the link that this browser sends to this address, empty without one."""
    return cookies.get(COOKIE, request.path) or ""


def own_link(event: EventView, screen: Purpose) -> LinkView | None:
    """Return the living link that this browser holds for this event and screen."""
    link = links.find(link_token(), "device")
    return link if link is not None and (link.event_id, link.purpose) == (event.id, screen) else None


def station_here() -> str | None:
    """Return the code of the event whose station this browser is, where it asks for the log-in page; else None."""
    link = links.find(link_token(), "device")
    return link.event_code if link is not None and link.purpose == "kiosk" else None


def remember(response: Response, code: str, screen: Purpose, token: str, *, is_its_own: bool) -> Response:
    """Put a link into this browser, for the addresses of its one screen only.

    `is_its_own`: nobody is logged in here any more. Where somebody is, who looks at a station's link on their own
    machine, the log-in stays theirs.
    """
    for path in (*PATHS[screen], *([LOG_IN] if screen == "kiosk" and is_its_own else [])):
        cookies.put(response, COOKIE, token, seconds=COOKIE_SECONDS, path=path.format(code=code))
    return response


def forget(response: Response, code: str, screen: Purpose) -> Response:
    """Take a link out of this browser."""
    for path in (*PATHS[screen], LOG_IN):
        cookies.drop(response, COOKIE, path=path.format(code=code))
    return response
