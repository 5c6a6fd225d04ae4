"""Signing in: every door ends here, and the database's constraints are the referees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.clock import utcnow
from kiosk.closed import Method, SignInState
from kiosk.extensions import from_driver_time
from kiosk.services import tallies
from kiosk.services.codes import key_digest
from kiosk.services.event import usual_times
from kiosk.services.fields import Details
from kiosk.services.refusals import SignInCode, SignInRefused
from kiosk.services.sign_in import door_rules, organisations, participants, places, questions
from kiosk.services.sign_in.places import Place
from kiosk.services.sign_in.questions import ListedPersonAsked, SamePersonAsked
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.sign_in.row_statements import (
    BY_ENTRY,
    BY_ID,
    BY_KEY,
    BY_PARTICIPANT,
    CLEAR_MINORS_AGAIN,
    INSERT,
    WAIT,
)
from kiosk.services.store.answered import noted
from kiosk.services.store.writer import WriterSession, unit

_ARRIVED: SignInState = "arrived"
# The doors at which nobody of staff stands: there a steward may have to confirm (docs/decisions/0025).
UNATTENDED: tuple[Method, ...] = ("self", "kiosk", "group")


class _Attempt:
    """One try to write one sign-in, inside the writer's transaction; what is asked of it often is worked out once."""

    def __init__(self, session: WriterSession, request: SignInRequest) -> None:
        self.session, self.request, self.event_id = session, request, request.event.id
        self.now = now = utcnow()
        self.rules = rules = door_rules.read(session, self.event_id, now)
        self.is_trial = is_trial = _is_trial(request, rules)
        self.idempotency_key = _key(request, is_trial=is_trial)
        self.organisation = organisation = _organisation(session, request.details)
        self.is_at_staff_s_door = request.actor is not None
        # Whether a steward has to confirm this sign-in before it counts as an arrival.
        self.is_unconfirmed = rules.needs_confirmation and request.method in UNATTENDED and not is_trial
        self.signed_in_at = signed_in_at = request.claimed_at or now
        self.is_late = rules.late_from is not None and signed_in_at > rules.late_from and not is_trial
        # What the statements ask by, of the person, the event and the organisation.
        self.values: dict[str, Any] = {
            **request.written,
            "event_id": self.event_id,
            "campaign_id": rules.campaign_id,
            "organisation_id": organisation.id,
            "root_id": organisation.root_id,
            "now": now,
        }


@unit(
    event=lambda request: request.event.id,
    shared=lambda request: organisations.named_by(request.details),
    ahead=SignInRequest.work_out,
    apart=lambda request: request.marks,
    is_quick=True,
)
@noted
def sign_in(session: WriterSession, request: SignInRequest) -> SignInResult:
    """Sign a person in and return the row, which is on disk when this was a unit of its own.

    Repeats return the first row: the same key always, another key when participants.match knows the person.
    A repeat of a key gets its answer although the event has closed or filled since. Raises SignInRefused,
    SamePersonAsked, ListedPersonAsked or WriterBusy. Within another unit, that one brings what `named_by` says.
    """
    attempt = _Attempt(session, request)
    refusal = _refusal(attempt)
    if refusal is not None:
        return _answer_or_refuse(attempt, refusal)
    if request.same_as is not None:
        return _same_as(attempt)
    place = _place(attempt)
    if (known := _ask_when_listed(attempt, place)) is not None:
        return known
    if place.is_walk_in and attempt.rules.walk_in_policy == "refuse" and not attempt.is_at_staff_s_door:
        return _answer_or_refuse(attempt, "not_listed")
    known = _ask_when_unsure(attempt, place)
    if known is not None:
        return known
    match = participants.match(session, attempt.values, attempt.organisation, request.known_participant_id)
    if session.driver.is_beside_others and _stands_already(attempt, match):
        return _first_one(attempt, match, place)
    place = places.fill_seat(session.driver, attempt.event_id, place, attempt.organisation)
    row = _insert(attempt, match.participant_id, place)
    if row is None or attempt.is_unconfirmed:
        places.free_seat(session.driver, place)
    if row is None:
        return _first_one(attempt, match, place)
    if not attempt.is_unconfirmed:  # the confirmation does, as the undo of a void (services/door/corrections)
        places.mark(session.driver, attempt.event_id, place, request.actor or "self")
    return _count(attempt, row, match, place)


def _stands_already(attempt: _Attempt, match: participants.Match) -> bool:
    """Say whether a repeat can be seen before it is tried: beside others the number that it took would be missing."""
    if match.is_new and attempt.values["mobile"] is not None:
        return False  # whoever has signed in with this mobile is no new one, unless made anonymous since
    values = {**attempt.values, "idempotency_key": attempt.idempotency_key, "participant_id": match.participant_id}
    driver = attempt.session.driver
    return bool(driver.first(BY_KEY, values) or (not match.is_new and driver.first(BY_PARTICIPANT, values)))


