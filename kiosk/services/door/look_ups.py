"""Known people find themselves on the roster by the last four digits of their mobile (docs/product.md 1.10).

What a guesser may learn is bounded by misses, never by address: four hundred people share one. Misses are counted
per ticket and per event; beyond the event's budget the look-up also asks for the name's first character, beyond
twice the budget for the name, whose misses are then counted too. It never closes. Students are never looked up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import func, or_, select

from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationAlias, RosterEntry, SignIn
from kiosk.services import codes
from kiosk.services.door import misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.names import key_of, mask_mobile, mask_name, name_key_of, normalise_mobile, unified
from kiosk.services.refusals import Refused, SignInRefused
from kiosk.services.store.recent import Recent
from kiosk.services.store.writer import end_read

WINDOW = timedelta(minutes=10)
TICKET_MISSES = 5
LEAST_BUDGET = 30  # misses an event has in a window, however short its roster
ROSTERS = Recent[int, tuple[bool, bool]]("kiosk_look_ups", seconds=1.0)  # every page asks
STUDENT = "student"

Asks = Literal["initial", "name"]


class MoreAsked(Exception):
    """The digits alone are not enough any more; `asks` says what else is wanted. Nothing was judged."""

    def __init__(self, asks: Asks) -> None:
        super().__init__(asks)
        self.asks = asks


@dataclass(frozen=True)
class Candidate:
    """Somebody on the roster as a phone may see them: masked, the organisation in full."""

    entry_id: int
    kind: str
    name: str
    mobile: str
    organisation: str | None
    detail: str | None  # only where two would look the same


def is_offered(event_id: int) -> bool:
    """Say whether anybody can be looked up at this event. At most a second old."""
    return _roster(event_id)[1]


def has_roster(event_id: int) -> bool:
    """Say whether this event expects anybody by name who is no student. At most a second old."""
    return _roster(event_id)[0]


def _roster(event_id: int) -> tuple[bool, bool]:
    """Whether somebody is listed, and somebody with a mobile."""
    known = ROSTERS.find(event_id)
    if known is not None:
        return known
    listed = select(RosterEntry.id).where(RosterEntry.event_id == event_id, RosterEntry.kind != STUDENT).limit(1)
    is_listed = db.session.scalar(listed) is not None
    has_mobile = is_listed and db.session.scalar(listed.where(RosterEntry.mobile_last4.is_not(None))) is not None
    return ROSTERS.keep(event_id, (is_listed, has_mobile))


def last_four(typed: str) -> str | None:
    """Return the four digits that were typed, of a whole mobile its last four; None when it is neither."""
    digits = "".join(unified(typed).split())
    if len(digits) == 4 and digits.isascii() and digits.isdigit():
        return digits
    mobile = normalise_mobile(typed)
    return mobile[-4:] if mobile else None


def find(event_id: int, ticket_key: str, last4: str, typed_name: str = "") -> tuple[Candidate, ...]:
    """Return whom these digits may mean; nobody is a miss, and is counted.

    `typed_name` counts only once it is asked for. Raises MoreAsked, or Refused("spent") for a page or a name
    that has missed TICKET_MISSES times, before anything is judged, so that neither tells anything.
    """
    asks, wanted = asked(event_id), key_of(typed_name)
    if asks is not None and len(wanted) < (1 if asks == "initial" else 2):
        raise MoreAsked(asks)
    small = [f"look_up.ticket:{ticket_key}"]
    conditions = [*_listed(event_id), RosterEntry.mobile_last4 == last4]
    if asks == "initial":
        conditions.append(RosterEntry.name_key.startswith(wanted[0], autoescape=True))
    elif asks == "name":
        small.append(f"look_up.name:{event_id}:{codes.hash_token(wanted)[:32]}")
        conditions.append(RosterEntry.name_key == wanted[:60])
    if any(_is_spent(key) for key in small):
        raise Refused("spent")
    rows = db.session.scalars(select(RosterEntry).where(*conditions).order_by(RosterEntry.position, RosterEntry.id))
    candidates = _masked(list(rows))
    end_read()  # a miss is counted elsewhere
    if not candidates:
        _count(event_id, small)
    return candidates


def asked(event_id: int) -> Asks | None:
    """Return what an event's look-up asks for beside the digits, by the misses of its present window."""
    try:
        missed = misses.read(_of_event(event_id), window=WINDOW)
    except StoreAway:
        return "name"
    if missed < LEAST_BUDGET or missed < (budget := budget_of(event_id)):
        return None
    return "initial" if missed < 2 * budget else "name"


