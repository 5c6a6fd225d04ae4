"""Links: secret addresses that give one screen or one phone one right, at one event or, a screen's, at each event of a
campaign in turn. Only the token's hash is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.closed import CountPurpose, DoorPurpose, Screen, one_of
from kiosk.models.columns import Numbered, moment, reference, text


class Link(Numbered):
    """What all kinds have. Each has its table, since sign-ins, groups and the audit log name a link by its number."""

    __abstract__ = True

    event_id: Mapped[Any]
    purpose: Mapped[str]
    token_hash: Mapped[str] = text(64, "technical", unique=True)
    created_by_id: Mapped[int | None] = reference("staff.id")
    created_at: Mapped[datetime] = moment()
    last_seen_at: Mapped[datetime | None] = moment()
    revoked_at: Mapped[datetime | None] = moment()


class DeviceLink(Link):
    """One screen of one event, or of a campaign's events as they come (services/door/followers), and no other right."""

    __table_args__ = (
        one_of("screen", Screen),
        CheckConstraint("(event_id IS NULL) <> (campaign_id IS NULL)", name="whose"),
    )

    event_id: Mapped[int | None] = reference("event.id", ondelete="CASCADE")
    campaign_id: Mapped[int | None] = reference("campaign.id", ondelete="CASCADE")
    place: Mapped[str | None] = text(200)  # a venue of the campaign: its events only; None: all of them
    purpose: Mapped[str] = mapped_column("screen", String(10), info={"personal": "no"})
    pin_hash: Mapped[str | None] = text(200, "technical")  # leaving a kiosk needs it


class DoorLink(Link):
    """A phone that works an event's door (steward), or signs one group in."""

    __table_args__ = (one_of("purpose", DoorPurpose),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    purpose: Mapped[str] = text(10)
    label: Mapped[str] = text(60, "name")  # whose phone: 王老师
    group_name: Mapped[str | None] = text(60, "identity")  # the part of the roster that a group link may tick


class CountLink(Link):
    """A phone that counts people without a name, and has no other right."""

    __table_args__ = (one_of("purpose", CountPurpose),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    purpose: Mapped[str] = text(10)
    label: Mapped[str] = text(60, "name")  # whose phone, or where: 东门
