"""Lists of events and of campaigns come a page at a time; their totals are those of all."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.event import agenda, campaigns, events
from kiosk.web.desk import desk_campaigns
from tests.aids.factories import guest, log_in, make_event, make_staff, sign_in

TITLE = re.compile(r"<strong>(第[^<]+场)</strong>")


@pytest.fixture
def desk(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser in which an admin is logged in; two rows a page."""
    monkeypatch.setattr(agenda, "PAGE", 2)
    monkeypatch.setattr(desk_campaigns, "PAGE", 2)
    make_staff()
    log_in(client, "admin@example.org")
    return client


def titles(page: str) -> list[str]:
    return TITLE.findall(page)


def test_today_stands_on_the_first_page_and_every_event_on_one(desk: FlaskClient) -> None:
    now = utcnow()
    make_event(title="第今日场")
    for number in range(3):
        make_event(title=f"第{number}场", starts_at=now + timedelta(days=number + 2))
    for number in range(2):
        away = make_event(title=f"第旧{number}场", starts_at=now - timedelta(days=number + 2))
        events.set_archived(away.code, is_archived=True)
    first, second, third = (desk.get(f"/events?page={number}").text for number in (1, 2, 3))
    assert titles(first) == ["第今日场", "第0场", "第1场"]
    assert titles(second)[0] == "第2场" and "已归档（2）" in second
    assert sorted(titles(second)[1:] + titles(third)) == ["第旧0场", "第旧1场"]
    assert "第 2 页，共 3 页" in second and "hx-get" not in second, "what is on is asked for on the first page only"
    assert '<details class="lines" open>' in third
    assert titles(desk.get("/events?page=99").text) == titles(third)
    assert "page=2" in first and "page=3" not in first


def test_a_short_list_has_no_pages(desk: FlaskClient) -> None:
    make_event(title="第一场")
    assert 'aria-label="页码"' not in desk.get("/events").text


def test_pages_keep_the_campaign(desk: FlaskClient) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    for number in range(3):
        starts_at = utcnow() + timedelta(days=number + 2)
        made = make_event(title=f"第{number}场", starts_at=starts_at, campaign_id=campaign.id)
        sign_in(made, guest(f"周{'一二三'[number]}"))
    assert f"/events?campaign={campaign.id}&amp;page=2" in desk.get(f"/events?campaign={campaign.id}").text.replace(
        f"page=2&amp;campaign={campaign.id}", f"campaign={campaign.id}&amp;page=2"
    )
    pages = [desk.get(f"/campaigns/{campaign.id}?page={number}").text for number in (1, 2)]
    assert [titles(page) for page in pages] == [["第0场", "第1场"], ["第2场"]]
    for page in pages:
        assert '<dd class="number">3</dd>' in page, "attendances and events of the whole campaign"


def test_campaigns_come_in_pages_as_well(desk: FlaskClient) -> None:
    for number in range(3):
        campaigns.create(campaigns.CampaignDraft(title=f"第{number}场"))
    assert titles(desk.get("/campaigns").text) == ["第2场", "第1场"]
    assert titles(desk.get("/campaigns?page=2").text)[0] == "第0场"
