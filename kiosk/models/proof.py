"""Credited hours (学时) that staff set by hand, and proofs of attendance (参训证明)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from kiosk.models.columns import Numbered, moment, reference, text, unique_where
from kiosk.models.person import of_person


class HoursOverride(Numbered):
    """The hours that somebody has after all, whatever the rules say, and why."""

    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE", index=False, unique=True)
    hours: Mapped[float]
    reason: Mapped[str] = text(200, "identity")
    set_by: Mapped[str] = text(80, "technical")
    set_at: Mapped[datetime] = moment()


class Proof(Numbered):
    """A numbered proof that one person attended one event, or the events of one series.

    It carries its own snapshot: what is printed stays what it was. The verification page shows the name masked.
    """

    __table_args__ = (
        unique_where("voided_at IS NULL AND event_id IS NOT NULL", "uq_proof_event", "participant_id", "event_id"),
        unique_where("voided_at IS NULL AND series_id IS NOT NULL", "uq_proof_series", "participant_id", "series_id"),
    )

    code: Mapped[str] = text(12, unique=True)  # printed on the proof; what its verification page takes
    number: Mapped[str] = text(30, unique=True)
    campaign_id: Mapped[int] = reference("campaign.id")
    participant_id: Mapped[int] = reference("participant.id", index=False)
    event_id: Mapped[int | None] = reference("event.id")  # either this
    series_id: Mapped[int | None] = reference("series.id")  # or this
    name: Mapped[str | None] = of_person("name")
    organisation_name: Mapped[str | None] = of_person("organisation_name")
    title: Mapped[str] = text(250)
    hours: Mapped[float | None]
    issued_by: Mapped[str] = text(80, "technical")
    issued_at: Mapped[datetime] = moment()
    voided_at: Mapped[datetime | None] = moment()
    void_reason: Mapped[str | None] = text(200, "identity")
