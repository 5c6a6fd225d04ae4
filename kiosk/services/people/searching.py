"""Whom typed words mean, the same in every list for staff.

Words find a person by a part of the name, the organisation (as it was written, or as the directory knows it), the
class or the group; by the beginning of the pinyin initials; by the whole student number; by the last digits of the
mobile, four or more; and by the ordinal that their phone shows. Who stands on the roster and has signed in is found by
what either says.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from kiosk.models import Organisation, OrganisationAlias, RosterEntry, SignIn
from kiosk.services.names import clean, key_of

LONGEST = 120
LAST_DIGITS = 4


def key_of_typed(typed: str) -> str:
    """Return what is looked for; "" when nothing was typed."""
    return key_of(clean(typed)[:LONGEST])


def sign_ins_meant(event_ids: Any, typed: str) -> list[ColumnElement[bool]]:
    """Return the conditions on SignIn that typed words make; none when nothing was typed."""
    key = key_of_typed(typed)
    if not key:
        return []
    entries = select(RosterEntry.id).where(RosterEntry.event_id.in_(event_ids), _is_meant(RosterEntry, key))
    return [or_(_is_sign_in_meant(key), SignIn.roster_entry_id.in_(entries))]


def entries_meant(event_id: int, typed: str) -> list[ColumnElement[bool]]:
    """Return the conditions on RosterEntry that typed words make; none when nothing was typed."""
    key = key_of_typed(typed)
    if not key:
        return []
    came = select(SignIn.roster_entry_id).where(
        SignIn.event_id == event_id, SignIn.roster_entry_id.is_not(None), SignIn.counts, _is_sign_in_meant(key)
    )
    return [or_(_is_meant(RosterEntry, key), RosterEntry.id.in_(came))]


def _is_sign_in_meant(key: str) -> ColumnElement[bool]:
    is_meant = _is_meant(SignIn, key)
    is_ordinal = key.isascii() and key.isdigit() and len(key) <= LAST_DIGITS
    return or_(is_meant, SignIn.ordinal == int(key)) if is_ordinal else is_meant


def _is_meant(model: type[SignIn] | type[RosterEntry], key: str) -> ColumnElement[bool]:
    part = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    patterns = [f"%{part}%/%/%"]
    if key.isascii():
        patterns += [f"%/{part}%/%", f"%/{part}"]
    meanings: list[ColumnElement[bool]] = [model.search_key.like(pattern, escape="\\") for pattern in patterns]
    if key.isascii() and key.isdigit() and len(key) >= LAST_DIGITS:
        meanings.append(model.mobile.endswith(key))
    return or_(*meanings, model.organisation_id.in_(_called(key)))


def _called(key: str) -> Any:
    """Select the organisations of whose names or aliases, or whose root's, the key is a part."""
    is_part = Organisation.name_key.contains(key, autoescape=True)
    of_alias = OrganisationAlias.name_key.contains(key, autoescape=True)
    by_alias = select(OrganisationAlias.organisation_id).where(of_alias)
    named = select(Organisation.id).where(or_(is_part, Organisation.id.in_(by_alias)))
    return select(Organisation.id).where(or_(Organisation.id.in_(named), Organisation.root_id.in_(named)))
