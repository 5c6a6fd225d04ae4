"""Who is expected and who is here under one name, without a place on the list: perhaps one person, staff say so.

They came as a walk-in, with another mobile than the list has or with none, or from an organisation of another name.
Whoever says that they are one, or two, is services/door/ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, PersonDifference, RosterEntry, SignIn
from kiosk.services.people.rows import PersonRow, SameName, of_entry
from kiosk.services.sign_in.cores import is_short_for

MOST = 3  # of one name that a list asks about
ASKED_ABOUT = ("expected", "excused")  # in whose place nobody came


def without_place() -> tuple[Any, ...]:
    """Return the conditions of a sign-in that counts as an arrival and stands on no entry of the roster."""
    return (
        SignIn.has_arrived,
        # Not as "is null": SQLite would take the referee's index for it, and read all of them for every name.
        func.coalesce(SignIn.roster_entry_id, 0) == 0,
        SignIn.replaces_id.is_(None),
        SignIn.name != "",  # made anonymous: whoever it was is not looked for again
    )


def beside(event_id: int, people: Sequence[PersonRow]) -> tuple[PersonRow, ...]:
    """Return the rows, those of expected people who are not here with who may be each of them, the likeliest first."""
    ids = [row.entry_id for row in people if row.entry_id is not None and row.sign_in_id is None]
    of_entries = and_(RosterEntry.id.in_(ids), RosterEntry.event_id + 0 == event_id)
    here: dict[int, list[SameName]] = {}
    for entry_id, one in _pairs(of_entries, by_entry=True) if ids else ():
        here.setdefault(entry_id, []).append(one)
    return tuple(replace(row, same_names=tuple(here.get(row.entry_id or 0, ())[:MOST])) for row in people)


def expected_as(event_id: int, sign_in_id: int) -> tuple[PersonRow, ...]:
    """Return whom of the roster this sign-in may be by its name, the likeliest first; nobody once it has a place."""
    of_sign_in = and_(SignIn.id == sign_in_id, SignIn.event_id + 0 == event_id)
    ids = [entry_id for entry_id, _one in _pairs(of_sign_in, by_entry=False)[:MOST]]
    entries = {one.id: one for one in db.session.scalars(select(RosterEntry).where(RosterEntry.id.in_(ids)))}
    return tuple(of_entry(entries[entry_id]) for entry_id in ids if entry_id in entries)  # or taken off the list since


def different(event_id: int) -> frozenset[tuple[int, int]]:
    """Return the entries and sign-ins of one name of which staff said that they are two people."""
    pairs = select(PersonDifference.entry_id, PersonDifference.sign_in_id)
    return frozenset((row[0], row[1]) for row in db.session.execute(pairs.where(PersonDifference.event_id == event_id)))


def different_from(event_id: int, sign_in_id: int) -> tuple[PersonRow, ...]:
    """Return whom of the roster this sign-in is not, as staff said."""
    of_sign_in = PersonDifference.event_id == event_id, PersonDifference.sign_in_id == sign_in_id
    entries = select(RosterEntry).join(PersonDifference, PersonDifference.entry_id == RosterEntry.id)
    return tuple(of_entry(entry) for entry in db.session.scalars(entries.where(*of_sign_in).order_by(RosterEntry.id)))


def different_as(event_id: int, entry_id: int) -> tuple[SameName, ...]:
    """Return who is here, and is not this person of the roster, as staff said."""
    of_place = PersonDifference.event_id == event_id, PersonDifference.entry_id == entry_id
    here = select(SignIn).join(PersonDifference, PersonDifference.sign_in_id == SignIn.id).where(*of_place)
    return tuple(_same_name(one) for one in db.session.scalars(here.where(SignIn.counts).order_by(SignIn.id)))


def _same_name(sign_in: SignIn) -> SameName:
    return SameName(sign_in.id, sign_in.kind, sign_in.name, sign_in.organisation_name, sign_in.signed_in_at)


def _pairs(condition: ColumnElement[bool], *, by_entry: bool) -> list[tuple[int, SameName]]:
    """Return ids of entries, each with who is here under its name, the likeliest first. A frequent name is here many
    times, so that no more of anybody is read than is shown.

    SQLite chooses by rules of thumb which of the two it looks for by name, and has read everybody who came to look each
    up among the entries. So `by_entry` says it: what stands on the right of an outer join is looked for. And what is
    compared as an expression is no reason to read the whole list of who is absent.
    """
    expected_root, here_root = aliased(Organisation), aliased(Organisation)
    compared = RosterEntry.organisation_name, SignIn.organisation_name, expected_root.root, here_root.root
    shown = SignIn.id, SignIn.kind, SignIn.name, SignIn.organisation_name, SignIn.signed_in_at
    is_of_name = and_(SignIn.event_id == RosterEntry.event_id, SignIn.name_key == RosterEntry.name_key)
    is_asked_about = func.coalesce(RosterEntry.state, "").in_(ASKED_ABOUT), ~RosterEntry.is_here
    of_two = select(*compared, RosterEntry.id, *shown).select_from(RosterEntry if by_entry else SignIn)
    if by_entry:
        of_two = of_two.join(SignIn, and_(is_of_name, *without_place()), isouter=True).where(*is_asked_about)
    else:
        of_two = of_two.join(RosterEntry, and_(is_of_name, *is_asked_about), isouter=True).where(*without_place())
    is_said = exists().where(PersonDifference.entry_id == RosterEntry.id, PersonDifference.sign_in_id == SignIn.id)
    statement = (
        of_two.join(expected_root, expected_root.id == RosterEntry.organisation_id, isouter=True)
        .join(here_root, here_root.id == SignIn.organisation_id, isouter=True)
        .where(condition, ~is_said)
        .order_by(RosterEntry.position + 0, RosterEntry.id, SignIn.id)
    )
    near = sorted(db.session.execute(statement), key=lambda row: _distance(*row[: len(compared)]))
    pairs = [(entry_id, SameName(*one)) for entry_id, *one in (row[len(compared) :] for row in near)]
    return [(entry_id, one) for entry_id, one in pairs if entry_id is not None and one.sign_in_id is not None]


def _distance(expected: str | None, here: str | None, expected_root: int | None, here_root: int | None) -> int:
    """Return 0 for one organisation, by name, alias or merge; 1 where a name is short or none; 2 for two."""
    if expected_root is not None and expected_root == here_root:
        return 0
    one, other = expected or "", here or ""
    return 1 if not (one and other) or is_short_for(one, other) or is_short_for(other, one) else 2
