"""The ledger outside the database: ids and codes, on disk first, applied again after a restore."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Event, Participant, SignIn
from kiosk.services.event import events
from kiosk.services.privacy import erasure, ledger, persons, purges, reapply
from kiosk.services.store import writer
from kiosk.services.store.writer import WriterSession, run
from kiosk.sqlite_driver import sqlite3
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.personal import CAME, MOBILES, NAMES, NUMBERS, fresh, make_full_event


def file_of(app: Flask) -> Path:
    folder: Path = app.config["KIOSK"].instance_dir
    return folder / ledger.FILE


def back_up(folder: Path, copy: Path) -> None:
    with closing(sqlite3.connect(folder / "kiosk.db")) as source:
        source.execute("VACUUM INTO ?", (str(copy),))


def restore(folder: Path, copy: Path) -> None:
    for name in ("kiosk.db-wal", "kiosk.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(copy, folder / "kiosk.db")


def test_it_holds_ids_codes_and_times_only(app: Flask) -> None:
    event = make_full_event()
    found = persons.find(CAME, MOBILES[0])
    erasure.erase(found[0].rows, "staff:1")
    purges.purge_event(event, "command")
    text = file_of(app).read_text()
    assert [one for one in (*NAMES, *MOBILES, *NUMBERS, "甲公司") if one in text or json.dumps(one)[1:-1] in text] == []
    person, whole = (json.loads(line) for line in text.splitlines())
    assert (whole["scope"], whole["event_id"], whole["code"]) == ("event", event.id, event.code)
    assert person["scope"] == "person" and len(person["sign_ins"]) == 1
    assert file_of(app).stat().st_mode & 0o777 == 0o600


def test_it_is_on_disk_before_the_first_change(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    sign_in(event, enterprise())
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(descriptor), real(descriptor))[1])

    def dies(*_given: Any, **_more: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "run", dies)
    with pytest.raises(KeyboardInterrupt):
        purges.begin(event, "event", "command")
    assert len(synced) == 2  # the file, and the folder in which it is new
    assert json.loads(file_of(app).read_text())["code"] == event.code
    assert db.session.get_one(Event, event.id, populate_existing=True).purged_at is None


def test_what_a_crash_tore_is_no_entry_and_spoils_none(app: Flask) -> None:
    file_of(app).write_text('{"scope":"event","event_id":1,"co')
    event = make_event()
    purges.purge_event(event, "command")
    entries = list(ledger.entries())
    assert [entry["code"] for entry in entries] == [event.code]


@pytest.mark.parametrize(
    "line",
    [
        '{"scope":"event"}',
        '{"scope":"person"}',
        "[1]",
        "17",
        '{"scope":"event","event_id":"1","code":"ABCDEF"}',
        '{"scope":"minors","event_id":99999999999999999999,"code":"ABCDEF"}',
        '{"scope":"person","campaign_id":1,"sign_ins":[[1]],"entries":[],"participants":[],"mentions":[]}',
        '{"scope":"person","campaign_id":1,"sign_ins":[[1,"today"]],"entries":[],"participants":[],"mentions":[]}',
        '{"scope":"person","campaign_id":1,"sign_ins":[],"entries":[],"participants":[],"mentions":[[1,2]]}',
        '{"scope":"later","campaign_id":1,"sign_ins":[],"entries":[],"participants":[],"mentions":[]}',
    ],
)
def test_what_somebody_spoilt_by_hand_neither_stops_a_start_nor_hides_the_others(
    app: Flask, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    event = make_event()
    sign_in(event, enterprise())
    file_of(app).write_text(f"{line}\n")
    ledger.append("event", event_id=event.id, code=event.code)
    assert reapply.reapply() == 1 and fresh(event).purged_at is not None
    assert "line 1 of purges.jsonl is no entry" in caplog.text and line not in caplog.text


def test_an_event_that_took_the_id_after_a_restore_is_left_alone(tmp_path: Path) -> None:
    folder, empty = tmp_path / "instance", tmp_path / "empty.db"
    app = build_app(folder)
    with app.app_context():
        back_up(folder, empty)
        gone = make_event(title="清除了的")
        sign_in(gone, enterprise())
        purges.purge_event(gone, "command")
        close(app)
    restore(folder, empty)
    app = build_app(folder)
    with app.app_context():
        new = make_event(title="新的活动")
        sign_in(new, enterprise())
        assert new.id == gone.id and new.code != gone.code
        assert reapply.reapply() == 0 and fresh(new).purged_at is None
        close(app)


def test_a_person_who_took_the_ids_after_a_restore_is_left_alone(tmp_path: Path) -> None:
    folder, empty = tmp_path / "instance", tmp_path / "empty.db"
    app = build_app(folder)
    with app.app_context():
        event = make_event()
        back_up(folder, empty)
        sign_in(event, enterprise("王强"))
        erasure.erase(persons.find("王强", "13800138000")[0].rows, "command")
        close(app)
    restore(folder, empty)
    app = build_app(folder)
    with app.app_context():
        sign_in(fresh(event), enterprise("赵敏", mobile="13700137000"))
        assert reapply.reapply() == 0
        assert db.session.scalars(select(Participant.name)).all() == ["赵敏"]
        assert db.session.scalars(select(SignIn.name)).all() == ["赵敏"]
        close(app)


def test_an_erased_person_does_not_come_back_with_an_older_backup(tmp_path: Path) -> None:
    folder, backup = tmp_path / "instance", tmp_path / "backup.db"
    app = build_app(folder)
    with app.app_context():
        event = make_full_event()
        sign_in(event, enterprise("赵敏", mobile="13700137000"))
        back_up(folder, backup)
        erasure.erase(persons.find(CAME, MOBILES[0])[0].rows, "command")
        close(app)
    restore(folder, backup)
    app = build_app(folder)
    with app.app_context():
        assert persons.find(CAME, MOBILES[0]) != ()
        db.session.rollback()
        assert (reapply.reapply(), reapply.reapply()) == (1, 0)
        assert persons.find(CAME, MOBILES[0]) == () and persons.find("赵敏", "13700137000") != ()
        close(app)


def test_minors_do_not_come_back_with_an_older_backup(tmp_path: Path) -> None:
    folder, backup = tmp_path / "instance", tmp_path / "backup.db"
    app = build_app(folder)
    with app.app_context():
        event = make_full_event()
        back_up(folder, backup)
        purges.carry_on(purges.begin(event, "minors", "retention"))
        close(app)
    restore(folder, backup)
    app = build_app(folder)
    with app.app_context():
        assert reapply.reapply() == 1 and fresh(event).minors_cleared_at is not None
        students = select(SignIn.name).where(SignIn.kind == "student")
        assert set(db.session.scalars(students)) == {""} and fresh(event).purged_at is None
        close(app)


def test_applying_it_adds_nothing_to_it(app: Flask) -> None:
    event = make_full_event()
    ledger.append("event", event_id=event.id, code=event.code)
    assert reapply.reapply() == 1
    assert len(list(ledger.entries())) == 1 and fresh(event).purged_at is not None
    assert events.counts(event.id).arrived == 3


def test_a_cleared_database_is_asked_little(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        purges.purge_event(make_full_event(), "command")
    monkeypatch.setattr(purges, "carry_on", lambda _id: pytest.fail("there was nothing to do"))
    assert reapply.reapply() == 0


def test_an_event_gone_from_the_database_is_passed_over(app: Flask) -> None:
    ledger.append("event", event_id=77, code="ABCDEF")
    ledger.append(
        "person", campaign_id=1, sign_ins=[[5, "2026-01-01T00:00:00+00:00"]], entries=[], participants=[], mentions=[]
    )
    assert reapply.reapply() == 0


def test_a_person_s_erasure_that_a_crash_left_is_finished(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    sign_in(event, enterprise())
    rows = persons.find("王强", "13800138000")[0].rows

    def dies(*_given: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure.clearing, "clear", dies)
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(rows, "staff:1")
    assert reapply.unfinished_people() and persons.find("王强", "13800138000") != ()
    reapply.finish_people()
    assert not reapply.unfinished_people() and persons.find("王强", "13800138000") == ()


def test_an_id_is_compared_with_the_moment_its_row_was_made(app: Flask) -> None:
    event = make_event()
    result = sign_in(event, enterprise())

    def work(session: WriterSession) -> None:
        row = session.get_one(SignIn, result.sign_in_id)
        row.received_at = row.received_at.replace(year=2001)

    rows = persons.find("王强", "13800138000")[0].rows
    ledger.append("person", **erasure._named(rows))
    run(work)
    reapply.reapply()
    assert db.session.get_one(SignIn, result.sign_in_id, populate_existing=True).name == "王强"
