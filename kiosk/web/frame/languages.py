"""Which language a page speaks: what the reader chose, else what the browser asks for, else Chinese."""

from __future__ import annotations

from babel.dates import format_datetime
from flask import Flask, Response, has_request_context, request
from flask_babel import force_locale, get_locale, get_translations

from kiosk.clock import utcnow
from kiosk.web.frame import cookies
from kiosk.web.frame.bodies import chosen_by_hand

LANGUAGES = ("zh", "en")
COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600


def chosen_language() -> str | None:
    """Return the language that the address or the form says, if it is one of ours."""
    return chosen_by_hand(COOKIE, LANGUAGES)


def pick_language() -> str:
    """Return `zh` or `en`. The choice travels in `lang`, so that it works without cookies too."""
    if not has_request_context():
        return "zh"
    chosen = chosen_language() or cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    # Matched on two plain tags: best_match(["zh_Hans_CN", "en"]) would give English to zh-CN.
    return request.accept_languages.best_match(LANGUAGES, "zh") or "zh"


def load_words(app: Flask) -> None:
    """Read the words of every language now, that no worker reads them for itself."""
    for language in LANGUAGES:
        with app.app_context(), force_locale(language):
            get_translations()
            format_datetime(utcnow(), "EEE d MMM", locale=get_locale())


def remember_language(response: Response) -> Response:
    """Keep a language chosen on this page in a cookie, where cookies are taken."""
    chosen = request.args.get(COOKIE)
    if chosen in LANGUAGES and cookies.get(COOKIE) != chosen:
        cookies.put(response, COOKIE, str(chosen), seconds=YEAR_SECONDS)
    return response
