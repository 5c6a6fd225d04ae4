"""One list over several events: split by a column, or by its sheets, over those of a campaign that somebody runs.

The list is kept for an hour, as a draft of one event is. Each event gets its share as an import of its own, whole
(roster_imports); when one fails, the same list can be confirmed again, which changes nothing where it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SplitList
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.event import event_access, events
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.lists import column_memory, splitting
from kiosk.services.lists.books import Book, book_of
from kiosk.services.lists.choices import Choices, choices_of
from kiosk.services.lists.reading import ListReading, is_hiding, read_books
from kiosk.services.lists.splitting import Value, Way
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_drafts, roster_imports
from kiosk.services.roster.event_likeness import meant_by
from kiosk.services.roster.roster_drafts import LIVES, Changed, Preview
from kiosk.services.roster.roster_reading import Doubtful, Rejected, first_asked, read_rows
from kiosk.services.roster.roster_writing import Written
from kiosk.services.store.writer import WriterBusy, WriterSession, unit

NO_EVENT = 0  # the value's people are left out


@dataclass(frozen=True)
class Given:
    """A value of the list and the event that its people go to. `cleared`: the one that is meant takes nobody more."""

    value: Value
    event: EventView | None
    cleared: EventView | None = None


@dataclass(frozen=True)
class ListShare:
    """What one event gets of the list, as its own preview says it."""

    event: EventView
    preview: Preview

    @property
    def is_new(self) -> bool:
        """Say whether there is anything to be written."""
        return bool(self.preview.changes or self.preview.here)


@dataclass(frozen=True)
class Split:
    """A list as it would be split. `events`: those that may be chosen; `read`: the whole of the list."""

    source: str
    choices: Choices
    read: ListReading
    ways: tuple[Way, ...]
    given: tuple[Given, ...]
    events: tuple[EventView, ...]
    shares: tuple[ListShare, ...]
    encodings: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def changes(self) -> int:
        """Return how many rows would be written."""
        return sum(share.preview.changes for share in self.shares)

    @property
    def certain(self) -> int:
        """Return how many rows nobody is asked about, whatever they change."""
        return sum(share.preview.certain for share in self.shares)

    @property
    def shares_by_event(self) -> Mapping[int, ListShare]:
        """Return what each event gets, by the event's id."""
        return {share.event.id: share for share in self.shares}

    @property
    def outcomes(self) -> Counter[str]:
        """Count what becomes of the rows over all events, as a preview does."""
        return sum((share.preview.outcomes for share in self.shares), Counter[str]())

    @property
    def asked(self) -> tuple[Doubtful, ...]:
        """Return those about whom somebody is asked."""
        return tuple(one for share in self.shares for one in share.preview.reading.asked)

    @property
    def first_asked(self) -> tuple[Doubtful, ...]:
        """Return those whom one page asks about."""
        return first_asked(self.asked, self.choices)

    @property
    def told(self) -> tuple[Doubtful, ...]:
        """Return those who go in, and of whom something is told."""
        return tuple(one for share in self.shares for one in share.preview.reading.told)

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Return the rows that an event does not take."""
        return tuple(one for share in self.shares for one in share.preview.reading.rejected)

    @property
    def changed(self) -> tuple[Changed, ...]:
        """Return the known entries that change."""
        return tuple(one for share in self.shares for one in share.preview.changed)

    @property
    def erased(self) -> int:
        """Return how many cells of entries would be emptied."""
        return sum(share.preview.erased for share in self.shares)

    @property
    def is_new(self) -> bool:
        """Say whether there is anything to be written, or asked."""
        return bool(self.asked) or any(share.is_new for share in self.shares)

    @property
    def hides(self) -> bool:
        """Say whether the book hides rows or columns."""
        return is_hiding(self.read.doubts)

    @property
    def without_event(self) -> int:
        """Return how many rows go to no event."""
        return sum(one.value.rows for one in self.given if one.event is None)


@dataclass(frozen=True)
class ShareDone:
    """What became of an event's share: what was written, or why not."""

    event: EventView
    written: Written
    not_taken: int = 0
    failure: Literal["", "purged", "busy", "import_going_on"] = ""


def events_of(campaign_id: int, staff: StaffView) -> tuple[EventView, ...]:
    """Return the campaign's events that this person may run, cleared ones among them."""
    views = [row.view for row in events.list_all(campaign_id=campaign_id)]
    runs = event_access.runnable_ids(staff, [view.id for view in views])
    return tuple(view for view in views if view.id in runs)


def stage(campaign_id: int, books: Sequence[Book], staff: StaffView, *, source: str) -> str:
    """Keep a list and return the token that confirms it; raise Refused for what holds no people, or where no event
    takes anybody."""
    own = events_of(campaign_id, staff)
    takes = [view for view in own if not view.is_cleared]
    if not takes:
        raise Refused("purged")
    choices = column_memory.as_remembered(books[0], Choices())
    read = read_books(books, choices)
    read_rows(read, takes[0])
    choices = splitting.splitting_by(choices, read, _likeliest(splitting.ways_of(read), own).by)
    return _stage(campaign_id, roster_drafts.body_of(books, choices, source), staff.id, books[0].height)


@unit
def _stage(session: WriterSession, campaign_id: int, body: Mapping[str, Any], staff_id: int, height: int) -> str:
    token = new_token()
    session.execute(delete(SplitList).where(SplitList.made_at < utcnow() - LIVES))
    made = {"campaign_id": campaign_id, "token_hash": hash_token(token), "staff_id": staff_id, "made_at": utcnow()}
    session.add(SplitList(body={**body, "events": {}}, **made))
    subject = f"campaign:{campaign_id}"
    audit.record(session, audit.of_staff(staff_id), "roster.upload", subject=subject, changed={"rows": height})
    return token


