"""Who stands on the sign-in sheet, and in which order: who arrived, and if it is wanted who did not (未到人员)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from kiosk.closed import Kind
from kiosk.extensions import db
from kiosk.models import GroupSignIn, HeadCount, RosterEntry, RosterSeats, SignIn
from kiosk.person_fields import Snapshot
from kiosk.services.event.events import Counts
from kiosk.services.names import key_of
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView

Order = Literal["arrival", "roster", "organisation"]
ORDERS: tuple[Order, ...] = ("arrival", "roster", "organisation")


@dataclass(frozen=True, kw_only=True)
class Seat(Snapshot):
    """A seat (名额) of an organisation that named nobody; `number` counts its free ones from 1. It has no name."""

    kind: Kind = "enterprise"
    name: str = ""
    id: int
    position: int
    number: int = 0


@dataclass(frozen=True)
class SheetRow:
    """A row: somebody who arrived, with a place on the roster or without; an entry or a seat of whom nobody came."""

    sign_in: SignIn | None
    entry: EntryView | None  # one's own, or that of whom one replaces
    is_substitute: bool = False
    counted_at: datetime | None = None  # when the leader of the group last counted this person on leaving
    seat: Seat | None = None  # the one that is filled, or free

    @property
    def ref(self) -> str:
        """Return by what a frozen sheet finds this row again; no name, no number of a person."""
        if self.sign_in is not None:
            return f"i{self.sign_in.id}"
        if self.entry is not None:
            return f"e{self.entry.id}"
        assert self.seat is not None
        return f"s{self.seat.id}.{self.seat.number}"

    @property
    def is_unlisted(self) -> bool:
        """Say whether nobody expected this person; where there is no roster, everybody is that."""
        return self.entry is None and self.seat is None

    @property
    def left_at(self) -> datetime | None:
        """Return when this person left: as staff noted it, else when the leader counted the group."""
        return (self.sign_in.left_at if self.sign_in is not None else None) or self.counted_at

    @property
    def person(self) -> SignIn | EntryView | Seat:
        """Return whose name stands in the row; a free seat has none."""
        person = self.sign_in or self.entry or self.seat
        assert person is not None
        return person

    @property
    def position(self) -> tuple[float, int]:
        """Return the place on the roster; who is not on it comes after it."""
        place = self.entry or self.seat
        return (float("inf"), 0) if place is None else (place.position, place.id)


def read(event_id: int, order: Order, *, has_no_shows: bool) -> tuple[SheetRow, ...]:
    """Return the sheet's rows; void, trial and waiting sign-ins are not among them.

    By arrival the no-shows stand at the end; otherwise in their place. An entry whose person sent a substitute is
    no no-show; every free seat of an organisation is one. Who waits for a steward stands among them as such.
    """
    entries = {entry.id: entry for entry in rosters.entries(event_id)}
    counted, seats = _counted(event_id), _seats(event_id)
    rows = [_row(one, entries, seats, counted.get(one.id)) for one in _arrived(event_id)]
    if has_no_shows:
        here = {row.sign_in.roster_entry_id for row in rows if row.sign_in is not None}
        absent = (entry for entry in entries.values() if entry.id not in here and entry.state != "replaced")
        rows += [SheetRow(None, entry) for entry in absent]
        free = (replace(seat, number=n) for seat, left in seats.values() for n in range(1, left + 1))
        rows += [SheetRow(None, None, seat=seat) for seat in free]
    if order == "roster":
        rows.sort(key=lambda row: row.position)
    elif order == "organisation":
        rows.sort(key=lambda row: _organisation(row.person.organisation_name))
    return tuple(rows)


def missing_to_confirm(event_id: int, counts: Counts) -> int:
    """Return how many of the missing have signed in and wait for a steward: they are no no-shows either."""
    if not counts.unconfirmed_listed:
        return 0
    of_list = select(func.count()).select_from(SignIn).join(RosterEntry, RosterEntry.id == SignIn.roster_entry_id)
    waits = SignIn.event_id == event_id, SignIn.is_unconfirmed, RosterEntry.state == "expected"
    return db.session.scalar(of_list.where(*waits)) or 0


def _organisation(name: str | None) -> tuple[bool, str]:
    return (not name, key_of(name or ""))


def _row(
    one: SignIn, entries: dict[int, EntryView], seats: dict[int, tuple[Seat, int]], counted_at: datetime | None
) -> SheetRow:
    entry = entries.get(one.roster_entry_id or one.replaces_id or 0)
    seat, _free = seats.get(one.roster_seats_id or 0, (None, 0))
    return SheetRow(one, entry, one.replaces_id is not None and entry is not None, counted_at, seat)


def _seats(event_id: int) -> dict[int, tuple[Seat, int]]:
    """Return each organisation's seats by their id, and how many of them are free."""
    all_seats = db.session.scalars(
        select(RosterSeats).where(RosterSeats.event_id == event_id).order_by(RosterSeats.position, RosterSeats.id)
    )
    return {one.id: (_seat(one), one.seats - one.filled) for one in all_seats}


def _seat(one: RosterSeats) -> Seat:
    return Seat(id=one.id, organisation_name=one.organisation_name, position=one.position)


def _counted(event_id: int) -> dict[int, datetime]:
    """Return when each person was counted on leaving, by sign-in: in the last head-count of every group."""
    statement = (
        select(HeadCount)
        .join(GroupSignIn, GroupSignIn.id == HeadCount.group_sign_in_id)
        .where(GroupSignIn.event_id == event_id)
        .order_by(HeadCount.id)
    )
    last = {count.group_sign_in_id: count for count in db.session.scalars(statement)}
    return {sign_in_id: count.counted_at for count in last.values() for sign_in_id in count.present_ids}


def _arrived(event_id: int) -> Sequence[SignIn]:
    statement = (
        select(SignIn).where(SignIn.event_id == event_id, SignIn.has_arrived).order_by(SignIn.signed_in_at, SignIn.id)
    )
    return db.session.scalars(statement).all()
