"""Who may change a campaign and make events in it; the organisers it is shared with (docs/product.md 3.6).

Everybody of the staff looks at campaigns: codes, colours, the report. Nobody's campaign is the admins'; in the default
one every organiser makes events.
"""

from __future__ import annotations

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import CampaignShare, Staff
from kiosk.services.account.staff import StaffView, view_of
from kiosk.services.audit_log import audit
from kiosk.services.event import campaigns
from kiosk.services.event.campaigns import CampaignRow
from kiosk.services.event.event_access import organiser_called
from kiosk.services.store.writer import WriterSession, unit


def may_run(staff: StaffView, campaign: CampaignRow) -> bool:
    """Say whether this person may change, archive and share a campaign: admins, whose it is, whom it is shared with."""
    if staff.role != "organiser":
        return staff.role == "admin"
    return campaign.owner_id == staff.id or db.session.get(CampaignShare, (campaign.id, staff.id)) is not None


def may_fill(staff: StaffView, campaign: CampaignRow) -> bool:
    """Say whether this person may make events in a campaign."""
    return may_run(staff, campaign) or (campaign.is_default and staff.may_organise)


def fillable(staff: StaffView, present: int | None = None) -> tuple[CampaignRow, ...]:
    """Return the campaigns that an event may be put into: no archived one, but always the `present` one."""
    shared = set(db.session.scalars(select(CampaignShare.campaign_id).where(CampaignShare.staff_id == staff.id)))
    return tuple(
        row
        for row in campaigns.list_all()
        if row.id == present
        or row.archived_at is None
        and (staff.is_admin or row.is_default or row.owner_id == staff.id or row.id in shared)
    )


def shared_with(campaign_id: int) -> tuple[StaffView, ...]:
    """Return the organisers a campaign is shared with, by e-mail."""
    of_campaign = CampaignShare.campaign_id == campaign_id
    statement = select(Staff).join(CampaignShare, CampaignShare.staff_id == Staff.id).where(of_campaign)
    return tuple(map(view_of, db.session.scalars(statement.order_by(Staff.email))))


@unit
def share(session: WriterSession, campaign_id: int, email: str, *, actor: str = audit.COMMAND) -> None:
    """Let another organiser run this campaign; a repeat changes nothing. Raises Refused."""
    other = organiser_called(session, email)
    if session.get(CampaignShare, (campaign_id, other.id)) is None:
        session.add(CampaignShare(campaign_id=campaign_id, staff_id=other.id))
        _record(session, actor, "campaign.share", campaign_id, other.id)


@unit
def unshare(session: WriterSession, campaign_id: int, staff_id: int, *, actor: str = audit.COMMAND) -> None:
    """Take an organiser off this campaign again; events in it stay where they are."""
    share_of = session.get(CampaignShare, (campaign_id, staff_id))
    if share_of is not None:
        session.delete(share_of)
        _record(session, actor, "campaign.unshare", campaign_id, staff_id)


def _record(session: WriterSession, actor: str, action: str, campaign_id: int, staff_id: int) -> None:
    subject = f"campaign:{campaign_id}"
    audit.record(session, actor, action, subject=subject, changed={"staff": staff_id})
