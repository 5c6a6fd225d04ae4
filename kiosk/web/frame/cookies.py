"""The cookies that this house sets: no script reads one, no other site sends one, and over https none travels bare.

Where the base address is https they bear a prefix that browsers hold it to: neither a neighbouring host nor somebody on
an http line can plant one (`__Host-`; `__Secure-` for those that are sent to a part of the addresses only).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response

from kiosk.config import Settings
from kiosk.extensions import this_app
from kiosk.web.frame.bare import this_request

# What was signed here, and most else that is kept: no cookie needs a quote around it.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{0,1000}")


def named(name: str, path: str = "/") -> str:
    """Return the name that a cookie bears in the browser."""
    return _named(name, path, is_https=_is_https())


def is_secure() -> bool:
    """Say whether this browser may send what it is given here over https only."""
    return _is_https() or this_request().is_secure


def get(name: str, path: str = "/") -> str | None:
    """Return what this browser keeps for addresses below `path`, or None."""
    return this_request().cookies.get(named(name, path))


def put(response: Response, name: str, value: str, *, seconds: int, path: str = "/") -> None:
    """Keep a value in this browser for so many seconds, for addresses below `path`."""
    is_https = _is_https()
    bears = _named(name, path, is_https=is_https)
    kept_how = (seconds, path, is_https or this_request().is_secure)
    line = f"{bears}={value}{_behind(*kept_how)}" if _PLAIN.fullmatch(value) else _line(bears, value, *kept_how)
    response.headers.add("Set-Cookie", line)


def drop(response: Response, name: str, *, path: str = "/") -> None:
    """Take a value out of this browser."""
    response.delete_cookie(named(name, path), path=path, **_flags(is_secure=is_secure()))


def _line(bears: str, value: str, seconds: int, path: str, is_secure: bool) -> str:
    # As Response.set_cookie does it, without the date that says the seconds again: it costs more than all the rest.
    return dump_cookie(bears, value, max_age=seconds, path=path, sync_expires=False, **_flags(is_secure=is_secure))


@lru_cache(maxsize=1_000)
def _behind(seconds: int, path: str, is_secure: bool) -> str:
    """Return what stands behind a cookie's value, which is the same for every phone of an event."""
    return _line("", "", seconds, path, is_secure).removeprefix("=")


def _is_https() -> bool:
    settings: Settings = this_app().config["KIOSK"]
    return settings.is_https


def _named(name: str, path: str, *, is_https: bool) -> str:
    if not is_https:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def _flags(*, is_secure: bool) -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": is_secure}
