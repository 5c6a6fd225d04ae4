"""`/verify`: a code, a file or both; one changed byte is told apart; nobody's data, no log-in, nothing kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from kiosk.clock import utcnow
from kiosk.models import Event
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.store.writer import run
from kiosk.web.afterwards import verify
from tests.aids.factories import enterprise, guest, make_event, sign_in

GENUINE, KNOWN = "属实：这正是本签到台给出的文件", "核验码属实：本签到台以此码定稿过"
CHANGED, NEVER = "核验码属实，但这份文件被改动过", "这不是本签到台定稿后给出的文件"
UNKNOWN = "没有这个核验码"


def an_event(**changes: Any) -> EventView:
    event = make_event(**changes)
    sign_in(event, enterprise("王强", mobile="13800138000"))
    return event


def freeze(event: EventView, choice: Choice = Choice(is_masked=False)) -> FrozenView:  # noqa: B008  frozen
    return frozen_sheets.freeze(event, choice, "zh", staff_id=None)


def send(client: FlaskClient, content: bytes | None = None, code: str = "", name: str = "表.pdf") -> TestResponse:
    """Send the page's form as browsers do. Written by hand: the test client would put a large file on the disk."""
    name, edge = ("" if content is None else name), "----edge"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="code"\r\n\r\n{code}\r\n'.encode()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts += [f"{head}Content-Type: application/octet-stream\r\n\r\n".encode(), content or b""]
    body = b"".join([*parts, f"\r\n--{edge}--\r\n".encode()])
    return client.post("/verify", data=body, content_type=f"multipart/form-data; boundary={edge}")


def verdict(answer: TestResponse) -> str:
    assert answer.status_code == 200 and 'id="verdict"' in answer.text
    return answer.text.split('id="verdict"')[1].split("<strong>")[1].split("</strong>")[0]


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "docx", "csv"])
def test_one_changed_byte_is_told_apart(app: Flask, client: FlaskClient, ending: str) -> None:
    frozen = freeze(an_event())
    content = frozen_sheets.draw(frozen, ending).content
    genuine = send(client, content)
    assert verdict(genuine).startswith(GENUINE) and frozen.title in genuine.text
    assert verdict(send(client, content, frozen.code.lower())).startswith(GENUINE)
    for position in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= 1
        assert verdict(send(client, bytes(changed))).startswith(NEVER)
        assert verdict(send(client, bytes(changed), frozen.code)).startswith(CHANGED)
    assert verdict(send(client, content + b"\n", frozen.code)).startswith(CHANGED)


@pytest.mark.parametrize(
    "spelling",
    [
        str.lower,
        lambda c: f" {c[:5]}-{c[5:]} ",
        lambda c: "".join(map(wide, c)),
        lambda c: f"核验码：{c[:5]} {c[5:]}",
        lambda c: f"http://192.168.1.23:8000/verify?code={c}",
        lambda c: f"https://kiosk.example.org/verify/{c.lower()} ",
    ],
)
def test_a_code_is_known_however_it_is_typed(app: Flask, client: FlaskClient, spelling: Any) -> None:
    frozen = freeze(an_event())
    by_form = send(client, code=spelling(frozen.code))
    by_address = client.get("/verify", query_string={"code": spelling(frozen.code)})
    for answer in (by_form, by_address):
        assert verdict(answer).startswith(KNOWN)
        assert frozen.title in answer.text and frozen.content_hash in answer.text and "1 人" in answer.text


def wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0)


def test_the_papers_address_leads_to_the_answer(app: Flask, client: FlaskClient) -> None:
    frozen = freeze(an_event())
    address = frozen_sheets.address_of(frozen.code)
    assert verdict(client.get(address.partition("/verify")[1] + address.partition("/verify")[2])).startswith(KNOWN)
    short = client.get(f"/verify/{frozen.code.lower()}")
    assert short.status_code == 303 and verdict(client.get(short.location)).startswith(KNOWN)


