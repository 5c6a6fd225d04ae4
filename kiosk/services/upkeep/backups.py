"""Backup and restore: everything that an installation is, in one file, made while the server runs.

The file is an archive of the database as one moment knew it, the ledger of what was purged, the secret where the folder
keeps it, and a page that says what is in it. It is as confidential as the folder. Its database is a SQLite file, of
whichever kind the installation's is, so that either kind may be restored from it. A restore checks it before anything
is replaced, keeps what it replaces, and purges again what the ledgers of both name: nobody comes back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from flask import current_app
from sqlalchemy import URL

from kiosk.clock import utcnow
from kiosk.config import SECRET_FILE, Settings, is_stored_secret, sync
from kiosk.extensions import db
from kiosk.services.privacy import ledger
from kiosk.services.store.wholeness import is_whole
from kiosk.services.upkeep import commands, in_use, moving, schema
from kiosk.services.upkeep.table_copies import NotPossible
from kiosk.services.upkeep.upgrades import upgrade_database
from kiosk.sqlite_driver import sqlite3

FORMAT = 1
DATABASE, ABOUT = "kiosk.db", "about.json"
PARTS = (DATABASE, ledger.FILE, SECRET_FILE, ABOUT)
PIECE = 1024 * 1024
MOST = 64 * 1024 * PIECE  # of a part, written out: a database of 64 GiB


@dataclass(frozen=True)
class BackupView:
    """What a backup holds: `made_at` is the moment that its database knows."""

    made_at: datetime
    events: int
    sign_ins: int
    revision: str
    sums: dict[str, str]  # SHA-256 of each part, in hexadecimal


def back_up(file: Path) -> BackupView:
    """Write a backup to `file`, readable by its owner only; an older one there is replaced once the new one is whole.

    Sign-ins go on meanwhile: what was acknowledged before this began is in it. Raises NotPossible or OSError.
    """
    settings: Settings = current_app.config["KIOSK"]
    if file.exists() and not _is_ours(file):
        raise NotPossible(f"{file} is there already, and is no backup: name another file.")
    with _folder_beside(file) as folder:
        made_at = utcnow()
        if settings.is_sqlite:
            with contextlib.closing(sqlite3.connect(settings.sqlite_file, timeout=10, isolation_level=None)) as source:
                source.execute("VACUUM INTO ?", (str(folder / DATABASE),))
        else:
            moving.write_file(folder / DATABASE, settings.engine_url)
        _copy_if_there(settings.instance_dir / ledger.FILE, folder)  # after the database: what was purged since as well
        if is_stored_secret(settings):
            _copy_if_there(settings.instance_dir / SECRET_FILE, folder)
        about = _describe(folder, made_at)
        (folder / ABOUT).write_text(_as_json(about), encoding="utf-8")
        _pack(folder, folder / "archive")
        os.replace(folder / "archive", file)
    sync(file.resolve().parent)
    return about


def restore(file: Path, *, is_replacing: bool = False) -> tuple[BackupView, int]:
    """Put a backup into the instance folder, or into an empty PostgreSQL where that is the installation's database;
    return what it held and how many entries of the ledgers were purged again.

    `is_replacing` lets it take the place of a SQLite database, which stays beside it under another name. Raises
    NotPossible, in_use.InUse or OSError; nothing is changed then.
    """
    settings: Settings = current_app.config["KIOSK"]
    beside = settings.sqlite_file if settings.is_sqlite else settings.instance_dir / DATABASE
    with in_use.alone(settings.instance_dir), _folder_beside(beside) as folder:
        about = unpack(file, folder)
        if settings.is_sqlite:
            _replace_file(folder, settings, is_replacing=is_replacing)
        else:
            _fill_postgresql(folder, about, settings, is_replacing=is_replacing)
        again = sum(1 for _ in ledger.entries())
        upgrade_database()
    return about, again


def _replace_file(folder: Path, settings: Settings, *, is_replacing: bool) -> None:
    if settings.sqlite_file.exists():
        if not is_replacing:
            raise NotPossible(f"There is a database at {settings.sqlite_file}; --replace puts it aside.")
        db.engine.dispose()
        _put_aside(settings)
    _take_over_ledger(folder / ledger.FILE)
    _take_over_secret(folder / SECRET_FILE, settings)
    sync(folder / DATABASE)
    os.replace(folder / DATABASE, settings.sqlite_file)
    sync(settings.sqlite_file.parent)


def _fill_postgresql(folder: Path, about: BackupView, settings: Settings, *, is_replacing: bool) -> None:
    if is_replacing:
        raise NotPossible("On PostgreSQL nothing is replaced: let KIOSK_DATABASE_URL name an empty database.")
    if about.revision != schema.present() and isinstance(upgraded := commands.run(folder, "db-upgrade"), str):
        raise NotPossible(f"The backup cannot be brought to this version: {upgraded}")
    source = URL.create("sqlite", database=str(folder / DATABASE))
    _take_over_ledger(folder / ledger.FILE)  # first: nobody may be there whom it names, whatever happens next
    moving.fill(settings.engine_url, source, settings.secret_key)
    _take_over_secret(folder / SECRET_FILE, settings)
    sync(settings.instance_dir)


def unpack(file: Path, folder: Path) -> BackupView:
    """Write a backup's parts into a folder and check them; raises NotPossible."""
    try:
        with ZipFile(file) as archive:
            names = {each.filename: each for each in archive.infolist()}
            if not {DATABASE, ABOUT} <= set(names) <= set(PARTS):
                raise NotPossible(f"{file} is no backup of Kiosk.")
            if any(each.file_size > MOST for each in names.values()):
                raise NotPossible(f"{file} holds more than a backup may.")
            for name in names:
                with archive.open(name) as source, _private(folder / name) as target:
                    shutil.copyfileobj(source, target, PIECE)
        about = _about(folder)
    except (BadZipFile, EOFError, ValueError, TypeError, LookupError) as error:
        raise NotPossible(f"{file} is damaged, or no backup of Kiosk.") from error
    for name, wanted in about.sums.items():
        if not (folder / name).exists() or _sum(folder / name) != wanted:
            raise NotPossible(f"{file} is damaged: {name} is not what was backed up.")
    if not is_whole(str(folder / DATABASE)):
        raise NotPossible(f"{file} is damaged: its database cannot be read.")
    _require_known(about.revision)
    return about


