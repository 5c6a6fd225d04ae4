"""Emptying a target's rows in place, in chunks: no unit of work holds the writer over 50 ms."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, Update, bindparam, case, delete, func, select, update

from kiosk.extensions import db
from kiosk.models import Proof, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.event import proof_revisions
from kiosk.services.event.brought_forward import Among, Sums, block_of, summed
from kiosk.services.pages import parts
from kiosk.services.privacy.declaration import CLEARED, PersonalTable, Target
from kiosk.services.store.writer import WriterSession, unit

# Rows a unit of work, and the seconds after each in which a door that waits has the writer: with 250 rows and no pause
# a sign-in's p95 at a door of 50 a second was 2.2 to 2.8 times the quiet one's (bench/afterwards.py).
CHUNK = 20
PAUSE = 0.01
IDS, REVISION = "row_ids", "new_revision"  # what a chunk's statement is given
PASSES = 3  # a row that was written between reading and emptying is met by the next pass
IDS, REVISION = "row_ids", "new_revision"  # what a chunk's statement is given
_chunk: Any = bindparam(IDS, expanding=True)
_EVENTS_OF = select(SignIn.event_id, SignIn.id).where(SignIn.id.in_(_chunk)).order_by(SignIn.event_id)


def clear(target: Target, progress: Callable[[int], None] = lambda _people: None) -> None:
    """Empty or delete everything that is left of the target; doing it again, or twice at once, changes nothing.

    `progress` is told after each chunk how many people's rows are empty so far.
    """
    people = 0
    for table in CLEARED:  # in their order: who is needed no more is known when the sign-ins are empty
        for _ in range(PASSES):
            ids = _ids(table, target)
            if not ids:
                break
            statement = _statement(table, target)
            for chunk in parts(ids, CHUNK):
                _clear_chunk(table, target, statement, chunk)
                people += len(chunk) if table.model in (SignIn, RosterEntry) else 0
                progress(people)
                time.sleep(PAUSE)
    for event_id in target.event_ids:
        tallies.wake(event_id)  # a dashboard that was drawn meanwhile, with people of the roster on it, is old


def is_anything_left(target: Target) -> bool:
    """Say whether a row of the target still holds personal data."""
    return any(
        db.session.scalar(select(table.id).where(table.is_left(target)).limit(1)) is not None for table in CLEARED
    )


def count_people(target: Target) -> int:
    """Return how many people the target's rows speak of: who signed in, and who was expected and never did."""
    entries = CLEARED[1]
    has_come = select(SignIn.id).where(SignIn.roster_entry_id == RosterEntry.id).exists()
    missed = select(func.count(RosterEntry.id)).where(entries.is_left(target), ~has_come)
    return _count_came(target) + int(db.session.scalar(missed) or 0)


def _count_came(target: Target) -> int:
    sign_ins = CLEARED[0]
    people = func.count(func.distinct(SignIn.participant_id))
    if target.is_person:
        return int(db.session.scalar(select(people).where(sign_ins.is_left(target))) or 0)

    def left(among: Among) -> Select[Any]:
        return select(block_of(), people).where(among.those(sign_ins.is_left(target))).group_by(block_of())

    (came,) = summed(Sums("people left", target.event_ids, left, target)) or (0,)
    return int(came)


def _ids(table: PersonalTable, target: Target) -> Sequence[int]:
    """Read outside the writer which rows are left; they are emptied by their keys."""
    return db.session.scalars(select(table.id).where(table.is_left(target)).order_by(table.id)).all()


@unit(event=lambda _table, target, *_: target.event_id)
def _clear_chunk(
    session: WriterSession, table: PersonalTable, target: Target, statement: Update | Delete, ids: Sequence[int]
) -> None:
    if table.model is SignIn:
        _empty_sign_ins(session, statement, ids)
    else:
        session.execute(statement, {IDS: ids})
    if table.model is Proof:
        proof_revisions.grow(session, target.campaign_id)


def _statement(table: PersonalTable, target: Target) -> Update | Delete:
    """Return what clears a chunk of a table, once for all chunks: to build it takes longer than to run it, and the
    writer would be held meanwhile."""
    rows: Any = table.model.__table__
    if table.is_deleted:
        return delete(rows).where(*among(table, target, _chunk))
    if table.model is SignIn:
        return update(rows).where(table.id.in_(_chunk)).values(**table.columns(target), revision=bindparam(REVISION))
    return update(rows).where(*among(table, target, _chunk)).values(table.columns(target))


def among(table: PersonalTable, target: Target, ids: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for the target's rows among these.

    The target's own again: since it was read, a participant may have come to another event. Within a CASE, or SQLite
    would look a chunk's few rows up among all of the event's or the campaign's, with the writer held.
    """
    return table.id.in_(ids), case((table.rows(target), 1), else_=0) == 1


def _empty_sign_ins(session: WriterSession, statement: Update | Delete, ids: Sequence[int]) -> None:
    """Empty sign-ins under a new revision of their event, so that screens and readers of the API see it."""
    by_event: dict[int, list[int]] = {}
    for event_id, sign_in_id in session.execute(_EVENTS_OF, {IDS: ids}).all():
        by_event.setdefault(event_id, []).append(sign_in_id)
    for event_id, of_event in by_event.items():
        revision = tallies.change(session.driver, event_id)
        session.execute(statement, {IDS: of_event, REVISION: revision})
