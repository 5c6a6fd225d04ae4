"""Participants: people within one campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.closed import Kind, one_of
from kiosk.extensions import Base
from kiosk.models.columns import moment, reference
from kiosk.models.person import PersonColumns


class Participant(PersonColumns, Base):
    """One person in one campaign; services/sign_in/participants.match decides who is the same person.

    The two partial unique indexes are the referees of its rules 2 (mobile and name) and 3 (student
    number and school); a person whom neither knows is never merged with anybody.
    """

    __tablename__ = "participant"
    __table_args__ = (
        one_of("kind", Kind),
        Index(
            "uq_participant_mobile",
            "campaign_id",
            "mobile",
            "name_key",
            unique=True,
            sqlite_where=sql("mobile IS NOT NULL"),
            postgresql_where=sql("mobile IS NOT NULL"),
        ),
        Index(
            "uq_participant_student_no",
            "campaign_id",
            "organisation_id",
            "student_no",
            unique=True,
            sqlite_where=sql("student_no IS NOT NULL"),
            postgresql_where=sql("student_no IS NOT NULL"),
        ),
        Index("ix_participant_name", "campaign_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = reference("campaign.id", index=False)
    organisation_id: Mapped[int | None] = reference("organisation.id")
    created_at: Mapped[datetime] = moment()
