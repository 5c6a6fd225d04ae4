"""Who works on an instance folder: a server, its workers and what works beside them share a lock; whoever replaces the
database has it alone."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FILE = "in_use.lock"
_shared: list[IO[str]] = []


class InUse(Exception):
    """Somebody else works on the folder."""


def share(folder: Path) -> None:
    """Keep others from replacing the database for as long as this process lives."""
    lock = open(folder / FILE, "a")  # noqa: SIM115  held until the process ends
    fcntl.flock(lock, fcntl.LOCK_SH)
    _shared.append(lock)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have the folder alone until the block ends; raises InUse."""
    with open(folder / FILE, "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"A server works on {folder}: stop it first.") from None
        yield
