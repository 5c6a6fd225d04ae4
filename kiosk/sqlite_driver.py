"""The one SQLite of a process: the newest that is at hand, told to SQLAlchemy as its driver (docs/decisions/0020).

Two SQLites in one process must never open one file: a lock of POSIX belongs to the process, and whichever library
closes its descriptor first lets the other's locks go. So nothing imports `sqlite3` but this module, and every engine
for `sqlite:` that SQLAlchemy makes uses the same.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

# The wheel where there is one for this machine; else the standard library's, of whatever version the system has.
sqlite3: Any = import_module("pysqlite3.dbapi2" if find_spec("pysqlite3") else "sqlite3")

VERSION: tuple[int, ...] = sqlite3.sqlite_version_info
# Where one connection copies the journal back while another commits and begins the journal anew, a commit can be lost
# (the "WAL-reset bug" of https://sqlite.org/wal.html). The writer's lock keeps the two apart.
MENDED_IN = (3, 51, 3)
MENDED_SINCE: dict[tuple[int, ...], tuple[int, ...]] = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


class Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite with this process's driver."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the driver."""
        return sqlite3  # type: ignore[no-any-return]


def loses_resets(version: tuple[int, ...] = VERSION) -> bool:
    """Say whether this SQLite has the fault of MENDED_IN."""
    return version < MENDED_SINCE.get(version[:2], MENDED_IN)


def pragmas_of_system(platform: str = sys.platform) -> tuple[str, ...]:
    """Return what this system needs besides: on macOS fsync leaves what it wrote in the drive's cache."""
    return ("fullfsync=ON", "checkpoint_fullfsync=ON") if platform == "darwin" else ()


def register() -> None:
    """Let every engine for `sqlite:` use this driver."""
    for name in ("sqlite", "sqlite.pysqlite"):
        registry.register(name, __name__, Dialect.__name__)


register()
