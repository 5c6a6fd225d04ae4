"""Imports that were confirmed: written in parts under one task, which any process carries on after a crash.

What is written and how far it is stand in one transaction, so that no row is missed and none is written twice. The
rows themselves wait in their draft until the last one is written. An event has one import at a time, on its way in or
back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import delete, select, update

from kiosk.clock import utcnow
from kiosk.models import RosterDraft, Task
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book
from kiosk.services.lists.choices import Choices
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_arrivals, roster_drafts, roster_writing
from kiosk.services.roster.roster_reading import Reading
from kiosk.services.roster.roster_writing import Part, Written
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import tasks
from kiosk.services.tasks.tasks import GOES_ON, TaskView

OUTCOMES = ("added", "updated", "unchanged")
NOBODY = 0  # who uploads what a command reads, or what was confirmed already
WRITES = ("waiting", "running")  # an import that is "clearing" is being taken back (import_history)


class ImportView(TaskView):
    """An import: `done` of `total` rows are written, `result` counts what became of them, and by code what was not
    sure (codes_of)."""

    kind = "import"
    claimed_from: ClassVar[tuple[str, ...]] = WRITES  # whoever comes writes the next part; two never write the same one
    is_carried_on = True

    @property
    def written(self) -> Written:
        """Return what it did so far."""
        return Written(**{name: count for name, count in self.result.items() if name in (*OUTCOMES, "here")})

    @property
    def undone(self) -> tuple[int, int]:
        """Return how many of its changes are taken back, and of how many (import_history)."""
        return sum(self.result.get("back", {}).values()), int(self.options.get("changes", 0))


def confirm(event: EventView, token: str, *, actor: str) -> tuple[Reading, Written]:
    """Write a draft, forget it, and return what it said and what was written; raise Unknown, or
    Refused("import_going_on"): then it is kept."""
    reading = roster_drafts.reading_of(event, token)
    _refuse_two(event.id)
    return reading, _carry_on(_accept(event.id, token, actor, reading)).written


def write(
    event: EventView, books: Sequence[Book], choices: Choices, *, actor: str, source: str = ""
) -> tuple[Reading, Written]:
    """Write a list without asking, as the choices have it, as whole as if it had been confirmed; return what it said
    and what was written. Raises Refused."""
    _refuse_two(event.id)
    token = roster_drafts.stage(event, books, staff_id=NOBODY, source=source, choices=choices, actor=actor)
    return confirm(event, token, actor=actor)


def write_read(event: EventView, reading: Reading, choices: Choices, *, actor: str, source: str) -> Written:
    """Write rows that somebody has confirmed; return what was written. Raises EventCleared, and Refused where another
    import goes on."""
    _refuse_two(event.id)
    token = roster_drafts.stage_read(event, reading, choices, staff_id=NOBODY, source=source, actor=actor)
    return _carry_on(_accept(event.id, token, actor, reading)).written


def codes_of(reading: Reading) -> dict[str, dict[str, int]]:
    """Return how often something was doubted, left out or rejected, by code: the history keeps no word of a list."""
    of_rows: list[str] = [doubt.code for one in reading.doubtful for doubt in one.doubts]
    doubts = Counter[str]([*of_rows, *(one.doubt.code for one in reading.doubts)])
    left_out = Counter[str]()
    for one in reading.left_out:
        left_out[one.code] += one.count
    stay_out = sum(not one.is_taken for one in reading.doubtful)
    return {
        "doubts": dict(doubts),
        "left_out": dict(left_out),
        "rejected": dict(Counter(one.code for one in reading.rejected)),
        "asked": {"stay_out": stay_out} if stay_out else {},
    }


def going_on(event_id: int) -> ImportView | None:
    """Return the event's import that is not whole yet, or None."""
    return next(iter(tasks.views(ImportView, Task.event_id == event_id, Task.state.in_(GOES_ON), most=1)), None)


def lost() -> tuple[ImportView, ...]:
    """Return the imports whose process died, which are not whole yet."""
    return tuple(one for one in tasks.lost(ImportView) if one.state in WRITES)


