"""The page of a file that is being made: how far it is, the download, what a dead process leaves to do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.models import Task
from kiosk.services import exports
from kiosk.services.event import event_access
from kiosk.services.refusals import Refused
from kiosk.services.store.writer import run
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tasks import tasks
from tests.aids.factories import log_in, make_event, make_staff, post

LETTER = File("信：给*您.txt", "text/plain", "您好".encode())


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Letters can be asked for; what is asked for is not made before somebody says so."""
    started: list[int] = []
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: started.append(number))
    monkeypatch.setitem(exports.MAKERS, "letter", lambda _asked, _progress: LETTER)
    return started


def as_role(client: FlaskClient, role: str = "admin") -> int:
    me = make_staff(role)
    log_in(client, me.email)
    return me.id


def start(staff_id: int, **options: Any) -> int:
    return exports.start("letter", {}, staff_id=staff_id, **options)


def set_progress(export_id: int, **values: Any) -> None:
    def work(session: Any) -> None:
        one = session.get(Task, export_id)
        for name, value in values.items():
            setattr(one, name, value)

    run(work)


def test_the_page_says_how_far_it_is_and_asks_again_with_and_without_scripts(
    app: Flask, client: FlaskClient, letters: list[int]
) -> None:
    me = as_role(client)
    export_id = start(me, total=5000)
    set_progress(export_id, state="running", done=1200, heard_at=utcnow())
    page = " ".join(client.get(f"/exports/{export_id}").text.split())
    assert "已读取 1,200 行，共 5,000 行" in page and "<progress " in page
    assert 'value="1200" max="5000"' in page and 'role="status"' in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert f'hx-get="/exports/{export_id}/progress"' in page
    part = client.get(f"/exports/{export_id}/progress")
    assert "1,200" in part.text and "HX-Refresh" not in part.headers
    set_progress(export_id, done=5000)
    drawing = client.get(f"/exports/{export_id}/progress").text
    assert "正在生成文件" in drawing and "max=" not in drawing


def test_when_it_is_done_the_download_begins_and_a_button_stays(
    app: Flask, client: FlaskClient, letters: list[int]
) -> None:
    export_id = start(as_role(client))
    exports.make(export_id)
    assert client.get(f"/exports/{export_id}/progress").headers["HX-Refresh"] == "true"
    page = client.get(f"/exports/{export_id}").text
    found = re.search(r'content="1; url=([^"]+)"', page)
    assert found and f'href="{found[1]}"' in page
    address = found[1].replace("&amp;", "&")
    for browser in (client, app.test_client()):  # WeChat hands the address to a browser without the cookie
        answer = browser.get(address)
        assert answer.data == LETTER.content and answer.mimetype == "text/plain"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert app.test_client().get(f"/exports/{export_id}/file").location.startswith("/login")


def test_nobody_else_sees_it(app: Flask, client: FlaskClient, letters: list[int]) -> None:
    owner = make_staff("organiser")
    export_id = start(owner.id)
    exports.make(export_id)
    as_role(client)
    for path in ("", "/progress", "/file"):
        assert client.get(f"/exports/{export_id}{path}").status_code == 404
    assert post(client, f"/exports/{export_id}/again").status_code == 404


def test_who_lost_the_right_to_the_event_gets_nothing_more(app: Flask, client: FlaskClient, letters: list[int]) -> None:
    event = make_event()
    me = as_role(client, "organiser")
    event_access.share(event.id, "organiser@example.org", actor="staff:1")
    export_id = start(me, event_id=event.id)
    exports.make(export_id)
    assert client.get(f"/exports/{export_id}/file").status_code == 200
    event_access.unshare(event.id, me, actor="staff:1")
    assert client.get(f"/exports/{export_id}/file").status_code == 403
    assert client.get(f"/exports/{export_id}").status_code == 403


def test_a_full_copy_is_for_who_still_runs_the_event(
    app: Flask, client: FlaskClient, letters: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    me = as_role(client, "viewer")
    full = exports.start("letter", {"full": True}, staff_id=me, event_id=event.id)
    exports.make(full)
    assert client.get(f"/exports/{full}/file").status_code == 403


def test_a_dead_process_is_a_sentence_and_a_button(app: Flask, client: FlaskClient, letters: list[int]) -> None:
    export_id = start(as_role(client), total=7)
    with clock.freeze(utcnow() + tasks.SILENCE + timedelta(seconds=1)):
        page = client.get(f"/exports/{export_id}").text
        assert "服务器重启或停止了" in page and "http-equiv" not in page and "hx-get" not in page
        assert client.get(f"/exports/{export_id}/progress").headers["HX-Refresh"] == "true"
        sent = post(client, f"/exports/{export_id}/again")
    assert len(letters) == 2 and sent.location == f"/exports/{letters[1]}"


@pytest.mark.parametrize(("reason", "has_button"), [("changed", False), ("purged", False), ("gone", False), ("", True)])
def test_a_failure_says_why_and_offers_what_helps(
    app: Flask, client: FlaskClient, letters: list[int], monkeypatch: pytest.MonkeyPatch, reason: str, has_button: bool
) -> None:
    def fail(_asked: Asked, _progress: Progress) -> File:
        raise Refused(reason) if reason else RuntimeError("who knows")

    monkeypatch.setitem(exports.MAKERS, "letter", fail)
    event = make_event()
    export_id = start(as_role(client), event_id=event.id)
    exports.make(export_id)
    page = client.get(f"/exports/{export_id}").text
    assert ("/again" in page) is has_button and f'href="/events/{event.code}/sheets"' in page


def test_a_file_says_what_it_cannot_print(
    app: Flask, client: FlaskClient, letters: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = File("信.pdf", "application/pdf", b"%PDF", unprintable="😀")
    monkeypatch.setitem(exports.MAKERS, "letter", lambda _asked, _progress: letter)
    export_id = start(as_role(client))
    exports.make(export_id)
    assert "印作〓：😀" in client.get(f"/exports/{export_id}").text
