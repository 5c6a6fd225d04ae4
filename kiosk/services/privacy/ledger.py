"""The ledger of what was purged, outside the database: a restored backup brings nobody back (docs/product.md,
"Decided").

`purges.jsonl` in the instance folder, one JSON object a line, only ever appended to, on disk before the first row
changes. It holds ids, codes and times, no personal data: an event by id and code, rows of a person by id and the time
at which they were made, so that an id which another row has after a restore never erases somebody else.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from kiosk.clock import utcnow
from kiosk.config import sync

FILE = "purges.jsonl"
UNREADABLE = (ValueError, TypeError, LookupError)
LARGEST_ID = 2**31
log = logging.getLogger(__name__)
Row = tuple[int, str]  # an id, and when that row was made


def append(scope: str, **what: Any) -> None:
    """Write an entry and return when it is on disk."""
    add([json.dumps({"at": utcnow().isoformat(), "scope": scope, **what}, separators=(",", ":"))])


def add(lines: Iterable[str]) -> None:
    """Write entries that are lines already, but for those that are there, and return when they are on disk."""
    path = _path()
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = set(_text_of(file).splitlines())
        text = "".join(f"{line}\n" for line in lines if line not in known)
        file.write((_torn(file) + text).encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync(path.parent)


def entries() -> Iterator[dict[str, Any]]:
    """Yield every entry, the oldest first."""
    return map(json.loads, lines())


def lines() -> Iterator[str]:
    """Yield the line of every entry, the oldest first.

    A line that a crash tore is none: nothing had changed yet. One that somebody wrote or cut by hand is none either: it
    is read at each start, which must not end there; the log says which.
    """
    path = _path()
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            entry = json.loads(line)
            is_one = _is_entry(entry)
        except UNREADABLE:
            is_one = False
        if is_one:
            yield line
        else:
            log.warning("line %d of %s is no entry", number, FILE)


def _is_entry(entry: Any) -> bool:
    """Say whether an entry names what its scope needs; something of UNREADABLE is raised for what is none at all."""
    if entry["scope"] in ("event", "minors"):
        return _is_id(entry["event_id"]) and isinstance(entry["code"], str)
    mentions = entry["mentions"]
    rows = [*entry["sign_ins"], *entry["entries"], *entry["participants"], *(one[:2] for one in mentions)]
    are_made = all(_is_id(row_id) and datetime.fromisoformat(at).tzinfo is not None for row_id, at in rows)
    return (
        entry["scope"] == "person"
        and _is_id(entry["campaign_id"])
        and are_made
        and all(isinstance(one[2], int) for one in mentions)
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and 0 < value < LARGEST_ID


def row(row_id: int, made_at: datetime) -> Row:
    """Return how the ledger names a row."""
    return row_id, made_at.isoformat()


def _path() -> Path:
    folder: Path = current_app.config["KIOSK"].instance_dir
    return folder / FILE


def _text_of(file: Any) -> str:
    file.seek(0)
    return str(file.read(), "utf-8", "replace")


def _torn(file: Any) -> str:
    """Return what ends a line that a crash left without its end."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return ""
    file.seek(size - 1)
    return "" if file.read(1) == b"\n" else "\n"
