"""Signing in: every door ends here, and the database's constraints are the referees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.clock import utcnow
from kiosk.extensions import from_driver_time
from kiosk.services import organisations, participants, tallies
from kiosk.services.codes import Ticket, key_digest
from kiosk.services.event_views import EventView, late_from, phase_of
from kiosk.services.fields import ORGANISATION_TYPE, Details
from kiosk.services.names import key_of
from kiosk.services.statements import Statement
from kiosk.services.writer import SharedRow, WriterSession, run

REFUSALS = ("not_open_yet", "closed", "full", "withdrawn", "ticket_expired", "unknown_person")

RULES = Statement(
    """SELECT opens_at, closes_at, closed_by_hand_at, archived_at, starts_at, late_after_minutes, capacity,
        full_policy, tickets_from, notice_id, notice_basis
    FROM event WHERE id = :event_id"""
)
BY_KEY = Statement(
    """SELECT id, ordinal, signed_in_at, state, is_trial, voided_at FROM sign_in
    WHERE event_id = :event_id AND idempotency_key = :idempotency_key"""
)
BY_PARTICIPANT = Statement(
    """SELECT id, ordinal, signed_in_at, state, is_trial, voided_at FROM sign_in
    WHERE event_id = :event_id AND participant_id = :participant_id AND voided_at IS NULL AND NOT is_trial"""
)
BY_ID = Statement(
    """SELECT id, ordinal, signed_in_at, state, is_trial, voided_at FROM sign_in
    WHERE event_id = :event_id AND id = :id AND voided_at IS NULL"""
)
INSERT = Statement(
    """INSERT INTO sign_in (event_id, participant_id, organisation_id, kind, name, name_key, organisation_name,
        class_name, student_no, job_title, identity, mobile, answers, state, is_trial, is_late, is_walk_in, ordinal,
        revision, signed_in_at, received_at, method, device_link_id, idempotency_key, notice_id, consented_at)
    VALUES (:event_id, :participant_id, :organisation_id, :kind, :name, :name_key, :organisation_name,
        :class_name, :student_no, :job_title, :identity, :mobile, :answers, 'arrived', :is_trial, :is_late, false,
        CASE WHEN :ordinal = 1 THEN (SELECT ordinal + 1 FROM event_counter WHERE event_id = :event_id) END,
        (SELECT revision + 1 FROM event_counter WHERE event_id = :event_id),
        :now, :now, :method, :device_link_id, :idempotency_key, :notice_id, :consented_at)
    ON CONFLICT DO NOTHING RETURNING id, ordinal"""
)
WAIT = Statement("UPDATE sign_in SET state = 'wait_listed', ordinal = NULL WHERE id = :id")


class SignInRefused(Exception):
    """A refusal by one of REFUSALS; templates have its words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SamePersonAsked(Exception):
    """Somebody of this name signed in before: the person must say whether that was them."""

    def __init__(self, sign_in_id: int, signed_in_at: datetime) -> None:
        super().__init__("a person of this name has signed in")
        self.sign_in_id = sign_in_id
        self.signed_in_at = signed_in_at


@dataclass(frozen=True)
class SignInRequest:
    """One person at one door. `same_as` and `is_another` answer the question of SamePersonAsked."""

    event: EventView
    ticket: Ticket
    details: Details
    method: str = "self"
    known_participant_id: int | None = None
    same_as: int | None = None
    is_another: bool = False
    has_consented: bool = False
    device_link_id: int | None = None


@dataclass(frozen=True)
class SignInResult:
    """The row this request means: new, or the first one again."""

    sign_in_id: int
    participant_id: int | None  # None for a repeat: its phone is told nothing more
    ordinal: int | None
    signed_in_at: datetime
    is_repeat: bool
    is_own: bool  # made by this very key
    by_name: bool = True  # the name was part of what matched
    state: str = "arrived"
    is_trial: bool = False


@dataclass(frozen=True)
class _Rules:
    """The event's rules as they stand in this transaction."""

    phase: str
    late_from: datetime | None
    capacity: int | None
    full_policy: str
    tickets_from: datetime | None
    notice_id: int | None
    needs_consent: bool


