"""The public wall over plain HTTP: by a device link alone, without anybody's secret, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.door import links
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in, student


def opened(client: FlaskClient, event: EventView, query: str = "") -> str:
    """Return the wall's address after a device link was opened; no account has ever been in this browser."""
    answer = client.get(f"/d/{links.make(event.id, 'wall', staff_id=None)}{query}")
    assert answer.status_code == 303 and answer.location == f"/events/{event.code}/wall{query}"
    return str(answer.location)


def test_wall_runs_on_a_device_link_alone(app: Flask, client: FlaskClient) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    event = make_event(venue="三楼报告厅", campaign_id=campaign.id, starts_at=utcnow())
    sign_in(event, enterprise("王强强", job_title="质量部长"))
    sign_in(event, student("李明"))
    page = client.get(opened(client, event)).text
    for said in ("质量月", event.title, "三楼报告厅", 'id="arrived" data-key="2">2<', "湖北东贝制冷有限公司", "王*"):
        assert said in page
    for never in ("王强", "强*", "13800138000", "138****8000", "质量部长", "李明", "李*", "四棵中学", "初二"):
        assert never not in page
    assert 'data-palette="ceremony"' in page and '<noscript><meta http-equiv="refresh"' in page


def test_wall_s_link_opens_nothing_else(app: Flask, client: FlaskClient) -> None:
    event, other = make_event(), make_event(title="另一场")
    opened(client, event)
    assert client.get(f"/events/{event.code}/display").status_code == 303
    assert client.get(f"/events/{other.code}/wall").status_code == 303
    assert client.get(f"/events/{event.code}/wall/part").status_code == 200


def test_revoked_wall_goes_dark(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    address = opened(client, event)
    links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
    for path in (address, f"{address}/part"):
        answer = client.get(path)
        assert answer.status_code == 404 and event.title not in answer.text


def test_wall_speaks_english(app: Flask, client: FlaskClient) -> None:
    event = make_event(title_alt="Chief Quality Officer training")
    sign_in(event, enterprise())
    page = client.get(opened(client, event), query_string={"lang": "en"}).text
    assert "Chief Quality Officer training" in page and "1 organisations have come" not in page
    assert "1 organisation has come" in page and "lang=en" in page


def test_face_of_the_link_stays(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("enterprise", "王强", "甲公司")], actor="staff:1")
    page = client.get(opened(client, event, "?face=missing")).text
    assert "未到单位" in page and "甲公司" in page and "王强" not in page and "王*" not in page
    assert f"/events/{event.code}/wall/part?face=missing" in page
    sign_in(event, enterprise(organisation_name="甲公司", mobile=None))
    part = client.get(f"/events/{event.code}/wall/part", query_string={"face": "missing"}).text
    assert "全部到齐" in part and "甲公司" not in part


@pytest.mark.parametrize("face", ["", "nonsense", "arrived", "missing"])
def test_nobody_yet_is_said_on_every_face(app: Flask, client: FlaskClient, face: str) -> None:
    event = make_event()
    text = client.get(opened(client, event), query_string={"face": face}).text
    assert 'data-key="0">0<' in text and "还没有人签到" in text


def test_wall_says_where_its_event_stands(app: Flask, client: FlaskClient) -> None:
    early = make_event(opens_at=utcnow() + timedelta(hours=1))
    assert "开始签到" in client.get(opened(client, early)).text
    closed = make_event()
    events.close(closed.code)
    assert "签到已结束" in client.get(opened(client, closed)).text


def test_desk_makes_a_wall_s_link_with_its_face(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    make_staff()
    log_in(client, "admin@example.org")
    answer = post(client, f"/events/{event.code}/devices", screen="wall", face="missing")
    page = client.get(answer.location).text
    token = page.partition("/d/")[2].partition("?")[0]
    assert len(token) == 32 and f"/d/{token}?face=missing" in page and "签到大屏" in page
    (link,) = links.list_of(event.id, "device")
    assert link.purpose == "wall"


def test_wall_sets_no_cookie_and_stays_out_of_caches(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    answer = client.get(f"{opened(client, event)}/part")
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
