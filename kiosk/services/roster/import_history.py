"""The imports of one event: what each of them took, doubted and left out, and taking the last one back.

An import is taken back in parts, as it was written; one that is interrupted is carried on by housekeeping, or by
whoever asks again. Meanwhile its task is "clearing", and no other import begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterChange, RosterEntry, RosterSeats, SignIn, Staff, Task
from kiosk.services import refusal_words, tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit_words import actor_words
from kiosk.services.event.cleared import EventCleared, refuse_cleared
from kiosk.services.lists.doubts import DOUBT_NAMES, LEFT_OUT_WORDS
from kiosk.services.names import key_of, name_key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.refusals import Refused
from kiosk.services.roster.roster_imports import WRITES, ImportView
from kiosk.services.roster.roster_writing import CHUNK, said_by, weight_of
from kiosk.services.sign_in import organisations
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import tasks

SHOWN = 20
WENT = ("removed", "changed_back", "kept")


class PastImport(ImportView):
    """An import as the history shows it, whole or on its way, also on its way back."""

    claimed_from = ("clearing",)

    @property
    def source(self) -> str:
        """Return the file's name, "" for what was pasted."""
        return str(self.options.get("source", ""))

    @property
    def who(self) -> str:
        """Return who confirmed it."""
        staff_id = audit.staff_of(self.asked_by)
        account = None if staff_id is None else db.session.get(Staff, staff_id)
        return actor_words(self.asked_by) if account is None else account.email

    @property
    def may_be_taken_back(self) -> bool:
        """Say whether it is whole, and stands. Who has signed in is asked when somebody taps."""
        return self.state == "done" and "back" not in self.result

    @property
    def back(self) -> Mapping[str, int]:
        """Return what became of it when it was taken back; nothing for one that stands."""
        counts: Mapping[str, int] = self.result.get("back", {})
        return counts

    @property
    def doubts(self) -> tuple[tuple[str, int], ...]:
        """Return what was doubted of it, each in words with how often."""
        return tuple((str(DOUBT_NAMES[code]), count) for code, count in self._codes("doubts"))

    @property
    def left_out(self) -> tuple[tuple[str, int], ...]:
        """Return what named nobody in it."""
        return tuple((str(LEFT_OUT_WORDS[code]), count) for code, count in self._codes("left_out"))

    @property
    def rejected(self) -> tuple[tuple[str, int], ...]:
        """Return why rows were not taken."""
        return tuple((refusal_words.say(code, "trouble"), count) for code, count in self._codes("rejected"))

    @property
    def stay_out(self) -> int:
        """Return how many were asked about and not taken."""
        return int(self.result.get("asked", {}).get("stay_out", 0))

    def _codes(self, heap: str) -> Sequence[tuple[Any, int]]:
        return Counter(self.result.get(heap, {})).most_common()


def history(event_id: int) -> tuple[PastImport, ...]:
    """Return the event's imports, the newest first."""
    return tasks.views(PastImport, Task.event_id == event_id, most=SHOWN)


def has_any(event_id: int) -> bool:
    """Say whether a list was ever imported."""
    return bool(tasks.views(PastImport, Task.event_id == event_id, most=1))


def take_back(event_id: int, *, actor: str) -> Mapping[str, int]:
    """Make the roster what it was before the last import; return how many rows went and how many were changed back.

    Raises Refused where none stands, one is being written, or somebody of it has signed in or sent a substitute: then
    nothing changes. One that was interrupted on its way back goes on. Who signs in while it is on its way stays on the
    list, as the import left them, and is "kept".
    """
    import_id = _begin(event_id, actor)
    _carry_on(import_id, event_id)
    view = tasks.find(PastImport, import_id)
    back = {} if view is None else view.back
    return {name: back.get(name, 0) for name in WENT}


def lost(session: Session | None = None) -> tuple[PastImport, ...]:
    """Return the imports that are half taken back, by a process that died."""
    return tuple(one for one in tasks.lost(PastImport, session) if one.state == "clearing")


def carry_lost_on() -> None:
    """Take back what is left of them."""
    for import_ in lost():
        if tasks.claim(PastImport, import_.id) is not None and import_.event_id is not None:
            _carry_on(import_.id, import_.event_id)


def _carry_on(import_id: int, event_id: int) -> None:
    try:
        while tasks.insist(lambda: _take_part_back(event_id, import_id)):
            pass
    except EventCleared:
        tasks.end(import_id, "failed", reason="purged", options={})
        raise


@unit(event=lambda event_id, *_: event_id)
def _begin(session: WriterSession, event_id: int, actor: str) -> int:
    """Let the last import be on its way back, and return its task."""
    refuse_cleared(session, event_id)
    is_import = Task.kind == ImportView.kind, Task.event_id == event_id
    last = session.scalar(select(Task).where(*is_import).order_by(Task.id.desc()).limit(1).with_for_update())
    if last is not None and last.id in [one.id for one in lost(session)]:
        last.heard_at = utcnow()
        return last.id
    if last is not None and last.state in WRITES:
        raise Refused("import_going_on")
    if last is None or last.state != "done" or "back" in last.result:
        raise Refused("no_import")
    if _is_used(session, event_id, last.id):
        raise Refused("import_used")
    last.state, last.heard_at = "clearing", utcnow()
    last.result = {**last.result, "back": dict.fromkeys(WENT, 0)}
    changes = session.scalar(select(func.count(RosterChange.id)).where(RosterChange.import_id == last.id))
    last.options = {**last.options, "back_by": actor, "changes": changes}
    audit.record(session, actor, "roster.take_back", event_id=event_id, changed={"rows": last.done})
    return last.id


