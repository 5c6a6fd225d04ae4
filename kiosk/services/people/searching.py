"""Whom typed words mean, the same in every list for staff.

Words find a person by a part of the name, the organisation (as it was written, or as the directory knows it), the
class or the group; by the beginning of the pinyin initials; by the whole student number; by the last four digits of
the mobile or all of it; and by the ordinal that their phone shows. Who stands on the roster and has signed in is found
by what either says.

A search must not tell what the list's mask hides: of a mobile the mask shows the last four, so that no longer run of
digits means anybody until all of it was typed, and no part of a student number does. Where a list masks names, neither
a part of one nor its initials mean anybody (`Hidden`).
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, or_, select

from kiosk.models import Organisation, OrganisationAlias, RosterEntry, SignIn
from kiosk.services.names import clean, key_of, normalise_mobile

LONGEST = 120
LAST_DIGITS = 4
Hidden = Literal["nobody", "minors", "everybody"]  # whose name the list masks


def key_of_typed(typed: str) -> str:
    """Return what is looked for; "" when nothing was typed."""
    return key_of(clean(typed)[:LONGEST])


def sign_ins_meant(event_ids: Any, typed: str, hidden: Hidden = "nobody") -> list[ColumnElement[bool]]:
    """Return the conditions on SignIn that typed words make; none when nothing was typed."""
    key = key_of_typed(typed)
    if not key:
        return []
    entries = select(RosterEntry.id).where(RosterEntry.event_id.in_(event_ids), _is_meant(RosterEntry, key, hidden))
    return [or_(_is_sign_in_meant(key, hidden), SignIn.roster_entry_id.in_(entries))]


def entries_meant(event_id: int, typed: str, hidden: Hidden = "nobody") -> list[ColumnElement[bool]]:
    """Return the conditions on RosterEntry that typed words make; none when nothing was typed."""
    key = key_of_typed(typed)
    if not key:
        return []
    of_entries = (SignIn.event_id == event_id, SignIn.roster_entry_id.is_not(None), SignIn.counts)
    came = select(SignIn.roster_entry_id).where(*of_entries, _is_sign_in_meant(key, hidden))
    return [or_(_is_meant(RosterEntry, key, hidden), RosterEntry.id.in_(came))]


def _is_sign_in_meant(key: str, hidden: Hidden) -> ColumnElement[bool]:
    is_meant = _is_meant(SignIn, key, hidden)
    is_ordinal = key.isascii() and key.isdigit() and len(key) <= LAST_DIGITS
    return or_(is_meant, SignIn.ordinal == int(key)) if is_ordinal else is_meant


def _is_meant(model: type[SignIn] | type[RosterEntry], key: str, hidden: Hidden) -> ColumnElement[bool]:
    meanings = [_is_called(model, key, hidden)]
    if key.isascii() and key.isdigit() and len(key) == LAST_DIGITS:
        meanings.append(model.mobile.endswith(key))
    else:
        meanings.append(model.mobile == (normalise_mobile(key) or key))
    return or_(*meanings, model.organisation_id.in_(_called(key)))


def _is_called(model: type[SignIn] | type[RosterEntry], key: str, hidden: Hidden) -> ColumnElement[bool]:
    """Return what a search key is asked for: parts of its words, the beginning of the initials, the whole number; of
    a name that is masked all of it, and parts of what stands after it."""
    part = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    number = [f"%/{part}"] if key.isascii() else []
    shown = _is_like(model, [f"%{part}%/%/%", *([f"%/{part}%/%"] if key.isascii() else []), *number])
    if hidden == "nobody":
        return shown
    masked = _is_like(model, [f"{part}/%/%", f"{part} %/%/%", f"% %{part}%/%/%", *number])
    return masked if hidden == "everybody" else or_(masked, and_(model.kind != "student", shown))


def _is_like(model: type[SignIn] | type[RosterEntry], patterns: list[str]) -> ColumnElement[bool]:
    return or_(*(model.search_key.like(pattern, escape="\\") for pattern in patterns))


def _called(key: str) -> Any:
    """Select the organisations of whose names or aliases, or whose root's, the key is a part."""
    is_part = Organisation.name_key.contains(key, autoescape=True)
    of_alias = OrganisationAlias.name_key.contains(key, autoescape=True)
    by_alias = select(OrganisationAlias.organisation_id).where(of_alias)
    named = select(Organisation.id).where(or_(is_part, Organisation.id.in_(by_alias)))
    return select(Organisation.id).where(or_(Organisation.id.in_(named), Organisation.root_id.in_(named)))
