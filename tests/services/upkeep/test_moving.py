"""From SQLite to PostgreSQL by one command: every row, compared, and whatever was given out goes on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.pool import NullPool

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.config import SECRET_FILE
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.door import receipts
from kiosk.services.upkeep import in_use, moving, table_copies
from kiosk.services.upkeep.table_copies import NotPossible
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, merge, sign_in, ticket_for
from tests.aids.personal import make_full_event

PAGES = ("/events", "/events/{}", "/events/{}/dashboard", "/events/{}/sign-ins", "/events/{}/roster", "/campaigns")
MADE_ANEW = re.compile(r'(name="csrf_token"[^>]*value|data-csrf|nonce)="[^"]*"|key=[\w.-]+|since=\d+|id="clock".*')


@contextmanager
def house(folder: Path, url: str = "") -> Iterator[Flask]:
    app = build_app(folder, **({"KIOSK_DATABASE_URL": url} if url else {}))
    with app.app_context():
        try:
            yield app
        finally:
            close(app)


@pytest.fixture
def target(postgres_server: postgres.Server) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=NullPool)
    yield engine
    engine.dispose()


def seen(app: Flask, code: str) -> dict[str, list[str]]:
    """Return what staff see, without what each page makes anew."""
    client = app.test_client()
    log_in(client, "admin@example.org")
    answers = {path: client.get(path.format(code)) for path in PAGES}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: MADE_ANEW.sub("", answer.text).splitlines() for path, answer in answers.items()}


def test_a_server_on_the_copy_shows_the_same_and_knows_what_was_given_out(tmp_path: Path, target: str) -> None:
    first, second, ticket = tmp_path / "first", tmp_path / "second", None
    with house(first) as app:
        make_staff()
        event = make_full_event()
        sign_in(event, enterprise("王强", organisation_name="甲有限公司"))
        merge("甲有限公司", "甲公司")  # a row that names another of its own table
        receipt = receipts.address_of(sign_in(event, guest()), is_kiosk=False)
        ticket = ticket_for(event)
        moment = utcnow()  # a page says the time
        with clock.freeze(moment):
            before = seen(app, event.code)
        answer = app.test_cli_runner().invoke(args=["copy-database", target, "--json"])
        assert answer.exit_code == 0, answer.output
        copy = json.loads(answer.stdout)
        assert set(copy["tables"]) == set(db.metadata.tables) and copy["tables"]["sign_in"]["rows"] > 3
        assert any("secret_key" in step for step in copy["next"])
    second.mkdir()
    shutil.copy(first / SECRET_FILE, second)
    with house(second, target) as app:
        with clock.freeze(moment):
            after = seen(app, event.code)
        others = [line for path in PAGES for line in set(before[path]) ^ set(after[path])]
        assert others == [], "\n".join(others)
        phone = app.test_client()
        assert guest().name in phone.get(f"/done/{receipt}").text
        form = {"kind": "guest", "name": "钱七", "identity": "市民观察员", "ticket": ticket.token}
        assert phone.post(f"/e/{event.code}/sign-in", data=form).status_code == 303  # an id of its own: the sequences
        make_event()
        assert tallies.recount() == ()
        assert app.test_cli_runner().invoke(args=["copy-database", target]).exit_code == 1


def test_a_database_without_tables_gets_them_and_a_second_copy_is_refused(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    with postgres_server._connected() as connection:
        connection.execute("CREATE DATABASE bare")
    with house(tmp_path / "first") as app:
        sign_in(make_event(), guest())
        run = app.test_cli_runner().invoke
        done = run(args=["copy-database", postgres_server.url("bare")])
        assert done.exit_code == 0 and "KIOSK_DATABASE_URL" in done.output
        again = run(args=["copy-database", postgres_server.url("bare")])
        assert again.exit_code == 1 and "name an empty one" in again.stderr
    with engine_of(postgres_server.url("bare")) as engine, engine.connect() as copy:
        assert copy.scalar(select(func.count()).select_from(SignIn)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "another version"),
        ("DROP TABLE alembic_version", "something else"),
    ],
)
def test_another_schema_is_left_alone(tmp_path: Path, target: str, change: str, words: str) -> None:
    with engine_of(target) as engine, engine.begin() as connection:
        connection.execute(text(change))
    with house(tmp_path / "first"), pytest.raises(NotPossible, match=words):
        moving.copy_database(target)


@pytest.mark.parametrize("url", ["sqlite:///x.db", "postgresql://kiosk@127.0.0.1/x", "nonsense"])
def test_only_a_postgresql_is_a_target(app: Flask, url: str) -> None:
    with pytest.raises(NotPossible, match="must look like"):
        moving.copy_database(url)
    with pytest.raises(NotPossible, match="does not take it"):
        moving.copy_database("postgresql+psycopg://kiosk@127.0.0.1:1/kiosk")


def test_nothing_is_copied_under_a_server_or_of_an_older_version(app: Flask, target: str) -> None:
    with in_use.alone(app.config["KIOSK"].instance_dir), pytest.raises(in_use.InUse):
        moving.copy_database(target)
    db.session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0030'")
    db.session.commit()
    with pytest.raises(NotPossible, match="db-upgrade"):
        moving.copy_database(target)


@pytest.mark.parametrize("trouble", ["too long", "changed on the way"])
def test_what_does_not_go_over_whole_leaves_nothing(
    app: Flask, target: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(make_event(), guest())
    if trouble == "too long":  # SQLite does not look at lengths
        db.session.connection().exec_driver_sql("UPDATE sign_in SET name = hex(zeroblob(200))")
        db.session.commit()
    else:
        copy_rows = table_copies._write_postgresql

        def write_and_spoil(table: object, connection: Connection, parts: object) -> None:
            copy_rows(table, connection, parts)  # type: ignore[arg-type]
            connection.execute(text("UPDATE sign_in SET name = '别人'"))

        monkeypatch.setattr(table_copies, "_write_postgresql", write_and_spoil)
    with pytest.raises(NotPossible, match="sign_in") as refused:
        moving.copy_database(target)
    assert guest().name not in str(refused.value)
    with engine_of(target) as engine, engine.connect() as copy:
        assert copy.scalar(text("SELECT count(*) FROM event")) == 0
