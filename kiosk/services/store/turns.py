"""Turns: work that one process at a time may do, of all on this machine, and on PostgreSQL of all nodes."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from typing import Any

from flask import current_app

from kiosk.config import Settings
from kiosk.services.store import live

# A lock that lives as long as its connection: a node that dies gives it back.
TAKE = "SELECT pg_try_advisory_lock(hashtext('kiosk'), hashtext(%s))"
WAIT = "SELECT pg_advisory_lock(hashtext('kiosk'), hashtext(%s)) IS NOT NULL"


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
        connection = live.connect_postgres(settings.engine_url)
        try:
            yield bool(connection.execute(WAIT if waits else TAKE, [name]).fetchone()[0])
        finally:
            _close(connection)


@contextlib.contextmanager
def _turn_on_machine(settings: Settings, name: str, *, waits: bool) -> Iterator[bool]:
    with open(settings.instance_dir / f"{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _close(connection: Any) -> None:
    """Give the lock back; a connection that is lost has done so already."""
    with contextlib.suppress(Exception):
        connection.close()
