"""Guessing at the log-in: who is told to wait, what that tells, and which device is never locked out by others."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import GuessWindow
from kiosk.services.account import guesses, known_devices, passwords, staff
from tests.aids.factories import PASSWORD, log_in, make_staff, post


def later(**step: float) -> datetime:
    return utcnow() + timedelta(**step)


def test_eleventh_miss_is_told_to_wait_even_with_the_right_password(both_app: Flask) -> None:
    client = both_app.test_client()
    make_staff()
    for _ in range(10):
        assert log_in(client, "admin@example.org", "not the password").status_code == 422
    answer = log_in(client, "ADMIN@example.org")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    assert "15" in answer.text
    assert log_in(client, "admin2@example.org", "x").status_code == 422, "another e-mail is not held up"
    with clock.freeze(later(minutes=15, seconds=1)):
        assert log_in(client, "admin@example.org").status_code == 303


def test_device_that_has_logged_in_before_is_never_locked_out_by_others(both_app: Flask) -> None:
    make_staff()
    own, stranger = both_app.test_client(), both_app.test_client()
    log_in(own, "admin@example.org")
    post(own, "/logout")
    for _ in range(11):
        answer = log_in(stranger, "admin@example.org", "not the password")
    assert answer.status_code == 429
    assert log_in(own, "Admin@example.org").status_code == 303
    changed = post(own, "/account/password", current=PASSWORD, password="another long sentence")
    assert changed.status_code == 303, "nor where the password is asked again"


def test_known_device_has_ten_misses_of_its_own_and_of_no_other_account(app: Flask, client: FlaskClient) -> None:
    make_staff()
    make_staff("viewer")
    log_in(client, "admin@example.org")
    post(client, "/logout")
    for _ in range(10):
        assert log_in(client, "admin@example.org", "not the password").status_code == 422
    assert log_in(client, "admin@example.org").status_code == 429
    assert log_in(app.test_client(), "admin@example.org").status_code == 303, "its misses close nothing for others"
    for _ in range(11):
        answer = log_in(app.test_client(), "viewer@example.org", "not the password")
    assert answer.status_code == log_in(client, "viewer@example.org").status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "x.y", "🙂", "=.="])
def test_forged_device_is_a_stranger(app: Flask, client: FlaskClient, forged: str) -> None:
    make_staff()
    name = known_devices.cookie_of(staff.address_hash("admin@example.org"))
    for _ in range(10):
        log_in(client, "admin@example.org", "not the password")
    client.set_cookie(name, forged)
    assert log_in(client, "admin@example.org").status_code == 429
    client.set_cookie(name, known_devices.make(staff.address_hash("viewer@example.org")))
    assert log_in(client, "admin@example.org").status_code == 429


def test_being_told_to_wait_says_nothing_about_whether_there_is_an_account(app: Flask, client: FlaskClient) -> None:
    make_staff()
    for _ in range(10):
        log_in(client, "admin@example.org", "not the password")
        log_in(client, "nobody@example.org", "not the password")
    known, unknown = log_in(client, "admin@example.org"), log_in(client, "nobody@example.org")
    assert known.status_code == unknown.status_code == 429
    assert known.text.replace("admin@", "nobody@") == unknown.text


def test_right_password_forgets_the_misses(app: Flask, client: FlaskClient) -> None:
    make_staff()
    for _ in range(3):
        for _ in range(9):
            log_in(client, "admin@example.org", "not the password")
        assert log_in(client, "admin@example.org").status_code == 303


def test_guesses_at_the_same_moment_cannot_slip_through(app: Flask) -> None:
    key, window = "k", timedelta(minutes=15)
    assert [guesses.count(key, limit=3, window=window) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(guesses.TooManyGuesses):
        guesses.count(key, limit=3, window=window)


def test_who_is_told_to_wait_hears_how_long_it_still_is(app: Flask) -> None:
    window = timedelta(minutes=15)
    for _ in range(3):
        guesses.count("k", limit=3, window=window)
    with clock.freeze(later(minutes=10)), pytest.raises(guesses.TooManyGuesses) as refused:
        guesses.count("k", limit=3, window=window)
    assert 290 <= refused.value.retry_after <= 301


def test_guesses_of_yesterday_are_not_kept(app: Flask) -> None:
    guesses.count("old", limit=3, window=timedelta(minutes=15))
    with clock.freeze(later(days=1, minutes=1)):
        guesses.count("new", limit=3, window=timedelta(minutes=15))
    assert db.session.scalars(select(GuessWindow.key)).all() == ["new"]


def test_log_in_that_finds_no_place_in_the_line_says_so_and_is_no_guess(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    monkeypatch.setattr(passwords, "_taken", passwords.PLACES)
    for _ in range(11):
        answer = log_in(app.test_client(), "admin@example.org")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "正在登录的人很多" in answer.text
    assert 'value="admin@example.org"' in answer.text, "nothing typed is lost"
    assert log_in(client, "admin@example.org").status_code == 303, "a known device has places of its own"
    monkeypatch.setattr(passwords, "_taken", passwords.PLACES + passwords.RESERVED)
    changed = post(client, "/account/password", current=PASSWORD, password="another long sentence")
    assert changed.status_code == 422 and "正在登录的人很多" in changed.text
    monkeypatch.setattr(passwords, "_taken", 0)
    assert log_in(app.test_client(), "admin@example.org").status_code == 303


def test_staff_page_that_cannot_hash_now_says_that_it_is_busy(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_staff()
    log_in(client, "admin@example.org")
    monkeypatch.setattr(passwords, "_taken", passwords.PLACES + passwords.RESERVED)
    answer = post(client, "/staff", email="new@example.org", role="viewer", password="another long sentence")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
