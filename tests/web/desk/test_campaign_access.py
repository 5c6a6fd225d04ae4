"""Whose campaign it is: who changes, archives, shares and fills it, and what its page shows to whoever may not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.services.event import campaign_access, campaigns, event_access, events
from kiosk.services.event.campaigns import CampaignDraft, CampaignRow
from tests.aids.factories import log_in, make_event, make_staff, post

LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def browser(app: Flask) -> LogIn:
    """Return a function that logs one of three organisers in, in a browser of their own."""
    for name in ("owner", "partner", "stranger"):
        make_staff("organiser", email=f"{name}@example.org")

    def as_whom(name: str) -> FlaskClient:
        client = app.test_client()
        log_in(client, f"{name}@example.org")
        return client

    return as_whom


def made_by(client: FlaskClient, title: str = "质量月") -> CampaignRow:
    """Make a campaign by the desk's form."""
    answer = post(client, "/campaigns/new", title=title, palette="pine")
    return campaigns.get(int(str(answer.location).rpartition("/")[2]))


def offered(page: str) -> set[int]:
    """Return the campaigns that a form offers for an event."""
    field = re.search(r'<select[^>]* name="campaign_id".*?</select>', page, re.DOTALL)
    assert field is not None
    return {int(value) for value in re.findall(r'value="(\d+)"', field[0])}


def test_a_stranger_changes_nothing_of_a_campaign_and_sees_no_button_for_it(browser: LogIn) -> None:
    campaign, stranger = made_by(browser("owner")), browser("stranger")
    page = f"/campaigns/{campaign.id}"
    for path, fields in (("edit", {"title": "改名"}), ("archive", {"is_archived": "1"}), ("sharing", {"email": "x"})):
        assert post(stranger, f"{page}/{path}", palette="pine", **fields).status_code == 403
    assert campaigns.get(campaign.id) == campaign
    shown = stranger.get(page).text
    assert shown and "管理员可以修改" in shown
    assert "没有归您管理或共享给您的活动" in shown and "其中还没有活动" in browser("owner").get(page).text
    for path in ("/edit", "/archive", "/sharing", f"/events/new?campaign={campaign.id}"):
        assert path not in shown and path in browser("owner").get(page).text


def test_a_shared_campaign_is_run_by_the_other_until_it_is_taken_back(browser: LogIn) -> None:
    owner, partner = browser("owner"), browser("partner")
    campaign = made_by(owner)
    sharing, edit = f"/campaigns/{campaign.id}/sharing", f"/campaigns/{campaign.id}/edit"
    assert "没有" in post(owner, sharing, email="nobody@example.org").text
    assert post(owner, sharing, email="Partner@example.org").status_code == 303
    assert "partner@example.org" in owner.get(sharing).text
    assert post(partner, edit, title="计量日", palette="pine").status_code == 303
    assert offered(partner.get("/events/new").text) >= {campaign.id}
    (person,) = campaign_access.shared_with(campaign.id)
    assert post(owner, sharing, remove=person.id).status_code == 303
    assert post(partner, edit, title="质量月", palette="pine").status_code == 403
    assert campaigns.get(campaign.id).title == "计量日"


def test_events_are_made_in_one_s_own_shared_and_the_default_campaign_only(browser: LogIn) -> None:
    default_id, foreign = make_event().campaign_id, made_by(browser("owner"))
    own = made_by(stranger := browser("stranger"), "开放日")
    assert offered(stranger.get("/events/new").text) == {default_id, own.id}
    refused = post(stranger, "/events/new", title="座谈会", campaign_id=foreign.id)
    assert refused.status_code == 422 and events.list_all(campaign_id=foreign.id) == ()
    for campaign_id in (default_id, own.id):
        assert post(stranger, "/events/new", title="座谈会", campaign_id=campaign_id).status_code == 303
    assert len(events.list_all(campaign_id=own.id)) == 1


def test_a_shared_event_stays_where_it_is_and_its_clones_go_into_the_default_campaign(browser: LogIn) -> None:
    campaign, partner = made_by(browser("owner")), browser("partner")
    event = events.create(events.EventDraft(title="培训", campaign_id=campaign.id), owner_id=campaign.owner_id)
    event_access.share(event.id, "partner@example.org")
    assert campaign.id in offered(partner.get(f"/events/{event.code}/settings").text)
    clone = f"/events/{event.code}/clone"
    assert "大家共用" in partner.get(clone).text and "大家共用" not in browser("owner").get(clone).text
    assert post(partner, clone, **{"rows-0-title": "下陆区"}).status_code == 303
    assert len(events.list_all(campaign_id=campaign.id)) == 1
    (made,) = [row.view for row in events.list_all() if row.view.title == "下陆区"]
    assert campaigns.get(made.campaign_id).is_default


def test_nobody_s_campaign_and_the_default_one_are_changed_by_admins_only(app: Flask, browser: LogIn) -> None:
    make_staff("admin")
    nobodys, default_id = campaigns.create(CampaignDraft("质量月")).id, make_event().campaign_id
    for campaign_id in (nobodys, default_id):
        edit = f"/campaigns/{campaign_id}/edit"
        assert post(browser("stranger"), edit, title="改名", palette="pine").status_code == 403
        assert post(browser("admin"), edit, title="改名", palette="pine").status_code == 303
