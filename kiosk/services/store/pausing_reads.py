"""Reads of many statements beside a door: whoever comes is let in between any two of them.

A board is read and drawn several times a second in a rush, in a dozen statements; the pauses would otherwise have to
stand, and be remembered, between all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event as sa_event
from sqlalchemy.orm import ORMExecuteState

from kiosk.extensions import ReadingSession
from kiosk.services import pauses

_here = threading.local()  # a greenlet's own


@contextmanager
def pausing_reads() -> Iterator[None]:
    """Inside the block, or the function that this decorates, pause before a statement when the last pause is more than
    pauses.FINE ago. Only what reads by `db.session` is meant: the writer's own session never pauses."""
    was_on = getattr(_here, "is_on", False)
    _here.is_on = True
    try:
        yield
    finally:
        _here.is_on = was_on


@sa_event.listens_for(ReadingSession, "do_orm_execute")
def _pause_before(_state: ORMExecuteState) -> None:
    if getattr(_here, "is_on", False):
        pauses.pause_if_due(pauses.FINE)
