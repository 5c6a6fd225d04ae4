"""Group sign-in (集体签到): a leader signs in many from one phone, all or none (docs/product.md 1.12).

A submission is one unit of work. Its key makes one group, however often it is sent: a double tap, a lost answer,
Back and a longer list all lead to the same group at the same address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.models import GroupSignIn
from kiosk.services import codes
from kiosk.services.codes import Ticket
from kiosk.services.door.links import LinkView
from kiosk.services.event import events
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.names import key_of
from kiosk.services.refusals import Refused, SignInRefused, Unknown
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.questions import SamePersonAsked
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.store.writer import WriterSession, unit

AT_ONCE = 60  # people a submission: a full coach, and no unit of work holds the writer for long


@dataclass(frozen=True)
class GroupPerson:
    """One who is there. `is_another` answers the question whether an earlier one of this name is somebody else."""

    details: Details
    roster_entry_id: int | None = None
    is_another: bool = False


@dataclass(frozen=True)
class Absent:
    """One who is not there, and why."""

    name: str
    reason: str
    roster_entry_id: int | None = None


@dataclass(frozen=True)
class Submission:
    """What a leader sends: who is there and who is not. With a `link` it comes through staff's own door."""

    event: EventView
    ticket: Ticket
    people: tuple[GroupPerson, ...]
    absent: tuple[Absent, ...] = ()
    leader: str | None = None
    organisation_name: str | None = None
    class_name: str | None = None
    link: LinkView | None = None
    has_consented: bool = False
    shown_notice_id: int | None = None


@dataclass(frozen=True)
class Mark:
    """Why one person keeps the whole group from being signed in: "asked" (somebody of this name signed in at
    `at`) or "not_listed"."""

    code: Literal["asked", "not_listed"]
    at: datetime | None = None


def submit(submission: Submission) -> str:
    """Sign everybody in and return the secret end of the group's address. Raises SignInRefused, or WriterBusy.

    "people" comes with `marks`, each a Mark by the person's place in the submission.
    """
    if not submission.people and not submission.absent:
        raise SignInRefused("nobody")
    if len(submission.people) + len(submission.absent) > AT_ONCE:
        raise SignInRefused("too_many", most=AT_ONCE)
    if needs_consent(submission.event, kind_of(submission)) and not submission.has_consented:
        raise SignInRefused("consent")
    try:
        _submit(submission)
    except SignInRefused as refusal:
        if refusal.code == "full":
            raise SignInRefused("too_few_places", count=places_left(submission.event)) from refusal
        raise
    return token_of(submission.ticket.key)


def needs_consent(event: EventView, kind: str) -> bool:
    """Say whether the leader must confirm something first: the guardians' consent, or that all know the notice."""
    return event.is_of_minors(kind) or event.notice_basis == "consent"


def kind_of(submission: Submission) -> str:
    """Return what the group is: students as soon as there is one, so that the rules for minors hold."""
    kinds = [person.details.kind for person in submission.people]
    return "student" if "student" in kinds else kinds[0] if kinds else submission.event.kind_names[0]


def places_left(event: EventView) -> int:
    """Return how many more an event with a capacity takes now."""
    counts = events.counts(event.id)
    return max(0, (event.capacity or 0) - counts.arrived - counts.missing)


def token_of(key: str) -> str:
    """Return the secret end of the address of the group with this ticket's key: the same for every retry."""
    return codes.key_digest(key, {"group": "address"})[:40]


def ticket_of_link(link: LinkView) -> Ticket:
    """Return what a group link brings along: a link has one group, however often its leader sends it."""
    return Ticket(event_id=link.event_id, issued_at=utcnow(), key=f"group-link:{link.id}")


def part_of_roster(event_id: int, name: str | None) -> tuple[EntryView, ...]:
    """Return the part of the roster that a link with this name may tick: a group's or a class's; None means all.

    Whoever sent a substitute is not in it.
    """
    entries = rosters.entries(event_id)
    return tuple(e for e in entries if e.state != "replaced" and (name is None or name in (e.group_name, e.class_name)))


def parts_of_roster(event_id: int) -> tuple[tuple[str, int], ...]:
    """Return the names a link may be made for, each with how many stand there."""
    counted: dict[str, int] = {}
    for entry in rosters.entries(event_id):
        for name in sorted({entry.group_name, entry.class_name} - {None}, key=str):
            counted[str(name)] = counted.get(str(name), 0) + 1
    return tuple(counted.items())


