"""The disk fails at the Nth write or sync, or the connection to PostgreSQL at the Nth message, N rising until none
fails: after every N the database agrees with all that was answered, and sign-ins are taken again without a restart.

SOAK=1 fails every N; otherwise one here and there.
"""

from __future__ import annotations

import errno
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event
from tests.aids.faults import NEVER, OF_DATABASE, OF_FILES, Faults, Kind, prepare
from tests.aids.history import ACKNOWLEDGED, REFUSED, History, read_books
from tests.aids.server import Server, run_server

IS_SOAK = os.environ.get("SOAK") == "1"
STRIDE = 1 if IS_SOAK else 29
A_ROUND = 8  # sign-ins: with this room the journal is copied back within them
ROOM = 1200 * 1024
PATIENCE_SECONDS = 20.0

pytestmark = [pytest.mark.server, pytest.mark.timeout(900 if IS_SOAK else 180)]


@dataclass
class Door:
    """An event at a server whose disk fails when it is told to, and what was sent to it."""

    server: Server
    faults: Faults
    event: EventView
    history: History = field(default_factory=History)
    names: Iterator[str] = field(default_factory=lambda: (f"张{number:05d}" for number in itertools.count()))

    def sign_in(self) -> int:
        """Be one more phone."""
        form, ticket = {"kind": "guest", "name": next(self.names)}, new_ticket(self.event.id).token
        with self.server.phone(timeout=10) as phone:
            answer = self.history.sign_in(phone, self.event.code, form, ticket)
        assert answer is not None
        return answer.status

    def heals(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.sign_in() != ACKNOWLEDGED:
            assert time.monotonic() < deadline, "waited in vain"

    def judge(self) -> list[str]:
        db.session.rollback()
        return self.history.judge(read_books(lambda asked: db.session.execute(text(asked)), self.event.id))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("failing") / "instance"
    app = build_app(folder)
    with app.app_context():
        event = make_event()
        close(app)
    faults = prepare(folder, file=folder / "kiosk.db", room=ROOM)
    with run_server(folder, environ=faults.environ) as server:
        yield Door(server, faults, event)


@pytest.fixture(scope="module")
def door_far_away(tmp_path_factory: pytest.TempPathFactory, postgres_server: postgres.Server) -> Iterator[Door]:
    """A door whose database is PostgreSQL's."""
    folder = tmp_path_factory.mktemp("failing")
    faults = prepare(folder, port=postgres_server.port)
    with (
        postgres_server.database() as url,
        run_server(folder / "instance", database_url=url, environ=faults.environ) as server,
    ):
        yield Door(server, faults, make_event())


@pytest.mark.parametrize("lasts", [1, NEVER], ids=["once", "from there on"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC], ids=lambda code: errno.errorcode[code])
def test_whichever_write_or_sync_fails_nothing_acknowledged_is_lost_and_the_next_is_taken(
    door: Door, code: int, lasts: int
) -> None:
    """What COMMIT meets is never tried again by the server: whether it is on disk, the retry's key decides."""
    sweep(door, OF_FILES, code, lasts)


@pytest.mark.parametrize("lasts", [1, NEVER], ids=["once", "from there on"])
def test_whichever_message_breaks_nothing_acknowledged_is_lost_and_the_next_is_taken(
    door_far_away: Door, lasts: int
) -> None:
    sweep(door_far_away, OF_DATABASE, errno.ECONNRESET, lasts)


def sweep(door: Door, kinds: tuple[Kind, ...], code: int, lasts: int) -> None:
    workers, refused = door.server.workers(), 0
    for first in itertools.count(1, STRIDE):
        door.faults.arm(kinds, code, first, min(NEVER, first + lasts - 1))
        answers = {door.sign_in() for _ in range(A_ROUND)}
        door.faults.disarm()
        assert answers <= {ACKNOWLEDGED, REFUSED}, f"step {first} failed"
        refused += REFUSED in answers
        if not door.faults.failed:
            break
        door.heals()
        assert door.judge() == [], f"step {first} failed"
    print(f"{first - 1} steps, {refused} rounds in which somebody was refused for now")
    assert first > 3 * STRIDE and door.faults.counted > 100, "the steps are counted"
    assert refused, "no failure was met"
    assert door.server.workers() == workers, "nothing was started anew"
    assert tallies.recount() == ()
