"""What a roll call lists: who is inside, who is still unaccounted first, and how many each bus and group lacks."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, text, union

from kiosk.bounds import LARGEST
from kiosk.extensions import db
from kiosk.models import EventCounter, RollCall, RollTick, RosterEntry, RosterSeats, SignIn
from kiosk.services.door.roll_calls import IS_IN
from kiosk.services.people import rows
from kiosk.services.people.rows import PersonRow

Division = Literal["bus", "group"]
DIVISIONS: tuple[Division, ...] = ("bus", "group")
LISTED = 400  # people on one page; more are reached by their bus or group
LATEST = 20  # roll calls that are over, on their page
_Place = tuple[bool, str | None, str | None]  # whether somebody is there, their bus, their group
_NOWHERE: _Place = (False, None, None)
DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class RollCallRow:
    """One roll call and where it stands: of so many (`total`) so many are not accounted for (`absent`)."""

    id: int
    label: str
    started_at: datetime
    ended_at: datetime | None
    total: int
    absent: int

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True)
class RollPart:
    """A bus or a group; `key` stands for its name in addresses, which may name somebody."""

    division: Division
    name: str
    key: str
    total: int = 0
    absent: int = 0


@dataclass(frozen=True)
class RollPerson:
    """Somebody on the list: whether they are there, since when, and the keys of their bus and group."""

    person: PersonRow
    is_there: bool
    ticked_at: datetime | None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RollSheet:
    """A roll call with its list, narrowed to one bus or group where `part` says so; `revision` is the event's."""

    call: RollCallRow
    parts: tuple[RollPart, ...]
    part: RollPart | None
    people: tuple[RollPerson, ...]
    unnamed: int  # on the list, and their details are deleted
    unlisted: int  # beyond the page
    revision: int

    @property
    def absent(self) -> tuple[RollPerson, ...]:
        return tuple(one for one in self.people if not one.is_there)

    @property
    def there(self) -> tuple[RollPerson, ...]:
        return tuple(one for one in self.people if one.is_there)


@dataclass(frozen=True)
class _Standing:
    """Who stands in one half of the list and belongs to the same bus and group: so many, of whom so many are named."""

    is_there: bool
    bus: str | None
    group: str | None
    count: int
    named: int

    @property
    def of(self) -> dict[Division, str]:
        """Return what these people belong to."""
        names: dict[Division, str | None] = {"bus": self.bus, "group": self.group}
        return {division: name for division, name in names.items() if name}

    @property
    def order(self) -> tuple[Any, ...]:
        return self.is_there, _in_order(self.bus), _in_order(self.group)


@dataclass(frozen=True)
class _Listed:
    """A row of the list; `position` is that of the roster."""

    sign_in: SignIn
    place: _Place
    position: int | None
    ticked_at: datetime | None


def running(event_id: int) -> tuple[RollCallRow, ...]:
    """Return the roll calls that go on, the newest first: one short query where none does."""
    return _rows(event_id, RollCall.ended_at.is_(None))


def over(event_id: int) -> tuple[RollCallRow, ...]:
    """Return the latest roll calls that have ended, the newest first."""
    return _rows(event_id, RollCall.ended_at.is_not(None))


def revision(event_id: int) -> int:
    """Return the event's revision: a list that was drawn of this one shows what is so."""
    return db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event_id)) or 0


def read(event_id: int, roll_call_id: int, part_key: str = "", *, names_when_over: bool = True) -> RollSheet | None:
    """Return a roll call of this event with its list, or None. Who is unaccounted comes first, each half by bus, group
    and the order of the roster. Without `names_when_over` one that has ended lists nobody: only its numbers are left.
    """
    seen = revision(event_id)  # first: what is read after it is at least as new
    call = next(iter(_rows(event_id, RollCall.id == roll_call_id)), None)
    if call is None:
        return None
    places = _standings(event_id, call)
    parts = _parts(places)
    part = next((one for one in parts if one.key == part_key), None)
    if part is not None:
        places = [one for one in places if one.of.get(part.division) == part.name]
    named = sum(one.named for one in places)
    lists_names = call.is_running or names_when_over
    return RollSheet(
        call=call,
        parts=parts,
        part=part,
        people=_people(event_id, call, places) if lists_names else (),
        unnamed=sum(one.count for one in places) - named,
        unlisted=max(0, named - LISTED),
        revision=seen,
    )


