"""The imports of one event: what each of them took, doubted and left out, and taking the last one back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, exists, or_, select, update

from kiosk.clock import utcnow
from kiosk.models import RosterChange, RosterEntry, RosterSeats, SignIn, Task
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.names import key_of, name_key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster.roster_imports import ImportView
from kiosk.services.roster.roster_writing import said_by, weight_of
from kiosk.services.sign_in import organisations
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import tasks

SHOWN = 20


def history(event_id: int) -> tuple[ImportView, ...]:
    """Return the event's imports, the newest first."""
    return tasks.views(ImportView, Task.event_id == event_id, most=SHOWN)


@unit(event=lambda event_id, **_: event_id)
def take_back(session: WriterSession, event_id: int, *, actor: str) -> Mapping[str, int]:
    """Make the roster what it was before the last import; return how many rows went and how many were changed back.

    Raises Unknown where there is none, and Refused when somebody of it has signed in, sent a substitute, or was changed
    since: then nothing changes.
    """
    refuse_cleared(session, event_id)
    last = session.scalar(
        select(Task).where(Task.kind == ImportView.kind, Task.event_id == event_id).order_by(Task.id.desc()).limit(1)
    )
    if last is None or last.state != "done" or "taken_back" in last.result:
        raise Unknown("import")
    changes = session.scalars(select(RosterChange).where(RosterChange.import_id == last.id)).all()
    if _has_come(session, last.id):
        raise Refused("import_used")
    counts = Counter[str]()
    steps = Counter[str]()
    for change in changes:
        model = RosterSeats if change.entry_id is None else RosterEntry
        written: Any = session.get(model, change.seats_id or change.entry_id)
        steps.subtract(weight_of(said_by(written)))
        if change.before is None:
            session.delete(written)
            counts["removed"] += 1
        else:
            _say_again(session, written, change.before)
            steps.update(weight_of(said_by(written)))
            counts["changed_back"] += 1
    session.execute(delete(RosterChange).where(RosterChange.import_id == last.id))
    session.flush()
    result = {**last.result, "taken_back": utcnow().isoformat()}
    session.execute(update(Task).where(Task.id == last.id).values(result=result))
    tallies.change(session.driver, event_id, **dict(steps))  # type: ignore[arg-type]  # none is a flag
    audit.record(session, actor, "roster.take_back", event_id=event_id, changed=dict(counts))
    return {"removed": counts["removed"], "changed_back": counts["changed_back"]}


def _has_come(session: WriterSession, import_id: int) -> bool:
    """Say whether a sign-in refers to anybody of an import."""
    of_import = RosterChange.import_id == import_id
    came = select(RosterChange.id).where(
        of_import,
        or_(
            exists().where(
                or_(SignIn.roster_entry_id == RosterChange.entry_id, SignIn.replaces_id == RosterChange.entry_id)
            ),
            exists().where(RosterSeats.id == RosterChange.seats_id, RosterSeats.filled > 0),
        ),
    )
    return session.scalar(came.limit(1)) is not None


def _say_again(session: WriterSession, written: RosterEntry | RosterSeats, before: Mapping[str, Any]) -> None:
    for name, value in before.items():
        setattr(written, name, value)
    if isinstance(written, RosterEntry):
        written.name_key = name_key_of(written.name)
        written.mobile_last4 = written.mobile[-4:] if written.mobile else None
        where = written.organisation_name
        written.organisation_id = organisations.find(session, key_of(where)).id if where else None
        written.search_key = search_key_of(written)
