"""The sheet taken home: masked for everybody, full by a POST that the audit log keeps, long ones beside the door."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, SignIn
from kiosk.services import exports
from kiosk.services.account import staff as accounts, staff_sessions
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import frozen_sheets, sheet_copies
from tests.aids.factories import csrf_token, enterprise, log_in, make_event, make_staff, post, sign_in

PATHS = ["sheet.xlsx", "sheet.csv"]
MOBILE, MASKED = "13800138000", "138****8000"


def cells(content: bytes, path: str) -> str:
    """Return all text of a sheet, one line a row."""
    if path.endswith("csv"):
        assert content.startswith(b"\xef\xbb\xbf")
        return "\n".join("|".join(row) for row in csv.reader(StringIO(content.decode("utf-8-sig"))))
    book = load_workbook(BytesIO(content))
    assert book.active is not None
    return "\n".join("|".join(str(c) for c in row if c is not None) for row in book.active.iter_rows(values_only=True))


def an_event(**changes: Any) -> EventView:
    event = make_event(**changes)
    sign_in(event, enterprise(mobile=MOBILE))
    return event


def as_role(client: FlaskClient, role: str = "admin") -> FlaskClient:
    make_staff(role)
    log_in(client, f"{role}@example.org")
    return client


def take(client: FlaskClient, event: EventView, **fields: str) -> TestResponse:
    return post(client, f"/events/{event.code}/sheets", **{"format": "csv", **fields})


def looks() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sheet.full_copy")))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["admin", "viewer"])
@pytest.mark.parametrize("query", ["", "?masked=0", "?masked=1"])
def test_a_plain_address_gives_everybody_the_masked_copy(
    app: Flask, client: FlaskClient, path: str, role: str, query: str
) -> None:
    event = an_event()
    answer = as_role(client, role).get(f"/events/{event.code}/{path}{query}")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment;")
    ending = path.rpartition(".")[2]
    assert f"{event.title} 签到表（脱敏）.{ending}" in unquote(answer.headers["Content-Disposition"])
    assert MOBILE not in cells(answer.data, path) and MASKED in cells(answer.data, path)
    assert "王强" in cells(answer.data, path) and looks() == []


@pytest.mark.parametrize(("ending", "magic"), [("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK"), ("csv", b"\xef")])
def test_every_format_has_its_address(app: Flask, client: FlaskClient, ending: str, magic: bytes) -> None:
    event = an_event()
    answer = as_role(client).get(f"/events/{event.code}/sheet.{ending}")
    assert answer.status_code == 200 and answer.data.startswith(magic)
    assert client.get(f"/events/{event.code}/sheet.exe").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_the_full_copy_is_a_post_and_a_row(app: Flask, client: FlaskClient, path: str) -> None:
    event = an_event()
    as_role(client)
    ending = path.rpartition(".")[2]
    sent = take(client, event, format=ending, copy="full", order="organisation", no_shows="1")
    assert sent.status_code == 303
    (entry,) = looks()
    assert entry.changed == {"format": ending, "order": "organisation", "rows": 1} and entry.event_id == event.id
    assert entry.actor.startswith("staff:")
    answer = client.get(sent.location)
    assert MOBILE in cells(answer.data, path)
    assert f"{event.title} 签到表.{ending}" in unquote(answer.headers["Content-Disposition"])


def test_the_key_of_a_full_copy_opens_it_where_there_is_no_cookie_and_nothing_else(
    app: Flask, client: FlaskClient
) -> None:
    event = an_event()
    location = take(as_role(client), event, copy="full").location
    stranger = app.test_client()
    taken = stranger.get(location)
    assert MOBILE in cells(taken.data, "csv") and taken.headers["Cache-Control"] == "no-store"  # no browser keeps it
    key = parse_qs(urlsplit(location).query)["key"][0]
    for other in ("sheet.xlsx?full=1", "sheet.csv?full=1&order=roster", "sheet.csv?", "sheet.csv?masked=0"):
        assert stranger.get(f"/events/{event.code}/{other}&key={key}").status_code == 403, other


def test_a_key_opens_its_file_for_five_minutes(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    location = take(as_role(client), event, copy="full").location
    for minutes, status in ((4, 200), (6, 403)):
        with freeze(utcnow() + timedelta(minutes=minutes)):
            assert app.test_client().get(location).status_code == status, f"after {minutes} minutes"


@pytest.mark.parametrize("ends", ["log_out", "log_out_everywhere", "put_away"])
def test_a_key_ends_with_the_log_in_that_asked_for_it(app: Flask, client: FlaskClient, ends: str) -> None:
    """The address stays in the history of a tablet that is handed on."""
    event, staff = an_event(), make_staff()
    log_in(client, staff.email)
    location = take(client, event, copy="full").location
    elsewhere = app.test_client()
    log_in(elsewhere, staff.email)
    assert MOBILE in cells(app.test_client().get(location).data, "csv")
    if ends == "log_out":
        post(client, "/logout")
    elif ends == "log_out_everywhere":
        staff_sessions.revoke_all(staff.id)
    else:
        make_staff(email="second@example.org")
        accounts.set_active(staff.id, is_active=False)
    assert app.test_client().get(location).status_code == 403 and client.get(location).status_code in (303, 403)
    if ends == "log_out":
        assert elsewhere.get(f"/events/{event.code}/sheet.csv").status_code == 200


def test_full_typed_by_hand_is_refused(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    masked = take(as_role(client), event).location
    key = parse_qs(urlsplit(masked).query)["key"][0]
    for query in ("full=1", f"full=1&key={key}", "full=1&key=guessed"):
        assert client.get(f"/events/{event.code}/sheet.csv?{query}").status_code == 403, query
    assert client.get(f"/events/{event.code}/sheet.csv?full=yes").status_code == 200
    assert looks() == []


def test_viewer_takes_the_masked_copy_only(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    as_role(client, "viewer")
    assert take(client, event, copy="full").status_code == 403 and looks() == []
    answer = client.get(take(client, event).location)
    assert MASKED in cells(answer.data, "csv") and MOBILE not in cells(answer.data, "csv")
    page = client.get(f"/events/{event.code}/sheets").text
    assert 'value="full"' not in page and "/sheets/freeze" not in page


def test_another_organiser_gets_nothing(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    token = csrf_token(as_role(client, "organiser"))
    for path in (f"/events/{event.code}/sheets", f"/events/{event.code}/sheets/freeze"):
        for copy in ("masked", "full"):
            fields = {"csrf_token": token, "format": "csv", "copy": copy}
            assert client.post(path, data=fields).status_code == 403
    assert client.get(f"/events/{event.code}/sheet.csv").status_code == 403 and looks() == []


def test_an_unknown_format_is_no_file(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    assert take(as_role(client), event, format="exe").status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_stranger_logs_in_first(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    assert client.get(f"/events/{event.code}/{path}").location.startswith("/login")
    assert client.get("/events/XXXXXX/sheet.csv").status_code == 303


def test_sheet_speaks_the_screens_language_or_the_papers(app: Flask, client: FlaskClient) -> None:
    event = an_event(title_alt="Chief Quality Officer training")
    as_role(client)
    english = client.get(f"/events/{event.code}/sheet.csv?lang=en")
    name = unquote(english.headers["Content-Disposition"])
    assert "Chief Quality Officer training, masked.csv" in name and "Mobile" in cells(english.data, "csv")
    chinese = client.get(take(client, event, paper="zh").location)
    assert "联系电话" in cells(chinese.data, "csv"), "the screen is English by now, the paper was asked in Chinese"
    assert client.get("/events").text.count('lang="en"'), "and the screen stays English"


def test_the_form_s_choices_reach_the_file(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强", organisation_name="甲公司", mobile="13800138001"))
    sign_in(event, enterprise("李娜", organisation_name="乙公司", mobile="13800138002"))
    as_role(client)
    by_arrival = cells(client.get(take(client, event).location).data, "csv")
    by_organisation = cells(client.get(take(client, event, order="organisation").location).data, "csv")
    assert by_arrival.index("王强") < by_arrival.index("李娜")
    assert by_organisation.index("李娜") < by_organisation.index("王强")
    students = cells(client.get(take(client, event, variant="students").location).data, "csv")
    assert "学校班级" in students and MASKED not in students and "联系电话" not in students


@pytest.fixture
def made_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every sheet is long; its export is made at once, in this process."""
    made: list[int] = []
    monkeypatch.setattr(sheet_copies, "LONG", 0)
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: (made.append(number), exports.make(number)))
    return made


