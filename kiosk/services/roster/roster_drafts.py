"""The preview of an import: kept for an hour until somebody confirms it; nothing is in the roster before.

A draft keeps the cells and what somebody said of them, so that a table, a column or a doubtful row can be chosen
otherwise. When it is confirmed, the cells go and the rows stay until the last one is written (roster_imports).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, exists, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterDraft, RosterSeats, Task
from kiosk.person_fields import LABELS
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.lists import column_memory
from kiosk.services.lists.books import Book, book_of, first_rows
from kiosk.services.lists.choices import Choices, choices_of
from kiosk.services.lists.reading import ListReading, read_books
from kiosk.services.names import key_of, mask_mobile, name_key_of
from kiosk.services.pauses import pausing
from kiosk.services.refusals import Unknown
from kiosk.services.roster import roster_arrivals, roster_writing, rosters
from kiosk.services.roster.roster_arrivals import Person, Seats
from kiosk.services.roster.roster_reading import Doubtful, Reading, first_asked, read_rows
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_writing import Spoken
from kiosk.services.sign_in import namesakes, organisations
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks.tasks import GOES_ON

LIVES = timedelta(hours=1)
FIRST_ROWS = 10
FIRST_LINES = 4  # of a text, by which somebody sees its encoding
# A draft of an event with an import that is not whole yet is not thrown away: it may be that one (roster_imports).
_IS_CONFIRMED = exists().where(Task.kind == "import", Task.event_id == RosterDraft.event_id, Task.state.in_(GOES_ON))
WRITTEN_AS = {"root": "organisation_name", "organisation_id": "organisation_name"}


@dataclass(frozen=True)
class Changed:
    """A known entry that the import changes: each field's label, what it said and what it will say."""

    row: RosterRow
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Preview:
    """What an import would do. `outcomes` counts "added", "updated" and "unchanged"; `first` are rows with theirs."""

    source: str
    reading: Reading
    choices: Choices
    outcomes: Counter[str]
    first: tuple[tuple[RosterRow, str], ...]
    changed: tuple[Changed, ...]
    erased: int = 0  # values that the roster has where the list has empty cells: kept, unless they are to be emptied
    ticked: int = 0  # of the changes, those by rows that were asked about and are ticked
    here: int = 0  # how many have signed in already and will have their place on the list
    encodings: tuple[tuple[str, tuple[str, ...]], ...] = ()  # where it is not certain: each with the first names

    @property
    def first_asked(self) -> tuple[Doubtful, ...]:
        """Return those whom one page asks about."""
        return first_asked(self.reading.asked, self.choices)

    @property
    def changes(self) -> int:
        """Return how many rows would change something."""
        return self.outcomes["added"] + self.outcomes["updated"]

    @property
    def certain(self) -> int:
        """Return how many rows nobody is asked about, whatever they change."""
        return len(self.reading.rows) - sum(one.is_taken for one in self.reading.asked)

    @property
    def sure(self) -> int:
        """Return how many of them nobody is asked about."""
        return self.changes - self.ticked


def stage(
    event: EventView,
    books: Sequence[Book],
    *,
    staff_id: int,
    source: str,
    choices: Choices | None = None,
    actor: str | None = None,
) -> str:
    """Keep a list and return the token that confirms it; older drafts go, but what is being imported.

    `books` are the ways in which a text may be read, the likeliest first. `actor` is who uploads where it is no
    account. Raises Refused for what holds no people.
    """
    choices = column_memory.as_remembered(books[0], choices or Choices())
    read_rows(_read(books, choices, event), event)
    return _stage(event, body_of(books, choices, source), staff_id, actor or audit.of_staff(staff_id), books[0].height)


def stage_read(event: EventView, reading: Reading, choices: Choices, *, staff_id: int, source: str, actor: str) -> str:
    """Keep rows that somebody has confirmed until the last of them is written; return the token."""
    return _stage(event, _confirmed_body(reading, choices, source), staff_id, actor, len(reading.rows))


def body_of(books: Sequence[Book], choices: Choices, source: str) -> dict[str, Any]:
    """Return a list as a draft keeps it."""
    return {"books": [book.as_json() for book in books], "choices": choices.as_json(), "source": source[:200]}


def _confirmed_body(reading: Reading, choices: Choices, source: str) -> dict[str, Any]:
    spoken, rows = _spoken(reading, choices), [asdict(row) for row in reading.rows]
    return {"rows": rows, "fields": spoken.fields, "erases": spoken.erases, "source": source}


