"""Hand work (docs/product.md 2.4): what staff at the dashboard and stewards at a door do for somebody.

Both doors call these functions. Every act has a Hand: who, and a key that the page brings along, so that an act
sent again after a lost answer is the same act. The audit entry is written in the act's own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import false, select

from kiosk.clock import utcnow
from kiosk.closed import Direction, Kind
from kiosk.extensions import db
from kiosk.models import Event, SignIn
from kiosk.person_fields import COLUMNS
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import Ticket, new_token
from kiosk.services.door import corrections, ticks
from kiosk.services.door.corrections import Correction
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FIELDS, ORGANISATION_TYPE, Details, FormField, form_fields
from kiosk.services.names import key_of, mask_name, name_key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.refusals import SignInRefused, Unknown
from kiosk.services.roster import rosters
from kiosk.services.sign_in import movements, organisations, places, sign_ins
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.store.rows import known
from kiosk.services.store.writer import SharedRow, WriterSession, unit


@dataclass(frozen=True)
class Done:
    """What an act came to. `code` is signed_in, repeat, voided, restored, admitted, confirmed, confirmed_group,
    refused, unconfirmed, left, is_back, sent, unsent, excused, expected, ticked, unticked, corrected, or of
    services/door/ties tied, separated, differ, undiffer; overtaken is an act that waited on a phone without a network
    while somebody did the opposite, later. The name is for the screen of whoever acted."""

    code: str
    name: str
    sign_in_id: int | None = None
    entry_id: int | None = None
    ordinal: int | None = None
    signed_in_at: datetime | None = None
    label: str | None = None
    count: int = 0  # of a group


def new_key() -> str:
    """Return a fresh key for one act of one page."""
    return new_token()[:20]


def sign_in_entry(event: EventView, entry_id: int, hand: Hand) -> Done:
    """Sign in somebody of the roster; raise Unknown or Refused."""
    entry = rosters.entry(event.id, entry_id)
    request = request_of(event, entry.details(), hand)
    return _sign_in(replace(request, roster_entry_id=entry_id, is_another=True), hand)


def sign_in_walk_in(
    event: EventView,
    details: Details,
    hand: Hand,
    *,
    replaces_id: int | None = None,
    is_another: bool = False,
    same_as: int | None = None,
    spoken_code: str | None = None,
) -> Done:
    """Sign in somebody by what they say; with `replaces_id` in the place of an expected person (替会). `spoken_code` is
    what their phone said that had no network: what it sends later means this sign-in.

    Raises Refused, or questions.SamePersonAsked, which `is_another` and `same_as` answer.
    """
    request = request_of(event, details, hand)
    request = replace(request, replaces_id=replaces_id, is_another=is_another, same_as=same_as, spoken_code=spoken_code)
    return _sign_in(request, hand)


def void(event_id: int, sign_in_id: int, hand: Hand, *, reason: str | None = None) -> Done:
    """Take a sign-in back, leaving a trace."""
    return _correct("voided", corrections.void, sign_in_id, hand, event_id=event_id, reason=reason)


def restore(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Undo a void."""
    return _correct("restored", corrections.restore, sign_in_id, hand, event_id=event_id)


