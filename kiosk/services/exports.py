"""Exports: files that take long are made in a process beside the server, which tells how far it is (docs/product.md
4.1).

Only who asked gets a file; an hour later it is gone. How a task goes from the wish to its end is services/tasks/tasks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.exc import DBAPIError

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.jobs.runner import JobFailed
from kiosk.models import Staff, Task
from kiosk.services.audit_log import audit
from kiosk.services.proofs import proof_exports
from kiosk.services.refusals import CODES, Refused
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.store.writer import WriterSession, end_read, unit
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tasks import beside, tasks
from kiosk.services.tasks.tasks import TaskView

log = logging.getLogger(__name__)

Maker = Callable[[Asked, Progress], File | None]
# What can be exported. A maker calls progress(done, total) as often as it likes, and returns None where its work
# leaves no file. It may raise Refused.
MAKERS: dict[str, Maker] = {
    "sheet": sheet_copies.make,
    "freeze": frozen_sheets.make_frozen,
    "frozen": frozen_sheets.make_file,
    "proofs": proof_exports.make,
}
# What is to be noted when a file is fetched.
FETCHED: dict[str, Callable[[Mapping[str, Any]], None]] = {"frozen": frozen_sheets.note_export}

OF_SHEETS = ("sheet", "frozen", "freeze")
MOST_RECENT = 5

KEPT = timedelta(hours=1)
LOOK_SECONDS = 0.2  # between two looks of who waits


class ExportView(TaskView):
    """An export; `state` is waiting, running, done or failed, `done` and `total` are rows."""

    kind = "export"

    @property
    def file_name(self) -> str | None:
        """Return what the file is called; None where the work leaves no file."""
        return self.result.get("file_name")

    @property
    def why(self) -> str | None:
        """Return the code of why it failed; one of an older version is "broken"."""
        return self.reason if self.reason is None or self.reason in CODES else "broken"

    @property
    def may_succeed(self) -> bool:
        """Say whether the same file, asked for again, may come."""
        return self.why in ("lost", "no_room", "broken")

    @property
    def is_drawn(self) -> bool:
        """Say whether every row is read, so that what takes time now is the file."""
        return self.state == "running" and 0 < self.total <= self.done


def start(
    what: str,
    options: Mapping[str, Any],
    *,
    staff_id: int,
    event_id: int | None = None,
    campaign_id: int | None = None,
    total: int = 0,
) -> int:
    """Start making a file and return the export's id; the same wish while it is being made returns the same id."""
    if what not in MAKERS:
        raise ValueError(f"there is no maker of {what}")
    wish = {"what": what, "options": dict(options), "event_id": event_id, "campaign_id": campaign_id}
    export_id, is_new = _ask(staff_id, wish, total)
    if is_new:
        beside.start("export", export_id)
    return export_id


@unit
def _ask(session: WriterSession, staff_id: int, wish: Mapping[str, Any], total: int) -> tuple[int, bool]:
    session.execute(select(Staff.id).where(Staff.id == staff_id).with_for_update())  # one wish at a time
    for export in tasks.views(ExportView, _of(staff_id), Task.state.in_(tasks.GOES_ON), session=session):
        if not export.is_over and all(getattr(export, name) == value for name, value in wish.items()):
            return export.id, False
    return tasks.add.within(session, ExportView, asked_by=audit.of_staff(staff_id), total=total, **wish), True


def start_again(export_id: int, staff_id: int) -> int | None:
    """Start the same export anew, after it failed; None when it is not this person's."""
    before = find(export_id, staff_id)
    if before is None:
        return None
    return start(
        before.what,
        before.options,
        staff_id=staff_id,
        event_id=before.event_id,
        campaign_id=before.campaign_id,
        total=before.total,
    )


def find(export_id: int, staff_id: int) -> ExportView | None:
    """Return an export to who asked for it; a process that died shows as failed, for the reason "lost"."""
    return tasks.find(ExportView, export_id, _of(staff_id))


def recent(event_id: int, staff_id: int) -> tuple[ExportView, ...]:
    """Return what this person asked for of an event and is still here, the newest first: to come back to."""
    wanted = Task.event_id == event_id, Task.what.in_(OF_SHEETS), ~_is_old()
    return tasks.views(ExportView, _of(staff_id), *wanted, most=MOST_RECENT)


def wait_for(export_id: int, staff_id: int, seconds: float) -> ExportView | None:
    """Return the export when it is over, or as it stands after `seconds`; neither loop nor connection is held."""
    deadline = time.monotonic() + seconds
    while True:
        export = find(export_id, staff_id)
        if export is None or export.is_over or time.monotonic() >= deadline:
            return export
        end_read()
        time.sleep(LOOK_SECONDS)


def file_of(export_id: int, staff_id: int) -> File | None:
    """Return the file to who asked for it; None until it is done, and once it is gone."""
    export = find(export_id, staff_id)
    body = db.session.scalar(select(Task.body).where(Task.id == export_id))
    if export is None or export.file_name is None or body is None:
        return None
    return File(export.file_name, export.result["mimetype"], body)


def note_fetch(export: ExportView) -> None:
    """Note that the file is handed out now, where somebody wants to know."""
    if export.what in FETCHED:
        FETCHED[export.what](export.options)


def make(export_id: int) -> None:
    """Make the file of an export that waits; what kiosk/beside.py runs in a process of its own."""
    export = tasks.claim(ExportView, export_id)
    if export is None:
        return
    staff_id = int(export.asked_by.removeprefix("staff:"))
    try:
        with tasks.heard(export_id) as report:
            asked = Asked(staff_id, export.options, export.event_id, export.campaign_id)
            file = MAKERS[export.what](asked, report.progress)
    except Refused as refusal:
        tasks.end(export_id, "failed", reason=refusal.code)
    except JobFailed as error:
        log.error("export %d failed: %s", export_id, error.line)
        tasks.end(export_id, "failed", reason="broken")
    except Exception:
        log.exception("export %d failed", export_id)
        tasks.end(export_id, "failed", reason="broken")
    else:
        _keep(export_id, file)


def has_old() -> bool:
    """Say whether an export is older than it is kept."""
    return bool(db.session.scalar(select(exists().where(_is_old()))))


@unit
def clear_old(session: WriterSession) -> None:
    """Delete exports an hour after they were asked for, with their files."""
    session.execute(delete(Task).where(_is_old()))


def _keep(export_id: int, file: File | None) -> None:
    """Keep the file; where there is no room for it, say so in few bytes, and not that nobody knows what happened."""
    try:
        tasks.end(export_id, "done", **_columns_of(file))
    except DBAPIError:
        log.exception("the file of export %d was not kept", export_id)
        tasks.end(export_id, "failed", reason="no_room")


def _columns_of(file: File | None) -> dict[str, Any]:
    if file is None:
        return {}
    result = {"file_name": file.name, "mimetype": file.mimetype, "unprintable": file.unprintable[:40]}
    return {"body": file.content, "result": result}


def _of(staff_id: int) -> ColumnElement[bool]:
    return Task.asked_by == audit.of_staff(staff_id)


def _is_old() -> ColumnElement[bool]:
    return and_(Task.kind == ExportView.kind, Task.asked_at < utcnow() - KEPT)
