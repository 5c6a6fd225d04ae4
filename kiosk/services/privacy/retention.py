"""What becomes due by itself: an event's personal data after its retention period, its minors' names sooner.

Both count from the end of the event (docs/product.md, "Decided"; Personal Information Protection Law, articles 19 and
47).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, literal_column, or_, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import (
    Event,
    EventCounter,
    EventMinute,
    FrozenSheet,
    GroupSignIn,
    RosterEntry,
    SignIn,
)
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView, select_views, view_of
from kiosk.services.privacy import clearing, purges
from kiosk.services.store.writer import WriterSession, unit

SOON = timedelta(days=7)  # from then on the desk's first page says so, unless a sheet is frozen and downloaded
USUAL_DAYS = 90  # what the settings suggest


@dataclass(frozen=True)
class Outlook:
    """What becomes of an event's personal data, and when. None: by hand only, or there is nothing to do."""

    event: EventView
    ended_at: datetime | None
    purge_at: datetime | None
    minors_at: datetime | None
    has_minors: bool  # somebody's name stands there that is a minor's
    is_frozen: bool
    is_downloaded: bool  # a sheet was frozen, and that one taken home

    @property
    def next_at(self) -> datetime | None:
        """Return when names go next."""
        return min((at for at in (self.purge_at, self.minors_at) if at is not None), default=None)

    def days_to(self, moment: datetime, now: datetime) -> int:
        """Return how many days off a moment is on the event's calendar; 0 for today and what is overdue."""
        zone = self.event.zone
        return max(0, (moment.astimezone(zone).date() - now.astimezone(zone).date()).days)


def outlook(event: EventView) -> Outlook:
    """Return what becomes of an event's personal data."""
    return outlooks([event])[0]


def outlooks(views: Iterable[EventView]) -> tuple[Outlook, ...]:
    """Return the outlook of each event, with four queries in all."""
    events = tuple(views)
    ids = [event.id for event in events]
    last = _last_arrivals([event.id for event in events if event.ends_at is None and event.closes_at is None])
    sheets, of_minors = _sheets(ids), _of_minors([event.id for event in events if _may_have_minors(event)])
    return tuple(
        _outlook(event, last.get(event.id), sheets.get(event.id), has_minors=event.id in of_minors) for event in events
    )


def warnings(views: Iterable[EventView]) -> tuple[Outlook, ...]:
    """Return the events whose names go within a week although no sheet was frozen and downloaded, soonest first."""
    limit = utcnow() + SOON
    ending = [
        view for view in views if view.purged_at is None and (view.retention_days is not None or _may_have_minors(view))
    ]
    due = [one for one in outlooks(ending) if one.next_at is not None and one.next_at <= limit]
    return tuple(sorted((one for one in due if not one.is_downloaded), key=lambda one: (one.next_at, one.event.id)))


def is_due() -> bool:
    """Say whether a retention period, or the minors' days, are over somewhere."""
    return bool(_due())


def clear_due() -> None:
    """Clear what is due: the whole event, or its minors."""
    for event, scope in _due():
        if scope == "event" or clearing.is_anything_left(purges.target_of(event.id, is_minors=True)):
            purges.carry_on(purges.begin(event, scope, purges.RETENTION))
        else:
            _mark_cleared(event)  # it had none: nobody looks again
            event_views.forget(event.code)


def ends_at(event: EventView, last_arrival: datetime | None) -> datetime | None:
    """Return from when on the days are counted: the end, else the closing, else the end of the last arrival's day."""
    if event.ends_at is not None or event.closes_at is not None:
        return event.ends_at or event.closes_at
    if last_arrival is None:
        return event.starts_at
    day = last_arrival.astimezone(event.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)


def _outlook(
    event: EventView, last_arrival: datetime | None, sheet: tuple[bool, bool] | None, *, has_minors: bool
) -> Outlook:
    end = ends_at(event, last_arrival)
    counted_from = end if event.purged_at is None else None
    is_frozen, is_downloaded = sheet or (False, False)
    return Outlook(
        event=event,
        ended_at=end,
        purge_at=_after(counted_from, event.retention_days),
        minors_at=_after(counted_from, event.minors_days if has_minors else None),
        has_minors=has_minors,
        is_frozen=is_frozen,
        is_downloaded=is_downloaded,
    )


