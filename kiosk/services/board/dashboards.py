"""What a dashboard shows of one event, read from its tallies: the cost is that of 100 sign-ins and of 100,000."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from sys import intern
from typing import Any

from sqlalchemy import BindParameter, Integer, bindparam, case, cast, exists, func, select
from sqlalchemy.orm import aliased

from kiosk.clock import utcnow
from kiosk.closed import KINDS
from kiosk.extensions import db
from kiosk.models import (
    EventCounter,
    EventMinute,
    EventPulse,
    EventRefusal,
    EventTally,
    Organisation,
    RollCall,
    SentToDesk,
    Task,
)
from kiosk.services import enterprises
from kiosk.services.board import missing as missing_people
from kiosk.services.board.arrival_chart import Chart, draw
from kiosk.services.board.missing import Missing
from kiosk.services.board.people import latest, unconfirmed
from kiosk.services.door import desk_errands, roll_sheets, ticks
from kiosk.services.door.desk_errands import Errand
from kiosk.services.door.roll_rows import RollCallRow
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView, KindView
from kiosk.services.event.events import Counts
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import CODES
from kiosk.services.roster.equations import (
    Absence,
    Equation,
    WalkIns,
    absences,
    beside,
    by_kind,
    by_organisation,
    by_part,
    group_sizes,
)
from kiosk.services.store import disk
from kiosk.services.store.pausing_reads import pausing_reads
from kiosk.services.store.recent import Recent
from kiosk.services.store.verdicts import Cause
from kiosk.services.tallies import ON_PAPER

BARS = 8  # organisations and districts shown by name; the rest is one bar
TROUBLE_MINUTES = 15  # what is older is no trouble of now
RED_MINUTES = 2
RED_OPENINGS = 3
MINUTES_READ = 3000  # the busiest minutes of two days; older ones leave the chart


@dataclass(frozen=True)
class Bar:
    """One horizontal bar. `key` filters the list by it; None for the rest, which has no name either."""

    key: int | str | None
    label: str | None
    equation: Equation
    percent: int  # of those expected, else of the longest bar, for drawing

    @property
    def count(self) -> int:
        return self.equation.arrived


@dataclass(frozen=True)
class KindCount:
    """Arrivals of one kind, with the event's name for it."""

    kind: KindView
    equation: Equation
    percent: int

    @property
    def count(self) -> int:
        return self.equation.arrived


@dataclass(frozen=True)
class Total:
    """The answers to one choice or yes/no field."""

    label: str
    label_alt: str | None
    type: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RefusedCount:
    """How often phones were turned away by one code in the last minutes, and when last."""

    code: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Trouble:
    """The trouble line. Red: phones open the page just now and nobody finishes."""

    unfinished: int  # tickets of the last minutes whose sign-in did not come
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
    organisation_count: int  # of which somebody came
    listed_organisations: int  # of those expected: of which somebody on the roster is here
    expected_organisations: int
    enterprises: int  # 家数, by the rule of services/enterprises
    districts: tuple[Bar, ...]
    groups: tuple[Bar, ...]  # of the roster
    totals: tuple[Total, ...]
    chart: Chart
    latest: tuple[PersonRow, ...]
    errands: tuple[Errand, ...]  # who is sent to the desk
    unconfirmed: tuple[PersonRow, ...]  # who waits for a steward, and is not among the latest
    trouble: Trouble
    missing: Missing | None  # None without a roster
    ticks: tuple[tuple[str, int], ...]  # what was handed out, by the event's labels
    roll_calls: tuple[RollCallRow, ...]  # that go on
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Tally:
    """One row of the tallies; an organisation's is its root's, whatever was merged since."""

    dimension: str
    value: str
    count: int
    organisation_id: int | None
    organisation: str | None
    organisation_type: str | None
    district: str | None