def _rows(event_id: int, *conditions: Any) -> tuple[RollCallRow, ...]:
    of_event = select(RollCall).where(RollCall.event_id == event_id, *conditions)
    calls = db.session.scalars(of_event.order_by(RollCall.id.desc()).limit(LATEST)).all()
    if not calls:
        return ()
    counted = (
        select(RollTick.roll_call_id, func.count(), func.sum(case((RollTick.is_there, 1), else_=0)))
        .join(RollCall, RollCall.id == RollTick.roll_call_id)
        .join(SignIn, SignIn.id == RollTick.sign_in_id)
        .where(RollCall.id.in_([call.id for call in calls]), SignIn.has_arrived)
        .where(or_(RollCall.ended_at.is_not(None), SignIn.left_at.is_(None)))
        .group_by(RollTick.roll_call_id)
    )
    counts = {id_: (total, there) for id_, total, there in db.session.execute(counted)}
    inside = 0
    if any(call.ended_at is None for call in calls):
        inside = _inside(event_id)
    return tuple(_row(call, inside, *counts.get(call.id, (0, 0))) for call in calls)


def _inside(event_id: int) -> int:
    """Return how many are inside: all but those who are gone, and of these whoever was closed at the end and has not
    been seen to leave."""
    counter = db.session.get(EventCounter, event_id)
    is_closed = text("sign_in.has_no_sign_out")  # as in the index (models/sign_in.NO_SIGN_OUT)
    closed = select(func.count()).where(SignIn.event_id == event_id, is_closed, IS_IN)
    return 0 if counter is None else counter.arrived - counter.gone + (db.session.scalar(closed) or 0)


def _row(call: RollCall, inside: int, listed: int, there: int) -> RollCallRow:
    total = inside if call.ended_at is None else listed
    return RollCallRow(call.id, call.label, call.started_at, call.ended_at, total, total - there)


_IS_THERE = func.coalesce(RollTick.is_there, false())
_GROUP = func.coalesce(RosterEntry.group_name, RosterSeats.group_name)
_PLACE: tuple[Any, ...] = (_IS_THERE, RosterEntry.bus, _GROUP)


def _select(event_id: int, call: RollCallRow, *columns: Any) -> Select[Any]:
    """Select of who is on the list: of a roll call that goes on whoever is inside, of one that is over its own rows.

    Who came in somebody's place belongs to that one's bus and group.
    """
    of_call = (RollTick.sign_in_id == SignIn.id) & (RollTick.roll_call_id == call.id)
    expected = RosterEntry.id == func.coalesce(SignIn.roster_entry_id, SignIn.replaces_id)
    # Of one that goes on those are read whom it has met, and never the event's, which SQLite would go through.
    of_event = SignIn.event_id + 0 if call.is_running else SignIn.event_id
    return (
        select(*columns)
        .select_from(SignIn)
        .join(RollTick, of_call, isouter=call.is_running)
        .join(RosterEntry, expected, isouter=True)
        .join(RosterSeats, RosterSeats.id == SignIn.roster_seats_id, isouter=True)
        .where(of_event == event_id, IS_IN if call.is_running else SignIn.has_arrived)
    )


def _standings(event_id: int, call: RollCallRow) -> list[_Standing]:
    """Count who is on the list, in the order of the list; nobody's row is read for it."""
    counts = func.count(), func.sum(case((SignIn.name != "", 1), else_=0))
    statement = _select(event_id, call, *_PLACE, *counts).group_by(*_PLACE)
    if call.is_running:
        statement = statement.where(_is_met(event_id, call))
    counted = {
        (bool(is_there), bus, group): (count, int(named))
        for is_there, bus, group, count, named in db.session.execute(statement)
    }
    if call.is_running:
        others = max(0, call.total - sum(count for count, _named in counted.values()))
        count, named = counted.get(_NOWHERE, (0, 0))
        counted[_NOWHERE] = count + others, named + others - (_unmet_nameless(event_id, call) if others else 0)
    places = [_Standing(*place, *both) for place, both in counted.items() if both[0]]
    return sorted(places, key=lambda one: one.order)


def _is_met(event_id: int, call: RollCallRow) -> ColumnElement[bool]:
    """Return of whom a roll call that goes on knows more than that they are inside: who has a place of the roster, and
    who was ticked. However many came, all others stand together, in the order in which they did."""
    seats = select(RosterSeats.id).where(RosterSeats.event_id == event_id)
    known = (
        select(SignIn.id).where(SignIn.event_id == event_id, SignIn.roster_entry_id > 0, SignIn.counts),
        select(SignIn.id).where(SignIn.roster_seats_id.in_(seats)),
        # By the index of substitutes, of whom there are few at all events: SQLite takes it between two ends only.
        select(SignIn.id).where(SignIn.event_id + 0 == event_id, SignIn.replaces_id.between(1, LARGEST)),
        select(RollTick.sign_in_id).where(RollTick.roll_call_id == call.id),
    )
    met = union(*known).subquery()
    return SignIn.id.in_(select(met.c[0]))


