"""A new password by a link from an admin: once, for a day, and for nobody else (docs/product.md 3.6)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, StoredSetting
from kiosk.services.account import resets, staff, staff_sessions
from kiosk.services.account.staff import StaffView
from kiosk.services.refusals import Refused, Unknown
from tests.aids.factories import PASSWORD, log_in, make_staff, post

NEW = "a new sentence to log in by"


@pytest.fixture
def organiser(app: Flask) -> StaffView:
    make_staff()
    return make_staff("organiser", email="wang@example.org")


def opened(client: FlaskClient, token: str) -> int:
    return client.get(f"/reset/{token}").status_code


def test_admin_hands_over_a_link_that_sets_a_password_once(both_app: Flask) -> None:
    make_staff()
    person = make_staff("organiser", email="wang@example.org")
    desk, forgetful, tablet = (both_app.test_client() for _browser in range(3))
    log_in(desk, "admin@example.org")
    log_in(tablet, "wang@example.org")
    assert post(desk, f"/staff/{person.id}/reset-link").location == "/staff"
    page = desk.get("/staff").text
    (path,) = re.findall(r"(/reset/[\w-]+)</p>", page)
    assert "wang@example.org 的新密码" in page and "/reset/" not in desk.get("/staff").text, "shown once"
    token = path.rsplit("/", 1)[1]
    assert token not in db.session.scalars(select(StoredSetting.value)).all()
    assert "wang@example.org" in forgetful.get(path).text
    short = forgetful.post(path, data={"password": "short"})
    assert short.status_code == 422 and 'id="password-error"' in short.text
    answer = forgetful.post(path, data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/events")
    assert forgetful.get("/events").status_code == 200
    assert tablet.get("/events").location.startswith("/login"), "the old log-ins have ended"
    assert log_in(both_app.test_client(), "wang@example.org").status_code == 422
    for again in (forgetful.get(path), forgetful.post(path, data={"password": PASSWORD})):
        assert again.status_code == 404 and "此链接已失效" in again.text
    entries = db.session.execute(select(AuditEntry.action, AuditEntry.actor, AuditEntry.subject)).all()
    assert ("account.reset", f"staff:{person.id}", f"staff:{person.id}") in entries
    assert "account.reset_link" in [entry.action for entry in entries]


def test_link_dies_after_a_day(organiser: StaffView, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = resets.make(organiser.id), utcnow()
    monkeypatch.setattr(clock, "utcnow", lambda: now + timedelta(hours=24, seconds=1))
    monkeypatch.setattr(resets, "utcnow", clock.utcnow)
    answer = client.post(f"/reset/{token}", data={"password": NEW})
    assert answer.status_code == 404 and "24 小时" in answer.text
    assert staff.authenticate("wang@example.org", PASSWORD) is not None


def test_newer_link_a_changed_password_and_a_put_away_account_end_it(organiser: StaffView, client: FlaskClient) -> None:
    first, second = resets.make(organiser.id), resets.make(organiser.id)
    assert (opened(client, first), opened(client, second)) == (404, 200)
    staff.change_password(organiser.id, NEW)
    assert opened(client, second) == 404
    third = resets.make(organiser.id)
    staff.set_active(organiser.id, is_active=False)
    assert opened(client, third) == 404
    with pytest.raises(Refused, match="account_is_away"):
        resets.make(organiser.id)
    staff.set_active(organiser.id, is_active=True)
    assert opened(client, third) == 404, "letting the account in again brings no link back"


def test_of_two_who_send_one_link_one_sets_the_password(organiser: StaffView, monkeypatch: pytest.MonkeyPatch) -> None:
    token = resets.make(organiser.id)
    monkeypatch.setattr(resets, "find", lambda _token: organiser)  # both had opened it
    resets.use(token, NEW)
    with pytest.raises(Unknown):
        resets.use(token, PASSWORD)
    assert staff.authenticate("wang@example.org", NEW) is not None


def test_link_is_sent_from_its_own_page_only(organiser: StaffView, client: FlaskClient) -> None:
    path = f"/reset/{resets.make(organiser.id)}"
    assert client.post(path, data={"password": NEW}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert opened(client, path.rsplit("/", 1)[1]) == 200


def test_changing_ones_password_and_logging_out_everywhere_still_end_the_others(
    app: Flask, client: FlaskClient
) -> None:
    person = make_staff()
    tablet, phone = app.test_client(), app.test_client()
    for browser in (client, tablet, phone):
        log_in(browser, "admin@example.org")
    assert post(client, "/account/password", current=PASSWORD, password=NEW).status_code == 303
    assert [one.get("/events").status_code for one in (client, tablet, phone)] == [200, 303, 303]
    token = staff_sessions.begin(person.id, address=None, user_agent=None)
    assert post(client, "/account/log-out-everywhere").location == "/login"
    assert client.get("/events").status_code == 303 and staff_sessions.find(token) is None
