"""The desk's page of a campaign's screens, which follow its agenda: links made, listed, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services import refusal_words
from kiosk.services.board.walls import FACES
from kiosk.services.door import followers, links
from kiosk.services.event import campaign_access, campaigns
from kiosk.services.event.campaigns import CampaignRow
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused, Unknown
from kiosk.web.frame.access import ORGANISERS, actor, logged_in, role_required
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import go

bp = Blueprint("campaign_screens", __name__)
MADE = "made_campaign_screen"


@bp.get("/campaigns/<int:campaign_id>/screens")
@role_required(*ORGANISERS)
def show(campaign_id: int) -> ResponseReturnValue:
    """List a campaign's screens, for whoever may run it."""
    return _page(_to_run(campaign_id))


@bp.post("/campaigns/<int:campaign_id>/screens")
@role_required(*ORGANISERS)
def make(campaign_id: int) -> ResponseReturnValue:
    """Make a link for a screen of the campaign or of one place in it; a kiosk needs a PIN to be left."""
    campaign = _to_run(campaign_id)
    screen, place = posted.one_of("screen", links.SCREENS) or "display", posted.text("place", 200)
    pin = posted.text("pin") if screen == "kiosk" else None
    try:
        token = followers.make(campaign.id, screen, place=place or None, staff_id=logged_in().id, pin=pin)
    except Refused as refusal:
        return _page(campaign, {"pin": refusal_words.say(refusal, "desk")}), 422
    except Unknown:
        return _page(campaign, {"place": _("Please choose one of these.")}), 422
    face = posted.one_of("face", FACES) if screen == "wall" else None
    session[MADE] = [campaign.id, token, {"purpose": screen, "place": place, "face": face}]
    return go("campaign_screens.show", campaign_id=campaign.id)


@bp.post("/campaigns/<int:campaign_id>/screens/<int:link_id>/revoke")
@role_required(*ORGANISERS)
def revoke(campaign_id: int, link_id: int) -> ResponseReturnValue:
    """Revoke a link: its screen goes dark within seconds."""
    if followers.revoke(_to_run(campaign_id).id, link_id, actor=actor()):
        flash(_("The link is revoked."), "ok")
    return go("campaign_screens.show", campaign_id=campaign_id)


def _to_run(campaign_id: int) -> CampaignRow:
    """Return the campaign; 403 when it is not this person's to change."""
    campaign = campaigns.get(campaign_id)
    if not campaign_access.may_run(logged_in(), campaign):
        abort(403)
    return campaign


def _page(campaign: CampaignRow, errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "door/links/campaign_screens.html",
        campaign=campaign,
        zone=ZoneInfo(current_app.config["KIOSK"].timezone),
        places=followers.places(campaign.id, logged_in()),
        links=followers.list_of(campaign.id),
        new=None if errors else _just_made(campaign),
        errors=errors or {},
        typed=posted.plain(),
    )


def _just_made(campaign: CampaignRow) -> dict[str, Any] | None:
    """Return the link just made for this campaign as `address` and what was kept about it, this once; or None."""
    made = session.get(MADE)
    if not made or made[0] != campaign.id:
        return None
    session.pop(MADE)
    face = made[2]["face"]
    return {**made[2], "address": f"{addresses.base_url()}/d/{made[1]}{f'?face={face}' if face else ''}"}
