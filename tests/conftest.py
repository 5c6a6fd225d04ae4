"""Fixtures: an application on a real SQLite file and on a real PostgreSQL; nothing hidden in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.test import TestResponse

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.extensions import db
from tests import postgres


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
    app = create_app(settings)
    app.testing = True
    app.test_client_class = FreshClient
    with app.app_context():
        upgrade()
    return app


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    with postgres.run_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kiosk.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture
def both_app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """The application on SQLite and again on PostgreSQL, for what must hold on both."""
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on a SQLite file."""
    app = build_app(tmp_path / "instance")
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def close(app: Flask) -> None:
    """Give back every connection, so that a leaked one is a warning and so a failure."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["kiosk_writer"].writer.close()
