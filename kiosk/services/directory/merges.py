"""Merging organisations that are one, and undoing it (docs/product.md 3.3 and "Decided").

A merge draws an edge (`merged_into_id`) from one root to another and names the new root in the whole tree under it
(`root_id`); no sign-in, roster or tally is rewritten, because they keep the organisation that was written. So undoing
takes the edge away and nothing else, in any order: what was merged below stays below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, EventTally, Organisation, OrganisationMerge, RosterEntry, RosterSeats
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.refusals import Refused
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

MERGES_LOCK = 4712  # PostgreSQL: one merge at a time, or two at once could draw a circle


@dataclass(frozen=True)
class Change:
    """What a merge or its undoing did. `is_changed` is False when it was so already."""

    organisation_id: int
    into_id: int
    is_changed: bool


@dataclass(frozen=True)
class Figures:
    """How often an organisation came, with everything merged into it; rehearsals do not count."""

    events: int = 0
    attendances: int = 0


def merge(organisation_id: int, into_id: int, *, actor: str) -> Change:
    """Count an organisation, and all that was merged into it, as another one from now on; again changes nothing.

    `into_id` means its root. Open screens that show either are woken. Raises Unknown or Refused.
    """
    return _wake(_merge(organisation_id, into_id, actor))


@unit
def _merge(session: WriterSession, organisation_id: int, into_id: int, actor: str) -> Change:
    _take_turns(session)
    merged, target = known(session, Organisation, organisation_id), known(session, Organisation, into_id)
    root_id = target.root
    if root_id == merged.id:
        raise Refused("is_itself")
    if merged.merged_into_id is not None:
        if merged.root_id != root_id:
            raise Refused("merged_already", name=merged.name)
        return Change(merged.id, root_id, is_changed=False)
    merged.merged_into_id = root_id
    session.flush()
    of_tree = or_(Organisation.id == merged.id, Organisation.root_id == merged.id)
    _set_root(session, of_tree, root_id)
    session.add(OrganisationMerge(organisation_id=merged.id, into_id=root_id, merged_by=actor, merged_at=utcnow()))
    audit.record_row(session, actor, "organisation.merge", merged, into=root_id)
    return Change(merged.id, root_id, is_changed=True)


def undo(organisation_id: int, *, actor: str) -> Change:
    """Take back the merge of an organisation: it is its own root again, with all that was merged into it.

    Again changes nothing. Raises Unknown.
    """
    return _wake(_undo(organisation_id, actor))


@unit
def _undo(session: WriterSession, organisation_id: int, actor: str) -> Change:
    _take_turns(session)
    merged = known(session, Organisation, organisation_id)
    into_id = merged.merged_into_id
    if into_id is None:
        return Change(merged.id, merged.id, is_changed=False)
    merged.merged_into_id = None
    session.flush()
    _set_root(session, Organisation.id.in_(_under(merged.id)), merged.id)
    of_it = OrganisationMerge.organisation_id == merged.id
    session.execute(
        update(OrganisationMerge).where(of_it, OrganisationMerge.undone_at.is_(None)).values(undone_at=utcnow())
    )
    audit.record_row(session, actor, "organisation.unmerge", merged, into=into_id)
    return Change(merged.id, into_id, is_changed=True)


def wake_screens(organisation_ids: Iterable[int]) -> None:
    """Give every event on which one of the organisations stands a new revision, so that open screens look again.

    An event is a unit of work of its own: no sign-in waits for them. A screen that misses it, because the server
    died in between, is at most ten seconds old (web/board/live_fragments).
    """
    for event_id in _events_of(tuple(organisation_ids)):
        tallies.wake(event_id)


def figures(*organisation_ids: int) -> Figures:
    """Return the events and attendances of an organisation, or of several as of one, and all that was merged into
    them: an event where two of them were counts once."""
    family = [str(member) for one in organisation_ids for member in family_of(one)]
    counted = (EventTally.dimension == "organisation", EventTally.value.in_(family), EventTally.arrived > 0)
    statement = (
        select(func.count(Event.id.distinct()), func.coalesce(func.sum(EventTally.arrived), 0))
        .join(EventTally, EventTally.event_id == Event.id)
        .where(~Event.is_rehearsal, *counted)
    )
    return Figures(*db.session.execute(statement).one())


def family_of(organisation_id: int) -> tuple[int, ...]:
    """Return the ids of an organisation and of everything that was merged into it, over any number of merges."""
    return tuple(db.session.scalars(_under(organisation_id)))


def _wake(change: Change) -> Change:
    if change.is_changed:
        wake_screens(family_of(change.organisation_id))
    return change


def _take_turns(session: WriterSession) -> None:
    if not session.driver.is_sqlite:  # whose writers take turns anyway
        session.execute(select(func.pg_advisory_xact_lock(MERGES_LOCK)))


def _set_root(session: WriterSession, of_tree: Any, root_id: int) -> None:
    """Name the root of these organisations; a root has none but itself."""
    statement = update(Organisation).execution_options(synchronize_session=False)
    session.execute(statement.where(of_tree, Organisation.id != root_id).values(root_id=root_id))
    session.execute(statement.where(Organisation.id == root_id).values(root_id=None))


def _under(organisation_id: int) -> Any:
    """Select an organisation and what was merged into it, by the edges."""
    tree = select(Organisation.id).where(Organisation.id == organisation_id).cte("tree", recursive=True)
    below = select(Organisation.id).join(tree, Organisation.merged_into_id == tree.c.id)
    return select(tree.union(below).c.id)


def _events_of(organisation_ids: tuple[int, ...]) -> list[int]:
    values = [str(one) for one in organisation_ids]
    in_tallies = exists().where(
        EventTally.event_id == Event.id, EventTally.dimension == "organisation", EventTally.value.in_(values)
    )
    on_roster = exists().where(RosterEntry.event_id == Event.id, RosterEntry.organisation_id.in_(organisation_ids))
    has_seats = exists().where(RosterSeats.event_id == Event.id, RosterSeats.organisation_id.in_(organisation_ids))
    statement = select(Event.id).where(or_(in_tallies, on_roster, has_seats)).order_by(Event.id.desc())
    return list(db.session.scalars(statement))
