"""Group sign-in (集体签到) on a leader's phone.

Two doors: the public page takes pasted names, a group link ticks its part of the roster. No cookie is set and
nothing is kept in the phone.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.clock import utcnow
from kiosk.closed import Kind
from kiosk.services import refusal_words
from kiosk.services.board import pulse
from kiosk.services.codes import BadToken, Ticket
from kiosk.services.door import links
from kiosk.services.door.links import LinkView
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.group import group_views, groups
from kiosk.services.lists.pasted_names import PastedNames
from kiosk.services.refusals import SignInRefused
from kiosk.services.roster.rosters import EntryView
from kiosk.web.attendee import digits
from kiosk.web.door import group_form
from kiosk.web.door.group_form import REASONS, Head, Row
from kiosk.web.frame import entrances, visitors
from kiosk.web.frame.bodies import LONG_FORM, takes
from kiosk.web.frame.dead_links import dead_link
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.tickets import begins, sent_ticket
from kiosk.web.frame.visitors import find_event, is_own_origin, lead_to

bp = Blueprint("groups", __name__)
STATUS = {
    "ticket_expired": 403,
    "digits_asked": 403,
    "consent": 422,
    "people": 422,
    "nobody": 422,
    "too_many": 422,
}  # others: 409


@bp.get("/e/<code>/group")
def start(code: str) -> ResponseReturnValue:
    """Ask for the names, and once for what they share."""
    event = find_event(code)
    if event.phase(utcnow()) != "open":
        return lead_to("attendee.event", code=event.code)
    if entrances.is_kept_out(event):
        pulse.opened(event.id, visitors.look(), is_first=begins())
        return digits.ask(event, more={digits.GROUP: digits.NEW})
    if group_form.pick_kind(event) is not None:
        pulse.opened(event.id, visitors.look(), is_first=begins())
    return _names_page(event, {}, {})


@bp.get("/e/<code>/group/check")
def check_again(code: str) -> ResponseReturnValue:
    """Begin anew for whoever reloads the list: no name stands in an address."""
    return lead_to("groups.start", code=code, led=1)


@bp.post("/e/<code>/group/check")
@takes(LONG_FORM)
def check(code: str) -> ResponseReturnValue:
    """Show the names told apart, each of which can be changed; nothing is written."""
    event, kind = _event_and_kind(code)
    errors: dict[str, Any] = {}
    head, pasted = None, PastedNames(())
    try:
        head = group_form.read_head(event, kind)
    except FieldErrors as error:
        errors |= error.messages
    try:
        pasted = group_form.read_pasted()
    except FieldErrors as error:
        errors |= error.messages
    if head is None or errors:
        return _names_page(event, posted.plain(), errors), 422
    rows, _is_fine = group_form.judge(event, kind, group_form.rows_of_pasted(pasted))
    return _check_page(event, head, rows, pasted=pasted)


@bp.post("/e/<code>/group")
@takes(LONG_FORM)
def submit(code: str) -> ResponseReturnValue:
    """Sign everybody in: 303 to the group's own page, or the list again with what is wrong."""
    event, kind = _event_and_kind(code)
    try:
        ticket = entrances.renewed(event, sent_ticket(event))
        head = group_form.read_head(event, kind)
    except BadToken:
        return lead_to("groups.start", code=event.code)
    except FieldErrors as error:
        return _names_page(event, posted.plain(), error.messages), 422
    rows, is_fine = group_form.judge(event, kind, group_form.read_rows())
    if not is_fine:
        return _check_page(event, head, rows, ticket), 422
    is_first = group_views.find(groups.token_of(ticket.key)) is None
    try:
        own = groups.submit(group_form.submission_of(event, ticket, head, rows))
    except SignInRefused as refusal:
        pulse.refused(event.id, refusal.code)
        marked = group_form.mark(event, rows, refusal.about.get("marks", {}))
        same_ticket = ticket if refusal.code != "ticket_expired" else None
        return _check_page(event, head, marked, same_ticket, refusal), STATUS.get(refusal.code, 409)
    if is_first:
        pulse.finished(event.id, ticket.issued_at)
    return lead_to("group_page.show", token=own)


