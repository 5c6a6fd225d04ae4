"""Finding people for hand work: those on the roster and those who signed in, by name, pinyin initials, organisation
or the last four digits. A steward sees nobody before a search (need to know); mobiles are masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from kiosk.closed import Kind
from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.person_fields import values_of
from kiosk.services.door import ticks
from kiosk.services.fields import Details
from kiosk.services.names import clean, key_of, mask_mobile
from kiosk.services.roster import pinyin

FROM = 2  # characters typed before anybody is listed
LIMIT = 30
DIGITS = 4
INITIALS_OF = 3000  # the newest sign-ins without an entry whose initials are compared

initials_of = lru_cache(maxsize=10_000)(pinyin.initials_of)


@dataclass(frozen=True)
class HandRow:
    """One person: on the roster (`entry_id`), signed in (`sign_in_id`), or both.

    `state` is missing, excused, replaced, arrived, wait_listed or void.
    """

    entry_id: int | None
    sign_in_id: int | None
    state: str
    kind: Kind
    name: str
    organisation: str | None
    detail: str | None  # class, job title or identity: what tells two of one name apart
    mobile: str
    signed_in_at: datetime | None
    ordinal: int | None
    place: tuple[str, ...]  # group, seat, bus
    reason: str | None  # of the leave
    contact: str | None
    replaces: str | None  # in whose place this person came
    is_walk_in: bool
    is_late: bool
    ticks: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        return self.state in ("arrived", "wait_listed")


@dataclass(frozen=True)
class HandFound:
    """What a search found; `has_more` says that the list was cut, `is_asked` that enough was typed."""

    rows: tuple[HandRow, ...] = ()
    has_more: bool = False
    is_asked: bool = False


def search(event_id: int, words: str, *, only_absent: bool = False) -> HandFound:
    """Return whom the words mean: those of the roster in its order, then other sign-ins, the newest first.

    `only_absent` leaves out everybody who has signed in. Nobody is listed before two characters.
    """
    typed = clean(words)[:60]
    if len(key_of(typed)) < FROM:
        return HandFound()
    rows = _entries(event_id, _entry_conditions(typed))
    if only_absent:
        rows = [row for row in rows if not row.is_here]
    else:
        rows += _sign_ins(event_id, _sign_in_conditions(event_id, typed))
    return HandFound(_ticked(rows[:LIMIT]), has_more=len(rows) > LIMIT, is_asked=True)


def of_sign_in(event_id: int, sign_in_id: int) -> HandRow | None:
    """Return one sign-in of this event as a row, or None."""
    for row in _sign_ins(event_id, SignIn.id == sign_in_id, is_any=True):
        return _ticked([row])[0]
    return None


def of_entry(event_id: int, entry_id: int) -> HandRow | None:
    """Return one entry of this event as a row, or None."""
    for row in _entries(event_id, RosterEntry.id == entry_id):
        return _ticked([row])[0]
    return None


def details_of(event_id: int, sign_in_id: int) -> Details | None:
    """Return what was written at a sign-in of this event, in full, for whoever corrects it."""
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.event_id != event_id:
        return None
    return Details(kind=row.kind, **values_of(row))


def _entry_conditions(typed: str) -> Any:
    key = key_of(typed)
    meanings: list[Any] = [
        RosterEntry.name_key.contains(key, autoescape=True),
        RosterEntry.organisation_name.contains(typed, autoescape=True),
        RosterEntry.class_name.contains(typed, autoescape=True),
    ]
    if key.isascii():
        meanings += [RosterEntry.name_initials.startswith(key, autoescape=True), RosterEntry.student_no == typed]
    if key.isascii() and key.isdigit() and len(key) >= DIGITS:
        meanings.append(RosterEntry.mobile.endswith(key, autoescape=True))
    return or_(*meanings)


def _sign_in_conditions(event_id: int, typed: str) -> Any:
    key = key_of(typed)
    meanings: list[Any] = [
        SignIn.name_key.contains(key, autoescape=True),
        SignIn.organisation_name.contains(typed, autoescape=True),
        SignIn.class_name.contains(typed, autoescape=True),
    ]
    if key.isascii() and key.isalpha():
        meanings.append(SignIn.id.in_(_by_initials(event_id, key)))
    if key.isascii() and key.isdigit() and len(key) >= DIGITS:
        meanings.append(SignIn.mobile.endswith(key, autoescape=True))
    if key.isascii():
        meanings.append(SignIn.student_no == typed)
    return or_(*meanings)


def _by_initials(event_id: int, key: str) -> list[int]:
    """Return sign-ins without an entry whose name begins with these initials: they are kept for entries only."""
    of_event = select(SignIn.id, SignIn.name).where(
        SignIn.event_id == event_id, SignIn.roster_entry_id.is_(None), ~SignIn.is_trial
    )
    newest = db.session.execute(of_event.order_by(SignIn.id.desc()).limit(INITIALS_OF))
    return [sign_in_id for sign_in_id, name in newest if initials_of(name).startswith(key)][: LIMIT + 1]


def _entries(event_id: int, condition: Any) -> list[HandRow]:
    is_live = and_(SignIn.roster_entry_id == RosterEntry.id, SignIn.counts)
    statement = (
        select(RosterEntry, SignIn)
        .join(SignIn, is_live, isouter=True)
        .where(RosterEntry.event_id == event_id, condition)
        .order_by(RosterEntry.position, RosterEntry.id)
        .limit(LIMIT + 1)
    )
    return [_of_entry(entry, sign_in) for entry, sign_in in db.session.execute(statement)]


def _sign_ins(event_id: int, condition: Any, *, is_any: bool = False) -> list[HandRow]:
    """Return sign-ins as rows; those that an entry's row shows already are left out unless `is_any`."""
    replaced = aliased(RosterEntry)
    statement = (
        select(SignIn, replaced.name)
        .join(replaced, replaced.id == SignIn.replaces_id, isouter=True)
        .where(SignIn.event_id == event_id, ~SignIn.is_trial, condition)
        .order_by(SignIn.id.desc())
        .limit(LIMIT + 1)
    )
    if not is_any:
        statement = statement.where(SignIn.roster_entry_id.is_(None))
    return [_of_sign_in(sign_in, name) for sign_in, name in db.session.execute(statement)]


