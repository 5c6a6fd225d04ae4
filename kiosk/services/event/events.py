"""Events: made, changed, cloned, archived, listed. Reading one for a door is services/event/event_views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import and_, false, not_, or_, select, update as set_where

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, EventPulse, EventShare, Notice, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views, moves, series, tick_labels, usual_times
from kiosk.services.event.campaigns import default_id, free_code
from kiosk.services.event.event_views import EventSettings, EventView, late_from, phase_of, select_views, view_of
from kiosk.services.event.usual_times import Until
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, unit

A_DAY = timedelta(days=1)
MOST_DAYS = 31  # of one event that are made events of their own in one go


@dataclass(frozen=True, kw_only=True)
class EventDraft(EventSettings):
    """An event's settings as staff have typed them; a title is enough. kinds: [{"kind", "label", "label_alt"}]."""

    kinds: Sequence[Mapping[str, Any]] = ({"kind": "enterprise"}, {"kind": "guest"}, {"kind": "student"})


@dataclass(frozen=True)
class Counts:
    """The tallies of one event."""

    arrived: int = 0
    walk_ins: int = 0
    late: int = 0
    student: int = 0
    enterprise: int = 0
    guest: int = 0
    wait_listed: int = 0
    unconfirmed: int = 0
    unconfirmed_listed: int = 0
    trial: int = 0
    voided: int = 0
    gone: int = 0
    nameless: int = 0  # counted without a name, beside the arrivals
    expected: int = 0
    excused: int = 0
    replaced: int = 0
    listed_arrived: int = 0
    ordinal: int = 0
    revision: int = 0

    # One equation, on every screen and paper: listed + unlisted = arrived, listed + missing + excused = expected.

    @property
    def listed(self) -> int:
        """Return how many of the roster are here, by themselves or by a substitute."""
        return self.listed_arrived + self.replaced

    @property
    def unlisted(self) -> int:
        """Return how many have arrived beside those: nobody on the roster is counted twice, nor a place of it."""
        return self.arrived - self.listed

    @property
    def inside(self) -> int:
        """Return how many of those who arrived have not left."""
        return self.arrived - self.gone

    @property
    def missing(self) -> int:
        """Return how many are expected, not excused, not replaced and not here."""
        return self.expected - self.excused - self.listed

    def percent(self, capacity: int | None) -> float | None:
        """Return how full a ring is: of those expected, else of the places; None where neither says."""
        whole = self.expected or capacity
        return min(100.0, 100 * (self.listed if self.expected else self.arrived) / whole) if whole else None


@dataclass(frozen=True)
class EventRow:
    """An event in a list: its view and its counts."""

    view: EventView
    counts: Counts


def create(
    draft: EventDraft, *, owner_id: int | None = None, actor: str = audit.COMMAND, source_id: int | None = None
) -> EventView:
    """Make an event and return its view. `source_id` is the event that it is a clone of, for the log."""
    return get(_create(draft, owner_id, actor, source_id))


@unit
def _create(session: WriterSession, draft: EventDraft, owner_id: int | None, actor: str, source_id: int | None) -> str:
    event = add(session, draft, owner_id=owner_id)
    action, changed = ("event.create", None) if source_id is None else ("event.clone", {"source": source_id})
    audit.record(session, actor, action, event_id=event.id, changed=changed)
    return event.code


def add(session: WriterSession, draft: EventDraft, *, owner_id: int | None = None, **columns: Any) -> Event:
    """Make an event within a unit of work; `columns` are none of the draft's."""
    now = utcnow()
    values = {**_columns(draft, created_at=now, came_at=None), **columns}
    values["campaign_id"] = draft.campaign_id or default_id(session)
    values.setdefault("notice_id", session.scalar(select(Notice.id).order_by(Notice.version.desc()).limit(1)))
    wanted = values.pop("series_id", None)
    event = Event(code=free_code(session), owner_id=owner_id, created_at=now, **values)
    session.add(event)
    session.flush()
    event.series_id = series.joined(session, event, wanted, campaign_id=event.campaign_id, staff_id=owner_id)
    session.add_all([EventCounter(event_id=event.id), EventPulse(event_id=event.id)])
    return event


