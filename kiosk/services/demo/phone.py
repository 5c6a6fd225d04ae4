"""A phone that speaks HTTP to a server as everybody's phone does, and nothing else: in rehearsals, and for the demo.

Standard library only. One connection a person: GET the page, fill in its form, POST it, follow the 303.

Run by its path, in a process of its own, it is the people who come while one looks at the demo: `python phone.py
HOST:PORT CODE FILE`, FILE a JSON list of forms. So it costs next to nothing beside the server; it ends when everybody
has come, when the server is gone, or with the process that started it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

TIMEOUT = 15.0  # seconds for an answer; a person would have given up
TRIES = 4  # of a form that met 503: the attendee's page tries again by itself, with the same key
ANY_TEXT = "演练"
# People of the demo.
FIRST_AFTER = 4.0  # seconds after the server answers
PATIENCE = 30.0  # seconds without a server
BETWEEN = (5.0, 14.0)
BURST = 0.2  # the share of gaps in which people come together


class NotSignedIn(Exception):
    """The person stands at the door and is not signed in; says what came instead."""


@dataclass
class _Choice:
    """Fields of one name: radio buttons, or one line."""

    type: str
    values: list[str] = field(default_factory=list)


class _SignInForm(HTMLParser):
    """Collects the fields of the sign-in form and where it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, _Choice] = {}
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form" and attributes.get("action", "").endswith("/sign-in"):
            self._is_inside, self.action = True, attributes["action"]
        elif self._is_inside and tag == "input" and attributes.get("name"):
            choice = self.fields.setdefault(attributes["name"], _Choice(attributes.get("type", "text")))
            choice.values.append(attributes.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False

    def filled(self, answers: dict[str, str]) -> dict[str, str]:
        """Return what is sent: hidden fields as they are, and the answers; where there is none the first choice."""
        sent = {}
        for name, choice in self.fields.items():
            if choice.type == "hidden":
                sent[name] = choice.values[0]
            elif choice.type in ("radio", "checkbox"):
                sent[name] = answers.get(name, choice.values[0])
            elif name.startswith("x_") or name in answers:  # "in whose place" stays empty
                sent[name] = answers.get(name, ANY_TEXT)
        return sent


@dataclass(frozen=True)
class PhoneDoor:
    """Where phones scan: a server's own port, under the name that its codes say."""

    host: str
    port: int
    name: str  # for the Host header: nothing between here and the program may take us for somebody else
    code: str
    asks_for_kind: bool  # several kinds: the first page has their tiles, the second the form

    def sign_in(self, kind: str, answers: dict[str, str]) -> float:
        """Sign one person in by a connection of their own, see the tick, and return the monotonic moment at which
        the answer to the form came; raise NotSignedIn."""
        connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.asks_for_kind:
                self._ask(connection, "GET", f"/e/{self.code}", wanted=200)
            form = _SignInForm()
            form.feed(self._ask(connection, "GET", f"/e/{self.code}?{urlencode({'kind': kind})}", wanted=200)[1])
            if form.action is None:
                raise NotSignedIn("there is no form")
            done, _text = self._ask(connection, "POST", form.action, urlencode(form.filled(answers)), wanted=303)
            answered_at = time.monotonic()
            self._ask(connection, "GET", urlsplit(done or "").path, wanted=200)
            return answered_at
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            raise NotSignedIn(type(error).__name__) from error
        finally:
            connection.close()

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, body: str | None = None, *, wanted: int
    ) -> tuple[str | None, str]:
        """Return the Location and the text of the answer; raise NotSignedIn for another status than `wanted`."""
        headers = {"Host": self.name, "Accept-Language": "zh-CN"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for attempt in range(1, TRIES + 1):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status == wanted:
                return answer.getheader("Location"), text
            if answer.status != 503 or attempt == TRIES:
                raise NotSignedIn(f"{method}: {answer.status}")
            time.sleep(_pause(answer))
        raise NotSignedIn(method)


def _pause(answer: HTTPResponse) -> float:
    after = answer.getheader("Retry-After") or ""
    return min(5.0, float(after)) if after.isdigit() else 1.0


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
    host, _, port = server.rpartition(":")
    door = PhoneDoor(host.strip("[]"), int(port), server, code, asks_for_kind=False)
    forms = json.loads(Path(file).read_text(encoding="utf-8"))
    chance = random.Random(len(forms))  # noqa: S311  a rhythm, no secret
    starter = os.getppid()
    last_answer = time.monotonic()
    pause = FIRST_AFTER
    while forms and _is_left_alone_for(pause, starter) and time.monotonic() - last_answer < PATIENCE:
        try:
            door.sign_in(forms[0]["kind"], forms[0])
        except NotSignedIn as error:
            if error.__cause__ is not None:  # the server is away; whoever it refused goes home
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
