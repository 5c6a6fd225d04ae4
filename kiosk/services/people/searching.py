"""Whom typed words mean, the same in every list for staff.

Every word must stand somewhere, in any order. A word finds a person by a part of the name, the organisation (as it was
written, or as the directory knows it), the class or the group; by the beginning of the pinyin initials, however the
characters are read; by the whole student number; by the last four digits of the mobile or all of it; and by the
ordinal that their phone shows. What was typed may also be one thing with spaces in it: a mobile, a padded name. Who
stands on the roster and has signed in is found by what either says.

A search must not tell what the list's mask hides: of a mobile the mask shows the last four, so that no longer run of
digits means anybody until all of it was typed, and no part of a student number does. Where a list masks names, neither
a part of one nor its initials mean anybody (`Hidden`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, or_, select

from kiosk.models import Organisation, OrganisationAlias, RosterEntry, SignIn
from kiosk.services.names import clean, key_of, normalise_mobile

LONGEST = 120
MOST_WORDS = 8  # each is looked for in every row; the rest of a pasted line tells nothing more
LAST_DIGITS = 4
_BETWEEN_WORDS = re.compile(r"[\s,，、;；]+")
Hidden = Literal["nobody", "minors", "everybody"]  # whose name the list masks


def key_of_typed(typed: str) -> str:
    """Return what is looked for; "" when nothing was typed."""
    return key_of(_cleaned(typed))


def sign_ins_meant(event_ids: Any, typed: str, hidden: Hidden = "nobody") -> list[ColumnElement[bool]]:
    """Return the conditions on SignIn that typed words make; none when nothing was typed."""
    return all_meant(typed, lambda text: is_sign_in_meant(event_ids, text, hidden))


def entries_meant(event_ids: Any, typed: str, hidden: Hidden = "nobody") -> list[ColumnElement[bool]]:
    """Return the conditions on RosterEntry that typed words make; none when nothing was typed."""
    return all_meant(typed, lambda text: _is_entry_meant(event_ids, key_of(text), hidden))


def all_meant(typed: str, is_meant: Callable[[str], ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Return the condition that what was typed is meant, as one text or each of its words; none when nothing was."""
    text = _cleaned(typed)
    # What divides words may stand between spaces as well: a dash, a bar.
    words = [word for word in _BETWEEN_WORDS.split(text) if any(map(str.isalnum, word))]
    if not text or words in ([], [text]):
        return [is_meant(text)] if text else []
    # The longest first: it is the one that the fewest have.
    each = [is_meant(word) for word in sorted(dict.fromkeys(words[:MOST_WORDS]), key=len, reverse=True)]
    return [or_(is_meant(text), and_(*each))]


def is_sign_in_meant(event_ids: Any, text: str, hidden: Hidden) -> ColumnElement[bool]:
    """Return the condition that one text means a sign-in, by its own row or by that of its place on the roster."""
    key = key_of(text)
    entries = select(RosterEntry.id).where(RosterEntry.event_id.in_(event_ids), _is_meant(RosterEntry, key, hidden))
    return or_(_is_sign_in_meant(key, hidden), SignIn.roster_entry_id.in_(entries))


def _cleaned(typed: str) -> str:
    return clean(typed)[:LONGEST].strip()


def _is_entry_meant(event_ids: Any, key: str, hidden: Hidden) -> ColumnElement[bool]:
    of_entries = (SignIn.event_id.in_(event_ids), SignIn.roster_entry_id.is_not(None), SignIn.counts)
    came = select(SignIn.roster_entry_id).where(*of_entries, _is_sign_in_meant(key, hidden))
    return or_(_is_meant(RosterEntry, key, hidden), RosterEntry.id.in_(came))


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
    shown = _is_like(model, [f"%{part}%/%/%", *([f"%,{part}%/%"] if key.isascii() else []), *number])
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
