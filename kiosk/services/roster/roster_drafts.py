"""The preview of an import: kept for an hour until somebody confirms it; nothing is in the roster before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, exists, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterDraft, RosterSeats, Task
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.names import key_of, name_key_of
from kiosk.services.refusals import Unknown
from kiosk.services.roster import roster_arrivals, roster_writing
from kiosk.services.roster.roster_arrivals import Person, Seats
from kiosk.services.roster.roster_reading import Reading, Rejected
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks.tasks import GOES_ON

LIVES = timedelta(hours=1)
FIRST_ROWS = 10
# A draft of an event with an import that is not whole yet is not thrown away: it may be that one (roster_imports).
_IS_CONFIRMED = exists().where(Task.kind == "import", Task.event_id == RosterDraft.event_id, Task.state.in_(GOES_ON))
WRITTEN_AS = {"root": "organisation_name", "organisation_id": "organisation_name"}


@dataclass(frozen=True)
class Preview:
    """What an import would do. `outcomes` counts "added", "updated" and "unchanged"; `first` are rows with theirs."""

    source: str
    reading: Reading
    outcomes: Counter[str]
    first: tuple[tuple[RosterRow, str], ...]
    here: int = 0  # how many have signed in already and will have their place on the list

    @property
    def changes(self) -> int:
        return self.outcomes["added"] + self.outcomes["updated"]


@unit(event=lambda event, *_, **__: event.id)
def stage(
    session: WriterSession, event: EventView, reading: Reading, *, staff_id: int, source: str, actor: str | None = None
) -> str:
    """Keep what was read and return the token that confirms it; older drafts go, but what is being imported.

    `actor` is who uploads where it is no account.
    """
    token = new_token()
    body = {
        "rows": [asdict(row) for row in reading.rows],
        "rejected": [[one.row, one.text, one.code, dict(one.arguments)] for one in reading.rejected],
        "given": list(reading.given),
        "ignored": list(reading.ignored),
        "source": source[:200],
    }
    refuse_cleared(session, event.id)
    session.execute(delete(RosterDraft).where(RosterDraft.made_at < utcnow() - LIVES, ~_IS_CONFIRMED))
    made = {"event_id": event.id, "token_hash": hash_token(token), "staff_id": staff_id, "made_at": utcnow()}
    session.add(RosterDraft(body=body, **made))
    by, changed = actor or audit.of_staff(staff_id), {"rows": len(reading.rows)}
    audit.record(session, by, "roster.upload", event_id=event.id, changed=changed)
    return token


def preview(event: EventView, token: str) -> Preview:
    """Say what a draft would change in the roster as it is now; raise Unknown."""
    draft = _find(event.id, token)
    reading = _reading(draft)
    seats = {
        key_of(one.organisation_name): one.seats
        for one in db.session.scalars(select(RosterSeats).where(RosterSeats.event_id == event.id))
    }
    outcomes = []
    paired = roster_writing.pair_with_entries(event.id, reading.rows)
    for row, _key, entry in paired:
        if row.seats:
            known = seats.get(key_of(row.organisation_name or ""))
            outcome = "added" if known is None else "unchanged" if known == row.seats else "updated"
        elif entry is None:
            outcome = "added"
        else:
            outcome = "updated" if roster_writing.changed_fields(row, entry, reading.given) else "unchanged"
        outcomes.append(outcome)
    first = tuple(islice(zip(reading.rows, outcomes, strict=True), FIRST_ROWS))
    here = _count_here(event.id, paired, reading.given)
    return Preview(draft.body["source"], reading, Counter(outcomes), first, here)


def _count_here(event_id: int, paired: Sequence[tuple[RosterRow, str, Any]], fields: Collection[str]) -> int:
    """Count who is here already, by the list as it will be: with the new rows, and the known ones changed."""
    came = roster_arrivals.waiting(db.session, event_id)
    if not came:
        return 0
    names = {key_of(row.organisation_name) for row, _, _ in paired if row.organisation_name}
    known = organisations.by_name(names)
    listed = {one.id: one for one in roster_arrivals.free_entries(db.session, event_id)}
    seats = {one.organisation_id or 0: one for one in roster_arrivals.seats_of(event_id)}
    for index, (row, _key, entry) in enumerate(paired, start=1):
        key = key_of(row.organisation_name or "")
        where = known.get(key, organisations.NONE)
        root = where.root_id or key or None
        if row.seats:
            old = seats.get(where.id or 0)
            new = Seats(-index, where.id, root or "", index, row.seats, 0)
            seats[where.id or -index] = replace(old, seats=max(row.seats, old.filled)) if old else new
        elif entry is None or entry.id in listed:
            base = Person(-index, row.kind, "") if entry is None else listed[entry.id]
            spoken = None if entry is None else fields
            listed[base.id] = _as_listed(base, row, spoken, organisation_id=where.id, root=root)
    return len(roster_arrivals.match(came, tuple(listed.values()), tuple(seats.values())))


def _as_listed(base: Person, row: RosterRow, fields: Collection[str] | None, **where: Any) -> Person:
    """Return an entry as the import will leave it: a known one keeps what the rows do not speak of."""
    values = {name: getattr(row, name) for name in ("kind", "class_name", "mobile", "student_no")} | where
    spoken = {name: value for name, value in values.items() if fields is None or WRITTEN_AS.get(name, name) in fields}
    return replace(base, name_key=name_key_of(row.name), **spoken)


def reading_of(event_id: int, token: str) -> Reading:
    """Return what a draft has read; raise Unknown."""
    return _reading(_find(event_id, token))


def confirmed_reading(token_hash: str) -> Reading:
    """Return what a draft has read that was confirmed, however old it is; raise Unknown."""
    draft = db.session.scalar(select(RosterDraft).where(RosterDraft.token_hash == token_hash))
    if draft is None:
        raise Unknown("draft")
    return _reading(draft)


def lock(session: WriterSession, event_id: int, token: str) -> str:
    """Return the hash of a draft's token within a unit of work, and keep others from it; raise Unknown."""
    wanted = RosterDraft.event_id == event_id, RosterDraft.token_hash == hash_token(token)
    token_hash = session.scalar(select(RosterDraft.token_hash).where(*wanted).with_for_update())
    if token_hash is None:
        raise Unknown("draft")
    return token_hash


@unit
def discard(session: WriterSession, event: EventView, token: str, *, actor: str = audit.COMMAND) -> None:
    """Forget a draft instead of writing it; one that is gone already stays gone."""
    wanted = (RosterDraft.event_id == event.id, RosterDraft.token_hash == hash_token(token), ~_IS_CONFIRMED)
    was_there = session.scalar(delete(RosterDraft).where(*wanted).returning(RosterDraft.id)) is not None
    if was_there:
        audit.record(session, actor, "roster.discard", event_id=event.id)


def _find(event_id: int, token: str) -> RosterDraft:
    statement = select(RosterDraft).where(
        RosterDraft.event_id == event_id,
        RosterDraft.token_hash == hash_token(token),
        RosterDraft.made_at >= utcnow() - LIVES,
    )
    draft = db.session.scalar(statement)
    if draft is None:
        raise Unknown("draft")
    return draft


def _reading(draft: RosterDraft) -> Reading:
    rows: Sequence[RosterRow] = [RosterRow(**row) for row in draft.body["rows"]]
    rejected = (Rejected(*one) for one in draft.body["rejected"])
    return Reading(tuple(rows), tuple(rejected), tuple(draft.body["given"]), tuple(draft.body["ignored"]))
