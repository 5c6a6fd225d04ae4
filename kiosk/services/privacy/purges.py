"""The first step of a purge (到期清除): at once for every reader. The second one is scrub.py.

The first unit of work closes the event for good; then its rows are emptied in chunks under one task, which any process
may carry on after a crash.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app
from sqlalchemy import select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import CountLink, DoorLink, Event, Task
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import clearing, shared_ledger
from kiosk.services.privacy.declaration import Target
from kiosk.services.store.turns import turn
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import tasks
from kiosk.services.tasks.tasks import GOES_ON, TaskView

RETENTION = "retention"  # the actor of what becomes due by itself
LEDGER = "ledger"  # the actor of what a restored backup brought back
OF_EVENTS = ("event", "minors")
# Files in the instance folder that speak of people: the demo's who have not come yet.
LEFTOVERS = ("still-to-come.json",)


class PurgeView(TaskView):
    """A purge of an event, its minors or one person (`what`): `done` of `total` people are cleared, for every reader
    at `ended_at`, off the disk at `scrubbed_at`."""

    kind = "purge"
    claimed_from = GOES_ON  # whoever comes does what is left; two only do the same work twice
    is_carried_on = True


def purge_event(event: EventView, actor: str) -> PurgeView:
    """Clear an event's personal data and return when nobody can read it any more."""
    return carry_on(begin(event, "event", actor))


def begin(event: EventView, scope: str, actor: str) -> int:
    """Close an event for good, or mark its minors as anonymous, and return the purge that clears them (`carry_on`).

    `scope` is one of OF_EVENTS. A repeat returns the same purge.
    """
    target = target_of(event.id, is_minors=scope == "minors")
    last = latest(event.id, scope)
    is_marked = event.purged_at is not None if scope == "event" else event.minors_cleared_at is not None
    if last is not None and is_marked and not clearing.is_anything_left(target):
        return last.id
    total = clearing.count_people(target)
    if actor != LEDGER:
        shared_ledger.append(scope, event_id=event.id, code=event.code)
    purge_id = _add(event.id, scope, actor, total)
    event_views.forget(event.code)
    return purge_id


def carry_on(purge_id: int) -> PurgeView:
    """Do what is left of a purge of an event or of its minors; one that is finished stays as it is."""
    purge = get(purge_id)
    if purge.event_id is not None and tasks.claim(PurgeView, purge_id) is not None:
        # One at a time: two would only do the same work twice.
        with turn("purge", waits=True), tasks.heard(purge_id) as report:
            before = get(purge_id).done
            clearing.clear(
                target_of(purge.event_id, is_minors=purge.what == "minors"),
                lambda people: report.progress(min(purge.total, before + people), purge.total),
            )
        for name in LEFTOVERS:
            (current_app.config["KIOSK"].instance_dir / name).unlink(missing_ok=True)
        finish(purge_id)
        tallies.wake(purge.event_id)  # boards said meanwhile that it is going on
    return get(purge_id)


def finish(purge_id: int) -> None:
    """Mark a purge as done for every reader; the scrub is still to come."""
    tasks.end(purge_id, "done", done=Task.total)


def get(purge_id: int) -> PurgeView:
    """Return a purge; raise LookupError."""
    purge = tasks.find(PurgeView, purge_id)
    if purge is None:
        raise LookupError(f"no purge {purge_id}")
    return purge


def latest(event_id: int, scope: str = "event") -> PurgeView | None:
    """Return the newest purge of an event, or None."""
    return next(iter(tasks.views(PurgeView, Task.event_id == event_id, Task.what == scope, most=1)), None)


def is_going_on(event: EventView) -> bool:
    """Say whether an event's people, or its minors, are just being cleared: some rows still have their names."""
    if event.purged_at is None and event.minors_cleared_at is None:
        return False
    of_event = Task.event_id == event.id, Task.what.in_(OF_EVENTS), Task.state.in_(GOES_ON)
    return bool(tasks.views(PurgeView, *of_event, most=1))


def unfinished(scopes: Collection[str] = OF_EVENTS) -> tuple[int, ...]:
    """Return the purges, of events if nothing else is said, that a crash, or a restart, left undone."""
    return tuple(purge.id for purge in tasks.views(PurgeView, Task.state.in_(GOES_ON), Task.what.in_(scopes)))


def carry_all_on() -> None:
    """Carry on what was left undone."""
    for purge_id in unfinished():
        carry_on(purge_id)


def target_of(event_id: int, *, is_minors: bool = False) -> Target:
    """Return whose data a purge of an event clears."""
    campaign_id = db.session.scalar(select(Event.campaign_id).where(Event.id == event_id))
    return Target(campaign_id or 0, (event_id,), is_minors=is_minors)


@unit
def _add(session: WriterSession, event_id: int, scope: str, actor: str, total: int) -> int:
    is_known = Task.event_id == event_id, Task.what == scope, Task.state.in_(GOES_ON)
    for known in tasks.views(PurgeView, *is_known, session=session):
        return known.id
    _mark(session, event_id, scope)
    purge_id = tasks.add.within(session, PurgeView, what=scope, event_id=event_id, asked_by=actor, total=total)
    changed = {"purge": purge_id, "people": total}
    audit.record(session, actor, f"privacy.{scope}", event_id=event_id, subject=f"event:{event_id}", changed=changed)
    return purge_id


def _mark(session: WriterSession, event_id: int, scope: str) -> None:
    event, now = session.get_one(Event, event_id), utcnow()
    event.settings_version += 1
    if scope == "minors":
        event.minors_cleared_at = now
    else:
        event.purged_at = event.purged_at or now
        event.closed_by_hand_at = event.closed_by_hand_at or now
        for table in (DoorLink, CountLink):
            links = update(table).where(table.event_id == event_id, table.revoked_at.is_(None))
            session.execute(links.values(revoked_at=now).execution_options(synchronize_session=False))
    session.flush()
    tallies.change(session.driver, event_id)
