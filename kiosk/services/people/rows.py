"""What a list for staff shows of one person: on the roster, signed in, or both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select

from kiosk.closed import Kind, Method
from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn, Tick
from kiosk.services.names import mask_mobile

PLACE = (RosterEntry.group_name, RosterEntry.seat, RosterEntry.bus)
WITH_STEWARD = (RosterEntry.is_starred, RosterEntry.steward_note, *PLACE)
State = Literal["missing", "excused", "replaced", "arrived", "wait_listed", "unconfirmed", "void"]


@dataclass(frozen=True)
class SameName:
    """Somebody who is here and not on the list, of the very name of somebody who is expected."""

    sign_in_id: int
    kind: Kind
    name: str
    organisation: str | None
    signed_in_at: datetime


@dataclass(frozen=True)
class PersonRow:
    """One person: on the roster (`entry_id`), signed in (`sign_in_id`), or both; the mobile is masked."""

    state: State
    kind: Kind
    name: str
    organisation: str | None
    details: tuple[str, ...]  # class, job title, identity: what tells two of one name apart
    mobile: str
    # Of the roster.
    entry_id: int | None = None
    place: tuple[str, ...] = ()  # group, seat, bus
    is_starred: bool = False
    reason: str | None = None  # of the leave
    contact: str | None = None  # what the call gave
    note: str | None = None
    steward_note: str | None = None  # for whoever works the door, as this person signs in
    same_names: tuple[SameName, ...] = ()  # who may be this person, where a list asks (services/sign_in/namesakes)
    # Of the sign-in.
    sign_in_id: int | None = None
    signed_in_at: datetime | None = None
    left_at: datetime | None = None
    has_no_sign_out: bool = False
    method: Method | None = None
    ordinal: int | None = None
    group_id: int | None = None  # the submission of a leader
    replaces: str | None = None  # in whose place this person came
    is_walk_in: bool = False
    is_late: bool = False
    is_trial: bool = False
    ticks: tuple[str, ...] = ()

    @property
    def detail(self) -> str | None:
        """Return what tells two of one name apart, if anything does."""
        return next(iter(self.details), None)

    @property
    def is_here(self) -> bool:
        return self.state in ("arrived", "wait_listed", "unconfirmed")

    @property
    def is_unconfirmed(self) -> bool:
        """Say whether somebody waits for a steward to confirm them."""
        return self.state == "unconfirmed"

    @property
    def is_inside(self) -> bool:
        """Say whether somebody arrived and has not left."""
        return self.state == "arrived" and not self.is_trial and self.left_at is None and not self.has_no_sign_out

    @property
    def is_void(self) -> bool:
        return self.state == "void"

    @property
    def is_arrived_late(self) -> bool:
        return self.is_late and self.state == "arrived"

    @property
    def stands_out(self) -> bool:
        """Say whether it is somebody starred who has come."""
        return self.is_starred and not self.is_void

    @property
    def takes_ticks(self) -> bool:
        """Say whether something may be handed out: to who is here, and neither on trial nor to be confirmed."""
        return not (self.is_void or self.is_trial or self.is_unconfirmed)


def select_entries(*event_ids: int) -> Select[Any]:
    """Select the rosters of events in their order, each entry with the sign-in that counts or None."""
    # One event's is read in the order of its index.
    of_them = RosterEntry.event_id == event_ids[0] if len(event_ids) == 1 else RosterEntry.event_id.in_(event_ids)
    return (
        select(RosterEntry, SignIn)
        .join(SignIn, (SignIn.roster_entry_id == RosterEntry.id) & SignIn.counts, isouter=True)
        .where(of_them)
        .order_by(RosterEntry.position, RosterEntry.id)
    )


def of_entry(entry: RosterEntry, sign_in: SignIn | None = None) -> PersonRow:
    """Return a person as the roster names them, with the sign-in that counts."""
    of_roster: dict[str, Any] = {
        "state": "missing" if entry.state == "expected" else entry.state,
        "place": _place(entry),
        "is_starred": entry.is_starred,
        "reason": entry.reason,
        "contact": entry.contact,
        "note": entry.note,
        "steward_note": entry.steward_note,
    }
    # Made once with all that it has: of thousands of rows, filling in copies took as long as reading them.
    return PersonRow(
        kind=entry.kind,
        name=entry.name,
        organisation=entry.organisation_name,
        details=_details(entry),
        mobile=mask_mobile(entry.mobile),
        entry_id=entry.id,
        **(of_roster if sign_in is None else of_roster | _signed_in(sign_in)),
    )


def of_sign_ins(sign_ins: Sequence[SignIn]) -> tuple[PersonRow, ...]:
    """Return people as they were written at the door, corrections included, with their places on the roster."""
    ids = {one.id for one in sign_ins}
    entry_ids = {id_ for one in sign_ins for id_ in (one.roster_entry_id, one.replaces_id)} - {None}
    columns = (RosterEntry.id, RosterEntry.name, RosterEntry.mobile, *WITH_STEWARD)
    entries = select(*columns).where(RosterEntry.id.in_(entry_ids))
    known = {entry.id: entry for entry in (db.session.execute(entries) if entry_ids else ())}
    ticked = ticks_of(ids)
    return tuple(
        _of_sign_in(one, known.get(one.roster_entry_id), known.get(one.replaces_id), ticked.get(one.id, ()))
        for one in sign_ins
    )


def by_ids(sign_in_ids: Collection[int]) -> tuple[PersonRow, ...]:
    """Return the people of these sign-ins, the newest first."""
    statement = select(SignIn).where(SignIn.id.in_(sign_in_ids)).order_by(SignIn.id.desc())
    return of_sign_ins(db.session.scalars(statement).all())


def ticks_of(sign_in_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return what was handed out by sign-in, in the order of the ticks."""
    labels: dict[int, tuple[str, ...]] = {}
    statement = select(Tick.sign_in_id, Tick.label).where(Tick.sign_in_id.in_(sign_in_ids)).order_by(Tick.id)
    for sign_in_id, label in db.session.execute(statement) if sign_in_ids else ():
        labels[sign_in_id] = (*labels.get(sign_in_id, ()), label)
    return labels


