"""Which entry of a roster a row is: by mobile and name, by student number, by name and where from.

The preview and the import ask the same question here, so that they give the same answer.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Any

from kiosk.models import RosterEntry
from kiosk.services.names import key_of
from kiosk.services.pauses import pausing
from kiosk.services.roster.roster_rows import RosterRow


def pair(rows: Sequence[RosterRow], entries: Iterable[RosterEntry]) -> list[tuple[RosterRow, str, RosterEntry | None]]:
    """Return each row with its key and the entry that it is, if there is one; an entry is one row's only.

    Two rows that cannot be told apart (one name, one class, no mobile, no number) are two people: the second gets
    a key beside the first one's. Rows of seats have no entry.
    """
    present = list(pausing(entries))
    by_mark = defaultdict[tuple[str, str], deque[int]](deque)
    for index, entry in enumerate(pausing(present)):
        for marked in _marks(entry).items():
            by_mark[marked].append(index)
    taken: set[int] = set()
    entry_of: list[int | None] = [None] * len(rows)
    # Certain marks first, so that nobody's entry is taken by a namesake higher up in the list.
    for certainty in ("mobile", "number", "place"):
        for at, row in enumerate(pausing(rows)):
            mark = None if row.seats or entry_of[at] is not None else _marks(row).get(certainty)
            if mark is None:
                continue
            alike = by_mark[certainty, mark]
            while alike and alike[0] in taken:  # of thousands of one name none is looked at again and again
                alike.popleft()
            free = (index for index in alike if index not in taken and may_be_one(row, present[index]))
            if (first := next(free, None)) is not None:
                entry_of[at] = first
                taken.add(first)
    keys = {entry.entry_key for entry in present}
    last: dict[str, int] = {}  # the number behind the last key that begins so
    paired: list[tuple[RosterRow, str, RosterEntry | None]] = []
    for row, at_entry in pausing(zip(rows, entry_of, strict=True)):
        if at_entry is not None:
            paired.append((row, present[at_entry].entry_key, present[at_entry]))
            continue
        key, begins = row.entry_key, row.entry_key[:190]
        while key in keys:
            last[begins] = last.get(begins, 1) + 1
            key = f"{begins}|{last[begins]}"
        if not row.seats:
            keys.add(key)
        paired.append((row, key, None))
    return paired


def _marks(one: RosterRow | RosterEntry) -> dict[str, str]:
    name, where = key_of(one.name), key_of(one.organisation_name or "")
    marks = {"place": f"{where}|{key_of(one.class_name or '')}|{name}"}
    if one.student_no:
        marks["number"] = f"{where}|{one.student_no}"
    if one.mobile:
        marks["mobile"] = f"{one.mobile}|{name}"
    return marks


def may_be_one(one: Any, other: Any) -> bool:
    """Say whether nothing speaks against it: two mobiles or two numbers under one name are two people."""
    marks = ((one.mobile, other.mobile), (one.student_no, other.student_no))
    return not any(mine and theirs and mine != theirs for mine, theirs in marks)
