"""After purge and scrub nobody is found in the raw bytes of the instance folder, nor after restoring an older backup
and applying the ledger again; on PostgreSQL nothing is readable (docs/product.md, "Decided")."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from kiosk.clock import freeze, utcnow
from kiosk.config import Settings
from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges, reapply, scrub
from kiosk.services.reports import counting
from kiosk.services.store.writer import run
from kiosk.services.upkeep.upgrades import upgrade_database
from kiosk.sqlite_driver import sqlite3
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, make_staff, sign_in
from tests.aids.personal import CAME, MOBILES, NAMES, add_export, fresh, make_full_event, traces, traces_in


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "READERS_SECONDS", 0.5)


def folder_of(app: Flask) -> Path:
    settings: Settings = app.config["KIOSK"]
    return settings.instance_dir


def crowd(app: Flask) -> EventView:
    """Fill an event, and work on it as a day does: pages split, rows move, text is left where it was."""
    if app.config["KIOSK"].is_sqlite:  # some builds overwrite what is deleted, most do not
        run(lambda session: session.execute(text("PRAGMA secure_delete=OFF")) and None)
    boss = make_staff()
    event = make_full_event()
    add_export(event, boss.id, f"{CAME} {MOBILES[0]} " * 400)
    for number in range(120):
        sign_in(event, enterprise(f"{CAME}{number}", mobile=f"138000{number:05d}", organisation_name=f"公司{number}"))
    (folder_of(app) / "still-to-come.json").write_text(f'[{{"name": "{CAME}"}}]', encoding="utf-8")
    return event


def test_nobody_is_left_in_the_bytes_of_the_folder(app: Flask) -> None:
    event = crowd(app)
    wanted = traces()
    assert {name for _, name in traces_in(folder_of(app), wanted)} >= {*NAMES, *MOBILES}
    figures = counting.figures(event.campaign_id)
    db.session.rollback()
    purges.purge_event(event, "command")
    assert traces_in(folder_of(app), wanted), "without the second step the text is still on the disk"
    assert scrub.is_pending() and scrub.scrub() == "done" and not scrub.is_pending()
    assert traces_in(folder_of(app), wanted) == set()
    assert counting.figures(event.campaign_id) == figures and tallies.recount() == ()
    assert (folder_of(app) / "kiosk.db-wal").stat().st_size < 100_000  # what was written since


def test_an_older_backup_brings_nobody_back(tmp_path: Path) -> None:
    folder, wanted = tmp_path / "instance", traces()
    app = build_app(folder)
    with app.app_context():
        event = crowd(app)
        backup = tmp_path / "backup.db"
        with closing(sqlite3.connect(folder / "kiosk.db")) as source:
            source.execute("VACUUM INTO ?", (str(backup),))
        figures = counting.figures(event.campaign_id)
        db.session.rollback()
        purges.purge_event(event, "command")
        scrub.scrub()
        close(app)
    for name in ("kiosk.db-wal", "kiosk.db-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "kiosk.db").write_bytes(backup.read_bytes())
    assert traces_in(folder, wanted)
    app = build_app(folder)
    with app.app_context():
        upgrade_database()  # as each start does
        assert fresh(event).purged_at is not None
        assert scrub.scrub() == "done"
        assert traces_in(folder, wanted) == set()
        assert counting.figures(event.campaign_id) == figures and tallies.recount() == ()
        db.session.rollback()
        assert reapply.reapply() == 0
        close(app)


def test_the_scrub_waits_while_an_event_is_open(app: Flask) -> None:
    event, other = make_full_event(), make_event(title="还在进行", **today())
    purges.purge_event(event, "command")
    assert scrub.scrub() == "event_open" and scrub.is_pending() and not scrub.is_due()
    assert [view.id for view in scrub.waits_for()] == [other.id]
    purges.purge_event(other, "command")
    assert scrub.is_due() and scrub.scrub() == "done" and scrub.scrub() == "nothing"


def test_where_an_event_without_an_end_is_open_the_scrub_waits_for_a_quiet_minute(app: Flask) -> None:
    event, endless = make_full_event(), make_event(title="还在进行")
    purges.purge_event(event, "command")
    sign_in(endless, enterprise("王强"))
    assert scrub.waits_for() == () and scrub.waits_for_quiet() and not scrub.is_due()
    assert scrub.scrub_within(0.0) == "not_quiet" and scrub.is_pending()
    with freeze(utcnow() + timedelta(seconds=59)):
        assert scrub.scrub() == "not_quiet"
    with freeze(utcnow() + timedelta(seconds=61)):
        assert scrub.is_due() and scrub.scrub() == "done"


def test_a_sign_in_at_any_event_makes_the_minute_begin_anew(app: Flask) -> None:
    event, _endless, other = make_full_event(), make_event(title="还在进行"), make_event()
    purges.purge_event(event, "command")
    with freeze(utcnow() + timedelta(minutes=2)):
        sign_in(other, enterprise("王强"))
        assert scrub.scrub() == "not_quiet"


def test_a_day_after_the_first_step_nothing_that_is_open_holds_it_up(app: Flask) -> None:
    event, _open = make_full_event(), make_event(title="还在进行", **today(hours=30))
    purges.purge_event(event, "command")
    with freeze(utcnow() + timedelta(hours=23)):
        sign_in(make_event(), enterprise("王强"))
        assert scrub.scrub() == "event_open"
    with freeze(utcnow() + timedelta(hours=24, minutes=1)):
        sign_in(make_event(), enterprise("李娜", mobile="13912345678"))
        assert scrub.scrub() == "done"


def test_whoever_asks_for_it_has_it_done_at_once(app: Flask) -> None:
    event, _open = make_full_event(), make_event(title="还在进行", **today())
    purges.purge_event(event, "command")
    assert scrub.scrub() == "event_open" and scrub.scrub(is_at_once=True) == "done"


def today(hours: int = 2) -> dict[str, datetime]:
    """Return the times of an event that is open now and has an end."""
    now = utcnow()
    return {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=hours)}


def test_an_event_that_nobody_closed_holds_the_scrub_up_for_a_day_only(app: Flask) -> None:
    end = utcnow() + timedelta(hours=1)
    make_event(starts_at=end - timedelta(hours=3), ends_at=end)
    assert len(scrub.waits_for()) == 1
    with freeze(end + timedelta(hours=25)):
        assert scrub.waits_for() == ()


def test_a_reader_keeps_the_journal_and_the_scrub_is_tried_again(app: Flask) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")
    with closing(sqlite3.connect(folder_of(app) / "kiosk.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sign_in").fetchone()
        assert scrub.scrub() == "busy" and scrub.is_pending()
        reader.execute("COMMIT")
    assert scrub.scrub_within(2.0) == "done"
    assert traces_in(folder_of(app)) == set()


def test_a_scrub_of_what_was_cleared_while_it_ran_is_still_to_come(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_full_event(), make_event(title="第二场")
    sign_in(second, enterprise())
    purges.purge_event(first, "command")

    def meanwhile(_settings: Settings) -> bool:
        time.sleep(0.001)
        purges.purge_event(second, "command")
        return True

    monkeypatch.setattr(scrub, "_scrub_sqlite", meanwhile)
    assert scrub.scrub(is_at_once=True) == "done" and scrub.is_pending()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_readable_in_postgresql(both_app: Flask) -> None:
    event = crowd(both_app)
    figures = counting.figures(event.campaign_id)
    db.session.rollback()
    settings: Settings = both_app.config["KIOSK"]
    engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))  # as the server does by itself: its statistics hold values
        connection.execute(text("CHECKPOINT"))
        base = Path(connection.scalar(text("SHOW data_directory"))) / "base"
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        wanted = traces()
        assert {name for _, name in traces_in(base / str(oid), wanted)} >= set(NAMES)
        purges.purge_event(event, "command")
        assert scrub.scrub() == "done"
        assert [one for one in everything(connection) if any(form in one for form in wanted)] == []
        connection.execute(text("CHECKPOINT"))  # only now the old files are gone
        assert traces_in(base / str(oid), wanted) == set()
    engine.dispose()
    assert counting.figures(event.campaign_id) == figures and tallies.recount() == ()


def everything(connection: object) -> list[bytes]:
    """Every column of every table, views of the catalogue included, as text."""
    names = text(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
        " UNION SELECT 'pg_catalog.pg_stats'"
    )
    told = []
    for name in connection.scalars(names).all():  # type: ignore[attr-defined]
        try:
            rows = connection.execute(text(f"SELECT t::text FROM {name} t"))  # type: ignore[attr-defined]  # noqa: S608
            told += [str(row[0]).encode() for row in rows]
        except ProgrammingError:
            continue  # a table of the server's own that nobody may read as text
    return told


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_older_transaction_in_postgresql_keeps_the_scrub_pending(both_app: Flask) -> None:
    settings: Settings = both_app.config["KIOSK"]
    engine = create_engine(settings.database_url)
    event = make_full_event()
    with engine.connect() as old:
        old.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        old.execute(text("SELECT count(*) FROM organisation"))
        purges.purge_event(event, "command")
        assert scrub.scrub() == "busy" and scrub.is_pending()
        old.rollback()
    engine.dispose()
    assert scrub.scrub() == "done"
