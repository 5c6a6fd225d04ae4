"""The rows of a roll call's list, a part at a time, those whom words mean, or those that have changed.

Who is unaccounted comes first, each half by bus, group and the order of the roster. A part begins behind somebody, whom
an address names by half and number ("u12"): where that one stands is looked up, so that parts hold together whoever is
ticked, comes or goes meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, union, union_all

from kiosk.bounds import LARGEST, whole_number
from kiosk.extensions import db
from kiosk.models import RollTick, RosterEntry, RosterSeats, SignIn
from kiosk.services.door.roll_calls import IS_IN

Division = Literal["bus", "group"]
PART = 50  # people of a part
CHANGES = 100  # people who have changed, at once
HALVES = "ut"  # unaccounted, there
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


class RollPlace(NamedTuple):
    """Where somebody stands on the list: in which half, and with which bus and group."""

    is_there: bool
    bus: str | None
    group: str | None

    @property
    def of(self) -> dict[Division, str]:
        """Return what these people belong to."""
        names: dict[Division, str | None] = {"bus": self.bus, "group": self.group}
        return {division: name for division, name in names.items() if name}

    @property
    def order(self) -> str:
        return f"{int(self.is_there)}{in_order(self.bus)},{in_order(self.group)}"


NOWHERE = RollPlace(False, None, None)


@dataclass(frozen=True)
class RollRow:
    """A row of the list; `position` is that of the roster."""

    sign_in: SignIn
    place: RollPlace
    position: int | None
    ticked_at: datetime | None

    @property
    def order(self) -> str:
        """Return what sorts the list, here and in a browser: characters that compare alike in both."""
        position = "~" if self.position is None else f"{self.position:010}"
        return f"{self.place.order},{position},{self.sign_in.id:010}"

    @property
    def border(self) -> str:
        """Return what an address calls this row by, where the list goes on behind it."""
        return f"{HALVES[self.place.is_there]}{self.sign_in.id}"


@dataclass(frozen=True)
class RollChanges:
    """Who has changed up to a revision: those who are on the list, and the numbers of those who are not."""

    people: tuple[RollRow, ...]
    gone: tuple[int, ...]
    revision: int


@dataclass(frozen=True)
class _Border:
    """Behind whom a part begins."""

    place: RollPlace
    position: int | None
    id: int

    @property
    def is_behind(self) -> ColumnElement[bool]:
        """Return the condition of who comes later in the same place."""
        is_later = SignIn.id > self.id
        if self.position is None:
            return and_(RosterEntry.position.is_(None), is_later)
        is_same = and_(RosterEntry.position == self.position, is_later)
        return or_(RosterEntry.position.is_(None), RosterEntry.position > self.position, is_same)


_IS_THERE = func.coalesce(RollTick.is_there, false())
_GROUP = func.coalesce(RosterEntry.group_name, RosterSeats.group_name)
PLACE: tuple[Any, ...] = (_IS_THERE, RosterEntry.bus, _GROUP)


def select_listed(event_id: int, call: RollCallRow, *columns: Any) -> Select[Any]:
    """Select of who is on the list: of a roll call that goes on whoever is inside, of one that is over its own rows."""
    return _select(event_id, call, *columns).where(IS_IN if call.is_running else SignIn.has_arrived)


def is_met(event_id: int, call: RollCallRow) -> ColumnElement[bool]:
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


def read_part(
    event_id: int,
    call: RollCallRow,
    places: Iterable[tuple[RollPlace, int]],
    after: str = "",
    meant: Collection[ColumnElement[bool]] = (),
) -> tuple[Sequence[RollRow], str]:
    """Read who comes next behind a border, or from the beginning, and behind whom the list goes on, "" at its end.

    `places` has how many are named in each, in the order of the list; `meant` narrows it to whom words mean.
    """
    border = _border(event_id, call, after)
    count, wanted = 0, list[RollPlace]()
    for place, named in places:
        if count > PART:
            break
        if border is None or place.order >= border.place.order:
            wanted.append(place)
            # Of the border's own place some came before; and of whom words mean nobody knows how many there are.
            is_whole = not meant and (border is None or place != border.place)
            count += named if is_whole else 0
    people = _listed(event_id, call, wanted, border, meant) if wanted else []
    if call.is_running and NOWHERE in wanted:
        people += _others(event_id, call, border, meant)
    people.sort(key=lambda one: one.order)
    return people[:PART], people[PART - 1].border if len(people) > PART else ""


def read_changes(event_id: int, call: RollCallRow, since: int, revision: int) -> RollChanges:
    """Read who has changed since a revision, the earliest first and CHANGES of them at most: then the changes reach up
    to an earlier one than the present, `revision`."""
    changed = union_all(
        select(SignIn.id, SignIn.revision).where(SignIn.event_id == event_id, SignIn.revision > since),
        select(RollTick.sign_in_id, RollTick.revision).where(
            RollTick.roll_call_id == call.id, RollTick.revision > since
        ),
    ).subquery()
    rows = db.session.execute(select(*changed.c).order_by(changed.c[1]).limit(CHANGES + 1)).all()
    if len(rows) > CHANGES:
        # The last one's revision may have changed more of them, as an act about many does.
        last = rows[-1][1]
        earlier = [row for row in rows if row[1] < last]
        rows = earlier or db.session.execute(select(*changed.c).where(changed.c[1] == last)).all()
        revision = rows[-1][1]
    ids = {id_ for id_, _revision in rows}
    people = _rows(_select_rows(event_id, call).where(SignIn.id.in_(ids))) if ids else []
    return RollChanges(tuple(people), tuple(sorted(ids - {one.sign_in.id for one in people})), revision)


def in_order(name: str | None) -> str:
    """Return what sorts names with numbers as people do, 2号车 before 10号车, and no name at the end; in characters
    that every program compares alike, the shorter of two that begin alike first."""
    if not name:
        return "~"
    pieces = DIGITS.split(name)
    return ".".join(
        f"{int(piece[:9]):09}" if number % 2 else piece.encode("utf-16-be").hex() for number, piece in enumerate(pieces)
    )


def _select(event_id: int, call: RollCallRow, *columns: Any) -> Select[Any]:
    """Select of sign-ins with tick and place. Who came in somebody's place belongs to that one's bus and group."""
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
        .where(of_event == event_id)
    )


def _select_rows(event_id: int, call: RollCallRow) -> Select[Any]:
    columns = (SignIn, *PLACE, RosterEntry.position, RollTick.ticked_at)
    return select_listed(event_id, call, *columns).where(SignIn.name != "")


def _rows(statement: Select[Any]) -> list[RollRow]:
    return [
        RollRow(sign_in, RollPlace(bool(is_there), bus, group), position, ticked_at)
        for sign_in, is_there, bus, group, position, ticked_at in db.session.execute(statement)
    ]


def _border(event_id: int, call: RollCallRow, after: str) -> _Border | None:
    """Look up where somebody stands, on the list or not any more; nobody of this event is none."""
    half = HALVES.find(after[:1]) if after else -1
    try:
        sign_in_id = whole_number(after[1:])
    except ValueError:
        return None
    statement = _select(event_id, call, RosterEntry.bus, _GROUP, RosterEntry.position).where(SignIn.id == sign_in_id)
    row = db.session.execute(statement).first() if half >= 0 else None
    return None if row is None else _Border(RollPlace(bool(half), row[0], row[1]), row[2], sign_in_id)


def _listed(
    event_id: int,
    call: RollCallRow,
    wanted: Sequence[RollPlace],
    border: _Border | None,
    meant: Collection[ColumnElement[bool]],
) -> list[RollRow]:
    """Read the first of these places; of a roll call that goes on whom it has met."""
    is_theirs = []
    for place in wanted:
        conditions = [column.is_not_distinct_from(value) for column, value in zip(PLACE, place, strict=True)]
        if border is not None and place == border.place:
            conditions.append(border.is_behind)
        is_theirs.append(and_(*conditions))
    statement = _select_rows(event_id, call).where(or_(*is_theirs), *meant)
    if call.is_running:
        statement = statement.where(is_met(event_id, call))
    rank = case(*((condition, number) for number, condition in enumerate(is_theirs)))
    in_order_ = (rank, RosterEntry.position.is_(None), RosterEntry.position, SignIn.id)
    return _rows(statement.order_by(*in_order_).limit(PART + 1))


def _others(
    event_id: int, call: RollCallRow, border: _Border | None, meant: Collection[ColumnElement[bool]]
) -> list[RollRow]:
    """Read the first of those whom a roll call that goes on has not met, in the order of an index."""
    is_met_ = exists().where(RollTick.roll_call_id == call.id, RollTick.sign_in_id == SignIn.id)
    unmet = SignIn.event_id == event_id, SignIn.is_unlisted, SignIn.replaces_id.is_(None), ~is_met_
    statement = select(SignIn).where(*unmet, SignIn.left_at.is_(None), SignIn.name != "", *meant)
    # Of the roster, and so before all of these, is whoever has a position.
    if border is not None and border.place == NOWHERE and border.position is None:
        statement = statement.where(SignIn.id > border.id)
    first = db.session.scalars(statement.order_by(SignIn.id).limit(PART + 1))
    return [RollRow(sign_in, NOWHERE, None, None) for sign_in in first]
