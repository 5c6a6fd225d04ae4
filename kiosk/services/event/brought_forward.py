"""Sums over the people of events, brought forward from one change to the next.

What can be counted in the transaction of each sign-in is (services/tallies). These cannot: they follow rules that staff
may change afterwards, or count each person once over many events. So people are summed up in blocks of their numbers,
and the sums are kept. A sign-in that changes bears the revision of its event: rows that are newer than what is kept say
which blocks are summed up anew, a few hundred people each, whoever else has come.

Three things carry this, each with a test: no sign-in is deleted; whoever changes one writes its revision; and it becomes
another participant's only with its event, which goes to another campaign by a change of its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

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
# Reads the sums of whom a condition names, block by block: its number (`BLOCK_OF`), and what is added up.
Read = Callable[[ColumnElement[bool]], Iterable[Sequence[Any]]]
BLOCK_OF = SignIn.participant_id // BLOCK


@dataclass(frozen=True)
class Sums:
    """What is summed up, of which events, and by which rules."""

    name: str
    event_ids: tuple[int, ...]
    read: Read
    rules: Hashable = None


@dataclass(frozen=True)
class _Kept:
    """The sums of each block, as they were at these revisions, or later."""

    rules: Hashable  # with the versions of the events' settings
    revisions: Mapping[int, int]
    blocks: Mapping[int, Numbers]


def summed(sums: Sums) -> Numbers:
    """Return the sums over everybody; empty where there is nobody."""
    return summed_each([sums])[0]


def summed_each(asked: Sequence[Sums]) -> list[Numbers]:
    """Return several sums, asked for together: one statement says what has changed."""
    states = _states({event_id for one in asked for event_id in one.event_ids})
    all_kept: dict[tuple[str, tuple[int, ...]], _Kept] = one_of_app(EXTENSION, dict)
    rules = [(one.rules, tuple(states.get(event_id, (0, 0))[1] for event_id in one.event_ids)) for one in asked]
    known = [all_kept.get((one.name, one.event_ids)) for one in asked]
    known = [one if one is not None and one.rules == rule else None for one, rule in zip(known, rules, strict=True)]
    changed = _changed([one for one in known if one is not None], states)
    results = []
    for one, rule, before in zip(asked, rules, known, strict=True):
        revisions = {event_id: states[event_id][0] for event_id in one.event_ids if event_id in states}
        if before is None:
            now = _Kept(rule, revisions, _blocks(one, _edges(one.event_ids)))
        else:
            stale = {block for event_id in one.event_ids for block in changed.get(event_id, ())}
            now = _Kept(rule, revisions, _renewed(one, before.blocks, stale)) if before.revisions != revisions else before
        if sum(len(every.blocks) for every in all_kept.values()) > MOST:
            all_kept.clear()
        all_kept[one.name, one.event_ids] = now
        results.append(tuple(map(sum, zip(*now.blocks.values(), strict=True))))
    return results


def _states(event_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return the revision of each event, and the version of its settings. They are asked for first: what is read after
    them is at least as new."""
    statement = select(EventCounter.event_id, EventCounter.revision, Event.settings_version).join(
        Event, Event.id == EventCounter.event_id
    )
    return {
        event_id: (revision, version)
        for ids in parts(sorted(event_ids), EVENTS_AT_ONCE)
        for event_id, revision, version in db.session.execute(statement.where(EventCounter.event_id.in_(ids)))
    }


def _changed(known: Iterable[_Kept], states: Mapping[int, tuple[int, int]]) -> dict[int, set[int]]:
    """Return the blocks of the people whose sign-ins have changed since what is known, by event."""
    since: dict[int, int] = {}
    for one in known:
        for event_id, revision in one.revisions.items():
            if revision != states[event_id][0]:
                since[event_id] = min(revision, since.get(event_id, revision))
    changed: dict[int, set[int]] = {}
    for some in parts(sorted(since.items()), EVENTS_AT_ONCE):
        is_newer = or_(*(and_(SignIn.event_id == event_id, SignIn.revision > revision) for event_id, revision in some))
        for event_id, block in db.session.execute(select(SignIn.event_id, BLOCK_OF).where(is_newer).distinct()):
            changed.setdefault(event_id, set()).add(block)
    return changed


def _edges(event_ids: Iterable[int]) -> list[int]:
    """Return where to stop between statements: at none of the events more than some thousand people lie between two."""
    edges: set[int] = set()
    for event_id in event_ids:
        people = select(SignIn.participant_id).where(SignIn.event_id == event_id, SignIn.counts)
        ahead = people.order_by(SignIn.participant_id).offset(TOGETHER * BLOCK).limit(1)
        last = 0
        while (next_one := db.session.scalar(ahead.where(SignIn.participant_id > last))) is not None:
            last = next_one
            edges.add(last // BLOCK)
            pause()
    return sorted(edges)


def _blocks(sums: Sums, edges: Sequence[int]) -> dict[int, Numbers]:
    blocks: dict[int, Numbers] = {}
    for first, end in pairwise((None, *edges, None)):
        blocks |= _read(sums, first, end)
        pause()
    return blocks


def _renewed(sums: Sums, blocks: Mapping[int, Numbers], stale: Iterable[int]) -> dict[int, Numbers]:
    renewed = dict(blocks)
    for number, (first, end) in enumerate(_runs(sorted(stale))):
        if number:
            pause()
        for block in range(first, end):
            renewed.pop(block, None)
        renewed |= _read(sums, first, end)
    return renewed


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the blocks in runs without a gap, each with the number behind its last one."""
    first = end = None
    for block in blocks:
        if first is not None and end is not None and (block != end or end - first == TOGETHER):
            yield first, end
            first = None
        first, end = block if first is None else first, block + 1
    if first is not None and end is not None:
        yield first, end


def _read(sums: Sums, first: int | None, end: int | None) -> dict[int, Numbers]:
    is_from = true() if first is None else SignIn.participant_id >= first * BLOCK
    is_below = true() if end is None else SignIn.participant_id < end * BLOCK
    return {int(block): tuple(each or 0 for each in values) for block, *values in sums.read(and_(is_from, is_below))}
