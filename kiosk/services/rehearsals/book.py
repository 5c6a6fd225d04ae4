"""The book of rehearsals: starting one, stopping it, reading what it found, clearing up after one that was killed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Rehearsal
from kiosk.services.audit_log import audit
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.rehearsals import stage
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import beside

TASK = "rehearsal"
USUAL = 70  # arrivals, where the event expects nobody by name (research: 70 arrivals in ten minutes)
MOST = 1_000
LONGEST_MINUTES = 10
SHOWN = 5  # rehearsals of one event on its page
GRACE = timedelta(minutes=2)  # after this a rehearsal that should be over has no process any more
GOES_ON = ("waiting", "running", "clearing")
GOOD_MS, BEARABLE_MS = 1_000, 3_000  # within which people do not notice a wait, and do not tap again


@dataclass(frozen=True)
class RehearsalView:
    """A rehearsal as its page shows it; times in milliseconds."""

    id: int
    source_event_id: int
    event_code: str | None  # of the clone, while there is one
    arrivals: int
    seconds: int
    state: str
    signed_in: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None
    slowest_ms: int | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Say whether it has ended and nothing of it is left."""
        return self.state not in GOES_ON and self.event_code is None

    @property
    def ends_at(self) -> datetime:
        """Return when the last person comes."""
        return self.started_at + timedelta(seconds=self.seconds)

    @property
    def verdict(self) -> str:
        """Say in a word what the figures mean: "none", "failed", "good", "bearable" or "slow"."""
        if self.p95_ms is None:
            return "none"
        if self.failed:
            return "failed"
        return "good" if self.p95_ms <= GOOD_MS else "bearable" if self.p95_ms <= BEARABLE_MS else "slow"


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

    def work(session: WriterSession) -> int:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE rehearsal IN SHARE ROW EXCLUSIVE MODE"))  # two starts at one time
        if session.scalar(select(Rehearsal.id).where(_is_going_on()).limit(1)) is not None:
            raise Refused("rehearsal_going_on")
        clone = stage.set_up(session, event, seconds, staff_id)
        rehearsal = Rehearsal(
            source_event_id=event.id,
            event_id=clone.id,
            arrivals=arrivals,
            seconds=seconds,
            state="waiting",
            asked_by=audit.of_staff(staff_id),
            started_at=utcnow(),
        )
        session.add(rehearsal)
        session.flush()
        _record(session, rehearsal, "rehearsal.start", staff_id, {"arrivals": arrivals, "seconds": seconds})
        return rehearsal.id

    rehearsal_id = run(work)
    beside.start(TASK, rehearsal_id)
    return rehearsal_id


def stop(event: EventView, *, staff_id: int) -> None:
    """End this event's rehearsal now; its process clears everything away. Nothing happens when there is none."""

    def work(session: WriterSession) -> None:
        running = Rehearsal.source_event_id == event.id, Rehearsal.state.in_(("waiting", "running"))
        for rehearsal in session.scalars(select(Rehearsal).where(*running)):
            rehearsal.state, rehearsal.ended_at = "stopped", utcnow()
            _record(session, rehearsal, "rehearsal.stop", staff_id, {})

    run(work)


def of_event(event_id: int) -> tuple[RehearsalView, ...]:
    """Return an event's last rehearsals, the newest first."""
    return _views(Rehearsal.source_event_id == event_id)


def going_on() -> RehearsalView | None:
    """Return the rehearsal that goes on, of whatever event, or None."""
    return next(iter(_views(_is_going_on())), None)


def are_any_left() -> bool:
    """Say whether a rehearsal ended badly: its process is gone, and what it made is still there."""
    return bool(_abandoned())


def clear_those_left() -> None:
    """Clear away what rehearsals that ended badly have left."""
    for rehearsal_id in _abandoned():
        stage.clear(rehearsal_id, last_state="failed")


def _abandoned() -> list[int]:
    """Return rehearsals whose process would have ended long ago, after the last arrival or the stop."""
    going_on = db.session.scalars(select(Rehearsal).where(_is_going_on()))
    ends = {row.id: row.ended_at or row.started_at + timedelta(seconds=row.seconds) for row in going_on}
    return [rehearsal_id for rehearsal_id, ended_at in ends.items() if ended_at + GRACE < utcnow()]


def _is_going_on() -> ColumnElement[bool]:
    return or_(Rehearsal.state.in_(GOES_ON), Rehearsal.event_id.is_not(None))


def _views(condition: ColumnElement[bool]) -> tuple[RehearsalView, ...]:
    statement = (
        select(Rehearsal, Event.code)
        .join(Event, Event.id == Rehearsal.event_id, isouter=True)
        .where(condition)
        .order_by(Rehearsal.id.desc())
        .limit(SHOWN)
    )
    names = [name for name in RehearsalView.__dataclass_fields__ if name != "event_code"]
    return tuple(
        RehearsalView(event_code=code, **{name: getattr(row, name) for name in names})
        for row, code in db.session.execute(statement)
    )


def _record(session: WriterSession, rehearsal: Rehearsal, action: str, staff_id: int, changed: dict[str, Any]) -> None:
    audit.record(
        session,
        audit.of_staff(staff_id),
        action,
        event_id=rehearsal.source_event_id,
        subject=f"rehearsal:{rehearsal.id}",
        changed=changed,
    )
