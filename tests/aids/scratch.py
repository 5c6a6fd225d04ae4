"""Where a run of the tests keeps its files: in memory where there is room, because a disk's every answer is waited for.

Databases are as safe there as anywhere, from processes that are killed; what a power cut would leave no test can ask.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3  # a whole run needs about one
NAME = "kiosk-tests-"
VARIABLE = "TMPDIR"  # of the environment, for every program that tests start


def has_room() -> bool:
    """Return whether the system keeps files in memory for us, and has room for a run's."""
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM


def is_in_memory() -> bool:
    """Return whether this run's files are kept in memory."""
    return Path(tempfile.gettempdir()).is_relative_to(MEMORY)


def make() -> Path:
    """Make a folder in memory, and let every temporary file of this process and of those it starts be in it."""
    for left in MEMORY.glob(f"{NAME}*"):  # by a run that was killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{NAME}{os.getpid()}-", dir=MEMORY))
    folder.chmod(0o711)  # the account of tests/aids/postgres.py has a folder of its own in it
    os.environ[VARIABLE] = tempfile.tempdir = str(folder)
    return folder
