"""How large a body each route takes, and what was read of it: nothing is, before the route's guard let somebody in."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, TypeVar

from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from kiosk.extensions import this_app
from kiosk.web.frame.bare import this_request

# Bytes. A letter of Chinese takes nine of them in a form; the person's own form with thirty answers has 60 KB.
FORM = 64 * 1024
LONG_FORM = 256 * 1024  # a page of settings, a class of pupils
_NOTHING: MultiDict[str, str] = ImmutableMultiDict()
View = TypeVar("View", bound=Callable[..., Any])


def takes(most: int) -> Callable[[View], View]:
    """Let a route take a body of up to `most` bytes, where others take FORM."""

    def mark(view: View) -> View:
        view.kiosk_takes = most  # type: ignore[attr-defined]
        return view

    return mark


def most_of(endpoint: str | None) -> int:
    """Return how many bytes the body of a request to this endpoint may have."""
    return int(getattr(this_app().view_functions.get(endpoint or ""), "kiosk_takes", FORM))


def posted_so_far() -> MultiDict[str, str]:
    """Return the form if the route has read it, else an empty one: for a page's language, and for error pages."""
    form: MultiDict[str, str] = this_request().__dict__.get("form", _NOTHING)
    return form


def chosen_by_hand(name: str, choices: Container[str]) -> str | None:
    """Return what the address says under this name, else the form, if it is one of these choices."""
    asked = this_request()
    # What an address without a query says needs no parser.
    values = asked.args if asked.query_string else _NOTHING
    if name not in values:  # a look for a missing key costs an exception
        values = posted_so_far()
        if name not in values:
            return None
    return values[name] if values[name] in choices else None
