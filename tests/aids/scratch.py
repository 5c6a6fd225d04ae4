"""Where a run of the tests keeps its files: in memory where there is room, because a disk's every answer is waited for.

Databases are as safe there as anywhere, from processes that are killed; what a power cut would leave is asked of
records (tests/aids/power_loss.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # a whole run needs about one
NAME = "kiosk-run-"
STARTING_SECONDS = 60.0  # from the making of a folder to its lock at the very most
VARIABLE = "TMPDIR"  # of the environment, for every program that tests start
_locks: list[int | None] = []


def has_room() -> bool:
    """Return whether the system keeps files in memory for us, and has room for a run's."""
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM


def is_in_memory() -> bool:
    """Return whether this run's files are kept in memory."""
    return Path(tempfile.gettempdir()).is_relative_to(MEMORY)


def make() -> Path:
    """Make a folder in memory, and let every temporary file of this process and of those it starts be in it.

    What a run that was killed has left is taken away first. A folder in use is locked, which runs in other namespaces
    see too; they do not see one another's processes.
    """
    for left in MEMORY.glob(f"{NAME}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone meanwhile
            if time.time() - left.stat().st_mtime > STARTING_SECONDS and _lock(left) is not None:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=NAME, dir=MEMORY))
    _locks.append(_lock(folder))
    folder.chmod(0o711)  # the account of tests/aids/postgres.py has a folder of its own in it
    os.environ[VARIABLE] = tempfile.tempdir = str(folder)
    return folder


def _lock(folder: Path) -> int | None:
    """Lock a folder until this process ends; None if another holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
