"""Who comes from outside: the event they ask for, the language they chose, whether their form is ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask import Response, abort, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from kiosk.services.account import staff_sessions
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.board import phone_check
from kiosk.services.door import code_guesses
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.host import network
from kiosk.web.frame.bare import this_request
from kiosk.web.frame.bodies import posted_so_far
from kiosk.web.frame.entrances import entrance
from kiosk.web.frame.languages import COOKIE as LANGUAGE, chosen_language
from kiosk.web.frame.large_print import PRINT, chosen_print
from kiosk.web.frame.tickets import find_ticket

ME_COOKIE = "kiosk_me"  # whom this phone remembers
HERE_COOKIE = "kiosk_here"  # this phone's own sign-in at one event, for that event's addresses only
CHOSEN = {LANGUAGE, PRINT}  # by hand, in an address or a form
# Programs that open an address so that a chat or a search can show it; Cubot makes phones.
ROBOTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|facebookcatalog|meta-external|WhatsApp|WeChatShareExtension"
    r"|Slack-ImgProxy|Google-(?:InspectionTool|Read-Aloud)|vkShare|Embedly|Iframely|Mastodon",
    re.IGNORECASE,
)


def here_path(code: str) -> str:
    """Return below which addresses a phone says its own sign-in at this event."""
    return f"/e/{code}"


def find_event(code: str) -> EventView:
    """Return the event of this code, or answer 404 with the code to be corrected."""
    view = event_views.find(code)
    # Whoever sends a form of one of the event's own pages knew the code.
    if view is None or this_request().method != "POST" or find_ticket(view) is None:
        judge_code(is_known=view is not None)
    if view is None:
        body = render_template("attendee/start.html", typed=code[:40], is_unknown=True)
        abort(Response(body, 404, mimetype="text/html"))
    entrance(view)  # the links of every page carry it
    return view


def look() -> phone_check.Visitor:
    """Return what phone_check.classify says of who opens this page; nobody does where a program looks ahead."""
    if _is_looking_ahead():
        return "program"
    address = request.remote_addr
    is_staff = staff_sessions.is_staff_browser(address, request.user_agent.string)
    return phone_check.classify(address, is_staff_browser=is_staff, own=network.own_addresses())


def _is_looking_ahead() -> bool:
    """Say whether nobody reads this page: its head only is asked for, a browser fetches it before a tap, or a program
    makes a preview of it."""
    headers = request.headers
    ahead = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    is_early = "prefetch" in ahead or "prerender" in ahead or "preview" in ahead
    return request.method == "HEAD" or is_early or ROBOTS.search(headers.get("User-Agent", "")) is not None


def judge_code(*, is_known: bool) -> None:
    """Hold up whoever has guessed codes far too often, whether this one is known or not, and count one that is not."""
    try:
        code_guesses.brake(request.remote_addr)
    except TooManyGuesses as error:
        raise TooManyRequests(retry_after=error.retry_after) from error
    if not is_known:
        code_guesses.missed(request.remote_addr)


def is_own_origin(*, may_be_null: bool = True) -> bool:
    """Say whether the form came from our own page. An absent Origin, and a null one where a ticket judges, is ours."""
    asked = this_request()
    origin = asked.headers.get("Origin")
    if origin is None or origin == "null":
        return origin is None or may_be_null
    return origin.partition("://")[2] == asked.host


def lead_to(endpoint: str, **values: Any) -> Response:
    """Lead to a page, in the language and the print chosen by hand; without a body, which no browser shows."""
    return _lead(url_for(endpoint, **values, lang=chosen_language(), large=chosen_print()))


def lead_to_done(token: str) -> Response:
    """Lead to the success page that this token stands for, as lead_to does; the token was made here, just now, so that
    nothing in it needs an escape."""
    asked = this_request()
    if asked.query_string or not CHOSEN.isdisjoint(posted_so_far()):
        return lead_to("attendee.done", token=token)
    return _lead(_before_token(asked.root_path) + token)


@lru_cache(maxsize=8)
def _before_token(_root_path: str) -> str:
    """Return how a success page's address begins, below the root of this server's: Flask would make each anew."""
    return url_for("attendee.done", token="")


class Lead(Response):
    """An answer without a body that leads on. Its headers go out as they were put here: Werkzeug would copy them, and
    look for a location that is not ASCII and for a body to be measured (docs/decisions/0002)."""

    def get_wsgi_response(self, environ: Any) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return the body, the status and the headers, as Werkzeug asks for them."""
        return (), self.status, self.headers.to_wsgi_list()


def _lead(target: str) -> Response:
    # With the type said, and the others added: else Werkzeug makes a second set of headers to look for a type in.
    response = Lead(status=303, content_type="text/html; charset=utf-8")
    response.headers.add("Content-Length", "0")
    response.headers.add("Location", target)
    return response
