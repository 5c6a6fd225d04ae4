"""Migrations: what has landed is never edited, each goes up and down, and the models equal what they make."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, create_engine, inspect

from kiosk.extensions import Base, db
from kiosk.models.sign_in import RARE
from tests.aids.apps import build_app, close
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
