"""The list of who signed in at one event, for staff: the latest, and what a search or a tapped bar finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from kiosk.closed import Method, SignInState
from kiosk.extensions import db
from kiosk.models import Organisation, RosterEntry, SignIn
from kiosk.services.door import ticks
from kiosk.services.names import clean, key_of, mask_mobile

LATEST = 30
LOOKED_THROUGH = 120  # rows by their last change, of which the latest arrivals are taken
FOUND = 60
LAST_DIGITS = 4


@dataclass(frozen=True)
class PersonRow:
    """A sign-in in a list for staff; the mobile is masked."""

    id: int
    name: str
    organisation: str | None
    detail: str | None  # class, job title or identity: what tells two of one name apart
    kind: str
    mobile: str
    signed_in_at: datetime
    method: Method
    ordinal: int | None
    state: SignInState
    is_late: bool
    is_trial: bool
    is_walk_in: bool
    is_void: bool
    is_starred: bool = False
    ticks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeopleFilter:
    """What a list is narrowed to; `words` are typed, the others are tapped bars."""

    words: str = ""
    organisation_id: int | None = None
    district: str | None = None
    kind: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.organisation_id or self.district or self.kind)


@dataclass(frozen=True)
class Found:
    """What a filter found; `has_more` says that the list was cut after FOUND rows."""

    rows: tuple[PersonRow, ...]
    has_more: bool


def latest(event_id: int) -> tuple[PersonRow, ...]:
    """Return the latest arrivals, newest first; voided ones keep their place, cleared trials are gone.

    Read by the index on the last change, so that an old event in a large database costs the same.
    """
    statement = (
        select(SignIn)
        .where(SignIn.event_id == event_id, ~and_(SignIn.is_trial, SignIn.voided_at.is_not(None)))
        .order_by(SignIn.revision.desc())
        .limit(LOOKED_THROUGH)
    )
    rows = db.session.scalars(statement).all()
    return _rows(sorted(rows, key=lambda row: row.id, reverse=True)[:LATEST])


def search(event_id: int, wanted: PeopleFilter, *, offset: int = 0) -> Found:
    """Return the people of an event whom a filter means, newest first; `offset` rows are passed over.

    Words mean a part of the name or the organisation, the last four digits of a mobile, a student number
    or the ordinal.
    """
    statement = select(SignIn).where(SignIn.event_id == event_id, *_conditions(wanted))
    statement = statement.where(~and_(SignIn.is_trial, SignIn.voided_at.is_not(None)))
    rows = db.session.scalars(statement.order_by(SignIn.id.desc()).offset(offset).limit(FOUND + 1)).all()
    return Found(_rows(rows[:FOUND]), len(rows) > FOUND)


def organisation_name(organisation_id: int) -> str | None:
    """Return what an organisation is called, for the words above a narrowed list."""
    return db.session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def _conditions(wanted: PeopleFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.words:
        conditions.append(_words(clean(wanted.words)[:120]))
    if wanted.organisation_id is not None:
        conditions.append(SignIn.organisation_id.in_(_family(wanted.organisation_id)))
    if wanted.district:
        conditions.append(SignIn.organisation_id.in_(_of_district(wanted.district)))
    if wanted.kind:
        conditions.append(SignIn.kind == wanted.kind)
    return conditions


def _words(words: str) -> Any:
    key = key_of(words)
    meanings: list[Any] = [
        SignIn.name_key.contains(key, autoescape=True),
        SignIn.organisation_name.contains(words, autoescape=True),
        SignIn.organisation_id.in_(_called(key)),
    ]
    if key.isascii() and key.isdigit():
        meanings.append(SignIn.student_no == key)
        if len(key) >= LAST_DIGITS:
            meanings.append(SignIn.mobile.endswith(key, autoescape=True))
        if len(key) <= LAST_DIGITS:
            meanings.append(SignIn.ordinal == int(key))
    return or_(*meanings)


def _family(organisation_id: int) -> Any:
    """Select an organisation and those merged into it."""
    return select(Organisation.id).where(
        or_(Organisation.id == organisation_id, Organisation.root_id == organisation_id)
    )


def _called(key: str) -> Any:
    """Select the organisations whose name, or whose root's name, contains the key."""
    root = aliased(Organisation)
    return (
        select(Organisation.id)
        .join(root, root.id == Organisation.root)
        .where(or_(Organisation.name_key.contains(key, autoescape=True), root.name_key.contains(key, autoescape=True)))
    )


def _of_district(district: str) -> Any:
    root = aliased(Organisation)
    return (
        select(Organisation.id)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(or_(root.district == district, and_(root.district.is_(None), Organisation.district == district)))
    )


def _rows(rows: Sequence[SignIn]) -> tuple[PersonRow, ...]:
    ticked = ticks.of_sign_ins([row.id for row in rows])
    entry_ids = [row.roster_entry_id for row in rows if row.roster_entry_id is not None]
    starred: set[int] = set()
    if entry_ids:
        of_them = select(RosterEntry.id).where(RosterEntry.id.in_(entry_ids), RosterEntry.is_starred)
        starred = set(db.session.scalars(of_them))
    return tuple(_row(row, row.roster_entry_id in starred, ticked.get(row.id, ())) for row in rows)


def _row(row: SignIn, is_starred: bool, ticked: tuple[str, ...]) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=row.name,
        organisation=row.organisation_name,
        detail=row.class_name or row.job_title or row.identity,
        kind=row.kind,
        mobile=mask_mobile(row.mobile),
        signed_in_at=row.signed_in_at,
        method=row.method,
        ordinal=row.ordinal,
        state=row.state,
        is_late=row.is_late,
        is_trial=row.is_trial,
        is_walk_in=row.is_walk_in,
        is_void=row.voided_at is not None,
        is_starred=is_starred,
        ticks=ticked,
    )
