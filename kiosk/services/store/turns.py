"""Turns: work that one process at a time may do, of all on this machine, and on PostgreSQL of all nodes."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from kiosk.config import Settings
from kiosk.extensions import POSTGRESQL_ARGUMENTS

# A lock that lives as long as its connection: a node that dies gives it back.
TAKE = text("SELECT pg_try_advisory_lock(hashtext('kiosk'), hashtext(:name))")
WAIT = text("SELECT pg_advisory_lock(hashtext('kiosk'), hashtext(:name)) IS NOT NULL")


@contextlib.contextmanager
def turn(name: str, *, waits: bool) -> Iterator[bool]:
    """Have the turn for work of this name until the block ends, and say whether it was had: always, where it `waits`.

    Two that have it at once after a lost connection do no harm: what it is for may safely be done twice.
    """
    settings: Settings = current_app.config["KIOSK"]
    with _turn_on_machine(settings, name, waits=waits) as is_ours:
        if not is_ours or settings.is_sqlite:
            yield is_ours
            return
        arguments = {"poolclass": NullPool, "isolation_level": "AUTOCOMMIT", "connect_args": dict(POSTGRESQL_ARGUMENTS)}
        engine = create_engine(settings.engine_url, **arguments)
        try:
            with engine.connect() as connection:
                yield bool(connection.scalar(WAIT if waits else TAKE, {"name": name}))
        finally:
            engine.dispose()


@contextlib.contextmanager
def _turn_on_machine(settings: Settings, name: str, *, waits: bool) -> Iterator[bool]:
    with open(settings.instance_dir / f"{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
