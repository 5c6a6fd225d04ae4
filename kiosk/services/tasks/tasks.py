"""Tasks: long work in a process beside the server, and the row by which every node sees how far it is.

A process claims a task, says by `heard` that it lives and how far it is, and ends it. One that was not heard for too
long is dead, and its task lost: it shows as failed, unless its kind is carried on by housekeeping. What an export, a
purge and a rehearsal do is their own: each declares a class of TaskView and works between these steps.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from flask import current_app
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Task
from kiosk.services.store.writer import WriterBusy, WriterSession, unit

log = logging.getLogger(__name__)

TELL_SECONDS = 0.5  # between two writes of progress
BEAT_SECONDS = 5.0  # at least so often a living process says so
SILENCE = timedelta(seconds=30)  # a process that was not heard for so long is dead; starting takes two at most
LONGEST = timedelta(minutes=30)
PATIENCE_SECONDS = 60.0  # a busy writer must not cost a file that is ready
GOES_ON = ("waiting", "running", "clearing")
View = TypeVar("View", bound="TaskView")
Result = TypeVar("Result")


@dataclass(frozen=True)
class TaskView:
    """A task as its page shows it; `total` is 0 while unknown. A kind of long work is a class of this one."""

    kind: ClassVar[str]
    claimed_from: ClassVar[tuple[str, ...]] = ("waiting",)  # the states in which a process may take it
    is_carried_on: ClassVar[bool] = False  # housekeeping does what is left of a lost one

    id: int
    what: str
    options: Mapping[str, Any]
    event_id: int | None
    event_code: str | None
    campaign_id: int | None
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    total: int
    heard_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    result: Mapping[str, Any]
    scrubbed_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Say whether nothing more becomes of it."""
        return self.state not in GOES_ON

    @property
    def is_lost(self) -> bool:
        """Say whether its process is dead, or never began."""
        silence, age = utcnow() - (self.heard_at or self.asked_at), utcnow() - self.asked_at
        return not self.is_over and (silence > SILENCE or age > LONGEST)


class TaskReport:
    """What a process says of its task. `state` is the task's at the last write: somebody may have stopped it."""

    def __init__(self, task_id: int) -> None:
        self.state: str | None = "running"
        self._task_id = task_id
        self._columns: Mapping[str, Any] = {}
        self._written: Mapping[str, Any] = {}
        self._heard = time.monotonic()

    def progress(self, done: int, total: int, **columns: Any) -> None:
        """Say how far it is, as often as one likes; the thread beside the work writes it."""
        self._columns = {"done": done, **columns} | ({"total": total} if total else {})

    def write(self) -> None:
        """Write what is new, and now and then that the process lives."""
        columns, now = self._columns, time.monotonic()
        if columns == self._written and now - self._heard < BEAT_SECONDS:
            return
        try:
            self.state = _note(self._task_id, columns)
            self._written, self._heard = columns, now
        except (WriterBusy, DBAPIError):
            log.info("progress of task %d was not written; it is told again", self._task_id)


def views(
    view: type[View], *conditions: ColumnElement[bool], most: int | None = None, session: Session | None = None
) -> tuple[View, ...]:
    """Return the tasks of a kind that meet the conditions, the newest first."""
    columns = [getattr(Task, field.name) for field in fields(TaskView) if field.name != "event_code"]
    statement = (
        select(*columns, Event.code.label("event_code"))
        .join(Event, Event.id == Task.event_id, isouter=True)
        .where(Task.kind == view.kind, *conditions)
        .order_by(Task.id.desc())
        .limit(most)
    )
    return tuple(_as_it_is(view(**row._mapping)) for row in (session or db.session).execute(statement))


def find(view: type[View], task_id: int, *conditions: ColumnElement[bool]) -> View | None:
    """Return one task of a kind, or None."""
    return next(iter(views(view, Task.id == task_id, *conditions)), None)


def lost(view: type[View], session: Session | None = None) -> tuple[View, ...]:
    """Return the tasks of a kind whose process died."""
    return tuple(task for task in views(view, Task.state.in_(GOES_ON), session=session) if task.is_lost)


@unit
def add(session: WriterSession, /, view: type[TaskView], *, asked_by: str, **columns: Any) -> int:
    """Write down what is asked for and return the task's id."""
    task = Task(kind=view.kind, asked_by=asked_by, asked_at=utcnow(), **columns)
    session.add(task)
    session.flush()
    return task.id


def claim(view: type[View], task_id: int) -> View | None:
    """Take a task for this process; None when there is nothing to do, or another process is at it."""
    return find(view, task_id) if insist(lambda: _claim(view, task_id)) else None


@contextmanager
def heard(task_id: int) -> Iterator[TaskReport]:
    """Write from a thread beside the work how far it is, and that this process lives, until the block ends."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    report, is_over = TaskReport(task_id), threading.Event()

    def tell() -> None:
        while not is_over.wait(TELL_SECONDS):
            with app.app_context():
                report.write()

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield report
    finally:
        is_over.set()
        thread.join()
        report.write()


def end(task_id: int, state: str, **columns: Any) -> None:
    """Write how a task ended; one that is over stays as it is."""
    insist(lambda: _end(task_id, state, columns))


def insist(write: Callable[[], Result]) -> Result:
    """Make a write that has to be made: ask a busy writer again for a minute."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return write()
        except WriterBusy:  # each try waited already
            if time.monotonic() > until:
                raise


@unit
def _claim(session: WriterSession, view: type[TaskView], task_id: int) -> bool:
    task = session.get(Task, task_id, with_for_update=True)
    if task is None or task.kind != view.kind or task.state not in view.claimed_from:
        return False
    task.state, task.heard_at = "running" if task.state == "waiting" else task.state, utcnow()
    return True


@unit
def _note(session: WriterSession, task_id: int, columns: Mapping[str, Any]) -> str | None:
    row = update(Task).where(Task.id == task_id).values(heard_at=utcnow(), **columns)
    return session.scalar(row.returning(Task.state))


@unit
def _end(session: WriterSession, task_id: int, state: str, columns: Mapping[str, Any]) -> None:
    row = update(Task).where(Task.id == task_id, Task.state.in_(GOES_ON))
    session.execute(row.values(state=state, ended_at=func.coalesce(Task.ended_at, utcnow()), **columns))


def _as_it_is(task: View) -> View:
    """Show a lost task as failed, where nobody carries it on."""
    return replace(task, state="failed", reason="lost") if task.is_lost and not task.is_carried_on else task
