"""What the page after a sign-in may show, and what a phone may remember."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Organisation, Participant, RosterEntry, RosterSeats, SignIn
from kiosk.person_fields import OF_PARTICIPANT
from kiosk.services import codes
from kiosk.services.codes import BadToken, Receipt, Token
from kiosk.services.fields import FIELDS
from kiosk.services.sign_in.requests import SignInResult

NAME_STAYS = timedelta(days=7)  # on a receipt; its address lives on in the phone's history
REMEMBERS = timedelta(days=60)
# The participant; whether the phone typed four digits only; until when, in seconds since 1970.
ME = Token[int, bool, int]("me", int, bool, int)
# For one event: a success page on its station, and until when it is shown, in seconds since 1970.
AT_STATION = Token[str, int]("at_station", str, int)
STATION_SHOWS = timedelta(seconds=20)  # whoever goes back to it later, by the browser's history, finds the start


@dataclass(frozen=True)
class ReceiptView:
    """A sign-in as its own phone, or a repeat's, may see it."""

    event_code: str
    kind: str
    name: str | None  # None when this phone did not type it, and after a week
    ordinal: int | None  # None for a repeat from elsewhere, a trial, and while it waits
    signed_in_at: datetime
    is_own: bool
    is_kiosk: bool
    is_voided: bool
    is_trial: bool
    is_wait_listed: bool
    is_unconfirmed: bool  # a steward has to confirm it; void as well: one has refused it
    is_walk_in: bool
    is_cleared: bool  # made anonymous since (services/privacy)
    left_at: datetime | None  # signed out, and not come back; for the own phone only
    # From the roster, for the own phone and a week only: what a steward reads at arm's length.
    group_name: str | None
    seat: str | None
    bus: str | None

    @property
    def state(self) -> str:
        """Say in a word how it stands: void, refused, unconfirmed, or else arrived, for the page that waits."""
        if self.is_unconfirmed:
            return "refused" if self.is_voided else "unconfirmed"
        return "void" if self.is_voided else "arrived"


@dataclass(frozen=True)
class Remembered:
    """The person whom this phone signed in before, as the form's fields."""

    participant_id: int
    kind: str
    name: str
    organisation_name: str | None
    mobile: str | None
    values: tuple[tuple[str, str], ...]  # by the field's key
    is_looked_up: bool = False  # the phone never typed these values: it sees them masked


def address_of(result: SignInResult, *, is_kiosk: bool) -> str:
    """Return the unguessable end of the success page's address."""
    return codes.make_receipt(Receipt(result.sign_in_id, result.is_own, result.by_name, is_kiosk))


def address_at_station(event_id: int, result: SignInResult, shows: timedelta = STATION_SHOWS) -> str:
    """Return the end of the address of a station's success page, which is nobody's any more after a moment."""
    return at_station(event_id, address_of(result, is_kiosk=True), shows)


def at_station(event_id: int, token: str, shows: timedelta = STATION_SHOWS) -> str:
    """Return the end of an address on a station for a receipt, for so long."""
    return AT_STATION.sign(event_id, token, int((utcnow() + shows).timestamp()))


def shown_at_station(event_id: int, token: str) -> str | None:
    """Return which success page a station's address stands for; None once its moment is over."""
    held = AT_STATION.find(event_id, token)
    return held[0] if held is not None and utcnow().timestamp() < held[1] else None


def read(token: str) -> ReceiptView | None:
    """Return what the address stands for; None when it was not made here or its row is gone."""
    try:
        receipt = codes.read_receipt(token)
    except BadToken:
        return None
    statement = (
        select(SignIn, Event.code, RosterEntry, RosterSeats.group_name)
        .join(Event, Event.id == SignIn.event_id)
        .join(RosterEntry, RosterEntry.id == func.coalesce(SignIn.roster_entry_id, SignIn.replaces_id), isouter=True)
        .join(RosterSeats, RosterSeats.id == SignIn.roster_seats_id, isouter=True)
    )
    row = db.session.execute(statement.where(SignIn.id == receipt.sign_in_id)).first()
    if row is None:
        return None
    sign_in, code, entry, group_of_seats = row
    is_fresh = utcnow() - sign_in.received_at < NAME_STAYS
    is_owner = receipt.is_own and is_fresh
    is_unconfirmed = sign_in.state == "unconfirmed"
    place = entry if is_owner and not is_unconfirmed else None
    return ReceiptView(
        event_code=code,
        kind=sign_in.kind,
        name=sign_in.name if is_fresh and (receipt.is_own or receipt.shows_name) else None,
        ordinal=sign_in.ordinal if receipt.is_own and not is_unconfirmed else None,
        signed_in_at=sign_in.signed_in_at,
        is_own=receipt.is_own,
        is_kiosk=receipt.is_kiosk,
        is_voided=sign_in.voided_at is not None,
        is_trial=sign_in.is_trial,
        is_wait_listed=sign_in.state == "wait_listed",
        is_unconfirmed=is_unconfirmed,
        is_walk_in=sign_in.is_walk_in,
        is_cleared=not sign_in.name,
        left_at=sign_in.left_at if receipt.is_own else None,
        group_name=place.group_name if place else (group_of_seats if is_owner and not is_unconfirmed else None),
        seat=place.seat if place else None,
        bus=place.bus if place else None,
    )


def of_phone(token: str) -> ReceiptView | None:
    """Return what a phone's success page stands for; a station's is at an address of its own (`shown_at_station`)."""
    receipt = read(token)
    return None if receipt is None or receipt.is_kiosk else receipt


def standing(token: str, event_code: str) -> ReceiptView | None:
    """Return the sign-in at this event that a phone keeps, while it counts and its phone may still be told of it."""
    receipt = read(token)
    if receipt is None or receipt.event_code != event_code or receipt.is_trial or receipt.is_kiosk:
        return None
    is_gone = receipt.is_voided or receipt.is_cleared or (receipt.is_own and receipt.name is None)
    return None if is_gone else receipt


def is_own_of(token: str, sign_in_id: int) -> bool:
    """Say whether an address stands for this sign-in, on the phone that made it."""
    try:
        receipt = codes.read_receipt(token)
    except BadToken:
        return False
    return receipt.is_own and receipt.sign_in_id == sign_in_id


def remember(participant_id: int, *, is_looked_up: bool = False) -> str:
    """Return what a phone may keep for sixty days: a signed id, no detail of the person.

    `is_looked_up`: the phone typed four digits and not the details, so it never sees them unmasked either.
    """
    return ME.sign(None, participant_id, is_looked_up, int((utcnow() + REMEMBERS).timestamp()))


def remembered(token: str | None) -> Remembered | None:
    """Return the person whom the phone's cookie means, or None."""
    if not token:
        return None
    try:
        participant_id, is_looked_up, until = ME.read(None, token)
    except BadToken:
        return None
    if until < utcnow().timestamp():
        return None
    statement = select(Participant, Organisation.name).join(Organisation, isouter=True)
    row = db.session.execute(statement.where(Participant.id == participant_id)).first()
    if row is None or not row[0].name:  # made anonymous since (services/privacy)
        return None
    person, organisation_name = row
    columns = {"organisation_name": organisation_name} | {name: getattr(person, name) for name in OF_PARTICIPANT}
    values = tuple(
        (field.key, str(columns[field.column]))
        for field in FIELDS
        if field.kind == person.kind and columns[field.column]
    )
    return Remembered(person.id, person.kind, person.name, organisation_name, person.mobile, values, is_looked_up)
