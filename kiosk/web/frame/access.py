"""Who is asking: the staff cookie, what a role may open, and which events a person may run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Set
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as WerkzeugResponse

from kiosk.extensions import csrf
from kiosk.services.account import staff_sessions
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log import audit
from kiosk.services.event import event_access, event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.web.frame import cookies
from kiosk.web.frame.form_session import STAFF_COOKIE

COOKIE = STAFF_COOKIE
ORGANISERS = ("admin", "organiser")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# The pages that write people down, by blueprint or endpoint.
BRINGING = {
    "roster", "hand", "paper", "links.make_steward", "links.make_group", "links.make_count", "missing", "hours",
    "proofs",
}  # fmt: skip
# The pages of an event that show nobody: they stay while its people are being cleared.
NAMELESS = {
    "privacy", "notices", "posters", "audit", "display", "desk.event", "desk.event_course", "desk.settings",
    "desk.archive", "desk.clone", "desk.new_event", "desk.close_now", "desk.todays_own", "desk.sharing",
}  # fmt: skip
View = Callable[..., ResponseReturnValue]


def register_access(app: Flask) -> None:
    """Give every template `staff`: who is logged in on this page, or None."""
    app.context_processor(lambda: {"staff": g.get("staff")})


def current_staff() -> StaffView | None:
    """Return who is logged in in this browser, or None; asked once a request."""
    if "kiosk_asked_staff" not in g:
        g.kiosk_asked_staff = staff_sessions.find(token) if (token := log_in_token()) else None
    return cast("StaffView | None", g.kiosk_asked_staff)


def log_in_token() -> str:
    """Return the token of this browser's log-in, empty without one."""
    return cookies.get(COOKIE) or ""


def logged_in() -> StaffView:
    """Return who is logged in, behind @staff_required."""
    return cast(StaffView, g.staff)


def actor() -> str:
    """Return who is logged in as the audit log keeps it."""
    return audit.of_staff(logged_in().id)


def staff_required(view: View) -> View:
    """Let only staff in, as `g.staff`; a form must carry its CSRF token.

    A stranger's GET goes to the log-in page and comes back; anything else is 403. A live region of a
    page that has been logged out reloads its whole page.
    """
    return _guard(view, None)


def role_required(*roles: str) -> Callable[[View], View]:
    """Let only staff of these roles in; otherwise like staff_required."""
    return lambda view: _guard(view, roles)


def look_required(view: View) -> View:
    """Let only staff in who may look at the event of the address; the view gets the event in place of its code."""
    return _event_guard(view, None, to_run=False)


def run_required(view: View) -> View:
    """Let only staff in who may change the event of the address and work its door; otherwise like look_required."""
    return _event_guard(view, ORGANISERS, to_run=True)


def event_for(code: str, *, to_run: bool = False) -> EventView:
    """Return the event behind a staff page; 404 if there is none, 403 if it is not this person's.

    Everybody who may look gets it; `to_run` asks for the right to change it or to work its door.
    """
    event = event_views.find_now(code)
    if event is None:
        say_gone()
    allowed = event_access.may_run if to_run else event_access.may_look
    if not allowed(logged_in(), event):
        abort(403)
    if event.is_cleared and request.method not in SAFE_METHODS and _brings_people():
        abort(410)
    if not _is_among(NAMELESS) and purges.is_going_on(event):
        _say_clearing(event)
    return event


def _brings_people() -> bool:
    """Say whether this page writes people down, which a purged event's must not any more."""
    return _is_among(BRINGING)


def _is_among(pages: Set[str]) -> bool:
    return not {request.blueprint, request.endpoint}.isdisjoint(pages)


def _say_clearing(event: EventView) -> NoReturn:
    """Answer in place of a page with names while they are taken out, row by row: it comes back by itself. A live region
    reloads its whole page: what it showed would stay on the screen."""
    refresh = {"HX-Refresh": "true"} if request.headers.get("HX-Request") else {}
    page = render_template("frame/staff/clearing.html", event=event)
    abort(Response(page, 503, {"Retry-After": "2", "Cache-Control": "no-store", **refresh}))


def say_gone() -> NoReturn:
    """Answer 404. A live region of an event that is gone, as a rehearsal's clone is, reloads its whole page, which
    says so; it would seem to be offline for ever."""
    if request.headers.get("HX-Request"):
        abort(Response(status=404, headers={"HX-Refresh": "true"}))
    abort(404)


def is_local_path(target: str | None) -> bool:
    """Say whether a `next` stays on this site: browsers read `//host`, `/\\host` and `/<tab>/host` as elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return False
    if any(ord(character) <= 32 for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def to_log_in() -> WerkzeugResponse:
    """Lead to the log-in page, and from there back to this one."""
    return redirect(url_for("account.log_in", next=request.full_path.removesuffix("?")), code=303)


def remember(response: WerkzeugResponse, token: str) -> WerkzeugResponse:
    """Put the log-in into this browser's cookie, and nothing of the one before into its forms."""
    session.clear()
    cookies.put(response, COOKIE, token, seconds=int(staff_sessions.ABSOLUTE.total_seconds()))
    return response


def forget(response: WerkzeugResponse) -> WerkzeugResponse:
    """Take the log-in out of this browser, and what its forms kept."""
    session.clear()
    cookies.drop(response, COOKIE)
    return response


def _guard(view: View, roles: tuple[str, ...] | None) -> View:
    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        staff = current_staff()
        if staff is None:
            return _ask_to_log_in()
        g.staff = staff
        if roles is not None and staff.role not in roles:
            abort(403)
        if request.method not in SAFE_METHODS:
            csrf.protect()
        return view(*args, **kwargs)

    return guarded


def _event_guard(view: View, roles: tuple[str, ...] | None, *, to_run: bool) -> View:
    @functools.wraps(view)
    def guarded(code: str, **arguments: Any) -> ResponseReturnValue:
        return view(event_for(code, to_run=to_run), **arguments)

    return _guard(guarded, roles)


def _ask_to_log_in() -> ResponseReturnValue:
    if request.method not in SAFE_METHODS:
        abort(403)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Refresh": "true"})
    return to_log_in()
