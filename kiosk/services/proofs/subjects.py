"""What a proof is about, one event or the events of a series, and whose attendance it may prove."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, union_all

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Proof, SignIn
from kiosk.services.event import events, series
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours
from kiosk.services.names import clean
from kiosk.services.pages import parts
from kiosk.services.proofs.whom import GROUPS, Group, number_of, usual

CHUNK = 500  # participants asked about in one statement


@dataclass(frozen=True)
class Subject:
    """An event, or a series with its events by start; `is_part` where the series ties a stranger's too, which is no
    part of this (series.parted)."""

    campaign_id: int
    campaign_code: str
    series_id: int | None
    title: str
    title_alt: str | None
    events: tuple[EventView, ...]
    is_part: bool = False

    @property
    def event_id(self) -> int | None:
        """Return the one event's id; None for a series."""
        return self.events[0].id if self.series_id is None else None

    @property
    def is_training(self) -> bool:
        """Say whether hours are credited: the paper is then 参训证明, otherwise 参会证明."""
        return any(event.credited_hours for event in self.events)

    @property
    def has_minors(self) -> bool:
        """Say whether minors may be among those who came."""
        return any(event.are_students_minors and "student" in event.kind_names for event in self.events)

    @property
    def usual_groups(self) -> frozenset[Group]:
        """Return for whom proofs are made unless staff say otherwise."""
        return usual(kind for event in self.events for kind in event.kind_names)

    @property
    def is_over(self) -> bool:
        """Say whether the last of the events has ended."""
        return all(event.ends_at is None or event.ends_at <= utcnow() for event in self.events)

    def is_proved_by(self) -> ColumnElement[bool]:
        """Return the condition of this subject's own proofs."""
        if self.series_id is None:
            return Proof.event_id == self.events[0].id
        of_series = Proof.series_id == self.series_id
        if not self.is_part:
            return of_series
        came = select(SignIn.participant_id).where(SignIn.event_id.in_([event.id for event in self.events]))
        return and_(of_series, Proof.participant_id.in_(came))

    def has_proof(self, participant_id: Any) -> ColumnElement[bool]:
        """Return the condition that whoever came to one of the events has a valid proof of it, by their own index."""
        of_subject = Proof.event_id == self.event_id if self.series_id is None else Proof.series_id == self.series_id
        return exists().where(Proof.participant_id == participant_id, of_subject, Proof.voided_at.is_(None))

    def is_shown_with(self) -> ColumnElement[bool]:
        """Return the condition of the proofs listed with it: its own, and those of its events before they were tied."""
        of_events = Proof.event_id.in_([event.id for event in self.events])
        return of_events if self.series_id is None else or_(of_events, self.is_proved_by())


@dataclass(frozen=True)
class Attendee:
    """Somebody who came: the snapshot of the latest of their sign-ins, and their hours over all of them."""

    participant_id: int
    name: str
    organisation_name: str | None
    hours: float | None  # None where no hours are credited
    is_minor: bool
    event_ids: tuple[int, ...]

    @property
    def may_have(self) -> bool:
        """Say whether there is something to prove."""
        return bool(self.name) and (self.hours is None or self.hours > 0)


def of_event(event: EventView) -> Subject:
    """Return what proofs of this event are about: its series where it has one, otherwise itself."""
    if event.series_id is None:
        return _single(event)
    tied = [row.view for row in events.list_all(campaign_id=event.campaign_id) if row.view.series_id == event.series_id]
    groups = series.parted(tied or [event])
    own = next((group for group in groups if event.id in [one.id for one in group]), groups[0])
    return _tied(own, series.title_of(event.series_id), is_part=len(groups) > 1)


def of_campaign(campaign_id: int) -> tuple[Subject, ...]:
    """Return the campaign's subjects by start: each series once, each event without a series once; no rehearsals."""
    titles = series.titles(campaign_id)
    rows = [row.view for row in events.list_all(campaign_id=campaign_id) if not row.view.is_rehearsal]
    by_event: dict[int, Subject] = {}
    for view in rows:
        if view.series_id is None:
            by_event[view.id] = _single(view)
        elif view.id not in by_event:
            groups = series.parted([other for other in rows if other.series_id == view.series_id])
            for group in groups:
                subject = _tied(group, titles.get(view.series_id), is_part=len(groups) > 1)
                by_event |= dict.fromkeys([one.id for one in group], subject)
    return tuple({by_event[view.id].events[0].id: by_event[view.id] for view in rows}.values())


