"""Bringing the database to the present version: for `flask db-upgrade` and for the launcher."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys

from flask import current_app

from kiosk.config import ROOT, Settings, require_writable
from kiosk.extensions import db
from kiosk.services.event import notices
from kiosk.services.privacy import shared_ledger
from kiosk.services.privacy.reapply import reapply
from kiosk.services.store.turns import turn
from kiosk.services.tasks import beside
from kiosk.services.upkeep import schema, secret_key

# A database of this version that has every table and no row, by `make install`; whoever has none does without.
EMPTY = ROOT / "build" / f"empty-{schema.present()}.db"
LEFT = ("-wal", "-journal")  # what lies there of a database that is gone would be taken for a part of the new one


def upgrade_database() -> None:
    """Create or migrate the database, give a fresh one its notice, and purge again what a restore has brought back.

    Safe to repeat, and twice at once, on several nodes too. Raises secret_key.OtherSecret, or schema.OtherSchema where
    the database is of a newer version.
    """
    settings: Settings = current_app.config["KIOSK"]
    require_writable(settings.instance_dir)
    with turn("upgrade", waits=True):  # two starts at once must not migrate at once
        if settings.is_sqlite:
            _begin_empty(settings)
        schema.require_known()
        _migrate(settings)
        secret_key.require_own()
        secret_key.keep()
        notices.ensure_default_notice()
        shared_ledger.share()
        reapply()


def _begin_empty(settings: Settings) -> None:
    """Let a database that is not there yet begin as a copy of the empty one: sooner than by every migration there is,
    each of whose steps waits for the disk. Later migrations are made to it as to any other."""
    file = settings.sqlite_file
    if not EMPTY.exists() or any(path.exists() for path in (file, *(file.with_name(file.name + end) for end in LEFT))):
        return
    part = file.with_name(f"{file.name}.part")
    with EMPTY.open("rb") as empty, part.open("wb") as copy:
        shutil.copyfileobj(empty, copy)
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(file)


def _migrate(settings: Settings) -> None:
    """Bring the tables to this version by a process of its own (kiosk/migrating.py); none is started where they are of
    this version. Raises what it met."""
    with db.engine.connect() as connection:
        if schema.of(connection) == schema.present():
            return
    command, environ = [sys.executable, "-m", "kiosk.migrating"], beside.environment(settings)
    done = subprocess.run(  # noqa: S603  a command of our own
        command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    if done.stdout:
        raise pickle.loads(done.stdout)  # noqa: S301  an error that our own process wrote
    if done.returncode:
        sys.exit(done.returncode)  # it has said why