@contextlib.contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """Give a folder of one's own on the same disk, so that what is whole takes its place in one step."""
    folder = Path(tempfile.mkdtemp(prefix=".kiosk-backup-", dir=file.resolve().parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _describe(folder: Path, made_at: datetime) -> BackupView:
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as copy:
        events = copy.execute("SELECT count(*) FROM event").fetchone()[0]
        sign_ins = copy.execute("SELECT count(*) FROM sign_in").fetchone()[0]
        revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    sums = {name: _sum(folder / name) for name in PARTS if (folder / name).exists()}
    return BackupView(made_at, events, sign_ins, revision, sums)


def _as_json(about: BackupView) -> str:
    return json.dumps({"format": FORMAT, **asdict(about), "made_at": about.made_at.isoformat()}, indent=1)


def _about(folder: Path) -> BackupView:
    value: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if value.pop("format") != FORMAT:
        raise NotPossible("This backup was made by a newer version: restore it with that.")
    made_at = datetime.fromisoformat(value.pop("made_at"))
    return BackupView(made_at=made_at, **value)


def _require_known(revision: str) -> None:
    if not schema.is_known(revision):
        raise NotPossible("This backup was made by a newer version: restore it with that.")


def _pack(folder: Path, file: Path) -> None:
    with _private(file) as target:
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            for name in PARTS:
                if (folder / name).exists():
                    archive.write(folder / name, name)
        target.flush()
        os.fsync(target.fileno())


def _put_aside(settings: Settings) -> None:
    """Keep the database that is replaced, and its secret, each under a name that says when."""
    mark = utcnow().strftime("before-restore-%Y%m%d-%H%M%S-")
    file = settings.sqlite_file
    for old in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if old.exists():
            os.replace(old, old.with_name(mark + old.name))
    if is_stored_secret(settings):
        secret = settings.instance_dir / SECRET_FILE
        shutil.copy2(secret, secret.with_name(mark + secret.name))


def _take_over_ledger(file: Path) -> None:
    """Add the backup's lines to the folder's: what either of them names is purged again."""
    settings: Settings = current_app.config["KIOSK"]
    if not file.exists():
        return
    here = settings.instance_dir / ledger.FILE
    known = here.read_text(encoding="utf-8").splitlines() if here.exists() else []
    others = [line for line in file.read_text(encoding="utf-8").splitlines() if line not in set(known)]
    with _private(file) as target:
        target.write("".join(f"{line}\n" for line in (*others, *known)).encode())
        target.flush()
        os.fsync(target.fileno())
    os.replace(file, here)


def _take_over_secret(file: Path, settings: Settings) -> None:
    """Take the secret that the database was made with, unless the environment sets one."""
    if file.exists() and is_stored_secret(settings):
        current_app.config["SECRET_KEY"] = file.read_text(encoding="ascii").strip()
        sync(file)
        os.replace(file, settings.instance_dir / SECRET_FILE)


def _copy_if_there(file: Path, folder: Path) -> None:
    if file.exists():
        with file.open("rb") as source, _private(folder / file.name) as target:
            shutil.copyfileobj(source, target)


@contextlib.contextmanager
def _private(file: Path) -> Iterator[Any]:
    """Open a new file to write that only its owner may read."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as opened:
        yield opened


def _is_ours(file: Path) -> bool:
    try:
        with ZipFile(file) as archive:
            return {DATABASE, ABOUT} <= set(archive.namelist())
    except (BadZipFile, OSError):
        return False


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
