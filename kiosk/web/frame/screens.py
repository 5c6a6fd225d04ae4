"""Screens without an account: the device link in a browser's cookie, and who may see a screen."""

from __future__ import annotations

from flask import abort, g, request
from werkzeug.wrappers import Response

from kiosk.clock import utcnow
from kiosk.services.door import followers, links
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
FOLLOWING = "/screens/{id}"  # of a screen that follows the agenda
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
    """Return the living link that this browser holds for this event and screen, or for all that are on there."""
    link = links.find(link_token(), "device")
    if link is None and (follower := followers.find(link_token())) is not None:
        link = followers.lend(follower, event)
    return link if link is not None and (link.event_id, link.purpose) == (event.id, screen) else None


def revoke(event: EventView, link: LinkView) -> None:
    """Revoke the link of this very screen, by itself."""
    if link.campaign_id is not None:
        followers.revoke(link.campaign_id, link.id, actor=link.actor)
    else:
        links.revoke(event.id, "device", link.id, actor=link.actor)


def station_here() -> str | None:
    """Return the address of the station that this browser is, where it asks for the log-in page; else None."""
    if (follower := followers.find(link_token())) is not None:
        return FOLLOWING.format(id=follower.id) if follower.purpose == "kiosk" else None
    link = links.find(link_token(), "device")
    return PATHS["kiosk"][0].format(code=link.event_code) if link is not None and link.purpose == "kiosk" else None


def followed() -> followers.FollowerView | None:
    """Return the living link of this browser that follows the agenda, or None."""
    return followers.find(link_token())


def is_on(link: followers.FollowerView, event: EventView) -> bool:
    """Say whether this event is the one that such a link's station works now."""
    present = followers.present(link)
    return present is not None and present.id == event.id and present.phase(utcnow()) != "closed"


def remember_follower(response: Response, link: followers.FollowerView, token: str, *, is_its_own: bool) -> Response:
    """Put such a link into this browser (`remember`); a station's comes to each event's addresses with `lend`."""
    for path in (FOLLOWING.format(id=link.id), *([LOG_IN] if link.purpose == "kiosk" and is_its_own else [])):
        cookies.put(response, COOKIE, token, seconds=COOKIE_SECONDS, path=path)
    return response


def lend(response: Response, code: str) -> Response:
    """Let the link that is sent to this address be sent to those of an event's station as well."""
    for path in PATHS["kiosk"]:
        cookies.put(response, COOKIE, link_token(), seconds=COOKIE_SECONDS, path=path.format(code=code))
    return response


def remember(response: Response, code: str, screen: Purpose, token: str, *, is_its_own: bool) -> Response:
    """Put a link into this browser, for the addresses of its one screen only.

    `is_its_own`: nobody is logged in here any more. Where somebody is, who looks at a station's link on their own
    machine, the log-in stays theirs.
    """
    for path in (*PATHS[screen], *([LOG_IN] if screen == "kiosk" and is_its_own else [])):
        cookies.put(response, COOKIE, token, seconds=COOKIE_SECONDS, path=path.format(code=code))
    return response


def forget(response: Response, code: str, link: LinkView) -> Response:
    """Take a link out of this browser."""
    for path in (*PATHS[link.purpose], LOG_IN, *([] if link.campaign_id is None else [FOLLOWING])):
        cookies.drop(response, COOKIE, path=path.format(code=code, id=link.id))
    return response
