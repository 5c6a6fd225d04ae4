"""Links that give one phone one right at one event: to work its door (steward), or to sign one group in.

The token is shown once and kept as a hash. A link dies when it is revoked, when the event is archived, and a while
after the event is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import DoorLink, Event
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.store.writer import WriterSession, run

OVER_AFTER = timedelta(hours=6)  # after the end: counts on the bus home and back-entry of the day's paper
SEEN_STEP = timedelta(minutes=1)
Purpose = Literal["steward", "group"]


@dataclass(frozen=True)
class DoorLinkView:
    """A link that is alive, or, in a list, any link of an event."""

    id: int
    event_id: int
    event_code: str
    purpose: Purpose
    label: str
    group_name: str | None
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    is_over: bool  # dead with its event

    @property
    def actor(self) -> str:
        """Return who acts through it, as sign-ins and the audit log keep it."""
        return f"{self.purpose}:{self.id}"


def make(event_id: int, purpose: Purpose, label: str, *, staff_id: int | None, group_name: str | None = None) -> str:
    """Make a link and return its token, which is never shown again."""
    token = new_token()

    def work(session: WriterSession) -> str:
        refuse_cleared(session, event_id)  # its label is somebody's name
        link = DoorLink(
            event_id=event_id,
            purpose=purpose,
            label=label[:60],
            group_name=group_name,
            token_hash=hash_token(token),
            created_by_id=staff_id,
            created_at=utcnow(),
        )
        session.add(link)
        session.flush()
        audit.record(
            session, audit.of_staff(staff_id), f"{purpose}_link.make", event_id=event_id, subject=f"door_link:{link.id}"
        )
        return token

    return run(work, event_id=event_id)


def revoke(link_id: int, *, event_id: int, staff_id: int | None) -> None:
    """Take a link back; a repeat changes nothing."""

    def work(session: WriterSession) -> None:
        link = session.get(DoorLink, link_id)
        if link is None or link.event_id != event_id or link.revoked_at is not None:
            return
        link.revoked_at = utcnow()
        audit.record(
            session,
            audit.of_staff(staff_id),
            f"{link.purpose}_link.revoke",
            event_id=event_id,
            subject=f"door_link:{link_id}",
        )

    run(work)


def find(token: str, purpose: Purpose) -> DoorLinkView | None:
    """Return the link behind a token while it is alive, or None."""
    statement = (
        select(DoorLink, Event)
        .join(Event, Event.id == DoorLink.event_id)
        .where(DoorLink.token_hash == hash_token(token), DoorLink.purpose == purpose)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(statement).first()
    if row is None or row[0].revoked_at is not None or is_over(row[1]):
        return None
    return _view(*row)


def list_of(event_id: int, purpose: Purpose) -> tuple[DoorLinkView, ...]:
    """Return an event's links of one purpose, the newest first."""
    statement = select(DoorLink, Event).join(Event, Event.id == DoorLink.event_id)
    wanted = statement.where(DoorLink.event_id == event_id, DoorLink.purpose == purpose).order_by(DoorLink.id.desc())
    return tuple(_view(*row) for row in db.session.execute(wanted))


def touch(link: DoorLinkView) -> None:
    """Note that a link was used, at most once a minute."""
    now = utcnow()
    if link.last_seen_at is not None and now - link.last_seen_at < SEEN_STEP:
        return

    def work(session: WriterSession) -> None:
        kept = session.get(DoorLink, link.id)
        if kept is not None:
            kept.last_seen_at = now

    db.session.rollback()
    run(work)


def is_over(event: Event) -> bool:
    """Say whether an event's links are dead: it is archived, purged, or over for a while."""
    if event.archived_at is not None or event.purged_at is not None:
        return True
    ends = [moment for moment in (event.ends_at, event.closes_at) if moment is not None]
    return bool(ends) and utcnow() > max(ends) + OVER_AFTER


def _view(link: DoorLink, event: Event) -> DoorLinkView:
    return DoorLinkView(
        id=link.id,
        event_id=link.event_id,
        event_code=event.code,
        purpose=link.purpose,  # type: ignore[arg-type]
        label=link.label,
        group_name=link.group_name,
        created_at=link.created_at,
        last_seen_at=link.last_seen_at,
        revoked_at=link.revoked_at,
        is_over=is_over(event),
    )
