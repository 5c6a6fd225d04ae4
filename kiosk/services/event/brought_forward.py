"""Sums over the people of events, brought forward from one change to the next.

What can be counted in the transaction of each sign-in is (services/tallies). These cannot: they follow rules that staff
may change afterwards, or count each person once over many events. So people are summed up in blocks of their numbers,
and the sums are kept. A sign-in that changes bears the revision of its event: rows that are newer than what is kept say
which blocks are summed up anew, a few hundred people each, whoever else has come.

Three things carry this, each with a test: no sign-in is deleted; whoever changes one writes its revision; and it is
another participant's only with its event, which goes to another campaign by a change of its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, literal, or_, select, true, union_all

from kiosk.extensions import db, one_of_app
from kiosk.models import Event, EventCounter, SignIn
from kiosk.services.pages import parts
from kiosk.services.pauses import pause

BLOCK = 256  # participants
TOGETHER = 8  # blocks a statement: SQLite answers nobody else meanwhile
EVENTS_AT_ONCE = 40  # a statement
EXTENSION = "kiosk_brought_forward"
MOST = 20_000  # blocks of one process: five million people

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Among:
    """Whom a statement reads: the blocks from the first on, up to the one behind the last; None is open."""

    first: int | None = None
    end: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Say whether they are few; otherwise they are all of a small event, or those at one end of a large one."""
        return self.first is not None and self.end is not None

    @property
    def condition(self) -> ColumnElement[bool]:
        is_from = true() if self.first is None else SignIn.participant_id >= self.first * BLOCK
        is_below = true() if self.end is None else SignIn.participant_id < self.end * BLOCK
        return and_(is_from, is_below)

    def those(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return the condition of those of them that count no more, too, of whom no index has event and participant:
        within a CASE, or SQLite would read all of the event's rows for a few of its people."""
        return and_(self.condition, case((condition, 1), else_=0) == 1 if self.is_narrow else condition)


@dataclass(frozen=True)
class Sums:
    """What is summed up (`name`), of which events, and by which rules. `select` selects the sums of some people block
    by block: the block's number (`block_of`), and what is added up; those of one name select as many columns."""

    name: str
    event_ids: tuple[int, ...]
    select: Callable[[Among], Select[Any]]
    rules: Hashable = None


@dataclass(frozen=True)
class _State:
    revision: int
    settings_version: int
    arrived: int


@dataclass(frozen=True)
class _Kept:
    """The sums of each block, as they were at these revisions, or later."""

    rules: Hashable  # with the versions of the events' settings
    revisions: Mapping[int, int]
    blocks: Mapping[int, Numbers]


@dataclass(frozen=True)
class _Job:
    """A part of one of the sums that is read: of so many people, about."""

    number: int
    among: Among
    people: int


def block_of(participant_id: Any = SignIn.participant_id) -> ColumnElement[int]:
    """Return the number of somebody's block as SQL: with its figure, or PostgreSQL could not group by it."""
    block: ColumnElement[int] = participant_id // literal(BLOCK, literal_execute=True)
    return block


def summed(sums: Sums) -> Numbers:
    """Return the sums over everybody; empty where there is nobody."""
    return summed_each([sums])[0]


def summed_each(asked: Sequence[Sums]) -> list[Numbers]:
    """Return several sums of one name, asked for together: what is small is read in one statement."""
    states = _states({event_id for one in asked for event_id in one.event_ids})
    all_kept: dict[tuple[str, tuple[int, ...]], _Kept] = one_of_app(EXTENSION, dict)
    before: list[_Kept | None] = []
    for one in asked:
        known = all_kept.get((one.name, one.event_ids))
        before.append(known if known is not None and known.rules == _rules(one, states) else None)
    changed = _changed([known for known in before if known is not None], states)
    blocks: list[dict[int, Numbers]] = []
    jobs: list[_Job] = []
    for number, (one, known) in enumerate(zip(asked, before, strict=True)):
        blocks.append({} if known is None else dict(known.blocks))
        if known is None:
            jobs += _all_of(number, one.event_ids, states)
        else:
            jobs += _stale(number, {block for event_id in one.event_ids for block in changed.get(event_id, ())})
    _read(asked, jobs, blocks)
    for one, now in zip(asked, blocks, strict=True):
        revisions = {event_id: states[event_id].revision for event_id in one.event_ids if event_id in states}
        all_kept[one.name, one.event_ids] = _Kept(_rules(one, states), revisions, now)
    if sum(len(known.blocks) for known in all_kept.values()) > MOST:
        all_kept.clear()
    return [tuple(map(sum, zip(*now.values(), strict=True))) for now in blocks]


def _rules(sums: Sums, states: Mapping[int, _State]) -> Hashable:
    versions = tuple(states[event_id].settings_version for event_id in sums.event_ids if event_id in states)
    return sums.rules, versions


def _states(event_ids: Iterable[int]) -> dict[int, _State]:
    """Return how each event stands. It is asked for first: what is read after it is at least as new."""
    columns = (EventCounter.event_id, EventCounter.revision, Event.settings_version, EventCounter.arrived)
    statement = select(*columns).join(Event, Event.id == EventCounter.event_id)
    return {
        event_id: _State(*state)
        for ids in parts(sorted(event_ids), EVENTS_AT_ONCE)
        for event_id, *state in db.session.execute(statement.where(EventCounter.event_id.in_(ids)))
    }


def _changed(known: Iterable[_Kept], states: Mapping[int, _State]) -> dict[int, set[int]]:
    """Return the blocks of the people whose sign-ins have changed since what is known, by event."""
    since: dict[int, int] = {}
    for one in known:
        for event_id, revision in one.revisions.items():
            if revision != states[event_id].revision:
                since[event_id] = min(revision, since.get(event_id, revision))
    changed: dict[int, set[int]] = {}
    for some in parts(sorted(since.items()), EVENTS_AT_ONCE):
        is_newer = or_(*(and_(SignIn.event_id == event_id, SignIn.revision > revision) for event_id, revision in some))
        for event_id, block in db.session.execute(select(SignIn.event_id, block_of()).where(is_newer).distinct()):
            changed.setdefault(event_id, set()).add(block)
    return changed


def _all_of(number: int, event_ids: Sequence[int], states: Mapping[int, _State]) -> Iterator[_Job]:
    """Yield everybody of these events, at a large one step by step."""
    most = TOGETHER * BLOCK
    sizes = {event_id: states[event_id].arrived for event_id in event_ids if event_id in states}
    edges: set[int] = set()
    for event_id in (event_id for event_id, arrived in sizes.items() if arrived > most):
        came = select(SignIn.participant_id).where(SignIn.event_id == event_id, SignIn.counts)
        ahead = came.order_by(SignIn.participant_id).offset(most).limit(1)
        last: int | None = 0
        while last is not None:
            last = db.session.scalar(ahead.where(SignIn.participant_id > last))
            edges |= set() if last is None else {last // BLOCK}
            pause()
    people = most if edges else sum(sizes.values())
    for first, end in pairwise((None, *sorted(edges), None)):
        yield _Job(number, Among(first, end), people)


def _stale(number: int, blocks: Iterable[int]) -> Iterator[_Job]:
    """Yield these blocks, those together that follow each other."""
    runs: list[tuple[int, int]] = []
    for block in sorted(blocks):
        if runs and runs[-1][1] == block and block - runs[-1][0] < TOGETHER:
            runs[-1] = (runs[-1][0], block + 1)
        else:
            runs.append((block, block + 1))
    return (_Job(number, Among(first, end), (end - first) * BLOCK) for first, end in runs)


def _read(asked: Sequence[Sums], jobs: Sequence[_Job], blocks: Sequence[dict[int, Numbers]]) -> None:
    """Read what the jobs say into the blocks: as many together as make some thousand people."""
    for some in _bundles(jobs):
        for job in some:
            for block in range(job.among.first or 0, job.among.end or 0):
                blocks[job.number].pop(block, None)
        selects = [asked[job.number].select(job.among).add_columns(literal(job.number, Integer)) for job in some]
        statement = selects[0] if len(selects) == 1 else union_all(*selects)
        for block, *values, number in db.session.execute(statement):
            blocks[number][int(block)] = tuple(each or 0 for each in values)
        pause()


def _bundles(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    bundle: list[_Job] = []
    people = 0
    for job in jobs:
        if bundle and (len(bundle) == EVENTS_AT_ONCE or people + job.people > TOGETHER * BLOCK):
            yield bundle
            bundle, people = [], 0
        bundle.append(job)
        people += job.people
    if bundle:
        yield bundle
