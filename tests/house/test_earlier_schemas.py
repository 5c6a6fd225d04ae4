"""Every schema there was, with people in it, becomes today's: nobody is lost, and what was purged stays away.

The databases are made by the versions themselves (tools/schema_fixtures). SOAK=1: every one of them, on both databases.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Boolean, DateTime, MetaData, Table, insert, select, text

from kiosk import clock, create_app
from kiosk.config import read_settings
from kiosk.extensions import db
from kiosk.migrating import upgrade
from kiosk.models import Event, Participant, SignIn
from kiosk.services import tallies
from kiosk.services.event import event_views
from kiosk.services.upkeep import schema
from kiosk.services.upkeep.upgrades import upgrade_database
from kiosk.sqlite_driver import sqlite3
from tests.aids import postgres
from tests.aids.apps import FreshClient, close
from tests.aids.factories import enterprise, log_in, sign_in
from tests.aids.paths import ROOT
from tools.schema_filling import PASSWORD, PEOPLE, SECRET, STAFF

FOLDER = ROOT / "tests" / "fixtures" / "schemas"
ALL = sorted(file.name.partition(".")[0] for file in FOLDER.glob("*.db.gz"))
IS_SOAK = os.environ.get("SOAK") == "1"
# The first one, each that changed rows and not only tables, and the newest.
SOME = ("0001", "0007", "0023", ALL[-1])


def test_every_schema_has_its_database() -> None:
    assert set(ALL) == schema.KNOWN, "python -m tools.schema_fixtures makes what is missing"


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path, revision: str) -> Iterator[Flask]:
    """The application beside a database of an earlier schema."""
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress((FOLDER / f"{revision}.db.gz").read_bytes()))
    environ = {"KIOSK_INSTANCE_DIR": str(tmp_path), "KIOSK_SECRET_KEY": SECRET}
    if request.param == "sqlite":
        old.rename(tmp_path / "kiosk.db")
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        name = f"schema_{revision}"
        with server._connected() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        environ["KIOSK_DATABASE_URL"] = server.url(name)
    app = create_app(read_settings(environ))
    app.testing, app.test_client_class = True, FreshClient
    with app.app_context():
        if request.param == "postgresql":
            upgrade(revision=revision)
            fill(old)
        yield app
        close(app)


def fill(old: Path) -> None:
    """Put every row of a SQLite file into the PostgreSQL at hand, which has the same schema."""
    metadata = MetaData()
    with closing(sqlite3.connect(old)) as source, db.engine.begin() as target:
        metadata.reflect(target)
        target.execute(text("SET session_replication_role = replica"))  # rows refer to one another in circles
        for table in metadata.tables.values():
            source.row_factory = sqlite3.Row
            rows = [typed(table, dict(row)) for row in source.execute(f"SELECT * FROM {table.name}")]
            if table.name == "alembic_version" or not rows:
                continue
            target.execute(table.delete())  # what a migration has put there by itself is in the file as well
            target.execute(insert(table), rows)
            if table.autoincrement_column is not None:
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                target.execute(text(f"SELECT setval({sequence}, max(id)) FROM {table.name}"))


def typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of SQLite as PostgreSQL's types want it."""
    return {name: _typed(table.columns[name].type, value) for name, value in row.items()}


def _typed(type_: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, Boolean):
        return bool(value)
    if isinstance(type_, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return json.loads(value) if isinstance(type_, JSON) else value


@pytest.mark.parametrize("revision", ALL if IS_SOAK else SOME)
def test_a_database_of_an_earlier_schema_becomes_today_s_with_everybody_in_it(app: Flask, revision: str) -> None:
    upgrade_database()
    assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == schema.present()
    event, gone = db.session.scalars(select(Event).order_by(Event.id))
    rows = db.session.scalars(select(SignIn).where(SignIn.event_id == event.id).order_by(SignIn.id)).all()
    assert [(row.name, row.kind, row.ordinal) for row in rows] == [
        (one["name"], one["kind"], number) for number, one in enumerate(PEOPLE, start=1)
    ]
    assert [row.mobile for row in rows] == [one.get("mobile") for one in PEOPLE]
    assert tallies.recount() == ()
    was_purged = gone.purged_at is not None
    assert was_purged == (revision >= "0007")
    left = db.session.scalars(select(SignIn.name).where(SignIn.event_id == gone.id)).all()
    assert [bool(name) for name in left] == [not was_purged] * len(PEOPLE)

    # On the day of the people in it, when their event is open still.
    with clock.freeze(max(row.signed_in_at for row in rows) + timedelta(minutes=5)):
        use(app, event.code, rows[0].id)


def use(app: Flask, code: str, first_id: int) -> None:
    """Look at a database of today's schema, and sign in once more who came first."""
    client = app.test_client()
    assert log_in(client, STAFF, PASSWORD).status_code == 303
    for page in ("", "/dashboard", "/sign-ins", "/roster", "/hand", "/privacy", "/settings"):
        answer = client.get(f"/events/{code}{page}")
        assert answer.status_code == 200, (page, answer.status_code)
    assert "吕明燕" in client.get(f"/events/{code}/sign-ins").get_data(as_text=True)
    view = event_views.find(code)
    assert view is not None
    again = sign_in(view, enterprise("王强", organisation_name="湖北东贝制冷有限公司", mobile="13800138000"))
    assert (again.is_repeat, again.sign_in_id) == (True, first_id)
    assert db.session.scalar(select(Participant.id).where(Participant.name == "王强")) is not None