def _is_trial(request: SignInRequest, rules: door_rules.DoorRules) -> bool:
    """Say whether this is a trial: the opening ends them all, also of pages that were opened before it."""
    return request.ticket.is_trial and rules.phase == "early"


def _key(request: SignInRequest, *, is_trial: bool) -> str:
    # A page that made a trial and is sent again after the opening makes a sign-in that counts.
    return key_digest(f"trial {request.ticket.key}", request.details.as_body()) if is_trial else request.key


def _place(attempt: _Attempt) -> Place:
    request = attempt.request
    if not attempt.rules.has_roster or attempt.is_trial:
        return places.NOWHERE
    chosen = {"entry_id": request.roster_entry_id, "replaces_id": request.replaces_id}
    return places.find(attempt.session.driver, attempt.values, **chosen)


def _ask_when_listed(attempt: _Attempt, place: Place) -> SignInResult | None:
    """Raise ListedPersonAsked when a walk-in may be somebody expected; a retry of a key gets its answer instead."""
    if not (place.is_walk_in and attempt.request.asks_listed):
        return None
    namesake = questions.namesake(attempt.session.driver, attempt.values)
    if namesake is not None and (known := _by_key(attempt)) is None:
        raise ListedPersonAsked(namesake)
    return None if namesake is None else known


def _ask_when_unsure(attempt: _Attempt, place: Place) -> SignInResult | None:
    """Raise SamePersonAsked when only a name speaks for a repeat; a retry of a key gets its answer instead."""
    request = attempt.request
    is_told = request.is_another or request.known_participant_id is not None or attempt.is_trial
    if is_told or place.is_sure:
        return None
    proposal = participants.propose(attempt.session, attempt.values)
    if proposal is None:
        return None
    known = _by_key(attempt)
    if known is None:
        raise SamePersonAsked(proposal.sign_in_id, _moment(proposal.signed_in_at))
    return known


def _first_one(attempt: _Attempt, match: participants.Match, place: Place) -> SignInResult:
    """Return the sign-in that stands in the way: of this key, of this roster entry, of this person."""
    session = attempt.session
    participants.take_back(session, match)
    first = _by_key(attempt)
    if first is None and place.roster_entry_id is not None:
        row = session.driver.first(BY_ENTRY, {**attempt.values, "roster_entry_id": place.roster_entry_id})
        first = None if row is None else _repeat(attempt, row, is_own=False)
    return first or _by_participant(attempt, match)


def _refusal(attempt: _Attempt) -> SignInCode | None:
    rules = attempt.rules
    if rules.is_purged:
        return "closed"
    if attempt.is_at_staff_s_door:
        return None
    if rules.phase == "closed":
        return "closed"
    if rules.phase == "early" and not attempt.is_trial:
        return "not_open_yet"
    return rules.refuses_ticket(attempt.request.ticket, attempt.now)


def _answer_or_refuse(attempt: _Attempt, code: SignInCode) -> SignInResult:
    """Return the answer of a key that was used before; raise SignInRefused for a new one."""
    known = _by_key(attempt)
    if known is None:
        raise SignInRefused(code)
    return known


def _organisation(session: WriterSession, details: Details) -> organisations.Named:
    name = details.organisation_name
    return organisations.find(session, organisations.shared_key_of(name)) if name else organisations.NONE


@dataclass(frozen=True)
class _Written:
    """The row that was written, as it stands before its event is asked for a place."""

    id: int
    state: SignInState
    ordinal: int | None
    numbers: tallies.GivenNumbers  # which it was taken from


def _insert(attempt: _Attempt, participant_id: int, place: Place) -> _Written | None:
    """Write the row with its event's next numbers; None when it stands already, which takes none."""
    request, rules = attempt.request, attempt.rules
    driver, state = attempt.session.driver, _state(attempt, place)
    notice_id = door_rules.notice_seen(driver, rules, request.shown_notice_id)
    numbers = tallies.numbers_of(driver, attempt.event_id)
    revision, ordinal = numbers.take(is_ordinal=state == _ARRIVED and not attempt.is_trial)
    row = driver.first(
        INSERT,
        {
            **attempt.values,
            "participant_id": participant_id,
            "is_trial": attempt.is_trial,
            "is_late": attempt.is_late,
            "is_walk_in": place.is_walk_in,
            "state": state,
            "ordinal": ordinal,
            "revision": revision,
            "signed_in_at": attempt.signed_in_at,
            "method": request.method,
            "actor_id": request.staff_id,
            "device_link_id": request.device_link_id,
            "door_link_id": request.door_link_id,
            "group_sign_in_id": request.group_sign_in_id,
            "roster_entry_id": place.roster_entry_id,
            "roster_seats_id": place.roster_seats_id,
            "replaces_id": place.replaces_id,
            "idempotency_key": attempt.idempotency_key,
            "notice_id": notice_id,
            "notice_basis": rules.notice_basis,
            "consented_at": attempt.now if rules.needs_consent and request.has_consented else None,
            "spoken_code": request.ticket.spoken_code if request.method == "self" else request.spoken_code,
        },
    )
    if row is None:
        numbers.give_back(revision, ordinal)
        return None
    return _Written(int(row[0]), state, ordinal, numbers)


