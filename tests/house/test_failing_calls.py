"""The disk fails at the Nth write or sync, N rising until none fails: after every N the database agrees with all that
was answered, and sign-ins are taken again without a restart.

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
from kiosk.services.event.event_views import EventView
from tests.aids.apps import build_app, close
from tests.aids.factories import make_event
from tests.aids.faults import NEVER, OF_FILES, Faults, prepare
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
        with self.server.phone(timeout=10) as phone:
            ticket = phone.ticket(self.event.code, "guest")
            form = {"kind": "guest", "name": next(self.names)}
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


@pytest.mark.parametrize("lasts", [1, NEVER], ids=["once", "from there on"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC], ids=lambda code: errno.errorcode[code])
def test_whichever_call_fails_nothing_acknowledged_is_lost_and_the_next_is_taken(
    door: Door, code: int, lasts: int
) -> None:
    workers, refused = door.server.workers(), 0
    for first in itertools.count(1, STRIDE):
        door.faults.arm(OF_FILES, code, first, min(NEVER, first + lasts - 1))
        answers = {door.sign_in() for _ in range(A_ROUND)}
        door.faults.disarm()
        assert answers <= {ACKNOWLEDGED, REFUSED}, f"step {first} failed"
        refused += REFUSED in answers
        if not door.faults.failed:
            break
        door.heals()
        assert door.judge() == [], f"step {first} failed"
    assert first > 3 * STRIDE and door.faults.counted > 100, "the steps are counted"
    assert refused, (
        "what COMMIT meets is never tried again by the server: whether it is on disk, the retry's key decides"
    )
    assert door.server.workers() == workers, "nothing was started anew"
    assert tallies.recount() == ()