@pausing_reads()
def read(event: EventView) -> Numbers:
    """Return an event's dashboard: eight short queries, some more with a roster, one for what is handed out. Whoever
    comes to the door is let in between them."""
    now = utcnow()
    disk_trouble = disk.trouble()  # first: it may write, and so end what was read
    counts = events.counts(event.id)
    minutes = _minutes(event.id)
    last_phone_at, was_sent, is_called = _felt(event.id)
    newest = latest(event.id)
    tallies = _tallies(event.id)
    absent = absences([event.id]) if counts.expected else []
    organisations = _Organisations.of([tally for tally in tallies if tally.organisation_id is not None], absent)
    of_kinds, of_others = beside(event.id, counts, organisations.came) if counts.expected else ([], [])
    has_roster = counts.expected > 0
    of_each = by_organisation(organisations.came, counts.arrived, absent, of_others, has_roster=has_roster)
    ticked = ticks.counts(event.id) if event.tick_labels else {}
    return Numbers(
        counts=counts,
        on_paper=sum(tally.count for tally in tallies if (tally.dimension, tally.value) == ON_PAPER),
        capacity_left=None if event.capacity is None else max(0, event.capacity - counts.arrived),
        capacity_percent=counts.percent(event.capacity),
        kinds=_kinds(event, counts, absent, of_kinds),
        organisations=_bars(of_each, organisations.names) if organisations.names else (),
        organisation_count=sum(organisations.came[key] > 0 for key in organisations.came),
        listed_organisations=sum(key is not None and one.listed > 0 for key, one in of_each.items()),
        expected_organisations=sum(key is not None and one.expected > 0 for key, one in of_each.items()),
        enterprises=len(enterprises.among((tally.organisation_id, tally.organisation_type) for tally in tallies)),
        districts=_by_district(organisations, of_each),
        groups=_by_group(event.id, counts, absent),
        totals=_totals(event, tallies),
        chart=draw({minute.minute: minute.arrived for minute in minutes}, starts_at=event.starts_at, now=now),
        latest=newest,
        errands=desk_errands.shown(event.id) if was_sent else (),
        unconfirmed=unconfirmed(event.id) if counts.unconfirmed else (),
        trouble=_trouble(event, minutes, disk_trouble, last_phone_at, now),
        missing=missing_people.read(event, counts, of_each, absent, now) if has_roster else None,
        ticks=tuple((label, ticked.get(label, 0)) for label in event.tick_labels),
        roll_calls=roll_sheets.running(event.id) if is_called else (),
        read_at=now,
    )


def revision(event_id: int) -> int:
    """Return an event's revision: what is shown is old when this is greater."""
    return db.session.scalar(select(EventCounter.revision).where(EventCounter.event_id == event_id)) or 0


def _minutes(event_id: int) -> Sequence[Any]:
    columns = (EventMinute.minute, EventMinute.arrived, EventMinute.opened, EventMinute.finished)
    newest_first = select(*columns).where(EventMinute.event_id == event_id).order_by(EventMinute.minute.desc())
    return db.session.execute(newest_first.limit(MINUTES_READ)).all()


_EVENT_ID: BindParameter[int] = bindparam("event_id")
_ROOT = aliased(Organisation)
# CASE, because PostgreSQL may try the cast on the answers' rows too.
_ORGANISATION_ID = cast(case((EventTally.dimension == "organisation", EventTally.value)), Integer)
# Made once: it would take as long as reading what it selects.
_TALLIES = (
    select(
        EventTally.dimension,
        EventTally.value,
        EventTally.arrived,
        func.coalesce(_ROOT.id, _ORGANISATION_ID),
        func.coalesce(_ROOT.name, Organisation.name),
        func.coalesce(_ROOT.type, Organisation.type),
        func.coalesce(_ROOT.district, Organisation.district),
    )
    .join(Organisation, Organisation.id == _ORGANISATION_ID, isouter=True)
    .join(_ROOT, _ROOT.id == Organisation.root_id, isouter=True)
    .where(EventTally.event_id == _EVENT_ID, EventTally.arrived > 0)
)


