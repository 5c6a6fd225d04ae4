"""The organiser's desk: campaigns."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import Optional, ValidationError

from kiosk.services.event import campaign_access, campaigns, event_access, events, series
from kiosk.services.event.campaigns import CampaignDraft, CampaignRow
from kiosk.services.host import addresses
from kiosk.services.pages import of_rows
from kiosk.web.desk.desk_events import bp, sharing_page
from kiosk.web.frame.access import ORGANISERS, actor, logged_in, role_required, staff_required
from kiosk.web.frame.forms import StaffForm, text
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import finish

PALETTE_WORDS = {
    "river": _l("River blue"), "pine": _l("Pine green"), "plum": _l("Plum"), "amber": _l("Amber"),
    "slate": _l("Slate"), "ceremony": _l("Ceremonial red and gold"),
}  # fmt: skip

PAGE = 50  # events of a campaign's page, campaigns of their list


class CampaignForm(StaffForm):
    title = text(_l("Title"), 200, is_required=True)
    title_alt = text(_l("Title in English"), 200)
    host = text(_l("Host, as printed"), 200)
    host_alt = text(_l("Host in English"), 200)
    starts_on = DateField(_l("From"), validators=[Optional()])
    ends_on = DateField(_l("To"), validators=[Optional()])
    palette = RadioField(
        _l("Colour"), choices=[SelectChoice(name, PALETTE_WORDS[name]) for name in campaigns.PALETTES], default="river"
    )

    def validate_ends_on(self, field: DateField) -> None:
        """Refuse a last day before the first."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must not be before the first."))


@bp.get("/campaigns", endpoint="campaigns")
@staff_required
def campaign_list() -> ResponseReturnValue:
    """Show every campaign, a page at a time."""
    return render_template("desk/campaigns.html", page=of_rows(campaigns.list_all(), PAGE, query.page()))


@bp.route("/campaigns/new", methods=["GET", "POST"])
@role_required(*ORGANISERS)
def new_campaign() -> ResponseReturnValue:
    """Make a campaign; a title is enough."""
    form = CampaignForm()
    if form.validate_on_submit():
        campaign_row = campaigns.create(CampaignDraft(**form.data), owner_id=logged_in().id, actor=actor())
        return finish(_("The campaign is ready."), "desk.campaign", campaign_id=campaign_row.id)
    return render_template("desk/campaign_form.html", form=form, campaign=None), form.status


@bp.get("/campaigns/<int:campaign_id>")
@staff_required
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign's events, a page at a time, with the totals of all."""
    campaign_row = campaigns.get(campaign_id)
    rows = events.list_all(campaign_id=campaign_row.id, staff_id=event_access.list_filter(logged_in()))
    return render_template(
        "desk/campaign.html",
        campaign=campaign_row,
        page=of_rows(rows, PAGE, query.page()),
        arrived=sum(row.counts.arrived for row in rows),
        series=series.titles(campaign_row.id),
        link=f"{addresses.base_url()}/c/{campaign_row.code}",
        may_run=campaign_access.may_run(logged_in(), campaign_row),
        may_fill=campaign_access.may_fill(logged_in(), campaign_row),
    )


@bp.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@role_required(*ORGANISERS)
def edit_campaign(campaign_id: int) -> ResponseReturnValue:
    """Change a campaign."""
    campaign_row = _to_run(campaign_id)
    form = CampaignForm.of(campaign_row)
    if form.validate_on_submit():
        campaigns.update(campaign_row.id, CampaignDraft(**form.data), actor=actor())
        return finish(_("Saved."), "desk.campaign", campaign_id=campaign_row.id)
    return render_template("desk/campaign_form.html", form=form, campaign=campaign_row), form.status


@bp.post("/campaigns/<int:campaign_id>/archive")
@role_required(*ORGANISERS)
def archive_campaign(campaign_id: int) -> ResponseReturnValue:
    """Put a campaign away (`is_archived=1`) or take it out again."""
    campaign_row = _to_run(campaign_id)
    is_archived = posted.is_set("is_archived")
    campaigns.set_archived(campaign_row.id, is_archived=is_archived, actor=actor())
    words = _("The campaign is archived; nothing is deleted.") if is_archived else _("The campaign is back.")
    return finish(words, "desk.campaigns")


@bp.route("/campaigns/<int:campaign_id>/sharing", methods=["GET", "POST"])
@role_required(*ORGANISERS)
def share_campaign(campaign_id: int) -> ResponseReturnValue:
    """Show who else runs this campaign; a POST adds an organiser or takes one off (`remove`)."""
    campaign_row = _to_run(campaign_id)
    return sharing_page("desk/campaign_sharing.html", campaign_access, campaign_row.id, campaign=campaign_row)


def _to_run(campaign_id: int) -> CampaignRow:
    """Return the campaign; 403 when it is not this person's to change."""
    campaign_row = campaigns.get(campaign_id)
    if not campaign_access.may_run(logged_in(), campaign_row):
        abort(403)
    return campaign_row
