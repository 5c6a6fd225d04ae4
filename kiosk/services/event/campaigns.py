"""Campaigns: made, found, listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Campaign, Event
from kiosk.services.audit_log import audit
from kiosk.services.codes import new_code, normalise_code
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import known, values_for
from kiosk.services.store.writer import WriterSession, unit

PALETTES = ("river", "pine", "plum", "amber", "slate", "ceremony")
DEFAULT_TITLE = "活动"


@dataclass(frozen=True)
class CampaignDraft:
    """What staff type of a campaign; a title is enough."""

    title: str
    title_alt: str | None = None
    host: str | None = None
    host_alt: str | None = None
    palette: str = "river"
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class CampaignRow(CampaignDraft):
    """A campaign as lists and pages show it."""

    id: int
    code: str
    owner_id: int | None
    is_default: bool
    archived_at: datetime | None
    events: int


def create(draft: CampaignDraft, *, owner_id: int | None = None, actor: str = audit.COMMAND) -> CampaignRow:
    """Make a campaign and return it; without an owner it is the admins'."""
    return get(_create(draft, owner_id, actor))


@unit
def _create(session: WriterSession, draft: CampaignDraft, owner_id: int | None, actor: str) -> int:
    campaign_id = add(session, draft, is_default=False, owner_id=owner_id)
    audit.record(session, actor, "campaign.create", subject=f"campaign:{campaign_id}")
    return campaign_id


def add(session: WriterSession, draft: CampaignDraft, *, is_default: bool, owner_id: int | None = None) -> int:
    """Make a campaign within a unit of work and return its id."""
    about = {"is_default": is_default, "owner_id": owner_id, "created_at": utcnow()}
    campaign = Campaign(code=free_code(session), **about, **vars(draft))
    session.add(campaign)
    session.flush()
    return campaign.id


def update(campaign_id: int, draft: CampaignDraft, *, actor: str = audit.COMMAND) -> CampaignRow:
    """Change a campaign; raise Unknown."""
    _change(campaign_id, vars(draft), "campaign.update", actor, is_told=True)
    return get(campaign_id)


def set_archived(campaign_id: int, *, is_archived: bool, actor: str = audit.COMMAND) -> CampaignRow:
    """Put a campaign away, or take it out again; its events stay as they are. Raises Unknown."""
    archived_at, action = (utcnow(), "campaign.archive") if is_archived else (None, "campaign.take_out")
    _change(campaign_id, {"archived_at": archived_at}, action, actor)
    return get(campaign_id)


@unit
def _change(
    session: WriterSession,
    campaign_id: int,
    values: Mapping[str, Any],
    action: str,
    actor: str,
    *,
    is_told: bool = False,
) -> None:
    campaign = known(session, Campaign, campaign_id)
    changed = {"fields": audit.differences(campaign, values)} if is_told else None
    for name, value in values.items():
        setattr(campaign, name, value)
    audit.record(session, actor, action, subject=f"campaign:{campaign_id}", changed=changed)


def get(campaign_id: int) -> CampaignRow:
    """Return a campaign; raise Unknown."""
    for row in _rows(Campaign.id == campaign_id):
        return row
    raise Unknown("campaign", campaign_id)


def find(code: str) -> CampaignRow | None:
    """Return the campaign with this code, however it was typed, or None."""
    return next(iter(_rows(Campaign.code == normalise_code(code))), None)


def list_all() -> tuple[CampaignRow, ...]:
    """Return every campaign, the newest first, archived ones last."""
    return _rows()


def default_id(session: WriterSession) -> int:
    """Return the default campaign's id, making it when there is none yet."""
    known = session.scalar(select(Campaign.id).where(Campaign.is_default).order_by(Campaign.id))
    return known or add(session, CampaignDraft(DEFAULT_TITLE, "Events"), is_default=True)


def free_code(session: WriterSession) -> str:
    """Return a code that neither an event nor a campaign has: both are typed at the same place."""
    while True:
        code = new_code()
        taken = session.scalar(select(Event.id).where(Event.code == code)) or session.scalar(
            select(Campaign.id).where(Campaign.code == code)
        )
        if not taken:
            return code


def _rows(*conditions: ColumnElement[bool]) -> tuple[CampaignRow, ...]:
    events = select(func.count()).where(Event.campaign_id == Campaign.id).scalar_subquery()
    # The campaign around a rehearsal (services/rehearsals) is in no list and opens by no code.
    rehearsed = select(Event.campaign_id).where(Event.is_rehearsal)
    statement = select(Campaign, events).where(Campaign.id.not_in(rehearsed), *conditions)
    statement = statement.order_by(Campaign.archived_at.is_not(None), Campaign.id.desc())
    rows = db.session.execute(statement)
    return tuple(CampaignRow(**values_for(CampaignRow, campaign), events=count) for campaign, count in rows)
