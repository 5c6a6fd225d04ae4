"""Applications on databases of their own, for tests."""

from __future__ import annotations

import atexit
import contextlib
import io
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import inspect
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from kiosk import create_app
from kiosk.config import Settings, read_settings
from kiosk.extensions import db

_migrated: list[bytes] = []


class LazyRule(Rule):
    """A rule whose builder of addresses is compiled when the first address is built.

    Thousands of tests make an application of some 200 rules and build five addresses: compiling all was most of what
    an application cost them.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build


class SharedTemplates(BytecodeCache):
    """Compiled templates that every application of this run finds; a changed source has another key."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.load_bytecode(io.BytesIO(self._compiled[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


Flask.url_rule_class = LazyRule
_templates = SharedTemplates()
# The compressed static files, made once for all applications of this run.
_static = Path(tempfile.mkdtemp(prefix="kiosk-static-"))
atexit.register(shutil.rmtree, _static)


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
        (folder / "static").symlink_to(_static)
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = _templates
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
    file = Path(settings.database_url.removeprefix("sqlite:///"))
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
