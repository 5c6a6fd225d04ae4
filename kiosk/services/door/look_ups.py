"""Known people find themselves on the roster by the last four digits of their mobile (docs/product.md 1.10).

What a guesser may learn is bounded, never by address: four hundred people share one. Counted are misses, per ticket
and per event, and per event the people who were shown to a page that signed none of them in. Beyond either of the
event's budgets the look-up also asks for the name's first character, beyond twice the misses for the name, whose own
misses are then counted too. It never closes. Students are never looked up.
"""

from __future__ import annotations

import contextlib
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
from kiosk.services.sign_in.cores import is_short_for
from kiosk.services.store.recent import Recent
from kiosk.services.store.writer import end_read

WINDOW = timedelta(minutes=10)
TICKET_MISSES = 5
MISSES = 100  # an event's in a window: of any roster, 100 digits that are nobody's go with 1 to 1.6 % that are
SHOWN_PERCENT = 2  # of those who may be looked up, shown in a window to pages that sign nobody in
SHOWN_LEAST = 5
ROSTERS = Recent[int, tuple[bool, bool]]("kiosk_look_ups", seconds=1.0)  # every page asks
STUDENT = "student"
SAME_NAMES = 200  # of one name on one list, at most

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

    `typed_name` is only sent by a page that asked for it. Raises MoreAsked, or Refused("spent") for a page or a name
    that has missed TICKET_MISSES times, before anything is judged, so that neither tells anything.
    """
    asks, wanted = asked(event_id), key_of(typed_name)
    if asks is not None and len(wanted) < (1 if asks == "initial" else 2):
        raise MoreAsked(asks)
    if asks is None and wanted:
        asks = "initial"  # it was asked for a moment ago
    small = [_of_ticket(ticket_key)]
    conditions = [*_listed(event_id), RosterEntry.mobile_last4 == last4]
    if asks == "initial":
        conditions.append(RosterEntry.name_key.startswith(wanted[0], autoescape=True))
    elif asks == "name":
        small.append(f"look_up.name:{event_id}:{codes.hash_token(wanted)[:32]}")
        conditions.append(RosterEntry.name_key == wanted[:60])
    if any(_is_spent(key) for key in small):
        raise Refused("spent")
    rows = db.session.scalars(select(RosterEntry).where(*conditions).order_by(RosterEntry.position + 0, RosterEntry.id))
    candidates = _masked(list(rows))
    end_read()  # a miss is counted elsewhere
    if not candidates:
        _count(event_id, small)
    elif asks is None and not _may_show(event_id, _of_answer(ticket_key, last4), len(candidates)):
        raise MoreAsked(asked(event_id) or "initial")
    return candidates


def signed_in(event_id: int, ticket_key: str, mobile: str | None) -> None:
    """Count no longer what was shown to a page that has signed that very person in, nor one of its misses.

    Only for a sign-in that is new: then nobody has it counted out twice, and whoever is somebody else leaves a row.
    """
    try:
        misses.take_back(_of_answer(ticket_key, (mobile or "")[-4:]), of=_shown_at(event_id), at_most=MISSES)
        misses.take_back(_of_ticket(ticket_key), of=_of_event(event_id), at_most=1)
    except StoreAway:
        return  # said in the log


def may_ask(event_id: int, ticket_key: str, entry_id: int) -> bool:
    """Say whether a walk-in may be asked if they are this entry, whose last four digits the question shows.

    Counted as somebody who is shown, once a page; beyond either of the event's budgets nobody is asked.
    """
    try:
        if misses.read(_of_question(ticket_key, entry_id), window=WINDOW):
            return True
    except StoreAway:
        return False
    return asked(event_id) is None and _may_show(event_id, _of_question(ticket_key, entry_id), 1)


def said_yes(event_id: int, ticket_key: str, entry_id: int) -> None:
    """Count a question no longer that this very person answered, with a sign-in that is new."""
    with contextlib.suppress(StoreAway):  # said in the log
        misses.take_back(_of_question(ticket_key, entry_id), of=_shown_at(event_id), at_most=1)


def asked(event_id: int) -> Asks | None:
    """Return what an event's look-up asks for beside the digits, by what its present windows have counted."""
    try:
        missed = misses.read(_of_event(event_id), window=WINDOW)
        shown = misses.read(_shown_at(event_id), window=WINDOW)
    except StoreAway:
        return "name"
    if missed >= 2 * MISSES:
        return "name"
    is_spent = missed >= MISSES or (shown >= SHOWN_LEAST and shown >= may_be_shown(event_id))
    return "initial" if is_spent else None


