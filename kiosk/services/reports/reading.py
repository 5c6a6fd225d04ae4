"""The sign-ins behind the figures, read in small steps.

SQLite computes within the server's own process, which answers nobody else meanwhile: one count of distinct people over
100,000 sign-ins held a worker for 150 ms. Here no statement reads more than some thousand rows, and others run between
two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select

from kiosk.closed import KINDS
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, SignIn
from kiosk.services.enterprises import EVENTS_AT_ONCE
from kiosk.services.event.brought_forward import Among, Sums, block_of, summed, summed_each
from kiosk.services.pages import parts
from kiosk.services.pauses import pause
from kiosk.services.roster.equations import Absence, Equation, WalkIns, absences, by_kind, walk_ins_by_kind

STEP = 2_000  # sign-ins a statement: a few milliseconds


class CountedAttendance(NamedTuple):
    """One attendance, without anything personal."""

    participant_id: int
    id: int
    event_id: int
    kind: str
    has_name: bool


@dataclass
class DistinctPeople:
    """Distinct people, all and by kind; who came as two kinds counts in both."""

    total: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Tallied:
    """What the counters of one event say: its attendances by kind, and whether it has a roster."""

    by_kind: Mapping[str, int]
    has_roster: bool


def tallied(event_ids: Iterable[int]) -> Mapping[int, Tallied]:
    """Return the counters of each event that has any attendance or a roster.

    They change in the transaction of each sign-in: it costs the same for any number.
    """
    columns = (EventCounter.event_id, EventCounter.expected, EventCounter.student, EventCounter.enterprise)
    statement = select(*columns, EventCounter.guest).where(
        EventCounter.event_id.in_(tuple(event_ids)), or_(EventCounter.arrived > 0, EventCounter.expected > 0)
    )
    return {
        event_id: Tallied({kind: count for kind, count in zip(KINDS, counts, strict=True) if count}, expected > 0)
        for event_id, expected, *counts in db.session.execute(statement)
    }


def attendances(event_ids: Iterable[int]) -> Mapping[int, Mapping[str, int]]:
    """Return for each event with any its attendances by kind."""
    return {event_id: one.by_kind for event_id, one in tallied(event_ids).items() if one.by_kind}


def equations(admitted: Mapping[int, Sequence[str]]) -> Mapping[int, Mapping[str, Equation]]:
    """Return the equation by kind of each event with any attendance or a roster; `admitted` are their kinds by id."""
    counters = tallied(admitted)
    listed = [event_id for event_id, one in counters.items() if one.has_roster]
    absent: dict[int, list[Absence]] = {}
    beside: dict[int, list[WalkIns]] = {}
    for some in parts(listed, EVENTS_AT_ONCE):
        for absence in absences(some):
            absent.setdefault(absence.event_id, []).append(absence)
        for one in walk_ins_by_kind(some):
            beside.setdefault(one.event_id, []).append(one)
        pause()
    return {
        event_id: by_kind(
            admitted[event_id],
            one.by_kind,
            beside.get(event_id, ()),
            absent.get(event_id, ()),
            has_roster=one.has_roster,
        )
        for event_id, one in counters.items()
    }


def unconfirmed(event_ids: Iterable[int]) -> int:
    """Return how many sign-ins of these events wait for a steward; they count as nothing else."""
    statement = select(func.sum(EventCounter.unconfirmed)).where(EventCounter.event_id.in_(tuple(event_ids)))
    return int(db.session.scalar(statement) or 0)


def refused(event_ids: Iterable[int]) -> int:
    """Return how many sign-ins of these events a steward did not confirm."""
    confirming = select(Event.id).where(Event.id.in_(tuple(event_ids)), Event.needs_confirmation)
    sums = [Sums("refused", (event_id,), partial(_refused, event_id)) for event_id in db.session.scalars(confirming)]
    return int(sum(count for counts in summed_each(sums) for count in counts))


def _refused(event_id: int, among: Among) -> Select[Any]:
    is_refused = and_(SignIn.event_id == event_id, SignIn.voided_at.is_not(None), SignIn.state == "unconfirmed")
    return select(block_of(), func.count()).where(among.those(is_refused)).group_by(block_of())


def people(event_ids: Iterable[int]) -> DistinctPeople:
    """Return how many distinct people came to these events; of whoever has changed since they are counted anew."""
    ids = tuple(sorted(event_ids))
    counted = [func.count(func.distinct(SignIn.participant_id))]
    counted += [func.count(func.distinct(case((SignIn.kind == kind, SignIn.participant_id)))) for kind in KINDS]

    def distinct(among: Among) -> Select[Any]:
        came = SignIn.event_id.in_(ids), SignIn.has_arrived, among.condition
        return select(block_of(), *counted).where(*came).group_by(block_of())

    total, *of_kinds = map(int, summed(Sums("people", ids, distinct)) or [0] * len(counted))
    return DistinctPeople(total, Counter(dict(zip(KINDS, of_kinds, strict=True))))


def arrivals(event_ids: Iterable[int]) -> Iterator[list[CountedAttendance]]:
    """Yield the attendances of these events, some thousand at a time, and let others run in between."""
    sizes = {event_id: sum(counts.values()) for event_id, counts in attendances(event_ids).items()}
    for together in _bundles(sizes):
        last = 0
        while True:
            rows = _read(together, last)
            yield rows
            pause()
            if len(together) > 1 or len(rows) < STEP:
                break
            last = rows[-1].participant_id


def _bundles(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield the small events together, as many as make a step, and a large one by itself."""
    together: list[int] = []
    count = 0
    for event_id, size in sizes.items():
        if size >= STEP:
            yield [event_id]
            continue
        if count + size >= STEP:
            yield together
            together, count = [], 0
        together.append(event_id)
        count += size
    if together:
        yield together


def _read(event_ids: Collection[int], last: int) -> list[CountedAttendance]:
    """Read a bundle, or of one event a step of people behind `last`: the index on its participants leads there."""
    columns = (SignIn.participant_id, SignIn.id, SignIn.event_id, SignIn.kind, SignIn.name != "")
    statement = select(*columns).where(SignIn.has_arrived)
    if len(event_ids) == 1:
        of_event = SignIn.event_id == next(iter(event_ids)), SignIn.participant_id > last
        statement = statement.where(*of_event).order_by(SignIn.participant_id).limit(STEP)
    else:
        statement = statement.where(SignIn.event_id.in_(event_ids))
    return list(map(CountedAttendance._make, db.session.execute(statement)))
