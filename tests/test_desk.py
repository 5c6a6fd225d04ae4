"""The organiser's desk: making, changing and cloning events, campaigns, the directory, the list of sign-ins."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services import agenda, campaigns, events, hand_counters, organisations, tallies
from kiosk.services.event_views import EventView
from tests.factories import csrf_token, enterprise, guest, log_in, make_event, make_staff, post, sign_in, student

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


def test_first_page_of_an_empty_desk_draws_the_next_step(desk: FlaskClient) -> None:
    page = desk.get("/events").text
    assert 'class="empty"' in page and 'href="/events/new"' in page


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


def test_organiser_owns_what_they_make(app: Flask, client: FlaskClient) -> None:
    person = make_staff("organiser")
    log_in(client, "organiser@example.org")
    answer = post(client, "/events/new", title="T")
    assert events.get(answer.location.rsplit("/", 1)[1]).owner_id == person.id


def test_saving_the_settings_untouched_changes_nothing(desk: FlaskClient) -> None:
    event = make_event(
        title_alt="Tour", venue="政务中心", venue_alt="Hall", district="黄石港区", starts_at=NOON,
        ends_at=NOON + timedelta(hours=2), opens_at=NOON - timedelta(hours=1), closes_at=NOON + timedelta(hours=3),
        late_after_minutes=None, capacity=80, full_policy="wait_list", retention_days=30, outcome="成果\n两行",
        kinds=[{"kind": "guest", "label": "媒体", "label_alt": "Press"}, {"kind": "enterprise"}],
        field_modes={"guest.mobile": "required", "enterprise.job_title": "hidden"},
        own_fields=[
            {"key": "lunch", "label": "用餐", "label_alt": "Lunch", "type": "yes_no", "mode": "required"},
            {"key": "bus", "label": "车次", "label_alt": None, "type": "choice", "mode": "optional",
             "choices": ["1 号车", "2 号车"], "kinds": ["guest"]},
        ],
        are_students_minors=False, notice_basis="consent", wifi_name="Hall", wifi_password="a \"b\" & c",
    )  # fmt: skip
    assert change(desk, event).status_code == 303
    before, after = events.draft_of(event), events.draft_of(events.get(event.code))
    for name in ("field_modes", "outcome"):
        object.__setattr__(before, name, None)
    modes, outcome = after.field_modes, after.outcome
    for name in ("field_modes", "outcome"):
        object.__setattr__(after, name, None)
    assert after == before
    assert (modes["guest.mobile"], modes["enterprise.job_title"], outcome) == ("required", "hidden", "成果 两行")


def test_every_setting_of_an_event_can_be_changed(desk: FlaskClient) -> None:
    event = make_event()
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    answer = change(
        desk, event, title="新标题", title_alt="New", venue="会堂", venue_alt="Hall", district="高新区",
        campaign_id=str(campaign.id), timezone="Asia/Tokyo", starts_at="2026-09-10T09:00", ends_at="2026-09-10T11:00",
        opens_at="2026-09-10T08:30", closes_at="2026-09-10T12:00", late_after_minutes="15", capacity="80",
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
    assert [m and m.astimezone(view.zone).hour for m in (view.starts_at, view.ends_at, view.opens_at, view.closes_at)] == [
        9, 11, 8, 12,
    ]  # fmt: skip
    assert (view.are_students_minors, view.notice_basis, view.retention_days, view.outcome) == (
        False,
        "consent",
        90,
        "很好",
    )
    assert (view.wifi_name, view.wifi_password, view.kind_names) == ("Hall", "secret", ("enterprise", "guest"))
    assert [kind.label for kind in view.kinds] == [None, "媒体"]
    assert "mobile" in [field.key for field in view.fields_by_kind["guest"] if field.is_required]


def test_questions_are_added_and_taken_away_without_a_script(desk: FlaskClient) -> None:
    event = make_event()
    change(desk, event, own_fields__0__label="车次", own_fields__0__type="choice", own_fields__0__choices="1 号车\n\n2 号车\n1 号车",
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
    assert 'id="own_fields-error"' in answer.text
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
    rows = {}
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


def test_closing_opening_and_archiving_by_hand(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, f"/events/{event.code}/close")
    assert events.get(event.code).phase(utcnow()) == "closed"
    post(desk, f"/events/{event.code}/open")
    assert events.get(event.code).phase(utcnow()) == "open"
    post(desk, f"/events/{event.code}/archive", is_archived="1")
    assert events.get(event.code).archived_at is not None
    post(desk, f"/events/{event.code}/archive", is_archived="0")
    assert events.get(event.code).phase(utcnow()) == "open"


def test_event_is_opened_before_its_time(desk: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(hours=1))
    post(desk, f"/events/{event.code}/open")
    assert events.get(event.code).phase(utcnow()) == "open"


def test_agenda_sorts_by_what_is_needed_next(app: Flask) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    made = {
        "on": make_event(starts_at=NOON - hour, ends_at=NOON + hour),
        "timeless": make_event(),
        "later today": make_event(starts_at=NOON + 3 * hour, opens_at=NOON + 2 * hour),
        "tomorrow": make_event(starts_at=NOON + day),
        "yesterday": make_event(starts_at=NOON - day, ends_at=NOON - day + hour, closes_at=NOON - day + 2 * hour),
        "last week": make_event(starts_at=NOON - 7 * day, closes_at=NOON - 6 * day),
        "away": make_event(starts_at=NOON),
    }
    with clock.freeze(NOON):
        events.set_archived(made["away"].code, is_archived=True)
        found = agenda.of(events.list_all(), utcnow())
    names = {view.code: name for name, view in made.items()}
    said = [[names[row.view.code] for row in rows] for rows in (found.now, found.next, found.archived)]
    assert said == [["on", "timeless"], ["later today"], ["away"]]
    assert [[names[row.view.code] for row in day.rows] for day in found.days] == [
        ["tomorrow"],
        ["yesterday"],
        ["last week"],
    ]


def test_event_that_lasts_past_midnight_is_still_on(app: Flask) -> None:
    make_event(starts_at=NOON, ends_at=NOON + timedelta(days=2))
    assert len(agenda.of(events.list_all(), NOON + timedelta(days=1)).now) == 1


def test_events_page_shows_who_has_arrived_in_a_ring(desk: FlaskClient) -> None:
    event = make_event(capacity=4)
    sign_in(event, enterprise())
    page = desk.get("/events/now").text
    assert 'stroke-dasharray="25.0 100"' in page and ">1</text>" in page


def test_list_is_narrowed_to_a_campaign(desk: FlaskClient) -> None:
    campaign = campaigns.create(campaigns.CampaignDraft(title="质量月"))
    inside, outside = make_event(campaign_id=campaign.id), make_event()
    page = desk.get(f"/events?campaign={campaign.id}").text
    assert f"/events/{inside.code}" in page and f"/events/{outside.code}" not in page


def test_campaign_is_made_changed_archived_and_shows_its_totals(desk: FlaskClient) -> None:
    answer = post(desk, "/campaigns/new", title="质量月", palette="ceremony")
    campaign_id = int(answer.location.rsplit("/", 1)[1])
    assert campaigns.get(campaign_id).palette == "ceremony"
    for name in ("王强", "李娜"):
        sign_in(make_event(campaign_id=campaign_id), guest(name))
    page = desk.get(f"/campaigns/{campaign_id}").text
    assert 'data-palette="ceremony"' in page and re.search(r'<dd class="number">2</dd>', page)
    post(
        desk,
        f"/campaigns/{campaign_id}/edit",
        title="质量月 2026",
        title_alt="Quality Month",
        palette="pine",
        starts_on="2026-09-01",
    )
    assert (campaigns.get(campaign_id).title_alt, str(campaigns.get(campaign_id).starts_on)) == (
        "Quality Month",
        "2026-09-01",
    )
    post(desk, f"/campaigns/{campaign_id}/archive", is_archived="1")
    assert campaigns.get(campaign_id).archived_at is not None
    post(desk, f"/campaigns/{campaign_id}/archive", is_archived="0")
    assert campaigns.get(campaign_id).archived_at is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": ""}, "title"), ({"title": "T", "palette": "pink"}, "palette"),
     ({"title": "T", "starts_on": "2026-09-30", "ends_on": "2026-09-01"}, "ends_on")],
)  # fmt: skip
def test_wrong_campaign_is_said_beside_its_field(desk: FlaskClient, fields: dict[str, str], field: str) -> None:
    answer = post(desk, "/campaigns/new", **fields)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert campaigns.list_all() == ()


def test_hand_counters_count_up_and_down_but_not_below_nought(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, f"/events/{event.code}/counters", label="宣传资料")
    (counter,) = hand_counters.list_all(event.id)
    path = f"/events/{event.code}/counters/{counter.id}"
    for step in ("10", "1", "-1"):
        assert post(desk, path, step=step).status_code == 303
    assert hand_counters.list_all(event.id)[0].count == 10
    for _ in range(12):
        post(desk, path, step="-1")
    assert hand_counters.list_all(event.id)[0].count == 0
    post(desk, path, remove="1")
    assert hand_counters.list_all(event.id) == ()


def test_counter_of_another_event_is_out_of_reach(desk: FlaskClient) -> None:
    event, other = make_event(), make_event()
    hand_counters.add(other.id, "宣传资料")
    (counter,) = hand_counters.list_all(other.id)
    post(desk, f"/events/{event.code}/counters/{counter.id}", step="1")
    assert hand_counters.list_all(other.id)[0].count == 0


def test_list_of_sign_ins_masks_mobiles_and_finds_people(desk: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, student("李明"))
    page = desk.get(f"/events/{event.code}/sign-ins").text
    assert "王强" in page and "李明" in page and "138****8000" in page and "13800138000" not in page
    page = desk.get(f"/events/{event.code}/sign-ins?q=王").text
    assert "王强" in page and "李明" not in page


def test_void_has_an_undo_and_both_are_counted(desk: FlaskClient) -> None:
    event = make_event()
    made = sign_in(event, enterprise())
    path = f"/events/{event.code}/sign-ins"
    assert post(desk, f"{path}/{made.sign_in_id}/withdraw").location == path
    assert events.counts(event.id).arrived == 0
    assert f"{path}/{made.sign_in_id}/give-back" in desk.get(path).text
    post(desk, f"{path}/{made.sign_in_id}/give-back")
    assert events.counts(event.id).arrived == 1
    assert tallies.recount() == ()


def test_sign_in_of_another_event_is_out_of_reach(desk: FlaskClient) -> None:
    event, other = make_event(), make_event()
    made = sign_in(other, enterprise())
    assert post(desk, f"/events/{event.code}/sign-ins/{made.sign_in_id}/withdraw").status_code == 404
    assert events.counts(other.id).arrived == 1


def test_many_organisations_are_pasted_at_once(desk: FlaskClient) -> None:
    names = "黄石二中\r\n四棵中学\r\n\r\n 四棵中学 \r\n"
    assert post(desk, "/organisations", names=names, type="school", district="下陆区").status_code == 303
    assert [(row.name, row.type, row.district) for row in organisations.list_all()] == [
        ("四棵中学", "school", "下陆区"), ("黄石二中", "school", "下陆区"),
    ]  # fmt: skip
    page = desk.get("/organisations?q=二中").text
    assert "黄石二中" in page and "四棵中学" not in page


def test_organisation_typed_at_the_door_is_confirmed(desk: FlaskClient) -> None:
    sign_in(make_event(), enterprise())
    (typed,) = organisations.list_all()
    assert not typed.is_listed
    assert post(desk, f"/organisations/{typed.id}/confirm").status_code == 303
    assert organisations.list_all()[0].is_listed
    assert post(desk, "/organisations/99/confirm").status_code == 404


def test_names_that_are_too_long_are_refused_and_kept(desk: FlaskClient) -> None:
    answer = post(desk, "/organisations", names="黄石二中\n" + "长" * 121, type="school")
    assert answer.status_code == 422 and "黄石二中" in answer.text
    assert organisations.list_all() == ()


def test_viewer_sees_no_button_that_changes_anything(app: Flask, client: FlaskClient) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    event = make_event()
    sign_in(event, enterprise())
    hand_counters.add(event.id, "宣传资料")
    pages = ("/events", f"/events/{event.code}", f"/events/{event.code}/sign-ins", "/campaigns",
             f"/campaigns/{event.campaign_id}", "/organisations")  # fmt: skip
    for page in pages:
        text = client.get(page).text
        posts = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', text)
        assert posts == ["/logout"], page
        assert "/new" not in text and "/settings" not in text


def test_pages_of_the_desk_speak_both_languages(desk: FlaskClient) -> None:
    event = make_event(title_alt="Tour")
    assert "概览" in desk.get(f"/events/{event.code}", headers={"Accept-Language": "zh-CN"}).text
    page = desk.get(f"/events/{event.code}", headers={"Accept-Language": "en"}).text
    assert "Overview" in page and "Tour" in page


def test_form_token_stays_good_all_day(desk: FlaskClient) -> None:
    event = make_event()
    token = csrf_token(desk)
    with clock.freeze(utcnow() + timedelta(hours=11)):
        assert desk.post(f"/events/{event.code}/close", data={"csrf_token": token}).status_code == 303