def may_be_shown(event_id: int) -> int:
    """Return how many people are shown in ten minutes, to pages that sign none of them in, for their digits alone."""
    listed = db.session.scalar(select(func.count()).select_from(RosterEntry).where(*_listed(event_id)))
    return max(SHOWN_LEAST, int(listed or 0) * SHOWN_PERCENT // 100)


def candidate(event_id: int, entry_id: int) -> Candidate | None:
    """Return one person of the roster, masked; None when the entry is gone or may not be looked up."""
    entries = db.session.scalars(select(RosterEntry).where(*_listed(event_id), RosterEntry.id == entry_id)).all()
    return _masked(list(entries))[0] if entries else None


def to_replace(event_id: int, name: str, organisation_name: str | None) -> int:
    """Return the entry of the expected colleague whom somebody of this organisation replaces (替会).

    The organisation may be an alias or, where nobody is expected of an organisation so called, a short name.
    Raises SignInRefused unless exactly one of that name from there is expected and has not come.
    """
    live = select(SignIn.id).where(
        SignIn.event_id == event_id,
        SignIn.roster_entry_id == RosterEntry.id,
        SignIn.counts,
    )
    statement = select(
        RosterEntry.id, RosterEntry.organisation_name, RosterEntry.organisation_id.in_(_family(organisation_name or ""))
    ).where(
        RosterEntry.event_id == event_id,
        RosterEntry.kind != STUDENT,
        RosterEntry.name_key == name_key_of(name),
        RosterEntry.organisation_id.is_not(None),
        RosterEntry.state != "replaced",
        ~live.exists(),
    )
    colleagues = db.session.execute(statement.limit(SAME_NAMES)).all()
    ids = [entry_id for entry_id, _written, is_of_it in colleagues if is_of_it] or [
        entry_id for entry_id, written, _is_of_it in colleagues if is_short_for(organisation_name or "", written or "")
    ]
    if len(ids) != 1:
        raise SignInRefused("cannot_replace")
    return int(ids[0])


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


def _may_show(event_id: int, answer: str, people: int) -> bool:
    """Count who is about to be shown, once a page by its `answer`, and say whether that is within the budget.

    Counted before it is judged, so that pages which ask at the same moment cannot all slip through.
    """
    budget = may_be_shown(event_id)
    end_read()
    try:
        if misses.read(answer, window=WINDOW) >= people:
            return True
        shown = misses.count(_shown_at(event_id), window=WINDOW, many=people)
        misses.count(answer, window=WINDOW, many=people)
    except StoreAway:
        return False
    if shown == people:
        _forget_old()
    return shown <= budget


def _count(event_id: int, small: list[str]) -> None:
    try:
        if misses.count(_of_event(event_id), window=WINDOW) == 1:
            _forget_old()
        for key in small:
            misses.count(key, window=WINDOW)
    except StoreAway:
        return  # said in the log; the look-up is as careful as it can be


def _forget_old() -> None:
    misses.forget_old("look_up", window=WINDOW)


def _of_event(event_id: int) -> str:
    return f"look_up:{event_id}"


def _shown_at(event_id: int) -> str:
    return f"look_up.shown:{event_id}"


def _of_ticket(ticket_key: str) -> str:
    return f"look_up.ticket:{ticket_key}"


def _of_answer(ticket_key: str, last4: str) -> str:
    return f"look_up.answer:{ticket_key}:{last4}"


def _of_question(ticket_key: str, entry_id: int) -> str:
    return f"look_up.question:{ticket_key}:{entry_id}"
