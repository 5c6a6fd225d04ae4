"""Numbers, days and moments as addresses and forms bring them, kept to what the database and the calendar can hold.

Beyond that SQLite and PostgreSQL raise, and so does a time zone near the first and the last year: what nobody means is
no number and no day here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST = 2**31 - 1  # PostgreSQL's INTEGER: no id is greater
FIRST_YEAR, LAST_YEAR = 1970, 9000
LAST_PAGE = 10_000
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


def read_day(typed: str) -> date:
    """Return a day written as 2026-09-10; raise ValueError for anything else."""
    found = date.fromisoformat(typed)
    if not is_reckonable(found):
        raise ValueError(f"no day from {FIRST_YEAR} to {LAST_YEAR}")
    return found


def is_reckonable(moment: date) -> bool:
    """Say whether a day, or a time, can be taken into every zone."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR
