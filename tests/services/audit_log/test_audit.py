"""The audit log: it cannot be changed, holds no mobile and no full name, and has words for everything it says."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.audit_log import audit
from kiosk.services.store.writer import WriterSession, run


def record(action: str = "event.close", **given: Any) -> None:
    def work(session: WriterSession) -> None:
        audit.record(session, "staff:1", action, **given)

    run(work)


def entries() -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry", "DELETE FROM audit_entry WHERE id = 1"],
)
def test_an_entry_is_neither_changed_nor_deleted(both_app: Flask, statement: str) -> None:
    record()
    with pytest.raises(DBAPIError, match="the audit log keeps what it has"), db.engine.begin() as connection:
        connection.execute(text(statement))
    assert [entry.actor for entry in entries()] == ["staff:1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit_entry",
        "REPLACE INTO audit_entry",
        "INSERT OR IGNORE INTO audit_entry",
    ],
)
def test_sqlite_s_replace_puts_no_entry_in_the_place_of_another(both_app: Flask, statement: str) -> None:
    record()
    values = "(id, actor, action, changed, done_at) VALUES (1, 'nobody', 'x', '{}', '2026-01-01 00:00:00.000000')"
    with pytest.raises(DBAPIError, match="the audit log keeps what it has"), db.engine.begin() as connection:
        connection.execute(text(f"{statement} {values}"))
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO audit_entry {values} ON CONFLICT (id) DO UPDATE SET actor = 'nobody'"))
    record()
    assert [(entry.id, entry.actor) for entry in entries()] == [(1, "staff:1"), (2, "staff:1")]


def test_the_log_cannot_be_emptied_on_postgresql(both_app: Flask) -> None:
    record()
    if db.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="the audit log keeps what it has"), db.engine.begin() as connection:
            connection.execute(text("TRUNCATE audit_entry"))
    assert len(entries()) == 1


def test_the_orm_cannot_change_an_entry_either(app: Flask) -> None:
    record()

    def work(session: WriterSession) -> None:
        session.get_one(AuditEntry, 1).action = "event.open"

    with pytest.raises(DBAPIError, match="the audit log keeps what it has"):
        run(work)
    assert [entry.action for entry in entries()] == ["event.close"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"mobile": "13711110001"}, {"mobile": "137****0001"}),
        ({"said": "call +4930123456789 or 13711110001."}, {"said": "call +49****6789 or 137****0001."}),
        ({"names": [{"name": "金丝雀"}]}, {"names": [{"name": "金*雀"}]}),
        ({"name": "金*雀", "rows": 3, "number": "202409101371111000123"}, None),
    ],
)
def test_a_mobile_or_a_name_that_gets_there_by_mistake_is_masked(
    app: Flask, caplog: pytest.LogCaptureFixture, given: dict[str, Any], kept: dict[str, Any] | None
) -> None:
    with caplog.at_level(logging.WARNING, logger="kiosk.services.audit_log.audit"):
        record(changed=given)
    assert [entry.changed for entry in entries()] == [kept or given]
    assert len(caplog.records) == (kept is not None)
    assert "13711110001" not in caplog.text and "金丝雀" not in caplog.text