def _tallies(event_id: int) -> tuple[_Tally, ...]:
    # By the connection, row by row: a session would have thousands of rows at once beside what is made of them.
    rows = db.session.connection().execute(_TALLIES, {"event_id": event_id})
    return tuple(_Tally(intern(dimension), *others) for dimension, *others in rows)


def _kinds(
    event: EventView, counts: Counts, absent: Sequence[Absence], unlisted: Sequence[WalkIns]
) -> tuple[KindCount, ...]:
    """Return the event's kinds, and any other of which somebody came before it was taken out."""
    arrived: dict[str, int] = {kind: getattr(counts, kind) for kind in KINDS}
    admitted = {kind.kind: kind for kind in event.kinds}
    parts = by_kind(list(admitted), arrived, unlisted, absent, has_roster=counts.expected > 0)
    shown = [*event.kinds, *(KindView(kind, None, None) for kind in KINDS if kind not in admitted and arrived[kind])]
    highest = max((parts[kind.kind].arrived for kind in shown), default=0)
    return tuple(KindCount(kind, parts[kind.kind], _width(parts[kind.kind], highest)) for kind in shown)


@dataclass(frozen=True)
class _Organisations:
    """The organisations that came or are expected: by the id of their root how many came, and what they are."""

    came: Counter[int]
    names: Mapping[int | None, str | None]
    districts: Mapping[int | None, str | None]

    @classmethod
    def of(cls, tallies: Sequence[_Tally], absent: Sequence[Absence]) -> _Organisations:
        every: list[_Tally | Absence] = [*tallies, *absent]
        return cls(
            came=_summed(tallies, "organisation_id"),
            names={one.organisation_id: one.organisation for one in every},
            districts={one.organisation_id: one.district or None for one in every},
        )


def _by_district(organisations: _Organisations, of_each: Mapping[int | None, Equation]) -> tuple[Bar, ...]:
    """Return the equations by their organisation's district; nothing when no organisation has one."""
    parts: dict[str | None, Equation] = {}
    for key, equation in of_each.items():
        district = organisations.districts.get(key)
        parts[district] = parts.get(district, Equation()) + equation
    return _bars(parts) if parts.keys() - {None} else ()


# By event, with the state of the roster that they were read in.
SIZES = Recent[int, tuple[tuple[int, ...], Counter[str | None]]]("kiosk_group_sizes", seconds=30.0)


def _by_group(event_id: int, counts: Counts, absent: Sequence[Absence]) -> tuple[Bar, ...]:
    """Return the roster's groups: who is expected of each and not absent has come, or sent somebody."""
    sizes = _group_sizes(event_id, counts) if counts.expected else Counter()
    if not sizes.keys() - {None}:
        return ()
    absent_of = by_part({}, {}, [(one.group_name or None, one) for one in absent])
    parts = {}
    for name, size in sizes.items():
        here = absent_of.get(name, Equation())
        parts[name] = replace(here, listed=max(0, size - here.missing - here.excused))
    parts[None] = parts.get(None, Equation()) + Equation(unlisted=counts.unlisted)
    return _bars(parts)


def _group_sizes(event_id: int, counts: Counts) -> Counter[str | None]:
    """Return the sizes of the roster's groups, up to half a minute old: they are counted over the whole roster."""
    is_purge = Task.event_id == event_id, Task.kind == "purge"  # it takes the groups' names
    state = (counts.expected, db.session.scalar(select(func.count(Task.ended_at)).where(*is_purge)) or 0)
    known = SIZES.find(event_id)
    if known is not None and known[0] == state:
        return known[1]
    return SIZES.keep(event_id, (state, group_sizes(event_id)))[1]


def _summed(parts: Iterable[Any], name: str) -> Counter[Any]:
    """Add up how many the parts count, by what each of them has under a name."""
    sums: Counter[Any] = Counter()
    for part in parts:
        sums[getattr(part, name)] += part.count
    return sums


