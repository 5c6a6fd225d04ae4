"""Who is expected and who is here under one name, without a place on the list: perhaps one person, staff say so.

They came as a walk-in, with another mobile than the list has or with none, or from an organisation of another name.
Whoever says that they are one is services/door/ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Organisation, RosterEntry, SignIn
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
    here: dict[int, list[SameName]] = {}
    for entry, sign_in in _pairs(event_id, RosterEntry.id.in_(ids)) if ids else ():
        same = SameName(sign_in.id, sign_in.kind, sign_in.name, sign_in.organisation_name, sign_in.signed_in_at)
        here.setdefault(entry.id, []).append(same)
    return tuple(replace(row, same_names=tuple(here.get(row.entry_id or 0, ())[:MOST])) for row in people)


def expected_as(event_id: int, sign_in_id: int) -> tuple[PersonRow, ...]:
    """Return whom of the roster this sign-in may be by its name, the likeliest first; nobody once it has a place."""
    return tuple(of_entry(entry) for entry, _sign_in in _pairs(event_id, SignIn.id == sign_in_id)[:MOST])


def _pairs(event_id: int, *conditions: Any) -> list[tuple[RosterEntry, SignIn]]:
    expected_root, here_root = aliased(Organisation), aliased(Organisation)
    statement = (
        select(RosterEntry, SignIn, expected_root.root, here_root.root)
        .join(SignIn, (SignIn.event_id == RosterEntry.event_id) & (SignIn.name_key == RosterEntry.name_key))
        .join(expected_root, expected_root.id == RosterEntry.organisation_id, isouter=True)
        .join(here_root, here_root.id == SignIn.organisation_id, isouter=True)
        .where(RosterEntry.event_id == event_id, RosterEntry.state.in_(ASKED_ABOUT), ~RosterEntry.is_here)
        .where(*without_place(), *conditions)
    )
    pairs = db.session.execute(statement.order_by(RosterEntry.position, RosterEntry.id, SignIn.id)).all()
    near = sorted(pairs, key=lambda pair: _distance(*pair))
    return [(entry, sign_in) for entry, sign_in, _expected, _here in near]


def _distance(entry: RosterEntry, sign_in: SignIn, expected_root: int | None, here_root: int | None) -> int:
    """Return 0 for one organisation, by name, alias or merge; 1 where a name is short or none; 2 for two."""
    if expected_root is not None and expected_root == here_root:
        return 0
    one, other = entry.organisation_name or "", sign_in.organisation_name or ""
    return 1 if not (one and other) or is_short_for(one, other) or is_short_for(other, one) else 2
