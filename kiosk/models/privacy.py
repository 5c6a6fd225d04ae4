"""Purges (到期清除): what was cleared, when, and whether the second step is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.models.columns import Numbered, moment, text


class Purge(Numbered):
    """Personal data taken out of one event, of its minors, or of one person.

    First for every reader (`finished_at`), then off the disk (`scrubbed_at`), which waits until no event is open.
    No foreign keys: an entry outlives what it is about.
    """

    __table_args__ = (CheckConstraint("scope IN ('event', 'minors', 'person')", name="scope"),)

    scope: Mapped[str] = text(10)
    event_id: Mapped[int | None]
    participant_id: Mapped[int | None]
    asked_by: Mapped[str] = text(80, "technical")  # staff:3, command, retention
    asked_at: Mapped[datetime] = moment()
    people: Mapped[int] = mapped_column(default=0)  # cleared so far
    total: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = moment()
    scrubbed_at: Mapped[datetime | None] = moment()
