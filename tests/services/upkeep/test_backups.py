"""A backup is one file, made while people sign in, and nobody who was purged since comes back with it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from kiosk.config import SECRET_FILE, Settings
from kiosk.extensions import db
from kiosk.migrating import downgrade
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import ledger, purges, scrub
from kiosk.services.upkeep import backups, diagnosis, drills, in_use
from kiosk.services.upkeep.table_copies import NotPossible
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, make_event, make_staff, sign_in
from tests.aids.faults import prepare
from tests.aids.paths import ROOT
from tests.aids.personal import fresh, make_full_event, traces, traces_in
from tests.aids.server import run_server


@contextmanager
def house(folder: Path, url: str = "") -> Iterator[Flask]:
    app = build_app(folder, **({"KIOSK_DATABASE_URL": url} if url else {}))
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A backup of a folder with two events, one of them full of people."""
    file = tmp_path / "backup.kiosk"
    with house(tmp_path / "first"):
        make_full_event()
        sign_in(make_event(title="第二场"), enterprise("王强"))
        about = backups.back_up(file)
        assert about.events == 2 and about.sign_ins > 1
    return file


def restored(folder: Path, file: Path, **options: Any) -> tuple[backups.BackupView, int]:
    """Restore as the command does: into a folder that has a secret of its own by then and no database."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "flask", "restore", str(file), "--json"]
    command += ["--replace"] if options.get("is_replacing") else []
    environ = {k: v for k, v in os.environ.items() if not k.startswith("KIOSK_")} | {"KIOSK_INSTANCE_DIR": str(folder)}
    environ |= {"KIOSK_DATABASE_URL": options["url"]} if options.get("url") else {}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPossible(done.stderr)
    answer = json.loads(done.stdout)
    return backups.BackupView(answer["made_at"], answer["events"], answer["sign_ins"], "", {}), answer["reapplied"]


def test_it_holds_database_ledger_and_secret_and_only_its_owner_reads_it(made: Path) -> None:
    assert set(zipfile.ZipFile(made).namelist()) <= set(backups.PARTS)
    assert {"kiosk.db", "secret_key", "about.json"} <= set(zipfile.ZipFile(made).namelist())
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in made.parent.iterdir() if path.name.startswith(".kiosk")] == []


def test_another_folder_becomes_what_the_first_one_was(made: Path, tmp_path: Path) -> None:
    about, again = restored(tmp_path / "second", made)
    assert (about.events, again) == (2, 0)
    with house(tmp_path / "second"):
        assert db.session.scalar(select(func.count()).select_from(SignIn)) == about.sign_ins
        assert tallies.recount() == () and diagnosis.is_healthy(diagnosis._database(_settings()))
    assert (tmp_path / "second" / SECRET_FILE).read_text() == (tmp_path / "first" / SECRET_FILE).read_text()


def test_a_restored_database_is_on_the_disk_before_it_takes_its_place(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second"
    faults = prepare(tmp_path, file=second / ".kiosk")  # the folder beside, in which it is unpacked
    faults.keep_records()
    for name, value in faults.environ.items():
        monkeypatch.setenv(name, value)
    restored(second, made)
    kinds = [one.kind for one in faults.records() if one.path.endswith("/kiosk.db")]
    assert "write" in kinds and kinds[-1] == "sync"


def _settings() -> Settings:

    settings: Settings = current_app.config["KIOSK"]
    return settings


def test_whoever_was_purged_after_the_backup_stays_away(tmp_path: Path) -> None:
    file, first, second = tmp_path / "backup.kiosk", tmp_path / "first", tmp_path / "second"
    with house(first):
        event = make_full_event()
        backups.back_up(file)
        purges.purge_event(event, "command")
        scrub.scrub(is_at_once=True)
    second.mkdir()
    shutil.copy(first / ledger.FILE, second)  # as docs/hosts.en.md asks
    _about, again = restored(second, file)
    assert again == 1
    with house(second):
        assert fresh(event).purged_at is not None
        assert scrub.scrub(is_at_once=True) == "done"
        assert traces_in(second, traces()) == set()


def test_the_backup_s_own_ledger_is_kept_beside_the_folder_s(tmp_path: Path) -> None:
    file, second = tmp_path / "backup.kiosk", tmp_path / "second"
    with house(tmp_path / "first"):
        event, other = make_full_event(), make_event()
        purges.purge_event(event, "command")
        backups.back_up(file)
    second.mkdir()
    line = json.dumps({"at": "2026-11-01T00:00:00+00:00", "scope": "event", "event_id": other.id, "code": other.code})
    (second / ledger.FILE).write_text(f"{line}\n", encoding="utf-8")
    assert restored(second, file)[1] == 2
    with house(second):
        assert fresh(event).purged_at is not None and fresh(other).purged_at is not None


def test_a_database_in_place_is_kept_under_another_name(made: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    with house(second):
        make_event(title="已有的一场")
    before = (second / SECRET_FILE).read_text()
    with pytest.raises(NotPossible, match="--replace"):
        restored(second, made)
    assert (second / SECRET_FILE).read_text() == before
    restored(second, made, is_replacing=True)
    aside = [path for path in second.iterdir() if path.name.startswith("before-restore-")]
    assert {path.name.rsplit("-", 1)[1] for path in aside} >= {"kiosk.db", "secret_key"}
    assert next(path for path in aside if path.name.endswith("secret_key")).read_text() == before
    with house(second):
        assert tallies.recount() == ()


def test_nothing_is_restored_under_a_server_that_works(made: Path, tmp_path: Path) -> None:
    with run_server(tmp_path / "served"), pytest.raises(NotPossible, match="stop it first"):
        restored(tmp_path / "served", made, is_replacing=True)
    restored(tmp_path / "served", made, is_replacing=True)  # it stands still now


def spoil(made: Path, name: str, content: bytes) -> None:
    parts = {each: zipfile.ZipFile(made).read(each) for each in zipfile.ZipFile(made).namelist()}
    with zipfile.ZipFile(made, "w") as archive:
        for each, body in {**parts, name: content}.items():
            archive.writestr(each, body)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("kiosk.db", b"SQLite format 3\0 and no more", "is not what was backed up"),
        ("secret_key", b"x" * 64, "is not what was backed up"),
        ("about.json", b"{", "damaged, or no backup"),
        ("about.json", b'{"format": 2}', "newer version"),
        ("about.json", b'{"format": 1}', "damaged, or no backup"),
        ("../evil", b"x", "no backup of Kiosk"),
    ],
)
def test_what_is_damaged_or_none_changes_nothing(
    made: Path, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    spoil(made, name, content)
    with pytest.raises(NotPossible, match=words):
        restored(tmp_path / "second", made)
    assert not (tmp_path / "second" / "kiosk.db").exists() and not (tmp_path / "evil").exists()


def test_a_file_that_is_none_is_neither_restored_nor_written_over(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(NotPossible, match="name another file"):
        backups.back_up(file)
    with pytest.raises(NotPossible, match="no backup of Kiosk"):
        backups.unpack(file, tmp_path)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_second_backup_takes_the_first_one_s_place(made: Path, tmp_path: Path) -> None:
    with house(tmp_path / "first"):
        make_event(title="第三场")
        assert backups.back_up(made).events == 3
    assert restored(tmp_path / "second", made)[0].events == 3


def test_whoever_was_signed_in_before_a_backup_in_a_rush_began_is_in_it(tmp_path: Path) -> None:
    is_over, told = threading.Event(), []
    with run_server(tmp_path / "served") as server:
        event = make_event()

        def come(number: int) -> None:
            with server.phone() as phone:
                while not is_over.is_set():
                    name = f"张{number}{len(told):05d}"
                    fields = {"kind": "guest", "name": name, "identity": "市民观察员"}
                    if phone.sign_in(event.code, fields, phone.ticket(event.code, "guest")).status == 303:
                        told.append(name)

        with ThreadPoolExecutor(4) as pool:
            phones = [pool.submit(come, number) for number in range(4)]
            while len(told) < 40:
                time.sleep(0.01)
            before = list(told)
            about = backups.back_up(tmp_path / "rush.kiosk")
            is_over.set()
            for phone in phones:
                phone.result()
    restored(tmp_path / "second", tmp_path / "rush.kiosk")
    with house(tmp_path / "second"):
        names = set(db.session.scalars(select(SignIn.name)))
        assert set(before) <= names and len(names) == about.sign_ins
        assert tallies.recount() == ()


def test_a_drill_says_whether_a_backup_is_one(app: Flask, made: Path) -> None:
    (finding,) = drills.drill(made)
    assert finding.level == "ok" and "2 events" in finding.sentence
    spoil(made, "secret_key", b"x" * 64)
    (finding,) = drills.drill(made)
    assert (finding.level, finding.code) == ("fail", "drill_restore") and finding.remedies


def test_a_drill_finds_tallies_that_lie(app: Flask, tmp_path: Path) -> None:
    with house(tmp_path / "first"):
        sign_in(make_event(), guest())
        db.session.connection().exec_driver_sql("UPDATE event_counter SET arrived = 7")
        db.session.commit()
        backups.back_up(tmp_path / "lies.kiosk")
    (finding,) = drills.drill(tmp_path / "lies.kiosk")
    assert finding.code == "drill_counts"


def test_the_folder_is_had_alone_only_while_nobody_shares_it(tmp_path: Path) -> None:
    with in_use.alone(tmp_path), pytest.raises(in_use.InUse), in_use.alone(tmp_path):
        pass
    with in_use.alone(tmp_path):
        pass


def test_the_command_says_what_it_wrote_and_the_doctor_tries_it(app: Flask, tmp_path: Path) -> None:
    make_event()
    file, run = tmp_path / "b.kiosk", app.test_cli_runner().invoke
    answer = json.loads(run(args=["backup", str(file), "--json"]).stdout)
    assert set(answer) == {"file", "made_at", "events", "sign_ins"} and answer["events"] == 1
    assert json.loads(run(args=["doctor", "--drill", str(file), "--json"]).stdout)["healthy"] is True
    (tmp_path / "none.txt").write_text("mine", encoding="utf-8")
    refused = run(args=["backup", str(tmp_path / "none.txt")])
    assert refused.exit_code == 1 and "name another file" in refused.stderr
    assert run(args=["doctor", "--drill", str(tmp_path / "none.txt")]).exit_code == 1


def test_a_backup_of_postgresql_in_a_rush_is_restored_into_either_kind(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    file, first = tmp_path / "rush.kiosk", tmp_path / "first"
    with postgres_server.database() as source, postgres_server.database() as target:
        with house(first, source):
            purged, event = make_full_event(), make_event()
            before = [sign_in(event, guest(f"张{number:03d}")).sign_in_id for number in range(20)]
            with someone_comes_again_and_again(event) as those_who_come:
                before += those_who_come(5)
                about = backups.back_up(file)
                those_who_come(5)
            purges.purge_event(purged, "command")
        for folder, url in ((tmp_path / "second", ""), (tmp_path / "third", target)):
            folder.mkdir()
            shutil.copy(first / ledger.FILE, folder)  # as docs/hosts.en.md asks
            assert restored(folder, file, url=url) == (about_of(about), 1)
            with house(folder, url):
                assert set(before) <= set(db.session.scalars(select(SignIn.id)))
                assert db.session.scalar(select(func.count()).select_from(SignIn)) == about.sign_ins
                assert fresh(purged).purged_at is not None and tallies.recount() == ()
                sign_in(event, guest())  # the sequences are where they were
        with house(tmp_path / "third", target):
            with pytest.raises(NotPossible, match="name an empty"):
                backups.restore(file)
            with pytest.raises(NotPossible, match="nothing is replaced"):
                backups.restore(file, is_replacing=True)


def about_of(about: backups.BackupView) -> backups.BackupView:
    """Return what the command says of a backup."""
    return backups.BackupView(about.made_at.isoformat(), about.events, about.sign_ins, "", {})


@contextmanager
def someone_comes_again_and_again(event: EventView) -> Iterator[Callable[[int], list[int]]]:
    """Sign people in from a thread until the block ends; what is given waits for so many more, and returns all."""
    app, is_over, made = current_app._get_current_object(), threading.Event(), []

    def come() -> None:
        with app.app_context():
            while not is_over.is_set():
                made.append(sign_in(event, guest(f"李{len(made):04d}")).sign_in_id)

    def wait_for(more: int) -> list[int]:
        until = len(made) + more
        while len(made) < until:
            time.sleep(0.005)
        return list(made)

    with ThreadPoolExecutor(1) as pool:
        comer = pool.submit(come)
        try:
            yield wait_for
        finally:
            is_over.set()
        comer.result()


def test_a_backup_of_before_an_upgrade_goes_into_postgresql(tmp_path: Path, postgres_server: postgres.Server) -> None:
    file = tmp_path / "old.kiosk"
    with house(tmp_path / "first"):
        sign_in(make_event(), guest())
        downgrade(revision="0030")
        backups.back_up(file)
    with postgres_server.database() as url:
        restored(tmp_path / "second", file, url=url)
        with house(tmp_path / "second", url):
            assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_a_staff_account_comes_along(tmp_path: Path) -> None:
    with house(tmp_path / "first"):
        person = make_staff()
        backups.back_up(tmp_path / "b.kiosk")
    restored(tmp_path / "second", tmp_path / "b.kiosk")
    with house(tmp_path / "second"):
        assert db.session.connection().exec_driver_sql("SELECT email FROM staff").scalar() == person.email
