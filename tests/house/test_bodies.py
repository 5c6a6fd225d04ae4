"""A body is read once somebody may send it, up to what its route takes, and refused in words otherwise."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.web.frame import bodies, errors
from kiosk.web.frame.bodies import FORM
from tests.aids.access_table import ADMIN, CAPABILITIES, OPEN, TABLE
from tests.aids.factories import make_event

GIANT = 24 * 2**20
KINDS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
# Who stands in no table of access as staff: their routes read a form that is small.
READS = {"POST /verify"}  # a file is hashed as it comes in, and never kept


class Sent(io.RawIOBase):
    """A body of many bytes that counts how many were taken."""

    def __init__(self, size: int) -> None:
        self.left, self.taken = size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        count = min(len(view), self.left)
        view[:count] = b"a" * count
        self.left, self.taken = self.left - count, self.taken + count
        return count


def send(client: FlaskClient, address: str, kind: str, size: int = GIANT) -> tuple[int, str, int]:
    """Post a body of this size; return the status, the page and how much of the body was read."""
    body = Sent(size)
    environ = {"wsgi.input": io.BufferedReader(body, 8192), "CONTENT_LENGTH": str(size), "CONTENT_TYPE": kind}
    answer = client.post(address, environ_overrides=environ)
    return answer.status_code, answer.get_data(as_text=True), body.taken


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Return every route that takes a body, and an address of it that leads to an event where it can."""
    code = make_event().code
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            address = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule.replace("<code>", code))
            yield f"POST {rule.rule}", re.sub(r"<[^>]*>", "1", address)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_read_of_what_a_stranger_sends_to_staff(app: Flask, client: FlaskClient, kind: str) -> None:
    staffs = {route: address for route, address in addresses(app) if ADMIN in TABLE.get(route, set())}
    assert len(staffs) > 60
    read = {route: (status, taken) for route, address in staffs.items()
            for status, _page, taken in [send(client, address, kind)] if status != 403 or taken}  # fmt: skip
    assert read == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_too_large_is_refused_in_words(app: Flask, client: FlaskClient, kind: str) -> None:
    others = {
        route: address for route, address in addresses(app) if route in OPEN | CAPABILITIES and route not in READS
    }
    for route, address in others.items():
        status, page, taken = send(client, address, kind)
        assert status in (403, 404, 413), (route, status)
        assert "<h1>" in page and taken <= 2 * bodies.LONG_FORM, (route, taken)
        if status == 413:
            assert "send less" in page or "少" in page, (route, page)


def test_a_form_within_the_limit_is_read(app: Flask, client: FlaskClient) -> None:
    assert client.post("/", data={"code": "K7M4PQ", "more": "x" * (FORM - 100)}).status_code == 404
    assert client.post("/", data={"code": "K7M4PQ", "more": "x" * FORM}).status_code == 413


def test_the_language_of_a_form_that_was_read_is_kept(client: FlaskClient) -> None:
    assert '<html lang="en"' in client.post("/", data={"code": "nope", "lang": "en"}).text


def test_an_error_page_that_breaks_is_answered_all_the_same(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_template: object, **_values: object) -> str:
        raise RuntimeError("the template broke")

    monkeypatch.setattr(errors, "render_template", broken)
    answer = client.get("/nothing-here")
    assert answer.status_code == 500 and "签到" in answer.text and "steward" in answer.text
    assert "Content-Security-Policy" in answer.headers
