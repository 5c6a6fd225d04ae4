"""The sheet to take home: who gets it whole, who gets it masked, what the file is called."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories import enterprise, log_in, make_event, make_staff, sign_in

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


@pytest.mark.parametrize("path", PATHS)
def test_organiser_takes_the_whole_list(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    sign_in(event, enterprise(mobile=MOBILE))
    make_staff()
    log_in(client, "admin@example.org")
    answer = client.get(f"/events/{event.code}/{path}")
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment;")
    assert f"{event.title} 签到表.{path[-4:].lstrip('.')}" in unquote(answer.headers["Content-Disposition"])
    assert MOBILE in cells(answer.data, path) and "王强" in cells(answer.data, path)


@pytest.mark.parametrize("path", PATHS)
def test_masked_copy_says_so_in_its_name(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    sign_in(event, enterprise(mobile=MOBILE))
    make_staff()
    log_in(client, "admin@example.org")
    answer = client.get(f"/events/{event.code}/{path}?masked=1")
    assert MOBILE not in cells(answer.data, path) and MASKED in cells(answer.data, path)
    assert "（脱敏）" in unquote(answer.headers["Content-Disposition"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?masked=0"])
def test_viewer_gets_a_masked_copy_whatever_is_asked(app: Flask, client: FlaskClient, path: str, query: str) -> None:
    event = make_event()
    sign_in(event, enterprise(mobile=MOBILE))
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    answer = client.get(f"/events/{event.code}/{path}{query}")
    assert MOBILE not in cells(answer.data, path) and MASKED in cells(answer.data, path)


@pytest.mark.parametrize("path", PATHS)
def test_stranger_logs_in_first(app: Flask, client: FlaskClient, path: str) -> None:
    event = make_event()
    assert client.get(f"/events/{event.code}/{path}").location.startswith("/login")
    assert client.get("/events/XXXXXX/sheet.csv").status_code == 303


def test_sheet_speaks_english(app: Flask, client: FlaskClient) -> None:
    event = make_event(title_alt="Chief Quality Officer training")
    make_staff()
    log_in(client, "admin@example.org")
    answer = client.get(f"/events/{event.code}/sheet.csv?lang=en")
    assert "Chief Quality Officer training.csv" in unquote(answer.headers["Content-Disposition"])
    assert "Mobile" in cells(answer.data, "sheet.csv") or "Name" in cells(answer.data, "sheet.csv")
