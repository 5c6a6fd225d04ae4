"""Personal passes (个人签到码; docs/product.md 2.8): an address in a QR code that stands for one person of one roster.

A pass is made from the installation's secret; of it only a number is kept, so that it can be printed again, and
withdrawn by the next number. Its letters are as good in capitals: scanners type them with any caps lock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.closed import Method
from kiosk.extensions import db
from kiosk.models import DoorLink, Event, RosterEntry, SignIn
from kiosk.services import codes
from kiosk.services.audit_log import audit
from kiosk.services.codes import BadToken, Ticket
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import sign_ins
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.store.writer import WriterSession, unit

LENGTH = 32
# As a scanner types it, or somebody pastes it: the whole address, or its end.
_TYPED = re.compile(r"(?:\A|/p/)([a-z2-7]{32})/?\Z", re.IGNORECASE)
MOST_TYPED = 400  # characters of an address
WhyDead = Literal["revoked", "over"]


@dataclass(frozen=True)
class PassView:
    """A pass that was made here. `dead` says why it opens no door: it was withdrawn, or its event's people are cleared
    or its event put away."""

    token: str
    entry_id: int
    event: EventView
    dead: WhyDead | None


@dataclass(frozen=True)
class PassLine:
    """A pass as files give it out: whose it is, where they belong, and its address."""

    name: str
    organisation: str
    place: tuple[str, ...]  # group, seat, bus
    url: str


def token_in(typed: str) -> str | None:
    """Return the end of a pass's address in what a scanner typed, None where there is none."""
    match = _TYPED.search(typed[:MOST_TYPED].strip())
    return match[1].lower() if match else None


def find(token: str) -> PassView | None:
    """Return the pass; None for one that was not made here, or whose person is on no list any more."""
    try:
        entry_id, number = codes.read_pass(token)
    except BadToken:
        return None
    columns = (RosterEntry.created_at, RosterEntry.pass_number, RosterEntry.name, Event.code)
    statement = select(*columns).join(Event, Event.id == RosterEntry.event_id).where(RosterEntry.id == entry_id)
    row = db.session.execute(statement).first()
    event = event_views.find(row.code) if row is not None else None
    if row is None or event is None:
        return None
    if not codes.is_same(codes.make_pass(entry_id, number, row.created_at), token.lower()):
        return None
    is_over = event.is_cleared or event.archived_at is not None or not row.name
    dead: WhyDead | None = "over" if is_over else "revoked" if number < row.pass_number else None
    return PassView(token.lower(), entry_id, event, dead)


def scanned(event: EventView, typed: str) -> PassView:
    """Return the pass that a scanner read at one event's door; raise Refused for one that is unknown, dead, or of
    another event."""
    token = token_in(typed)
    one = find(token) if token is not None else None
    if one is None:
        raise Refused("pass_unknown")
    if one.event.id != event.id:
        raise Refused("pass_elsewhere", title=one.event.title)
    if one.dead is not None:
        raise Refused("pass_revoked" if one.dead == "revoked" else "pass_over")
    return one


def sign_in_at_station(one: PassView, key: str, device_link_id: int) -> SignInResult:
    """Sign in whose pass was read at a station, as the phone's own form would; raise SignInRefused."""
    entry = rosters.entry(one.event.id, one.entry_id)
    ticket = Ticket(one.event.id, utcnow(), key, is_kiosk=True)
    return sign_ins.sign_in(
        SignInRequest(
            event=one.event,
            ticket=ticket,
            details=entry.details(),
            method="kiosk",
            device_link_id=device_link_id,
            roster_entry_id=entry.id,
            is_another=True,
        )
    )


def address_of(entry_id: int) -> str:
    """Return the address of the pass that counts of somebody on a roster."""
    row = db.session.execute(select(RosterEntry.pass_number, RosterEntry.created_at).filter_by(id=entry_id)).one()
    return f"{addresses.base_url()}/p/{codes.make_pass(entry_id, *row)}"


def lines(event: EventView, *, entry_id: int | None = None) -> tuple[PassLine, ...]:
    """Return the passes of everybody on the roster in its order, or of one; who is cleared has none."""
    of_one = () if entry_id is None else (RosterEntry.id == entry_id,)
    made = select(RosterEntry.id, RosterEntry.pass_number, RosterEntry.created_at).filter_by(event_id=event.id)
    tokens = {id_: codes.make_pass(id_, number, made_at) for id_, number, made_at in db.session.execute(made)}
    entries, base = rosters.entries(event.id, *of_one), addresses.base_url()
    return tuple(_line(one, f"{base}/p/{tokens[one.id]}") for one in entries if one.name)


def note_taken(event_id: int, what: str, count: int, *, actor: str) -> None:
    """Keep in the audit log who took passes along: whoever holds one can be signed in by it."""
    audit.note(actor, "pass.take", event_id=event_id, changed={"format": what, "rows": count})


@unit
def revoke(session: WriterSession, event_id: int, entry_id: int, *, actor: str) -> None:
    """Withdraw somebody's pass; the next one that is shown or printed is another. Raises Unknown."""
    row = rosters.get(session, event_id, entry_id)
    row.pass_number += 1
    who = {"name": mask_name(row.name)}
    audit.record(session, actor, "pass.revoke", event_id=event_id, subject=f"roster_entry:{entry_id}", changed=who)


def signed_in_by(sign_in_id: int) -> tuple[Method, str]:
    """Return through which door somebody came, and the label of the steward's link that let them in, or ""."""
    statement = select(SignIn.method, DoorLink.label).join(DoorLink, DoorLink.id == SignIn.door_link_id, isouter=True)
    method, label = db.session.execute(statement.where(SignIn.id == sign_in_id)).one()
    return method, label or ""


def _line(entry: EntryView, url: str) -> PassLine:
    where: Sequence[str | None] = (entry.organisation_name, entry.class_name)
    place = tuple(filter(None, (entry.group_name, entry.seat, entry.bus)))
    return PassLine(entry.name, " ".join(filter(None, where)), place, url)