def test_no_answer_names_anybody(app: Flask, client: FlaskClient) -> None:
    frozen = freeze(an_event())
    content = frozen_sheets.draw(frozen, "csv").content
    for answer in (send(client, code=frozen.code), send(client, content), send(client, content, "AAAAAAAAAA")):
        assert answer.status_code == 200
        shown = re.sub(r"[0-9a-f]{64}", "", answer.text)  # the digest may hold any four digits
        assert "王强" not in shown and "8000" not in shown and "东贝" not in shown
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_of_another_sheet_than_the_code_is_said_to_be_so(app: Flask, client: FlaskClient) -> None:
    first, second = freeze(an_event(title="第一场")), freeze(an_event(title="第二场"))
    content = frozen_sheets.draw(first, "csv").content
    assert "另一份签到表" in verdict(send(client, content, second.code))
    assert "核验码不是它的" in verdict(send(client, content, "AAAAAAAAAA"))
    assert verdict(send(client, b"anything", "AAAAAAAAAA")).startswith(NEVER)
    assert verdict(send(client, code="AAAAAAAAAA")).startswith(UNKNOWN)


def test_a_later_freeze_and_a_purge_are_said(app: Flask, client: FlaskClient) -> None:
    event = an_event()
    first = freeze(event)
    freeze(event, Choice(is_masked=True))
    assert "又定稿过" not in send(client, code=first.code).text, "another copy makes none older"
    sign_in(event, guest("张爱国"))
    second = freeze(event)
    assert "又定稿过" in send(client, code=first.code).text
    assert "又定稿过" not in send(client, code=second.code).text
    run(lambda session: session.execute(update(Event).where(Event.id == event.id).values(purged_at=utcnow())))
    event_views.forget(event.code)
    gone = send(client, code=second.code)
    assert verdict(gone).startswith(KNOWN) and "人员信息此后已在签到台清除" in gone.text
    assert re.search(r"\d{4}年\d+月\d+日", gone.text), "who reads it in another year is told the year"


def test_nothing_sent_is_a_question(app: Flask, client: FlaskClient) -> None:
    answer = send(client)
    assert answer.status_code == 422 and "请输入核验码，或选择文件" in answer.text
    for path in ("/verify", "/verify?code=", "/verify?code=%20-"):
        page = client.get(path)
        assert page.status_code == 200 and 'id="verdict"' not in page.text
    assert client.post("/verify", data={"code": "AAAAAAAAAA"}).status_code == 200, "a form without a file part too"
    assert client.post("/verify", data=b"{}", content_type="application/json").status_code == 422


def test_an_empty_file_is_no_proof_of_anything(app: Flask, client: FlaskClient) -> None:
    frozen = freeze(an_event())
    for code in ("", frozen.code):
        answer = send(client, b"", code)
        assert answer.status_code == 422 and "文件是空的" in answer.text and KNOWN not in answer.text


def test_the_name_of_a_file_says_nothing(app: Flask, client: FlaskClient) -> None:
    content = frozen_sheets.draw(freeze(an_event()), "csv").content
    assert verdict(send(client, content, name="别的.docx")).startswith(GENUINE)


def test_a_giant_gets_a_sentence(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST", 1000)
    monkeypatch.setattr(verify, "MOST_READ", 3000)
    assert verdict(send(client, b"x" * 1000)).startswith(NEVER)
    for size in (1001, 5000):
        answer = send(client, b"x" * size)
        assert answer.status_code == 413 and "超过 20 MB" in answer.text


def test_a_file_may_be_larger_than_other_forms(app: Flask, client: FlaskClient) -> None:
    assert verdict(send(client, b"x" * (2 * 2**20))).startswith(NEVER)


def test_an_upload_is_never_written_down(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> Any:
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", refuse)
    assert verdict(send(client, b"x" * (2 * 2**20))).startswith(NEVER)
