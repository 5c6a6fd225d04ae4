"""`flask roster import`, as docs/interfaces.md has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.roster import rosters
from tests.aids.factories import make_event
from tests.aids.paths import FIXTURES

FIXTURES = FIXTURES / "rosters"


def test_import_answers_what_it_did_and_again_changes_nothing(app: Flask) -> None:
    event = make_event()
    command = ["roster", "import", event.code, str(FIXTURES / "office.xlsx"), "--json"]
    first = json.loads(app.test_cli_runner().invoke(args=command).stdout)
    assert (first["added"], first["updated"], [one["row"] for one in first["rejected"]]) == (398, 0, [42, 296])
    assert first["rejected"][0]["reason"] == "There is no name in this row."
    again = json.loads(app.test_cli_runner().invoke(args=command).stdout)
    assert (again["added"], again["updated"]) == (0, 0)
    assert events.counts(event.id).expected == 398 and tallies.recount() == ()


@pytest.mark.parametrize("name", ["form.xlsx", "gb18030.csv", "chat.txt"])
def test_every_kind_of_file_is_taken(app: Flask, name: str) -> None:
    event = make_event()
    result = app.test_cli_runner().invoke(args=["roster", "import", event.code, str(FIXTURES / name)])
    assert result.exit_code == 0 and "397 added, 0 updated" in result.output
    assert len(rosters.entries(event.id)) == 397


def test_mistakes_are_named_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    event = make_event()
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["roster", "import", event.code, str(old)])
    assert refused.exit_code == 1 and "an old program" in refused.output
    unknown = runner.invoke(args=["roster", "import", "XXXXXX", str(FIXTURES / "chat.txt")])
    assert unknown.exit_code == 1 and "No event has the code XXXXXX" in unknown.output


def test_undo_takes_the_last_import_back_once(app: Flask) -> None:
    event, runner = make_event(), app.test_cli_runner()
    runner.invoke(args=["roster", "import", event.code, str(FIXTURES / "form.xlsx")])
    undo = ["roster", "import", event.code, "--undo"]
    assert json.loads(runner.invoke(args=[*undo, "--json"]).stdout) == {"removed": 397, "changed_back": 0, "kept": 0}
    assert rosters.entries(event.id) == () and tallies.recount() == ()
    again = runner.invoke(args=undo)
    assert again.exit_code == 1 and "There is no import that could be taken back." in again.output