def test_a_long_sheet_is_made_beside_the_server_and_its_address_waits_for_it(
    app: Flask, client: FlaskClient, made_here: list[int]
) -> None:
    event = an_event()
    answer = as_role(client).get(f"/events/{event.code}/sheet.csv")
    assert len(made_here) == 1 and answer.status_code == 200
    assert MASKED in cells(answer.data, "csv") and "（脱敏）" in unquote(answer.headers["Content-Disposition"])


def test_a_long_sheet_asked_for_by_the_form_has_a_page_with_its_progress(
    app: Flask, client: FlaskClient, made_here: list[int]
) -> None:
    event = an_event()
    as_role(client)
    sent = take(client, event, copy="full")
    assert sent.location == f"/exports/{made_here[0]}" and len(looks()) == 1
    assert f"/exports/{made_here[0]}/file?key=" in client.get(sent.location).text
    assert f'href="/exports/{made_here[0]}"' in client.get(f"/events/{event.code}/sheets").text, "to come back to it"
    assert MOBILE in cells(client.get(f"{sent.location}/file").data, "csv")


def test_the_page_warns_of_characters_that_the_pdf_lacks(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强", organisation_name="笑😀公司"))
    page = as_role(client).get(f"/events/{event.code}/sheets").text
    assert "😀" in page and 'id="unprintable"' in page
    plain = an_event()
    assert 'id="unprintable"' not in client.get(f"/events/{plain.code}/sheets").text


def test_a_changed_row_is_named_by_its_number_and_the_same_choice_frozen_anew_in_one_tap(
    app: Flask, client: FlaskClient
) -> None:
    event = an_event()
    as_role(client)
    path = f"/events/{event.code}"
    post(client, f"{path}/sheets/freeze", copy="full", order="organisation", variant="certificates", paper="en")
    (line,) = frozen_sheets.of_event(event.id)
    sign_in(event, enterprise("李娜", organisation_name="阿公司", mobile="13900139000"))
    page = client.get(f"{path}/sheets").text
    assert f'action="{path}/frozen/{line.sheet.code}"' in page, "who came later is no change"
    assert "按单位 · 发证用 · English" in page, "two versions are told apart"
    (first,) = db.session.scalars(select(SignIn.id).where(SignIn.name == "王强"))
    hand_work.correct(event, first, {"job_title": "厂长"}, Hand("staff:1"))
    page = client.get(f"{path}/sheets").text
    assert "第 1 行此后有变动" in page and f'action="{path}/frozen/{line.sheet.code}"' not in page
    refused = post(client, f"{path}/frozen/{line.sheet.code}", format="csv")
    assert refused.status_code == 409 and "第 1 行此后有变动" in refused.text and "王强" not in refused.text
    form = refused.text.split('class="frozen__anew"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert client.post(f"{path}/sheets/freeze", data=fields).status_code == 303
    anew = frozen_sheets.of_event(event.id)[0].sheet
    assert (anew.choice, anew.language, anew.rows) == (line.sheet.choice, "en", 2) and anew.code != line.sheet.code


def test_the_page_of_an_empty_event_says_so_and_offers_no_freezing(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    page = as_role(client).get(f"/events/{event.code}/sheets").text
    assert "还没有人签到" in page and "/sheets/freeze" not in page and "/emergency.pdf" in page
    sent = post(client, f"/events/{event.code}/sheets/freeze", copy="full")
    assert sent.status_code == 303 and "无可定稿" in client.get(sent.location).text