def _after(moment: datetime | None, days: int | None) -> datetime | None:
    return None if moment is None or days is None else moment + timedelta(days=days)


def _may_have_minors(event: EventView) -> bool:
    return event.are_students_minors and event.purged_at is None


def _of_minors(event_ids: list[int]) -> frozenset[int]:
    """Return the events at which a minor's name stands: most admit students, and few have any."""
    statement = select(Event.id).where(Event.id.in_(event_ids), _names_a_pupil())
    return frozenset(db.session.scalars(statement)) if event_ids else frozenset()


def _due() -> tuple[tuple[EventView, str], ...]:
    """Return what is due now, each with its scope. Every worker looks each minute: three small queries."""
    now = utcnow()
    ends = func.coalesce(Event.ends_at, Event.closes_at)
    is_left = or_(Event.minors_cleared_at.is_(None), _names_a_pupil())
    has_minors = and_(Event.are_students_minors, _is_for_students(), is_left)
    statement = (
        select_views(has_minors)
        .where(Event.purged_at.is_(None), or_(ends.is_(None), ends <= now))
        .where(or_(Event.retention_days.is_not(None), has_minors))
    )
    due: list[tuple[EventView, str]] = []
    rows = [(view_of(*row[:3]), bool(row[3])) for row in db.session.execute(statement)]
    for one, (event, may_have_minors) in zip(outlooks(view for view, _ in rows), rows, strict=True):
        if one.purge_at is not None and one.purge_at <= now:
            due.append((event, "event"))
        elif may_have_minors and one.ended_at is not None and one.ended_at + timedelta(event.minors_days) <= now:
            due.append((event, "minors"))
    return tuple(due)


def _is_for_students() -> ColumnElement[bool]:
    """Say whether students sign in at the event, or did before its kinds were changed. It spares the others' rows."""
    return or_(cast(Event.kinds, Text).contains('"student"'), _have_students_come())


def _have_students_come() -> ColumnElement[bool]:
    return exists().where(EventCounter.event_id == Event.id, EventCounter.student > 0)


def _names_a_pupil() -> ColumnElement[bool]:
    """Say whether a pupil's name stands at the event: after it has made its minors anonymous, a list imported anew, a
    correction or a form from paper may have named one. Indexes answer, of the roster one of its named pupils alone;
    where no student came, the counter does: most events admit them, and 60 with 2,000 enterprise people each took
    90 ms."""
    came = exists().where(SignIn.event_id == Event.id, SignIn.name_key > "", SignIn.kind == "student")
    # Letter by letter as in the index (models/roster.PUPIL), or SQLite does not see that it holds these rows.
    is_pupil = RosterEntry.kind == literal_column("'student'")
    listed = exists().where(RosterEntry.event_id == Event.id, RosterEntry.name_key > "", is_pupil)
    absent = exists().where(
        GroupSignIn.event_id == Event.id, GroupSignIn.kind == "student", cast(GroupSignIn.absent, Text) != "[]"
    )
    return or_(and_(_have_students_come(), came), listed, absent)


@unit
def _mark_cleared(session: WriterSession, event: EventView) -> None:
    session.get_one(Event, event.id).minors_cleared_at = utcnow()


def _last_arrivals(event_ids: list[int]) -> dict[int, datetime]:
    """Return when somebody last arrived at each event, by the minute."""
    latest = (
        select(EventMinute.event_id, func.max(EventMinute.minute))
        .where(EventMinute.event_id.in_(event_ids), EventMinute.arrived > 0)
        .group_by(EventMinute.event_id)
    )
    return dict(db.session.execute(latest).tuples().all()) if event_ids else {}


def _sheets(event_ids: list[int]) -> dict[int, tuple[bool, bool]]:
    """Return for each event with a frozen sheet whether one was downloaded."""
    statement = (
        select(FrozenSheet.event_id, func.count(FrozenSheet.downloaded_at))
        .where(FrozenSheet.event_id.in_(event_ids))
        .group_by(FrozenSheet.event_id)
    )
    return {event_id: (True, taken > 0) for event_id, taken in db.session.execute(statement)} if event_ids else {}