@unit(event=lambda event, *_: event.id)
def _stage(
    session: WriterSession, event: EventView, body: Mapping[str, Any], staff_id: int, actor: str, height: int
) -> str:
    token = new_token()
    refuse_cleared(session, event.id)
    session.execute(delete(RosterDraft).where(RosterDraft.made_at < utcnow() - LIVES, ~_IS_CONFIRMED))
    made = {"event_id": event.id, "token_hash": hash_token(token), "staff_id": staff_id, "made_at": utcnow()}
    session.add(RosterDraft(body=body, **made))
    audit.record(session, actor, "roster.upload", event_id=event.id, changed={"rows": height})
    return token


def choose(event: EventView, token: str, choices: Choices) -> None:
    """Keep what somebody says of a draft; raise Unknown, or Refused where nobody would be left: then it is not kept."""
    draft = _find(event.id, token)
    if choices.reads_otherwise_than(choices_of(draft.body["choices"])):
        read_rows(_read(tuple(map(book_of, draft.body["books"])), choices, event), event)
    _keep(event, token, choices)


@unit
def _keep(session: WriterSession, event: EventView, token: str, choices: Choices) -> None:
    draft = session.scalar(select(RosterDraft).where(*_wanted(event.id, token)).with_for_update())
    if draft is None or "books" not in draft.body:
        raise Unknown("draft")
    draft.body = {**draft.body, "choices": choices.as_json()}


def preview(event: EventView, token: str) -> Preview:
    """Say what a draft would change in the roster as it is now; raise Unknown, or Refused for what has no people."""
    draft = _find(event.id, token)
    reading, choices = _reading(draft, event), choices_of(draft.body["choices"])
    return preview_of(event, reading, choices, draft.body["source"], encodings_of(draft.body))


def preview_of(
    event: EventView, reading: Reading, choices: Choices, source: str, encodings: tuple[Any, ...] = ()
) -> Preview:
    """Say what rows would change in the roster as it is now."""
    seats = {
        key_of(one.organisation_name): one.seats
        for one in db.session.scalars(select(RosterSeats).where(RosterSeats.event_id == event.id))
    }
    outcomes, changed = [], []
    spoken = _spoken(reading, choices)
    paired = roster_writing.pair_with_entries(event.id, reading.rows)
    for row, _key, entry in pausing(paired):
        if row.seats:
            known = seats.get(key_of(row.organisation_name or ""))
            outcome = "added" if known is None else "unchanged" if known == row.seats else "updated"
        elif entry is None:
            outcome = "added"
        else:
            names = roster_writing.changed_fields(row, entry, spoken)
            is_excused = roster_writing.excuses(row, entry)
            outcome = "updated" if names or is_excused else "unchanged"
            if outcome == "updated":
                changed.append(Changed(row, tuple(_change(name, entry, row) for name in names)))
        outcomes.append(outcome)
    return Preview(
        source,
        reading,
        choices,
        Counter(outcomes),
        tuple(islice(zip(reading.rows, outcomes, strict=True), FIRST_ROWS)),
        tuple(changed),
        _count_erased(reading, paired),
        _count_ticked(reading, outcomes),
        _count_here(event.id, paired, spoken),
        encodings,
    )


def _count_erased(reading: Reading, paired: Sequence[tuple[RosterRow, str, Any]]) -> int:
    """Count the values that empty cells would empty, if they were to."""
    says = Spoken(reading.given, erases=True)
    known = [(row, entry) for row, _key, entry in pausing(paired) if entry is not None and not row.seats]
    return sum(
        not getattr(row, name) for row, entry in known for name in roster_writing.changed_fields(row, entry, says)
    )


def _count_ticked(reading: Reading, outcomes: Sequence[str]) -> int:
    """Count the changes by rows that were asked about."""
    asked = {id(one.proposed) for one in reading.asked}  # two people may say the same
    return sum(id(row) in asked and outcome != "unchanged" for row, outcome in zip(reading.rows, outcomes, strict=True))


def _count_here(event_id: int, paired: Sequence[tuple[RosterRow, str, Any]], spoken: Spoken) -> int:
    """Count who is here already, by the list as it will be: with the new rows, and the known ones changed."""
    came = roster_arrivals.waiting(db.session, event_id)
    if not came:
        return 0
    names = {key_of(row.organisation_name) for row, _, _ in paired if row.organisation_name}
    known = organisations.by_name(names)
    listed = {one.id: one for one in roster_arrivals.free_entries(db.session, event_id)}
    seats = {one.organisation_id or 0: one for one in roster_arrivals.seats_of(event_id)}
    for index, (row, _key, entry) in enumerate(pausing(paired), start=1):
        key = key_of(row.organisation_name or "")
        where = known.get(key, organisations.NONE)
        root = where.root_id or key or None
        if row.seats:
            old = seats.get(where.id or 0)
            new = Seats(-index, where.id, root or "", index, row.seats, 0)
            seats[where.id or -index] = replace(old, seats=max(row.seats, old.filled)) if old else new
        elif entry is None or entry.id in listed:
            base = Person(-index, row.kind, "") if entry is None else listed[entry.id]
            values_said = None if entry is None else spoken
            listed[base.id] = _as_listed(base, row, values_said, organisation_id=where.id, root=root)
    two = namesakes.different(event_id)
    return len(roster_arrivals.match(came, tuple(listed.values()), tuple(seats.values()), two))


