"""The first step of a purge (到期清除): at once for every reader. The second one is scrub.py.

The first unit of work closes the event for good; then its rows are emptied in chunks under one Purge row, which any
process may carry on after a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import DoorLink, Event, Purge
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import clearing, ledger
from kiosk.services.privacy.declaration import Target
from kiosk.services.store.writer import WriterSession, run

RETENTION = "retention"  # the actor of what becomes due by itself
LEDGER = "ledger"  # the actor of what a restored backup brought back
# Files in the instance folder that speak of people: the demo's who have not come yet.
LEFTOVERS = ("still-to-come.json",)


@dataclass(frozen=True)
class PurgeView:
    """A purge and how far it is. `people` of `total` are cleared; `scrubbed_at`: off the disk as well."""

    id: int
    scope: str
    event_id: int | None
    asked_by: str
    asked_at: datetime
    people: int
    total: int
    finished_at: datetime | None
    scrubbed_at: datetime | None


def purge_event(event: EventView, actor: str) -> PurgeView:
    """Clear an event's personal data and return when nobody can read it any more."""
    return carry_on(begin_event(event, actor))


def begin_event(event: EventView, actor: str) -> int:
    """Close an event for good and return the purge that clears it (`carry_on`); a repeat returns the same one."""
    return _begin(event, "event", actor)


def begin_minors(event: EventView, actor: str) -> int:
    """Mark an event's minors as anonymous and return the purge that makes them so."""
    return _begin(event, "minors", actor)


def carry_on(purge_id: int) -> PurgeView:
    """Do what is left of a purge of an event or of its minors; one that is finished stays as it is."""
    view = get(purge_id)
    if view.finished_at is not None or view.event_id is None:
        return view
    with _alone():
        clearing.clear(target_of(view.event_id, is_minors=view.scope == "minors"), lambda s, n: _count(s, purge_id, n))
        for name in LEFTOVERS:
            (current_app.config["KIOSK"].instance_dir / name).unlink(missing_ok=True)
        finish(purge_id)
    return get(purge_id)


def finish(purge_id: int) -> None:
    """Mark a purge as done for every reader; the scrub is still to come."""

    def work(session: WriterSession) -> None:
        purge = session.get_one(Purge, purge_id)
        if purge.finished_at is None:
            purge.people, purge.finished_at = purge.total, utcnow()

    run(work)


def get(purge_id: int) -> PurgeView:
    """Return a purge; raise LookupError."""
    row = db.session.get(Purge, purge_id)
    if row is None:
        raise LookupError(f"no purge {purge_id}")
    return _view(row)


def latest(event_id: int, scope: str = "event") -> PurgeView | None:
    """Return the newest purge of an event, or None."""
    found = select(Purge).where(Purge.event_id == event_id, Purge.scope == scope).order_by(Purge.id.desc()).limit(1)
    row = db.session.scalar(found)
    return None if row is None else _view(row)


def unfinished() -> tuple[int, ...]:
    """Return the purges of events that a crash, or a restart, left undone."""
    found = select(Purge.id).where(Purge.finished_at.is_(None), Purge.event_id.is_not(None)).order_by(Purge.id)
    return tuple(db.session.scalars(found))


def carry_all_on() -> None:
    """Carry on what was left undone."""
    for purge_id in unfinished():
        carry_on(purge_id)


def target_of(event_id: int, *, is_minors: bool = False) -> Target:
    """Return whose data a purge of an event clears."""
    campaign_id = db.session.scalar(select(Event.campaign_id).where(Event.id == event_id))
    return Target(campaign_id or 0, (event_id,), is_minors=is_minors)


def _begin(event: EventView, scope: str, actor: str) -> int:
    target = target_of(event.id, is_minors=scope == "minors")
    last = latest(event.id, scope)
    is_marked = event.purged_at is not None if scope == "event" else event.minors_cleared_at is not None
    if last is not None and is_marked and not clearing.is_anything_left(target):
        return last.id
    total = clearing.count_people(target)
    if actor != LEDGER:
        ledger.append(scope, event_id=event.id, code=event.code)

    def work(session: WriterSession) -> int:
        known = select(Purge.id).where(Purge.event_id == event.id, Purge.scope == scope, Purge.finished_at.is_(None))
        if (purge_id := session.scalar(known.limit(1))) is not None:
            return purge_id
        _mark(session, event.id, scope)
        purge = Purge(scope=scope, event_id=event.id, asked_by=actor, asked_at=utcnow(), total=total)
        session.add(purge)
        session.flush()
        told = {"purge": purge.id, "people": total}
        audit.record(session, actor, f"privacy.{scope}", event_id=event.id, subject=f"event:{event.id}", changed=told)
        return purge.id

    purge_id = run(work, event_id=event.id)
    event_views.forget(event.code)
    return purge_id


def _mark(session: WriterSession, event_id: int, scope: str) -> None:
    event, now = session.get_one(Event, event_id), utcnow()
    event.settings_version += 1
    if scope == "minors":
        event.minors_cleared_at = now
    else:
        event.purged_at = event.purged_at or now
        event.closed_by_hand_at = event.closed_by_hand_at or now
        links = update(DoorLink).where(DoorLink.event_id == event_id, DoorLink.revoked_at.is_(None))
        session.execute(links.values(revoked_at=now).execution_options(synchronize_session=False))
    session.flush()
    tallies.change(session.driver, event_id)


def _count(session: WriterSession, purge_id: int, people: int) -> None:
    purge = session.get_one(Purge, purge_id)
    purge.people = min(purge.total, purge.people + people)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one process of this machine clear at a time; two would only do the same work twice."""
    with open(current_app.config["KIOSK"].instance_dir / "purge.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _view(row: Purge) -> PurgeView:
    return PurgeView(**{name: getattr(row, name) for name in PurgeView.__dataclass_fields__})
