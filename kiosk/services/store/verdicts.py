"""What a failed write or read means, by what the database's driver or the system says of it."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Literal

from sqlalchemy.exc import TimeoutError as PoolTimeout

REPLAYED_STATES = {"40P01", "40001"}  # deadlock, serialisation failure
BUSY_STATES = {"55P03", "57014"}  # a lock or a statement took longer than the wait
LOST_STATES = ("08", "57P0", "25P03")  # connection exceptions; the server shuts down or starts; idle for too long

# Why a disk does not take or give what is asked of it.
Cause = Literal["full", "read_only", "damaged", "failing"]
# By the first word of SQLite's extended codes: SQLITE_IOERR_WRITE is one of IOERR.
SQLITE_CAUSES: Mapping[str, Cause] = {
    "FULL": "full", "READONLY": "read_only", "PERM": "read_only", "CANTOPEN": "failing", "IOERR": "failing",
    "CORRUPT": "damaged", "NOTADB": "damaged",
}  # fmt: skip
POSTGRESQL_CAUSES: Mapping[str, Cause] = {
    "53100": "full", "25006": "read_only", "58030": "failing", "58P01": "damaged", "XX001": "damaged",
    "XX002": "damaged",
}  # fmt: skip
SYSTEM_CAUSES: Mapping[int, Cause] = {
    errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only", errno.EACCES: "read_only",
    errno.EPERM: "read_only", errno.EIO: "failing",
}  # fmt: skip


def verdict_on(error: BaseException) -> str:
    """Say what a failure means: busy (waited long enough), lost (no connection), conflict (replay), disk, other."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    if state in BUSY_STATES or _sqlite_word(original) == "BUSY" or isinstance(error, PoolTimeout):
        return "busy"
    if state in REPLAYED_STATES:
        return "conflict"
    if cause_of(error) is not None:
        return "disk"
    says_nothing_more = (
        state is None
        and type(original).__module__.startswith("psycopg")
        and type(original).__name__ in ("OperationalError", "InterfaceError")
    )
    if getattr(error, "connection_invalidated", False) or says_nothing_more or str(state or "").startswith(LOST_STATES):
        return "lost"
    return "other"


def cause_of(error: BaseException) -> Cause | None:
    """Say why the disk failed; None when it was not the disk."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, OSError):
        return SYSTEM_CAUSES.get(original.errno or 0)
    return SQLITE_CAUSES.get(_sqlite_word(original)) or POSTGRESQL_CAUSES.get(getattr(original, "sqlstate", None) or "")


def _sqlite_word(error: BaseException) -> str:
    return f"{getattr(error, 'sqlite_errorname', '')}__".split("_")[1]
