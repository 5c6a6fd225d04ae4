"""What a dashboard shows of one event, read from its tallies: the cost is that of 100 sign-ins and of 100,000."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import aliased

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventCounter, EventMinute, EventPulse, EventRefusal, EventTally, Organisation
from kiosk.services import enterprises
from kiosk.services.board import missing as missing_people
from kiosk.services.board.arrival_chart import Chart, draw
from kiosk.services.board.missing import Missing, Share, summed
from kiosk.services.board.people import latest
from kiosk.services.door import ticks
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView, KindView
from kiosk.services.event.events import Counts
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import CODES
from kiosk.services.store import disk
from kiosk.services.store.verdicts import Cause
from kiosk.services.tallies import ON_PAPER

BARS = 8  # organisations and districts shown by name; the rest is one bar
UNFINISHED_MINUTES = 10
RED_MINUTES = 2
RED_OPENINGS = 3
MINUTES_READ = 3000  # the busiest minutes of two days; older ones leave the chart


@dataclass(frozen=True)
class Bar:
    """One horizontal bar. `key` filters the list by it; None for the rest, which has no name either."""

    key: int | str | None
    label: str | None
    count: int
    percent: int  # of the longest bar, or of those expected, for drawing
    expected: int | None = None  # on the roster; None where nobody was expected


@dataclass(frozen=True)
class KindCount:
    """Arrivals of one kind, with the event's name for it, and its arc of the ring in percent."""

    kind: KindView
    count: int
    percent: int
    arc_from: float
    arc: float


@dataclass(frozen=True)
class Total:
    """The answers to one choice or yes/no field."""

    label: str
    label_alt: str | None
    type: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RefusedCount:
    """How often phones were turned away by one code, and when last."""

    code: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Trouble:
    """The trouble line. Red: phones open the page just now and nobody finishes."""

    unfinished: int
    refusals: tuple[RefusedCount, ...]
    last_phone_at: datetime | None
    is_red: bool
    disk: Cause | None  # why nothing can be stored just now


@dataclass(frozen=True)
class Numbers:
    """Everything on a dashboard that is counted."""

    counts: Counts
    on_paper: int  # of those who arrived; the others are electronic
    capacity_left: int | None  # None: no limit
    capacity_percent: float | None
    kinds: tuple[KindCount, ...]
    organisations: tuple[Bar, ...]
    organisation_count: int
    expected_organisations: int
    enterprises: int  # 家数, by the rule of services/enterprises
    districts: tuple[Bar, ...]
    groups: tuple[Bar, ...]  # of the roster
    totals: tuple[Total, ...]
    chart: Chart
    latest: tuple[PersonRow, ...]
    trouble: Trouble
    missing: Missing | None  # None without a roster
    ticks: tuple[tuple[str, int], ...]  # what was handed out, by the event's labels
    read_at: datetime


@dataclass(frozen=True)
class _Tally:
    """One row of the tallies; an organisation's is its root's, whatever was merged since."""

    dimension: str
    value: str
    count: int
    organisation_id: int | None
    organisation: str | None
    district: str | None


def read(event: EventView) -> Numbers:
    """Return an event's dashboard: seven short queries, some more with a roster, one for what is handed out."""
    now = utcnow()
    disk_trouble = disk.trouble()  # first: it may write, and so end what was read
    counts = events.counts(event.id)
    minutes = _minutes(event.id)
    tallies = _tallies(event.id)
    expected = missing_people.expected(event.id, counts) if counts.expected else ()
    of_organisations = [tally for tally in tallies if tally.organisation_id is not None]
    came = summed(of_organisations, "organisation_id")
    names = {one.organisation_id: one.organisation for one in of_organisations}
    names |= {share.organisation_id: share.organisation for share in expected}
    ticked = ticks.counts(event.id) if event.tick_labels else {}
    return Numbers(
        counts=counts,
        on_paper=sum(tally.count for tally in tallies if (tally.dimension, tally.value) == ON_PAPER),
        capacity_left=None if event.capacity is None else max(0, event.capacity - counts.arrived),
        capacity_percent=counts.percent(event.capacity),
        kinds=_kinds(event, counts),
        organisations=_bars(came, _summed(expected, "organisation_id"), names),
        organisation_count=len(came),
        expected_organisations=len({share.organisation_id for share in expected if share.organisation_id}),
        enterprises=enterprises.count([event.id]),
        districts=_by_district(of_organisations, counts.arrived, expected),
        groups=_by_group(event.id, expected),
        totals=_totals(event, tallies),
        chart=draw({minute.minute: minute.arrived for minute in minutes}, starts_at=event.starts_at, now=now),
        latest=latest(event.id),
        trouble=_trouble(event, minutes, disk_trouble, now),
        missing=missing_people.read(event, counts, came, now) if counts.expected else None,
        ticks=tuple((label, ticked.get(label, 0)) for label in event.tick_labels),
        read_at=now,
    )


def revision(event_id: int) -> int:
    """Return an event's revision: what is shown is old when this is greater."""
    return db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event_id)) or 0


def _minutes(event_id: int) -> Sequence[Any]:
    columns = (EventMinute.minute, EventMinute.arrived, EventMinute.opened, EventMinute.finished)
    newest_first = select(*columns).where(EventMinute.event_id == event_id).order_by(EventMinute.minute.desc())
    return db.session.execute(newest_first.limit(MINUTES_READ)).all()


