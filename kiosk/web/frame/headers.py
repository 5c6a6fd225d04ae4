"""What every answer carries: a strict policy, no stale page on a shared phone, and compressed HTML."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

from kiosk.web.frame.bare import this_request
from kiosk.web.frame.form_session import FormSessions
from kiosk.web.frame.languages import remember_language
from kiosk.web.frame.large_print import remember_print
from kiosk.web.frame.tickets import STATION

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# For the page that reads codes by the camera: its decoder is WebAssembly, which may be compiled there and nowhere else.
CAMERA_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
COMPRESS_FROM = 1024  # bytes; below that the header costs what the compression saves
LEVEL = 5


PROTECTION = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    # The origin only: addresses that are capabilities stay out of Referer, and the staff forms' check,
    # which asks for a Referer over HTTPS, still has one.
    ("Referrer-Policy", "strict-origin"),
    ("Cache-Control", "no-store"),
)
# Over plain HTTP browsers ignore it and say so as an error in the console of every page.
OPENER = ("Cross-Origin-Opener-Policy", "same-origin")

# Only where phones are told https: a machine in the LAN that once answered by TLS would be out of reach for a year.
TRANSPORT = ("Strict-Transport-Security", f"max-age={365 * 24 * 3600}")


class Protected:
    """The application whose every answer carries what protects its page, unless its view says otherwise.

    Put into the list that goes out: Flask's response looks through each value twice, the policy's 200 characters too.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], *, is_https: bool) -> None:
        self._app = app
        on_http = (*PROTECTION, TRANSPORT) if is_https else PROTECTION
        self._on_http = {header[0].lower(): header for header in on_http}
        self._on_https = {**self._on_http, OPENER[0].lower(): OPENER}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request as WSGI has it."""
        always = self._on_https if environ["wsgi.url_scheme"] == "https" else self._on_http

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            names = {name.lower() for name, _value in headers}
            more = [header for name, header in always.items() if name not in names]
            return start_response(status, headers + more, *error)

        return self._app(environ, start)


def register_headers(app: Flask) -> None:
    """Let every answer of a view carry the headers; the files of static/ have their own (kiosk/assets)."""
    app.session_interface = FormSessions()
    app.after_request(_finish)
    app.wsgi_app = Protected(app.wsgi_app, is_https=app.config["KIOSK"].is_https)  # type: ignore[method-assign]


def _finish(response: Response) -> Response:
    # A stream's page is what was chosen for; on a station the next person finds what the device has.
    asked = this_request()
    if asked.query_string and response.mimetype != "text/event-stream" and asked.blueprint != STATION:
        response = remember_print(remember_language(response))
    return response if response.status_code == 303 else _compress(response)


def _compress(response: Response) -> Response:
    if (
        not (response.content_type or "").startswith("text/html")
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return response
    body = response.get_data()
    if len(body) < COMPRESS_FROM:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
