"""Accounts: the first one, logging in and out, guessing, sessions that end."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.config import ROOT
from kiosk.extensions import db
from kiosk.models import Staff, StaffSession, StoredSetting
from kiosk.services.account import passwords, staff, staff_sessions
from kiosk.services.refusals import Refused, Unknown
from kiosk.web.frame import access
from tests.aids.factories import PASSWORD, csrf_token, log_in, make_staff, post

SET_COOKIE = f"{access.COOKIE}="


def staff_cookie(answer: TestResponse) -> str:
    return next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(SET_COOKIE))


def later(**step: float) -> datetime:
    return utcnow() + timedelta(**step)


def test_right_password_opens_the_desk(app: Flask, client: FlaskClient) -> None:
    make_staff()
    answer = log_in(client, " Admin@Example.org ")
    assert (answer.status_code, answer.location) == (303, "/events")
    assert client.get("/events").status_code == 200


def test_log_in_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, client: FlaskClient) -> None:
    make_staff()
    cookie = staff_cookie(log_in(client, "admin@example.org"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    over_tls = client.post(
        "/login", data={"email": "admin@example.org", "password": PASSWORD}, base_url="https://sign.example.org"
    )
    assert "Secure" in staff_cookie(over_tls)


@pytest.mark.usefixtures("real_hashes")
def test_neither_token_nor_password_is_kept(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    cookie = client.get_cookie(access.COOKIE)
    assert cookie is not None
    assert cookie.value not in db.session.scalars(select(StaffSession.token_hash)).one()
    assert db.session.scalars(select(Staff.password_hash)).one().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_stranger_is_sent_to_log_in_and_comes_back(app: Flask, client: FlaskClient) -> None:
    make_staff()
    answer = client.get("/events?campaign=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=/events?campaign%3D1")
    page = client.get(answer.location).text
    assert 'name="next" value="/events?campaign=1"' in page
    answer = client.post(
        "/login", data={"email": "admin@example.org", "password": PASSWORD, "next": "/events?campaign=1"}
    )
    assert answer.location == "/events?campaign=1"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example",
     "/ok\nX: y", "javascript:alert(1)", "events", ""],
)  # fmt: skip
def test_log_in_never_leads_to_another_site(app: Flask, client: FlaskClient, target: str) -> None:
    make_staff()
    answer = client.post("/login", data={"email": "admin@example.org", "password": PASSWORD, "next": target})
    assert answer.location == "/events"


def test_wrong_password_and_unknown_email_get_the_same_answer(app: Flask, client: FlaskClient) -> None:
    make_staff()
    wrong = log_in(client, "admin@example.org", "not the password")
    unknown = log_in(client, "nobody@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("admin@", "nobody@") == unknown.text
    assert "not the password" not in wrong.text


def test_unknown_email_costs_one_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda known, typed: hashed.append(known) or verify(known, typed))
    assert staff.authenticate("nobody@example.org", PASSWORD) is None
    assert len(hashed) == 1 and hashed[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_log_in_from_another_site_is_refused(app: Flask, client: FlaskClient) -> None:
    make_staff()
    data = {"email": "admin@example.org", "password": PASSWORD}
    assert client.post("/login", data=data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/login", data=data, headers={"Origin": "null"}).status_code == 403
    assert client.post("/login", data=data, headers={"Origin": "http://localhost"}).status_code == 303


def test_logging_out_ends_the_session_on_the_server(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    cookie = client.get_cookie(access.COOKIE)
    assert cookie is not None
    assert post(client, "/logout").status_code == 303
    client.set_cookie(access.COOKIE, cookie.value)
    assert client.get("/events").status_code == 303


def test_staff_form_without_its_token_changes_nothing(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    assert client.post("/logout").status_code == 403
    assert client.get("/events").status_code == 200


def test_session_lives_twelve_hours_after_the_last_look(app: Flask) -> None:
    person = make_staff()
    token = staff_sessions.begin(person.id, address="10.0.0.9", user_agent="Tablet")
    with clock.freeze(later(hours=11)):
        assert staff_sessions.find(token) == person
    with clock.freeze(later(hours=22, minutes=59)):
        assert staff_sessions.find(token) == person
    with clock.freeze(later(hours=35)):
        assert staff_sessions.find(token) is None


def test_session_ends_after_fourteen_days_whatever_happens(app: Flask) -> None:
    token = staff_sessions.begin(make_staff().id, address=None, user_agent=None)
    for hours in range(0, 14 * 24, 11):
        with clock.freeze(later(hours=hours)):
            assert staff_sessions.find(token) is not None
    with clock.freeze(later(days=14, minutes=1)):
        assert staff_sessions.find(token) is None


def test_looking_again_within_half_an_hour_writes_nothing(app: Flask) -> None:
    token = staff_sessions.begin(make_staff().id, address=None, user_agent=None)
    first = db.session.scalars(select(StaffSession.last_seen_at)).one()
    with clock.freeze(later(minutes=29)):
        staff_sessions.find(token)
    db.session.rollback()
    assert db.session.scalars(select(StaffSession.last_seen_at)).one() == first
    with clock.freeze(later(minutes=31)):
        staff_sessions.find(token)
    assert db.session.scalars(select(StaffSession.last_seen_at)).one() > first


def test_own_browser_is_known_while_it_is_logged_in(app: Flask) -> None:
    token = staff_sessions.begin(make_staff().id, address="10.0.0.9", user_agent="Tablet")
    assert staff_sessions.is_staff_browser("10.0.0.9", "Tablet")
    assert not staff_sessions.is_staff_browser("10.0.0.10", "Tablet")
    staff_sessions.revoke(token)
    assert not staff_sessions.is_staff_browser("10.0.0.9", "Tablet")


def test_changing_the_password_logs_the_other_browsers_out(app: Flask, client: FlaskClient) -> None:
    make_staff()
    other = app.test_client()
    log_in(client, "admin@example.org")
    log_in(other, "admin@example.org")
    answer = post(client, "/account/password", current=PASSWORD, password="quite another sentence")
    assert answer.status_code == 303
    assert client.get("/events").status_code == 200
    assert other.get("/events").status_code == 303
    assert log_in(other, "admin@example.org").status_code == 422
    assert log_in(other, "admin@example.org", "quite another sentence").status_code == 303


def test_changing_the_password_asks_for_the_present_one(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    answer = post(client, "/account/password", current="not the password", password="quite another sentence")
    assert answer.status_code == 422
    assert log_in(app.test_client(), "admin@example.org").status_code == 303


def test_logging_out_everywhere_means_every_browser(app: Flask, client: FlaskClient) -> None:
    make_staff()
    person = make_staff("organiser")
    theirs = app.test_client()
    log_in(client, "admin@example.org")
    log_in(theirs, "organiser@example.org")
    assert post(client, f"/staff/{person.id}/log-out").status_code == 303
    assert theirs.get("/events").status_code == 303
    assert client.get("/events").status_code == 200


def test_account_put_away_is_out_at_once_and_may_come_back(app: Flask, client: FlaskClient) -> None:
    make_staff()
    person = make_staff("organiser")
    theirs = app.test_client()
    log_in(client, "admin@example.org")
    log_in(theirs, "organiser@example.org")
    post(client, f"/staff/{person.id}/active", is_active="0")
    assert theirs.get("/events").status_code == 303
    assert log_in(theirs, "organiser@example.org").status_code == 422
    post(client, f"/staff/{person.id}/active", is_active="1")
    assert log_in(theirs, "organiser@example.org").status_code == 303


def test_last_admin_cannot_be_put_away(app: Flask) -> None:
    person = make_staff()
    make_staff("organiser")
    with pytest.raises(Refused, match="last_admin"):
        staff.set_active(person.id, is_active=False)
    make_staff(email="second@example.org")
    staff.set_active(person.id, is_active=False)
    assert staff.find("admin@example.org") is None


def test_admin_adds_an_account_by_the_form(app: Flask, client: FlaskClient) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    fields = {"email": "Wang@example.org", "name": "王强", "role": "organiser", "password": PASSWORD}
    assert post(client, "/staff", **fields).status_code == 303
    assert "wang@example.org" in client.get("/staff").text
    again = post(client, "/staff", **fields)
    assert again.status_code == 422 and 'value="Wang@example.org"' in again.text and PASSWORD not in again.text
    assert log_in(app.test_client(), "wang@example.org").status_code == 303


@pytest.mark.parametrize(
    ("password", "code"),
    [("123456789", "password_too_short"), ("wang@example.org", "password_is_email"), ("x" * 201, "password_too_long")],
)
def test_bad_new_passwords_are_refused(app: Flask, password: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        staff.add("wang@example.org", "viewer", password)
    assert refused.value.code == code


@pytest.mark.parametrize("email", ["", "wang", "wang@", "@example.org", "a b@example.org"])
def test_what_is_no_email_is_refused(app: Flask, email: str) -> None:
    with pytest.raises(Refused, match="not_an_email"):
        staff.add(email, "viewer", PASSWORD)


def test_setup_link_makes_the_first_admin_once(both_app: Flask) -> None:
    client = both_app.test_client()
    token = staff.setup_url_token()
    assert token is not None
    assert token not in db.session.scalars(select(StoredSetting.value)).all()
    assert client.get(f"/setup/{token}").status_code == 200
    answer = client.post(f"/setup/{token}", data={"email": "first@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/events/new")
    found = staff.find("first@example.org")
    assert found is not None and found.role == "admin"
    assert client.get("/events").status_code == 200
    assert client.get(f"/setup/{token}").status_code == 404
    assert staff.setup_url_token() is None


def test_setup_link_of_an_earlier_start_is_dead(app: Flask, client: FlaskClient) -> None:
    first, second = staff.setup_url_token(), staff.setup_url_token()
    assert client.get(f"/setup/{first}").status_code == 404
    assert client.get(f"/setup/{second}").status_code == 200


def test_setup_keeps_what_was_typed_when_the_password_is_short(app: Flask, client: FlaskClient) -> None:
    token = staff.setup_url_token()
    answer = client.post(f"/setup/{token}", data={"email": "first@example.org", "password": "short"})
    assert answer.status_code == 422
    assert 'value="first@example.org"' in answer.text
    assert db.session.scalar(select(func.count(Staff.id))) == 0


def test_two_people_with_one_setup_link_make_one_admin(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token = staff.setup_url_token()
    assert token is not None
    monkeypatch.setattr(staff, "is_setup_link_alive", lambda token: True)  # both passed the first look
    staff.set_up(token, "first@example.org", PASSWORD)
    with pytest.raises(Unknown):
        staff.set_up(token, "second@example.org", PASSWORD)


def test_setup_link_that_died_meanwhile_makes_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _second = staff.setup_url_token(), staff.setup_url_token()
    assert first is not None
    monkeypatch.setattr(staff, "is_setup_link_alive", lambda token: True)  # it was, at the first look
    with pytest.raises(Unknown):
        staff.set_up(first, "first@example.org", PASSWORD)
    assert not staff.has_staff()


def test_log_in_page_says_where_the_setup_link_is_while_nobody_has_an_account(app: Flask, client: FlaskClient) -> None:
    assert 'name="password"' not in client.get("/login").text
    make_staff()
    assert 'name="password"' in client.get("/login").text


def test_live_region_of_a_logged_out_page_reloads_the_whole_page(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/events", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")


def test_csrf_token_of_one_browser_is_worth_nothing_in_another(app: Flask, client: FlaskClient) -> None:
    make_staff()
    other = app.test_client()
    log_in(client, "admin@example.org")
    log_in(other, "admin@example.org")
    assert other.post("/logout", data={"csrf_token": csrf_token(client)}).status_code == 403


HASH_IN_GEVENT = """
from gevent import monkey; monkey.patch_all()
native = monkey.get_original("threading", "get_ident")
from kiosk.services.account import passwords
seen = []
class Hasher:
    def hash(self, password):
        seen.append(native())
        return password
