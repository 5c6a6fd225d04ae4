"""A job that draws or reads and breaks, is killed or has no turn: 503 in words, one line in the log, nothing of what it
was about. The jobs are real processes that really end so."""

from __future__ import annotations

import logging
import threading
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.jobs import runner
from kiosk.jobs.runner import run_job
from kiosk.services import exports
from kiosk.services.account import staff as accounts
from kiosk.services.event import campaigns
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.tasks import beside
from tests.aids.factories import csrf_token, guest, log_in, make_event, make_staff, sign_in

pytestmark = pytest.mark.usefixtures("real_jobs")
SECRET = "张秘密"
ENDS = {
    "breaks": f"""printf 'Traceback\\n  File "/a/b/drawing.py", line 12, in run\\nKeyError: {SECRET}\\n' >&2; exit 1""",
    "is killed": "kill -9 $$",
}
DRAWN = [
    "/events/{code}/emergency.pdf",
    "/events/{code}/poster.pdf",
    "/events/{code}/qr.png",
    "/events/{code}/sheet.pdf",
    "/events/{code}/sheet.xlsx",
    "/events/{code}/sheet.docx",
    "/events/{code}/frozen/{frozen}.pdf",
    "/events/{code}/roster.xlsx",
    "/events/{code}/roster/template.xlsx",
    "/campaigns/{campaign}/posters.pdf",
    "/campaigns/{campaign}/report.pdf",
    "/campaigns/{campaign}/report.xlsx",
]
SENTENCES = {"zh": "文件没能生成或读取", "en": "The file could not be made or read"}


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def addresses(desk: FlaskClient) -> dict[str, str]:
    """Every address of DRAWN, for an event with somebody in it."""
    campaign = campaigns.create(CampaignDraft("质量月"))
    event = make_event(campaign_id=campaign.id)
    sign_in(event, guest(name=SECRET))
    frozen = frozen_sheets.freeze(event, Choice("arrival", False, None, is_masked=True), "zh", staff_id=None)
    names = {"code": event.code, "campaign": str(campaign.id), "frozen": frozen.code}
    return {each: each.format(**names) for each in DRAWN}


def let_jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Let every job be this script."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(runner.sys, "executable", str(program))


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("end", ENDS)
def test_a_file_whose_job_fails_is_answered_503_in_words(
    desk: FlaskClient, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    caplog: pytest.LogCaptureFixture, end: str,
) -> None:  # fmt: skip
    let_jobs(monkeypatch, tmp_path, ENDS[end])
    for what, address in addresses.items():
        for language, sentence in SENTENCES.items():
            caplog.clear()
            answer = desk.get(address, headers={"Accept-Language": language})
            assert (answer.status_code, answer.mimetype) == (503, "text/html"), what
            assert int(answer.headers["Retry-After"]) > 0 and sentence in answer.text
            assert "Traceback" not in answer.text and "KeyError" not in answer.text
            (line,) = lines(caplog)
            assert line.startswith("a job failed: ") and SECRET not in caplog.text
            assert line.endswith("ended with -9" if end == "is killed" else "ended with 1 at drawing.py:12")


def test_a_job_without_a_turn_and_one_that_lasts_are_answered_so_too(
    desk: FlaskClient, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    let_jobs(monkeypatch, tmp_path, "exec sleep 60")
    monkeypatch.setitem(runner.run_job.__kwdefaults__, "timeout", 0.2)
    assert desk.get(addresses[DRAWN[0]]).status_code == 503
    monkeypatch.setattr(runner, "_turns", threading.BoundedSemaphore(1))
    assert runner._turns.acquire()
    assert desk.get(addresses[DRAWN[0]]).status_code == 503


def upload(desk: FlaskClient, code: str) -> tuple[int, str]:
    sent = {"csrf_token": csrf_token(desk), "file": (BytesIO("姓名\n王强\n".encode()), "名单.csv")}
    with desk.post(f"/events/{code}/roster/import", data=sent, headers={"Accept-Language": "en"}) as answer:
        return answer.status_code, answer.text


def test_a_list_is_not_blamed_for_a_reader_that_breaks_or_has_no_turn(
    desk: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = make_event().code
    let_jobs(monkeypatch, tmp_path, ENDS["breaks"])
    status, page = upload(desk, code)
    assert status == 503 and SENTENCES["en"] in page
    assert lines(caplog) == ["a job failed: read_table ended with 1 at drawing.py:12"]
    let_jobs(monkeypatch, tmp_path, ENDS["is killed"])
    status, page = upload(desk, code)
    assert status == 422 and "This file is too big" in page


def test_a_long_export_and_a_command_say_which_job_failed_and_where(
    app: Flask, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    let_jobs(monkeypatch, tmp_path, ENDS["breaks"])
    monkeypatch.setitem(exports.MAKERS, "letter", lambda _asked, _progress: run_job("sheet_pdf", {}))
    monkeypatch.setattr(beside, "start", lambda *_args: None)
    staff = accounts.find("admin@example.org")
    assert staff is not None
    export_id = exports.start("letter", {}, staff_id=staff.id)
    exports.make(export_id)
    assert lines(caplog) == [f"export {export_id} failed: sheet_pdf ended with 1 at drawing.py:12"]

    code = addresses[DRAWN[0]].split("/")[2]
    outcome = app.test_cli_runner().invoke(args=["sheet", code, str(tmp_path / "sheet.pdf")])
    assert outcome.exit_code == 1 and "sheet_pdf ended with 1 at drawing.py:12" in outcome.output
    assert SECRET not in outcome.output
