"""A group after its submission, as its leader sees it at the group's secret address; and the desk's list of groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from kiosk.clock import utcnow
from kiosk.closed import Kind
from kiosk.extensions import db
from kiosk.models import DoorLink, Event, GroupSignIn, HeadCount, SignIn
from kiosk.services.codes import hash_token
from kiosk.services.door import links
from kiosk.services.group import groups
from kiosk.services.roster.rosters import EntryView
from kiosk.services.store.rows import values_for

OPEN_END = timedelta(days=7)  # of a group that came by no link, at an event that names no end: nothing else ends it


@dataclass(frozen=True)
class GroupMember:
    """One who was signed in; `voided_at` when it was taken back since."""

    sign_in_id: int
    name: str
    signed_in_at: datetime
    state: str
    roster_entry_id: int | None
    voided_at: datetime | None
    left_at: datetime | None = None


@dataclass(frozen=True)
class MissingMember:
    """One who is not here. `reason` is None when the leader gave none; `number` is the place in the group's own
    list for a name that stands on no roster."""

    name: str
    reason: str | None
    roster_entry_id: int | None = None
    number: int | None = None


@dataclass(frozen=True)
class CountView:
    """The latest head-count."""

    present_ids: frozenset[int]
    counted_at: datetime


@dataclass(frozen=True)
class GroupView:
    """A group that is alive: its event is not over and its link, if it came by one, not revoked."""

    id: int
    event_id: int
    event_code: str
    door_link_id: int | None
    title: str | None
    kind: Kind
    leader: str | None
    organisation_name: str | None
    class_name: str | None
    group_name: str | None
    has_guardian_consent: bool
    created_at: datetime
    members: tuple[GroupMember, ...]
    taken_back: tuple[GroupMember, ...]
    missing: tuple[MissingMember, ...]
    last_count: CountView | None

    @property
    def here(self) -> int:
        return len(self.members)

    @property
    def total(self) -> int:
        return len(self.members) + len(self.missing)

    @property
    def excused(self) -> int:
        return sum(1 for one in self.missing if one.reason)

    @property
    def waiting(self) -> int:
        """Return how many of them wait for a place."""
        return sum(1 for one in self.members if one.state == "wait_listed")

    @property
    def unconfirmed(self) -> int:
        """Return how many of them a steward has to confirm."""
        return sum(1 for one in self.members if one.state == "unconfirmed")

    @property
    def out(self) -> int:
        """Return how many of those who arrived have left."""
        return sum(1 for one in self.members if one.left_at is not None)

    @property
    def inside(self) -> int:
        """Return how many of them are still inside."""
        return self.here - self.waiting - self.unconfirmed - self.out

    @property
    def actor(self) -> str | None:
        """Return who acts through the group's link; None for a group from the public page."""
        return None if self.door_link_id is None else f"group:{self.door_link_id}"

    @property
    def hand(self) -> str:
        """Return who corrects, as the log keeps it."""
        return self.actor or f"group_sign_in:{self.id}"

    def not_there(self) -> tuple[GroupMember, ...]:
        """Return whom the latest head-count did not find; nobody when there was none."""
        if self.last_count is None:
            return ()
        return tuple(one for one in self.members if one.sign_in_id not in self.last_count.present_ids)


@dataclass(frozen=True)
class GroupRow:
    """A group in the desk's list."""

    id: int
    title: str | None
    leader: str | None
    arrived: int
    has_guardian_consent: bool
    created_at: datetime


def find(token: str) -> GroupView | None:
    """Return the group behind a secret address while it is alive, or None."""
    statement = (
        select(GroupSignIn, Event, DoorLink)
        .join(Event, Event.id == GroupSignIn.event_id)
        .join(DoorLink, DoorLink.id == GroupSignIn.door_link_id, isouter=True)
        .where(GroupSignIn.token_hash == hash_token(token))
    )
    row = db.session.execute(statement).first()
    if row is None:
        return None
    group, event, link = row
    if links.is_over(event, "group") or _is_over(group, link):
        return None
    return _view(group, event)


def _is_over(group: GroupSignIn, link: DoorLink | None) -> bool:
    if link is not None:
        return link.revoked_at is not None
    return utcnow() - group.created_at > OPEN_END


def list_of(event_id: int) -> tuple[GroupRow, ...]:
    """Return an event's groups, the newest first, without the names of their people."""
    live = (SignIn.group_sign_in_id == GroupSignIn.id) & SignIn.has_arrived
    statement = (
        select(GroupSignIn, func.count(SignIn.id))
        .join(SignIn, live, isouter=True)
        .where(GroupSignIn.event_id == event_id)
        .group_by(GroupSignIn.id)
        .order_by(GroupSignIn.id.desc())
    )
    rows = db.session.execute(statement)
    return tuple(GroupRow(**values_for(GroupRow, group), arrived=arrived) for group, arrived in rows)


def _view(group: GroupSignIn, event: Event) -> GroupView:
    part: tuple[EntryView, ...] = ()
    if group.door_link_id is not None:
        part = groups.part_of_roster(event.id, group.group_name)
    members = _members(group, part)
    return GroupView(
        **values_for(GroupView, group),
        event_code=event.code,
        members=tuple(one for one in members if one.voided_at is None),
        taken_back=_last_taken_back(members),
        missing=_missing(group, part),
        last_count=_last_count(group.id),
    )


def _members(group: GroupSignIn, part: tuple[EntryView, ...]) -> list[GroupMember]:
    """Return the group's own sign-ins, and of its part of the roster those who came through another door."""
    entry_ids = [entry.id for entry in part if entry.has_arrived]
    theirs: Any = SignIn.group_sign_in_id == group.id
    if entry_ids:
        theirs = or_(theirs, SignIn.roster_entry_id.in_(entry_ids) & SignIn.voided_at.is_(None))
    rows = db.session.scalars(
        select(SignIn).where(SignIn.event_id == group.event_id, theirs, ~SignIn.is_trial).order_by(SignIn.id)
    )
    return [GroupMember(s.id, s.name, s.signed_in_at, s.state, s.roster_entry_id, s.voided_at, s.left_at) for s in rows]


def _last_taken_back(members: list[GroupMember]) -> tuple[GroupMember, ...]:
    """Return those whom the leader took back and nobody signed in again since."""
    back = {one.roster_entry_id for one in members if one.voided_at is None and one.roster_entry_id is not None}
    return tuple(one for one in members if one.voided_at is not None and one.roster_entry_id not in back)


def _missing(group: GroupSignIn, part: tuple[EntryView, ...]) -> tuple[MissingMember, ...]:
    listed = [
        MissingMember(entry.name, (entry.reason or "other") if entry.state == "excused" else None, entry.id)
        for entry in part
        if not entry.has_arrived
    ]
    named = [
        MissingMember(one["name"], one["reason"], number=number)
        for number, one in enumerate(group.absent)
        if not one.get("has_come")
    ]
    return (*listed, *named)


def _last_count(group_id: int) -> CountView | None:
    latest = select(HeadCount).where(HeadCount.group_sign_in_id == group_id).order_by(HeadCount.id.desc()).limit(1)
    row = db.session.scalar(latest)
    return None if row is None else CountView(frozenset(row.present_ids), row.counted_at)
