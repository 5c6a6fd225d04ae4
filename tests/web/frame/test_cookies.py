"""Cookies and headers behind TLS, what the forms' cookie gives away, and whose forms it serves."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.http import dump_cookie
from werkzeug.test import TestResponse

from kiosk.web.frame.cookies import put
from tests.aids.apps import build_app, close
from tests.aids.factories import PASSWORD, csrf_token, log_in, make_event, make_staff, post
from tests.aids.listed import WANG, hidden, look_up, tap, with_roster

BASE = "https://sign.example.org"
HSTS = "Strict-Transport-Security"


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[Flask]:
    """An application that phones reach by https, through a proxy that it is not told to believe."""
    app = build_app(tmp_path / "tls", KIOSK_BASE_URL=BASE)
    with app.app_context():
        yield app
        close(app)


def set_by(*answers: TestResponse) -> dict[str, str]:
    """Return the cookies that these answers set, by name: the whole line."""
    lines = [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]
    return {line.partition("=")[0]: line for line in lines}


def every_cookie(app: Flask, base: str) -> dict[str, str]:
    """Go where cookies are set: a log-in, its forms, a language, a phone that is remembered, links opened."""
    client, phone = app.test_client(), app.test_client()
    make_staff()
    event = with_roster(WANG)
    data = {"email": "admin@example.org", "password": PASSWORD}
    answers = [client.post("/login", data=data, base_url=base)]
    answers += [client.get("/account/password", base_url=base), client.get("/login?lang=en", base_url=base)]
    token = hidden(answers[1], "csrf_token")
    for path in ("stewards", "devices"):
        made = {"csrf_token": token, "label": "A", "screen": "display"}
        referer = {"Referer": f"{base}/events"}
        answers.append(client.post(f"/events/{event.code}/{path}", data=made, base_url=base, headers=referer))
        page = client.get(f"/events/{event.code}/{path}", base_url=base)
        link = page.text.partition(f"{'/st/' if path == 'stewards' else '/d/'}")[2].partition("<")[0].split('"')[0]
        opened = phone.get(f"{'/st/' if path == 'stewards' else '/d/'}{link}", base_url=base)
        assert opened.status_code == 303, link
        answers += [page, opened]
    answers.append(tap(phone, event, look_up(phone, event, "5678")))
    return set_by(*answers)


def test_every_cookie_bears_a_prefix_and_is_secure_where_the_base_address_is_https(behind_tls: Flask) -> None:
    cookies = every_cookie(behind_tls, "http://localhost")  # what the proxy asks for
    names = {re.split("_known_|_(?=[A-Z0-9]{6}$)", name)[0] for name in cookies}  # without an account's, an event's end
    assert names == {
        "__Host-kiosk_staff", "__Host-kiosk", "__Host-kiosk_form", "__Host-lang", "__Host-kiosk_me",
        "__Secure-kiosk_steward", "__Secure-kiosk_device", "__Secure-kiosk_here",
        "__Secure-kiosk_scan",
    }  # fmt: skip
    for name, line in cookies.items():
        parts = [part.strip() for part in line.split(";")]
        assert "Secure" in parts and "HttpOnly" in parts and "SameSite=Lax" in parts, line
        assert not any(part.startswith("Domain") for part in parts)
        assert ("Path=/" in parts) == name.startswith("__Host-")


def test_in_a_lan_no_cookie_bears_a_prefix_and_none_needs_https(app: Flask) -> None:
    cookies = every_cookie(app, "http://localhost")
    assert len(cookies) == 9
    assert not any(name.startswith("__") or "Secure" in line for name, line in cookies.items())


def test_forms_cookie_is_secure_over_tls_in_any_case(app: Flask, client: FlaskClient) -> None:
    make_staff()
    client.post("/login", data={"email": "admin@example.org", "password": PASSWORD}, base_url=BASE)
    assert "; Secure" in set_by(client.get("/account/password", base_url=BASE))["kiosk_form"]


@pytest.mark.parametrize("base", ["http://localhost", BASE])
@pytest.mark.parametrize("path", ["/", "/e/ABC234", "/a b;c"])
@pytest.mark.parametrize(
    "value",
    ["", "eyJ-_9.x", "x" * 1000, "x" * 1001, "a b", 'a"b', "a; Domain=x", "a,b", "王", "a\r\nX: b", "a\n"],
)
def test_a_cookie_is_written_as_werkzeug_writes_it(app: Flask, base: str, path: str, value: str) -> None:
    """Most of a line is made once for all phones: nothing of it may depend on who asks, and no value end it early."""
    with app.test_request_context("/", base_url=base):
        answer = Response()
        put(answer, "kiosk_me", value, seconds=60, path=path)
    flags = {"httponly": True, "samesite": "Lax", "secure": base == BASE}
    line = dump_cookie("kiosk_me", value, max_age=60, path=path, sync_expires=False, **flags)
    assert answer.headers.getlist("Set-Cookie") == [line]


def test_transport_stays_https_only_where_the_base_address_is(behind_tls: Flask, tmp_path: Path) -> None:
    assert behind_tls.test_client().get("/").headers[HSTS] == "max-age=31536000"
    lan = build_app(tmp_path / "lan")
    assert HSTS not in lan.test_client().get("/", base_url=BASE).headers
    with lan.app_context():
        close(lan)


def readable(cookie: str) -> str:
    """Return all that anybody without the secret reads in a cookie."""
    raw = cookie.split(".")[1 if cookie.startswith(".") else 0]
    content = urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    if cookie.startswith("."):
        content = zlib.decompress(content)
    return cookie + content.decode("utf-8", "replace") + json.dumps(content.decode("latin-1"))


@pytest.mark.parametrize(
    ("path", "start", "fields"),
    [("stewards", "/st/", {"label": "Zhang"}), ("groups", "/g/", {"label": "Zhang"}),
     ("devices", "/d/", {"screen": "display"}), ("devices", "/d/", {"screen": "kiosk", "pin": "493817"})],
)  # fmt: skip
def test_link_just_made_is_not_readable_in_the_cookie(
    app: Flask, client: FlaskClient, path: str, start: str, fields: dict[str, str]
) -> None:
    make_staff()
    event = make_event()
    log_in(client, "admin@example.org")
    assert post(client, f"/events/{event.code}/{path}", **fields).status_code == 303
    cookie = client.get_cookie("kiosk_form")
    assert cookie is not None
    page = client.get(f"/events/{event.code}/{path}").text
    token = page.partition(start)[2].partition("<")[0].split('"')[0]
    assert len(token) == 32, "its page shows it this once"
    assert token not in readable(cookie.value) and "Zhang" not in readable(cookie.value)


def test_names_in_a_message_are_not_readable_in_the_cookie(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    post(client, "/staff", email="zhang@example.org", role="viewer", password="a long enough sentence")
    cookie = client.get_cookie("kiosk_form")
    assert cookie is not None and "zhang" not in readable(cookie.value)
    assert "zhang@example.org" in client.get("/staff").text


def test_what_an_older_version_signed_is_forgotten_and_not_a_mistake(app: Flask, client: FlaskClient) -> None:
    """Signed with the secret at hand, and not sealed, or otherwise: nothing of it is taken, nothing breaks."""
    make_staff()
    log_in(client, "admin@example.org")
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    signer = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="cookie-session", signer_kwargs=how)
    for old in ({"csrf_token": "x"}, "A" * 200, ""):
        client.set_cookie("kiosk_form", str(signer.dumps(old)))
        assert client.get("/account/password").status_code == 200
        assert csrf_token(client) != "x"


def test_forms_of_one_log_in_serve_no_other(app: Flask, client: FlaskClient) -> None:
    """Whoever was logged in before, in this browser, knows their own token, and may have kept the cookie too."""
    make_staff()
    make_staff("organiser")
    log_in(client, "organiser@example.org")
    token = csrf_token(client)
    kept = client.get_cookie("kiosk_form")
    assert kept is not None
    assert client.post("/logout", data={"csrf_token": token}).status_code == 303
    assert client.get_cookie("kiosk_form") is None
    log_in(client, "admin@example.org")
    client.set_cookie("kiosk_form", kept.value)
    assert client.post("/account/log-out-everywhere", data={"csrf_token": token}).status_code == 403
    assert csrf_token(client) != token
    assert client.post("/account/log-out-everywhere", data={"csrf_token": token}).status_code == 403
    assert post(client, "/account/log-out-everywhere").status_code == 303


def test_log_in_begins_forms_anew_also_without_a_log_out(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    token = csrf_token(client)
    log_in(client, "admin@example.org")
    assert client.post("/logout", data={"csrf_token": token}).status_code == 403


def test_log_in_takes_nothing_from_a_browser_that_has_nothing(app: Flask, client: FlaskClient) -> None:
    make_staff()
    assert "kiosk_form" not in set_by(log_in(client, "admin@example.org"))
