"""People who come while one looks at the demo: one by one, by HTTP, as a phone does it.

Run by its path, in a process of its own: `python trickle.py HOST:PORT CODE FILE`, FILE a JSON list of forms. It uses
the standard library only, so that it costs next to nothing beside the server, and ends when everybody has come, when
the server is gone, or with the process that started it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

FIRST_AFTER = 4.0  # seconds after the server answers
PATIENCE = 30.0  # seconds without a server
BETWEEN = (5.0, 14.0)
BURST = 0.2  # the share of gaps in which people come together


class _HiddenFields(HTMLParser):
    """Collects the hidden fields that the sign-in form brings along."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._is_inside = (attributes.get("action") or "").endswith("/sign-in")
        elif tag == "input" and self._is_inside and attributes.get("type") == "hidden" and attributes.get("name"):
            self.values[attributes["name"] or ""] = attributes.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


def sign_in(server: str, code: str, form: dict[str, str]) -> int:
    """Open the page, fill in the form, send it; return the status of the answer (303: signed in)."""
    connection = HTTPConnection(server, timeout=10)
    try:
        connection.request("GET", f"/e/{code}?{urlencode({'kind': form['kind']})}")
        parser = _HiddenFields()
        parser.feed(connection.getresponse().read().decode())
        body = urlencode(parser.values | form)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/e/{code}/sign-in", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _is_left_alone_for(seconds: float, starter: int) -> bool:
    """Wait; return False as soon as the process that started this one is gone."""
    until = time.monotonic() + seconds
    while os.getppid() == starter:
        left = until - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, 0.3))
    return False


def main(arguments: list[str]) -> int:
    """Let everybody come; always return 0, because gunicorn reads other codes of its children as a failed start."""
    server, code, file = arguments
    forms = json.loads(Path(file).read_text(encoding="utf-8"))
    chance = random.Random(len(forms))  # noqa: S311  a rhythm, no secret
    starter = os.getppid()
    last_answer = time.monotonic()
    pause = FIRST_AFTER
    while forms and _is_left_alone_for(pause, starter) and time.monotonic() - last_answer < PATIENCE:
        try:
            sign_in(server, code, forms[0])
        except (OSError, HTTPException):
            pause = 1.0
            continue
        forms.pop(0)
        last_answer = time.monotonic()
        pause = chance.uniform(0.6, 1.6) if chance.random() < BURST else chance.uniform(*BETWEEN)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
