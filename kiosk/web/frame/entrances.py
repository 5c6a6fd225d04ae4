"""How a phone is let in by the digits of a rotating code, on the pages of an event (docs/product.md 2.6).

Whoever typed them is led to an address that says so, signed and for ten minutes; the tickets of its forms say so too,
and services/sign_in judges that when one first arrives. A form that is too late asks for the digits beside what was
typed, and one submit does both. No cookie and no script is needed, and the digits stand in no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, request

from kiosk.clock import utcnow
from kiosk.services import codes, refusal_words
from kiosk.services.codes import Ticket, Token
from kiosk.services.door import digits
from kiosk.services.door.digits import DigitsOfTwoChanges
from kiosk.services.event import rotation
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Code, Refused
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.tickets import ENTRANCE, find_ticket

DIGITS, PROOF = "digits", "earlier"  # fields: the six digits; the signed text that those of a change before were right
MOST_TYPED = 40
# For one event: when the phone's first page was opened, and the digits were right, in milliseconds since 1970.
LET_IN = Token[int, int](ENTRANCE, int, int)


@dataclass(frozen=True)
class Entrance:
    """That a phone was let in by the digits."""

    opened_at: datetime
    let_in_at: datetime
    token: str


@dataclass(frozen=True)
class DigitsField:
    """The field for the digits: what is wrong with what was typed there, and the proof of an earlier change."""

    problem: Code | None = None
    proof: str = ""

    @property
    def errors(self) -> dict[str, str]:
        """Return what is said of it, by the field's name, as forms show it."""
        return {} if self.problem is None else {DIGITS: refusal_words.say(self.problem, "phone")}


def entrance(event: EventView) -> Entrance | None:
    """Return how this phone was let in, by its address or by the ticket of its form; None where it was not, where that
    is too long ago, or where nobody need be."""
    if event.rotate_seconds is None:
        return None
    if "kiosk_entrance" not in g:
        g.kiosk_entrance = _entrance(event)
    passed: Entrance | None = g.kiosk_entrance
    return passed


def is_kept_out(event: EventView) -> bool:
    """Say whether this phone must type the digits before it gets a form."""
    return event.rotate_seconds is not None and event.phase(utcnow()) == "open" and entrance(event) is None


def fresh_ticket(event: EventView, **flags: Any) -> Ticket:
    """Return a ticket for a new page, as far in as its phone was let."""
    passed = entrance(event)
    if passed is None:
        return codes.new_ticket(event.id, **flags)
    return codes.let_in(codes.new_ticket(event.id, opened_at=passed.opened_at, **flags), passed.let_in_at)


def judge(event: EventView, ticket: Ticket | None) -> DigitsField | None:
    """Let the phone in whose digits were posted; else return the field that is shown again. A miss is counted."""
    page = "" if ticket is None else ticket.key
    try:
        digits.check(event, posted.raw(DIGITS, MOST_TYPED), page=page, proof=posted.raw(PROOF, 200))
    except Refused as refusal:
        return DigitsField(refusal.code, posted.raw(PROOF, 200))
    except DigitsOfTwoChanges as asked:
        return DigitsField("digits_again", asked.proof)
    now = utcnow()
    g.kiosk_entrance = _made(event, now if ticket is None else ticket.issued_at, now)
    return None


def renewed(event: EventView, ticket: Ticket) -> Ticket:
    """Return the ticket of a form that is late, let in by the digits beside what was typed; else the same ticket. What
    is wrong with the digits, the next page says (`digits_field`)."""
    if event.rotate_seconds is None or DIGITS not in posted or not rotation.asks(event, ticket):
        return ticket
    g.kiosk_digits = judge(event, ticket)
    if g.kiosk_digits is not None:
        return ticket
    return codes.let_in(ticket, utcnow())


def digits_field(event: EventView, ticket: Ticket) -> DigitsField | None:
    """Return the field for the digits where a form with this ticket asks for them, else None."""
    if not rotation.asks(event, ticket):
        return None
    shown: DigitsField | None = g.get("kiosk_digits")
    return shown or DigitsField()


def digits_errors() -> dict[str, str]:
    """Return what is wrong with the digits that came with the form of this request, by the field's name."""
    shown: DigitsField | None = g.get("kiosk_digits")
    return {} if shown is None else shown.errors


def _entrance(event: EventView) -> Entrance | None:
    token = either.raw(ENTRANCE, 200)
    held = LET_IN.find(event.id, token) if token else None
    ticket = find_ticket(event) if held is None and request.method == "POST" else None
    if held is not None:
        passed = Entrance(codes.moment_of(held[0]), codes.moment_of(held[1]), token)
    elif ticket is not None and ticket.let_in_at is not None:
        passed = _made(event, ticket.issued_at, ticket.let_in_at)
    else:
        return None
    return passed if utcnow() - passed.let_in_at <= rotation.TYPING else None


def _made(event: EventView, opened_at: datetime, let_in_at: datetime) -> Entrance:
    token = LET_IN.sign(event.id, codes.milliseconds(opened_at), codes.milliseconds(let_in_at))
    return Entrance(opened_at, let_in_at, token)
