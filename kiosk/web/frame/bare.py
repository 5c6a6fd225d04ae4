"""Flask's `request` and `g` themselves, for what every sign-in asks of them: a look through Flask's proxy costs as much
as six calls of these (docs/decisions/0002)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Request, g, request

this_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
this_g: Callable[[], Any] = g._get_current_object
