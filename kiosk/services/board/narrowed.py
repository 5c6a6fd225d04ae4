"""The board narrowed to a kind, a district or an organisation: the same numbers, read from the rows.

The whole board reads its tallies; these know no kind of an organisation and no district of a minute. A narrowed board
is looked at by one or two people, and what they ask for is a part of one event.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import Organisation, SignIn
from kiosk.services.board import dashboards, missing, people
from kiosk.services.board.arrival_chart import draw
from kiosk.services.board.dashboards import Numbers
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import Counts
from kiosk.services.roster.equations import Absence, absences, by_organisation, is_walk_in, walk_ins
from kiosk.services.store.pausing_reads import pausing_reads


@pausing_reads()
def read(event: EventView, wanted: PeopleFilter) -> Numbers:
    """Return the dashboard of those whom a tapped bar means; the bars, the trouble line and the totals stay whole."""
    whole = dashboards.read(event)
    if not wanted.is_narrow:
        return whole
    absent = _absent(event, wanted) if whole.counts.expected else []
    counts = replace(counts_of(event.id, wanted, absent), revision=whole.counts.revision)
    return replace(
        whole,
        counts=counts,
        on_paper=0,
        enterprises=0,
        capacity_left=None,
        capacity_percent=counts.percent(None),
        totals=(),
        ticks=(),
        chart=draw(_minutes(event.id, wanted), starts_at=event.starts_at, now=whole.read_at),
        latest=people.latest(event.id, wanted),
        unconfirmed=people.unconfirmed(event.id, wanted) if counts.unconfirmed else (),
        missing=_missing(event, counts, wanted, absent, whole.read_at) if counts.expected else None,
    )


def counts_of(event_id: int, wanted: PeopleFilter, absent: list[Absence]) -> Counts:
    """Return the counts of a part of an event, of which these are `absent`: those of its bar (roster/equations)."""
    of_it = people.sign_ins_of(event_id, wanted)
    arrived = select(SignIn.kind, SignIn.is_late, func.count()).where(*of_it, SignIn.has_arrived)
    rows = db.session.execute(arrived.group_by(SignIn.kind, SignIn.is_late)).all()
    kinds = Counter[str]()
    for kind, _, count in rows:
        kinds[kind] += count
    beside = select(func.count(), func.count(SignIn.replaces_id)).where(*of_it, is_walk_in([event_id]))
    unlisted, in_vain = db.session.execute(beside).one()
    instead = select(func.count(SignIn.replaces_id)).where(*of_it, SignIn.has_arrived)
    replaced = (db.session.scalar(instead) or 0) - in_vain
    waits = select(SignIn.state, func.count()).where(*of_it, SignIn.counts, SignIn.state != "arrived")
    waiting: dict[str, int] = dict(db.session.execute(waits.group_by(SignIn.state)).tuples().all())
    of_state = Counter[str]()
    for one in absent:
        of_state[one.state] += one.count
    listed = kinds.total() - unlisted
    return Counts(
        arrived=kinds.total(),
        late=sum(count for _, is_late, count in rows if is_late),
        wait_listed=waiting.get("wait_listed", 0),
        unconfirmed=waiting.get("unconfirmed", 0),
        expected=listed + of_state.total(),
        excused=of_state["excused"],
        replaced=replaced,
        listed_arrived=listed - replaced,
        **kinds,
    )


def _absent(event: EventView, wanted: PeopleFilter) -> list[Absence]:
    """Return who of the roster is not here, and the free seats, as far as the tapped bar means them."""

    def is_meant(one: Absence) -> bool:
        kind = one.kind if one.kind in event.kind_names else event.kind_names[0]
        is_organisation = wanted.organisation_id in (None, one.organisation_id)
        return is_organisation and wanted.district in (None, one.district) and wanted.kind in (None, kind)

    return [one for one in absences([event.id]) if is_meant(one)]


def _missing(
    event: EventView, counts: Counts, wanted: PeopleFilter, absent: list[Absence], now: datetime
) -> missing.Missing:
    root = Organisation.root
    of_roots = select(root, func.count()).where(Organisation.id == SignIn.organisation_id, SignIn.has_arrived)
    of_roots = of_roots.where(*people.sign_ins_of(event.id, wanted)).group_by(root)
    came = Counter({root_id: count for root_id, count in db.session.execute(of_roots)})  # noqa: C416
    beside = [one for one in walk_ins([event.id]) if one.organisation_id in came and wanted.kind in (None, one.kind)]
    parts = by_organisation(came, counts.arrived, absent, beside)
    return missing.read(event, counts, parts, absent, now, *people.entries_of(wanted))


def _minutes(event_id: int, wanted: PeopleFilter) -> dict[datetime, int]:
    moments = select(SignIn.signed_in_at).where(*people.sign_ins_of(event_id, wanted), SignIn.has_arrived)
    return Counter(moment.replace(second=0, microsecond=0) for moment in db.session.scalars(moments))
