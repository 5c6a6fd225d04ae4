"""The report's page: every number on it is a link, and behind each link stand as many rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.clock import utcnow
from kiosk.services.demo.build import Demo, build
from kiosk.services.directory import merges
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.event.notices import ensure_default_notice
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, guest, list_organisations, log_in, make_event, make_staff, sign_in, student

FIGURE = re.compile(r'<a[^>]* data-figure[^>]* href="([^"]+)">(\d+)</a>')
IN_TREND = re.compile(r'<li><a href="([^"]+)"><span>[^<]+</span> <b[^>]*data-figure>(\d+)</b></a></li>')


@dataclass(frozen=True)
class Listed:
    """What the pages of rows behind a number say and show."""

    total: int
    hidden: int
    rows: int


def report_of(client: FlaskClient, campaign_id: int, query: str = "") -> str:
    answer = client.get(f"/campaigns/{campaign_id}/report{query}")
    assert answer.status_code == 200
    return answer.text


def numbers_on(page: str) -> list[tuple[str, int]]:
    """Return every number that is a link, with where it leads."""
    found = FIGURE.findall(page) + IN_TREND.findall(page)
    assert len(found) == page.count("data-figure")
    return [(unescape(address), int(number)) for address, number in found]


def follow(client: FlaskClient, address: str) -> Listed:
    """Open the rows behind a number, all pages of them, and count."""
    rows, page, total, hidden = 0, 1, 0, 0
    while True:
        text = client.get(f"{address}&page={page}").text
        total = int(re.search(r'data-total="(\d+)"', text)[1])  # type: ignore[index]
        found = re.search(r'data-hidden="(\d+)"', text)
        hidden = int(found[1]) if found else 0
        counted = re.findall(r'data-count="(\d+)"', text)
        rows += sum(map(int, counted)) if counted else text.count("data-row>")
        if f"page={page + 1}" not in text:
            return Listed(total, hidden, rows)
        page += 1


@pytest.fixture
def demo(app: Flask) -> Demo:
    ensure_default_notice()
    return build()


def test_every_number_on_the_page_equals_the_rows_behind_it(app: Flask, client: FlaskClient, demo: Demo) -> None:
    make_event(title="还没有人来", campaign_id=demo.campaign_id)
    log_in(client, demo.email, demo.password)
    numbers = numbers_on(report_of(client, demo.campaign_id))
    assert len(numbers) > 60
    for address, number in numbers:
        assert follow(client, address) == Listed(number, 0, number), address
    figures = {re.search(r"figure=(\w+)", address)[1] for address, _ in numbers}  # type: ignore[index]
    assert figures == {
        "events",
        "planned",
        "attendances",
        "people",
        "enterprises",
        "students",
        "counted",
        "listed",
        "unlisted",
        "rosterless",
    }


def test_some_days_only_have_their_own_numbers_and_rows(app: Flask, client: FlaskClient, demo: Demo) -> None:
    log_in(client, demo.email, demo.password)
    day = events.get(demo.open_code).starts_at.astimezone(events.get(demo.open_code).zone).date()  # type: ignore[union-attr]
    numbers = numbers_on(report_of(client, demo.campaign_id, f"?from={day}&until={day}"))
    assert numbers[0][1] == 1 and len(numbers) > 8
    for address, number in numbers:
        assert f"from={day}" in address and follow(client, address) == Listed(number, 0, number), address


def test_an_organiser_sees_all_figures_and_is_told_what_is_not_listed(app: Flask, client: FlaskClient) -> None:
    organiser = make_staff("organiser")
    own = events.create(events.EventDraft(title="自己的活动", district="大冶市"), owner_id=organiser.id)
    other = make_event(title="别人的活动", district="阳新县")
    sign_in(own, enterprise("王强"))
    sign_in(other, enterprise("王强"))
    sign_in(other, enterprise("李小娜", mobile="13911112222", organisation_name="另一家公司"))
    log_in(client, organiser.email)
    page = report_of(client, own.campaign_id)
    for address, number in numbers_on(page):
        listed = follow(client, address)
        assert (listed.total, listed.rows) == (number, number - listed.hidden), address
    assert f"/events/{own.code}" in page and f"/events/{other.code}" not in page
    rows = client.get(f"/campaigns/{own.campaign_id}/report/rows?figure=attendances").text
    assert "其中 2 属于不归您管理的场次" in rows and "李*娜" not in rows and "王*" in rows


def test_rows_mask_people_and_never_name_minors(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王小强"))
    sign_in(event, student("李小明"))
    log_in(client, make_staff("viewer").email)
    for figure in ("attendances", "people", "students"):
        text = client.get(f"/campaigns/{event.campaign_id}/report/rows?figure={figure}").text
        for secret in ("王小强", "13800138000", "李小明", "李*明"):
            assert secret not in text, figure
        assert "未成年人，不显示姓名" in text
    assert "王*强" in client.get(f"/campaigns/{event.campaign_id}/report/rows?figure=people").text


def test_an_empty_campaign_says_what_comes_next(app: Flask, client: FlaskClient) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="新的系列")).id
    log_in(client, make_staff().email)
    page = report_of(client, campaign)
    assert "还没有可以统计的内容" in page and "data-figure" not in page and ".xlsx" not in page


def test_a_wrong_day_is_said_beside_its_field(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest())
    log_in(client, make_staff().email)
    address = f"/campaigns/{event.campaign_id}/report"
    for query, words in (
        ("from=gestern", "“gestern”不是日期"),
        ("from=2026-09-30&until=2026-09-10", "结束日期"),
    ):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 422 and words in answer.text and 'aria-invalid="true"' in answer.text
    assert client.get(f"{address}.pdf?from=gestern").status_code == 404
    assert client.get(f"{address}/rows?figure=nonsense").status_code == 404
    assert client.get("/campaigns/999/report").status_code == 404


def test_names_that_break_pages_are_kept_as_text(app: Flask, client: FlaskClient) -> None:
    hard: dict[str, str] = {"title": "<b>活动</b>" * 20, "district": "a&b=c?d#e"}
    event: EventView = make_event(**hard, starts_at=datetime(2026, 9, 10, 1, tzinfo=UTC))
    sign_in(event, guest())
    log_in(client, make_staff().email)
    page = report_of(client, event.campaign_id)
    assert "<b>活动" not in page
    for address, number in numbers_on(page):
        assert follow(client, address) == Listed(number, 0, number), address


def test_enterprises_that_look_like_one_are_mentioned_until_they_are_merged(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强", organisation_name="黄石东贝制冷有限公司"))
    sign_in(event, enterprise("李小娜", mobile="13911112222", organisation_name="湖北东贝制冷有限公司"))
    organisations.add_many(["大冶尖峰水泥有限公司", "湖北尖峰水泥有限公司"], "enterprise")  # alike, and nobody came
    log_in(client, make_staff().email)
    page = report_of(client, event.campaign_id)
    assert "1 对" in page and "黄石东贝制冷有限公司" in page and "尖峰" not in page
    assert 'href="/organisations/similar"' in page
    ids = {row.name: row.id for row in list_organisations()}
    merges.merge(ids["黄石东贝制冷有限公司"], ids["湖北东贝制冷有限公司"], actor="staff:1")
    assert 'id="doubtful"' not in report_of(client, event.campaign_id)


def test_campaign_pages_lead_to_the_report(app: Flask, client: FlaskClient) -> None:
    event = make_event(starts_at=utcnow())
    log_in(client, make_staff("viewer").email)
    for page in ("/campaigns", f"/campaigns/{event.campaign_id}"):
        assert f'href="/campaigns/{event.campaign_id}/report"' in client.get(page).text