passwords._hasher = Hasher()
assert passwords.hash_password("abc") == "abc"
assert seen[0] != native(), "hashed on the loop's own thread"
"""


def test_hashing_leaves_the_loop_alone_under_gevent() -> None:
    done = subprocess.run([sys.executable, "-c", HASH_IN_GEVENT], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


A_LINE_IN_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, time
from kiosk.services.account import passwords
sleep = monkey.get_original("time", "sleep")
now, most = [0], [0]
class Hasher:
    def verify(self, known, password):
        now[0] += 1
        most[0] = max(most[0], now[0])
        sleep(0.01)
        now[0] -= 1
        return True
passwords._hasher = Hasher()
def log_in(is_known):
    try:
        with passwords.place(is_known=is_known):
            return passwords.is_right("x", "abc")
    except passwords.Busy:
        return "busy"
def crowd(is_known, people):
    return [gevent.spawn(log_in, is_known) for _ in range(people)]
def answers(crowd):
    gevent.joinall(crowd)
    return [one.value for one in crowd]
strangers, known = crowd(False, passwords.PLACES + 3), crowd(True, passwords.RESERVED + 1)
assert answers(strangers) == [True] * passwords.PLACES + ["busy"] * 3, "the line is as long as it says"
assert answers(known) == [True] * passwords.RESERVED + ["busy"], "known devices have places left"
assert most[0] == passwords.AT_ONCE == 1, most
assert answers(crowd(False, 1)) == [True], "and is empty again"
"""


def test_forty_log_ins_at_once_are_hashed_one_after_another_and_more_are_sent_away() -> None:
    done = subprocess.run(
        [sys.executable, "-c", A_LINE_IN_GEVENT], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
