"""The large print (大字版) of attendees' and stewards' pages: a link on each of them, remembered by the phone.

The choice travels in `large`, as the language does in `lang`: it works without a script, and without cookies too.
"""

from __future__ import annotations

from flask import Response, request

from kiosk.web.frame import cookies
from kiosk.web.frame.bodies import chosen_by_hand

PRINT = "large"
PRINTS = ("0", "1")
YEAR_SECONDS = 365 * 24 * 3600


def chosen_print() -> str | None:
    """Return what the address or the form says, if it is one of ours."""
    return chosen_by_hand(PRINT, PRINTS)


def is_large_print() -> bool:
    """Say whether this page is shown in large print."""
    return (chosen_print() or cookies.get(PRINT)) == "1"


def remember_print(response: Response) -> Response:
    """Keep what was chosen on this page in a cookie, where cookies are taken."""
    chosen = request.args.get(PRINT)
    if chosen in PRINTS and cookies.get(PRINT) != chosen:
        cookies.put(response, PRINT, str(chosen), seconds=YEAR_SECONDS)
    return response
