"""The attendee's phone: type a code, see the event, sign in, see the tick."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from kiosk.clock import utcnow
from kiosk.services import codes
from kiosk.services.board import pulse
from kiosk.services.codes import BadToken
from kiosk.services.door import look_ups, receipts
from kiosk.services.event import campaigns, event_views, events, notice_words, notices
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.refusals import Code, SignInCode, SignInRefused, Unknown
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.questions import ListedPersonAsked, SamePersonAsked
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.web.attendee import digits, look_up, mine, sign_in_form
from kiosk.web.attendee.refused import early_page, refused_page, seconds_to
from kiosk.web.frame import cookies, entrances, visitors
from kiosk.web.frame.inputs import Inputs, posted, query
from kiosk.web.frame.tickets import ENTRANCE, TRIAL, begins, find_ticket, sent_ticket
from kiosk.web.frame.visitors import (
    HERE_COOKIE,
    ME_COOKIE,
    find_event,
    here_path,
    is_own_origin,
    judge_code,
    lead_to,
    lead_to_done,
)
from kiosk.web.frame.words import is_today

bp = Blueprint("attendee", __name__)
ASKS_MORE = {"companion", "form", "kind"}  # in the address: the phone wants a form, whoever has signed in on it
MOST_TYPED = 200  # characters of a code, which has six, or of the whole address that holds it


@bp.get("/")
def start() -> ResponseReturnValue:
    """Ask for the short code."""
    typed = query.raw("code", MOST_TYPED)
    return _open_code(typed) if typed else render_template("attendee/start.html", typed="", is_unknown=False)


@bp.post("/")
def type_code() -> ResponseReturnValue:
    """Open the event or the campaign whose code was typed."""
    return _open_code(posted.raw("code", MOST_TYPED))


@bp.get("/E/<code>")
@bp.get("/E/<code>/")
@bp.get("/e/<code>/")
def event_as_typed(code: str) -> ResponseReturnValue:
    """Lead to an event whose address was typed with a capital, or with a stroke too many."""
    return lead_to("attendee.event", code=codes.normalise_code(code))


@bp.get("/C/<code>")
@bp.get("/C/<code>/")
@bp.get("/c/<code>/")
def campaign_as_typed(code: str) -> ResponseReturnValue:
    """Lead to a campaign whose address was typed so."""
    return lead_to("attendee.campaign", code=codes.normalise_code(code))


def _open_code(typed: str) -> ResponseReturnValue:
    code = codes.normalise_code(codes.code_in(typed))
    endpoint = "attendee.event" if event_views.find(code) is not None else "attendee.campaign"
    is_known = endpoint == "attendee.event" or campaigns.find(code) is not None
    judge_code(is_known=is_known)
    if is_known:
        return lead_to(endpoint, code=code)
    return render_template("attendee/start.html", typed=typed, is_unknown=True), 404


@bp.get("/c/<code>")
def campaign(code: str) -> ResponseReturnValue:
    """Open the campaign's event that is open now; list several; else show what comes next."""
    campaign_row = campaigns.find(code)
    judge_code(is_known=campaign_row is not None)
    if campaign_row is None:
        return render_template("attendee/start.html", typed=code[:MOST_TYPED], is_unknown=True), 404
    now = utcnow()
    rows = [row.view for row in events.list_all(campaign_id=campaign_row.id) if row.view.archived_at is None]
    are_open = [view for view in rows if view.phase(now) == "open"]
    if len(are_open) == 1:
        return lead_to("attendee.event", code=are_open[0].code)
    early = [view for view in rows if view.phase(now) == "early"]
    coming = sorted(early, key=lambda view: view.opens_at or now)
    return render_template(
        "attendee/campaign.html",
        campaign=campaign_row,
        are_open=are_open,
        coming=coming,
        seconds=seconds_to(coming[0]) if coming else None,
        ended=None if early or not rows else rows[-1],
    )


