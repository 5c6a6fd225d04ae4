"""Issuing proofs at the desk: a tick for each kind, lecturers and staff not ticked, and who was left out."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kiosk.services.event import campaigns
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import proof_lists, subjects
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, post, sign_in

TICK = re.compile(r'name="group" value="(\w+)"( checked)?><span>([^<]+?) <span\s+class="number">(\d+)<')


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def event(desk: FlaskClient) -> EventView:
    """An event of a campaign with two representatives, a journalist and a lecturer."""
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    made = make_event(campaign_id=campaign.id, kinds=[{"kind": "enterprise"}, {"kind": "guest", "label": "媒体"}])
    sign_in(made, enterprise("王强"))
    sign_in(made, enterprise("李娜", mobile="13900139000"))
    sign_in(made, guest("张爱国"))
    sign_in(made, enterprise("钱进", mobile="13900139001", job_title="讲师"))
    return made


def names(event: EventView) -> set[str | None]:
    return {row.name for row in proof_lists.search(subjects.of_event(event)).rows}


@pytest.mark.parametrize("of_campaign", [False, True])
def test_ticks_name_kinds_and_numbers_and_the_rest_is_named_afterwards(
    desk: FlaskClient, event: EventView, of_campaign: bool
) -> None:
    path = f"/campaigns/{event.campaign_id}/proofs" if of_campaign else f"/events/{event.code}/proofs"
    guests = "来宾" if of_campaign else "媒体"
    assert TICK.findall(desk.get(path).text) == [
        ("enterprise", " checked", "企业代表", "2"), ("guest", "", guests, "1"), ("staff", "", "授课和工作人员", "1"),
    ]  # fmt: skip
    post(desk, path, by_group="1", group=["enterprise"])
    page = desk.get(path).text
    assert names(event) == {"王强", "李娜"} and "已开具 2 份证明" in page
    assert f"未勾选，未开具：{guests} 1、授课和工作人员 1。" in page
    post(desk, path, by_group="1")
    assert len(names(event)) == 2, "nothing ticked is an answer"
    post(desk, path, by_group="1", group=["guest", "staff"])
    assert names(event) == {"王强", "李娜", "张爱国", "钱进"}


def test_who_posts_without_being_asked_issues_the_usual_ones(desk: FlaskClient, event: EventView) -> None:
    post(desk, f"/events/{event.code}/proofs")
    assert names(event) == {"王强", "李娜"}