def update(code: str, draft: EventDraft, *, actor: str = audit.COMMAND, action: str = "event.update") -> EventView:
    """Change an event's settings; late marks follow the times, people follow into another campaign, and tickets die
    when a closed event reopens."""
    _update(get(code).id, draft, actor, action)
    return get(code)


@unit
def _update(session: WriterSession, event_id: int, draft: EventDraft, actor: str, action: str) -> None:
    """Change an event, whose counter is locked: nobody signs in while it changes its campaign."""
    event = session.get_one(Event, event_id)
    was_closed = _phase(event) == "closed"
    came_at = usual_times.first_arrival(session, event.id) if draft.starts_at is None else None
    values = _columns(draft, created_at=event.created_at, came_at=came_at)
    values["campaign_id"] = draft.campaign_id or event.campaign_id
    values["series_id"] = series.joined(
        session, event, draft.series_id, campaign_id=values["campaign_id"], staff_id=audit.staff_of(actor)
    )
    changed = {"fields": audit.differences(event, values)}
    is_moved = values["campaign_id"] != event.campaign_id
    for name, value in values.items():
        setattr(event, name, value)
    audit.record(session, actor, action, event_id=event.id, changed=changed)
    event.settings_version += 1
    if was_closed and _phase(event) != "closed":
        event.tickets_from = utcnow()
    session.flush()
    if is_moved:
        moves.take_people_along(session, event.id, event.campaign_id)
    _recompute_late(session, event)


def close(code: str, *, actor: str = audit.COMMAND) -> EventView:
    """Close an event by hand."""
    _close(code, actor)
    return get(code)


@unit
def _close(session: WriterSession, code: str, actor: str) -> None:
    event = _event(session, code)
    event.closed_by_hand_at = utcnow()
    event.settings_version += 1
    audit.record(session, actor, "event.close", event_id=event.id)


def prolong(code: str, until: Until | datetime, *, actor: str = audit.COMMAND) -> EventView:
    """Let sign-in close later, or open it again, for so long or until an aware time; opening lets nobody in on a ticket
    from before."""
    _prolong(code, until, actor)
    return get(code)


@unit
def _prolong(session: WriterSession, code: str, until: Until | datetime, actor: str) -> None:
    """A closing that lies ahead stays, should the event only have been closed by hand; so does none (before 0017)."""
    event, now = _event(session, code), utcnow()
    if was_closed := _phase(event) == "closed":
        event.tickets_from = now
    if isinstance(until, datetime):
        event.closes_at, event.is_closing_usual = until, False
    elif event.closes_at is not None and not (was_closed and event.closes_at > now):
        event.closes_at = usual_times.later(event.closes_at, until, now, ZoneInfo(event.timezone))
        event.is_closing_usual = False
    event.closed_by_hand_at = None
    event.settings_version += 1
    audit.record(session, actor, "event.open" if was_closed else "event.prolong", event_id=event.id)


def open_now(code: str, *, actor: str = audit.COMMAND) -> EventView:
    """Open sign-in whatever the times say: before its time, or again until tonight after it was closed."""
    view = get(code)
    if view.phase(utcnow()) == "early":
        return update(code, replace(draft_of(view), opens_at=utcnow()), actor=actor, action="event.open")
    return prolong(code, "tonight", actor=actor)


def set_archived(code: str, *, is_archived: bool, actor: str = audit.COMMAND) -> EventView:
    """Put an event away, or take it out again; nothing is deleted."""
    _set_archived(code, is_archived, actor)
    return get(code)


@unit
def _set_archived(session: WriterSession, code: str, is_archived: bool, actor: str) -> None:
    event = _event(session, code)
    event.archived_at = utcnow() if is_archived else None
    event.settings_version += 1
    audit.record(session, actor, "event.archive" if is_archived else "event.take_out", event_id=event.id)


