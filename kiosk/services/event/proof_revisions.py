"""The revision of a campaign's proofs: it grows with every change of one, so that what was counted of them is known to
be so still. Their events' revisions grow with every sign-in."""

from __future__ import annotations

from sqlalchemy import select, update

from kiosk.extensions import db
from kiosk.models import Campaign
from kiosk.services.store.writer import WriterSession


def grow(session: WriterSession, campaign_id: int) -> None:
    """Say, in the unit of work that changes proofs of a campaign, that they have changed."""
    statement = update(Campaign).where(Campaign.id == campaign_id).values(proofs_revision=Campaign.proofs_revision + 1)
    session.execute(statement.execution_options(synchronize_session=False))


def of_campaign(campaign_id: int) -> int:
    """Return the revision of a campaign's proofs."""
    return db.session.scalar(select(Campaign.proofs_revision).where(Campaign.id == campaign_id)) or 0
