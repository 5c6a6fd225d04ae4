"""Head-counts without names (不记名): how many came whom nobody takes down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from kiosk.models.columns import Numbered, moment, reference, text


class NamelessStep(Numbered):
    """One tap of a head-count: one more, or one less. A key makes one, however often it is sent.

    Their sum is `event_counter.nameless`. `step` is what the tap came to: nought, where it asked for less than nobody.
    """

    __table_args__ = (
        CheckConstraint("step BETWEEN -1 AND 1", name="step"),
        UniqueConstraint("event_id", "idempotency_key", name="uq_nameless_step_key"),
    )

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE", index=False)
    step: Mapped[int]
    counted_at: Mapped[datetime] = moment()  # claimed: what waited on a phone for the network
    received_at: Mapped[datetime] = moment()
    counted_by: Mapped[str] = text(80, "technical")  # the actor: staff:3, steward:5, count:2
    idempotency_key: Mapped[str] = text(64, "technical")