def draft_of(view: EventView) -> EventDraft:
    """Return an event's settings as a draft, for the form and for clones: the usual times are worked out anew, and the
    campaign's host is none of its own."""
    values = values_for(EventSettings, view)
    if not view.is_host_own:
        values["host"] = values["host_alt"] = None
    values["opens_at"] = None if view.is_opening_usual else view.opens_at
    values["closes_at"] = None if view.is_closing_usual else view.closes_at
    return EventDraft(**values, kinds=[vars(kind) for kind in view.kinds])


def clone(code: str, *, owner_id: int | None = None, actor: str = audit.COMMAND, **changes: Any) -> EventView:
    """Make another event with the same settings, apart from `changes`; no sign-in comes along, and no outcome.

    A new `starts_at` shifts the other times with it unless they are given as well; the usual ones follow by themselves.
    """
    source = get(code)
    draft = replace(draft_of(source), outcome=None, outcome_alt=None)
    if changes.get("campaign_id", source.campaign_id) != source.campaign_id:  # the host is who it was
        draft = replace(draft, host=source.host, host_alt=source.host_alt)
    if "starts_at" in changes and changes["starts_at"] is not None and draft.starts_at is not None:
        shift: timedelta = changes["starts_at"] - draft.starts_at
        for name in ("ends_at", "opens_at", "closes_at"):
            moment = getattr(draft, name)
            changes.setdefault(name, None if moment is None else moment + shift)
    return create(replace(draft, **changes), owner_id=owner_id, actor=actor, source_id=source.id)


def clone_for_today(code: str, *, owner_id: int | None = None, actor: str = audit.COMMAND, **changes: Any) -> EventView:
    """Make today's own of an event of another day: at the same time of day where it has one, as long as it was."""
    source = get(code)
    if source.starts_at is not None:
        today = utcnow().astimezone(source.zone).date()
        changes["starts_at"] = datetime.combine(today, source.starts_at.astimezone(source.zone).time(), source.zone)
    return clone(code, owner_id=owner_id, actor=actor, **changes)


def create_daily(
    draft: EventDraft, *, owner_id: int | None = None, actor: str = audit.COMMAND, source_id: int | None = None
) -> EventView:
    """Make one event for each of the draft's days (days_of, which must have some), each at the same time of day, tied
    by a series of the title, and return the first one's view."""
    return get(_create_daily(draft, owner_id, actor, source_id)[0])


@unit
def _create_daily(
    session: WriterSession, draft: EventDraft, owner_id: int | None, actor: str, source_id: int | None
) -> list[str]:
    codes: list[str] = []
    campaign_id = draft.campaign_id or default_id(session)
    series_id = series.of_title.within(session, campaign_id, draft.title)
    for starts_at, ends_at in days_of(draft):
        daily = replace(draft, campaign_id=campaign_id, series_id=series_id, starts_at=starts_at, ends_at=ends_at)
        codes.append(_create.within(session, daily, owner_id, actor, source_id))
    return codes


def days_of(draft: EventDraft) -> tuple[tuple[datetime, datetime], ...]:
    """Return the start and end of each day of an event that lasts several; nothing for one of a day and night, nor for
    one of more than MOST_DAYS.

    A day ends at the end's time of day, or a day and night later where that is not after the start's.
    """
    if draft.starts_at is None or draft.ends_at is None or draft.ends_at - draft.starts_at <= A_DAY:
        return ()
    zone = ZoneInfo(draft.timezone or current_app.config["KIOSK"].timezone)
    first, last = (moment.astimezone(zone) for moment in (draft.starts_at, draft.ends_at))
    overnight = timedelta(days=int(last.time() <= first.time()))
    days = (last.date() - overnight - first.date()).days + 1
    if days > MOST_DAYS:
        return ()
    return tuple(
        (
            datetime.combine(first.date() + timedelta(days=day), first.time(), zone),
            datetime.combine(first.date() + timedelta(days=day) + overnight, last.time(), zone),
        )
        for day in range(days)
    )


