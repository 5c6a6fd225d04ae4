"""Finding people for hand work: those on the roster and those who signed in, who is missing first. A steward sees
nobody before a search (need to know), or before one organisation of those that miss somebody is opened, which gives no
more than a search for its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import case, select

from kiosk.extensions import db
from kiosk.models import EventCounter, Organisation, RosterEntry, SignIn
from kiosk.person_fields import values_of
from kiosk.services import codes
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.audit_log import audit
from kiosk.services.door import misses
from kiosk.services.door.misses import StoreAway
from kiosk.services.fields import Details
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import rows, searching
from kiosk.services.people.rows import PersonRow
from kiosk.services.sign_in import movements, namesakes

FROM = 2  # characters typed before anybody is listed
LIMIT = 30
INSIDE = 60  # rows of a page
OF_ORGANISATION = 200  # of one organisation's missing people
WINDOW = timedelta(minutes=1)
OF_LINK = 300  # searches: its page sends four a second at most while somebody types, and one after each act
# Changes of the event: a code is said while its phone waits, and an index of all codes costs each sign-in a page.
LATEST = 20_000
OFTEN = "look.searches"
IS_MISSING = (RosterEntry.state == "expected") & ~RosterEntry.is_here


def search(event_id: int, typed: str, *, only_absent: bool = False) -> Page[PersonRow] | None:
    """Return whom typed words mean: who is missing first, each state in the order of the roster; other sign-ins follow,
    the newest first, and the void ones last.

    `only_absent` leaves out everybody who has signed in. None before two characters.
    """
    if len(searching.key_of_typed(typed)) < FROM:
        return None
    people = _entries(event_id, *searching.entries_meant([event_id], typed))
    if only_absent:
        people = [row for row in people if not row.is_here]
    else:
        people += _sign_ins(event_id, SignIn.roster_entry_id.is_(None), *searching.sign_ins_meant([event_id], typed))
    people.sort(key=_rank)
    return page_of([*_said(event_id, typed, people), *people], LIMIT)


def search_by_link(event_id: int, typed: str, *, link_id: int, actor: str) -> Page[PersonRow] | None:
    """Search as a steward's link may: OF_LINK times a minute; raise TooManyGuesses beyond that.

    The first search too many leaves an entry in the audit log: no hand types so fast.
    """
    if len(searching.key_of_typed(typed)) < FROM:
        return None
    count_look(event_id, link_id, actor)
    return search(event_id, typed)


def missing_by_link(event_id: int, organisation_id: int | None, *, link_id: int, actor: str) -> Page[PersonRow]:
    """Return who is missing of one organisation (by its root's id) or without one, as a steward's link may see them: a
    search of OF_LINK; raise TooManyGuesses."""
    count_look(event_id, link_id, actor)
    merged = select(Organisation.id).where(Organisation.root == organisation_id)
    of_it = RosterEntry.organisation_id.in_(merged) if organisation_id else RosterEntry.organisation_id.is_(None)
    return page_of(_entries(event_id, IS_MISSING, of_it, limit=OF_ORGANISATION), OF_ORGANISATION)


def count_look(event_id: int, link_id: int, actor: str) -> None:
    """Count a search of a link; raise TooManyGuesses beyond OF_LINK a minute."""
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


def inside(event_id: int, number: int = 1) -> Page[PersonRow]:
    """Return a page of who is inside, in the order of their arrival."""
    statement = select(SignIn).where(SignIn.event_id == event_id, movements.IS_INSIDE)
    statement = cut(statement.order_by(SignIn.signed_in_at, SignIn.id), INSIDE, number)
    page = page_of(db.session.scalars(statement).all(), INSIDE, number)
    return page.having(rows.of_sign_ins(page.rows))


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


def _said(event_id: int, typed: str, people: list[PersonRow]) -> list[PersonRow]:
    """Return who signed in on the phone that said these six characters; nobody where these words are none."""
    code = codes.spoken_in(typed)
    there = {row.sign_in_id for row in people}
    if code is None:
        return []
    newest = select(EventCounter.revision).where(EventCounter.event_id == event_id).scalar_subquery()
    of_phone = _sign_ins(event_id, SignIn.revision > newest - LATEST, SignIn.spoken_code == code)
    return [row for row in of_phone if row.sign_in_id not in there]


def _rank(row: PersonRow) -> int:
    return 0 if row.state == "missing" else 2 if row.is_void else 1


def _entries(event_id: int, *conditions: Any, limit: int = LIMIT) -> list[PersonRow]:
    # Who is missing must not be cut off behind those who are here.
    order = (case((IS_MISSING, 0), else_=1), RosterEntry.position, RosterEntry.id)
    statement = rows.select_entries(event_id).where(*conditions).order_by(None).order_by(*order)
    entries = db.session.execute(statement.limit(limit + 1)).all()
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
