"""flask sheet: the format by the file's ending, and a sentence for whatever goes wrong."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from kiosk.cli.sheets import sheet_command
from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets
from tests.aids.factories import enterprise, guest, make_event, sign_in

BEGINNINGS = {"pdf": b"%PDF-", "xlsx": b"PK", "docx": b"PK", "csv": b"\xef\xbb\xbf"}


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_ending_chooses_the_format(app: Flask, tmp_path: Path, ending: str) -> None:
    event = make_event()
    sign_in(event, enterprise())
    file = tmp_path / f"list.{ending.upper()}"
    done = app.test_cli_runner().invoke(sheet_command, [event.code, str(file), "--json"])
    assert json.loads(done.stdout) == {"file": str(file), "rows": 1, "unprintable": ""}, done.output
    assert file.read_bytes().startswith(BEGINNINGS[ending])


def test_another_ending_another_code_and_a_folder_get_a_sentence(app: Flask, tmp_path: Path) -> None:
    event, runner = make_event(), app.test_cli_runner()
    for arguments, said in (
        ([event.code, str(tmp_path / "list.xls")], ".pdf, .xlsx, .docx or .csv"),
        (["XXXXXX", str(tmp_path / "list.csv")], "No event has the code XXXXXX"),
        ([event.code, str(tmp_path / "none" / "list.csv")], "could not be written"),
    ):
        done = runner.invoke(sheet_command, arguments)
        assert done.exit_code == 1 and said in done.stderr, done.output


def test_a_masked_copy_hides_mobiles_and_a_full_one_is_in_the_log(app: Flask, tmp_path: Path) -> None:
    event = make_event()
    sign_in(event, enterprise())
    for name, options in (("masked", ["--masked"]), ("full", [])):
        app.test_cli_runner().invoke(sheet_command, [event.code, str(tmp_path / f"{name}.xlsx"), *options])
        values = [c.value for row in load_workbook(tmp_path / f"{name}.xlsx").active.iter_rows() for c in row]
        assert ("138****8000" in values) == (name == "masked") and ("13800138000" in values) == (name == "full")
        looked = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sheet.full_copy")).all()
        assert len(looked) == (name == "full")
    (entry,) = looked
    assert (entry.actor, entry.event_id, entry.changed["rows"]) == ("command", event.id, 1)


def test_order_no_shows_variant_and_language_are_asked_for(app: Flask, tmp_path: Path) -> None:
    event, file = make_event(), tmp_path / "list.csv"
    roster_writing.write(event.id, [RosterRow("guest", "未到者"), RosterRow("guest", "已到者")], actor="staff:1")
    sign_in(event, guest("已到者"))
    options = ["--order", "roster", "--no-shows", "--variant", "certificates", "--language", "en"]
    done = app.test_cli_runner().invoke(sheet_command, [event.code, str(file), *options])
    assert done.exit_code == 0, done.output
    header, first, second = file.read_text("utf-8-sig").splitlines()
    assert '"Grade","Certificate no."' in header and '"1","未到者"' in first and '"2","已到者"' in second


def test_what_the_pdf_cannot_print_is_said_on_stderr(app: Flask, tmp_path: Path) -> None:
    event, runner = make_event(), app.test_cli_runner()
    sign_in(event, enterprise("王\U0003134a"))
    done = runner.invoke(sheet_command, [event.code, str(tmp_path / "list.pdf")])
    assert (
        done.exit_code == 0 and "1 rows written" in done.stdout and "〓" in done.stderr and "\U0003134a" in done.stderr
    )
    done = runner.invoke(sheet_command, [event.code, str(tmp_path / "list.docx")])
    assert done.exit_code == 0 and done.stderr == ""


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_a_frozen_file_is_known_by_its_code_and_its_hash(app: Flask, tmp_path: Path, ending: str) -> None:
    event, file = make_event(), tmp_path / f"list.{ending}"
    sign_in(event, enterprise())
    done = app.test_cli_runner().invoke(sheet_command, [event.code, str(file), "--freeze", "--masked", "--json"])
    said = json.loads(done.stdout)
    frozen = frozen_sheets.find(said["code"])
    assert frozen is not None and (frozen.content_hash, frozen.choice.is_masked) == (said["content_hash"], True)
    assert frozen.frozen_by is None and frozen.downloaded_at is not None
    known = frozen_sheets.find_file(sha256(file.read_bytes()).hexdigest())
    assert known is not None and known.sheet.code == frozen.code