def sign_in(request: SignInRequest) -> SignInResult:
    """Sign a person in and return the row, which is on disk.

    Repeats return the first row: the same key always, another key when participants.match knows the person.
    A repeat of a key gets its answer although the event has closed or filled since. Raises SignInRefused,
    SamePersonAsked, or WriterBusy.
    """
    details = request.details
    shared: tuple[SharedRow, ...] = ()
    if details.organisation_name:
        shared = (organisations.shared_row(details.organisation_name, ORGANISATION_TYPE[details.kind]),)
    return run(lambda session: _write(session, request), event_id=request.event.id, shared=shared)


def sign_in_within(session: WriterSession, request: SignInRequest) -> SignInResult:
    """Do what sign_in does inside a unit of work that is being written already, for many people at once.

    Organisations must be in the directory before. Raises like sign_in, and the whole unit is taken back.
    """
    return _write(session, request)


def _write(session: WriterSession, request: SignInRequest) -> SignInResult:
    now = utcnow()
    idempotency_key = key_digest(request.ticket.key, request.details.as_body())
    rules = _rules(session, request.event.id, now)
    refusal = _refusal(rules, request.ticket)
    if refusal is not None:
        return _by_key(session, request, idempotency_key) or _refuse(refusal)
    organisation_id = _organisation_id(session, request.details)
    if request.same_as is not None:
        return _same_as(session, request)
    proposal = (
        None
        if request.is_another
        else participants.propose(session, request.event.id, request.details, organisation_id)
    )
    if proposal is not None and request.known_participant_id is None and not request.ticket.is_trial:
        known = _by_key(session, request, idempotency_key)
        if known is None:
            raise SamePersonAsked(proposal.sign_in_id, _moment(proposal.signed_in_at))
        return known
    match = participants.match(
        session, request.event.campaign_id, request.details, organisation_id, request.known_participant_id
    )
    row = _insert(session, request, rules, match.participant_id, organisation_id, idempotency_key, now)
    if row is None:
        participants.take_back(session, match)
        return _by_key(session, request, idempotency_key) or _by_participant(session, request, match)
    return _count(session, request, rules, row, match.participant_id, organisation_id, now)


def _rules(session: WriterSession, event_id: int, now: datetime) -> _Rules:
    row = session.driver.known.get(("rules", event_id))
    if row is None:
        row = session.driver.first(RULES, {"event_id": event_id})
    if row is None:
        raise SignInRefused("closed")
    session.driver.known["rules", event_id] = row
    opens_at, closes_at, closed_by_hand_at, archived_at, starts_at = (from_driver_time(value) for value in row[:5])
    late_after_minutes, capacity, full_policy, tickets_from, notice_id, notice_basis = row[5:]
    return _Rules(
        phase=phase_of(now, opens_at, closes_at, closed_by_hand_at, archived_at),
        late_from=late_from(starts_at, late_after_minutes),
        capacity=capacity,
        full_policy=full_policy,
        tickets_from=from_driver_time(tickets_from),
        notice_id=notice_id,
        needs_consent=notice_basis == "consent",
    )


def _refusal(rules: _Rules, ticket: Ticket) -> str | None:
    if rules.phase == "closed":
        return "closed"
    if rules.phase == "early" and not ticket.is_trial:
        return "not_open_yet"
    if rules.tickets_from is not None and ticket.issued_at < rules.tickets_from:
        return "ticket_expired"
    return None


def _refuse(code: str) -> SignInResult:
    raise SignInRefused(code)


def _organisation_id(session: WriterSession, details: Details) -> int | None:
    if not details.organisation_name:
        return None
    return organisations.find_id(session, key_of(details.organisation_name))