def _tallies(event_id: int) -> tuple[_Tally, ...]:
    root = aliased(Organisation)
    # CASE, because PostgreSQL may try the cast on the answers' rows too.
    organisation_id = cast(case((EventTally.dimension == "organisation", EventTally.value)), Integer)
    statement = (
        select(
            EventTally.dimension,
            EventTally.value,
            EventTally.arrived,
            func.coalesce(root.id, organisation_id),
            func.coalesce(root.name, Organisation.name),
            func.coalesce(root.district, Organisation.district),
        )
        .join(Organisation, Organisation.id == organisation_id, isouter=True)
        .join(root, root.id == Organisation.root_id, isouter=True)
        .where(EventTally.event_id == event_id, EventTally.arrived > 0)
    )
    return tuple(_Tally(*row) for row in db.session.execute(statement))


def _kinds(event: EventView, counts: Counts) -> tuple[KindCount, ...]:
    highest = max((getattr(counts, kind.kind) for kind in event.kinds), default=0)
    kinds, arc_from = [], 0.0
    for kind in event.kinds:
        count = getattr(counts, kind.kind)
        arc = 100 * count / counts.arrived if counts.arrived else 0.0
        kinds.append(KindCount(kind, count, _percent(count, highest), round(arc_from, 2), round(arc, 2)))
        arc_from += arc
    return tuple(kinds)


def _by_district(came: Sequence[_Tally], arrived: int, expected: Sequence[Share]) -> tuple[Bar, ...]:
    """Return arrivals by their organisation's district; nothing when no organisation has one."""
    counted, wanted = _summed(came, "district"), _summed(expected, "district")
    return _bars(counted, wanted, rest=arrived - counted.total()) if counted or wanted else ()


def _by_group(event_id: int, expected: Sequence[Share]) -> tuple[Bar, ...]:
    """Return the roster's groups: who is expected of each and not missing has come, or sent somebody."""
    wanted = _summed(expected, "group_name")
    absent = _summed(missing_people.shares(event_id), "group_name") if wanted else wanted
    return _bars(Counter({name: max(0, wanted[name] - absent[name]) for name in wanted}), wanted)


def _summed(parts: Iterable[Any], name: str) -> Counter[Any]:
    """Add up the parts that have something under this name."""
    return summed((part for part in parts if getattr(part, name)), name)


def _bars(
    counted: Counter[Any], wanted: Counter[Any], names: Mapping[Any, str | None] | None = None, rest: int = 0
) -> tuple[Bar, ...]:
    """Return a bar for each key, the longest first. Where somebody was expected a bar shows how many of them came."""
    keys = counted.keys() | wanted.keys()
    labels = {key: key for key in keys} if names is None else names
    ranked = sorted(keys, key=lambda key: (-counted[key], -wanted[key], labels[key] or ""))
    shown = ranked if len(ranked) <= BARS + 1 else ranked[:BARS]
    rest += sum(counted[key] for key in ranked[len(shown) :])
    rest_wanted = sum(wanted[key] for key in ranked[len(shown) :])
    highest = max([rest, *(counted[key] for key in shown)])
    bars = [_bar(key, labels[key], counted[key], highest, wanted[key]) for key in shown]
    return tuple(bars + ([_bar(None, None, rest, highest, rest_wanted)] if rest > 0 or rest_wanted else []))


def _bar(key: int | str | None, label: str | None, count: int, highest: int, wanted: int) -> Bar:
    percent = min(100, _percent(count, wanted)) if wanted else _percent(count, highest)
    return Bar(key, label, count, percent, wanted or None)


def _percent(count: int, highest: int) -> int:
    return max(1, round(100 * count / highest)) if count and highest else 0


def _totals(event: EventView, tallies: Sequence[_Tally]) -> tuple[Total, ...]:
    counted = {(tally.dimension, tally.value): tally.count for tally in tallies}
    totals = []
    for own in event.own_fields:
        if own["type"] in ("choice", "yes_no"):
            values = ("yes", "no") if own["type"] == "yes_no" else tuple(own.get("choices") or ())
            answers = tuple((value, counted.get((f"x_{own['key']}", value), 0)) for value in values)
            totals.append(Total(own["label"], own.get("label_alt"), own["type"], answers))
    return tuple(totals)


def _trouble(event: EventView, minutes: Sequence[Any], disk_trouble: Cause | None, now: datetime) -> Trouble:
    refusals = db.session.execute(
        select(EventRefusal.code, EventRefusal.refused, EventRefusal.last_at)
        .where(EventRefusal.event_id == event.id)
        .order_by(EventRefusal.refused.desc(), EventRefusal.code)
    ).all()
    last_phone_at = db.session.scalar(select(EventPulse.last_phone_at).where(EventPulse.event_id == event.id))
    # Before the opening and after the close nobody can finish, and nothing is wrong.
    since = now - timedelta(minutes=UNFINISHED_MINUTES)
    if event.opens_at is not None:
        since = max(since, event.opens_at - timedelta(seconds=1))
    lately = [minute for minute in minutes if minute.minute > since] if event.phase(now) == "open" else []
    just_now = [minute for minute in lately if minute.minute > now - timedelta(minutes=RED_MINUTES)]
    opened = sum(minute.opened for minute in just_now)
    done = sum(max(minute.finished, minute.arrived) for minute in just_now)
    return Trouble(
        unfinished=max(0, sum(minute.opened - max(minute.finished, minute.arrived) for minute in lately)),
        # A code that an older version kept, and that this one has no words for, is left out.
        refusals=tuple(RefusedCount(code, count, last_at) for code, count, last_at in refusals if code in CODES),
        last_phone_at=last_phone_at,
        is_red=opened >= RED_OPENINGS and done == 0,
        disk=disk_trouble,
    )
