"""What a door asks before it makes a second row of one person: is this sign-in yours, is this place on the list yours?

A name alone decides neither. Who answers says so in the next request (sign_ins.SignInRequest).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.models.organisation import ROOT
from kiosk.services.sign_in.cores import is_short_for
from kiosk.services.store.statements import Driver, Statement

# By the index of names: "+ 0" keeps SQLite from walking the roster in the order of its places instead.
# Nobody asks about students: a minor's name leads to nothing on a public page. Nor about whom somebody replaced.
NAMESAKES = Statement(
    f"""SELECT e.id, e.mobile_last4, e.organisation_name,
        (SELECT {ROOT} FROM organisation WHERE id = e.organisation_id)
    FROM roster_entry e
    WHERE e.event_id = :event_id AND e.name_key = :name_key AND e.kind <> 'student' AND e.state <> 'replaced'
        AND NOT e.is_here
    ORDER BY e.position + 0, e.id LIMIT 10"""
)


@dataclass(frozen=True)
class Namesake:
    """Somebody expected of the very name that was typed, who is not here yet."""

    entry_id: int
    last4: str | None  # of the mobile on the list


class SamePersonAsked(Exception):
    """Somebody of this name signed in before: the person must say whether that was them."""

    def __init__(self, sign_in_id: int, signed_in_at: datetime) -> None:
        super().__init__("a person of this name has signed in")
        self.sign_in_id = sign_in_id
        self.signed_in_at = signed_in_at


class ListedPersonAsked(Exception):
    """Somebody of this name is expected, with another mobile or none: the person must say whether that is them."""

    def __init__(self, namesake: Namesake) -> None:
        super().__init__("a person of this name is on the list")
        self.namesake = namesake


def namesake(driver: Driver, values: Mapping[str, Any]) -> Namesake | None:
    """Return the one expected person whom these values (sign_ins._Attempt.values) may mean by name and organisation.

    The organisation is the same by name, alias or merge; else one of the two names none; else one is a short name of
    the other. Of two who are equally near neither is asked about. One statement, by its index.
    """
    if values["kind"] == "student":
        return None
    rows = driver.all(NAMESAKES, values)
    for is_near in (_is_of_one, _is_of_none, _is_of_short_name):
        near = [row for row in rows if is_near(values, row)]
        if near:
            return Namesake(int(near[0][0]), near[0][1]) if len(near) == 1 else None
    return None


def _is_of_one(values: Mapping[str, Any], row: tuple[Any, ...]) -> bool:
    return values["root_id"] is not None and row[3] == values["root_id"]


def _is_of_none(values: Mapping[str, Any], row: tuple[Any, ...]) -> bool:
    return values["root_id"] is None or row[3] is None


def _is_of_short_name(values: Mapping[str, Any], row: tuple[Any, ...]) -> bool:
    typed, listed = values["organisation_name"] or "", row[2] or ""
    return is_short_for(typed, listed) or is_short_for(listed, typed)
