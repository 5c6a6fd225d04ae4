"""The instance folder may be called anything: no path is ever parsed as an address, so no file lands outside it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from kiosk.config import read_settings
from kiosk.services.door import misses
from kiosk.services.privacy import scrub
from kiosk.services.store import live
from kiosk.services.upkeep.upgrades import upgrade_database
from tests.aids.apps import build_app, close
from tests.aids.factories import guest, make_event, sign_in

NAMES = (
    "a?b",
    "a?mode=memory&uri=true",
    "a#b",
    "50% off",
    "a%20b",
    "a%3Fb",
    "a b",
    "质量月",
    "a;b",
    "a&b=c",
    "a:b",
    "'",
)


@pytest.mark.parametrize("name", NAMES)
def test_everything_stands_in_the_folder_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    app = build_app(folder)
    with app.app_context():
        fill(app)
        close(app)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {"kiosk.db", "writer.lock", "misses.db", "secret_key"} <= {path.name for path in folder.iterdir()}
    assert read_settings({"KIOSK_INSTANCE_DIR": str(folder)}).sqlite_file == folder / "kiosk.db"


def fill(app: Flask) -> None:
    upgrade_database()
    event = make_event()
    with live.listen(event.id) as bell:
        assert bell.wait(5) is not None
        sign_in(event, guest())
        assert bell.wait(5) is not None
    misses.count("key", window=timedelta(minutes=1))
    assert scrub._scrub_sqlite(app.config["KIOSK"])
    with contextlib.suppress(KeyError):
        app.extensions[misses.EXTENSION].dispose()


@pytest.mark.parametrize("path", ["data?.db", "/{tmp}/data#.db"])
def test_a_named_database_is_a_path_in_the_folder_letter_by_letter(tmp_path: Path, path: str) -> None:
    path = path.replace("/{tmp}", str(tmp_path))
    settings = read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path), "KIOSK_DATABASE_URL": f"sqlite:///{path}"})
    assert settings.engine_url.database == str(tmp_path / Path(path).name) and not settings.engine_url.query
