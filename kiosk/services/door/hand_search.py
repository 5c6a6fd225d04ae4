"""Finding people for hand work: those on the roster and those who signed in. A steward sees nobody before a search
(need to know)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.person_fields import values_of
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.audit_log import audit
from kiosk.services.door import misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.fields import Details
from kiosk.services.pages import Page, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.sign_in import namesakes

FROM = 2  # characters typed before anybody is listed
LIMIT = 30
WINDOW = timedelta(minutes=1)
OF_LINK = 300  # searches: its page sends four a second at most while somebody types, and one after each act
OFTEN = "look.searches"


def search(event_id: int, typed: str, *, only_absent: bool = False) -> Page[PersonRow] | None:
    """Return whom typed words mean: those of the roster in its order, then other sign-ins, the newest first.

    `only_absent` leaves out everybody who has signed in. None before two characters.
    """
    if len(searching.key_of_typed(typed)) < FROM:
        return None
    people = _entries(event_id, *searching.entries_meant(event_id, typed))
    if only_absent:
        people = [row for row in people if not row.is_here]
    else:
        people += _sign_ins(event_id, SignIn.roster_entry_id.is_(None), *searching.sign_ins_meant([event_id], typed))
    return page_of(people, LIMIT)


def search_by_link(event_id: int, typed: str, *, link_id: int, actor: str) -> Page[PersonRow] | None:
    """Search as a steward's link may: OF_LINK times a minute; raise TooManyGuesses beyond that.

    The first search too many leaves an entry in the audit log: no hand types so fast.
    """
    if len(searching.key_of_typed(typed)) < FROM:
        return None
    try:
        searched = misses.count(f"search:{link_id}", window=WINDOW)
        if searched == 1:
            misses.forget_old("search", window=WINDOW)
    except StoreAway:
        searched = 0  # said in the log; a door is not closed for that
    if searched == OF_LINK + 1:
        audit.note(actor, OFTEN, event_id=event_id, subject=f"door_link:{link_id}")
    if searched > OF_LINK:
        raise TooManyGuesses(int(WINDOW.total_seconds()))
    return search(event_id, typed)


def of_sign_in(event_id: int, sign_in_id: int) -> PersonRow | None:
    """Return one sign-in of this event as a row, or None."""
    return next(iter(_sign_ins(event_id, SignIn.id == sign_in_id)), None)


def of_entry(event_id: int, entry_id: int) -> PersonRow | None:
    """Return one entry of this event as a row, or None."""
    return next(iter(_entries(event_id, RosterEntry.id == entry_id)), None)


def details_of(event_id: int, sign_in_id: int) -> Details | None:
    """Return what was written at a sign-in of this event, in full, for whoever corrects it."""
    row = db.session.get(SignIn, sign_in_id)
    if row is None or row.event_id != event_id:
        return None
    return Details(kind=row.kind, **values_of(row))


def _entries(event_id: int, *conditions: Any) -> list[PersonRow]:
    entries = db.session.execute(rows.select_entries(event_id).where(*conditions).limit(LIMIT + 1)).all()
    # The name that was written at the door: a correction there is seen here.
    here = {
        row.entry_id: row for row in rows.of_sign_ins([sign_in for _entry, sign_in in entries if sign_in is not None])
    }
    people = [here.get(entry.id) or rows.of_entry(entry) for entry, _sign_in in entries]
    return list(namesakes.beside(event_id, people))


def _sign_ins(event_id: int, *conditions: Any) -> list[PersonRow]:
    statement = (
        select(SignIn)
        .where(SignIn.event_id == event_id, ~SignIn.is_trial, *conditions)
        .order_by(SignIn.id.desc())
        .limit(LIMIT + 1)
    )
    return list(rows.of_sign_ins(db.session.scalars(statement).all()))
