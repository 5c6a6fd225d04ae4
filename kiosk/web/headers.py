"""What every answer carries: a strict policy, no stale page on a shared phone, and compressed HTML."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from kiosk.web.languages import remember_language

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
COMPRESS_FROM = 1024  # bytes; below that the header costs what the compression saves
LEVEL = 5


def register_headers(app: Flask) -> None:
    """Set the headers after every request."""
    app.after_request(remember_language)
    app.after_request(_protect)
    app.after_request(_compress)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # The origin only: addresses that are capabilities stay out of Referer, and the staff forms' check,
    # which asks for a Referer over HTTPS, still has one.
    headers.setdefault("Referrer-Policy", "strict-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    return response


def _compress(response: Response) -> Response:
    if (
        response.mimetype != "text/html"
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= COMPRESS_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