def _bars(parts: Mapping[Any, Equation], names: Mapping[Any, str | None] | None = None) -> tuple[Bar, ...]:
    """Return a bar for each part, the longest first; the one without a name and what is beyond the eighth end it."""
    labels = {key: key for key in parts} if names is None else names
    named = {key: equation for key, equation in parts.items() if key is not None}
    first = nsmallest(BARS + 1, named, key=lambda key: (-named[key].arrived, -named[key].expected, labels[key] or ""))
    shown = first if len(named) <= BARS + 1 else first[:BARS]
    rest = sum((equation for key, equation in named.items() if key not in shown), parts.get(None, Equation()))
    highest = max([rest.arrived, *(named[key].arrived for key in shown)])
    bars = [Bar(key, labels[key], named[key], _width(named[key], highest)) for key in shown]
    return tuple(bars + ([Bar(None, None, rest, _width(rest, highest))] if rest != Equation() else []))


def _width(equation: Equation, highest: int) -> int:
    """Return a bar's length in percent: of those expected how many are here, else of the longest bar."""
    if equation.expected:
        return _percent(equation.listed, equation.expected)
    return _percent(equation.arrived, highest)


def _percent(count: int, highest: int) -> int:
    return max(1, round(100 * count / highest)) if count and highest else 0


def _totals(event: EventView, tallies: Sequence[_Tally]) -> tuple[Total, ...]:
    counted = {(tally.dimension, tally.value): tally.count for tally in tallies if tally.organisation_id is None}
    totals = []
    for own in event.own_fields:
        if own["type"] in ("choice", "yes_no"):
            values = ("yes", "no") if own["type"] == "yes_no" else tuple(own.get("choices") or ())
            answers = tuple((value, counted.get((f"x_{own['key']}", value), 0)) for value in values)
            totals.append(Total(own["label"], own.get("label_alt"), own["type"], answers))
    return tuple(totals)


_FELT = select(
    select(EventPulse.last_phone_at).where(EventPulse.event_id == _EVENT_ID).scalar_subquery(),
    exists().where(SentToDesk.event_id == _EVENT_ID),
    exists().where(RollCall.event_id == _EVENT_ID, RollCall.ended_at.is_(None)),
)


def _felt(event_id: int) -> tuple[datetime | None, bool, bool]:
    """Return when the last phone was there, and whether anybody was ever sent to the desk, and a roll is being called:
    in one query, also where no phone came."""
    last_phone_at, was_sent, is_called = db.session.execute(_FELT, {"event_id": event_id}).one()
    return last_phone_at, bool(was_sent), bool(is_called)


def _trouble(
    event: EventView, minutes: Sequence[Any], disk_trouble: Cause | None, last_phone_at: datetime | None, now: datetime
) -> Trouble:
    since = now - timedelta(minutes=TROUBLE_MINUTES)
    refused = func.sum(EventRefusal.refused)
    refusals = db.session.execute(
        select(EventRefusal.code, refused, func.max(EventRefusal.last_at))
        .where(EventRefusal.event_id == event.id, EventRefusal.last_at > since)
        .group_by(EventRefusal.code)
        .order_by(refused.desc(), EventRefusal.code)
    ).all()
    # Before the opening and after the close nobody can finish, and nothing is wrong.
    if event.opens_at is not None:
        since = max(since, event.opens_at - timedelta(seconds=1))
    lately = [minute for minute in minutes if minute.minute > since] if event.phase(now) == "open" else []
    just_now = [minute for minute in lately if minute.minute > now - timedelta(minutes=RED_MINUTES)]
    opened = sum(minute.opened for minute in just_now)
    done = sum(max(minute.finished, minute.arrived) for minute in just_now)
    return Trouble(
        unfinished=max(0, sum(minute.opened - minute.finished for minute in lately)),
        # A code that an older version kept, and that this one has no words for, is left out.
        refusals=tuple(RefusedCount(code, count, last_at) for code, count, last_at in refusals if code in CODES),
        last_phone_at=last_phone_at,
        is_red=opened >= RED_OPENINGS and done == 0,
        disk=disk_trouble,
    )
