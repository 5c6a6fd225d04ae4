"""Rehearsals of the stage: one that goes on, and what two others found."""

from __future__ import annotations

from datetime import timedelta

from kiosk.clock import utcnow
from kiosk.models import Rehearsal
from kiosk.services.event.event_views import EventView
from kiosk.services.rehearsals import stage
from kiosk.services.store.writer import WriterSession, run


def set_rehearsals(going_on: EventView, over: EventView, staff_id: int) -> None:
    """Let one go on at one event, without a process; another event has had two."""
    now = utcnow()

    def work(session: WriterSession) -> None:
        clone = stage.set_up(session, going_on, 600, staff_id)
        usual = {"arrivals": 70, "seconds": 600, "asked_by": f"staff:{staff_id}", "p50_ms": 24, "slowest_ms": 812}
        found = {"source_event_id": over.id, "event_id": None, "ended_at": now - timedelta(hours=1)}
        began = now - timedelta(hours=1, minutes=10)
        slow = {
            "state": "done",
            "signed_in": 64,
            "failed": 6,
            "p95_ms": 4_210,
            "slowest_ms": 15_000,
            "started_at": began,
        }
        good = {"state": "done", "signed_in": 70, "failed": 0, "p95_ms": 183, "started_at": began}
        here = {"source_event_id": going_on.id, "event_id": clone.id, "started_at": now, "state": "running"}
        for row in ({**found, **slow}, {**found, **good}, {**here, "signed_in": 41, "failed": 2, "p95_ms": 183}):
            session.add(Rehearsal(**{**usual, **row}))
            session.flush()

    run(work)
