"""The flock beside a SQLite database: of all processes on this machine, the one that holds it writes.

SQLite's own busy handler sleeps and passes its lock badly between processes.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

from kiosk.services.store.verdicts import cause_of
from kiosk.services.store.writer import WAIT_SECONDS, DiskFailed, WriterBusy

RETRY_SECONDS = 0.002


class WriteLock:
    """One process's hold on the lock."""

    def __init__(self, path: Path) -> None:
        # Seconds to wait for it. None: until it comes, in the kernel's fair order, where callers stop waiting by
        # themselves (writer_gevent).
        self.wait: float | None = WAIT_SECONDS
        self._path = path
        self._file: IO[str] | None = None  # kept open until the disk fails

    def take(self) -> None:
        """Wait until it is held; raise WriterBusy when that takes too long, DiskFailed when its file does not open."""
        file = self._opened()
        if self.wait is None:
            fcntl.flock(file, fcntl.LOCK_EX)
            return
        deadline = time.monotonic() + self.wait
        while not self.take_now():
            if time.monotonic() >= deadline:
                raise WriterBusy("another process writes for too long")
            time.sleep(RETRY_SECONDS)

    def take_now(self) -> bool:
        """Say whether it is held now, without a wait; raise DiskFailed when its file does not open."""
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(self) -> None:
        """Let it go, held or not."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close its file, and let it go with it."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> IO[str]:
        if self._file is None:
            try:
                self._file = open(self._path, "a")  # noqa: SIM115
            except OSError as error:
                raise DiskFailed(cause_of(error) or "failing") from error
        return self._file