def common(entries: tuple[EntryView, ...], name: str) -> str | None:
    """Return what all entries share under `name` (organisation_name, class_name), or None."""
    values = {getattr(entry, name) for entry in entries}
    return values.pop() if len(values) == 1 else None


@unit(
    event=lambda submission: submission.event.id,
    shared=lambda submission: organisations.named_by(*(person.details for person in submission.people)),
)
def _submit(session: WriterSession, submission: Submission) -> None:
    refuse_cleared(session, submission.event.id)  # also where nobody but the absent is named
    group_id = _group(session, submission)
    marks: dict[int, Mark] = {}
    results: list[SignInResult] = []
    for index, request in enumerate(requests_of(submission, group_id)):
        try:
            results.append(sign_ins.sign_in.within(session, request))
        except SamePersonAsked as question:
            marks[index] = Mark("asked", question.signed_in_at)
        except SignInRefused as refusal:
            if refusal.code == "not_listed":
                marks[index] = Mark("not_listed")
            elif refusal.code not in (
                "withdrawn",
                "not_confirmed",
            ):  # taken back, who stays out when it is sent again
                raise
    if marks:
        raise SignInRefused("people", marks=marks)
    _refuse_a_part(submission.event, results)
    for absent in submission.absent:
        _excuse(session, submission, absent)


def _group(session: WriterSession, submission: Submission) -> int:
    """Return the group of this key, making it the first time; the unique key is the referee."""
    key = codes.key_digest(submission.ticket.key, {"group": "key"})
    of_event = select(GroupSignIn).where(GroupSignIn.event_id == submission.event.id)
    known = session.scalar(of_event.where(GroupSignIn.idempotency_key == key))
    if known is not None:
        return known.id
    link = submission.link
    group = GroupSignIn(
        event_id=submission.event.id,
        door_link_id=link.id if link else None,
        kind=kind_of(submission),
        leader=submission.leader or (link.label if link else None),
        organisation_name=submission.organisation_name,
        class_name=submission.class_name,
        group_name=link.group_name if link else None,
        token_hash=codes.hash_token(token_of(submission.ticket.key)),
        idempotency_key=key,
        has_guardian_consent=submission.event.is_of_minors(kind_of(submission)) and submission.has_consented,
        absent=[vars(absent) for absent in submission.absent if absent.roster_entry_id is None],
        created_at=utcnow(),
    )
    session.add(group)
    session.flush()
    return group.id


def requests_of(submission: Submission, group_id: int) -> list[SignInRequest]:
    """Return one request a person, each with a key of its own: two of one name are two people."""
    link, seen = submission.link, dict[Any, int]()
    requests = []
    for person in submission.people:
        same = (key_of(person.details.name), person.roster_entry_id)
        seen[same] = seen.get(same, 0) + 1
        key = f"{submission.ticket.key}.{person.roster_entry_id or 0}.{seen[same]}"
        requests.append(
            SignInRequest(
                event=submission.event,
                ticket=replace(submission.ticket, key=key),
                details=person.details,
                method="group",
                is_another=person.is_another,
                has_consented=submission.has_consented,
                shown_notice_id=submission.shown_notice_id,
                roster_entry_id=person.roster_entry_id,
                actor=link.actor if link else None,
                door_link_id=link.id if link else None,
                group_sign_in_id=group_id,
            )
        )
    return requests


def _refuse_a_part(event: EventView, results: list[SignInResult]) -> None:
    """Refuse the whole when some got a place and some did not; where every walk-in waits, that is the rule."""
    waits = {result.state == "wait_listed" for result in results}
    if len(waits) > 1 and event.walk_in_policy != "wait_list":
        raise SignInRefused("full")


def _excuse(session: WriterSession, submission: Submission, absent: Absent) -> None:
    if absent.roster_entry_id is None or submission.link is None:
        return
    try:
        rosters.set_state.within(
            session,
            submission.event.id,
            absent.roster_entry_id,
            "excuse",
            actor=submission.link.actor,
            reason=absent.reason,
            key=submission.ticket.key,
        )
    except (Refused, Unknown):
        return  # came through another door, sent a substitute, or was taken off the roster meanwhile
