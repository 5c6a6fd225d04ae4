"""Events: made, changed, cloned, archived, listed. Reading one for a door is services/event/event_views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, false, not_, or_, select, update as set_where

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, EventCounter, EventPulse, EventShare, Notice, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views, moves, series
from kiosk.services.event.campaigns import default_id, free_code
from kiosk.services.event.event_views import EventSettings, EventView, late_from, phase_of, select_views, view_of
from kiosk.services.refusals import Unknown
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, unit


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
    trial: int = 0
    voided: int = 0
    expected: int = 0
    excused: int = 0
    replaced: int = 0
    listed_arrived: int = 0
    ordinal: int = 0
    revision: int = 0

    @property
    def missing(self) -> int:
        """Return how many are expected, not excused, not replaced and not here."""
        return self.expected - self.excused - self.replaced - self.listed_arrived


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
    values = {**_columns(draft), **columns}
    values["campaign_id"] = draft.campaign_id or default_id(session)
    values.setdefault("notice_id", session.scalar(select(Notice.id).order_by(Notice.version.desc()).limit(1)))
    wanted = values.pop("series_id", None)
    event = Event(code=free_code(session), owner_id=owner_id, created_at=utcnow(), **values)
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
    values = {**_columns(draft), "campaign_id": draft.campaign_id or event.campaign_id}
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


def set_closed(code: str, *, is_closed: bool, actor: str = audit.COMMAND) -> EventView:
    """Close an event by hand, or open it again; opening lets nobody in on a ticket from before."""
    _set_closed(code, is_closed, actor)
    return get(code)


@unit
def _set_closed(session: WriterSession, code: str, is_closed: bool, actor: str) -> None:
    event = _event(session, code)
    event.closed_by_hand_at = utcnow() if is_closed else None
    event.settings_version += 1
    if not is_closed:
        event.tickets_from = utcnow()
        if event.closes_at is not None and event.closes_at <= utcnow():
            event.closes_at = None
    audit.record(session, actor, "event.close" if is_closed else "event.open", event_id=event.id)


def open_now(code: str, *, actor: str = audit.COMMAND) -> EventView:
    """Open sign-in whatever the times say: before its time, or again after it was closed."""
    view = get(code)
    if view.phase(utcnow()) == "early":
        return update(code, replace(draft_of(view), opens_at=utcnow()), actor=actor, action="event.open")
    return set_closed(code, is_closed=False, actor=actor)


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
    """Return an event's settings as a draft, for the form and for clones."""
    return EventDraft(**values_for(EventSettings, view), kinds=[vars(kind) for kind in view.kinds])


def clone(code: str, *, owner_id: int | None = None, actor: str = audit.COMMAND, **changes: Any) -> EventView:
    """Make another event with the same settings, apart from `changes`; no sign-in comes along, and no outcome.

    A new `starts_at` shifts the other times with it unless they are given as well.
    """
    source = get(code)
    draft = replace(draft_of(source), outcome=None, outcome_alt=None)
    if "starts_at" in changes and changes["starts_at"] is not None and draft.starts_at is not None:
        shift: timedelta = changes["starts_at"] - draft.starts_at
        for name in ("ends_at", "opens_at", "closes_at"):
            moment = getattr(draft, name)
            changes.setdefault(name, None if moment is None else moment + shift)
    return create(replace(draft, **changes), owner_id=owner_id, actor=actor, source_id=source.id)


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


def _columns(draft: EventDraft) -> dict[str, Any]:
    values = values_for(EventSettings, draft)
    del values["campaign_id"]
    values["timezone"] = draft.timezone or current_app.config["KIOSK"].timezone
    values["kinds"] = [{"label": None, "label_alt": None, **kind} for kind in draft.kinds]
    values["tick_labels"] = list(draft.tick_labels)
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
