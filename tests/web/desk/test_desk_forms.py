"""The organiser's desk: the forms that make, change and clone events."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from kiosk.clock import utcnow
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import retention
from tests.aids.factories import log_in, make_event, make_staff, post, sign_in, student
from tests.aids.personal import ended

NOON = datetime(2026, 9, 10, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def filled(page: str) -> MultiDict[str, str]:
    """Return what a browser would send of a page's form as it stands."""
    sent: MultiDict[str, str] = MultiDict()
    for tag in re.findall(r"<input [^>]*>", page):
        named = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if named.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in named:
            sent.add(named["name"], unescape(named.get("value", "y" if named.get("type") == "checkbox" else "")))
    for name, inside in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', inside) or re.search(r'<option value="([^"]*)"', inside)
        assert chosen is not None
        sent.add(name, unescape(chosen[1]))
    for name, inside in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        sent.add(name, unescape(inside).replace("\r\n", "\n").removeprefix("\n"))
    return sent


def change(desk: FlaskClient, event: EventView, **fields: str | None) -> Any:
    """Open an event's settings, change some fields (None: untick) and save."""
    path = f"/events/{event.code}/settings"
    sent = filled(desk.get(path).text)
    for name, value in fields.items():
        key = name.replace("__", "-")
        sent.poplist(key)
        if value is not None:
            sent[key] = value
    return desk.post(path, data=sent)


def test_event_needs_a_title_only(desk: FlaskClient) -> None:
    answer = post(desk, "/events/new", title=" 实验室  开放日 ")
    assert answer.status_code == 303
    view = events.get(answer.location.rsplit("/", 1)[1])
    assert (view.title, view.phase(utcnow()), view.timezone) == ("实验室 开放日", "open", "Asia/Shanghai")
    assert "实验室 开放日" in desk.get("/events").text


def test_event_without_a_title_keeps_what_was_typed(desk: FlaskClient) -> None:
    answer = post(desk, "/events/new", title="", venue="政务中心", starts_at="2026-09-10T09:00")
    assert answer.status_code == 422
    assert 'value="政务中心"' in answer.text and 'value="2026-09-10T09:00"' in answer.text
    assert 'id="title-error"' in answer.text and 'aria-describedby="title-error"' in answer.text
    assert events.list_all() == ()


def test_event_that_ends_before_it_begins_says_so_beside_the_end(desk: FlaskClient) -> None:
    answer = post(desk, "/events/new", title="T", starts_at="2026-09-10T09:00", ends_at="2026-09-10T08:00")
    assert answer.status_code == 422 and 'id="ends_at-error"' in answer.text


def test_times_are_in_the_events_zone(desk: FlaskClient) -> None:
    answer = post(desk, "/events/new", title="T", starts_at="2026-09-10T09:00")
    view = events.get(answer.location.rsplit("/", 1)[1])
    assert view.starts_at == datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
    change(desk, view, timezone="Europe/Berlin")
    assert events.get(view.code).starts_at == datetime(2026, 9, 10, 7, 0, tzinfo=UTC)


def test_saving_the_settings_untouched_changes_nothing(desk: FlaskClient) -> None:
    event = make_event(
        title_alt="Tour", venue="政务中心", venue_alt="Hall", district="黄石港区", starts_at=NOON,
        ends_at=NOON + timedelta(hours=2), opens_at=NOON - timedelta(hours=1), closes_at=NOON + timedelta(hours=3),
        late_after_minutes=None, capacity=80, full_policy="wait_list", retention_days=30, outcome="成果",
        kinds=[{"kind": "guest", "label": "媒体", "label_alt": "Press"}, {"kind": "enterprise"}],
        field_modes={"guest.mobile": "required", "enterprise.job_title": "hidden"},
        own_fields=[
            {"key": "lunch", "label": "用餐", "label_alt": "Lunch", "type": "yes_no", "mode": "required"},
            {"key": "bus", "label": "车次", "label_alt": None, "type": "choice", "mode": "optional",
             "choices": ["1 号车", "2 号车"], "kinds": ["guest"]},
        ],
        are_students_minors=False, notice_basis="consent", wifi_name="Hall", wifi_password="a \"b\"  & c",
        host="市质检所", host_alt="Quality Institute",
    )  # fmt: skip
    assert change(desk, event).status_code == 303
    before, after = events.draft_of(event), events.draft_of(events.get(event.code))
    assert dict(before.field_modes).items() <= dict(after.field_modes).items(), "the others as they were by default"
    assert replace(after, field_modes={}) == replace(before, field_modes={})


