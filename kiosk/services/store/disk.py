"""What a server knows of its disk: why it takes nothing, since when, and how much it refused meanwhile.

The log gets one line a minute with a count, whoever shows the cause asks now and then whether it is over, and
nothing of this costs a write that succeeds anything.
"""

from __future__ import annotations

import logging
import mmap
import os
import time
from functools import partial
from pathlib import Path
from typing import get_args

from flask import current_app

from kiosk.clock import utcnow
from kiosk.extensions import db, one_of_app
from kiosk.services.store.statements import Statement
from kiosk.services.store.verdicts import Cause, cause_of
from kiosk.services.store.wholeness import is_whole, is_whole_elsewhere
from kiosk.services.store.writer import DiskFailed, WriterSession, unit

log = logging.getLogger(__name__)
READS = "kiosk_failed_reads"
LINE_SECONDS = 60.0
LOOK_SECONDS = 2.0  # between two tries whether it is over
LEAST_ROOM = 64 * 1024  # what a commit needs
SOME_ROOM = 1024 * 1024  # where a write has failed with less, the disk was full
ENGLISH = {
    "full": "the disk is full", "read_only": "the folder cannot be written", "damaged": "the database is damaged",
    "failing": "the disk fails",
}  # fmt: skip
TOUCH = Statement(
    "INSERT INTO stored_setting (key, value, changed_at) VALUES ('ready', '', :now)"
    " ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at"
)
# Its file is new each time: an old one has pages with room left, into which a small row goes on a full disk too.
ROOM = Statement(
    "CREATE TEMPORARY TABLE room ON COMMIT DROP AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 64)"
)


# One byte that the workers of a server share: the place of the cause in CAUSES.
CAUSES: tuple[Cause | None, ...] = (None, *get_args(Cause))
_shared: list[mmap.mmap] = []


def share_between_workers() -> None:
    """Let every worker forked from here on know what one of them has met: before the fork, once."""
    _shared.append(mmap.mmap(-1, 1))


class MinuteLine:
    """One line of the log a minute, with a count of what it stands for."""

    def __init__(self, logger: logging.Logger = log) -> None:
        self.untold = 0
        self._log = logger
        self._told_at = float("-inf")

    def count(self, message: str, count: int, error: BaseException | None = None) -> None:
        """Count, and tell when the last line is a minute old. `message` has a place for the count."""
        self.untold += count
        if time.monotonic() - self._told_at >= LINE_SECONDS:
            self._log.error(message, self.untold, exc_info=error)
            self._told_at, self.untold = time.monotonic(), 0


class DiskTrouble:
    """What the writers of this server last met at their disk. `folder` holds the database, None on PostgreSQL."""

    def __init__(self, folder: Path | None) -> None:
        self._place: mmap.mmap | bytearray = _shared[0] if _shared else bytearray(1)
        self._folder = folder
        self._line = MinuteLine()
        self._looked_at = float("-inf")

    @property
    def cause(self) -> Cause | None:
        """Why the last write was not made; None when it was."""
        return CAUSES[self._place[0]]

    @cause.setter
    def cause(self, cause: Cause | None) -> None:
        self._place[0] = CAUSES.index(cause)

    def failed(self, error: BaseException, count: int) -> DiskFailed:
        """Take note that so many writes were not made, and return what is raised for each of them."""
        cause = cause_of(error) or "failing"
        if cause in ("failing", "read_only"):  # SQLite says so of a full disk too, when a file cannot grow
            cause = self.look(SOME_ROOM) or cause
        self.cause = cause
        self._line.count(f"{ENGLISH[cause]}: %d writes failed", count, error)
        return DiskFailed(cause)

    def written(self) -> None:
        """Take note that a write was made: it is over, but for damage, which other pages do not show, and for a full
        disk of PostgreSQL's, where some tables have room left in their pages and others have not."""
        if not (self.is_damaged or self.is_full_elsewhere):
            self.mended()

    @property
    def is_damaged(self) -> bool:
        return self.cause == "damaged"

    @property
    def is_full_elsewhere(self) -> bool:
        return self.cause == "full" and self._folder is None

    def mended(self) -> None:
        """Take note that it is over."""
        log.warning("the disk takes writes again; %d more had failed", self._line.untold)
        self.cause, self._line = None, MinuteLine()

    def may_look(self) -> bool:
        """Say, every LOOK_SECONDS, that it is time to try whether it is over."""
        is_time = time.monotonic() - self._looked_at >= LOOK_SECONDS
        if is_time:
            self.looked()
        return is_time

    def looked(self) -> None:
        """Take note of a try: one that takes long is not made again at once."""
        self._looked_at = time.monotonic()

    def look(self, least: int = LEAST_ROOM) -> Cause | None:
        """Look at the folder itself: full, read-only, or None."""
        if self._folder is None:
            return None
        try:
            system = os.statvfs(self._folder)
        except OSError:
            return "failing"
        if system.f_flag & os.ST_RDONLY or not os.access(self._folder, os.W_OK):
            return "read_only"
        return "full" if system.f_bavail * system.f_frsize < least else None


def read_failed(error: BaseException) -> Cause | None:
    """Take note that a read met a disk or a database that is away; readers' connections are opened anew."""
    cause = cause_of(error)
    db.session.remove()
    db.engine.dispose()
    line = one_of_app(READS, MinuteLine)
    line.count(f"{ENGLISH[cause] if cause else 'the database is away'}: %d reads failed", 1, error)
    return cause


def trouble() -> Cause | None:
    """Return why nothing can be stored just now, None when all is well. Tries itself whether it is over."""
    known: DiskTrouble = current_app.extensions["kiosk_writer"].writer.trouble
    if known.cause is not None and known.may_look():
        if known.is_full_elsewhere:
            if take_room.if_free():
                known.mended()
        elif not known.is_damaged:
            touch.if_free()
        elif _is_whole():
            known.mended()
        known.looked()
    return known.cause or known.look()


def _is_whole() -> bool:
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        return is_whole_elsewhere()
    return bool(current_app.extensions["kiosk_writer"].writer.aside(partial(is_whole, str(url.database))))


@unit
def touch(session: WriterSession) -> None:
    """Write something small, and so find out whether anything can be written."""
    session.driver.execute(TOUCH, {"now": utcnow()})


@unit
def take_room(session: WriterSession) -> None:
    """Take some new pages of PostgreSQL's disk and give them back, and so find out whether there are any."""
    session.driver.execute(ROOM, {})