def carry_lost_on() -> None:
    """Write what is left of them."""
    for import_ in lost():
        _carry_on(import_.id)


def _refuse_two(event_id: int) -> None:
    """Raise Refused where another import goes on; one whose process died is written first. The unit of work that
    accepts an import asks again."""
    for import_ in lost():
        if import_.event_id == event_id:
            _carry_on(import_.id)
    if going_on(event_id) is not None:
        raise Refused("import_going_on")


def _carry_on(import_id: int) -> ImportView:
    """Write what is left of an import, unless another process is at it, and return how it stands."""
    claimed = tasks.claim(ImportView, import_id)
    if claimed is not None and claimed.event_id is not None:
        try:
            _write_rest(claimed, claimed.event_id)
        except (Unknown, EventCleared) as error:  # its people were cleared meanwhile, the draft with them
            tasks.end(import_id, "failed", reason="purged", options={})
            if isinstance(error, EventCleared):
                raise
    view = tasks.find(ImportView, import_id)
    if view is None:
        raise Unknown("import", import_id)
    return view


def _write_rest(claimed: ImportView, event_id: int) -> None:
    rows, spoken = roster_drafts.confirmed_rows(claimed.options["draft"])
    here = 0
    for part in roster_writing.plan(event_id, rows, spoken=spoken, done=claimed.done, import_id=claimed.id):
        if not tasks.insist(lambda part=part: _write_part(part, claimed.id, claimed.asked_by)):  # type: ignore[misc]
            return
    if rows:
        here = roster_arrivals.tie(event_id, actor=claimed.asked_by)
    tasks.insist(lambda: _finish(claimed.id, claimed.options["draft"], here))


@unit
def _accept(session: WriterSession, event_id: int, token: str, actor: str, reading: Reading) -> int:
    """Return the task that writes a draft; raise Unknown for one that is gone or is being written already, or Refused
    where another one goes on."""
    draft, source = roster_drafts.freeze(session, event_id, token, reading)
    is_this = Task.kind == ImportView.kind, Task.what == _name(draft), Task.state.in_(GOES_ON)
    if session.scalar(select(Task.id).where(*is_this)) is not None:
        raise Unknown("draft")
    goes_on = Task.kind == ImportView.kind, Task.event_id == event_id, Task.state.in_(GOES_ON)
    if session.scalar(select(Task.id).where(*goes_on).limit(1)) is not None:
        raise Refused("import_going_on")
    options = {"draft": draft, "source": source}
    about = {"what": _name(draft), "options": options, "result": {**dict.fromkeys(OUTCOMES, 0), **codes_of(reading)}}
    return tasks.add.within(session, ImportView, event_id=event_id, asked_by=actor, total=len(reading.rows), **about)


@unit(event=lambda part, *_: part.event_id, shared=lambda part, *_: roster_writing.listed_by_part(part))
def _write_part(session: WriterSession, part: Part, import_id: int, actor: str) -> bool:
    """Write a part and that it is written; False when another process was faster."""
    done = part.done + len(part.rows)
    row = update(Task).where(Task.id == import_id, Task.done == part.done, Task.state.in_(GOES_ON))
    so_far = session.scalar(row.values(done=done, heard_at=utcnow()).returning(Task.result))
    if so_far is None:
        return False
    counted = Counter({outcome: so_far[outcome] for outcome in OUTCOMES})
    totals = roster_writing.write_part.within(session, part, counted, actor)
    result = {**so_far, **{outcome: totals[outcome] for outcome in OUTCOMES}}
    session.execute(update(Task).where(Task.id == import_id).values(result=result))
    return True


@unit
def _finish(session: WriterSession, import_id: int, draft: str, here: int) -> None:
    result = session.scalar(select(Task.result).where(Task.id == import_id, Task.state.in_(GOES_ON)))
    if result is not None:
        over = {"state": "done", "ended_at": utcnow(), "result": {**result, "here": here}}
        session.execute(update(Task).where(Task.id == import_id).values(**over))
    session.execute(delete(RosterDraft).where(RosterDraft.token_hash == draft))


def _name(draft: str) -> str:
    return draft[:20]
