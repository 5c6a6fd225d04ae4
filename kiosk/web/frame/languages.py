"""Which language a page speaks: what the reader chose, else what the browser asks for, else Chinese."""

from __future__ import annotations

from flask import Response, has_request_context, request

from kiosk.web.frame import cookies

LANGUAGES = ("zh", "en")
COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600


def pick_language() -> str:
    """Return `zh` or `en`. The choice travels in `lang`, so that it works without cookies too."""
    if not has_request_context():
        return "zh"
    chosen = request.values.get(COOKIE) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    # Matched on two plain tags: best_match(["zh_Hans_CN", "en"]) would give English to zh-CN.
    return request.accept_languages.best_match(LANGUAGES, "zh") or "zh"


def remember_language(response: Response) -> Response:
    """Keep a language chosen on this page in a cookie, where cookies are taken."""
    chosen = request.args.get(COOKIE)
    if chosen in LANGUAGES and request.cookies.get(COOKIE) != chosen:
        cookies.put(response, COOKIE, str(chosen), seconds=YEAR_SECONDS)
    return response
