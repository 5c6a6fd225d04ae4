"""What somebody says of a list that was read: which tables, columns and doubtful rows are to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Choices:
    """`tables` and `rows` are taken or not, by key, where it is not as the reader proposes; `columns` hold something
    else than their header seems to say, by the table's key and the column's number, "" for nothing."""

    tables: Mapping[str, bool] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: Mapping[str, bool] = field(default_factory=dict)
    takes_hidden: bool = False
    takes_doubtful: bool = False  # each row that is asked about, as it is proposed
    encoding: str = ""  # of a text that may be read in several
    erases: bool = False  # an empty cell empties what is known
    splits_by: str = ""  # what a list is split over several events by (lists/splitting)

    def reads_otherwise_than(self, other: Choices) -> bool:
        """Say whether the book says something else by these choices, beside which doubtful rows are taken."""
        return replace(self, rows={}) != replace(other, rows={})

    def as_json(self) -> dict[str, Any]:
        """Return them as a draft keeps them."""
        return asdict(self)


def choices_of(plain: Mapping[str, Any]) -> Choices:
    """Return what a draft keeps."""
    return Choices(**plain)
