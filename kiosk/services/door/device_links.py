"""Device links: an address that gives one screen one event, and no other right (docs/product.md, "Decided").

Only hashes are kept. A kiosk's PIN is hashed together with its token, so that neither the database nor the
secret alone says which four digits open the door.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import DeviceLink, Event
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.store.writer import WriterBusy, WriterSession, run

log = logging.getLogger(__name__)

Screen = Literal["display", "kiosk", "wall"]
DEAD_AFTER = timedelta(days=1)  # after the event: screens forgotten in a corridor show nothing old
TOUCH_EVERY = timedelta(minutes=1)
PIN = re.compile(r"[0-9]{4,6}")


class PinRefused(ValueError):
    """A PIN that is not four to six digits."""


@dataclass(frozen=True)
class DeviceLinkView:
    """A link as pages show it; its token is nowhere."""

    id: int
    event_id: int
    event_code: str
    screen: Screen
    pin_hash: str | None
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    is_over: bool  # the event ended more than a day ago

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and not self.is_over

    @property
    def actor(self) -> str:
        """Return who acts through it, as the audit log keeps it."""
        return f"device:{self.id}"


def make(event_id: int, screen: Screen, created_by_id: int | None, pin: str | None = None) -> str:
    """Make a link and return its token, which is never shown again; raise PinRefused."""
    if pin is not None and not PIN.fullmatch(pin):
        raise PinRefused(screen)
    token = new_token()

    def work(session: WriterSession) -> None:
        link = DeviceLink(
            event_id=event_id,
            screen=screen,
            token_hash=hash_token(token),
            pin_hash=None if pin is None else _pin_hash(token, pin),
            created_by_id=created_by_id,
            created_at=utcnow(),
        )
        session.add(link)
        session.flush()
        actor, subject = audit.of_staff(created_by_id), f"device_link:{link.id}"
        audit.record(session, actor, "device_link.make", event_id=event_id, subject=subject, changed={"screen": screen})

    run(work)
    return token


def find(token: str | None) -> DeviceLinkView | None:
    """Return the link of this token while it is alive: not revoked, its event not over by more than a day."""
    if not token:
        return None
    found = _views(DeviceLink.token_hash == hash_token(token))
    return found[0] if found and found[0].is_alive else None


def list_for(event_id: int) -> tuple[DeviceLinkView, ...]:
    """Return an event's links, the newest first, the dead ones too."""
    return _views(DeviceLink.event_id == event_id)


def revoke(event_id: int, link_id: int, *, actor: str = audit.COMMAND) -> bool:
    """Revoke a link of this event; False when it is not there or was revoked before."""

    def work(session: WriterSession) -> bool:
        wanted = update(DeviceLink).where(
            DeviceLink.id == link_id, DeviceLink.event_id == event_id, DeviceLink.revoked_at.is_(None)
        )
        if session.scalar(wanted.values(revoked_at=utcnow()).returning(DeviceLink.id)) is None:
            return False
        audit.record(session, actor, "device_link.revoke", event_id=event_id, subject=f"device_link:{link_id}")
        return True

    return run(work)


def touch(link: DeviceLinkView) -> None:
    """Note that the screen is there, at most once a minute; a busy writer is no reason to fail its page."""
    now = utcnow()
    if link.last_seen_at is not None and now - link.last_seen_at < TOUCH_EVERY:
        return

    def work(session: WriterSession) -> None:
        session.execute(update(DeviceLink).where(DeviceLink.id == link.id).values(last_seen_at=now))

    try:
        run(work)
    except WriterBusy:
        log.info("a screen's last visit was not noted: the writer is busy")


def is_pin(link: DeviceLinkView, token: str, pin: str) -> bool:
    """Tell whether this PIN opens the kiosk; the caller counts misses."""
    return link.pin_hash is not None and link.pin_hash == _pin_hash(token, pin)


def _pin_hash(token: str, pin: str) -> str:
    return hash_token(f"{token} {pin}")


def _views(condition: object) -> tuple[DeviceLinkView, ...]:
    statement = (
        select(DeviceLink, Event)
        .join(Event, Event.id == DeviceLink.event_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(DeviceLink.id.desc())
        .execution_options(populate_existing=True)
    )
    return tuple(
        DeviceLinkView(
            id=link.id,
            event_id=link.event_id,
            event_code=event.code,
            screen=link.screen,
            pin_hash=link.pin_hash,
            created_at=link.created_at,
            last_seen_at=link.last_seen_at,
            revoked_at=link.revoked_at,
            is_over=_is_over(event),
        )
        for link, event in db.session.execute(statement)
    )


def _is_over(event: Event) -> bool:
    """Judge by the last moment that the event names; one that never ends keeps its screens."""
    moments = [moment for moment in (event.ends_at, event.closes_at, event.closed_by_hand_at) if moment is not None]
    ended = event.archived_at or (max(moments) if moments else None)
    return ended is not None and utcnow() - ended > DEAD_AFTER
