"""What is counted by hand at an event: leaflets, consultations (docs/product.md 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, select, update

from kiosk.extensions import db
from kiosk.models import HandCounter
from kiosk.services.audit_log import audit
from kiosk.services.names import clean
from kiosk.services.store.writer import WriterSession, no_event, unit

MOST = 1_000_000


@dataclass(frozen=True)
class CounterRow:
    """One counter and where it stands."""

    id: int
    label: str
    label_alt: str | None
    count: int


def list_all(event_id: int) -> tuple[CounterRow, ...]:
    """Return an event's counters in the order they were made."""
    statement = select(HandCounter).where(HandCounter.event_id == event_id).order_by(HandCounter.id)
    rows = db.session.scalars(statement)
    return tuple(CounterRow(row.id, row.label, row.label_alt, row.count) for row in rows)


@unit(event=no_event)
def add(
    session: WriterSession, event_id: int, label: str, label_alt: str | None = None, *, actor: str = audit.COMMAND
) -> None:
    """Make a counter at nought; an empty label makes none."""
    if not (name := clean(label)[:60]):
        return
    made = HandCounter(event_id=event_id, label=name, label_alt=clean(label_alt or "")[:60] or None, count=0)
    session.add(made)
    session.flush()
    audit.record_row(session, actor, "counter.add", made, label=made.label)


@unit(event=no_event)
def step(session: WriterSession, event_id: int, counter_id: int, by: int, *, actor: str = audit.COMMAND) -> None:
    """Count up or down; never below nought. Two hands at once both count."""
    counted = HandCounter.count + by
    new = case((counted < 0, 0), (counted > MOST, MOST), else_=counted)
    statement = update(HandCounter).where(HandCounter.id == counter_id, HandCounter.event_id == event_id)
    for counter in session.scalars(statement.values(count=new).returning(HandCounter)):
        audit.record_row(session, actor, "counter.step", counter, label=counter.label, by=by)


@unit(event=no_event)
def remove(session: WriterSession, event_id: int, counter_id: int, *, actor: str = audit.COMMAND) -> None:
    """Take a counter away."""
    counter = session.get(HandCounter, counter_id)
    if counter is not None and counter.event_id == event_id:
        audit.record_row(session, actor, "counter.remove", counter, label=counter.label, count=counter.count)
        session.delete(counter)
