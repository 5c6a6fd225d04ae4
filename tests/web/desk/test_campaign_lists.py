"""One list over several events on the desk: its pages, who gets in, what they say of events that take nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import AuditEntry, SplitList
from kiosk.services.event import campaigns, event_access, events
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.services.roster import roster_imports
from kiosk.services.store.writer import WriterBusy
from tests.aids.factories import log_in, make_event, make_staff, post

TEXT = "姓名\t单位\t手机\t场次\n王强\t东贝\t13701018000\t上午场\n李娜\t劲牌\t13900139000\t下午场\n赵敏\t东贝\t\t晚上"


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def halves(app: Flask) -> Sequence[EventView]:
    campaign = campaigns.create(CampaignDraft("质量月"))
    return [make_event(title=f"培训{half}场", campaign_id=campaign.id) for half in ("上午", "下午")]


def address(halves: Sequence[EventView]) -> str:
    return f"/campaigns/{halves[0].campaign_id}/list"


def expected(halves: Sequence[EventView]) -> list[int]:
    counts = [events.counts(event.id).expected for event in halves]
    db.session.rollback()
    return counts


def selected(page: str) -> list[str]:
    """Return the event that each value goes to."""
    fields = re.findall(r'<select class="input" name="event-.*?</select>', page, re.DOTALL)
    return [(re.findall(r'value="(\d+)" selected', field) or ["0"])[0] for field in fields]


def test_a_list_goes_from_the_campaign_s_page_to_its_events(desk: FlaskClient, halves: Sequence[EventView]) -> None:
    at = address(halves)
    assert at in desk.get(at.removesuffix("/list")).text
    assert 'type="file"' in desk.get(at).text
    preview = str(post(desk, at, pasted=TEXT).location)
    page = desk.get(preview).text
    assert selected(page) == [str(halves[0].id), str(halves[1].id), "0"]
    assert "13701018000" not in page and "13900139000" not in page
    mark = re.findall(r'name="(event-[0-9a-f]+)"', page)[2]
    assert post(desk, preview, by="event", **{mark: halves[1].id}).location == preview, (
        "shown again before it is written"
    )
    assert expected(halves) == [0, 0] and selected(desk.get(preview).text)[2] == str(halves[1].id)
    done = post(desk, preview, by="event")
    assert done.location == at.removesuffix("/list") and expected(halves) == [1, 2]
    assert "培训下午场：新增 2 条" in desk.get(done.location).text
    assert db.session.scalar(select(func.count(SplitList.id))) == 0
    assert desk.get(preview).location == at and "已失效" in desk.get(at).text


def test_a_list_that_is_discarded_is_gone_and_the_log_says_so(desk: FlaskClient, halves: Sequence[EventView]) -> None:
    preview = str(post(desk, address(halves), pasted=TEXT).location)
    post(desk, preview, discard="1")
    assert expected(halves) == [0, 0] and db.session.scalar(select(func.count(SplitList.id))) == 0
    said = db.session.execute(select(AuditEntry.action, AuditEntry.subject).where(AuditEntry.action.like("roster%")))
    of_campaign = f"campaign:{halves[0].campaign_id}"
    assert said.all() == [("roster.upload", of_campaign), ("roster.discard", of_campaign)]


def test_what_holds_no_people_is_refused_beside_its_field(desk: FlaskClient, halves: Sequence[EventView]) -> None:
    answer = post(desk, address(halves), pasted="")
    assert answer.status_code == 422 and "field__error" in answer.text


def test_only_who_may_run_an_event_of_it_gets_in(app: Flask, desk: FlaskClient, halves: Sequence[EventView]) -> None:
    partner = make_staff("organiser")
    browser = app.test_client()
    log_in(browser, partner.email)
    assert browser.get(address(halves)).status_code == 403
    event_access.share(halves[1].id, partner.email)
    assert browser.get(address(halves)).status_code == 200
    preview = str(post(browser, address(halves), pasted=TEXT).location)
    assert selected(browser.get(preview).text) == ["0", str(halves[1].id), "0"]
    assert desk.get(preview).location == address(halves), "nobody else's"


def test_cleared_events_and_failures_get_a_sentence_each(
    desk: FlaskClient, halves: Sequence[EventView], monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = str(post(desk, address(halves), pasted=TEXT).location)

    def fail(*_given: object, **_more: object) -> None:
        raise WriterBusy("full")

    monkeypatch.setattr(roster_imports, "write_read", fail)
    assert post(desk, preview, by="event").location == preview, "it can be confirmed again"
    assert "“培训上午场”没有全部写入" in desk.get(preview).text
    monkeypatch.undo()
    purges.purge_event(halves[0], "staff:1")
    preview = str(post(desk, address(halves), pasted=TEXT).location)
    page = desk.get(preview).text
    assert "“培训上午场”的个人信息已清除" in page and selected(page) == ["0", str(halves[1].id), "0"]
    post(desk, preview, by="event")
    assert expected(halves)[1] == 1
