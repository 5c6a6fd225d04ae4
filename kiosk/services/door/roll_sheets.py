"""What a roll call lists: who is inside, who is still unaccounted first, and how many each bus and group lacks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, text

from kiosk.extensions import db
from kiosk.models import EventCounter, RollCall, RollTick, SignIn
from kiosk.services.door import hand_search, roll_rows
from kiosk.services.door.roll_calls import IS_IN
from kiosk.services.door.roll_rows import NOWHERE, PLACE, Division, RollCallRow, RollPlace, RollRow
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow

DIVISIONS: tuple[Division, ...] = ("bus", "group")
LATEST = 20  # roll calls that are over, on their page


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
    """Somebody on the list: whether they are there, since when, the keys of their bus and group, and what sorts them
    among the others."""

    person: PersonRow
    is_there: bool
    ticked_at: datetime | None
    parts: tuple[str, ...] = ()
    order: str = ""


@dataclass(frozen=True)
class RollSheet:
    """A roll call with a part of its list, narrowed to one bus or group where `part` says so; or with those who have
    changed, of whom `gone` are not on the list.

    `revision` is the event's up to which it is so, `roster_revision` the last one that the roster made. `next` is the
    border behind which the list goes on, empty at its end.
    """

    call: RollCallRow
    parts: tuple[RollPart, ...]
    part: RollPart | None
    people: tuple[RollPerson, ...]
    unnamed: int  # on the list, and their details are deleted
    revision: int
    roster_revision: int
    next: str = ""
    gone: tuple[int, ...] = ()
    is_behind: bool = False  # more has changed than it says

    @property
    def absent(self) -> tuple[RollPerson, ...]:
        return tuple(one for one in self.people if not one.is_there)

    @property
    def there(self) -> tuple[RollPerson, ...]:
        return tuple(one for one in self.people if one.is_there)

    @property
    def upto(self) -> str:
        """Return what sorts whoever stands at the border, empty at the end of the list."""
        return self.people[-1].order if self.next else ""


@dataclass(frozen=True)
class _Standing:
    """Who stands in one place: so many, of whom so many are named."""

    place: RollPlace
    count: int
    named: int


def running(event_id: int) -> tuple[RollCallRow, ...]:
    """Return the roll calls that go on, the newest first: one short query where none does."""
    return _rows(event_id, RollCall.ended_at.is_(None))


def over(event_id: int) -> tuple[RollCallRow, ...]:
    """Return the latest roll calls that have ended, the newest first."""
    return _rows(event_id, RollCall.ended_at.is_not(None))


def revision(event_id: int) -> int:
    """Return the event's revision: a list that was drawn of this one shows what is so."""
    return db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event_id)) or 0


def read(
    event_id: int,
    roll_call_id: int,
    part_key: str = "",
    *,
    after: str = "",
    typed: str = "",
    names_when_over: bool = True,
) -> RollSheet | None:
    """Return a roll call of this event with a part of its list, or None: the first one, or the one behind a border
    (`after`), of everybody or of whom typed words mean. Who is unaccounted comes first, each half by bus, group and the
    order of the roster. Without `names_when_over` one that has ended lists nobody: only its numbers are left.
    """
    seen = _revisions(event_id)  # first: what is read after it is at least as new
    call = _find(event_id, roll_call_id)
    if call is None:
        return None
    standings = _standings(event_id, call)
    parts = _parts(standings)
    part = next((one for one in parts if one.key == part_key), None)
    if part is not None:
        standings = [one for one in standings if one.place.of.get(part.division) == part.name]
    people: Sequence[RollRow] = ()
    border = ""
    if call.is_running or names_when_over:
        places = [(one.place, one.named) for one in standings if one.named]
        meant = searching.sign_ins_meant([event_id], typed)
        people, border = roll_rows.read_part(event_id, call, places, after, meant)
    return RollSheet(
        call=call,
        parts=parts,
        part=part,
        people=_people(people),
        unnamed=sum(one.count - one.named for one in standings),
        revision=seen[0],
        roster_revision=seen[1],
        next=border,
    )


