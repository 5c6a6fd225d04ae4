"""The one equation of who is here, part by part (docs/product.md 2.1): by kind, organisation, district and group.

Who has arrived counts in their own part, as they wrote it; who is missing or excused in that of the roster. So every
part adds up by itself, all parts add up to the event's counters, and a tapped part lists those it counts. Read are the
counters, the tallies, and by an index each the absent and the walk-ins: never every sign-in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, select, union_all
from sqlalchemy.orm import aliased

from kiosk.closed import KINDS
from kiosk.extensions import db
from kiosk.models import Organisation, RosterEntry, RosterSeats, SignIn
from kiosk.services.event.brought_forward import Among, Sums, block_of, summed_each
from kiosk.services.event.events import Counts

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Equation:
    """Listed + unlisted + rosterless = arrived; listed + missing + excused = expected."""

    listed: int = 0
    unlisted: int = 0
    missing: int = 0
    excused: int = 0
    rosterless: int = 0  # who came where nobody was expected by name: neither on a list nor beside it

    @property
    def arrived(self) -> int:
        return self.listed + self.unlisted + self.rosterless

    @property
    def expected(self) -> int:
        return self.listed + self.missing + self.excused

    def __add__(self, other: Equation) -> Equation:
        return Equation(
            self.listed + other.listed,
            self.unlisted + other.unlisted,
            self.missing + other.missing,
            self.excused + other.excused,
            self.rosterless + other.rosterless,
        )


@dataclass(frozen=True)
class Absence:
    """How many of one part of a roster are not here. Organisations are roots, whatever was merged since."""

    event_id: int
    state: str  # expected: missing; excused
    kind: str
    organisation_id: int | None
    organisation: str | None
    district: str | None
    group_name: str | None
    count: int


@dataclass(frozen=True)
class WalkIns:
    """How many of one kind and one organisation (its root) have arrived beside the roster."""

    event_id: int
    kind: str
    organisation_id: int | None
    count: int


_own, _root = aliased(Organisation), aliased(Organisation)


def absences(event_ids: Iterable[int]) -> list[Absence]:
    """Return who is expected or excused and not here, and the seats that are free."""
    named = (
        RosterEntry.event_id,
        RosterEntry.state,
        RosterEntry.kind,
        func.coalesce(_root.id, _own.id),
        func.coalesce(_root.name, _own.name),
        func.coalesce(_root.district, _own.district),
        RosterEntry.group_name,
    )
    entries = (
        select(*named, func.count())
        .select_from(RosterEntry)
        .join(_own, _own.id == RosterEntry.organisation_id, isouter=True)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .where(RosterEntry.event_id.in_(ids := tuple(event_ids)))
        .where(RosterEntry.state.in_(("expected", "excused")), ~RosterEntry.is_here)
        .group_by(*named)
    )
    return [Absence(*row) for row in db.session.execute(entries)] + _free_seats(ids)


def _free_seats(event_ids: Collection[int]) -> list[Absence]:
    """Return the seats that nobody fills: a school expects students, any other organisation its representatives."""
    named = (
        func.coalesce(_root.id, RosterSeats.organisation_id),
        func.coalesce(_root.name, RosterSeats.organisation_name),
        func.coalesce(_root.district, _own.district),
        RosterSeats.group_name,
        RosterSeats.seats - RosterSeats.filled,
    )
    statement = (
        select(RosterSeats.event_id, func.coalesce(_root.type, _own.type), *named)
        .join(_own, _own.id == RosterSeats.organisation_id)
        .join(_root, _root.id == _own.root_id, isouter=True)
        .where(RosterSeats.event_id.in_(event_ids), RosterSeats.seats > RosterSeats.filled)
        .order_by(RosterSeats.position)
    )
    return [
        Absence(event_id, "expected", "student" if type_ == "school" else "enterprise", *rest)
        for event_id, type_, *rest in db.session.execute(statement)
    ]


def is_walk_in(event_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition of the arrivals beside the rosters of these events.

    A substitute fills the place of whom they replace: the first of several, and none when that person came after all.
    """
    return and_(SignIn.event_id.in_(event_ids), SignIn.is_unlisted, SignIn.id.not_in(_substitutes(event_ids)))


