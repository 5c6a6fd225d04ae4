"""Applications on databases of their own, for tests."""

from __future__ import annotations

import contextlib
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect
from werkzeug.test import TestResponse

from kiosk import create_app
from kiosk.config import Settings, read_settings
from kiosk.extensions import db
from kiosk.migrating import upgrade
from kiosk.sqlite_driver import sqlite3
from tests.aids import shared

_migrated: list[bytes] = []


shared.share()


class FreshClient(FlaskClient):
    """A client whose every request has an application context of its own, as under a server.

    The `app` fixtures hold one open for the services, and Flask would share its `g` with the requests.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **kwargs)


def build_app(folder: Path, **environ: str) -> Flask:
    """Return a migrated application with its own instance folder."""
    settings = read_settings({"KIOSK_INSTANCE_DIR": str(folder), **environ})
    with contextlib.suppress(FileExistsError):  # an application before had the same folder
        (folder / "static").symlink_to(shared.STATIC)
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = shared.TEMPLATES
    app.test_client_class = FreshClient
    with app.app_context():
        _migrate(settings)
    return app


def _migrate(settings: Settings) -> None:
    """Migrate an empty database. A migration takes longer than most tests: a new SQLite file is a copy of the first
    one of this run, and tests/aids/postgres.py makes its databases from a migrated template."""
    if not settings.is_sqlite:
        if not inspect(db.engine).has_table("alembic_version"):
            upgrade()
        return
    file = settings.sqlite_file
    if file.exists():
        upgrade()
    elif _migrated:
        file.write_bytes(_migrated[0])
    else:
        upgrade()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _migrated.append(file.read_bytes())


def close(app: Flask) -> None:
    """Give back every connection, so that a leaked one is a warning and so a failure."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["kiosk_writer"].writer.close()
