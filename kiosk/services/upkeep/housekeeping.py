"""What becomes due by itself: files that have lived long enough, minors' names, the end of a retention period, keys
that an upgrade makes otherwise.

Each worker looks once a minute and starts the process that does it (services/tasks/beside); one of them, of all nodes,
has the turn, and everything that is due may safely be done twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy.exc import DBAPIError

from kiosk.clock import utcnow
from kiosk.services import exports
from kiosk.services.privacy import chores as privacy, shared_ledger
from kiosk.services.rehearsals import book as rehearsals
from kiosk.services.roster import import_history, roster_imports
from kiosk.services.sign_in import movements
from kiosk.services.store.turns import turn
from kiosk.services.store.writer import WriterBusy, end_read
from kiosk.services.tasks import beside
from kiosk.services.upkeep import kept_keys

log = logging.getLogger(__name__)
LOOK_SECONDS = 60.0
JUMP_SECONDS = 120.0  # that a clock and the time since the last look may differ by
STEADY_SECONDS = 3600.0

# What is looked after: whether something is due (cheap, read only), and doing it.
CHORES: tuple[tuple[Callable[[], object], Callable[[], object]], ...] = (
    (movements.forgotten, movements.close_forgotten),  # before a purge or a frozen sheet finds them inside
    *privacy.CHORES,
    (roster_imports.lost, roster_imports.carry_lost_on),
    (import_history.lost, import_history.carry_lost_on),
    (exports.has_old, exports.clear_old),
    (rehearsals.those_left, rehearsals.clear_those_left),
    (kept_keys.are_old, kept_keys.renew),
)


class ClockWatch:
    """Notices that the clock of the day has jumped, or that the machine slept, after which clocks are often wrong.

    Much of what is due deletes for good, and by that clock: so nothing is done for an hour, in which it can be set
    right.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lead = self._lead_now()
        self._jumped_at = float("-inf")

    def is_steady(self) -> bool:
        """Look at the clock, and say whether it has gone on by itself for an hour, or since the process began."""
        before, self._lead = self._lead, self._lead_now()
        if abs(self._lead - before) > JUMP_SECONDS:
            log.warning("the clock jumped by %.0f seconds; for an hour nothing is deleted by it", self._lead - before)
            self._jumped_at = self._seconds()
        return self._seconds() - self._jumped_at >= STEADY_SECONDS

    def _lead_now(self) -> float:
        return utcnow().timestamp() - self._seconds()


def do_what_is_due() -> None:
    """Do every chore that is due; return at once when another process, of whatever node, is at it."""
    shared_ledger.share()  # each node's own
    with turn("housekeeping", waits=False) as is_ours:
        for is_due, do in CHORES if is_ours else ():
            if is_due():
                do()
            end_read()


def is_anything_due() -> bool:
    """Say whether a chore is due."""
    due = shared_ledger.is_behind() or any(is_due() for is_due, _ in CHORES)
    end_read()
    return due


def keep_house(app: Flask, turn: Callable[[], None] = lambda: time.sleep(LOOK_SECONDS)) -> None:
    """Look after the house for as long as the process lives; `turn` waits between two looks."""
    watch = ClockWatch()
    while True:
        turn()
        if not watch.is_steady():
            continue
        try:
            with app.app_context():
                if is_anything_due():
                    beside.start("housekeeping")
        except (DBAPIError, WriterBusy, OSError):
            log.warning("housekeeping could not look; it looks again", exc_info=True)


def keep_house_in_background(app: Flask) -> None:
    """Keep house beside a worker's requests."""
    threading.Thread(target=keep_house, args=(app,), daemon=True).start()