def _substitutes(event_ids: Collection[int]) -> Select[tuple[int]]:
    """Select who fills the place of somebody replaced."""
    return (
        select(func.min(SignIn.id))
        .join(RosterEntry, RosterEntry.id == SignIn.replaces_id)
        .where(RosterEntry.event_id.in_(event_ids), RosterEntry.state == "replaced", SignIn.has_arrived)
        .group_by(SignIn.replaces_id)
    )


def walk_ins(event_ids: Iterable[int]) -> list[WalkIns]:
    """Return who has arrived beside the roster, by kind and organisation."""
    beside = (
        select(SignIn.event_id, SignIn.kind, SignIn.organisation_id, func.count().label("arrived"))
        .where(is_walk_in(tuple(event_ids)))
        .group_by(SignIn.event_id, SignIn.kind, SignIn.organisation_id)
        .subquery()
    )
    statement = select(beside.c.event_id, beside.c.kind, _own.root, beside.c.arrived)
    joined = statement.join(_own, _own.id == beside.c.organisation_id, isouter=True)
    return [WalkIns(*row) for row in db.session.execute(joined)]


def walk_ins_by_kind(event_ids: Iterable[int]) -> list[WalkIns]:
    """Return the same by kind alone: of whoever has changed since they are counted anew."""
    ids = tuple(event_ids)
    each = summed_each([Sums("unlisted", (event_id,), partial(_unlisted, event_id)) for event_id in ids])
    kinds = {
        event_id: Counter(dict(zip(KINDS, counts, strict=False))) for event_id, counts in zip(ids, each, strict=True)
    }
    filling = select(SignIn.event_id, SignIn.kind, func.count()).where(
        SignIn.id.in_(_substitutes(ids)), func.coalesce(SignIn.roster_entry_id, SignIn.roster_seats_id, 0) == 0
    )
    for event_id, kind, count in db.session.execute(filling.group_by(SignIn.event_id, SignIn.kind)):
        kinds[event_id][kind] -= count
    return [
        WalkIns(event_id, kind, None, int(count))
        for event_id, counts in kinds.items()
        for kind, count in counts.items()
        if count
    ]


def _unlisted(event_id: int, among: Among) -> Select[Any]:
    is_of = (and_(SignIn.is_unlisted, SignIn.kind == kind) for kind in KINDS)
    counts = (func.sum(case((condition, 1), else_=0)) for condition in is_of)
    came = SignIn.event_id == event_id, SignIn.has_arrived, among.condition
    return select(block_of(), *counts).where(*came).group_by(block_of())


def beside(event_id: int, counts: Counts, came: Counter[Any]) -> tuple[list[WalkIns], list[WalkIns]]:
    """Return who has arrived beside one event's roster twice, by kind and by organisation; `came` is how many did of
    each, by its root. The fewer rows are read: their own, or those of the roster. A hundred thousand who came to an
    event that expects sixty cost its screens nothing so.
    """
    if counts.unlisted <= counts.listed:
        return (rows := walk_ins([event_id])), rows
    return beside_by_tallies(event_id, counts, came)


def beside_by_tallies(event_id: int, counts: Counts, came: Counter[Any]) -> tuple[list[WalkIns], list[WalkIns]]:
    """Return the same of whoever has arrived, as the tallies say, less who has in a place of the roster."""
    kinds = Counter({kind: getattr(counts, kind) for kind in KINDS})
    organisations = Counter({**came, None: counts.arrived - sum(came.values())})
    for kind, organisation_id, count in db.session.execute(_in_places(event_id)):
        kinds[kind] -= count
        organisations[organisation_id] -= count
    return (
        [WalkIns(event_id, kind, None, count) for kind, count in kinds.items() if count],
        [WalkIns(event_id, "", organisation_id, count) for organisation_id, count in organisations.items() if count],
    )


