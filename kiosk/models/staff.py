"""Staff, their sessions, and the events that they share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.extensions import Base
from kiosk.models.columns import Numbered, moment, reference, text

ROLES = ("admin", "organiser", "viewer")


class Staff(Numbered):
    """A person with an account. Participants never have one."""

    __table_args__ = (CheckConstraint("role IN ('admin', 'organiser', 'viewer')", name="role"),)

    email: Mapped[str] = text(200, "contact", unique=True)
    name: Mapped[str | None] = text(60, "name")
    role: Mapped[str] = text(10)
    password_hash: Mapped[str] = text(200, "technical")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = moment()


class StaffSession(Numbered):
    """One browser that is logged in; revocable, so that "log out everywhere" means it."""

    staff_id: Mapped[int] = reference("staff.id", ondelete="CASCADE")
    token_hash: Mapped[str] = text(64, "technical", unique=True)
    # HMAC of address and user agent: the organiser's own browser never counts as a phone (docs/product.md 0.1).
    browser_hash: Mapped[str] = text(64, "technical", index=True)
    created_at: Mapped[datetime] = moment()
    last_seen_at: Mapped[datetime] = moment()
    expires_at: Mapped[datetime] = moment()
    revoked_at: Mapped[datetime | None] = moment()


class CampaignShare(Base):
    """Another organiser who may run this campaign."""

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)


class EventShare(Base):
    """Another organiser who may run this event."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