def get(code: str) -> EventView:
    """Return an event's present settings, which every page reads from now on; raise Unknown."""
    view = event_views.find_now(code)
    if view is None:
        raise Unknown("event", code)
    return view


def counts(event_id: int) -> Counts:
    """Return the tallies of one event."""
    counter = db.session.get(EventCounter, event_id)
    return _counts(counter)


def is_full(view: EventView) -> bool:
    """Say whether an event with a capacity has no place left at this moment."""
    return view.capacity is not None and counts(view.id).arrived >= view.capacity


def list_all(*, campaign_id: int | None = None, staff_id: int | None = None) -> tuple[EventRow, ...]:
    """Return events by start, rehearsals never; with `staff_id` only those that this organiser owns or shares."""
    conditions: list[Any] = [~Event.is_rehearsal]
    if campaign_id is not None:
        conditions.append(Event.campaign_id == campaign_id)
    if staff_id is not None:
        shared = select(EventShare.event_id).where(EventShare.staff_id == staff_id)
        conditions.append(or_(Event.owner_id == staff_id, Event.id.in_(shared)))
    return _rows(*conditions)


def _rows(*conditions: Any) -> tuple[EventRow, ...]:
    statement = (
        select_views(EventCounter)
        .join(EventCounter, EventCounter.event_id == Event.id)
        .where(*conditions)
        .order_by(Event.starts_at.is_(None), Event.starts_at, Event.id)
    )
    return tuple(EventRow(view_of(e, c, n), _counts(k)) for e, c, n, k in db.session.execute(statement))


def _counts(counter: EventCounter | None) -> Counts:
    return Counts(**({} if counter is None else values_for(Counts, counter)))


def _event(session: WriterSession, code: str) -> Event:
    event = session.scalar(select(Event).where(Event.code == code))
    if event is None:
        raise Unknown("event", code)
    return event


def _phase(event: Event) -> str:
    return phase_of(utcnow(), event.opens_at, event.closes_at, event.closed_by_hand_at, event.archived_at)


def _columns(draft: EventDraft, *, created_at: datetime, came_at: datetime | None) -> dict[str, Any]:
    values = values_for(EventSettings, draft)
    del values["campaign_id"]
    values["timezone"] = draft.timezone or current_app.config["KIOSK"].timezone
    zone = ZoneInfo(values["timezone"])
    values["is_opening_usual"] = draft.is_opening_usual and draft.opens_at is None
    values["is_closing_usual"] = draft.is_closing_usual and draft.closes_at is None
    values["opens_at"] = usual_times.opening(draft)
    values["closes_at"] = usual_times.closing(draft, zone, created_at=created_at, came_at=came_at)
    values["kinds"] = [{"label": None, "label_alt": None, **kind} for kind in draft.kinds]
    values["tick_labels"] = tick_labels.kept(draft.tick_labels, values.pop("tick_labels_alt"))
    values["field_modes"] = dict(draft.field_modes)
    values["own_fields"] = [dict(own) for own in draft.own_fields]
    return values


def _recompute_late(session: WriterSession, event: Event) -> None:
    """Late is stored, and recomputed when times change (docs/product.md, "Decided"): set-wise, so that a save at a busy
    door holds the writer no longer for ten thousand arrivals than for ten."""
    threshold = late_from(event.starts_at, event.late_after_minutes)
    is_late = false() if threshold is None else SignIn.signed_in_at > threshold
    arrived = set_where(SignIn).where(SignIn.event_id == event.id, SignIn.has_arrived)
    arrived = arrived.execution_options(synchronize_session=False)
    changed = 0
    for is_marked, wrong in ((True, and_(~SignIn.is_late, is_late)), (False, and_(SignIn.is_late, not_(is_late)))):
        done: Any = session.execute(arrived.where(wrong).values(is_late=is_marked))
        changed += done.rowcount if is_marked else -done.rowcount
    tallies.change(session.driver, event.id, late=changed)
