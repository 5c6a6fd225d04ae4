"""Leaving and coming back where nobody of the staff helps: on one's own phone and at the station (docs/product.md
1.13). Hand work is services/door/hand_work; each ends in services/sign_in/movements.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import or_, select

from kiosk.clock import utcnow
from kiosk.closed import Direction
from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.services import codes
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import BadToken
from kiosk.services.door import look_ups, misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.door.receipts import ReceiptView
from kiosk.services.event.event_views import EventView
from kiosk.services.names import mask_mobile, mask_name, name_key_of
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in import movements
from kiosk.services.sign_in.movements import SELF, Moved

# What a phone that holds its own sign-in is offered: nothing before the start, the way out, the way back, nothing more.
Step = Literal["later", "out", "back", "over"]
WAYS: dict[str, Direction] = {"out": "out", "back": "in"}  # as they stand in addresses
SHOWN = 8  # people of one name or of the same four digits, at most
WINDOW = timedelta(minutes=10)
MISSES = 30  # of a station in a window; then four digits do not do any more


@dataclass(frozen=True)
class Offer:
    """What a phone may do just now; `key` makes its next tap one act; in so many `seconds` it may do more."""

    step: Step
    key: str
    until: datetime | None
    seconds: int | None


@dataclass(frozen=True)
class Leaver:
    """Somebody who has arrived, masked, as the station shows them to whoever typed four digits or the name."""

    sign_in_id: int
    name: str
    mobile: str
    organisation: str | None
    is_out: bool


def offer(event: EventView, receipt: ReceiptView) -> Offer | None:
    """Return what this phone is offered about its own sign-in; None where the event wants no sign-out, or it is not
    the phone's own, or not in."""
    waits = receipt.is_wait_listed or receipt.is_unconfirmed
    is_in = not (receipt.is_trial or waits or receipt.is_voided or receipt.is_cleared)
    if not (event.wants_sign_out and receipt.is_own and is_in) or receipt.is_kiosk:
        return None
    step = _step(event, receipt)
    seconds = int((event.sign_out_from - utcnow()).total_seconds()) + 1 if step == "later" else None
    return Offer(step, codes.new_token()[:20], event.sign_out_until, seconds)


def may_sign_out(event: EventView) -> bool:
    """Say whether people who come by now may want to sign out."""
    until, now = event.sign_out_until, utcnow()
    return event.wants_sign_out and event.sign_out_from <= now and (until is None or now <= until)


def by_receipt(event: EventView, token: str, way: str, key: str) -> Moved:
    """Let the person out, or in again, whose phone holds this success page. Raises BadToken, Unknown or Refused."""
    receipt = codes.read_receipt(token)
    if not receipt.is_own:
        raise BadToken("a repeat's page")
    return movements.move(event.id, receipt.sign_in_id, WAYS[way], Hand(SELF, key or None), method="self")


def by_look_up(event: EventView, sign_in_id: int, way: str, key: str) -> Moved:
    """The same for who has typed their name and their number. Raises Unknown or Refused."""
    return movements.move(event.id, sign_in_id, WAYS[way], Hand(SELF, key), method="self")


def at_station(event: EventView, sign_in_id: int, way: str, key: str) -> Moved:
    """The same for who has tapped themselves at the station. Raises Unknown or Refused."""
    if not _is_shown(event, sign_in_id):
        raise Unknown("sign-in", sign_in_id)
    return movements.move(event.id, sign_in_id, WAYS[way], Hand(SELF, key), method="kiosk")


def find_at_station(event: EventView, typed: str) -> tuple[Leaver, ...]:
    """Return whom four digits of a mobile, or a whole name, mean among those who arrived; minors never.

    Raises Refused("spent") for digits after too many misses.
    """
    last4 = look_ups.last_four(typed)
    if last4 is not None and _missed(event) >= MISSES:
        raise Refused("spent")
    if last4 is None:
        meant: Any = SignIn.name_key == name_key_of(typed)
    else:
        listed = select(RosterEntry.id).where(RosterEntry.event_id == event.id, RosterEntry.mobile_last4 == last4)
        meant = or_(SignIn.mobile.endswith(last4, autoescape=True), SignIn.roster_entry_id.in_(listed))
    statement = select(SignIn).where(*_shown(event), meant).order_by(SignIn.signed_in_at, SignIn.id).limit(SHOWN)
    people = [_leaver(row) for row in db.session.scalars(statement)]
    if not people:
        _count_miss(event)
    return tuple(people)


def _step(event: EventView, receipt: ReceiptView) -> Step:
    now, until = utcnow(), event.sign_out_until
    if until is not None and now > until:
        return "over"
    if receipt.left_at is not None:
        return "back"
    return "later" if now < event.sign_out_from else "out"


def _shown(event: EventView) -> tuple[Any, ...]:
    conditions = (SignIn.event_id == event.id, SignIn.has_arrived, SignIn.name != "")
    return (*conditions, SignIn.kind != "student") if event.are_students_minors else conditions


def _is_shown(event: EventView, sign_in_id: int) -> bool:
    return db.session.scalar(select(SignIn.id).where(*_shown(event), SignIn.id == sign_in_id)) is not None


def _leaver(row: SignIn) -> Leaver:
    is_out = row.left_at is not None
    return Leaver(row.id, mask_name(row.name), mask_mobile(row.mobile), row.organisation_name, is_out)


def _missed(event: EventView) -> int:
    try:
        return misses.read(_key(event), window=WINDOW)
    except StoreAway:
        return MISSES


def _count_miss(event: EventView) -> None:
    try:
        if misses.count(_key(event), window=WINDOW) == 1:
            misses.forget_old("station", window=WINDOW)
    except StoreAway:
        return  # said in the log


def _key(event: EventView) -> str:
    return f"station:{event.id}"
