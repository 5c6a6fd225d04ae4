"""The closed sets of values: each is a type, so that mypy sees a mistyped one, and the CHECK of its columns."""

from __future__ import annotations

from typing import Any, Literal, get_args

from sqlalchemy import CheckConstraint

Kind = Literal["student", "enterprise", "guest"]  # of a participant
Method = Literal["self", "group", "steward", "kiosk", "api", "paper"]  # of a sign-in: through which door
# unconfirmed (待确认): somebody signed themselves in where a steward confirms; no arrival, and no ordinal, until then.
SignInState = Literal["arrived", "wait_listed", "unconfirmed"]
Direction = Literal["out", "in"]  # of a movement after the sign-in, which is the first way in
EntryState = Literal["expected", "excused", "replaced"]  # of an entry of the roster
Contact = Literal["on_the_way", "unreachable"]  # what a call to somebody who is missing gave
Screen = Literal["display", "kiosk", "wall"]  # of a device link
DoorPurpose = Literal["steward", "group"]  # of a door link
CountPurpose = Literal["count"]  # of a link that only counts

KINDS: tuple[Kind, ...] = get_args(Kind)


def one_of(column: str, values: Any, *, is_optional: bool = False) -> CheckConstraint:
    """Return the constraint that a column holds one of a closed set's values, and nothing where that is optional."""
    allowed = ", ".join(f"'{value}'" for value in get_args(values))
    nothing = f"{column} IS NULL OR " if is_optional else ""
    return CheckConstraint(f"{nothing}{column} IN ({allowed})", name=column)
