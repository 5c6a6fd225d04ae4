"""How many enterprises came (家数): one rule for the dashboard, the sheet and the report.

An enterprise is an organisation of type enterprise; what was merged counts as its root (docs/product.md 3.3 and 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Integer, Select, case, cast, func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import EventTally, Organisation
from kiosk.services.pages import parts
from kiosk.services.pauses import pause

EVENTS_AT_ONCE = 5  # a statement: under SQLite nobody else is answered while it runs


def ids_of(event_ids: Iterable[int]) -> frozenset[int]:
    """Return the ids of the distinct enterprises, roots only, from which somebody arrived at any of the events."""
    return frozenset(enterprise_id for ids in by_event(event_ids).values() for enterprise_id in ids)


def by_event(event_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Return for each event with any the ids of its distinct enterprises, roots only."""
    came: dict[int, set[tuple[int, str]]] = {}
    for event_id, root_id, type_, _arrived in arrivals(event_ids):
        came.setdefault(event_id, set()).add((root_id, type_))
    return {event_id: ids for event_id, roots in came.items() if (ids := among(roots))}


def among(roots: Iterable[tuple[int | None, str | None]]) -> frozenset[int]:
    """Return the ids of the distinct enterprises among organisations, which are (id of the root, its type)."""
    return frozenset(id_ for id_, type_ in roots if id_ is not None and type_ == "enterprise")


def count(event_ids: Iterable[int]) -> int:
    """Return how many distinct enterprises came to the events."""
    ids = tuple(event_ids)
    if len(ids) > EVENTS_AT_ONCE:
        return len(ids_of(ids))
    root = aliased(Organisation)
    counted = _of_roots(root, func.count(root.id.distinct())).where(root.type == "enterprise")
    return db.session.scalar(counted.where(EventTally.event_id.in_(ids))) or 0


def arrivals(event_ids: Iterable[int]) -> Iterator[tuple[int, int, str, int]]:
    """Yield (event, organisation, its type, how many arrived) of organisations of every type, as their roots.

    Read from the tallies: it costs the same at 100 and at 100,000 sign-ins, and stays what it was after a purge. What
    was merged yields a row for each of its names.
    """
    root = aliased(Organisation)
    statement = _of_roots(root, EventTally.event_id, root.id, root.type, EventTally.arrived)
    for some in parts(tuple(event_ids), EVENTS_AT_ONCE):
        yield from db.session.execute(statement.where(EventTally.event_id.in_(some))).tuples().all()
        pause()


def _of_roots(root: Any, *columns: Any) -> Select[Any]:
    """Select columns of the tallies of organisations from which somebody came, and of their roots."""
    # CASE, because PostgreSQL may try the cast on the answers' rows too.
    organisation_id = cast(case((EventTally.dimension == "organisation", EventTally.value)), Integer)
    return (
        select(*columns)
        .select_from(EventTally)
        .join(Organisation, Organisation.id == organisation_id)
        .join(root, root.id == Organisation.root)
        .where(EventTally.dimension == "organisation", EventTally.arrived > 0)
    )
