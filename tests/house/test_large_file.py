"""More than a gibibyte in the file: sign-ins, the board, a kill and a check as on a small one. Only where SOAK=1."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk.extensions import db
from kiosk.services.account import staff_sessions
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from kiosk.sqlite_driver import sqlite3
from kiosk.web.frame.access import COOKIE
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, make_event, make_staff, sign_in
from tests.aids.history import ACKNOWLEDGED, History, read_books
from tests.aids.server import Phone, Server, run_server

GIBIBYTE = 2**30
AT_ONCE = 50_000  # rows that are added before the file is looked at again
SIGN_INS, PHONES = 800, 8
NAMES = {"name": "name || n", "name_key": "name_key || n"}
COPIES = {  # what differs between the copies of a row
    "participant": {"id": "n", "mobile": "mobile || n", **NAMES},
    "sign_in": {
        "id": "n", "ordinal": "n", "revision": "n", "participant_id": "n", "spoken_code": "NULL",
        "idempotency_key": "lower(hex(randomblob(32)))", **NAMES,
    },
}  # fmt: skip

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.environ.get("SOAK") != "1", reason="writes more than a gibibyte; SOAK=1"),
]


def test_a_file_of_more_than_a_gibibyte_is_as_good_as_a_small_one(tmp_path: Path) -> None:
    folder, history = tmp_path / "instance", History()
    app = build_app(folder)
    with app.app_context():
        full, door = make_event(title="很多年"), make_event(title="门口")
        sign_in(full, enterprise())
        cookie = f"{COOKIE}={staff_sessions.begin(make_staff().id, address=None, user_agent=None)}"
        close(app)
    count = fill(folder / "kiosk.db", full.id)
    with run_server(folder) as server:
        with ThreadPoolExecutor(PHONES + 1) as pool:
            phones = [pool.submit(sign_in_some, server, door, number, history) for number in range(PHONES)]
            time.sleep(0.5)
            server.kill(server.workers()[0], signal.SIGKILL)
            for phone in phones:
                phone.result()
        books = read_books(lambda asked: db.session.execute(text(asked)), door.id)
        assert history.judge(books) == [] and len(history.acknowledged) == SIGN_INS
        with Phone(server.port, headers={"Cookie": cookie}) as tablet:
            board = tablet.get(f"/events/{full.code}/dashboard")
            assert board.status == 200 and f"{count:,}" in board.text or str(count) in board.text
            assert tablet.get(f"/events/{full.code}/sign-ins").status == 200
    with contextlib.closing(sqlite3.connect(folder / "kiosk.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert (folder / "kiosk.db").stat().st_size > GIBIBYTE


def fill(file: Path, event_id: int) -> int:
    """Copy an event's one sign-in, and its person, until the file is large; return how many there are."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        count = 1
        while file.stat().st_size <= GIBIBYTE:
            first, count = count + 1, count + AT_ONCE
            numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}"
            connection.execute("BEGIN IMMEDIATE")
            for table, changed in COPIES.items():
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                values = ", ".join(changed.get(column, column) for column in columns)
                connection.execute(
                    f"WITH RECURSIVE numbers(n) AS ({numbers}) INSERT INTO {table} ({', '.join(columns)})"
                    f" SELECT {values} FROM {table}, numbers WHERE {table}.id = 1"
                )
            connection.execute("COMMIT")
        counters = ", ".join(f"{name} = {count}" for name in ("arrived", "enterprise", "ordinal", "revision"))
        connection.execute(f"UPDATE event_counter SET {counters} WHERE event_id = {event_id}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count


def sign_in_some(server: Server, event: EventView, number: int, history: History) -> None:
    """Be one phone after another, each until it is in."""
    for count in range(SIGN_INS // PHONES):
        form, ticket = {"kind": "guest", "name": f"张{number}{count:03d}"}, new_ticket_of(server, event)
        for turn in itertools.count():
            with server.phone(timeout=20) as phone:
                answer = history.sign_in(phone, event.code, form, ticket)
            if answer is not None and answer.status == ACKNOWLEDGED:
                break
            assert turn < 200, "waited in vain"
            time.sleep(0.05)


def new_ticket_of(server: Server, event: EventView) -> str:
    """Make a ticket in a thread of its own."""
    with server.app.app_context():
        return new_ticket(event.id).token
