"""Series: a name that ties half-days or stops of one campaign, for hours and proofs that count them together."""

from __future__ import annotations

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Campaign, Event, Series
from kiosk.services.names import clean, key_of
from kiosk.services.store.writer import WriterSession, unit


def titles(campaign_id: int) -> dict[int, str]:
    """Return the titles of a campaign's series that tie at least one event, by id, in the order of their making."""
    in_use = select(Event.series_id).where(Event.series_id.is_not(None))
    statement = select(Series.id, Series.title).where(Series.campaign_id == campaign_id, Series.id.in_(in_use))
    return dict(db.session.execute(statement.order_by(Series.id)).tuples().all())


def title_of(series_id: int | None) -> str | None:
    """Return a series' title, or None."""
    return None if series_id is None else db.session.scalar(select(Series.title).where(Series.id == series_id))


def ensure(campaign_id: int, title: str | None) -> int | None:
    """Return the id of the campaign's series of this name, making it when there is none; None for an empty name.

    Names padded for looks, or in another width, are one name (names.key_of).
    """
    title = clean(title or "")[:200]
    return _ensure(campaign_id, title) if title else None


@unit
def _ensure(session: WriterSession, campaign_id: int, title: str) -> int:
    lock(session, campaign_id)
    for series in session.scalars(select(Series).where(Series.campaign_id == campaign_id).order_by(Series.id)):
        if key_of(series.title) == key_of(title):
            return series.id
    made = Series(campaign_id=campaign_id, title=title)
    session.add(made)
    session.flush()
    return made.id


def lock(session: WriterSession, campaign_id: int) -> None:
    """Let one unit of work at a time make what is numbered or named within a campaign.

    On PostgreSQL a row lock that lets sign-ins refer to the campaign meanwhile; SQLite has one writer anyway.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))
