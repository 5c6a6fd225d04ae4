"""Making an event: four questions, of which only the title must be answered; or like last time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import log_in, make_event, make_staff, post
from tests.web.desk.test_desk_forms import filled


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def made(answer: object) -> EventView:
    assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]
    return events.get(answer.location.rsplit("/", 1)[1])  # type: ignore[attr-defined]


def test_who_comes_and_the_host_are_asked_and_need_no_answer(desk: FlaskClient) -> None:
    page = desk.get("/events/new").text
    sent = filled(page)
    assert sent.getlist("kinds") == ["enterprise", "guest", "student"], "everybody, unless somebody is taken out"
    sent["title"] = "开放日"
    view = made(desk.post("/events/new", data=sent))
    assert view.kind_names == ("enterprise", "guest", "student") and view.host is None
    view = made(post(desk, "/events/new", title="参观", kinds="student", host=" 市质检所 "))
    assert (view.kind_names, view.host) == (("student",), "市质检所")
    assert made(post(desk, "/events/new", title="谁都行")).kind_names == ("enterprise", "guest", "student")


def test_like_last_time_fills_in_everything_but_the_day(desk: FlaskClient) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    event = make_event(
        title="每周讲堂", campaign_id=campaign.id, host="市质检所", venue="会堂", tick_labels=["资料"], capacity=80,
        starts_at=utcnow() - timedelta(days=7), kinds=[{"kind": "guest", "label": "听众", "label_alt": None}],
    )  # fmt: skip
    assert f'href="/events/new?like={event.code}"' in desk.get("/events/new").text
    path = f"/events/new?like={event.code}"
    assert f'href="{path}"' in desk.get(f"/events/{event.code}").text, "from any event, however long ago"
    sent = filled(desk.get(path).text)
    assert (sent["title"], sent["host"], sent["venue"], sent["campaign_id"]) == (
        "每周讲堂", "市质检所", "会堂", str(campaign.id),
    )  # fmt: skip
    assert sent.getlist("kinds") == ["guest"] and sent["starts_at"] == ""
    view = made(desk.post(path, data=sent))
    assert view.code != event.code and view.starts_at is None
    assert (view.tick_labels, view.capacity, view.kinds[0].label) == (("资料",), 80, "听众")


def test_what_was_typed_stays_when_something_is_wrong(desk: FlaskClient) -> None:
    answer = post(desk, "/events/new", title="", kinds="guest", host="市质检所", district="下陆区")
    sent = filled(answer.text)
    assert answer.status_code == 422 and sent.getlist("kinds") == ["guest"] and sent["host"] == "市质检所"
    assert post(desk, "/events/new", title="T", kinds="nobody").status_code == 422


def test_an_event_of_somebody_else_is_no_template(app: Flask, client: FlaskClient) -> None:
    make_staff("organiser")
    log_in(client, "organiser@example.org")
    event = make_event(title="别人的")
    assert "别人的" not in client.get("/events/new").text
    assert client.get(f"/events/new?like={event.code}").status_code == 403
    assert client.get("/events/new?like=XXXXXX").status_code == 404
