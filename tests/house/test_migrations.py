"""Migrations: what has landed is never edited, each goes up and down, and the models equal what they make."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text

from kiosk.clock import utcnow
from kiosk.extensions import Base, db
from kiosk.migrating import downgrade, upgrade
from kiosk.models import SignIn, Task
from kiosk.models.sign_in import RARE
from kiosk.services.door import links
from kiosk.services.event import campaigns, events
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.upkeep import schema
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, make_staff, sign_in
from tests.aids.followed import follower_id
from tests.aids.paths import ROOT

MIGRATIONS = ROOT / "kiosk" / "migrations"
LANDED = MIGRATIONS / "landed.sha256"


def test_a_migration_that_has_landed_is_what_it_was() -> None:
    """A new one adds its line: `sha256sum NAME.py >> ../landed.sha256` in the folder of versions."""
    written = {name: digest for digest, name in (line.split() for line in LANDED.read_text().splitlines())}
    there = {path.name: sha256(path.read_bytes()).hexdigest() for path in (MIGRATIONS / "versions").glob("*.py")}
    assert there == written


def test_migrations_are_one_chain() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1 and len(script.get_bases()) == 1
    assert {each.revision for each in script.walk_revisions()} == schema.KNOWN, "files are named by their revisions"
    assert script.get_current_head() == schema.present()


def differences(engine: Engine) -> list[object]:
    """Return what the models say and the database does not, or the other way round.

    SQLite's reflection does not read a foreign key that came with its column (organisation.root_id).
    """
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    unread = {"add_fk", "remove_fk"} if engine.dialect.name == "sqlite" else set()
    return [one for one in found if not (isinstance(one, tuple) and one[0] in unread)]


def test_models_equal_what_the_migrations_make_and_each_goes_down_and_up(tmp_path: Path, database_url: str) -> None:
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        engine = create_engine(database_url)
        try:
            assert differences(engine) == []
            upgrade()
            downgrade(revision="base")
            assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
            upgrade()
            assert differences(engine) == []
        finally:
            engine.dispose()
            close(app)


def test_what_few_sign_ins_refer_to_is_indexed_for_those_few(tmp_path: Path, database_url: str) -> None:
    """Measured: docs/decisions/0002-the-writer.md."""
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        indexes = {index["name"]: index for index in inspect(db.engine).get_indexes("sign_in")}
        options = {column: indexes[f"ix_sign_in_{column}"].get("dialect_options", {}) for column in RARE}
        close(app)
    held = {column: " ".join(map(str, conditions.values())) for column, conditions in options.items()}
    assert [column for column in RARE if f"{column} IS NOT NULL" not in held[column]] == []


def test_long_work_of_every_kind_is_carried_over_and_back(tmp_path: Path, database_url: str) -> None:
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        event, boss = make_event(), make_staff()
        now, copy = utcnow(), make_event(title="演练")
        asked = {"asked_by": f"staff:{boss.id}", "asked_at": now, "event_id": event.id}
        figures = {"signed_in": 3, "failed": 1, "p50_ms": 20, "p95_ms": 30, "slowest_ms": 40}
        over = {"state": "done", "ended_at": now}
        rehearsal = {**asked, "kind": "rehearsal", "total": 9, "done": 4, "ended_at": now, "result": figures}
        stopped = {"state": "clearing", "reason": "stopped", "options": {"seconds": 60, "copy": copy.code}}
        purge, export = {**asked, "kind": "purge"}, {**asked, "kind": "export", "what": "sheet"}
        file = {"file_name": "表.csv", "mimetype": "text/csv", "unprintable": ""}
        rows = (
            {**rehearsal, **stopped},
            {**rehearsal, "state": "failed", "options": {"seconds": 9, "copy": ""}},
            {**purge, "what": "minors", "state": "running", "done": 2, "total": 5},
            {**purge, **over, "what": "person", "event_id": None, "scrubbed_at": now},
            {**export, "options": {"full": True}, "state": "running", "heard_at": now},
            {**export, **over, "result": file, "body": b"a,b"},
        )

        def add(session: WriterSession) -> None:
            for row in rows:
                session.add(Task(**row))
                session.flush()

        try:
            run(add)
            before = all_tasks()
            assert len(before) == len(rows)
            downgrade(revision="0009")
            with db.engine.connect() as connection:
                read = "SELECT event_id, state, signed_in FROM rehearsal ORDER BY id"
                assert connection.execute(text(read)).all() == [(copy.id, "stopped", 3), (None, "failed", 3)]
                read = "SELECT scope, people, finished_at IS NULL FROM purge ORDER BY id"
                assert connection.execute(text(read)).all() == [("minors", 2, True), ("person", 0, False)]
                read = "SELECT file_name, staff_id, state FROM export ORDER BY id"
                assert connection.execute(text(read)).all() == [(None, boss.id, "running"), ("表.csv", boss.id, "done")]
            upgrade()
            assert all_tasks() == before
        finally:
            close(app)


def test_a_campaign_of_before_is_whose_all_of_its_events_are(tmp_path: Path, database_url: str) -> None:
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        one, other = (make_staff("organiser", email=f"{name}@example.org").id for name in ("one", "other"))
        owners = {"whole": (one, one), "two": (one, other), "some": (one, None), "nobody's": (None,), "empty": ()}
        ids = {title: campaigns.create(campaigns.CampaignDraft(title)).id for title in owners}
        ids["default"] = events.create(events.EventDraft(title="座谈会"), owner_id=one).campaign_id
        for title, each in owners.items():
            for owner_id in each:
                events.create(events.EventDraft(title=title, campaign_id=ids[title]), owner_id=owner_id)
        try:
            db.session.rollback()
            downgrade(revision="0011")
            upgrade()
            found = {title: campaigns.get(campaign_id).owner_id for title, campaign_id in ids.items()}
            assert found == {**dict.fromkeys(ids), "whole": one}
        finally:
            close(app)


def test_screens_of_events_and_their_sign_ins_are_carried_over_and_back(tmp_path: Path, database_url: str) -> None:
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        event = make_event()
        links.make(event.id, "kiosk", staff_id=None, pin="4711")
        of_event, of_campaign = links.list_of(event.id, "device")[0].id, follower_id(event.campaign_id)
        signed = {at: sign_in(event, enterprise(f"王{at}强", mobile=None)).sign_in_id for at in (of_event, of_campaign)}

        def note(session: WriterSession) -> None:
            for device, sign_in_id in signed.items():
                session.get_one(SignIn, sign_in_id).device_link_id = device

        def kept() -> list[tuple[object, ...]]:
            with db.engine.connect() as connection:
                return [
                    *connection.execute(text("SELECT id, event_id, screen FROM device_link ORDER BY id")).all(),
                    *connection.execute(text("SELECT id, device_link_id FROM sign_in ORDER BY id")).all(),
                ]

        try:
            run(note)
            db.session.rollback()
            downgrade(revision="0028")
            links_of, noted = (of_event, event.id, "kiosk"), [(one, at) for at, one in signed.items()]
            assert kept() == [links_of, noted[0], (noted[1][0], None)]
            upgrade()
            assert kept() == [links_of, noted[0], (noted[1][0], None)]
        finally:
            close(app)


def all_tasks() -> list[tuple[object, ...]]:
    rows = db.session.execute(select(Task.__table__).order_by(Task.id)).all()
    db.session.rollback()
    return [tuple(row) for row in rows]
