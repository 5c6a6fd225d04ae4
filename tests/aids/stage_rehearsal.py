"""Rehearsals of the stage: one that goes on, and what two others found."""

from __future__ import annotations

from datetime import timedelta

from kiosk.clock import utcnow
from kiosk.models import Task
from kiosk.services.event.event_views import EventView
from kiosk.services.rehearsals import stage
from kiosk.services.store.writer import WriterSession, run


def set_rehearsals(going_on: EventView, over: EventView, staff_id: int) -> None:
    """Let one go on at one event, without a process; another event has had two."""
    now = utcnow()
    began, ended = now - timedelta(hours=1, minutes=10), now - timedelta(hours=1)
    slow = {"signed_in": 64, "failed": 6, "p50_ms": 24, "p95_ms": 4_210, "slowest_ms": 15_000}
    good = {"signed_in": 70, "failed": 0, "p50_ms": 24, "p95_ms": 183, "slowest_ms": 812}
    here = {"signed_in": 41, "failed": 2, "p50_ms": 24, "p95_ms": 183, "slowest_ms": 812}

    def work(session: WriterSession) -> None:
        copy = stage.set_up(session, going_on, 600, staff_id)
        usual = {"kind": "rehearsal", "asked_by": f"staff:{staff_id}", "total": 70}
        usual["options"] = {"seconds": 600, "copy": copy.code}
        was = {**usual, "event_id": over.id, "state": "done", "asked_at": began, "ended_at": ended, "done": 70}
        goes_on = {**usual, "event_id": going_on.id, "state": "running", "asked_at": now, "done": 43}
        goes_on["heard_at"] = now + timedelta(hours=1)  # or housekeeping would clear it away
        for row in ({**was, "result": slow}, {**was, "result": good}, {**goes_on, "result": here}):
            session.add(Task(**row))
            session.flush()

    run(work)
