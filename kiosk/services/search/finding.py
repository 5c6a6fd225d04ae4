"""What typed words mean at the desk: events, organisations, and people at the events that an account may look at.

People are masked, as everywhere across events, and meant as in the lists of their events: where somebody may not see a
whole name, no part of one finds anybody. Events are asked a few at a time, the newest first, until a screen is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log import audit
from kiosk.services.codes import normalise_code
from kiosk.services.directory import entries
from kiosk.services.directory.entries import OrganisationLine, Wanted
from kiosk.services.door import misses
from kiosk.services.door.hand_search import FROM, OFTEN
from kiosk.services.door.misses import StoreAway
from kiosk.services.event import event_access, events
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import EventRow
from kiosk.services.names import key_of
from kiosk.services.pages import Page, page_of, parts
from kiosk.services.pauses import pause
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.people.searching import Hidden

EVENTS, ORGANISATIONS, PEOPLE = 20, 10, 30  # of a kind on the page
AT_ONCE = 25  # events whose people are asked for in one statement
MOST_EVENTS = 400  # whose people are asked for at all
WINDOW = timedelta(minutes=1)
OF_ACCOUNT = 60  # searches for people across events: nobody types and reads faster


@dataclass(frozen=True)
class PersonAt:
    """Somebody at one event."""

    event: EventView
    row: PersonRow


@dataclass(frozen=True)
class People:
    """Whom the words mean; `is_part`: older events were not asked."""

    page: Page[PersonAt]
    is_part: bool = False


def find_events(staff: StaffView, typed: str) -> Page[EventRow]:
    """Return this account's events in whose code, titles, places or host every word stands, the latest first."""
    words = [key for word in typed.split() if (key := key_of(word))]
    if not words:
        return Page()
    code = normalise_code(typed)
    listed = [row for row in _events_of(staff) if row.view.code == code or _is_meant(row.view, words)]
    return page_of(listed, EVENTS, total=len(listed))


def find_organisations(typed: str) -> Page[OrganisationLine]:
    """Return the directory's first lines for these words."""
    if not key_of(typed):
        return Page()
    page = entries.page(Wanted(typed))
    return page_of(page.rows, ORGANISATIONS, total=page.total)


def find_people(staff: StaffView, typed: str) -> People | None:
    """Return whom the words mean at this account's events, the latest event first; None before two characters.

    Raises TooManyGuesses beyond OF_ACCOUNT a minute; the first search too many leaves an entry in the audit log.
    """
    if len(searching.key_of_typed(typed)) < FROM:
        return None
    _count(staff)
    views = [row.view for row in _events_of(staff) if not row.view.is_cleared]
    runs = event_access.runnable_ids(staff, [view.id for view in views])
    people: list[PersonAt] = []
    for some in parts(views[:MOST_EVENTS], AT_ONCE):
        people += _people_of(some, typed, runs)
        if len(people) > PEOPLE:
            break
        pause()
    return People(page_of(people, PEOPLE), is_part=len(views) > MOST_EVENTS and len(people) <= PEOPLE)


def _count(staff: StaffView) -> None:
    try:
        searched = misses.count(f"desk_search:{staff.id}", window=WINDOW)
        if searched == 1:
            misses.forget_old("desk_search", window=WINDOW)
    except StoreAway:
        return  # said in the log; what is shown is masked
    if searched == OF_ACCOUNT + 1:
        audit.note(audit.of_staff(staff.id), OFTEN, subject=f"staff:{staff.id}")
    if searched > OF_ACCOUNT:
        raise TooManyGuesses(int(WINDOW.total_seconds()))


def _events_of(staff: StaffView) -> list[EventRow]:
    """Return the events that this account may look at, the latest first, those without a time by their making."""
    listed = events.list_all(staff_id=event_access.list_filter(staff))
    return sorted(listed, key=lambda row: row.view.starts_at or row.view.created_at, reverse=True)


def _is_meant(view: EventView, words: Sequence[str]) -> bool:
    names = (
        view.title, view.title_alt, view.venue, view.venue_alt, view.district, view.campaign_title,
        view.campaign_title_alt, view.host, view.host_alt, view.code,
    )  # fmt: skip
    keys = [key_of(name) for name in names if name]
    return all(any(word in key for key in keys) for word in words)


def _people_of(views: Sequence[EventView], typed: str, runs: frozenset[int]) -> list[PersonAt]:
    """Return the people of some events: those of the rosters, then other sign-ins that count, event after event."""
    people: dict[int, list[PersonRow]] = {view.id: [] for view in views}
    masked: dict[bool, Hidden] = {True: "nobody", False: "everybody"}
    for is_run, hidden in masked.items():
        ids = [view.id for view in views if (view.id in runs) is is_run]
        for event_id, row in _rows_of(ids, typed, hidden) if ids else ():
            people[event_id].append(row)
    return [PersonAt(view, row) for view in views for row in people[view.id]]


def _rows_of(ids: Sequence[int], typed: str, hidden: Hidden) -> list[tuple[int, PersonRow]]:
    listed = rows.select_entries(*ids).where(*searching.entries_meant(ids, typed, hidden)).limit(PEOPLE + 1)
    of_rosters = [(entry.event_id, rows.of_entry(entry, came)) for entry, came in db.session.execute(listed)]
    is_other = (SignIn.event_id.in_(ids), SignIn.roster_entry_id.is_(None), SignIn.counts)
    meant = select(SignIn).where(*is_other, *searching.sign_ins_meant(ids, typed, hidden))
    others = db.session.scalars(meant.order_by(SignIn.id.desc()).limit(PEOPLE + 1)).all()
    return [*of_rosters, *zip([one.event_id for one in others], rows.of_sign_ins(others), strict=True)]