def _insert(
    session: WriterSession,
    request: SignInRequest,
    rules: _Rules,
    participant_id: int,
    organisation_id: int | None,
    idempotency_key: str,
    now: datetime,
) -> tuple[Any, ...] | None:
    details = request.details
    is_trial = request.ticket.is_trial
    return session.driver.first(
        INSERT,
        {
            "event_id": request.event.id,
            "participant_id": participant_id,
            "organisation_id": organisation_id,
            "kind": details.kind,
            "name": details.name,
            "name_key": key_of(details.name)[:60],
            "organisation_name": details.organisation_name,
            "class_name": details.class_name,
            "student_no": details.student_no,
            "job_title": details.job_title,
            "identity": details.identity,
            "mobile": details.mobile,
            "answers": json.dumps(dict(details.answers), ensure_ascii=False),
            "is_trial": is_trial,
            "is_late": _is_late(rules, now) and not is_trial,
            "ordinal": int(not is_trial),
            "now": now,
            "method": request.method,
            "device_link_id": request.device_link_id,
            "idempotency_key": idempotency_key,
            "notice_id": rules.notice_id,
            "consented_at": now if rules.needs_consent and request.has_consented else None,
        },
    )


def _is_late(rules: _Rules, now: datetime) -> bool:
    return rules.late_from is not None and now > rules.late_from


def _count(
    session: WriterSession,
    request: SignInRequest,
    rules: _Rules,
    row: tuple[Any, ...],
    participant_id: int,
    organisation_id: int | None,
    now: datetime,
) -> SignInResult:
    driver, event_id = session.driver, request.event.id
    sign_in_id, ordinal = int(row[0]), row[1]
    state = "arrived"
    counted = tallies.Counted(
        kind=request.details.kind,
        signed_in_at=now,
        is_late=_is_late(rules, now),
        is_walk_in=False,
        organisation_id=organisation_id,
        answers=tallies.countable_answers(request.event.own_fields, dict(request.details.answers)),
    )
    if request.ticket.is_trial:
        tallies.change(driver, event_id, trial=1)
    elif tallies.change(driver, event_id, capacity=rules.capacity, ordinal=1, **tallies.arrival_steps(counted, 1)):
        tallies.count_details(driver, event_id, counted, 1)
    elif rules.full_policy == "wait_list":
        driver.execute(WAIT, {"id": sign_in_id})
        tallies.change(driver, event_id, wait_listed=1)
        state, ordinal = "wait_listed", None
    else:
        raise SignInRefused("full")  # takes the row back with the unit of work
    return SignInResult(
        sign_in_id,
        participant_id,
        ordinal,
        now,
        is_repeat=False,
        is_own=True,
        state=state,
        is_trial=request.ticket.is_trial,
    )


def _by_key(session: WriterSession, request: SignInRequest, idempotency_key: str) -> SignInResult | None:
    values = {"event_id": request.event.id, "idempotency_key": idempotency_key}
    row = session.driver.first(BY_KEY, values)
    return None if row is None else _repeat(row, is_own=True)


def _by_participant(session: WriterSession, request: SignInRequest, match: participants.Match) -> SignInResult:
    values = {"event_id": request.event.id, "participant_id": match.participant_id}
    row = session.driver.first(BY_PARTICIPANT, values)
    if row is None:
        raise LookupError("a sign-in conflicted and was not found")
    return _repeat(row, is_own=False, by_name=match.by_name)


def _same_as(session: WriterSession, request: SignInRequest) -> SignInResult:
    row = session.driver.first(BY_ID, {"event_id": request.event.id, "id": request.same_as})
    if row is None:
        raise SignInRefused("withdrawn")
    return _repeat(row, is_own=False)


def _repeat(row: tuple[Any, ...], *, is_own: bool, by_name: bool = True) -> SignInResult:
    sign_in_id, ordinal, signed_in_at, state, is_trial, voided_at = row
    if voided_at is not None:
        raise SignInRefused("withdrawn")
    return SignInResult(
        int(sign_in_id), None, ordinal, _moment(signed_in_at), is_repeat=True, is_own=is_own, by_name=by_name, state=state,
        is_trial=bool(is_trial),
    )  # fmt: skip


def _moment(value: Any) -> datetime:
    moment = from_driver_time(value)
    if moment is None:
        raise ValueError("a sign-in without a time")
    return moment