def _as_listed(base: Person, row: RosterRow, spoken: Spoken | None, **where: Any) -> Person:
    """Return an entry as the import will leave it: a known one keeps what the rows do not speak of."""
    values = {name: getattr(row, name) for name in ("kind", "class_name", "mobile", "student_no")} | where
    values_said = {
        name: value for name, value in values.items() if spoken is None or spoken.of(WRITTEN_AS.get(name, name), value)
    }
    return replace(base, name_key=name_key_of(row.name), **values_said)


def reading_of(event: EventView, token: str) -> Reading:
    """Return what a draft says for an event; raise Unknown or Refused."""
    return _reading(_find(event.id, token), event)


def confirmed_rows(token_hash: str) -> tuple[tuple[RosterRow, ...], Spoken]:
    """Return the rows of a draft that was confirmed, however old it is, and the fields they speak of; raise Unknown."""
    draft = db.session.scalar(select(RosterDraft).where(RosterDraft.token_hash == token_hash))
    if draft is None or "rows" not in draft.body:
        raise Unknown("draft")
    spoken = Spoken(tuple(draft.body["fields"]), erases=draft.body["erases"])
    return tuple(RosterRow(**row) for row in draft.body["rows"]), spoken


def freeze(session: WriterSession, event_id: int, token: str, reading: Reading) -> tuple[str, str]:
    """Keep a draft's rows as they are confirmed, without the cells, within a unit of work that writes them; return the
    hash of its token and its source, or raise Unknown."""
    draft = session.scalar(select(RosterDraft).where(*_wanted(event_id, token)).with_for_update())
    if draft is None:
        raise Unknown("draft")
    if "books" in draft.body:
        choices = choices_of(draft.body["choices"])
        column_memory.remember(session, reading.tables, choices.columns)
        draft.body = _confirmed_body(reading, choices, draft.body["source"])
    return draft.token_hash, draft.body["source"]


@unit
def discard(session: WriterSession, event: EventView, token: str, *, actor: str = audit.COMMAND) -> None:
    """Forget a draft instead of writing it; one that is gone already stays gone."""
    forget = delete(RosterDraft).where(*_wanted(event.id, token), ~_IS_CONFIRMED)
    was_there = session.scalar(forget.returning(RosterDraft.id)) is not None
    if was_there:
        audit.record(session, actor, "roster.discard", event_id=event.id)


def _wanted(event_id: int, token: str) -> tuple[Any, ...]:
    return RosterDraft.event_id == event_id, RosterDraft.token_hash == hash_token(token)


def _find(event_id: int, token: str) -> RosterDraft:
    statement = select(RosterDraft).where(*_wanted(event_id, token), RosterDraft.made_at >= utcnow() - LIVES)
    draft = db.session.scalar(statement)
    if draft is None or "books" not in draft.body:
        raise Unknown("draft")
    return draft


def _reading(draft: RosterDraft, event: EventView) -> Reading:
    choices = choices_of(draft.body["choices"])
    return read_rows(_read(tuple(map(book_of, draft.body["books"])), choices, event), event)


def _read(books: Sequence[Book], choices: Choices, event: EventView) -> ListReading:
    """Return what a list says; whose name stands in this event already, has that name."""
    return read_books(books, choices, known=rosters.names(event.id))


def encodings_of(body: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the encodings in which a text may be read, each with what its first rows then say."""
    books = body["books"]
    if len(books) < 2:
        return ()
    firsts = ([" ".join(cells) for cells in first_rows(book, FIRST_LINES)] for book in books)
    return tuple((book["encoding"], tuple(first)) for book, first in zip(books, firsts, strict=True))


def _spoken(reading: Reading, choices: Choices) -> Spoken:
    """Return the fields that the rows speak of, and whether an empty cell of them empties what is known."""
    return Spoken(reading.given, erases=choices.erases)


def _change(name: str, entry: Any, row: RosterRow) -> tuple[str, str, str]:
    old, new = (_said(name, getattr(one, name)) for one in (entry, row))
    return str(LABELS[name]), old, new


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "★" if value else ""
    return mask_mobile(value) if name == "mobile" else value or ""