@bp.get("/e/<code>")
def event(code: str) -> ResponseReturnValue:
    """Show the tick to who has signed in on this phone, else the look-up where a roster has mobiles, else the form, or
    why there is none now."""
    view = find_event(code)
    if code != view.code:  # in small letters: what this phone keeps of an event, it says at one spelling only
        asked = {name: query.raw(name) for name in (*ASKS_MORE, "led", "trial", ENTRANCE) if name in query}
        return lead_to("attendee.event", code=view.code, **asked)
    visitor = visitors.look()
    pulse.seen(view.id, visitor)
    if not ASKS_MORE & query.plain().keys() and (own := mine.receipt(view)) is not None:
        return mine.tick(view, own)
    phase = view.phase(utcnow())
    is_trial = phase == "early" and TRIAL.find(view.id, query.raw("trial")) is not None
    if phase == "early" and not is_trial:
        return early_page(view)
    if phase == "closed":
        may_ask = not view.is_cleared and ("form" in query or "kind" in query)
        return mine.ask(view, query.raw("kind")) if may_ask else refused_page(view, "closed")
    if entrances.is_kept_out(view):
        pulse.opened(view.id, visitor, is_first=begins())
        return digits.ask(view)
    is_for_companion = "companion" in query
    known = None if is_for_companion or is_trial else receipts.remembered(cookies.get(ME_COOKIE))
    ticket = entrances.fresh_ticket(view, is_trial=is_trial, is_for_companion=is_for_companion)
    wants_form = is_trial or "form" in query or "kind" in query
    if not wants_form and look_ups.is_offered(view.id):  # also when it is full: a listed person never is turned away
        pulse.opened(view.id, visitor, is_first=begins())
        return look_up.show(view, ticket=ticket, known=known)
    is_led = "form" in query and look_ups.is_offered(view.id)
    if is_led:
        begins()
        known = None  # "not on the list" was tapped: somebody else stands there
    if view.full_policy == "refuse" and "form" not in query and events.is_full(view):
        return refused_page(view, "full")
    kind = query.plain().get("kind")
    if sign_in_form.pick_kind(view, kind, known) is not None:  # the tiles have no ticket
        pulse.opened(view.id, visitor, is_first=begins() and not is_led)
    return sign_in_form.show(view, ticket, kind=kind, known=known)


@bp.get("/e/<code>/carried")
def carried(code: str) -> ResponseReturnValue:
    """Show the form of somebody whose own phone has no network, on another's: its script fills it in by what stands
    behind the # of the address, the key of that phone included."""
    view = find_event(code)
    phase = view.phase(utcnow())
    if phase != "open":
        return early_page(view) if phase == "early" else refused_page(view, "closed")
    kind = sign_in_form.pick_kind(view, query.raw("kind"), None)
    return sign_in_form.show_carried(view, kind) if kind is not None else lead_to("attendee.event", code=view.code)


@bp.get("/e/<code>/sign-in")
@bp.get("/e/<code>/look-up")
def again(code: str) -> ResponseReturnValue:
    """Show the first screen to whoever reloads, or switches the language of, the answer to a form."""
    return lead_to("attendee.event", code=code)


@bp.post("/e/<code>/sign-in")
def sign_in(code: str) -> ResponseReturnValue:
    """Sign in: 303 to the success page, or the form again with what was typed."""
    view = find_event(code)
    if not is_own_origin():
        abort(403)
    sent = posted.once()
    if mine.MINE in sent and view.phase(utcnow()) == "closed":
        return mine.find(view)
    if look_up.ENTRY in sent:  # a tap on "that is me"
        return _sign_in_listed(view, sent)
    ticket = find_ticket(view)
    if ticket is None:
        return sign_in_form.show_again(view, None, problem="ticket_expired", status=403)
    ticket = entrances.renewed(view, ticket)
    known = receipts.remembered(cookies.get(ME_COOKIE)) if sent.raw("known") else None
    try:
        result = _sign_in_typed(sign_in_form.parse(view, ticket, known, sent))
    except FieldErrors as error:
        pulse.refused(view.id, "field_errors")
        return sign_in_form.show_again(view, ticket, errors=error.messages, known=known, status=422)
    except SamePersonAsked as question:
        return sign_in_form.ask_same_person(view, ticket, question), 422
    except ListedPersonAsked as question:
        return sign_in_form.ask_listed_person(view, ticket, question), 422
    except SignInRefused as refusal:
        if refusal.code == "cannot_replace":
            return sign_in_form.show_again(
                view, ticket, errors=sign_in_form.nobody_to_replace(), known=known, status=422
            )
        if refusal.code == "digits_asked":
            return _ask_digits(view, ticket, known)
        return _refuse(view, refusal.code)
    return _succeed(result, ticket, view, sent, is_looked_up=known is not None and known.is_looked_up)


def _sign_in_typed(typed: SignInRequest) -> SignInResult:
    """Sign in by what was typed. Who may be on the list is asked, ListedPersonAsked, as long as the look-up's budget
    lasts; beyond it they are a walk-in."""
    try:
        result = sign_ins.sign_in(typed)
    except ListedPersonAsked as question:
        if look_ups.may_ask(typed.event.id, typed.ticket.key, question.namesake.entry_id):
            raise
        return sign_ins.sign_in(replace(typed, asks_listed=False))
    if typed.roster_entry_id is not None and not result.is_repeat:
        look_ups.said_yes(typed.event.id, typed.ticket.key, typed.roster_entry_id)
    return result


