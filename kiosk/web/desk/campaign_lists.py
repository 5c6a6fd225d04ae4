"""The organiser's desk: one list over several events of a campaign, in two steps as an event's own (desk/roster)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.services import refusal_words
from kiosk.services.event import campaigns
from kiosk.services.event.campaigns import CampaignRow
from kiosk.services.refusals import Unknown
from kiosk.services.roster import campaign_lists
from kiosk.services.roster.campaign_lists import NO_EVENT, ShareDone, Split
from kiosk.web.desk import import_choices
from kiosk.web.desk.roster import MOST_UPLOAD, sent_books, sent_name
from kiosk.web.desk.roster_form import ImportForm
from kiosk.web.frame.access import ORGANISERS, actor, logged_in, role_required
from kiosk.web.frame.bodies import LONG_FORM, takes
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import finish, go
from kiosk.web.frame.words import local

bp = Blueprint("campaign_lists", __name__)
LONGEST_WAY = 200


@bp.get("/campaigns/<int:campaign_id>/list")
@role_required(*ORGANISERS)
def choose(campaign_id: int) -> ResponseReturnValue:
    """Ask for a file or pasted text."""
    return _import_page(_to_fill(campaign_id), ImportForm(formdata=None))


@bp.post("/campaigns/<int:campaign_id>/list")
@role_required(*ORGANISERS)
@takes(MOST_UPLOAD)
def stage(campaign_id: int) -> ResponseReturnValue:
    """Read a file or pasted text and keep it for the preview; nothing is in a roster yet."""
    campaign = _to_fill(campaign_id)
    form = ImportForm()
    source = sent_name()
    with form.refusals_beside("file" if source else "pasted"):
        books = sent_books(form)
        token = campaign_lists.stage(campaign.id, books, logged_in(), source=source)
        return go("campaign_lists.preview", campaign_id=campaign.id, token=token)
    return _import_page(campaign, form), 422


@bp.get("/campaigns/<int:campaign_id>/list/<token>")
@role_required(*ORGANISERS)
def preview(campaign_id: int, token: str) -> ResponseReturnValue:
    """Show which event each part of the list goes to, and what it would change there."""
    campaign = _to_fill(campaign_id)
    try:
        split = campaign_lists.split(campaign.id, token, logged_in())
    except Unknown:
        return _gone(campaign)
    return render_template("desk/campaign_list_preview.html", campaign=campaign, split=split,
                           meanings=import_choices.MEANINGS)  # fmt: skip


@bp.post("/campaigns/<int:campaign_id>/list/<token>")
@role_required(*ORGANISERS)
@takes(LONG_FORM)
def confirm(campaign_id: int, token: str) -> ResponseReturnValue:
    """Write every event's share; `discard` forgets the list instead, and what was chosen otherwise is shown first."""
    campaign = _to_fill(campaign_id)
    if "discard" in posted:
        campaign_lists.discard(campaign.id, token, actor=actor())
        return finish(_("Nothing was imported."), "desk.campaign", campaign_id=campaign.id)
    try:
        is_otherwise = _choose(campaign, token, campaign_lists.split(campaign.id, token, logged_in()))
        if "again" in posted or is_otherwise:
            return go("campaign_lists.preview", campaign_id=campaign.id, token=token)
        done = campaign_lists.confirm(campaign.id, token, logged_in(), actor=actor())
    except Unknown:
        return _gone(campaign)
    for one in done:
        flash(_said(one), "bad" if one.failure else "ok")
    if any(one.failure for one in done):
        return go("campaign_lists.preview", campaign_id=campaign.id, token=token)
    return go("desk.campaign", campaign_id=campaign.id)


def _choose(campaign: CampaignRow, token: str, split: Split) -> bool:
    """Keep what the page says, and say whether it is anything else than what the page showed."""
    chosen = import_choices.read(split.choices)
    by = posted.text("by", LONGEST_WAY) or split.choices.splits_by
    event_of = {one.value.key: posted.number(f"event-{one.value.mark}") for one in split.given}
    answered = {key: number for key, number in event_of.items() if number is not None}
    shown = {one.value.key: one.event.id if one.event else NO_EVENT for one in split.given}
    other = {key: number for key, number in answered.items() if number != shown[key]}
    campaign_lists.choose(campaign.id, token, logged_in(), chosen, other, by)
    return bool(other) or by != split.choices.splits_by or chosen.reads_otherwise_than(split.choices)


def _said(one: ShareDone) -> str:
    """Return what became of an event's share, in a sentence."""
    title = str(local(one.event, "title"))
    if one.failure in ("purged", "import_going_on"):
        return f"{title}: {refusal_words.say(one.failure, 'desk')}"
    if one.failure:
        words = _("%(title)s: not everything could be written. Please confirm once more; nobody is listed twice.",
                  title=title)  # fmt: skip
    else:
        counts = one.written
        words = _("%(title)s: %(added)s added, %(updated)s updated, %(same)s unchanged, %(bad)s left out.",
                  title=title, added=counts.added, updated=counts.updated, same=counts.unchanged,
                  bad=one.not_taken)  # fmt: skip
    return str(words)


def _to_fill(campaign_id: int) -> CampaignRow:
    """Return the campaign; 403 when this person may run none of its events."""
    campaign = campaigns.get(campaign_id)
    if not campaign_lists.events_of(campaign.id, logged_in()):
        abort(403)
    return campaign


def _import_page(campaign: CampaignRow, form: ImportForm) -> str:
    return render_template("desk/campaign_list.html", campaign=campaign, form=form)


def _gone(campaign: CampaignRow) -> Response:
    flash(_("This preview is gone: it was used, or is older than an hour. Please choose the file again."), "bad")
    return go("campaign_lists.choose", campaign_id=campaign.id)
