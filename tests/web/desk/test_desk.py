"""The organiser's desk: what is on, by hand, campaigns, the directory, the list of sign-ins."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.models import StoredSetting
from kiosk.services import tallies
from kiosk.services.event import agenda, campaigns, events, hand_counters
from kiosk.services.host import addresses, awake
from kiosk.services.host.network import Adapter
from kiosk.services.store import writer
from tests.aids.apps import build_app, close
from tests.aids.factories import (
    enterprise,
    guest,
    list_organisations,
    log_in,
    make_event,
    make_staff,
    post,
    sign_in,
    student,
)

NOON = datetime(2026, 9, 10, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
LAN = Adapter("eth0", "10.0.0.7", "lan")


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def test_first_page_of_an_empty_desk_draws_the_next_step(desk: FlaskClient) -> None:
    page = desk.get("/events").text
    assert 'class="empty"' in page and 'href="/events/new"' in page


def test_organiser_owns_what_they_make(app: Flask, client: FlaskClient) -> None:
    person = make_staff("organiser")
    log_in(client, "organiser@example.org")
    answer = post(client, "/events/new", title="T")
    assert events.get(answer.location.rsplit("/", 1)[1]).owner_id == person.id


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


def test_what_another_worker_saved_is_seen_at_once(app: Flask, desk: FlaskClient) -> None:
    event = make_event(title="未改")
    assert "未改" in desk.get(f"/events/{event.code}").text
    other = build_app(app.config["KIOSK"].instance_dir)
    with other.app_context():
        events.update(event.code, replace(events.draft_of(event), title="已改"))
        close(other)
    assert "已改" in desk.get(f"/events/{event.code}").text


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
    days = [[names[row.view.code] for row in day.rows] for day in found.days]
    assert days == [["tomorrow"], ["yesterday"], ["last week"]]


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
    changes = {"title": "质量月 2026", "title_alt": "Quality Month", "palette": "pine", "starts_on": "2026-09-01"}
    post(desk, f"/campaigns/{campaign_id}/edit", **changes)
    changed = campaigns.get(campaign_id)
    assert {name: str(getattr(changed, name)) for name in changes} == changes
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
    page = post(desk, f"/events/{event.code}/sign-ins", q="王").text
    assert "王强" in page and "李明" not in page


def test_void_has_an_undo_and_both_are_counted(desk: FlaskClient) -> None:
    event = make_event()
    made = sign_in(event, enterprise())
    path = f"/events/{event.code}/sign-ins"
    of_list = {"from": "list", "page": "1"}
    assert post(desk, f"{path}/{made.sign_in_id}/void", **of_list).location == path
    assert events.counts(event.id).arrived == 0
    page = desk.get(path).text
    assert f"{path}/{made.sign_in_id}/restore" in page and '<input type="hidden" name="from" value="list">' in page
    assert post(desk, f"{path}/{made.sign_in_id}/restore", **{**of_list, "page": "2"}).location == f"{path}?page=2"
    assert events.counts(event.id).arrived == 1
    assert tallies.recount() == ()


def test_sign_in_of_another_event_is_out_of_reach(desk: FlaskClient) -> None:
    event, other = make_event(), make_event()
    made = sign_in(other, enterprise())
    assert post(desk, f"/events/{event.code}/sign-ins/{made.sign_in_id}/void").status_code == 404
    assert events.counts(other.id).arrived == 1


def test_many_organisations_are_pasted_at_once(desk: FlaskClient) -> None:
    names = "黄石二中\r\n四棵中学\r\n\r\n 四棵中学 \r\n"
    assert post(desk, "/organisations", names=names, type="school", district="下陆区").status_code == 303
    assert [(row.name, row.type, row.district) for row in list_organisations()] == [
        ("四棵中学", "school", "下陆区"), ("黄石二中", "school", "下陆区"),
    ]  # fmt: skip
    page = desk.get("/organisations?q=二中").text
    assert "黄石二中" in page and "四棵中学" not in page


def test_organisation_typed_at_the_door_is_confirmed(desk: FlaskClient) -> None:
    sign_in(make_event(), enterprise())
    (typed,) = list_organisations()
    assert not typed.is_listed
    assert post(desk, f"/organisations/{typed.id}/confirm").status_code == 303
    assert list_organisations()[0].is_listed
    assert post(desk, "/organisations/99/confirm").status_code == 404


def test_names_that_are_too_long_are_refused_and_kept(desk: FlaskClient) -> None:
    answer = post(desk, "/organisations", names="黄石二中\n" + "长" * 121, type="school")
    assert answer.status_code == 422 and "黄石二中" in answer.text
    assert list_organisations() == []


def test_viewer_sees_no_button_that_changes_anything(app: Flask, client: FlaskClient) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    event = make_event()
    sign_in(event, enterprise())
    hand_counters.add(event.id, "宣传资料")
    pages = ("/events", f"/events/{event.code}", f"/events/{event.code}/sign-ins", "/campaigns",
             f"/campaigns/{event.campaign_id}", "/organisations")  # fmt: skip
    searches = ("/search", f"/events/{event.code}/sign-ins")  # asked by POST, changing nothing
    for page in pages:
        text = client.get(page).text
        posts = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', text)
        assert [path for path in posts if path not in searches] == ["/logout"], page
        assert "/new" not in text and "/settings" not in text


def test_pages_of_the_desk_speak_both_languages(desk: FlaskClient) -> None:
    event = make_event(title_alt="Tour")
    assert "概览" in desk.get(f"/events/{event.code}", headers={"Accept-Language": "zh-CN"}).text
    page = desk.get(f"/events/{event.code}", headers={"Accept-Language": "en"}).text
    assert "Overview" in page and "Tour" in page


def test_desk_says_when_the_codes_lead_to_an_old_address_and_chooses_the_new_one(
    desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses.network, "adapters", lambda: (LAN,))
    monkeypatch.setattr(addresses.network, "default_route_adapter", lambda: "eth0")
    monkeypatch.setattr(addresses.network, "own_addresses", lambda: frozenset({"10.0.0.7"}))
    writer.run(
        lambda session: session.add(StoredSetting(key="base_url", value="http://10.0.0.5:8000", changed_at=utcnow()))
    )
    page = desk.get("/events").text
    assert "http://10.0.0.5:8000" in page and "http://10.0.0.7:8000" in page
    assert post(desk, "/machine/address").status_code == 303
    assert addresses.base_url() == "http://10.0.0.7:8000"
    assert 'action="/machine/address"' not in desk.get("/events").text


def test_desk_shows_a_sleep_with_its_times(desk: FlaskClient) -> None:
    slept = awake.SleepSpan(utcnow() - timedelta(minutes=30), utcnow() - timedelta(minutes=10))
    awake.record_gap(slept)
    began, ended = (moment + timedelta(hours=8) for moment in (slept.began_at, slept.ended_at))
    page = desk.get("/events").text
    assert f"{began:%H:%M}" in page and f"{ended:%H:%M}" in page