def _in_places(event_id: int) -> Select[tuple[str, int | None, int]]:
    """Count by kind and organisation (its root) who has arrived in a place of the roster: an entry's, a seat, or in
    place of somebody replaced."""
    seats = select(RosterSeats.id).where(RosterSeats.event_id == event_id)
    places = (
        (SignIn.event_id == event_id, SignIn.roster_entry_id > 0, SignIn.has_arrived),
        # Neither their event nor `IS NULL`: SQLite would look through all of it, or all who have no entry.
        (SignIn.roster_seats_id.in_(seats), func.coalesce(SignIn.roster_entry_id, 0) == 0, SignIn.has_arrived),
        (SignIn.event_id == event_id, SignIn.id.in_(_substitutes([event_id])), SignIn.is_unlisted),
    )
    each = (select(SignIn.kind, SignIn.organisation_id).where(*one) for one in places)
    those = union_all(*each).subquery()
    joined = select(those.c.kind, _own.root, func.count()).join(_own, _own.id == those.c.organisation_id, isouter=True)
    return joined.group_by(those.c.kind, _own.root)


def group_sizes(event_id: int) -> Counter[str | None]:
    """Return how many each group of the roster expects, the excused too; None for those without a group."""
    entries = select(RosterEntry.group_name, func.count()).where(RosterEntry.event_id == event_id)
    seats = select(RosterSeats.group_name, func.sum(RosterSeats.seats)).where(RosterSeats.event_id == event_id)
    sizes: Counter[str | None] = Counter()
    for statement in (entries.group_by(RosterEntry.group_name), seats.group_by(RosterSeats.group_name)):
        for group_name, size in db.session.execute(statement):
            sizes[group_name or None] += int(size)
    return sizes


def by_part(
    arrived: Mapping[Any, int], unlisted: Mapping[Any, int], absent: Iterable[tuple[Any, Absence]]
) -> dict[Any, Equation]:
    """Return the equation of each part, from those who arrived, the walk-ins among them, and who is absent."""
    missing: Counter[Any] = Counter()
    excused: Counter[Any] = Counter()
    for part, absence in absent:
        (excused if absence.state == "excused" else missing)[part] += absence.count
    return {
        part: Equation(
            arrived.get(part, 0) - unlisted.get(part, 0), unlisted.get(part, 0), missing[part], excused[part]
        )
        for part in {**arrived, **unlisted, **missing, **excused}
    }


def by_kind(
    admitted: Sequence[str],
    arrived: Mapping[str, int],
    beside: Iterable[WalkIns],
    absent: Iterable[Absence],
    *,
    has_roster: bool,
) -> dict[str, Equation]:
    """Return the equation of each kind of one event. Who is absent of a kind that the event does not admit, as those
    of an organisation's free seats may be, is expected as its first kind."""
    if not has_roster:
        return without_roster(arrived)
    unlisted = Counter[str]()
    for some in beside:
        unlisted[some.kind] += some.count
    wanted = [(one.kind if one.kind in admitted else admitted[0], one) for one in absent]
    return by_part(arrived, unlisted, wanted)


def by_organisation(
    came: Counter[Any], arrived: int, absent: Iterable[Absence], beside: Iterable[WalkIns], *, has_roster: bool = True
) -> dict[int | None, Equation]:
    """Return the equation of each organisation of one event, of which so many `came`; under None that of the others of
    all who `arrived`."""
    everybody: dict[int | None, int] = {**came, None: arrived - came.total()}
    if not has_roster:
        return without_roster(everybody)
    unlisted = Counter[int | None]()
    for some in beside:
        unlisted[some.organisation_id] += some.count
    return by_part(everybody, unlisted, [(one.organisation_id, one) for one in absent])


def without_roster(arrived: Mapping[Part, int]) -> dict[Part, Equation]:
    """Return the equation of each part of an event that expects nobody by name."""
    return {part: Equation(rosterless=count) for part, count in arrived.items()}
