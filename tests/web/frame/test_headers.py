"""What protects a page stands on every answer of a view, once, and on no file of static/."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.web.frame.headers import CAMERA_POLICY, OPENER, PROTECTION, Protected
from tests.aids.factories import make_event


def test_every_kind_of_answer_carries_it_once(client: FlaskClient) -> None:
    event = make_event()
    for path, status in [
        ("/", 200), (f"/e/{event.code}", 200), (f"/E/{event.code}", 303), ("/nothing", 404), ("/e/ABC234", 404),
        (f"/events/{event.code}", 303), ("/healthz", 200),
    ]:  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == status, path
        for name, value in PROTECTION:
            assert answer.headers.getlist(name) == [value], (path, name)


def test_a_crash_carries_it(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "attendee.start", lambda: 1 / 0)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/")
    assert answer.status_code == 500 and all(answer.headers.getlist(name) == [value] for name, value in PROTECTION)


@pytest.mark.parametrize("base", ["http://localhost", "https://localhost"])
def test_windows_are_kept_apart_where_browsers_hear_it(client: FlaskClient, base: str) -> None:
    assert client.get("/", base_url=base).headers.getlist(OPENER[0]) == [OPENER[1]] * base.startswith("https")


@pytest.mark.parametrize("name", ["Content-Security-Policy", "content-security-policy"])
def test_what_a_view_says_itself_stands_alone(name: str) -> None:
    sent = []

    def camera(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [(name, CAMERA_POLICY), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b""]

    Protected(camera, is_https=False)({"wsgi.url_scheme": "http"}, lambda _status, headers: sent.extend(headers))
    assert [value for key, value in sent if key.lower() == name.lower()] == [CAMERA_POLICY]
    assert [value for key, value in sent if key == "Set-Cookie"] == ["a=1", "b=2"]
    assert {key for key, _value in PROTECTION} - {key for key, _value in sent} <= {"Content-Security-Policy"}


def test_a_file_that_never_changes_may_be_stored(app: Flask, client: FlaskClient) -> None:
    answer = client.get(app.jinja_env.globals["asset"]("css/frame/parts.css"))
    assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
    assert "Content-Security-Policy" not in answer.headers and answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()
