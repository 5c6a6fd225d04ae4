"""Exports: files that take long are made in a process beside the server, which tells how far it is (docs/product.md
4.1).

A row carries an export from the wish to the file: who asked, how many rows are done, the bytes in the end. Only who
asked gets them; an hour later they are gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, Select, delete, exists, select, update
from sqlalchemy.exc import DBAPIError

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Export, Staff
from kiosk.services.proofs import proof_exports
from kiosk.services.refusals import CODES, Refused
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.store.writer import WriterBusy, WriterSession, end_read, run
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tasks import beside

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

TELL_SECONDS = 0.5  # between two writes of progress
BEAT_SECONDS = 5.0  # at least so often a living process says so
SILENCE = timedelta(seconds=30)  # a process that was not heard for so long is dead; starting takes two at most
LONGEST = timedelta(minutes=30)
KEPT = timedelta(hours=1)
LOOK_SECONDS = 0.2  # between two looks of who waits
END_TRIES = 20  # a busy writer must not cost a file that is ready


@dataclass(frozen=True)
class ExportView:
    """An export as its page shows it; `state` is waiting, running, done or failed, `total` 0 while unknown."""

    id: int
    what: str
    options: Mapping[str, Any]
    event_id: int | None
    event_code: str | None
    campaign_id: int | None
    state: str
    done: int
    total: int
    file_name: str | None
    unprintable: str | None
    reason: str | None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")

    @property
    def may_succeed(self) -> bool:
        """Say whether the same file, asked for again, may come."""
        return self.reason in ("lost", "no_room", "broken")

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
    wish = {"what": what, "event_id": event_id, "campaign_id": campaign_id, "staff_id": staff_id}

    def work(session: WriterSession) -> tuple[int, bool]:
        session.execute(select(Staff.id).where(Staff.id == staff_id).with_for_update())  # one wish at a time
        for one in session.scalars(
            select(Export).filter_by(**wish).where(Export.state.in_(("waiting", "running"))).order_by(Export.id)
        ):
            if dict(one.options) == dict(options) and not _is_lost(one.heard_at, one.asked_at):
                return one.id, False
        made = Export(**wish, options=dict(options), total=total, asked_at=utcnow())
        session.add(made)
        session.flush()
        return made.id, True

    export_id, is_new = run(work)
    if is_new:
        beside.start("export", export_id)
    return export_id


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
    row = db.session.execute(_columns().where(Export.id == export_id, Export.staff_id == staff_id)).first()
    return None if row is None else _view(row)


def recent(event_id: int, staff_id: int) -> tuple[ExportView, ...]:
    """Return what this person asked for of an event and is still here, the newest first: to come back to."""
    statement = _columns().where(
        Export.event_id == event_id, Export.staff_id == staff_id, Export.what.in_(OF_SHEETS),
        Export.asked_at >= utcnow() - KEPT,
    )  # fmt: skip
    return tuple(map(_view, db.session.execute(statement.order_by(Export.id.desc()).limit(MOST_RECENT))))


def wait_for(export_id: int, staff_id: int, seconds: float) -> ExportView | None:
    """Return the export when it is over, or as it stands after `seconds`; neither loop nor connection is held."""
    deadline = time.monotonic() + seconds
    while True:
        found = find(export_id, staff_id)
        if found is None or found.is_over or time.monotonic() >= deadline:
            return found
        end_read()
        time.sleep(LOOK_SECONDS)


def file_of(export_id: int, staff_id: int) -> File | None:
    """Return the file to who asked for it; None until it is done, and once it is gone."""
    row = db.session.execute(
        select(Export.file_name, Export.mimetype, Export.body).where(
            Export.id == export_id, Export.staff_id == staff_id, Export.state == "done", Export.body.is_not(None)
        )
    ).first()
    return None if row is None else File(*row)


def note_fetch(export: ExportView) -> None:
    """Note that the file is handed out now, where somebody wants to know."""
    if export.what in FETCHED:
        FETCHED[export.what](export.options)


def make(export_id: int) -> None:
    """Make the file of an export that waits; what kiosk/beside.py runs in a process of its own."""

    def claim(session: WriterSession) -> tuple[Maker, Asked] | None:
        one = session.get(Export, export_id, with_for_update=True)
        if one is None or one.state != "waiting":
            return None
        one.state, one.heard_at = "running", utcnow()
        return MAKERS[one.what], Asked(one.staff_id, dict(one.options), one.event_id, one.campaign_id)

    claimed = run(claim)
    if claimed is None:
        return
    maker, asked = claimed
    try:
        with _telling(export_id) as progress:
            file = maker(asked, progress)
    except Refused as refusal:
        _end(export_id, state="failed", reason=refusal.code)
    except Exception:
        log.exception("export %d failed", export_id)
        _end(export_id, state="failed", reason="broken")
    else:
        _keep(export_id, file)


def has_old() -> bool:
    """Say whether an export is older than it is kept."""
    return bool(db.session.scalar(select(exists().where(Export.asked_at < utcnow() - KEPT))))


def clear_old() -> None:
    """Delete exports an hour after they were asked for, with their files."""

    def work(session: WriterSession) -> None:
        session.execute(delete(Export).where(Export.asked_at < utcnow() - KEPT))

    run(work)


@contextmanager
def _telling(export_id: int) -> Iterator[Progress]:
    """Write progress, and that this process lives, from a thread beside the maker until the block ends."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    latest: list[tuple[int, int]] = [(0, 0)]
    is_over = threading.Event()

    def tell() -> None:
        told, heard = latest[0], time.monotonic()
        while not is_over.wait(TELL_SECONDS):
            if latest[0] == told and time.monotonic() - heard < BEAT_SECONDS:
                continue
            told, heard = latest[0], time.monotonic()
            with app.app_context():
                _tell(export_id, *told)

    def progress(done: int, total: int) -> None:
        latest[0] = (done, total)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        is_over.set()
        thread.join()


