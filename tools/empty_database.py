"""`python -m tools.empty_database`: make the database that has every table and no row (services/upkeep/upgrades)."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from kiosk import create_pageless_app
from kiosk.config import read_settings
from kiosk.extensions import db
from kiosk.migrating import upgrade
from kiosk.services.upkeep.upgrades import EMPTY
from kiosk.sqlite_driver import sqlite3


def make(file: Path) -> None:
    """Write the database; it is whole or not there."""
    file.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        settings = read_settings({"KIOSK_INSTANCE_DIR": folder})
        with create_pageless_app(settings).app_context():
            upgrade()
            db.engine.dispose()
        with closing(sqlite3.connect(settings.sqlite_file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        settings.sqlite_file.replace(file)


if __name__ == "__main__":
    make(EMPTY)
