"""What a list may be split by over several events: a column that the same few words stand in, or its sheets."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from kiosk.services.lists.choices import Choices
from kiosk.services.lists.reading import SHEET, ListReading, RowRead
from kiosk.services.names import key_of

# What a column may hold that tells events apart, the likeliest first.
FIELDS = ("event", "district", "group_name", "bus", "class_name", "organisation_name", "identity")
MOST_VALUES = 100  # more tell people apart, not events
HEADER = "header:"  # before the header of a column that nothing else is taken from


@dataclass(frozen=True)
class Value:
    """One value that a list may be split by: as it stands first, and how many rows have it. `key`: what its spellings
    share, "" for rows that say nothing."""

    key: str
    shown: str
    rows: int

    @property
    def mark(self) -> str:
        """Return what a form names the value by."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Way:
    """What a list may be split by: `by` is a field, SHEET, or HEADER and a column's header. `header`: as the list calls
    it; `values` are in the order of the list."""

    by: str
    header: str = ""
    values: tuple[Value, ...] = field(default=())


def ways_of(read: ListReading) -> tuple[Way, ...]:
    """Return what the list may be split by, its sheets last of what is read; columns that hold nothing else behind."""
    headers = {column.meaning: column.header for table in read.tables if table.is_list for column in table.columns}
    ways = [Way(by, headers.get(by, ""), _values(read, by)) for by in FIELDS]
    likely = [way for way in ways if any(value.key for value in way.values) and len(way.values) <= MOST_VALUES]
    unused = [column.header for table in read.tables if table.is_list for column in table.columns if not column.meaning]
    others = tuple(Way(HEADER + header, header) for header in dict.fromkeys(filter(None, unused)))
    return (*likely, Way(SHEET, "", _values(read, SHEET)), *others)


def value_of(row: RowRead, by: str) -> str:
    """Return what a row says of the event that it is for."""
    return row.sheet if by == SHEET else row.person.values.get(by, "")


def part_of(read: ListReading, by: str, keys: Collection[str]) -> ListReading:
    """Return the list with the rows of these values only, and with what is doubted and left out of these.

    A row that names nobody is a value's when it says so, or when all people of its sheet are: a heading over people of
    several events is none's. What is doubtful of a sheet is so for each event that it has people for.
    """
    keyed = [(row, key_of(value_of(row, by))) for row in read.rows]
    own = tuple(row for row, key in keyed if key in keys)
    values, sheets = {key for _row, key in keyed}, {row.sheet for row in own}
    alone = sheets - {row.sheet for row, key in keyed if key not in keys}
    left_out = (
        one
        for one in read.left_out
        if (key_of(one.part) in keys if one.part and key_of(one.part) in values else one.sheet in alone)
    )
    doubts = (one for one in read.doubts if not one.sheet or one.sheet in sheets)
    return replace(read, rows=own, left_out=tuple(left_out), doubts=tuple(doubts))


def splitting_by(choices: Choices, read: ListReading, by: str) -> Choices:
    """Return the choices by which the list is split so: a column that holds nothing else holds events from now on."""
    if not by.startswith(HEADER):
        return replace(choices, splits_by=by)
    header, columns = by.removeprefix(HEADER), {key: dict(of_table) for key, of_table in choices.columns.items()}
    for table in read.tables:
        if any(column.header == header for column in table.columns):
            meant: Mapping[str, str] = {
                str(one.index): "event" if one.header == header else ""
                for one in table.columns
                if one.header == header or one.meaning == "event"
            }
            columns.setdefault(table.key, {}).update(meant)
    return replace(choices, columns=columns, splits_by="event")


def _values(read: ListReading, by: str) -> tuple[Value, ...]:
    values: dict[str, Value] = {}
    for row in read.rows:
        shown = value_of(row, by)
        known = values.get(key_of(shown), Value(key_of(shown), shown, 0))
        values[known.key] = replace(known, rows=known.rows + 1)
    return tuple(values.values())
