"""What the disk alone can do: commits of one row by one connection, one after the other, as durable as a sign-in's."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from kiosk.extensions import set_sqlite_pragmas
from kiosk.sqlite_driver import sqlite3


def commits_per_second(folder: Path, seconds: float) -> float:
    """Return how many transactions of one row a second reach the disk, with the journal and synchronous=FULL."""
    count = 0
    with closing(sqlite3.connect(folder / "commits.sqlite3")) as connection:
        set_sqlite_pragmas(connection)
        connection.execute("CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY, words TEXT)")
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO line (words) VALUES (?)", ["one person of one enterprise"])
            connection.execute("COMMIT")
            count += 1
        return count / (time.monotonic() - began)
