"""What is counted by hand at an event: leaflets, consultations (PRODUCT.md 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, delete, select, update

from kiosk.extensions import db
from kiosk.models import HandCounter
from kiosk.services.names import clean
from kiosk.services.writer import WriterSession, run

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
    rows = db.session.scalars(statement.execution_options(populate_existing=True))
    return tuple(CounterRow(row.id, row.label, row.label_alt, row.count) for row in rows)


def add(event_id: int, label: str, label_alt: str | None = None) -> None:
    """Make a counter at nought; an empty label makes none."""
    said = clean(label)[:60]

    def work(session: WriterSession) -> None:
        session.add(HandCounter(event_id=event_id, label=said, label_alt=clean(label_alt or "")[:60] or None, count=0))

    if said:
        run(work)


def step(event_id: int, counter_id: int, by: int) -> None:
    """Count up or down; never below nought. Two hands at once both count."""
    counted = HandCounter.count + by
    new = case((counted < 0, 0), (counted > MOST, MOST), else_=counted)
    statement = update(HandCounter).where(HandCounter.id == counter_id, HandCounter.event_id == event_id)
    run(lambda session: _execute(session, statement.values(count=new)))


def remove(event_id: int, counter_id: int) -> None:
    """Take a counter away."""
    statement = delete(HandCounter).where(HandCounter.id == counter_id, HandCounter.event_id == event_id)
    run(lambda session: _execute(session, statement))


def _execute(session: WriterSession, statement: object) -> None:
    session.execute(statement)  # type: ignore[call-overload]