@unit(event=lambda event_id, _import_id: event_id)
def _take_part_back(session: WriterSession, event_id: int, import_id: int) -> bool:
    """Take a part of an import back, the last change first, and say whether more may be left."""
    is_on_way = Task.id == import_id, Task.state == "clearing"
    task = session.scalar(select(Task).where(*is_on_way).with_for_update())
    if task is None:
        return False
    refuse_cleared(session, event_id)
    of_import = select(RosterChange).where(RosterChange.import_id == import_id)
    changes = session.scalars(of_import.order_by(RosterChange.id.desc()).limit(CHUNK)).all()
    back = Counter(task.result["back"])
    if changes:
        back += _undo(session, event_id, changes)
    else:
        task.state = "done"
    task.heard_at = utcnow()
    task.result = {**task.result, "back": {name: back[name] for name in WENT}}
    return bool(changes)


def _undo(session: WriterSession, event_id: int, changes: Sequence[RosterChange]) -> Counter[str]:
    """Make entries and seats what they were, but those of whom somebody has come meanwhile."""
    ids = [change.id for change in changes]
    entries, seats = _known(session, changes)
    stay = _who_came(session, entries, seats)
    gone: list[int] = []
    counts, steps = Counter[str](), Counter[str]()
    for change in changes:
        written = entries.get(change.entry_id or 0) or seats.get(change.seats_id or 0)
        if written in stay:
            counts["kept"] += 1
        elif written is not None:
            steps.subtract(weight_of(said_by(written)))
            if change.before is None and isinstance(written, RosterEntry):
                gone.append(written.id)
                counts["removed"] += 1
            elif change.before is None:
                session.delete(written)
                counts["removed"] += 1
            else:
                _say_again(session, written, change.before)
                steps.update(weight_of(said_by(written)))
                counts["changed_back"] += 1
    session.execute(delete(RosterChange).where(RosterChange.id.in_(ids)))
    if gone:  # in one statement: each would be one of its own
        session.execute(delete(RosterEntry).where(RosterEntry.id.in_(gone)))
    session.flush()
    tallies.change_roster(session.driver, event_id, **steps)
    return counts


def _known(
    session: WriterSession, changes: Sequence[RosterChange]
) -> tuple[dict[int, RosterEntry], dict[int, RosterSeats]]:
    of_entries = [change.entry_id for change in changes if change.entry_id is not None]
    of_seats = [change.seats_id for change in changes if change.seats_id is not None]
    entries = session.scalars(select(RosterEntry).where(RosterEntry.id.in_(of_entries))) if of_entries else ()
    seats = session.scalars(select(RosterSeats).where(RosterSeats.id.in_(of_seats))) if of_seats else ()
    return {one.id: one for one in entries}, {one.id: one for one in seats}


def _is_used(session: WriterSession, event_id: int, import_id: int) -> bool:
    """Say whether a sign-in refers to what an import wrote, or fills one of its seats."""
    of_import = select(RosterChange.id).where(RosterChange.import_id == import_id).limit(1)
    by_sign_ins = (
        of_import.join(SignIn, column == change).where(SignIn.event_id == event_id)
        for column, change in (
            (SignIn.roster_entry_id, RosterChange.entry_id),
            (SignIn.replaces_id, RosterChange.entry_id),
            (SignIn.roster_seats_id, RosterChange.seats_id),
        )
    )
    by_seats = of_import.join(RosterSeats, RosterSeats.id == RosterChange.seats_id).where(RosterSeats.filled > 0)
    return any(session.scalar(statement) is not None for statement in (*by_sign_ins, by_seats))


def _who_came(
    session: WriterSession, entries: Mapping[int, RosterEntry], seats: Mapping[int, RosterSeats]
) -> set[RosterEntry | RosterSeats]:
    """Return those to whom a sign-in refers, or of whose seats one is filled.

    Asked for by their numbers, each of which has its index: of a condition on changes PostgreSQL makes a walk through
    every sign-in that there is, for each part.
    """
    came: set[RosterEntry | RosterSeats] = {one for one in seats.values() if one.filled}
    for column, known in (
        (SignIn.roster_entry_id, entries), (SignIn.replaces_id, entries), (SignIn.roster_seats_id, seats),
    ):  # fmt: skip
        ids = session.scalars(select(column).where(column.in_(known))) if known else ()
        came |= {known[one] for one in ids if one is not None}
    return came


def _say_again(session: WriterSession, written: RosterEntry | RosterSeats, before: Mapping[str, Any]) -> None:
    for name, value in before.items():
        setattr(written, name, value)
    if isinstance(written, RosterEntry):
        written.name_key = name_key_of(written.name)
        written.mobile_last4 = written.mobile[-4:] if written.mobile else None
        where = written.organisation_name
        written.organisation_id = organisations.find(session, key_of(where)).id if where else None
        written.search_key = search_key_of(written)
