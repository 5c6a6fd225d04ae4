"""Numbers, days and moments as addresses and forms bring them, kept to what the database and the calendar can hold.

Beyond that SQLite and PostgreSQL raise, and so does a time zone near the first and the last year: what nobody means is
no number and no day here.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from werkzeug.routing import IntegerConverter

from kiosk.services.names import unified

LARGEST = 2**31 - 1  # PostgreSQL's INTEGER: no id is greater
FIRST_YEAR, LAST_YEAR = 1970, 9000
LAST_PAGE = 10_000
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.时]?([0-5]\d)分?")
ENDLESS = 2**40  # seconds since 1970; more is no time


class Number(IntegerConverter):
    """`<int:…>` in an address: what is greater than any id leads nowhere."""

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **options})


def whole_number(typed: str) -> int:
    """Return a whole number from 0 to LARGEST; raise ValueError for anything else, as the `type` of a `get` does."""
    value = int(typed)
    if not 0 <= value <= LARGEST:
        raise ValueError(f"no number up to {LARGEST}")
    return value


def read_day(typed: str) -> date | None:
    """Return a day written as 2026-09-10, None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if is_reckonable(day) else None


def read_clock(typed: str) -> time | None:
    """Return a time of the day written as 09:05, 9.05, 905 or 9时05分, in any width; None for anything else."""
    found = _CLOCK.fullmatch(unified(typed).replace(" ", ""))
    return None if found is None else time(int(found[1]), int(found[2]))


def is_reckonable(moment: date) -> bool:
    """Say whether a day, or a time, can be taken into every zone."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR
