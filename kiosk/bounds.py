"""Numbers, days and moments from outside, kept to what the database and the calendar can hold, at every door.

Beyond that SQLite and PostgreSQL raise, and so does a time zone near the first and the last year: what nobody means is
no number and no day here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

LARGEST = 2**31 - 1  # PostgreSQL's INTEGER: no id is greater
DIGITS = len(str(LARGEST))
FIRST_YEAR, LAST_YEAR = 1970, 9000


def whole_number(typed: str) -> int:
    """Return a whole number from 0 to LARGEST; raise ValueError for anything else, as the `type` of a `get` does."""
    digits = typed.strip().lstrip("0") or typed.strip()[-1:]
    if len(digits) > DIGITS or not (digits.isascii() and digits.isdigit()) or int(digits) > LARGEST:
        raise ValueError(f"no number up to {LARGEST}")
    return int(digits)


def read_day(typed: str) -> date | None:
    """Return a day written as 2026-09-10, None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if is_reckonable(day) else None


def read_moment(seconds: str) -> datetime | None:
    """Return the moment that is so many seconds after 1970 began, None for anything else."""
    if len(seconds) > 12 or not (seconds.isascii() and seconds.isdigit()):
        return None
    is_near = int(seconds) < datetime(LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(int(seconds), UTC) if is_near else None


def is_reckonable(moment: date) -> bool:
    """Say whether a day, or a time, can be taken into every zone."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR
