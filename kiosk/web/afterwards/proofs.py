"""Proofs of attendance (参训证明) at the desk: issued for an event, its series or a campaign; printed, taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext
from werkzeug.wrappers import Response

from kiosk.services import exports, refusal_words
from kiosk.services.event import campaigns
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import KIND_WORDS
from kiosk.services.host import addresses
from kiosk.services.people.searching import Hidden
from kiosk.services.proofs import issuing, proof_access, proof_exports, proof_lists, standings, subjects, whom
from kiosk.services.proofs.proof_lists import ProofRow
from kiosk.services.proofs.proof_words import day_text
from kiosk.services.proofs.standings import Standing
from kiosk.services.proofs.subjects import Subject
from kiosk.services.proofs.whom import Group
from kiosk.services.refusals import Refused
from kiosk.web.frame.access import ORGANISERS, logged_in, look_required, role_required, run_required, staff_required
from kiosk.web.frame.inputs import either, posted, query
from kiosk.web.frame.languages import LANGUAGES
from kiosk.web.frame.pages import finish, go, page_of
from kiosk.web.frame.words import kind_label, language

bp = Blueprint("proofs", __name__)
BY_GROUP = "by_group"  # in a form that asks for whom: none of its ticks is then an answer too


@dataclass(frozen=True)
class GroupTick:
    """A tick of the form that issues: one for each group of which somebody waits for a proof."""

    group: Group
    label: Any
    count: int
    is_usual: bool


@bp.app_template_filter("long_day")
def long_day(day: date) -> str:
    """Return a day as the paper has it, with its year."""
    return day_text(day, language())


@bp.get("/events/<code>/proofs", endpoint="show")
@bp.post("/events/<code>/proofs/search", endpoint="search")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """List the proofs of an event, or of the series it belongs to; `void=1` those that were taken back.

    A search is a POST: no person's name stands in an address.
    """
    words, is_void = posted.text("q"), query.is_set("void")
    subject = subjects.of_event(event)
    standing = standings.one(subject)
    may_issue = proof_access.may_issue(logged_in(), subject)
    hidden: Hidden = "nobody" if may_issue else "everybody"
    seen = proof_access.visible_ids(logged_in(), subject)
    return render_template(
        "afterwards/proofs/list.html",
        **page_of(event),
        subject=subject,
        standing=standing,
        groups=_ticks(standing, subject.usual_groups, _labels(event)),
        voided=standings.count_void(subject),
        found=proof_lists.search(
            subject, words=words, is_void=is_void, page=either.page(), hidden=hidden, event_ids=seen
        ),
        typed=words,
        is_void=is_void,
        may_issue=may_issue,
    )


@bp.post("/events/<code>/proofs")
@run_required
def issue(event: EventView) -> ResponseReturnValue:
    """Issue a proof to everybody who may have one and has none, of the groups that were ticked (`group`); `minors` asks
    for minors' as well."""
    subject = _to_issue(event)
    groups = _asked_groups(subject.usual_groups)
    made = issuing.issue(subject, staff_id=logged_in().id, has_minors="minors" in posted, groups=groups)
    _tell(made, _ticks(standings.one(subject), groups, _labels(event)))
    return go("proofs.show", code=event.code)


@bp.post("/events/<code>/proofs/print")
@run_required
def print_all(event: EventView) -> ResponseReturnValue:
    """Have all valid proofs drawn as one PDF; it names people in full, so it is written down."""
    return _print(event, None)


@bp.post("/events/<code>/proofs/<int:proof_id>/print")
@run_required
def print_one(event: EventView, proof_id: int) -> ResponseReturnValue:
    """Have one proof drawn as a PDF."""
    row = _proof(_to_issue(event), proof_id)
    if row.voided_at is not None or row.name is None:
        abort(404)
    return _print(event, [row.id])


@bp.get("/events/<code>/proofs/<int:proof_id>")
@run_required
def one(event: EventView, proof_id: int) -> ResponseReturnValue:
    """Show one proof, with what can be done about it."""
    return _proof_page(event, _proof(_to_issue(event), proof_id))


@bp.post("/events/<code>/proofs/<int:proof_id>/void", endpoint="void", defaults={"is_replaced": False})
@bp.post("/events/<code>/proofs/<int:proof_id>/replace", endpoint="replace", defaults={"is_replaced": True})
@run_required
def void(event: EventView, proof_id: int, is_replaced: bool) -> ResponseReturnValue:
    """Take a proof back (作废), with a reason, and where it is replaced issue one that shows what is right now."""
    subject, reason, staff_id = _to_issue(event), posted.text("reason", 200), logged_in().id
    row = _proof(subject, proof_id)
    words = _("Proof %(number)s is void. Anyone who verifies its code is told so.", number=row.number)
    try:
        if is_replaced:
            number = issuing.replace(subject, proof_id, reason, staff_id=staff_id)
            words = _("Proof %(old)s is void; %(new)s replaces it.", old=row.number, new=number)
        else:
            issuing.void(subject, proof_id, reason, staff_id=staff_id)
    except Refused as refusal:
        return _proof_page(event, row, refusal_words.say(refusal, "desk")), 422
    return finish(words, "proofs.show", code=event.code)


@bp.get("/campaigns/<int:campaign_id>/proofs")
@staff_required
def of_campaign(campaign_id: int) -> ResponseReturnValue:
    """Show how far the proofs of a campaign are: each series once, each other event once."""
    staff, campaign = logged_in(), campaigns.get(campaign_id)
    listed = proof_access.of_campaign(staff, campaign.id)
    rows = list(zip(listed, standings.each(listed), proof_access.may_issue_each(staff, listed), strict=True))
    mine = standings.together(standing for _subject, standing, may_issue in rows if may_issue)
    usual = _usual_of([subject for subject, _standing, may_issue in rows if may_issue])
    return render_template(
        "afterwards/proofs/campaign.html",
        campaign=campaign,
        rows=rows,
        mine=mine,
        groups=_ticks(mine, usual, KIND_WORDS),
        may_issue=any(may_issue for _subject, _standing, may_issue in rows),
    )


@bp.post("/campaigns/<int:campaign_id>/proofs")
@role_required(*ORGANISERS)
def issue_campaign(campaign_id: int) -> ResponseReturnValue:
    """Issue the proofs of everything in a campaign that this person runs, in one go."""
    staff, campaign = logged_in(), campaigns.get(campaign_id)
    has_minors = "minors" in posted
    listed = proof_access.of_campaign(staff, campaign.id, to_issue=True)
    groups = _asked_groups(_usual_of(listed))
    _tell(
        sum(issuing.issue(one, staff_id=staff.id, has_minors=has_minors, groups=groups) for one in listed),
        _ticks(standings.together(standings.each(listed)), groups, KIND_WORDS),
    )
    return go("proofs.of_campaign", campaign_id=campaign.id)


@bp.post("/campaigns/<int:campaign_id>/proofs/print")
@role_required(*ORGANISERS)
def print_campaign(campaign_id: int) -> ResponseReturnValue:
    """Have the proofs of everything in a campaign that this person runs drawn as one PDF."""
    staff, campaign = logged_in(), campaigns.get(campaign_id)
    listed = proof_access.of_campaign(staff, campaign.id, to_issue=True)
    each = standings.each(listed)
    total = standings.together(each).printable
    if not total:
        flash(_("There is no proof to print yet."), "bad")
        return go("proofs.of_campaign", campaign_id=campaign.id)
    for subject, standing in zip(listed, each, strict=True):
        if standing.printable:
            issuing.note_printing(subject, None, staff_id=staff.id)
    options = proof_exports.options_of(_paper())
    started = exports.start("proofs", options, staff_id=staff.id, campaign_id=campaign.id, total=total)
    return go("exports.show", export_id=started)


def _print(event: EventView, proof_ids: list[int] | None) -> Response:
    subject, staff = _to_issue(event), logged_in()
    total = standings.one(subject).printable if proof_ids is None else len(proof_ids)
    if not total:
        flash(_("There is no proof to print yet."), "bad")
        return go("proofs.show", code=event.code)
    issuing.note_printing(subject, proof_ids, staff_id=staff.id)
    options = proof_exports.options_of(_paper(), event_code=event.code, proof_ids=proof_ids)
    started = exports.start(
        "proofs", options, staff_id=staff.id, event_id=event.id, campaign_id=event.campaign_id, total=total
    )
    return go("exports.show", export_id=started)


def _proof_page(event: EventView, row: ProofRow, message: object = None) -> str:
    return render_template(
        "afterwards/proofs/proof.html",
        **page_of(event),
        row=row,
        message=message,
        reason=posted.text("reason", 200),
        verify=f"{addresses.base_url()}/verify",
    )


def _to_issue(event: EventView) -> Subject:
    """Return what the event's proofs are about; 403 when an event of the series is somebody else's."""
    subject = subjects.of_event(event)
    if not proof_access.may_issue(logged_in(), subject):
        abort(403)
    return subject


def _proof(subject: Subject, proof_id: int) -> ProofRow:
    return proof_lists.one(subject, proof_id) or abort(404)


def _paper() -> str:
    return posted.one_of("paper", LANGUAGES) or language()


def _usual_of(listed: Collection[Subject]) -> frozenset[Group]:
    return whom.usual(kind for subject in listed for event in subject.events for kind in event.kind_names)


def _asked_groups(usual: frozenset[Group]) -> frozenset[Group]:
    """Return the groups that were ticked; the usual ones where nobody was asked."""
    if BY_GROUP not in posted:
        return usual
    return frozenset(group for group in whom.GROUPS if group in posted.texts("group"))


def _labels(event: EventView) -> Mapping[str, Any]:
    return {**KIND_WORDS, **{kind.kind: kind_label(kind) for kind in event.kinds}}


def _ticks(standing: Standing, ticked: Collection[Group], labels: Mapping[str, Any]) -> list[GroupTick]:
    words = {**labels, "staff": _("Lecturers and staff")}
    return [
        GroupTick(group, words[group], count, group in ticked) for group, count in standing.by_group.items() if count
    ]


def _tell(made: int, waiting: Collection[GroupTick]) -> None:
    if made:
        flash(ngettext("%(num)d proof was issued.", "%(num)d proofs were issued.", made), "ok")
    else:
        flash(_("There are no new proofs to issue; those already issued stay as they are."), "ok")
    left = _(", ").join(f"{one.label} {one.count}" for one in waiting if not one.is_usual)
    if left:
        flash(_("Not issued, because not ticked: %(groups)s.", groups=left), "ok")
