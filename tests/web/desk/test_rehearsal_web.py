"""The page of a rehearsal: asked for, watched, stopped, read."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.models import Task
from kiosk.services.event import events
from kiosk.services.rehearsals import book
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import beside
from tests.aids.factories import csrf_token, log_in, make_event, make_staff, post

started: list[tuple[str, int]] = []


@pytest.fixture
def staff(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An admin's browser; no process is started."""
    started.clear()
    monkeypatch.setattr(beside, "start", lambda task, number=0: started.append((task, number)))
    make_staff()
    log_in(client, "admin@example.org")
    return client


def note(number: int, **values: object) -> None:
    def work(session: WriterSession) -> None:
        rehearsal = session.get_one(Task, number)
        for name, value in values.items():
            setattr(rehearsal, name, value)

    run(work)


def test_page_proposes_who_is_expected_and_starts_what_is_asked(staff: FlaskClient) -> None:
    event = make_event(title_alt="Training")
    page = f"/events/{event.code}/rehearsal"
    assert page in staff.get(f"/events/{event.code}").text
    assert 'value="70"' in staff.get(page).text
    assert post(staff, page, arrivals="40", minutes="3").status_code == 303
    (found,) = book.of_event(event.id)
    assert (found.total, found.seconds) == (40, 180) and started == [("rehearsal", found.id)]
    shown = staff.get(page, headers={"Accept-Language": "en"}).text
    assert f"/events/{found.copy_code}/dashboard" in shown and f"/events/{found.copy_code}/display" in shown
    assert "Stop the rehearsal" in shown and '<noscript><meta http-equiv="refresh"' in shown
    assert staff.get(f"/events/{found.copy_code}/dashboard").status_code == 200
    assert staff.get(f"/events/{found.copy_code}").status_code == 200
    assert staff.get(f"/events/{found.copy_code}/rehearsal").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"arrivals": "1001", "minutes": "1"}, "1 到 1000"),
        ({"arrivals": "0", "minutes": "1"}, "1 到 1000"),
        ({"arrivals": "70", "minutes": "11"}, "1 到 10。"),
        ({"arrivals": "viele", "minutes": "1"}, "field__error"),
        ({"arrivals": "70"}, "field__error"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(staff: FlaskClient, fields: dict[str, str], said: str) -> None:
    event = make_event()
    answer = post(staff, f"/events/{event.code}/rehearsal", **fields)
    assert answer.status_code == 422 and said in answer.text and started == []


def test_nobody_is_sent_to_a_full_event(staff: FlaskClient) -> None:
    page = f"/events/{make_event(capacity=30).code}/rehearsal"
    assert 'value="30"' in staff.get(page).text
    answer = post(staff, page, arrivals="31", minutes="1")
    assert answer.status_code == 422 and "1 到 30" in answer.text


def test_a_second_one_is_told_to_wait(staff: FlaskClient) -> None:
    first, second = make_event(), make_event()
    post(staff, f"/events/{first.code}/rehearsal", arrivals="5", minutes="1")
    assert "另一场活动正在演练" in staff.get(f"/events/{second.code}/rehearsal").text
    answer = post(staff, f"/events/{second.code}/rehearsal", arrivals="5", minutes="1")
    assert answer.status_code == 303 and len(started) == 1
    assert "已有一场演练正在进行" in staff.get(f"/events/{second.code}/rehearsal").text


def test_progress_is_a_fragment_that_ends_with_the_whole_page(staff: FlaskClient) -> None:
    event = make_event()
    page = f"/events/{event.code}/rehearsal"
    post(staff, page, arrivals="40", minutes="1")
    number, clone = book.of_event(event.id)[0].id, book.of_event(event.id)[0].copy_code
    note(number, state="running", done=12, result={**book.NO_FIGURES, "signed_in": 12, "p95_ms": 42})
    part = staff.get(f"{page}/progress")
    assert 'id="rehearsal-progress"' in part.text and "<html" not in part.text and "HX-Refresh" not in part.headers
    assert ">12<" in part.text and "0.04 秒" in part.text
    note(number, result={"signed_in": 40, "failed": 0, "p50_ms": 20, "p95_ms": 180, "slowest_ms": 800})
    book.clear(number, last_state="done")
    assert staff.get(f"{page}/progress").headers["HX-Refresh"] == "true"
    for path in ("dashboard/numbers", "display/count"):  # screens of the copy that are still open say that it is gone
        gone = staff.get(f"/events/{clone}/{path}", headers={"HX-Request": "true"})
        assert (gone.status_code, gone.headers["HX-Refresh"]) == (404, "true")
    shown = staff.get(page).text
    assert "40 人全部签到成功，95% 的人 0.2 秒内完成" in shown and "开始演练" in shown


def test_stopping_is_a_form(staff: FlaskClient) -> None:
    event = make_event()
    page = f"/events/{event.code}/rehearsal"
    post(staff, page, arrivals="40", minutes="1")
    answer = staff.post(f"{page}/stop", data={"csrf_token": csrf_token(staff)})
    assert answer.status_code == 303 and book.of_event(event.id)[0].reason == "stopped"
    assert "正在删除演练产生的全部数据" in staff.get(page).text and events.list_all()