def split(campaign_id: int, token: str, staff: StaffView) -> Split:
    """Say how a list would be split, and what each event would get; raise Unknown."""
    body = _find(campaign_id, token, staff).body
    books, choices = tuple(map(book_of, body["books"])), choices_of(body["choices"])
    read, own = read_books(books, choices), events_of(campaign_id, staff)
    ways = splitting.ways_of(read)
    way = next((one for one in ways if one.by == choices.splits_by), None) or _likeliest(ways, own)
    if way.by != choices.splits_by:
        choices = splitting.splitting_by(choices, read, way.by)
        read = read_books(books, choices)
    ways = splitting.ways_of(read)
    way = next(one for one in ways if one.by == choices.splits_by)
    event_of = tuple(_give(value, own, body["events"]) for value in way.values)
    taking = tuple(view for view in own if not view.is_cleared)
    shares = tuple(_shares(event_of, taking, read, choices, body["source"]))
    return Split(body["source"], choices, read, ways, event_of, taking, shares, roster_drafts.encodings_of(body))


def choose(
    campaign_id: int, token: str, staff: StaffView, choices: Choices, event_of: Mapping[str, int], by: str
) -> None:
    """Keep what somebody says of a list: how it is read, what it is split by, and the event of each value by the
    value's key, or NO_EVENT. Raises Unknown."""
    read = read_books(tuple(map(book_of, _find(campaign_id, token, staff).body["books"])), choices)
    if by and by != choices.splits_by:
        choices = splitting.splitting_by(choices, read, by)
    _choose(campaign_id, token, choices, event_of)


@unit
def _choose(
    session: WriterSession, campaign_id: int, token: str, choices: Choices, event_of: Mapping[str, int]
) -> None:
    waiting = session.scalar(select(SplitList).where(*_wanted(campaign_id, token)).with_for_update())
    if waiting is None:
        raise Unknown("draft")
    waiting.body = {**waiting.body, "choices": choices.as_json(), "events": {**waiting.body["events"], **event_of}}


def confirm(campaign_id: int, token: str, staff: StaffView, *, actor: str) -> tuple[ShareDone, ...]:
    """Write each event's share and return what became of each; forget the list when all of it is written.

    Raises Unknown. What is written stays when another event fails: the same again does the rest.
    """
    shown = split(campaign_id, token, staff)
    done = tuple(_write(share, shown, actor) for share in shown.shares)
    if not any(one.failure for one in done):
        _forget(campaign_id, token, shown)
    return done


def _write(share: ListShare, shown: Split, actor: str) -> ShareDone:
    reading = share.preview.reading
    if not share.is_new:
        return ShareDone(share.event, Written(unchanged=len(reading.rows)), reading.not_taken)
    try:
        written = roster_imports.write_read(share.event, reading, shown.choices, actor=actor, source=shown.source)
    except (EventCleared, Unknown):  # its people were cleared meanwhile, what was staged with them
        return ShareDone(share.event, Written(), failure="purged")
    except Refused:
        return ShareDone(share.event, Written(), failure="import_going_on")
    except WriterBusy:
        return ShareDone(share.event, Written(), failure="busy")
    return ShareDone(share.event, written, reading.not_taken)


@unit
def _forget(session: WriterSession, campaign_id: int, token: str, shown: Split) -> None:
    column_memory.remember(session, shown.read.tables, shown.choices.columns)
    session.execute(delete(SplitList).where(*_wanted(campaign_id, token)))


@unit
def discard(session: WriterSession, campaign_id: int, token: str, *, actor: str) -> None:
    """Forget a list instead of writing it; one that is gone already stays gone."""
    forget = delete(SplitList).where(*_wanted(campaign_id, token))
    if session.scalar(forget.returning(SplitList.id)) is not None:
        audit.record(session, actor, "roster.discard", subject=f"campaign:{campaign_id}")


def _wanted(campaign_id: int, token: str) -> tuple[Any, ...]:
    return SplitList.campaign_id == campaign_id, SplitList.token_hash == hash_token(token)


def _find(campaign_id: int, token: str, staff: StaffView) -> SplitList:
    """Return the list; whoever else may run these events runs others too, and is not to see it."""
    own = SplitList.staff_id == staff.id, SplitList.made_at >= utcnow() - LIVES
    waiting = db.session.scalar(select(SplitList).where(*_wanted(campaign_id, token), *own))
    if waiting is None:
        raise Unknown("draft")
    return waiting


def _likeliest(ways: Sequence[Way], own: Sequence[EventView]) -> Way:
    """Return the way by which most rows find an event, the first of several."""
    return max(ways, key=lambda way: sum(value.rows for value in way.values if meant_by(value.shown, own)))


def _give(value: Value, own: Sequence[EventView], chosen: Mapping[str, int]) -> Given:
    """Give a value to the event that was chosen for it, else to the one that it means."""
    if value.key in chosen:
        meant = next((view for view in own if view.id == chosen[value.key]), None)
    else:
        meant = meant_by(value.shown, own)
    if meant is not None and meant.is_cleared:
        return Given(value, None, cleared=meant)
    return Given(value, meant)


def _shares(
    event_of: Sequence[Given], taking: Sequence[EventView], read: ListReading, choices: Choices, source: str
) -> list[ListShare]:
    shares = []
    for view in taking:
        keys = {one.value.key for one in event_of if one.event is not None and one.event.id == view.id}
        if keys:
            reading = read_rows(splitting.part_of(read, choices.splits_by, keys), view)
            shares.append(ListShare(view, roster_drafts.preview_of(view, reading, choices, source)))
    return shares