def admit(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Let in somebody who waits."""
    return _correct("admitted", corrections.admit, sign_in_id, hand, event_id=event_id)


def confirm(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Let a sign-in that waits for a steward count."""
    return _correct("confirmed", corrections.confirm, sign_in_id, hand, event_id=event_id)


def refuse(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Take back a sign-in that waits for a steward; `restore` lets it wait again."""
    return _correct("refused", corrections.refuse, sign_in_id, hand, event_id=event_id)


def unconfirm(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Take a confirmation back."""
    return _correct("unconfirmed", corrections.unconfirm, sign_in_id, hand, event_id=event_id)


def let_out(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Sign somebody out."""
    return _move(event_id, sign_in_id, "out", hand)


def let_in(event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Let somebody in again who had left."""
    return _move(event_id, sign_in_id, "in", hand)


def excuse(event_id: int, entry_id: int, hand: Hand, *, reason: str | None = None) -> Done:
    """Keep that an expected person asked leave, and why."""
    return _set_state(event_id, entry_id, "excuse", hand, reason)


def expect(event_id: int, entry_id: int, hand: Hand) -> Done:
    """Take a leave back: the person is expected again."""
    return _set_state(event_id, entry_id, "expect", hand, None)


def set_tick(event_id: int, sign_in_id: int, label: str, hand: Hand, *, is_ticked: bool) -> Done:
    """Tick or untick what was handed out."""
    name, stands = ticks.set_tick(event_id, sign_in_id, label, is_ticked=is_ticked, hand=hand)
    code = ("ticked" if is_ticked else "unticked") if stands else "overtaken"
    return Done(code, name, sign_in_id=sign_in_id, label=label)


def door_fields(event: EventView, kind: Kind) -> tuple[FormField, ...]:
    """Return the event's form as a steward fills it in: only the name, and where from, must be known."""
    known = ("name", "organisation_name")
    return tuple(
        replace(field, is_required=field.is_required and field.column in known) for field in event.fields_by_kind[kind]
    )


def correction_fields(kind: Kind) -> tuple[FormField, ...]:
    """Return what can be corrected of a sign-in of this kind."""
    modes = {f"{field.kind}.{field.key}": "optional" for field in FIELDS}
    return form_fields(kind, modes, ())


def correct(event: EventView, sign_in_id: int, changes: Mapping[str, str | None], hand: Hand) -> Done:
    """Correct what was written at the door; the tallies and an organisation's seats follow.

    `changes` are columns of the snapshot, normalised as fields.parse gives them. The participant's record in the
    campaign stays. Raises Unknown.
    """
    wanted = {column: changes[column] for column in COLUMNS if column in changes}
    kind = db.session.scalar(select(SignIn.kind).where(SignIn.id == sign_in_id, SignIn.event_id == event.id))
    if kind is None:
        raise Unknown("sign-in", sign_in_id)
    return _correct_row(event.id, kind, sign_in_id, wanted, hand)


def _named_anew(_event_id: int, kind: str, _sign_in_id: int, wanted: Mapping[str, Any], _hand: Hand) -> list[SharedRow]:
    name = wanted.get("organisation_name")
    return [organisations.shared_row(name, ORGANISATION_TYPE[kind])] if name else []


@unit(shared=_named_anew)
def _correct_row(
    session: WriterSession, event_id: int, kind: str, sign_in_id: int, wanted: Mapping[str, Any], hand: Hand
) -> Done:
    row, event = known(session, SignIn, sign_in_id), session.get_one(Event, event_id)
    refuse_cleared(session, event_id)
    subject = f"sign_in:{row.id}"
    changed = [column for column, value in wanted.items() if getattr(row, column) != value]
    if changed and not audit.was_done(session, hand, "sign_in.correct", event_id, subject):
        _write_correction(session, row, event, {column: wanted[column] for column in changed})
        corrections.trace(session, row, "correct", changed, hand)
        log = {"name": mask_name(row.name), "fields": changed, **hand.log}
        audit.record(session, hand.actor, "sign_in.correct", event_id=event_id, subject=subject, changed=log)
    return Done("corrected", row.name, sign_in_id=row.id, ordinal=row.ordinal, signed_in_at=row.signed_in_at)


def request_of(event: EventView, details: Details, hand: Hand) -> SignInRequest:
    """Return what a hand asks for somebody, by what they say; the act's key is the sign-in's."""
    return SignInRequest(
        event=event,
        ticket=Ticket(event.id, utcnow(), hand.key or new_key()),
        details=details,
        method="steward",
        actor=hand.actor,
        staff_id=hand.staff_id,
        door_link_id=hand.door_link_id,
        claimed_at=hand.at,
    )


@unit(
    event=lambda request, *_: request.event.id,
    shared=lambda request, *_: organisations.named_by(request.details),
)
def sign_in_logged(session: WriterSession, request: SignInRequest, hand: Hand, action: str) -> SignInResult:
    """Sign somebody in, and keep in the log who did it for them, whether or not they were here already.

    Raises what sign_ins.sign_in does, or SignInRefused("voided_since").
    """
    result = sign_ins.sign_in.within(session, request)
    if not result.is_repeat:
        _refuse_voided_since(session, request, hand, result)
    elif request.method == "paper" or result.is_own:
        return result
    else:
        action, result = corrections.AGAIN, _first_of_both(session, request, hand, result)
    subject, who = f"sign_in:{result.sign_in_id}", {"name": mask_name(request.details.name), **hand.log}
    audit.record(session, hand.actor, action, event_id=request.event.id, subject=subject, changed=who)
    return result


def _refuse_voided_since(session: WriterSession, request: SignInRequest, hand: Hand, result: SignInResult) -> None:
    """Refuse a sign-in that waited on a phone without a network while the one that stood then was taken back: whoever
    did that knew of somebody who was here."""
    if hand.at is None:
        return
    row = session.get_one(SignIn, result.sign_in_id)
    is_entry = SignIn.roster_entry_id == row.roster_entry_id if row.roster_entry_id is not None else false()
    is_person = (SignIn.participant_id == row.participant_id) | is_entry
    since = (SignIn.signed_in_at <= hand.at, SignIn.voided_at > hand.at, ~SignIn.is_trial)
    of_event = (SignIn.event_id == row.event_id, SignIn.id != row.id)
    if session.scalar(select(SignIn.id).where(*of_event, is_person, *since).limit(1)) is not None:
        raise SignInRefused("voided_since")  # takes the row back with the unit of work


def _first_of_both(session: WriterSession, request: SignInRequest, hand: Hand, result: SignInResult) -> SignInResult:
    """Let a sign-in stand at the earlier of two times when the hand's came later than it was done."""
    row = session.get_one(SignIn, result.sign_in_id)
    if hand.at is None or hand.at >= row.signed_in_at:
        return result
    corrections.move_time(session, row, session.get_one(Event, request.event.id), hand.at)
    corrections.trace(session, row, "correct", ["signed_in_at"], hand)
    return replace(result, signed_in_at=hand.at)


def _sign_in(request: SignInRequest, hand: Hand) -> Done:
    result = sign_in_logged(request, hand, "sign_in.by_hand")
    if result.state == "unconfirmed":  # they signed in themselves, and staff who sign them in confirm them
        return confirm(request.event.id, result.sign_in_id, hand)
    return Done(
        # The same key again is the same act, whose answer was lost; another key is somebody who is here already.
        "signed_in" if result.is_own else "repeat",
        request.details.name,
        sign_in_id=result.sign_in_id,
        entry_id=request.roster_entry_id,
        ordinal=result.ordinal,
        signed_in_at=result.signed_in_at,
    )


def _move(event_id: int, sign_in_id: int, direction: Direction, hand: Hand) -> Done:
    moved = movements.move(event_id, sign_in_id, direction, hand, method="steward")
    return Done("left" if direction == "out" else "is_back", moved.name, sign_in_id=sign_in_id, signed_in_at=moved.at)


def _correct(code: str, change: Callable[..., Correction], sign_in_id: int, hand: Hand, **about: Any) -> Done:
    done = change(sign_in_id, staff_id=hand.staff_id, hand=hand, **about)
    is_here = done.voided_at is None
    return Done(
        "overtaken" if done.is_overtaken else code,
        done.name,
        sign_in_id=sign_in_id,
        ordinal=done.ordinal if is_here else None,
        signed_in_at=done.signed_in_at if is_here else None,
    )


def _set_state(event_id: int, entry_id: int, change: rosters.Change, hand: Hand, reason: str | None) -> Done:
    stands = rosters.set_state(event_id, entry_id, change, actor=hand.actor, reason=reason, key=hand.key, at=hand.at)
    name = rosters.entry(event_id, entry_id).name
    code = ("excused" if change == "excuse" else "expected") if stands else "overtaken"
    return Done(code, name, entry_id=entry_id)


def _write_correction(session: WriterSession, row: SignIn, event: Event, changes: Mapping[str, Any]) -> None:
    """Write the new snapshot, and count the arrival as what it now is."""
    is_counted = row.has_arrived
    before = tallies.counted_of(row, event.own_fields)
    for column, value in changes.items():
        setattr(row, column, value)
    row.name_key = name_key_of(row.name)
    row.search_key = search_key_of(row)
    if "organisation_name" in changes:
        named = row.organisation_name
        organisation = organisations.find(session, key_of(named)) if named else organisations.NONE
        row.organisation_id = organisation.id
        _move_seat(session, row, organisation, is_counted=is_counted)
    after = tallies.counted_of(row, event.own_fields)
    steps: dict[str, Any] = {}
    if is_counted and before != after:
        tallies.count_details(session.driver, event.id, before, -1)
        tallies.count_details(session.driver, event.id, after, 1)
        steps = {"walk_ins": after.is_walk_in - before.is_walk_in, "listed_arrived": after.is_listed - before.is_listed}
    row.revision = tallies.change(session.driver, event.id, **steps) or 0


def _move_seat(session: WriterSession, row: SignIn, organisation: organisations.Named, *, is_counted: bool) -> None:
    """Give back the old organisation's seat and take one of the new one's, where it has one free."""
    if row.roster_entry_id is not None or row.replaces_id is not None:
        return
    has_seat = row.roster_seats_id is not None
    if not is_counted:  # it fills no seat now
        row.roster_seats_id, row.is_walk_in = None, row.is_walk_in or has_seat
        return
    if has_seat:
        session.driver.execute(places.MOVE_SEAT, {"id": row.roster_seats_id, "step": -1})
    if not has_seat and not row.is_walk_in:
        return  # without a roster nobody is a walk-in
    place = places.fill_seat(session.driver, row.event_id, places.Place(is_walk_in=True), organisation)
    row.roster_seats_id, row.is_walk_in = place.roster_seats_id, place.is_walk_in