def test_every_setting_of_an_event_can_be_changed(desk: FlaskClient) -> None:
    event = make_event()
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    answer = change(
        desk, event, title="新标题", title_alt="New", venue="会堂", venue_alt="Hall", district="高新区",
        campaign_id=str(campaign.id), timezone="Asia/Tokyo", starts_at="2096-09-10T09:00", ends_at="2096-09-10T11:00",
        opens_at="2096-09-10T08:30", closes_at="2096-09-10T12:00", late_after_minutes="15", capacity="80",
        full_policy="wait_list", are_students_minors=None, notice_basis="consent", retention_days="90", outcome="很好",
        wifi_name="Hall", wifi_password="secret", kinds__student__is_admitted=None, kinds__guest__label="媒体",
        kinds__guest__label_alt="Press", modes__guest_mobile="required",
    )  # fmt: skip
    assert answer.status_code == 303
    view = events.get(event.code)
    assert (view.title, view.title_alt, view.venue, view.venue_alt, view.district) == (
        "新标题", "New", "会堂", "Hall", "高新区",
    )  # fmt: skip
    assert (view.campaign_id, view.timezone, view.late_after_minutes, view.capacity, view.full_policy) == (
        campaign.id, "Asia/Tokyo", 15, 80, "wait_list",
    )  # fmt: skip
    times = (view.starts_at, view.ends_at, view.opens_at, view.closes_at)
    assert [moment and moment.astimezone(view.zone).hour for moment in times] == [9, 11, 8, 12]
    assert (view.are_students_minors, view.notice_basis, view.retention_days) == (False, "consent", 90)
    assert view.outcome == "很好"
    assert (view.wifi_name, view.wifi_password, view.kind_names) == ("Hall", "secret", ("enterprise", "guest"))
    assert [kind.label for kind in view.kinds] == [None, "媒体"]
    assert "mobile" in [field.key for field in view.fields_by_kind["guest"] if field.is_required]


def test_a_mistyped_year_deletes_nobody(desk: FlaskClient) -> None:
    """Retention needs no further question: within a minute everything would be gone."""
    now = utcnow()
    event = make_event(retention_days=90, starts_at=now - timedelta(days=5), ends_at=now - timedelta(days=4))
    sign_in(event, student())
    typed = event.ends_at and event.ends_at.astimezone(event.zone)
    assert typed is not None
    last_year = f"{typed.year - 1}-06-10T"
    answer = change(desk, event, starts_at=f"{last_year}09:00", ends_at=f"{last_year}11:00")
    assert answer.status_code == 422 and 'id="ends_at-error"' in answer.text and "立即永久清除" in answer.text
    answer = change(desk, event, retention_days="3", minors_days="2")
    assert answer.status_code == 422 and "请至少填 5 天" in answer.text
    assert 'id="retention_days-error"' in answer.text and 'id="minors_days-error"' in answer.text
    assert events.get(event.code) == event and not retention.is_due()
    assert change(desk, event, retention_days="5", minors_days="5").status_code == 303
    overdue = ended(event, 9)  # housekeeping is about to look: other settings can still be changed
    assert change(desk, overdue, title="新标题", retention_days="4").status_code == 303


def test_walk_in_rule_and_what_is_handed_out_are_set(desk: FlaskClient) -> None:
    event = make_event()
    change(desk, event, walk_in_policy="refuse", tick_labels="资料、聘书， 资料;饮水, ")
    view = events.get(event.code)
    assert (view.walk_in_policy, view.tick_labels) == ("refuse", ("资料", "聘书", "饮水"))
    assert change(desk, event).status_code == 303 and events.get(event.code).tick_labels == view.tick_labels
    answer = change(desk, event, tick_labels="资" * 31)
    assert answer.status_code == 422 and 'id="tick_labels-error"' in answer.text


