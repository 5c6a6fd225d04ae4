"""The ledger of what was purged, outside the database: a restored backup brings nobody back (PRODUCT.md, "Decided").

`purges.jsonl` in the instance folder, one JSON object a line, only ever appended to, on disk before the first row
changes. It holds ids, codes and times, no personal data: an event by id and code, rows of a person by id and the time
at which they were made, so that an id which another row has after a restore never erases somebody else.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from kiosk.clock import utcnow

FILE = "purges.jsonl"
Row = tuple[int, str]  # an id, and when that row was made


def append(scope: str, **what: Any) -> None:
    """Write an entry and return when it is on disk."""
    line = json.dumps({"at": utcnow().isoformat(), "scope": scope, **what}, separators=(",", ":"))
    path = _path()
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write((_torn(file) + line + "\n").encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _sync_folder(path.parent)


def entries() -> Iterator[dict[str, Any]]:
    """Yield every entry, the oldest first. A line that a crash tore is none: nothing had changed yet."""
    path = _path()
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def row(row_id: int, made_at: datetime) -> Row:
    """Return how the ledger names a row."""
    return row_id, made_at.isoformat()


def _path() -> Path:
    folder: Path = current_app.config["KIOSK"].instance_dir
    return folder / FILE


def _torn(file: Any) -> str:
    """Return what ends a line that a crash left without its end."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return ""
    file.seek(size - 1)
    return "" if file.read(1) == b"\n" else "\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