def _tell(export_id: int, done: int, total: int) -> None:
    values: dict[str, Any] = {"heard_at": utcnow()} | ({"done": done, "total": total} if total else {})

    def work(session: WriterSession) -> None:
        session.execute(update(Export).where(Export.id == export_id).values(**values))

    try:
        run(work)
    except WriterBusy:
        log.info("progress of export %d was not written; it is told again", export_id)


def _keep(export_id: int, file: File | None) -> None:
    """Keep the file; where there is no room for it, say so in few bytes, and not that nobody knows what happened."""
    try:
        _end(export_id, state="done", **_columns_of(file))
    except DBAPIError:
        log.exception("the file of export %d was not kept", export_id)
        _end(export_id, state="failed", reason="no_room")


def _end(export_id: int, **values: Any) -> None:
    def work(session: WriterSession) -> None:
        session.execute(update(Export).where(Export.id == export_id).values(ended_at=utcnow(), **values))

    for tries_left in reversed(range(END_TRIES)):
        try:
            run(work)
            return
        except WriterBusy:  # each try waited already
            if not tries_left:
                raise


def _columns_of(file: File | None) -> dict[str, Any]:
    if file is None:
        return {}
    unprintable = file.unprintable[:40] or None
    return {"file_name": file.name, "mimetype": file.mimetype, "body": file.content, "unprintable": unprintable}


def _is_lost(heard_at: datetime | None, asked_at: datetime) -> bool:
    now = utcnow()
    return now - (heard_at or asked_at) > SILENCE or now - asked_at > LONGEST


def _view(row: Row[Any]) -> ExportView:
    values = row._asdict()
    asked_at, heard_at = values.pop("asked_at"), values.pop("heard_at")
    if values["state"] in ("waiting", "running") and _is_lost(heard_at, asked_at):
        values |= {"state": "failed", "reason": "lost"}
    elif values["state"] == "failed" and values["reason"] not in CODES:
        values["reason"] = "broken"  # a code of an older version
    return ExportView(**values)


def _columns() -> Select[Any]:
    """Select what a view needs, and not the body."""
    return select(
        Export.id, Export.what, Export.options, Export.event_id, Event.code.label("event_code"), Export.campaign_id,
        Export.state, Export.done, Export.total, Export.file_name, Export.unprintable, Export.reason,
        Export.asked_at, Export.heard_at,
    ).join(Event, Event.id == Export.event_id, isouter=True)  # fmt: skip
