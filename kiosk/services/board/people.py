"""The list of who signed in at one event, for staff: the latest, and what a search or a tapped bar finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, RosterEntry, SignIn
from kiosk.services.door import confirmations, hand_search
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.people.searching import Hidden

LATEST = 30
LOOKED_THROUGH = 120  # rows by their last change, of which the latest arrivals are taken
FOUND = 60  # rows of a page


@dataclass(frozen=True)
class PeopleFilter:
    """What a list is narrowed to; `typed` is what somebody wrote, the others are tapped bars."""

    typed: str = ""
    hidden: Hidden = "nobody"  # whose names the list masks
    organisation_id: int | None = None
    district: str | None = None
    kind: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.typed or self.is_narrow)

    @property
    def is_narrow(self) -> bool:
        """Say whether a bar was tapped: the whole board follows it."""
        return bool(self.organisation_id is not None or self.district or self.kind)


@dataclass(frozen=True)
class Arrival:
    """One row of the board's list: a person, or all whom a leader signed in at once (`title`, `count`)."""

    people: tuple[PersonRow, ...]  # newest first
    title: str | None = None
    count: int = 1  # of those who are here

    @property
    def newest(self) -> PersonRow:
        return self.people[0]

    @property
    def is_group(self) -> bool:
        return len(self.people) > 1

    @property
    def first_ordinal(self) -> int | None:
        return min((person.ordinal for person in self.people if person.ordinal is not None), default=None)


def latest(event_id: int, wanted: PeopleFilter | None = None) -> tuple[PersonRow, ...]:
    """Return the people of the latest rows, newest first; voided ones keep their place, cleared trials are gone.

    Read by the index on the last change, so that an old event in a large database costs the same.
    """
    conditions = (*_of_event(event_id), *_narrowed(SignIn, wanted or PeopleFilter()))
    # First which they are: whole rows of all that are looked through would take three times as long.
    statement = select(SignIn.id, SignIn.group_sign_in_id, SignIn.is_unconfirmed).where(*conditions)
    newest_changes = db.session.execute(statement.order_by(SignIn.revision.desc()).limit(LOOKED_THROUGH)).tuples()
    shown: list[int] = []
    entries: set[object] = set()
    for sign_in_id, group_id, is_unconfirmed in sorted(newest_changes, reverse=True):
        if is_unconfirmed:  # they stand above the list until a steward has looked at them
            continue
        entries.add(("alone", sign_in_id) if group_id is None else group_id)
        if len(entries) > LATEST:
            break
        shown.append(sign_in_id)
    return rows.by_ids(shown) if shown else ()


def unconfirmed(event_id: int, wanted: PeopleFilter | None = None) -> tuple[PersonRow, ...]:
    """Return who waits to be confirmed, of those whom a tapped bar means."""
    return confirmations.waiting(event_id, *_narrowed(SignIn, wanted or PeopleFilter()))


def gathered(people: Sequence[PersonRow]) -> tuple[Arrival, ...]:
    """Return the rows of a list: a group is one row, where its newest person stands."""
    in_groups: dict[int, list[PersonRow]] = {}
    for person in people:
        if person.group_id is not None:
            in_groups.setdefault(person.group_id, []).append(person)
    counted = _counted({group_id for group_id, those in in_groups.items() if len(those) > 1})
    arrivals = []
    for person in people:
        if person.group_id is None:
            arrivals.append(Arrival((person,)))
        elif (those := in_groups.pop(person.group_id, None)) is not None:
            arrivals.append(Arrival(tuple(those), _title(those), counted.get(person.group_id, 1)))
    return tuple(arrivals)


def alone(people: Sequence[PersonRow]) -> tuple[Arrival, ...]:
    """Return the rows of a list in which everybody stands alone: what typed words find."""
    return tuple(Arrival((person,)) for person in people)


def _counted(group_ids: set[int]) -> dict[int, int]:
    """Return how many of each group are here, also beyond those who are listed."""
    statement = (
        select(func.coalesce(SignIn.group_sign_in_id, 0), func.count())
        .where(SignIn.group_sign_in_id.in_(group_ids), SignIn.counts)
        .group_by(SignIn.group_sign_in_id)
    )
    return dict(db.session.execute(statement).tuples().all()) if group_ids else {}


def _title(those: Sequence[PersonRow]) -> str | None:
    """Return what the people of a group share: their school and class, else their group on the roster."""
    values = [{one.organisation for one in those}, {one.detail for one in those}]
    shared = [next(iter(each)) for each in values if len(each) == 1]
    groups = {next(iter(one.place), None) for one in those}
    return " ".join(filter(None, shared)) or (groups.pop() if len(groups) == 1 else None)


def search(event_id: int, wanted: PeopleFilter, number: int = 1) -> Page[PersonRow]:
    """Return a page of an event's people whom a filter means, newest first."""
    statement = select(SignIn).where(*_of_event(event_id), *_conditions(event_id, wanted))
    statement = statement.order_by(SignIn.signed_in_at.desc(), SignIn.id.desc())
    sign_ins = db.session.scalars(cut(statement, FOUND, number)).all()
    page = page_of(sign_ins, FOUND, number)
    return page.having(rows.of_sign_ins(page.rows))


def means_somebody_absent(event_id: int, wanted: PeopleFilter) -> bool:
    """Say whether typed words mean somebody of the roster who is not here yet."""
    absent = hand_search.search(event_id, wanted.typed, only_absent=True)
    return absent is not None and bool(absent.rows)


def organisation_name(organisation_id: int) -> str | None:
    """Return what an organisation is called, for the words above a narrowed list."""
    return db.session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def _of_event(event_id: int) -> tuple[Any, ...]:
    return SignIn.event_id == event_id, ~and_(SignIn.is_trial, SignIn.voided_at.is_not(None))


def sign_ins_of(event_id: int, wanted: PeopleFilter) -> tuple[Any, ...]:
    """Return the conditions of an event's sign-ins that a tapped bar means."""
    return SignIn.event_id == event_id, *_narrowed(SignIn, wanted)


def entries_of(wanted: PeopleFilter) -> list[Any]:
    """Return the conditions of the roster's entries that a tapped bar means."""
    return _narrowed(RosterEntry, wanted)


def _conditions(event_id: int, wanted: PeopleFilter) -> list[Any]:
    return [*searching.sign_ins_meant([event_id], wanted.typed, wanted.hidden), *_narrowed(SignIn, wanted)]


def _narrowed(rows_of: Any, wanted: PeopleFilter) -> list[Any]:
    """Return what a tapped bar means, of rows of a table that knows an organisation and a kind."""
    conditions: list[Any] = []
    if wanted.organisation_id is not None:
        conditions.append(rows_of.organisation_id.in_(_family(wanted.organisation_id)))
    if wanted.district:
        conditions.append(rows_of.organisation_id.in_(_of_district(wanted.district)))
    if wanted.kind:
        conditions.append(rows_of.kind == wanted.kind)
    return conditions


def _family(organisation_id: int) -> Any:
    """Select an organisation and those merged into it."""
    return select(Organisation.id).where(
        or_(Organisation.id == organisation_id, Organisation.root_id == organisation_id)
    )


def _of_district(district: str) -> Any:
    root = aliased(Organisation)
    return (
        select(Organisation.id)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(or_(root.district == district, and_(root.district.is_(None), Organisation.district == district)))
    )
