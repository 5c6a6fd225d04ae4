"""An event's host: its own, else its campaign's; on paper, in clones and from the command line."""

from __future__ import annotations

import json

from flask import Flask

from kiosk.services.event import campaigns, events, posters
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.sheet import sheets
from tests.aids.factories import make_event

OFFICE = {"host": "黄石市市场监督管理局", "host_alt": "Huangshi Market Regulation"}
BOTH = {"zh": "", "en": ""}


def test_an_event_without_a_host_has_its_campaigns(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月", **OFFICE))
    of_campaign = make_event(campaign_id=campaign.id)
    assert (of_campaign.host, of_campaign.host_alt) == (OFFICE["host"], OFFICE["host_alt"])
    own = make_event(campaign_id=campaign.id, host="大冶市市场监督管理局")
    assert (own.host, own.host_alt) == ("大冶市市场监督管理局", None), "never one's name beside another's in English"
    assert make_event().host is None
    campaigns.update(campaign.id, CampaignDraft("质量月", host="湖北省市场监督管理局"))
    assert events.get(of_campaign.code).host == "湖北省市场监督管理局"
    assert events.get(own.code).host == "大冶市市场监督管理局"


def test_a_save_makes_the_campaigns_host_none_of_the_events_own(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月", **OFFICE))
    event = make_event(campaign_id=campaign.id)
    saved = events.update(event.code, events.draft_of(event))
    assert not saved.is_host_own and saved.host == OFFICE["host"]


def test_a_clone_has_the_same_host_in_another_campaign_too(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月", **OFFICE))
    event, own = make_event(campaign_id=campaign.id), make_event(campaign_id=campaign.id, host="市质检所")
    assert not events.clone(event.code).is_host_own and events.clone(own.code).host == "市质检所"
    elsewhere = events.clone(event.code, campaign_id=None)
    assert elsewhere.campaign_id != campaign.id
    assert (elsewhere.host, elsewhere.host_alt) == (OFFICE["host"], OFFICE["host_alt"])


def test_paper_prints_the_events_own_host(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月", **OFFICE))
    event = make_event(campaign_id=campaign.id, host="市质检所", host_alt="Quality Institute")
    assert posters.poster_of(event, "zh", BOTH)["host"] == "市质检所"
    assert posters.poster_of(event, "en", BOTH)["host"] == "Quality Institute"
    assert ("主办单位", "市质检所") in sheets.head_lines(event, "zh")


def test_event_add_names_the_host(app: Flask) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=("event", "add", "--title", "开放日", "--host", " 市质检所 ", "--json"))
    assert made.exit_code == 0, made.output
    assert events.get(json.loads(made.stdout)["code"]).host == "市质检所"
    too_long = run.invoke(args=("event", "add", "--title", "开放日", "--host", "局" * 201))
    assert too_long.exit_code == 2 and "At most 200 characters" in too_long.output