def test_a_rotating_code_is_set_said_and_bounded(desk: FlaskClient) -> None:
    event = make_event()
    assert "未启用" in desk.get(f"/events/{event.code}/settings").text
    for typed in ("14", "301", "x"):
        answer = change(desk, event, rotate_seconds=typed)
        assert answer.status_code == 422 and 'id="rotate_seconds-error"' in answer.text, typed
    assert change(desk, event, rotate_seconds="45").status_code == 303
    assert events.get(event.code).rotate_seconds == 45
    page = desk.get(f"/events/{event.code}/settings").text
    assert "每 45 秒更换数字" in page and "打电话把数字念给朋友" in page
    assert change(desk, event, rotate_seconds="").status_code == 303
    assert events.get(event.code).rotate_seconds is None


def test_questions_are_added_and_taken_away_without_a_script(desk: FlaskClient) -> None:
    event = make_event()
    buses = "1 号车\n\n2 号车\n1 号车"
    change(desk, event, own_fields__0__label="车次", own_fields__0__type="choice", own_fields__0__choices=buses,
           own_fields__1__label="备注", own_fields__1__kind="guest")  # fmt: skip
    bus, remark = events.get(event.code).own_fields
    assert (bus["label"], bus["type"], bus["choices"]) == ("车次", "choice", ["1 号车", "2 号车"])
    assert (remark["label"], remark["type"], remark["kinds"]) == ("备注", "text", ["guest"])
    change(desk, event, own_fields__0__label="", own_fields__2__label="用餐", own_fields__2__type="yes_no")
    kept, lunch = events.get(event.code).own_fields
    assert kept["key"] == remark["key"], "a question keeps its key, and with it its answers"
    assert lunch["label"] == "用餐" and lunch["key"] not in (bus["key"], remark["key"])


def test_choice_with_one_answer_is_refused_and_nothing_typed_is_lost(desk: FlaskClient) -> None:
    event = make_event()
    answer = change(desk, event, title="新标题", own_fields__0__label="车次", own_fields__0__type="choice",
                    own_fields__0__choices="1 号车")  # fmt: skip
    assert answer.status_code == 422
    assert 'id="own_fields-0-choices-error"' in answer.text
    assert 'value="新标题"' in answer.text and "1 号车</textarea>" in answer.text
    assert events.get(event.code).own_fields == ()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("capacity", "many"), ("capacity", "0"), ("late_after_minutes", "-1"), ("timezone", "Mars/Base"), ("title", " "),
     ("retention_days", "99999"), ("venue", "长" * 201), ("closes_at", "2020-01-01T00:00")],
)  # fmt: skip
def test_wrong_setting_is_said_beside_its_field(desk: FlaskClient, field: str, typed: str) -> None:
    event = make_event(opens_at=NOON)
    answer = change(desk, event, **{field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert events.draft_of(events.get(event.code)) == events.draft_of(event)


def test_event_for_nobody_is_refused(desk: FlaskClient) -> None:
    event = make_event()
    unticked = {f"kinds__{kind}__is_admitted": None for kind in ("student", "enterprise", "guest")}
    answer = change(desk, event, **unticked)
    assert answer.status_code == 422 and 'id="kinds-error"' in answer.text


def test_six_districts_come_from_one_table(desk: FlaskClient) -> None:
    event = make_event(starts_at=NOON, ends_at=NOON + timedelta(hours=2), capacity=70)
    rows: dict[str, str] = {}
    for index, district in enumerate(["黄石港区", "西塞山区", "下陆区", "铁山区", "开发区", "大冶市"]):
        rows |= {f"rows-{index}-district": district, f"rows-{index}-starts_at": f"2026-09-{11 + index}T09:00"}
    answer = post(desk, f"/events/{event.code}/clone", **rows, **{"rows-6-district": "", "rows-7-title": " "})
    assert answer.status_code == 303
    made = [row.view for row in events.list_all() if row.view.code != event.code]
    assert [view.district for view in made] == ["黄石港区", "西塞山区", "下陆区", "铁山区", "开发区", "大冶市"]
    assert {view.title for view in made} == {event.title} and {view.capacity for view in made} == {70}
    assert [view.starts_at.day for view in made if view.starts_at] == [11, 12, 13, 14, 15, 16]
    assert {view.ends_at - view.starts_at for view in made if view.ends_at and view.starts_at} == {timedelta(hours=2)}


def test_clone_table_without_a_row_says_so(desk: FlaskClient) -> None:
    event = make_event()
    assert post(desk, f"/events/{event.code}/clone", **{"rows-0-district": " "}).status_code == 422
    assert len(events.list_all()) == 1
