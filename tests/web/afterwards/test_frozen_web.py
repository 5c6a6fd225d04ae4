"""Freezing at the desk: who may, what a file of it needs, what happens after a change."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Event, SignIn
from kiosk.services import exports
from kiosk.services.door import corrections
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.store.writer import run
from tests.aids.factories import csrf_token, enterprise, log_in, make_event, make_staff, post, sign_in

MOBILE, MASKED = "13800138000", "138****8000"


def an_event() -> EventView:
    event = make_event()
    sign_in(event, enterprise(mobile=MOBILE))
    return event


def as_role(client: FlaskClient, role: str = "admin") -> FlaskClient:
    make_staff(role)
    log_in(client, f"{role}@example.org")
    return client


def frozen_one(event: EventView, *, is_masked: bool = False) -> FrozenView:
    return frozen_sheets.freeze(event, Choice(is_masked=is_masked), "zh", staff_id=None)


def take(client: FlaskClient, event: EventView, frozen: FrozenView, ending: str = "csv") -> TestResponse:
    return post(client, f"/events/{event.code}/frozen/{frozen.code}", format=ending)


def looks() -> list[dict[str, Any]]:
    found = db.session.scalars(select(AuditEntry.changed).where(AuditEntry.action == "sheet.full_copy"))
    return [dict(changed) for changed in found]


def test_freezing_keeps_the_choices_and_shows_the_code(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    as_role(client)
    sent = post(client, f"/events/{event.code}/sheets/freeze", copy="full", order="organisation", variant="general")
    assert sent.status_code == 303 and sent.location.endswith("order=organisation&variant=general#frozen")
    (line,) = frozen_sheets.of_event(event.id)
    assert line.sheet.choice == Choice("organisation", False, "general", is_masked=False)
    assert line.sheet.frozen_by == "admin@example.org"
    page = client.get(sent.location).text
    assert f"核验码 {line.sheet.code}" in page and f"/verify?code={line.sheet.code}" in page and "尚未下载" in page


@pytest.mark.parametrize("role", ["viewer", "organiser"])
def test_only_who_runs_the_event_freezes_it(app: Flask, client: FlaskClient, role: str) -> None:
    event = an_event()
    token = csrf_token(as_role(client, role))
    answer = client.post(f"/events/{event.code}/sheets/freeze", data={"csrf_token": token, "copy": "masked"})
    assert answer.status_code == 403 and frozen_sheets.of_event(event.id) == ()


def test_a_full_frozen_file_is_a_post_and_a_row_and_counts_as_taken(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    frozen = frozen_one(event)
    as_role(client)
    plain = f"/events/{event.code}/frozen/{frozen.code}.csv"
    assert client.get(plain).status_code == 403 and client.get(f"{plain}?full=1").status_code == 403
    sent = take(client, event, frozen)
    assert looks() == [{"format": "csv", "order": "arrival", "rows": 1, "code": frozen.code}]
    answer = client.get(sent.location)
    assert MOBILE in answer.text and frozen.code in unquote(answer.headers["Content-Disposition"])
    (line,) = frozen_sheets.of_event(event.id)
    assert line.formats == ("csv",) and line.sheet.downloaded_at is not None
    assert "已下载：CSV" in client.get(f"/events/{event.code}/sheets").text


def test_viewer_takes_a_masked_frozen_file_and_no_full_one(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    masked, full = frozen_one(event, is_masked=True), frozen_one(event)
    as_role(client, "viewer")
    answer = client.get(take(client, event, masked).location)
    assert MASKED in answer.text and MOBILE not in answer.text
    assert take(client, event, full).status_code == 403 and looks() == []


def void_first(event: EventView) -> None:
    """Take the first sign-in back; another one stays."""
    sign_in(event, enterprise("李娜", mobile="13900139000"))
    first = db.session.scalars(select(SignIn.id).where(SignIn.event_id == event.id).order_by(SignIn.id)).first()
    assert first is not None
    corrections.void(first, staff_id=None, reason="twice")


def test_after_a_change_there_is_no_file_but_a_sentence(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    frozen = frozen_one(event)
    as_role(client)
    address = take(client, event, frozen).location
    void_first(event)
    refused = take(client, event, frozen)
    assert refused.status_code == 409 and "第 1 行此后有变动" in refused.text
    assert client.get(address).status_code == 409
    assert len(looks()) == 1, "nothing was looked at the second time"


def test_a_frozen_sheet_is_of_its_event_only(app: Flask, client: FlaskClient) -> None:
    frozen, other = frozen_one(an_event()), an_event()
    as_role(client)
    assert take(client, other, frozen).status_code == 404
    assert client.get(f"/events/{other.code}/frozen/{frozen.code}.csv").status_code == 404


def test_long_ones_are_frozen_and_drawn_beside_the_server(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_copies, "LONG", 0)
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: exports.make(number))
    event = an_event()
    as_role(client)
    sent = post(client, f"/events/{event.code}/sheets/freeze", copy="full")
    assert client.get(sent.location).location == f"/events/{event.code}/sheets#frozen"
    (line,) = frozen_sheets.of_event(event.id)
    drawn = take(client, event, line.sheet)
    assert frozen_sheets.of_event(event.id)[0].sheet.downloaded_at is None
    assert MOBILE in client.get(f"{drawn.location}/file").text
    assert frozen_sheets.of_event(event.id)[0].sheet.downloaded_at is not None
    void_first(event)
    assert "请重新定稿" in client.get(take(client, event, line.sheet).location).text


def test_a_cleared_event_lists_its_frozen_sheets_and_draws_none(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    frozen = frozen_one(event)
    run(lambda session: session.execute(update(Event).where(Event.id == event.id).values(purged_at=utcnow())))
    event_views.forget(event.code)
    as_role(client)
    page = client.get(f"/events/{event.code}/sheets").text
    assert frozen.code in page and f"/frozen/{frozen.code}" not in page and "/sheets/freeze" not in page
    refused = take(client, event, frozen)
    assert refused.status_code == 409 and "本场活动的个人信息已清除，不能再生成文件；核验码仍然有效。" in refused.text
    assert looks() == []
    post(client, f"/events/{event.code}/sheets/freeze", copy="masked")
    assert len(frozen_sheets.of_event(event.id)) == 1, "blank names are not worth a code"
