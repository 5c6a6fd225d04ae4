"""One row of a roster, wherever it comes from: a file, pasted text, the desk's form."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kiosk.person_fields import Snapshot
from kiosk.services.names import key_of


@dataclass(frozen=True)
class Listed(Snapshot):
    """A person of a list, and what the list says of their place."""

    group_name: str | None = None
    seat: str | None = None
    bus: str | None = None
    is_starred: bool = False
    note: str | None = None
    steward_note: str | None = None

    @property
    def place(self) -> tuple[str, ...]:
        """Return group, seat and bus, as far as they are known."""
        return tuple(filter(None, (self.group_name, self.seat, self.bus)))


LISTED = tuple(field.name for field in fields(Listed))


@dataclass(frozen=True)
class RosterRow(Listed):
    """One row to be written: a person, or an organisation with `seats` and no name."""

    name: str = ""
    seats: int = 0
    district: str | None = None
    absent: str | None = None  # why they do not come, as far as the list says it

    @property
    def beside(self) -> tuple[str, ...]:
        """Return what is said beside the name, or beside the organisation of seats."""
        return (*(self.facts if self.name else ()), *self.place, *filter(None, (self.note, self.steward_note)))

    @property
    def entry_key(self) -> str:
        """Return what a new entry is kept under: mobile, else student number, else name and where from."""
        name = key_of(self.name)
        where = key_of(self.organisation_name or "")
        if self.mobile:
            return f"m|{self.mobile}|{name}"[:200]
        if self.student_no:
            return f"s|{where}|{self.student_no}"[:200]
        return f"n|{where}|{key_of(self.class_name or '')}|{name}"[:200]
