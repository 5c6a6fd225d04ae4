"""How large a body each route takes, and what was read of it: nothing is, before the route's guard let somebody in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

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


def register_bodies(app: Flask) -> None:
    """Give every request the limit of its route; what is larger is refused as it is read, with 413."""
    app.before_request(_limit)


def _limit() -> None:
    most = getattr(current_app.view_functions.get(request.endpoint or ""), "kiosk_takes", FORM)
    request.max_content_length = request.max_form_memory_size = most


def posted_so_far() -> MultiDict[str, str]:
    """Return the form if the route has read it, else an empty one: for a page's language, and for error pages."""
    return request.form if "form" in request.__dict__ else _NOTHING
