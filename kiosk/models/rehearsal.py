"""Rehearsals (演练): arrivals that nobody makes, at a clone of an event, to see whether the machine can take them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.models.columns import Numbered, moment, text


class Rehearsal(Numbered):
    """One rehearsal and what it measured. The clone and everybody in it are gone at the end; this row stays."""

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'clearing', 'done', 'stopped', 'failed')", name="state"),
    )

    source_event_id: Mapped[int]
    event_id: Mapped[int | None]  # the clone, while there is one
    arrivals: Mapped[int]
    seconds: Mapped[int]
    state: Mapped[str] = text(10, default="waiting")
    signed_in: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    p50_ms: Mapped[int | None]
    p95_ms: Mapped[int | None]
    slowest_ms: Mapped[int | None]
    asked_by: Mapped[str] = text(80, "technical")
    started_at: Mapped[datetime] = moment()
    ended_at: Mapped[datetime | None] = moment()
