"""The attendee's form: shown, read, shown again with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from kiosk.clock import utcnow
from kiosk.services import refusal_words
from kiosk.services.codes import Ticket, Token
from kiosk.services.door import look_ups, own_sign_ins
from kiosk.services.door.receipts import Remembered
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details, FieldErrors, parse as parse_fields
from kiosk.services.refusals import Code, SignInRefused
from kiosk.services.sign_in import claims
from kiosk.services.sign_in.questions import ListedPersonAsked, SamePersonAsked
from kiosk.services.sign_in.requests import SignInRequest
from kiosk.web.frame.entrances import DIGITS, PROOF, fresh_ticket
from kiosk.web.frame.inputs import Inputs, posted
from kiosk.web.frame.screens import own_link
from kiosk.web.frame.tickets import is_station

SAME = "same"
SAME_ANSWER = Token[int]("same", int)  # for one event: the sign-in that was shown
LISTED, UNLISTED = "listed", "unlisted"
LISTED_ANSWER = Token[int, str]("listed", int, str)  # for one event: the entry; the key of the ticket beside it
REPLACES = "replaces"
CARRIED = "carried"  # the form of another's phone


def show(event: EventView, ticket: Ticket, *, kind: str | None, known: Remembered | None = None) -> ResponseReturnValue:
    """Show the tiles of the kinds, or the form of one."""
    kind = pick_kind(event, kind, known)
    if kind is None:
        return render_template("attendee/kinds.html", event=event, known=None)
    usable = known if known is not None and known.kind == kind else None
    return _render(event, ticket, kind, values={}, errors={}, known=usable, problem=None)


def show_again(
    event: EventView,
    ticket: Ticket | None,
    *,
    status: int,
    errors: Mapping[str, Any] | None = None,
    problem: Code | None = None,
    known: Remembered | None = None,
    shows_known: bool = False,
) -> ResponseReturnValue:
    """Show the form with what was typed and what is wrong with it; without a ticket it gets a fresh one.

    `shows_known`: whom the phone remembers is one tap away as before; else their details stand in the form.
    """
    kind = pick_kind(event, posted.plain().get("kind"), None)
    if kind is None:
        return render_template("attendee/kinds.html", event=event, known=None), status
    values = {key: value for key, value in posted.plain().items() if key not in ("ticket", "known")}
    values = {**dict(known.values if known and not known.is_looked_up else ()), **values}
    ticket = ticket or fresh_ticket(event, is_kiosk=is_station(event))
    usable = known if shows_known and known is not None and known.kind == kind else None
    return _render(event, ticket, kind, values=values, errors=errors or {}, known=usable, problem=problem), status


def show_carried(event: EventView, kind: str) -> str:
    """Show the form of one kind for another's phone, without a key of its own: what is carried here brings one."""
    now = utcnow()
    ticket = Ticket(event.id, now, "", let_in_at=now)
    about: dict[str, Any] = {"values": {}, "errors": {}, "known": None, "problem": None, "is_carried": True}
    return _render(event, ticket, kind, template="attendee/carried.html", **about)


def parse(event: EventView, ticket: Ticket, known: Remembered | None, sent: Inputs) -> SignInRequest:
    """Return the request that was posted; raise FieldErrors."""
    form = sent.plain()
    kinds = event.kind_names
    kind = form.get("kind") or (kinds[0] if len(kinds) == 1 else "")
    if kind not in kinds:
        raise FieldErrors({"kind": _("Please choose one of these.")})
    typed = {**dict(known.values), **{k: v for k, v in form.items() if v}} if known else form
    details = parse_fields(kind, event.fields_by_kind[kind], typed)
    waited = sent.waited()
    return SignInRequest(
        event=event,
        ticket=ticket,
        details=details,
        **at_door(event, ticket),
        known_participant_id=known.participant_id if known is not None and known.kind == details.kind else None,
        same_as=same_as(event, form.get(SAME)) or (_signed_in_for(event, ticket) if waited else None),
        is_another=bool(form.get("another")),
        roster_entry_id=_said_to_be(event, ticket, form.get(LISTED)),
        # A station shows nobody's digits to whoever stands behind, and staff see both rows.
        asks_listed=not ticket.is_kiosk and not form.get(UNLISTED),
        has_consented=read_consent(event, form),
        replaces_id=_replaced(event, details, sent),
        shown_notice_id=shown_notice_id(sent),
        claimed_at=claimed_at(event, ticket, waited) if waited else None,
    )


def claimed_at(event: EventView, ticket: Ticket, waited: timedelta) -> datetime | None:
    """Return when a form that waited so long was sent first: never before the page, the digits, the opening."""
    return claims.moment_of(waited, ticket.began_at, event.opens_at)