def waiting_ids(subject: Subject, *, has_minors: bool = False, groups: Collection[Group] | None = None) -> list[int]:
    """Return the participants who may have a proof and have no valid one, in the order of their first arrival.

    Of these groups only, when given. Minors belong to none: they are where `has_minors` asks for them.
    """
    people = people_waiting(subject).subquery()
    statement = select(people.c.participant_id).order_by(people.c.first_at, people.c.participant_id)
    numbers = [number for number, group in enumerate(GROUPS, start=1) if groups is None or group in groups]
    is_asked = and_(people.c.is_minor == 0, people.c.group_number.in_(numbers))
    if has_minors:
        is_asked = or_(is_asked, people.c.is_minor == 1)
    statement = statement.where(is_asked)
    return list(db.session.scalars(statement))


def attendees(subject: Subject, participant_ids: Collection[int]) -> dict[int, Attendee]:
    """Return what is known now of these participants, by id; who did not arrive, or no longer counts, is left out."""
    by_participant: dict[int, Attendee] = {}
    for ids in parts(list(participant_ids), CHUNK):
        for one in _read(subject, ids):
            before = by_participant.get(one.participant_id)
            by_participant[one.participant_id] = one if before is None else _added(before, one)
    return by_participant


def _single(event: EventView) -> Subject:
    return Subject(event.campaign_id, event.campaign_code, None, event.title, event.title_alt, (event,))


def _tied(tied: Sequence[EventView], title: str | None, *, is_part: bool) -> Subject:
    first, events_of = tied[0], tuple(tied)
    return Subject(
        first.campaign_id, first.campaign_code, first.series_id, title or first.title, None, events_of, is_part
    )


def people_waiting(subject: Subject, *among: ColumnElement[bool]) -> Select[Any]:
    """Select who may have a proof and has no valid one: one row a participant. `among` are conditions of sign-ins."""
    rows = union_all(*(_arrivals(event).where(*among) for event in subject.events)).subquery()
    added = func.sum(rows.c.hours)
    statement = (
        select(
            rows.c.participant_id,
            func.max(rows.c.is_minor).label("is_minor"),
            func.max(rows.c.group_number).label("group_number"),
            func.min(rows.c.signed_in_at).label("first_at"),
        )
        .where(~subject.has_proof(rows.c.participant_id))
        .group_by(rows.c.participant_id)
    )
    return statement.having(added > 0) if subject.is_training else statement


def _arrivals(event: EventView) -> Select[Any]:
    """Select who arrived at one event, with their hours; who was made anonymous has nothing left to prove."""
    credited = hours.hours_of(hours.rule_of(event), event.id).label("hours")
    is_minor = case((SignIn.kind == "student", int(event.are_students_minors)), else_=0).label("is_minor")
    group = number_of(event).label("group_number")
    arrived = hours.of_arrived(event.id, SignIn.participant_id, SignIn.signed_in_at, credited, is_minor, group)
    return arrived.where(SignIn.name != "")


def _read(subject: Subject, participant_ids: Sequence[int]) -> Iterable[Attendee]:
    """Yield one attendee for each arrival, the latest last."""
    arrivals: list[tuple[datetime, Attendee]] = []
    for event in subject.events:
        arrived = hours.of_arrived(event.id, SignIn, hours.hours_of(hours.rule_of(event), event.id))
        for row, credited in db.session.execute(arrived.where(SignIn.participant_id.in_(participant_ids))):
            is_minor = row.kind == "student" and event.are_students_minors
            where_from = clean(" ".join(filter(None, (row.organisation_name, row.class_name))))[:120] or None
            credit = float(credited) if subject.is_training else None
            one = Attendee(row.participant_id, row.name, where_from, credit, is_minor, (event.id,))
            arrivals.append((row.signed_in_at, one))
    return [one for _moment, one in sorted(arrivals, key=lambda pair: pair[0])]


def _added(before: Attendee, later: Attendee) -> Attendee:
    added = None if before.hours is None else before.hours + (later.hours or 0.0)
    return Attendee(
        participant_id=later.participant_id,
        name=later.name or before.name,
        organisation_name=later.organisation_name or before.organisation_name,
        hours=added,
        is_minor=before.is_minor or later.is_minor,
        event_ids=(*before.event_ids, *later.event_ids),
    )