def budget_of(event_id: int) -> int:
    """Return how many misses an event has in ten minutes: one per listed person, at least 30."""
    listed = db.session.scalar(select(func.count()).select_from(RosterEntry).where(RosterEntry.event_id == event_id))
    return max(LEAST_BUDGET, int(listed or 0))


def candidate(event_id: int, entry_id: int) -> Candidate | None:
    """Return one person of the roster, masked; None when the entry is gone or may not be looked up."""
    entries = db.session.scalars(select(RosterEntry).where(*_listed(event_id), RosterEntry.id == entry_id)).all()
    return _masked(list(entries))[0] if entries else None


def to_replace(event_id: int, name: str, organisation_name: str | None) -> int:
    """Return the entry of the expected colleague whom somebody of this organisation replaces (替会).

    Raises SignInRefused unless exactly one of that name from there is expected and has not come.
    """
    live = select(SignIn.id).where(
        SignIn.event_id == event_id,
        SignIn.roster_entry_id == RosterEntry.id,
        SignIn.counts,
    )
    statement = select(RosterEntry.id).where(
        RosterEntry.event_id == event_id,
        RosterEntry.kind != STUDENT,
        RosterEntry.name_key == name_key_of(name),
        RosterEntry.organisation_id.in_(_family(organisation_name or "")),
        RosterEntry.state != "replaced",
        ~live.exists(),
    )
    ids = db.session.scalars(statement.limit(2)).all()
    if len(ids) != 1:
        raise SignInRefused("cannot_replace")
    return ids[0]


def _listed(event_id: int) -> tuple[Any, ...]:
    return RosterEntry.event_id == event_id, RosterEntry.mobile_last4.is_not(None), RosterEntry.kind != STUDENT


def _family(organisation_name: str) -> Any:
    """Select the organisation of this name or alias with all that were merged with it."""
    key = key_of(organisation_name)
    by_alias = select(OrganisationAlias.organisation_id).where(OrganisationAlias.name_key == key)
    roots = select(Organisation.root).where(or_(Organisation.name_key == key, Organisation.id.in_(by_alias)))
    return select(Organisation.id).where(Organisation.root.in_(roots))


def _masked(entries: list[RosterEntry]) -> tuple[Candidate, ...]:
    looks = [(mask_name(entry.name), mask_mobile(entry.mobile), entry.organisation_name) for entry in entries]
    times = Counter(looks)
    return tuple(
        Candidate(
            entry.id,
            entry.kind,
            *look,
            detail=(entry.job_title or entry.group_name or entry.seat) if times[look] > 1 else None,
        )
        for entry, look in zip(entries, looks, strict=True)
    )


def _is_spent(key: str) -> bool:
    try:
        return misses.read(key, window=WINDOW) >= TICKET_MISSES
    except StoreAway:
        return False  # the event's budget counts as spent then


def _count(event_id: int, small: list[str]) -> None:
    try:
        if misses.count(_of_event(event_id), window=WINDOW) == 1:
            misses.forget_old("look_up", window=WINDOW)
        for key in small:
            misses.count(key, window=WINDOW)
    except StoreAway:
        return  # said in the log; the look-up is as careful as it can be


def _of_event(event_id: int) -> str:
    return f"look_up:{event_id}"
