"""Units of work: declared once, written alone or within another; the read ends before anybody waits for the writer."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from kiosk.extensions import db
from kiosk.models import EventCounter, StoredSetting
from kiosk.services.store import writer
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import SharedRow, WriterBusy, WriterSession, no_event, unit
from tests.aids.factories import make_event

KEEP = Statement("INSERT INTO stored_setting (key, value, changed_at) VALUES (:key, :value, '2026-01-01 00:00:00+00')")

IDLE_READS = """SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> :own"""


@unit
def keep(session: WriterSession, key: str, *, value: str = "1") -> str:
    """Store one setting."""
    session.driver.execute(KEEP, {"key": key, "value": value})
    return f"{key}={value}"


@unit
def keep_two(session: WriterSession, first: str, second: str, *, fails: bool = False) -> list[str]:
    """Store two settings, or none."""
    kept_ones = [keep.within(session, first), keep.within(session, second, value="2")]
    if fails:
        raise ValueError("after it has written")
    return kept_ones


def kept() -> list[str]:
    """Return what is on disk."""
    found = list(
        db.session.scalars(select(StoredSetting.key).where(StoredSetting.value.in_(["1", "2"])).order_by("key"))
    )
    db.session.rollback()
    return found


def test_a_unit_is_written_alone_or_as_a_part_of_another(both_app: Flask) -> None:
    assert keep("a") == "a=1"
    assert keep_two("b", "c") == ["b=1", "c=2"]
    with pytest.raises(ValueError, match="after it has written"):
        keep_two("d", "e", fails=True)
    assert kept() == ["a", "b", "c"]


def test_a_unit_says_what_it_does_as_its_function_did() -> None:
    assert (keep.__doc__, keep.__name__) == ("Store one setting.", "keep")  # type: ignore[attr-defined]


class Asked:
    """A queue that writes nothing and keeps what it was asked."""

    def submit(self, item: Any) -> None:
        self.item = item


def test_a_unit_s_event_is_the_parameter_of_that_name_or_what_its_declaration_says(app: Flask) -> None:
    queue = Asked()
    app.extensions["kiosk_writer"], real = queue, app.extensions["kiosk_writer"]
    row = SharedRow(("organisation", "x"), lambda session: None)

    @unit
    def by_name(session: WriterSession, label: str, event_id: int, *, note: str = "") -> None: ...

    @unit
    def by_keyword(session: WriterSession, *, event_id: int | None = None) -> None: ...

    @unit(event=no_event)
    def of_none(session: WriterSession, event_id: int) -> None: ...

    @unit(event=lambda request: request["event"], shared=lambda request: [row], is_quick=True)
    def of_request(session: WriterSession, request: dict[str, int]) -> None: ...

    found = []
    for call in (
        lambda: keep("a"), lambda: by_name("x", 3), lambda: by_name("x", event_id=4, note="y"), by_keyword,
        lambda: by_keyword(event_id=5), lambda: of_none(6), lambda: of_request({"event": 7}),
    ):  # fmt: skip
        call()
        found.append((queue.item.event_id, list(queue.item.shared), queue.item.is_quick))
    app.extensions["kiosk_writer"] = real
    assert found == [(each, [], False) for each in (None, 3, 4, None, 5, None)] + [(7, [row], True)]


def test_a_write_after_a_read_keeps_no_old_snapshot_open_while_it_waits(both_app: Flask) -> None:
    """On SQLite a reader's snapshot would keep the journal from being emptied, on PostgreSQL dead rows."""
    event = make_event()
    is_sqlite = db.engine.dialect.name == "sqlite"
    beside = create_engine(db.engine.url)
    if is_sqlite:
        db.session.execute(text("BEGIN"))
    assert db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event.id)) == 0
    with beside.begin() as connection:  # somebody else writes meanwhile
        connection.execute(text("UPDATE event_counter SET revision = 5"))
    seen: list[Any] = []

    def look(session: WriterSession) -> None:
        with beside.connect() as connection:
            if is_sqlite:
                _is_busy, frames, copied = connection.execute(text("PRAGMA wal_checkpoint(PASSIVE)")).one()
                seen.append(frames == copied)
            else:
                idle = connection.execute(text(IDLE_READS), {"own": session.scalar(text("SELECT pg_backend_pid()"))})
                seen.append(idle.all() == [])
        seen.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]

    writer.run(look)
    beside.dispose()
    assert seen == [True, 0]
    assert db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event.id)) == 5


def test_what_is_only_noted_is_left_out_while_another_process_writes(app: Flask, tmp_path: Path) -> None:
    app.extensions["kiosk_writer"].writer.lock.wait = writer.NOTE_SECONDS
    assert keep.if_free("a")
    with (app.config["KIOSK"].instance_dir / "writer.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        began = time.monotonic()
        assert not keep.if_free("b")
        assert time.monotonic() - began < 2 * writer.NOTE_SECONDS + 0.5
        with pytest.raises(WriterBusy):
            keep("c")
    assert kept() == ["a"]
