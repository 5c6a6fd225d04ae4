"""The book of rehearsals: starting one, stopping it, reading what it found, clearing up after one that was killed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from kiosk.clock import utcnow
from kiosk.models import Task
from kiosk.services.audit_log import audit
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.rehearsals import stage
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import beside, tasks
from kiosk.services.tasks.tasks import TaskView

USUAL = 70  # arrivals, where the event expects nobody by name (research: 70 arrivals in ten minutes)
MOST = 1_000
LONGEST_MINUTES = 10
SHOWN = 5  # rehearsals of one event on its page
GOOD_MS, BEARABLE_MS = 1_000, 3_000  # within which people do not notice a wait, and do not tap again
NO_FIGURES = {"signed_in": 0, "failed": 0, "p50_ms": None, "p95_ms": None, "slowest_ms": None}


class RehearsalView(TaskView):
    """A rehearsal; `done` of `total` people have come. `result` has the counts, and times in milliseconds."""

    kind = "rehearsal"
    claimed_from = ("waiting", "clearing")  # one that was stopped before it began has only to be cleared away
    is_carried_on = True

    @property
    def seconds(self) -> int:
        """Return within how many seconds they come."""
        return int(self.options["seconds"])

    @property
    def copy_code(self) -> str:
        """Return the code of the copy of the event to which they come, or came."""
        return str(self.options["copy"])

    @property
    def ends_at(self) -> datetime:
        """Return when the last person comes."""
        return self.asked_at + timedelta(seconds=self.seconds)

    @property
    def verdict(self) -> str:
        """Say in a word what the figures mean: "none", "failed", "good", "bearable" or "slow"."""
        p95_ms = self.result["p95_ms"]
        if p95_ms is None:
            return "none"
        if self.result["failed"]:
            return "failed"
        return "good" if p95_ms <= GOOD_MS else "bearable" if p95_ms <= BEARABLE_MS else "slow"


def usual_arrivals(event: EventView) -> int:
    """Return how many arrivals are proposed: those expected, else 70; never more than the event admits."""
    return min(events.counts(event.id).expected or USUAL, most_arrivals(event))


def most_arrivals(event: EventView) -> int:
    """Return how many may be asked for: a full event would turn the others away, and measure nothing."""
    return min(MOST, event.capacity or MOST)


def start(event: EventView, arrivals: int, seconds: int, *, staff_id: int) -> int:
    """Clone the event, start the process that sends people to it, and return the rehearsal's id.

    One at a time in the whole installation. Raises Refused.
    """
    if event.is_rehearsal or event.purged_at is not None:
        raise Refused("is_rehearsal" if event.is_rehearsal else "purged")

    rehearsal_id = _add(event, arrivals, seconds, staff_id)
    beside.start(RehearsalView.kind, rehearsal_id)
    return rehearsal_id


@unit
def _add(session: WriterSession, event: EventView, arrivals: int, seconds: int, staff_id: int) -> int:
    copy = stage.set_up(session, event, seconds, staff_id)
    asked = {"options": {"seconds": seconds, "copy": copy.code}, "total": arrivals, "result": NO_FIGURES}
    actor = audit.of_staff(staff_id)
    try:
        rehearsal_id = tasks.add.within(session, RehearsalView, event_id=event.id, asked_by=actor, **asked)
    except IntegrityError as error:  # the index is the referee: one goes on
        raise Refused("rehearsal_going_on") from error
    changed = {"arrivals": arrivals, "seconds": seconds}
    subject = f"rehearsal:{rehearsal_id}"
    audit.record(session, actor, "rehearsal.start", event_id=event.id, subject=subject, changed=changed)
    return rehearsal_id


@unit
def stop(session: WriterSession, event: EventView, *, staff_id: int) -> None:
    """End this event's rehearsal now; its process clears everything away. Nothing happens when there is none."""
    is_meant = Task.kind == RehearsalView.kind, Task.event_id == event.id, Task.state.in_(("waiting", "running"))
    row = update(Task).where(*is_meant).values(state="clearing", reason="stopped", ended_at=utcnow())
    for rehearsal_id in session.scalars(row.returning(Task.id)).all():
        actor, subject = audit.of_staff(staff_id), f"rehearsal:{rehearsal_id}"
        audit.record(session, actor, "rehearsal.stop", event_id=event.id, subject=subject, changed={})


def clear(rehearsal_id: int, *, last_state: str) -> None:
    """Clear away what a rehearsal made; safe to repeat after a kill. Its row stays, in `last_state` unless it was
    stopped by hand."""
    rehearsal = tasks.find(RehearsalView, rehearsal_id)
    if rehearsal is not None:
        stage.clear(rehearsal.copy_code, since=rehearsal.asked_at)
        tasks.end(rehearsal_id, rehearsal.reason or last_state)


def of_event(event_id: int) -> tuple[RehearsalView, ...]:
    """Return an event's last rehearsals, the newest first."""
    return tasks.views(RehearsalView, Task.event_id == event_id, most=SHOWN)


def going_on() -> RehearsalView | None:
    """Return the rehearsal that goes on, of whatever event, or None."""
    return next(iter(tasks.views(RehearsalView, Task.state.in_(tasks.GOES_ON))), None)


def those_left() -> tuple[RehearsalView, ...]:
    """Return rehearsals that ended badly: their process is gone, and what they made is still there."""
    return tasks.lost(RehearsalView)


def clear_those_left() -> None:
    """Clear away what rehearsals that ended badly have left."""
    for rehearsal in those_left():
        clear(rehearsal.id, last_state="failed")
