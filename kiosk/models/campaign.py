"""Campaigns (系列活动) and the series that tie half-days or stops together."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from kiosk.models.columns import Numbered, moment, reference, text


class Campaign(Numbered):
    """Quality Month: what events, participants and the report belong to."""

    code: Mapped[str] = text(6, unique=True)
    owner_id: Mapped[int | None] = reference("staff.id")  # None: the admins'
    title: Mapped[str] = text(200)
    title_alt: Mapped[str | None] = text(200)  # the second language; screens fall back to the first
    host: Mapped[str | None] = text(200)  # 主办单位, as printed
    host_alt: Mapped[str | None] = text(200)
    palette: Mapped[str] = text(20, default="river")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    is_default: Mapped[bool] = mapped_column(default=False)  # events made without a campaign go here
    archived_at: Mapped[datetime | None] = moment()
    proofs_revision: Mapped[int] = mapped_column(default=0, server_default="0")  # services/event/proof_revisions
    created_at: Mapped[datetime] = moment()


class Series(Numbered):
    """A name that ties some events of a campaign, such as the two half-days of one training."""

    campaign_id: Mapped[int] = reference("campaign.id")
    title: Mapped[str] = text(200)