def search(event_id: int, roll_call_id: int, typed: str, *, link_id: int | None, actor: str) -> RollSheet | None:
    """Return the same with the first of whom typed words mean, of the whole list. A steward's link searches as often as
    it may anywhere, and raises TooManyGuesses beyond that; to it one that has ended lists nobody."""
    if link_id is not None and typed:
        hand_search.count_look(event_id, link_id, actor)
    return read(event_id, roll_call_id, typed=typed, names_when_over=link_id is None)


def changes(event_id: int, roll_call_id: int, since: int) -> RollSheet | None:
    """Return the same with those who have changed since a revision, and of one that is over with nobody."""
    seen = _revisions(event_id)
    call = _find(event_id, roll_call_id)
    if call is None:
        return None
    standings = _standings(event_id, call)
    changed = roll_rows.RollChanges((), (), seen[0])
    if call.is_running:
        changed = roll_rows.read_changes(event_id, call, since, seen[0])
    return RollSheet(
        call=call,
        parts=_parts(standings),
        part=None,
        people=_people(changed.people),
        unnamed=sum(one.count - one.named for one in standings),
        revision=changed.revision,
        roster_revision=seen[1],
        gone=changed.gone,
        is_behind=changed.revision < seen[0],
    )


def _revisions(event_id: int) -> tuple[int, int]:
    columns = (EventCounter.revision, EventCounter.roster_revision)
    row = db.session.execute(select(*columns).where(EventCounter.event_id == event_id)).first()
    return (0, 0) if row is None else (row[0], row[1])


def _find(event_id: int, roll_call_id: int) -> RollCallRow | None:
    return next(iter(_rows(event_id, RollCall.id == roll_call_id)), None)


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


def _standings(event_id: int, call: RollCallRow) -> list[_Standing]:
    """Count who is on the list, in the order of the list; nobody's row is read for it."""
    counts = func.count(), func.sum(case((SignIn.name != "", 1), else_=0))
    statement = roll_rows.select_listed(event_id, call, *PLACE, *counts).group_by(*PLACE)
    if call.is_running:
        statement = statement.where(roll_rows.is_met(event_id, call))
    counted = {
        RollPlace(bool(is_there), bus, group): (count, int(named))
        for is_there, bus, group, count, named in db.session.execute(statement)
    }
    if call.is_running:
        others = max(0, call.total - sum(count for count, _named in counted.values()))
        count, named = counted.get(NOWHERE, (0, 0))
        counted[NOWHERE] = count + others, named + others - (_unmet_nameless(event_id, call) if others else 0)
    standings = [_Standing(place, *both) for place, both in counted.items() if both[0]]
    return sorted(standings, key=lambda one: one.place.order)


def _unmet_nameless(event_id: int, call: RollCallRow) -> int:
    """Return how many of all others have no name any more."""
    nameless = SignIn.event_id == event_id, SignIn.name_key == "", SignIn.name == "", IS_IN
    statement = select(func.count()).where(*nameless, ~roll_rows.is_met(event_id, call))
    return db.session.scalar(statement) or 0


def _people(listed: Sequence[RollRow]) -> tuple[RollPerson, ...]:
    people = zip(listed, rows.of_sign_ins([one.sign_in for one in listed]), strict=True)
    return tuple(_person(one, person) for one, person in people)


def _parts(standings: Sequence[_Standing]) -> tuple[RollPart, ...]:
    """Return the buses and then the groups, each with how many it has and lacks."""
    totals: Counter[tuple[Division, str]] = Counter()
    absent: Counter[tuple[Division, str]] = Counter()
    for one in standings:
        for of in one.place.of.items():
            totals[of] += one.count
            absent[of] += 0 if one.place.is_there else one.count
    in_order = sorted(totals, key=lambda of: (DIVISIONS.index(of[0]), roll_rows.in_order(of[1])))
    return tuple(RollPart(*of, _key(*of), totals[of], absent[of]) for of in in_order)


def _person(one: RollRow, person: PersonRow) -> RollPerson:
    of = one.place.of
    if not person.place and of:
        person = replace(person, place=tuple(of.values()))
    return RollPerson(person, one.place.is_there, one.ticked_at, tuple(_key(*each) for each in of.items()), one.order)


def _key(division: Division, name: str) -> str:
    return hashlib.sha256(f"{division} {name}".encode()).hexdigest()[:8]