@bp.get("/g/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Show a leader's part of the roster as rows to tick; `?all=1` ticks all. Afterwards: the group's own page."""
    link, event = _link(token)
    own = groups.token_of(groups.ticket_of_link(link).key)
    if group_views.find(own) is not None:
        return lead_to("group_page.show", token=own)
    if not _has_day_come(event):
        return render_template("door/groups/wait.html", event=event)
    entries = groups.part_of_roster(event.id, link.group_name)
    rows = group_form.rows_of_roster(entries, are_here="all" in query)
    links.touch(link)
    return _roster_page(event, link, token, entries, rows)


@bp.post("/g/<token>")
@takes(LONG_FORM)
def submit_link(token: str) -> ResponseReturnValue:
    """Sign a link's group in, in one submission."""
    link, event = _link(token)
    if not is_own_origin():
        abort(403)
    if not _has_day_come(event):
        return go("groups.open_link", token=token)
    entries = groups.part_of_roster(event.id, link.group_name)
    rows = group_form.read_roster_rows(entries)
    try:
        own = groups.submit(group_form.submission_of_link(event, link, entries, rows))
    except SignInRefused as refusal:
        status = STATUS.get(refusal.code, 409)
        return _roster_page(event, link, token, entries, rows, refusal=refusal), status
    return lead_to("group_page.show", token=own)


def _event_and_kind(code: str) -> tuple[EventView, Kind]:
    event = find_event(code)
    if not is_own_origin():
        abort(403)
    kind = group_form.pick_kind(event)
    return event, kind if kind is not None else abort(400)


def _link(token: str) -> tuple[LinkView, EventView]:
    link = links.find(token, "group") or abort(dead_link("group", token, 404))
    return link, event_views.find(link.event_code) or abort(404)


def _has_day_come(event: EventView) -> bool:
    """Say whether it is the event's opening day or later: from then on a link works as staff's own door does."""
    opens = event.opens_at or event.starts_at
    return opens is None or utcnow().astimezone(event.zone).date() >= opens.astimezone(event.zone).date()


def _names_page(event: EventView, values: dict[str, str], errors: dict[str, Any]) -> str:
    kind = group_form.pick_kind(event)
    fields = () if kind is None else group_form.shared_fields(event, kind)
    return render_template(
        "door/groups/names.html", event=event, kind=kind, fields=fields, values=values, errors=errors
    )


def _check_page(
    event: EventView,
    head: Head,
    rows: list[Row],
    ticket: Ticket | None = None,
    refusal: SignInRefused | None = None,
    pasted: PastedNames | None = None,
) -> str:
    """Show the list to be checked; without a ticket the page gets a fresh one."""
    fields = group_form.shared_fields(event, head.kind)
    values = {"head": head, "title": head.title, "fields": fields, "ticket": ticket or entrances.fresh_ticket(event)}
    return _list_page("check", event, head.kind, rows, refusal, pasted=pasted, **values)


def _roster_page(
    event: EventView,
    link: LinkView,
    token: str,
    entries: tuple[EntryView, ...],
    rows: list[Row],
    refusal: SignInRefused | None = None,
) -> str:
    kind = "student" if any(entry.kind == "student" for entry in entries) else entries[0].kind if entries else ""
    is_marking = request.method == "POST" or "all" in query
    values = {"title": link.group_name, "token": token, "is_marking": is_marking}
    return _list_page("roster", event, kind, rows, refusal, **values)


def _list_page(
    page: str, event: EventView, kind: str, rows: list[Row], refusal: SignInRefused | None, **values: Any
) -> str:
    bad = {f"name-{n}": row for n, row in enumerate(rows) if row.mark == "bad"}
    errors: dict[str, Any] = {id_: row.message for id_, row in bad.items()}
    if refusal is not None and refusal.code == "consent":
        errors["consent"] = refusal_words.say(refusal, "leader")
    errors |= entrances.digits_errors()
    return render_template(
        f"door/groups/{page}.html",
        event=event,
        rows=rows,
        errors=errors,
        labels={id_: row.name or _("Name") for id_, row in bad.items()}
        | {"consent": _("Consent"), "digits": _("Six digits on the screen")},
        here=sum(row.is_here for row in rows),
        reasons=REASONS,
        refusal=refusal,
        needs_consent=groups.needs_consent(event, kind),
        is_of_minors=event.is_of_minors(kind),
        has_consented=bool(posted.raw("consent")),
        **values,
    )
