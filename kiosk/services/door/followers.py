"""Screens that follow the agenda (docs/product.md 2.9): a device link of a campaign, or of a place within one, shows
the event that is on there and goes on to the next one by itself.

A place is a venue of the campaign's events. The screen shows an event only as long as whoever made its link may run
that very event: what groups events gives a right to none of them. The command line may run all. Such a link ends when
it is revoked, when its campaign is archived, when its maker's account is put away, and a month after the last event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from kiosk.clock import utcnow
from kiosk.closed import Screen
from kiosk.extensions import db
from kiosk.models import Campaign, DeviceLink, Event, Staff
from kiosk.services.account.staff import StaffView, view_of
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token
from kiosk.services.door import links
from kiosk.services.door.links import Kind, LinkView, WhyDead
from kiosk.services.event import agenda, event_access, event_views
from kiosk.services.event.agenda import Slot
from kiosk.services.event.event_views import EventView
from kiosk.services.names import key_of
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import known, values_for
from kiosk.services.store.writer import WriterSession, unit

STAYS = timedelta(days=30)  # after the last event, or its making: as long as the browser keeps it


@dataclass(frozen=True, kw_only=True)
class FollowerView:
    """The link of a screen that follows the agenda; its token is nowhere."""

    id: int
    campaign_id: int
    place: str | None
    purpose: Screen
    pin_hash: str | None
    created_by_id: int | None
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    is_over: bool

    @property
    def kind(self) -> Kind:
        return "device"

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and not self.is_over


def make(
    campaign_id: int, screen: Screen, *, place: str | None = None, staff_id: int | None, pin: str | None = None
) -> str:
    """Make a link and return its token, which is never shown again.

    Raises Unknown for a campaign, or a place at which its maker may run nothing, and Refused for a PIN.
    """
    if place is not None:
        maker = None if staff_id is None else view_of(known(db.session, Staff, staff_id))
        place = next((one for one in places(campaign_id, maker) if key_of(one) == key_of(place)), None)
        if place is None:
            raise Unknown("place", "of that name in this campaign")
    return _make(campaign_id, screen, place, staff_id, pin)


@unit
def _make(
    session: WriterSession, campaign_id: int, screen: Screen, place: str | None, staff_id: int | None, pin: str | None
) -> str:
    known(session, Campaign, campaign_id)
    token, hashes = links.new_secret(pin)
    about = {"purpose": screen, "campaign_id": campaign_id, "place": place, "created_by_id": staff_id}
    link = DeviceLink(**about, **hashes, created_at=utcnow())
    session.add(link)
    session.flush()
    changed = {"screen": screen, "campaign": campaign_id, **({} if place is None else {"place": place})}
    audit.record_row(session, audit.of_staff(staff_id), "device_link.make", link, **changed)
    return token


def find(token: str | None) -> FollowerView | None:
    """Return the link behind a token while it is alive, or None."""
    views = _views(DeviceLink.token_hash == hash_token(token)) if token else ()
    return views[0] if views and views[0].is_alive else None


def why_dead(token: str | None) -> WhyDead:
    """Return why a token opens nothing, whatever screen's it is."""
    views = _views(DeviceLink.token_hash == hash_token(token)) if token else ()
    if not views or views[0].is_alive:
        return links.why_dead(token, "device")
    return "revoked" if views[0].revoked_at is not None else "over"


def list_of(campaign_id: int) -> tuple[FollowerView, ...]:
    """Return a campaign's links, the newest first, the dead ones too."""
    return _views(DeviceLink.campaign_id == campaign_id)


@unit
def revoke(session: WriterSession, campaign_id: int, link_id: int, *, actor: str = audit.COMMAND) -> bool:
    """Revoke a link of this campaign; False when it is not there or was revoked before."""
    link = session.get(DeviceLink, link_id, with_for_update=True)
    if link is None or link.campaign_id != campaign_id or link.revoked_at is not None:
        return False
    link.revoked_at = utcnow()
    audit.record_row(session, actor, "device_link.revoke", link, campaign=campaign_id)
    return True


def places(campaign_id: int, maker: StaffView | None) -> tuple[str, ...]:
    """Return the venues of a campaign's events that this person may run, each once, by name; without one of all."""
    wanted = select(Event.id, Event.venue).where(*_of_campaign(campaign_id), Event.venue.is_not(None))
    venues = dict(db.session.execute(wanted).tuples().all())
    allowed = venues.keys() if maker is None else event_access.runnable_ids(maker, venues)
    by_key = {key_of(venue): venue for of, venue in venues.items() if venue and of in allowed}
    return tuple(sorted(by_key.values()))


def present(link: FollowerView) -> EventView | None:
    """Return the event that is on where this screen stands (agenda.present), or None."""
    slot = agenda.present(_slots(link).values(), utcnow())
    return None if slot is None else event_views.find(slot.code)


def lend(link: FollowerView, event: EventView) -> LinkView | None:
    """Return the link as one of this event, on whose addresses a station works; None where it is not one of its own.

    An event that is not on any more is still its own: whoever has begun to type there is not thrown away.
    """
    if event.id not in _slots(link):
        return None
    about = {"event_id": event.id, "event_code": event.code, "campaign_id": link.campaign_id}
    return LinkView(**values_for(LinkView, link) | about)


def _slots(link: FollowerView) -> Mapping[int, Slot]:
    """Return the events that this screen may show."""
    columns = (*(getattr(Event, name) for name in Slot.__dataclass_fields__), Event.venue)
    rows = db.session.execute(select(*columns).where(*_of_campaign(link.campaign_id))).all()
    wanted = [row for row in rows if link.place is None or key_of(row.venue or "") == key_of(link.place)]
    ids = {row.id for row in wanted}
    if link.created_by_id is not None:
        ids &= event_access.runnable_ids(view_of(known(db.session, Staff, link.created_by_id)), ids)
    return {row.id: Slot(**values_for(Slot, row)) for row in wanted if row.id in ids}


def _of_campaign(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    away = Event.archived_at.is_(None), Event.purged_at.is_(None), ~Event.is_rehearsal
    return Event.campaign_id == campaign_id, *away


def _views(condition: ColumnElement[bool]) -> tuple[FollowerView, ...]:
    statement = (
        select(DeviceLink, Campaign.archived_at, Staff.is_active)
        .join(Campaign, Campaign.id == DeviceLink.campaign_id)
        .join(Staff, Staff.id == DeviceLink.created_by_id, isouter=True)
        .where(condition)
        .order_by(DeviceLink.id.desc())
    )
    rows = db.session.execute(statement).all()
    return tuple(
        FollowerView(
            **values_for(FollowerView, link),
            is_over=archived_at is not None or is_active is False or _is_forgotten(link),
        )
        for link, archived_at, is_active in rows
    )


def _is_forgotten(link: DeviceLink) -> bool:
    """Say whether nothing has been on in its campaign for long, nor will be."""
    if utcnow() - link.created_at <= STAYS:
        return False
    end = func.coalesce(Event.closes_at, Event.ends_at, Event.starts_at, Event.created_at)
    last = db.session.scalar(select(func.max(end)).where(*_of_campaign(link.campaign_id or 0)))
    return last is None or utcnow() - last > STAYS