def _state(attempt: _Attempt, place: Place) -> SignInState:
    """Return the state in which the row begins: whoever may be refused a place is asked for one after it."""
    if attempt.is_trial:
        return _ARRIVED
    if attempt.rules.walk_in_policy == "wait_list" and place.is_walk_in and not attempt.is_at_staff_s_door:
        return "wait_listed"
    return "unconfirmed" if attempt.is_unconfirmed else _ARRIVED


def _count(attempt: _Attempt, row: _Written, match: participants.Match, place: Place) -> SignInResult:
    driver, event_id, request = attempt.session.driver, attempt.event_id, attempt.request
    if attempt.rules.are_minors_cleared and request.details.kind == "student":
        driver.execute(CLEAR_MINORS_AGAIN, {"event_id": event_id})
    state, ordinal = row.state, row.ordinal
    counted = tallies.Counted(
        kind=request.details.kind,
        signed_in_at=attempt.signed_in_at,
        is_late=attempt.is_late,
        is_walk_in=place.is_walk_in,
        organisation_id=attempt.organisation.id,
        answers=tallies.countable_answers(request.event.own_fields, dict(request.details.answers)),
        is_listed=place.is_listed,
        is_on_paper=request.method == "paper",
    )
    if attempt.is_trial:
        tallies.count_row(driver, event_id, trial=1)
    elif state == "wait_listed":
        tallies.count_row(driver, event_id, wait_listed=1)
    elif not _takes_a_place(attempt, place, counted):
        if attempt.rules.full_policy != "wait_list":
            raise SignInRefused("full")  # takes the row back with the unit of work
        row.numbers.give_back(None, ordinal)
        state, ordinal = "wait_listed", None
        driver.execute(WAIT, {"id": row.id})
        tallies.count_row(driver, event_id, wait_listed=1)
    elif state == _ARRIVED:
        tallies.count_details(driver, event_id, counted, 1)
        usual_times.begin_day(attempt.session, event_id, attempt.signed_in_at, attempt.rules.begins_day_in)
    return SignInResult(
        row.id,
        match.participant_id,
        ordinal,
        attempt.signed_in_at,
        is_repeat=False,
        is_own=True,
        has_typed_all=match.is_new or participants.is_all(attempt.session, match, attempt.values),
        state=state,
        is_trial=attempt.is_trial,
    )


def _takes_a_place(attempt: _Attempt, place: Place, counted: tallies.Counted) -> bool:
    """Count an arrival, or who waits to be one, unless the event is full; a listed person, a substitute and staff's
    hand are never refused."""
    rules = attempt.rules
    is_bound = not (place.is_listed or place.replaces_id is not None or attempt.is_at_staff_s_door)
    if attempt.is_unconfirmed:
        steps = tallies.unconfirmed_steps(place.roster_entry_id, 1)
    else:
        steps = {**tallies.arrival_steps(counted, 1), "ordinal": 1}
        for name, step in place.steps:
            steps[name] = steps.get(name, 0) + step
    return tallies.count_row(
        attempt.session.driver,
        attempt.event_id,
        capacity=rules.capacity if is_bound else None,
        keeps_free=rules.free_from is None or attempt.now < rules.free_from,
        **steps,
    )


def _by_key(attempt: _Attempt) -> SignInResult | None:
    row = attempt.session.driver.first(BY_KEY, {**attempt.values, "idempotency_key": attempt.idempotency_key})
    return None if row is None else _repeat(attempt, row, is_own=True)


def _by_participant(attempt: _Attempt, match: participants.Match) -> SignInResult:
    row = attempt.session.driver.first(BY_PARTICIPANT, {**attempt.values, "participant_id": match.participant_id})
    if row is None:
        raise LookupError("a sign-in conflicted and was not found")
    return _repeat(attempt, row, is_own=False)


def _same_as(attempt: _Attempt) -> SignInResult:
    row = attempt.session.driver.first(BY_ID, {"event_id": attempt.event_id, "id": attempt.request.same_as})
    if row is None:
        raise SignInRefused("withdrawn")
    return _repeat(attempt, row, is_own=False)


def _repeat(attempt: _Attempt, row: tuple[Any, ...], *, is_own: bool) -> SignInResult:
    sign_in_id, ordinal, signed_in_at, state, is_trial, voided_at, name_key = row
    if voided_at is not None:
        raise SignInRefused("not_confirmed" if state == "unconfirmed" else "withdrawn")
    return SignInResult(
        int(sign_in_id), None, ordinal, _moment(signed_in_at), is_repeat=True, is_own=is_own,
        by_name=name_key == attempt.request.details.name_key, state=state, is_trial=bool(is_trial),
    )  # fmt: skip


def _moment(value: Any) -> datetime:
    moment = from_driver_time(value)
    if moment is None:
        raise ValueError("a sign-in without a time")
    return moment