def _unmet_nameless(event_id: int, call: RollCallRow) -> int:
    """Return how many of all others have no name any more."""
    nameless = SignIn.event_id == event_id, SignIn.name_key == "", SignIn.name == "", IS_IN
    statement = select(func.count()).where(*nameless, ~_is_met(event_id, call))
    return db.session.scalar(statement) or 0


def _people(event_id: int, call: RollCallRow, places: Sequence[_Standing]) -> tuple[RollPerson, ...]:
    """Read the first of the list, place by place, each in the order of the roster."""
    shown = 0
    wanted: list[_Place] = []
    for one in (one for one in places if one.named):
        if shown >= LISTED:
            break
        shown += one.named
        wanted.append((one.is_there, one.bus, one.group))
    listed = _listed(event_id, call, wanted) if wanted else []
    if call.is_running and _NOWHERE in wanted:
        listed += _others(event_id, call)
    ranks = {place: number for number, place in enumerate(wanted)}
    listed.sort(key=lambda one: (ranks[one.place], one.position is None, one.position, one.sign_in.id))
    listed = listed[:LISTED]
    people = zip(listed, rows.of_sign_ins([one.sign_in for one in listed]), strict=True)
    return tuple(_person(_Standing(*one.place, 1, 1), one.ticked_at, person) for one, person in people)


def _listed(event_id: int, call: RollCallRow, wanted: Sequence[_Place]) -> list[_Listed]:
    """Read the first of these places; of a roll call that goes on whom it has met."""
    is_theirs = [
        and_(*(column.is_not_distinct_from(value) for column, value in zip(_PLACE, place, strict=True)))
        for place in wanted
    ]
    in_order = case(*((condition, number) for number, condition in enumerate(is_theirs)))
    columns = (SignIn, *_PLACE, RosterEntry.position, RollTick.ticked_at)
    statement = _select(event_id, call, *columns).where(SignIn.name != "", or_(*is_theirs))
    if call.is_running:
        statement = statement.where(_is_met(event_id, call))
    statement = statement.order_by(in_order, RosterEntry.position.is_(None), RosterEntry.position, SignIn.id)
    return [
        _Listed(sign_in, (bool(is_there), bus, group), position, ticked_at)
        for sign_in, is_there, bus, group, position, ticked_at in db.session.execute(statement.limit(LISTED))
    ]


def _others(event_id: int, call: RollCallRow) -> list[_Listed]:
    """Read the first of those whom a roll call that goes on has not met, in the order of an index."""
    is_met = exists().where(RollTick.roll_call_id == call.id, RollTick.sign_in_id == SignIn.id)
    unmet = SignIn.event_id == event_id, SignIn.is_unlisted, SignIn.replaces_id.is_(None), ~is_met
    statement = select(SignIn).where(*unmet, SignIn.left_at.is_(None), SignIn.name != "")
    first = db.session.scalars(statement.order_by(SignIn.id).limit(LISTED))
    return [_Listed(sign_in, _NOWHERE, None, None) for sign_in in first]


def _parts(places: Sequence[_Standing]) -> tuple[RollPart, ...]:
    """Return the buses and then the groups, each with how many it has and lacks."""
    totals: Counter[tuple[Division, str]] = Counter()
    absent: Counter[tuple[Division, str]] = Counter()
    for one in places:
        for place in one.of.items():
            totals[place] += one.count
            absent[place] += 0 if one.is_there else one.count
    in_order = sorted(totals, key=lambda place: (DIVISIONS.index(place[0]), _in_order(place[1])))
    return tuple(RollPart(*place, _key(*place), totals[place], absent[place]) for place in in_order)


def _person(place: _Standing, ticked_at: datetime | None, person: PersonRow) -> RollPerson:
    if not person.place and place.of:
        person = replace(person, place=tuple(place.of.values()))
    return RollPerson(person, place.is_there, ticked_at, tuple(_key(*one) for one in place.of.items()))


def _key(division: Division, name: str) -> str:
    return hashlib.sha256(f"{division} {name}".encode()).hexdigest()[:8]


def _in_order(name: str | None) -> tuple[Any, ...]:
    """Return what sorts names with numbers as people do, 2号车 before 10号车, and nothing at the end."""
    pieces = DIGITS.split(name or "")
    return (not name, [(int(piece[:9]), "") if piece.isdecimal() else (-1, piece) for piece in pieces])
