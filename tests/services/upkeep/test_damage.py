"""A damaged database: the doctor finds what cannot be read and advises, and other commands end with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.sqlite_driver import sqlite3
from tests.aids.apps import build_app, close
from tests.aids.factories import guest, make_event, sign_in

PAGE = 4096


def page_of(table: str) -> Callable[[Path], None]:
    """Return what writes nonsense over the first page of a table."""

    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        with file.open("r+b") as raw:
            raw.seek((page - 1) * PAGE)
            raw.write(b"\x2a" * PAGE)

    return damage


def drop(*tables: str) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for table in tables:
                connection.execute(f"DROP TABLE {table}")

    return damage


def truncate(size: int) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        file.write_bytes(file.read_bytes()[:size])

    return damage


# What is done to the file, and the finding that says so.
STATES: dict[str, tuple[Callable[[Path], None], str]] = {
    "page of sign-ins": (page_of("sign_in"), "database_damaged"),
    "page of settings": (page_of("stored_setting"), "database_damaged"),
    "page of sleep": (page_of("sleep_gap"), "database_damaged"),
    "page of versions": (page_of("alembic_version"), "database_unreachable"),
    "cut in the middle": (truncate(40 * PAGE), "database_unreachable"),
    "cut in the first page": (truncate(2000), "database_unreachable"),
    "empty": (truncate(0), "database_not_migrated"),
    "gone": (lambda file: file.unlink(), "database_not_migrated"),
    "no database": (lambda file: file.write_bytes(b"this is no database" * 500), "database_unreachable"),
    "a folder": (lambda file: (file.unlink(), file.mkdir())[0], "database_unreachable"),
    "no table of sign-ins": (drop("sign_in_change", "sign_in"), "tables_missing"),
    "no table of settings": (drop("stored_setting"), "tables_missing"),
}
COMMANDS = (
    ["event", "list"], ["recount"], ["db-upgrade"], ["secret-change"], ["campaign", "add", "--title", "x"],
    ["event", "add", "--title", "x"], ["purge", "AAAAAA"], ["report", "1"], ["sheet", "AAAAAA", "x.csv"],
)  # fmt: skip


@pytest.fixture(params=STATES, ids=str)
def spoilt(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    folder = tmp_path / "instance"
    app = build_app(folder)
    with app.app_context():
        sign_in(make_event(), guest())
        close(app)
    damage, code = STATES[request.param]
    damage(folder / "kiosk.db")
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(folder)}))
    with app.app_context():
        yield app, code
        close(app)


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=list(arguments))


def test_the_doctor_finds_what_cannot_be_read_and_advises(spoilt: tuple[Flask, str]) -> None:
    app, code = spoilt
    done = run(app, "doctor", "--json")
    found = {finding["code"]: finding for finding in json.loads(done.output)["findings"]}
    assert done.exit_code == 1 and found[code]["level"] == "fail" and found[code]["remedies"]
    assert {"adapters", "secret", "disk"} <= set(found) or "disk_low" in found
    assert all(finding["remedies"] for finding in found.values() if finding["level"] == "fail")
    people = run(app, "doctor")
    assert people.exit_code == 1 and "[ FAIL ]" in people.output and "Traceback" not in people.output


def test_other_commands_end_with_a_sentence(spoilt: tuple[Flask, str], tmp_path: Path) -> None:
    app, _code = spoilt
    for command in COMMANDS:
        done = run(app, *command)
        assert done.exception is None or isinstance(done.exception, SystemExit), (command, repr(done.exception))
        assert "Traceback" not in done.output