def _of_sign_in(sign_in: SignIn, entry: Any, replaced: Any, ticks: tuple[str, ...]) -> PersonRow:
    mobile, of_roster = mask_mobile(sign_in.mobile), {}
    if entry is not None:
        mobile = mobile or mask_mobile(entry.mobile)
        of_roster = {"place": _place(entry), "is_starred": entry.is_starred, "steward_note": entry.steward_note}
    return PersonRow(
        kind=sign_in.kind,
        name=sign_in.name,
        organisation=sign_in.organisation_name,
        details=_details(sign_in),
        mobile=mobile,
        entry_id=sign_in.roster_entry_id,
        replaces=None if replaced is None else replaced.name,
        ticks=ticks,
        **of_roster,
        **_signed_in(sign_in),
    )


def _place(entry: Any) -> tuple[str, ...]:
    return tuple(filter(None, (entry.group_name, entry.seat, entry.bus)))


def _details(one: RosterEntry | SignIn) -> tuple[str, ...]:
    return tuple(filter(None, (one.class_name, one.job_title, one.identity)))


def _signed_in(sign_in: SignIn) -> dict[str, Any]:
    """Return what a row has of its sign-in."""
    return {
        "state": "void" if sign_in.voided_at is not None else sign_in.state,
        "sign_in_id": sign_in.id,
        "signed_in_at": sign_in.signed_in_at,
        "left_at": sign_in.left_at,
        "has_no_sign_out": sign_in.has_no_sign_out,
        "method": sign_in.method,
        "ordinal": sign_in.ordinal,
        "group_id": sign_in.group_sign_in_id,
        "is_walk_in": sign_in.is_walk_in,
        "is_late": sign_in.is_late,
        "is_trial": sign_in.is_trial,
    }