def _of_entry(entry: RosterEntry, sign_in: SignIn | None) -> HandRow:
    row = HandRow(
        entry_id=entry.id,
        sign_in_id=None,
        state="missing" if entry.state == "expected" else entry.state,
        kind=entry.kind,
        name=entry.name,
        organisation=entry.organisation_name,
        detail=entry.class_name or entry.job_title or entry.identity,
        mobile=mask_mobile(entry.mobile),
        signed_in_at=None,
        ordinal=None,
        place=tuple(filter(None, (entry.group_name, entry.seat, entry.bus))),
        reason=entry.reason,
        contact=entry.contact,
        replaces=None,
        is_walk_in=False,
        is_late=False,
    )
    if sign_in is None:
        return row
    # The name that was written at the door: a correction there is seen here.
    seen = _of_sign_in(sign_in, None)
    return replace(seen, entry_id=entry.id, place=row.place, mobile=seen.mobile or row.mobile)


def _of_sign_in(sign_in: SignIn, replaces: str | None) -> HandRow:
    return HandRow(
        entry_id=sign_in.roster_entry_id,
        sign_in_id=sign_in.id,
        state="void" if sign_in.voided_at is not None else sign_in.state,
        kind=sign_in.kind,
        name=sign_in.name,
        organisation=sign_in.organisation_name,
        detail=sign_in.class_name or sign_in.job_title or sign_in.identity,
        mobile=mask_mobile(sign_in.mobile),
        signed_in_at=sign_in.signed_in_at,
        ordinal=sign_in.ordinal,
        place=(),
        reason=None,
        contact=None,
        replaces=replaces,
        is_walk_in=sign_in.is_walk_in,
        is_late=sign_in.is_late,
    )


def _ticked(rows: list[HandRow]) -> tuple[HandRow, ...]:
    known = ticks.of_sign_ins([row.sign_in_id for row in rows if row.sign_in_id is not None])
    return tuple(replace(row, ticks=known.get(row.sign_in_id or 0, ())) for row in rows)
