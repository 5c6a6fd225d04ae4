"""Somebody's own sign-in on their own phone: the tick again for who scans again, and the look-up once it is closed.

The phone keeps the end of its success page's address, signed and without any detail, for the addresses of that one
event: never from a station, for a companion, for a trial or for a group, so that a phone that was lent shows the tick
of its own person and of nobody else.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.board import pulse
from kiosk.services.codes import Ticket, new_ticket
from kiosk.services.door import leaving, own_sign_ins, receipts, signing
from kiosk.services.door.receipts import ReceiptView
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors, parse
from kiosk.services.sign_in.requests import SignInResult
from kiosk.web.attendee.refused import refused_page
from kiosk.web.frame import cookies
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.visitors import HERE_COOKIE, ME_COOKIE, here_path, lead_to
from kiosk.web.frame.words import is_today

MINE = "mine"  # in the form that looks up and signs nobody in
OF_A_MINOR = timedelta(hours=12)  # a pupil's phone is often somebody else's tomorrow


def told_before(event: EventView, ticket: Ticket, result: SignInResult) -> str | None:
    """Return what this phone keeps of the sign-in that a repeat leads to: name and seat stay, as on no other phone."""
    own = None if ticket.is_kiosk or result.is_own else _token(event)
    return own if own is not None and receipts.is_own_of(own, result.sign_in_id) else None


def keep(response: Response, event: EventView, token: str, *, is_minor: bool) -> None:
    """Let the phone keep what its success page stands for."""
    stays = OF_A_MINOR if is_minor else receipts.NAME_STAYS
    cookies.put(response, HERE_COOKIE, token, seconds=int(stays.total_seconds()), path=here_path(event.code))


def receipt(event: EventView) -> ReceiptView | None:
    """Return this phone's own sign-in here while it counts, or None."""
    token = _token(event)
    return None if token is None else receipts.standing(token, event.code)


def tick(event: EventView, own: ReceiptView) -> str:
    """Show the tick to who scans again; a second day is told and counted, as with any repeat."""
    if not is_today(own.signed_in_at, event.zone):
        pulse.refused(event.id, "another_day")
    return done_page(event, own, _token(event) or "", is_again=True)


def done_page(event: EventView, own: ReceiptView, token: str, *, is_again: bool, signs_at: str | None = None) -> str:
    """Show the tick, and what its phone may do about signing and leaving, or that a steward has to confirm it first;
    `token` is the end of its address.

    `signs_at`: where a station asks for the signature."""
    if own.is_unconfirmed:
        return waiting_page(event, own, token)
    return render_template(
        "attendee/done.html",
        event=event,
        receipt=own,
        token=token,
        leaving=leaving.offer(event, own),
        signing=signing.offer(event, token, own),
        signs_at=signs_at or url_for("signing.show", token=token),
        is_asked_to_leave=leaving.may_sign_out(event),
        is_remembered=cookies.get(ME_COOKIE) is not None,
        is_again=is_again,
    )


def waiting_page(event: EventView, own: ReceiptView, token: str) -> str:
    """Show that a steward has to confirm this sign-in, or has refused to; the page looks by itself how it stands."""
    refused = refusal_words.say("not_confirmed", "phone")
    return render_template("attendee/unconfirmed.html", event=event, receipt=own, token=token, refused=refused)


def ask(event: EventView, kind: str | None) -> ResponseReturnValue:
    """Ask for the name and the mobile of whom to look up, after the closing; with several kinds, first for the kind."""
    if kind not in event.kind_names:
        if len(event.kind_names) > 1:
            return render_template("attendee/kinds.html", event=event, known=None)
        kind = event.kind_names[0]
    return _form(event, kind, {})


def find(event: EventView) -> ResponseReturnValue:
    """Lead to the tick of who was looked up; else the form again with what is wrong, or that nobody is found."""
    kind = posted.raw("kind")
    fields = own_sign_ins.fields_of(event, kind)
    if not fields:
        return refused_page(event, "closed"), 409
    try:
        result = own_sign_ins.find(event, parse(kind, fields, posted.plain()))  # type: ignore[arg-type]
    except FieldErrors as error:
        return _form(event, kind, dict(error.messages)), 422
    if result is None:
        return _form(event, kind, {}, is_nobody=True), 409
    return lead_to("attendee.done", token=receipts.address_of(result, is_kiosk=False))


def _form(event: EventView, kind: str, errors: dict[str, object], *, is_nobody: bool = False) -> str:
    return render_template(
        "attendee/mine.html",
        event=event,
        kind=kind,
        fields=own_sign_ins.fields_of(event, kind),
        closed_at=event.closed_at(utcnow()),
        ticket=new_ticket(event.id),
        values=posted.plain(),
        errors=errors,
        is_nobody=is_nobody,
    )


def _token(event: EventView) -> str | None:
    return cookies.get(HERE_COOKIE, here_path(event.code))
