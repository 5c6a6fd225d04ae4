"""Links: a secret address gives one screen (display, wall, kiosk) or one phone (steward, group, count) one right at one
event.

The token is shown once and kept as a hash. A link dies when it is revoked and a while after its event (`is_over`).
A kiosk's PIN is hashed together with its token, so that neither the database nor the secret alone says which four
digits open the door.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, get_args

from sqlalchemy import ColumnElement, select, update

from kiosk.clock import utcnow
from kiosk.closed import CountPurpose, DoorPurpose, Screen
from kiosk.extensions import db
from kiosk.models import CountLink, DeviceLink, DoorLink, Event
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.refusals import Refused
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, no_event, unit

Purpose = Literal[Screen, DoorPurpose, CountPurpose]
Kind = Literal["device", "steward", "group", "count"]  # who acts through a link, as sign-ins and the audit log keep it
WhyDead = Literal["revoked", "over", "unknown"]
SCREENS: tuple[Screen, ...] = get_args(Screen)
PURPOSES: dict[Kind, tuple[Purpose, ...]] = {
    "device": SCREENS, "steward": ("steward",), "group": ("group",), "count": ("count",),
}  # fmt: skip
SCREEN_STAYS = timedelta(days=1)  # after the event: screens forgotten in a corridor show nothing old
PHONE_STAYS = timedelta(hours=6)  # after the event: counts on the bus home and back-entry of the day's paper
SEEN_STEP = timedelta(minutes=1)
PIN = re.compile(r"[0-9]{4,6}")


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """A link as pages show it; its token is nowhere."""

    id: int
    event_id: int
    event_code: str
    purpose: Purpose
    label: str = ""  # whose phone
    group_name: str | None = None
    pin_hash: str | None = None  # of a screen
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    is_over: bool  # dead with its event
    campaign_id: int | None = None  # of a screen that follows the agenda, lent to this event (services/door/followers)

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and not self.is_over

    @property
    def kind(self) -> Kind:
        return kind_of(self.purpose)

    @property
    def actor(self) -> str:
        """Return who acts through it, as sign-ins and the audit log keep it."""
        return f"{self.kind}:{self.id}"


@unit
def make(
    session: WriterSession,
    event_id: int,
    purpose: Purpose,
    label: str = "",
    *,
    staff_id: int | None,
    group_name: str | None = None,
    pin: str | None = None,
) -> str:
    """Make a link and return its token, which is never shown again; raise Refused."""
    token, about = new_secret(pin)
    kind = kind_of(purpose)
    is_screen = kind == "device"
    if not is_screen:
        group = {} if kind == "count" else {"group_name": group_name}
        about = {"token_hash": about["token_hash"], "label": label[:60], **group}
        refuse_cleared(session, event_id)  # its label is somebody's name
    link = _table(kind)(event_id=event_id, purpose=purpose, created_by_id=staff_id, created_at=utcnow(), **about)
    session.add(link)
    session.flush()
    changed = {"screen": purpose} if is_screen else {}
    audit.record_row(session, audit.of_staff(staff_id), f"{kind}_link.make", link, **changed)
    return token


def new_secret(pin: str | None) -> tuple[str, dict[str, Any]]:
    """Return the token of a new screen and what is kept of it and of its PIN; raise Refused."""
    if pin is not None and not PIN.fullmatch(pin):
        raise Refused("bad_pin")
    token = new_token()
    return token, {"token_hash": hash_token(token), "pin_hash": None if pin is None else _pin_hash(token, pin)}


def find(token: str | None, kind: Kind) -> LinkView | None:
    """Return the link of this kind behind a token while it is alive, or None."""
    if not token:
        return None
    views = _views(kind, _table(kind).token_hash == hash_token(token))
    return views[0] if views and views[0].is_alive else None


def why_dead(token: str | None, kind: Kind) -> WhyDead:
    """Return why a token opens nothing; one that nobody knows, or that is another event's, is unknown."""
    views = _views(kind, _table(kind).token_hash == hash_token(token)) if token else ()
    if not views or views[0].is_alive:
        return "unknown"
    return "revoked" if views[0].revoked_at is not None else "over"


def list_of(event_id: int, kind: Kind) -> tuple[LinkView, ...]:
    """Return an event's links of one kind, the newest first, the dead ones too."""
    return _views(kind, _table(kind).event_id == event_id)


@unit(event=no_event)
def revoke(session: WriterSession, event_id: int, kind: Kind, link_id: int, *, actor: str = audit.COMMAND) -> bool:
    """Revoke a link of this event; False when it is not there or was revoked before."""
    link = session.get(_table(kind), link_id, with_for_update=True)
    if link is None or link.event_id != event_id or link.revoked_at is not None:
        return False
    link.revoked_at = utcnow()
    audit.record_row(session, actor, f"{kind}_link.revoke", link)
    return True


class Used(Protocol):
    """A link of any kind, of which is known when it was used."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def last_seen_at(self) -> datetime | None: ...


def touch(link: Used) -> None:
    """Note that a link was used, at most once a minute; its page neither waits nor fails for it."""
    now = utcnow()
    if link.last_seen_at is None or now - link.last_seen_at >= SEEN_STEP:
        _note_use.if_free(link.kind, link.id, now)


@unit
def _note_use(session: WriterSession, kind: Kind, link_id: int, now: datetime) -> None:
    table = _table(kind)
    session.execute(update(table).where(table.id == link_id).values(last_seen_at=now))


def is_pin(link: LinkView, token: str, pin: str) -> bool:
    """Tell whether this PIN opens the kiosk; the caller counts misses."""
    return link.pin_hash is not None and link.pin_hash == _pin_hash(token, pin)


def is_over(event: Event, purpose: Purpose) -> bool:
    """Say whether an event's links are dead: a while after the last moment that it names, and after its archiving.

    One that never ends keeps its links. A phone's die at once when the event is archived or purged; a screen's day
    begins with whatever ended the event, a hand that closed it too.
    """
    is_screen = purpose in SCREENS
    if not is_screen and (event.archived_at is not None or event.purged_at is not None):
        return True
    named = (event.ends_at, event.closes_at, event.closed_by_hand_at if is_screen else None)
    ended = event.archived_at or max((moment for moment in named if moment is not None), default=None)
    return ended is not None and utcnow() - ended > (SCREEN_STAYS if is_screen else PHONE_STAYS)


def kind_of(purpose: Purpose) -> Kind:
    """Return the kind of a link: a screen's is a device's."""
    return purpose if purpose in ("steward", "group", "count") else "device"


def _table(kind: Kind) -> type[DeviceLink] | type[DoorLink] | type[CountLink]:
    if kind == "count":
        return CountLink
    return DeviceLink if kind == "device" else DoorLink


def _pin_hash(token: str, pin: str) -> str:
    return hash_token(f"{token} {pin}")


def _views(kind: Kind, condition: ColumnElement[bool]) -> tuple[LinkView, ...]:
    table = _table(kind)
    statement = (
        select(table, Event)
        .join(Event, Event.id == table.event_id)
        .where(condition, table.purpose.in_(PURPOSES[kind]))
        .order_by(table.id.desc())
    )
    return tuple(
        LinkView(**values_for(LinkView, link), event_code=event.code, is_over=is_over(event, link.purpose))
        for link, event in db.session.execute(statement)
    )