def at_door(event: EventView, ticket: Ticket) -> dict[str, Any]:
    """Return at which door a page stands: a phone's, or a station with its device link."""
    link = own_link(event, "kiosk") if ticket.is_kiosk else None
    return {"method": "kiosk" if ticket.is_kiosk else "self", "device_link_id": link.id if link is not None else None}


def _signed_in_for(event: EventView, ticket: Ticket) -> int | None:
    """Return the sign-in that a steward made for the phone whose form waited, by what it said aloud."""
    return own_sign_ins.by_spoken_code(event.id, ticket.spoken_code)


def read_consent(event: EventView, form: Mapping[str, str]) -> bool:
    """Return whether the tick for the notice is set; raise FieldErrors where consent is the basis and it is not."""
    has_consented = bool(form.get("notice"))
    if event.notice_basis == "consent" and not has_consented:
        raise FieldErrors({"notice": _("Please read the notice and agree, or see a steward.")})
    return has_consented


def shown_notice_id(sent: Inputs = posted) -> int | None:
    """Return which version of the notice stood on the page that is sent."""
    return sent.number("shown")


def nobody_to_replace() -> dict[str, str]:
    """Return what is wrong with the name of whom somebody replaces."""
    return {REPLACES: refusal_words.say("cannot_replace", "phone")}


def ask_same_person(event: EventView, ticket: Ticket, question: SamePersonAsked) -> str:
    """Ask whether the earlier sign-in of this name was the same person; nothing else of it is shown."""
    return render_template(
        "attendee/same.html",
        event=event,
        signed_in_at=question.signed_in_at,
        values=_kept(ticket, SAME, "another"),
        same=SAME_ANSWER.sign(event.id, question.sign_in_id),
    )


def ask_listed_person(event: EventView, ticket: Ticket, question: ListedPersonAsked) -> str:
    """Ask whether the expected person of this name is who stands here; of them only the last four digits are shown."""
    entry_id = question.namesake.entry_id
    return render_template(
        "attendee/listed.html",
        event=event,
        name=posted.text("name"),
        last4=question.namesake.last4,
        values=_kept(ticket, LISTED, UNLISTED),
        listed=LISTED_ANSWER.sign(event.id, entry_id, ticket.key),
    )


def _kept(ticket: Ticket, *answers: str) -> list[tuple[str, str]]:
    """Return what a question's page brings along of the form: all but its answers, with the ticket as it stands now."""
    typed = posted.plain() | {"ticket": ticket.token}
    return [(key, value) for key, value in typed.items() if key not in (*answers, DIGITS, PROOF, "sent")]


def _said_to_be(event: EventView, ticket: Ticket, signed: str | None) -> int | None:
    """Return the entry that the person says is theirs, from the signed answer to the question; else None."""
    if not signed:
        return None
    entry_id, key = LISTED_ANSWER.find(event.id, signed) or abort(403)
    return entry_id if key == ticket.key else abort(403)


def _replaced(event: EventView, details: Details, sent: Inputs) -> int | None:
    """Return whom a walk-in says to replace (代替谁参会); raise FieldErrors when it is not exactly one."""
    name = sent.text(REPLACES)
    if not name or not look_ups.has_roster(event.id):
        return None
    try:
        return look_ups.to_replace(event.id, name[:60], details.organisation_name)
    except SignInRefused:
        raise FieldErrors(nobody_to_replace()) from None


def _may_replace(event: EventView, kind: str) -> bool:
    """Say whether the form of this kind asks whom somebody replaces."""
    is_asked = any(field.column == "organisation_name" for field in event.fields_by_kind[kind])
    return kind != "student" and is_asked and look_ups.has_roster(event.id)


def _render(
    event: EventView, ticket: Ticket, kind: str, *, template: str = "attendee/event.html", **context: Any
) -> str:
    context.setdefault("is_carried", posted.is_set(CARRIED))
    return render_template(
        template,
        event=event,
        ticket=ticket,
        kind=next(k for k in event.kinds if k.kind == kind),
        fields=event.fields_by_kind[kind],
        may_replace=_may_replace(event, kind),
        is_trial=ticket.is_trial and event.phase(utcnow()) == "early",
        is_kiosk=ticket.is_kiosk,
        **context,
    )


def pick_kind(event: EventView, asked: str | None, known: Remembered | None) -> str | None:
    """Return whose form is shown; None where the tiles of the kinds are."""
    if len(event.kind_names) == 1:
        return event.kind_names[0]
    if asked in event.kind_names:
        return asked
    if asked == "":  # whoever changes the kind chooses anew, remembered or not
        return None
    return known.kind if known is not None and known.kind in event.kind_names else None


def same_as(event: EventView, signed: str | None) -> int | None:
    """Return the sign-in that the person says was theirs, from the signed answer to the question; else None."""
    if not signed:
        return None
    (sign_in_id,) = SAME_ANSWER.find(event.id, signed) or abort(403)
    return sign_in_id
