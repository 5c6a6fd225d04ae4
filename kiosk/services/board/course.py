"""An event's course: before, during and after it, what is to be done then, and what of it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, or_, select

from kiosk.clock import utcnow
from kiosk.closed import DoorPurpose
from kiosk.extensions import db
from kiosk.models import DeviceLink, DoorLink, Event, EventPulse, FrozenSheet, Proof
from kiosk.services.event.event_views import EventView, Phase
from kiosk.services.event.events import Counts
from kiosk.services.event.preparations import Item
from kiosk.services.event.usual_times import OPENS_BEFORE

Stage = Literal["before", "during", "after"]
State = Literal["open", "done", "skipped", "by_itself"]
STEWARD: DoorPurpose = "steward"
TO_DO: Mapping[Stage, tuple[Item, ...]] = {
    "before": ("list", "poster", "phone", "stewards", "screen"),
    "during": (),
    "after": ("freeze", "proofs", "report", "clear"),
}


@dataclass(frozen=True)
class ToDo:
    """Something to be done, and how far it is; `by_itself`: it comes on a day without anybody."""

    item: Item
    state: State


@dataclass(frozen=True)
class Course:
    """Where an event stands, and what is to be done now."""

    stage: Stage
    to_do: tuple[ToDo, ...]

    @property
    def next(self) -> Item | None:
        """Return the first thing that is still to be done."""
        return next((task.item for task in self.to_do if task.state == "open"), None)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the database says of an event's course."""

    phase: Phase
    starts_at: datetime | None
    has_come: bool  # somebody arrived, or waits
    done: frozenset[Item]
    prepared: Mapping[str, str]  # models/event.Event.prepared
    is_cleared_by_itself: bool


def read(event: EventView, counts: Counts) -> Course:
    """Return an event's course."""
    now = utcnow()
    of_event = select(
        Event.prepared,
        exists().where(EventPulse.event_id == event.id, EventPulse.first_phone_at.is_not(None)),
        exists().where(DoorLink.event_id == event.id, DoorLink.purpose == STEWARD, DoorLink.revoked_at.is_(None)),
        exists().where(DeviceLink.event_id == event.id, DeviceLink.revoked_at.is_(None)),
        exists().where(FrozenSheet.event_id == event.id),
        exists().where(_is_of(event), Proof.voided_at.is_(None)),
    ).where(Event.id == event.id)
    prepared, has_phone, has_stewards, has_screen, is_frozen, has_proofs = db.session.execute(of_event).one()
    known: dict[Item, bool] = {
        "list": counts.expected > 0, "phone": has_phone, "stewards": has_stewards, "screen": has_screen,
        "freeze": is_frozen, "proofs": has_proofs, "report": bool(event.outcome), "clear": event.is_cleared,
    }  # fmt: skip
    facts = Facts(
        phase=event.phase(now),
        starts_at=event.starts_at,
        has_come=counts.arrived + counts.wait_listed + counts.unconfirmed > 0,
        done=frozenset(item for item, is_done in known.items() if is_done),
        prepared=prepared,
        is_cleared_by_itself=event.retention_days is not None,
    )
    return course_of(facts, now)


def _is_of(event: EventView) -> ColumnElement[bool]:
    """Say of a proof whether it is the event's, or its series'."""
    own = Proof.event_id == event.id
    return own if event.series_id is None else or_(own, Proof.series_id == event.series_id)


def course_of(facts: Facts, now: datetime) -> Course:
    """Return the course that these facts make; it reads nothing."""
    stage = _stage(facts, now)
    return Course(stage, tuple(ToDo(item, _state(item, facts)) for item in TO_DO[stage]))


def _stage(facts: Facts, now: datetime) -> Stage:
    """An event that is open long before it begins, or has no times, is prepared until the first one comes."""
    if facts.phase == "closed":
        return "after"
    has_begun = facts.starts_at is not None and now >= facts.starts_at - OPENS_BEFORE
    return "during" if facts.phase == "open" and (facts.has_come or has_begun) else "before"


def _state(item: Item, facts: Facts) -> State:
    if item in facts.done or facts.prepared.get(item) == "done":
        return "done"
    if facts.prepared.get(item) == "skipped":
        return "skipped"
    return "by_itself" if item == "clear" and facts.is_cleared_by_itself else "open"