def _sign_in_listed(view: EventView, sent: Inputs) -> ResponseReturnValue:
    """Sign in the person of the roster who tapped "that is me"."""
    try:
        ticket = entrances.renewed(view, sent_ticket(view))
        tapped = look_up.parse(view, ticket)
        result = sign_ins.sign_in(tapped)
    except BadToken:
        return look_up.show(view, problem="ticket_expired"), 403
    except Unknown:
        return look_up.show(view, problem="list_changed"), 422
    except FieldErrors as error:
        return look_up.ask_again(view, ticket, error.messages), 422
    except SignInRefused as refusal:
        if refusal.code == "ticket_expired":
            return look_up.show(view, problem="ticket_expired"), 403
        if refusal.code == "digits_asked":
            pulse.refused(view.id, refusal.code)
            return look_up.ask_again(view, ticket, entrances.digits_errors()), 403
        return _refuse(view, refusal.code)
    if not result.is_repeat:
        look_ups.signed_in(view.id, ticket.key, tapped.details.mobile)
    # It typed four digits, no name.
    return _succeed(replace(result, by_name=False), ticket, view, sent, is_looked_up=True)


@bp.get("/done/<token>")
def done(token: str) -> ResponseReturnValue:
    """Show the tick; the address is known to this phone only."""
    receipt = receipts.of_phone(token) or abort(404)
    view = event_views.find(receipt.event_code) or abort(404)
    if receipt.is_voided:
        if receipt.is_unconfirmed and receipt.is_own:
            return mine.waiting_page(view, receipt, token)
        return refused_page(view, "not_confirmed" if receipt.is_unconfirmed else "withdrawn")
    if receipt.is_cleared:
        return refused_page(view, "details_deleted")
    return mine.done_page(view, receipt, token, is_again="again" in query)


@bp.get("/done/<token>/state")
def state(token: str) -> ResponseReturnValue:
    """Say in a word how the sign-in of a success page stands, for the page that waits for a steward."""
    receipt = receipts.of_phone(token) or abort(404)
    return receipt.state, 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@bp.get("/e/<code>/notice")
def notice(code: str) -> ResponseReturnValue:
    """Show the whole notice on personal information."""
    view = find_event(code)
    text = notices.get(view.notice_id) or abort(404)
    return render_template("attendee/notice.html", event=view, notice=notice_words.filled(view, text))


@bp.get("/e/<code>/organisations")
def complete(code: str) -> ResponseReturnValue:
    """Offer names of the directory and of the roster's organisations that contain what was typed; never people."""
    view = find_event(code)
    typed = query.text("enterprise") or query.text("organisation")
    type_ = "enterprise" if "enterprise" in query else None
    names = organisations.complete(typed, type_, event_id=view.id)
    return render_template("attendee/_suggestions.html", event=view, names=names)


@bp.post("/forget")
def forget() -> ResponseReturnValue:
    """Forget the person whom this phone remembers, and their sign-in here."""
    code = codes.normalise_code(posted.raw("code", MOST_TYPED))
    response = lead_to("attendee.event", code=code) if code else lead_to("attendee.start")
    cookies.drop(response, ME_COOKIE)
    if code:
        cookies.drop(response, HERE_COOKIE, path=here_path(code))
    return response


def _ask_digits(view: EventView, ticket: codes.Ticket, known: receipts.Remembered | None) -> ResponseReturnValue:
    """Show the form of somebody who took long, as it was, with a field for the digits of now."""
    pulse.refused(view.id, "digits_asked")
    errors = entrances.digits_errors()
    problem: Code | None = None if errors else "digits_asked"
    return sign_in_form.show_again(
        view, ticket, errors=errors, problem=problem, known=known, shows_known=True, status=403
    )


def _refuse(view: EventView, code: SignInCode) -> ResponseReturnValue:
    pulse.refused(view.id, code)
    if code == "ticket_expired":
        return sign_in_form.show_again(view, None, problem=code, status=403)
    return refused_page(view, code), 409


def _succeed(
    result: SignInResult, ticket: codes.Ticket, view: EventView, sent: Inputs, *, is_looked_up: bool
) -> ResponseReturnValue:
    """Lead to the success page; the phone remembers whom it described whole, and shows nothing it did not type."""
    if result.is_repeat and not result.is_own and not is_today(result.signed_in_at, view.zone):
        pulse.refused(view.id, "another_day")
    if ticket.is_kiosk:
        return lead_to("station.done", code=view.code, token=receipts.address_at_station(view.id, result))
    if not (result.is_repeat and result.is_own):  # each ticket once
        pulse.finished(view.id, ticket.issued_at)
    before = mine.told_before(view, ticket, result)
    token = before or receipts.address_of(result, is_kiosk=False)
    response = lead_to_done(token) if before is None else lead_to("attendee.done", token=token, again=1)
    is_minor = view.is_of_minors(sent.raw("kind"))
    is_of_this_phone = not (ticket.is_for_companion or result.is_trial or sent.is_set(sign_in_form.CARRIED))
    if is_of_this_phone:
        mine.keep(response, view, token, is_minor=is_minor)
    may_remember = is_of_this_phone and not is_minor
    if may_remember and result.participant_id is not None and result.has_typed_all:
        token = receipts.remember(result.participant_id, is_looked_up=is_looked_up)
        cookies.put(response, ME_COOKIE, token, seconds=int(receipts.REMEMBERS.total_seconds()))
    return response
