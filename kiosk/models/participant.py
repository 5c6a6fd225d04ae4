"""Participants: people within one campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from kiosk.closed import Kind, one_of
from kiosk.models.columns import Numbered, moment, reference, unique_where
from kiosk.models.person import PersonColumns


class Participant(PersonColumns, Numbered):
    """One person in one campaign; services/sign_in/participants.match decides who is the same person.

    The two partial unique indexes are the referees of its rules 2 (mobile and name) and 3 (student
    number and school); a person whom neither knows is never merged with anybody.
    """

    __table_args__ = (
        one_of("kind", Kind),
        unique_where("mobile IS NOT NULL", "uq_participant_mobile", "campaign_id", "mobile", "name_key"),
        unique_where(
            "student_no IS NOT NULL", "uq_participant_student_no", "campaign_id", "organisation_id", "student_no"
        ),
    )

    campaign_id: Mapped[int] = reference("campaign.id")  # one by names would cost each sign-in a page of its own
    organisation_id: Mapped[int | None] = reference("organisation.id")
    created_at: Mapped[datetime] = moment()
