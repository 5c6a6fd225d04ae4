"""Applications on databases of their own, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.test import TestResponse

from kiosk import create_app
from kiosk.config import read_settings
from kiosk.extensions import db


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


def close(app: Flask) -> None:
    """Give back every connection, so that a leaked one is a warning and so a failure."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["kiosk_writer"].writer.close()
