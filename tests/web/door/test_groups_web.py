"""A leader's pages and the desk's page of group links over plain requests: windows, refusals, what stands where."""

from __future__ import annotations

import fcntl
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.clock import utcnow
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_views, groups
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import log_in, make_event, make_staff, post, sign_in, student

CLASS = "初二(3)班"
SHARED = {"school": "四棵中学", "class_name": CLASS}


def school_event(**changes: Any) -> EventView:
    return make_event(**{"kinds": [{"kind": "student"}], **changes})


def roster_of(event: EventView, *names: str, **changes: Any) -> None:
    rows = [RosterRow("student", name, "四棵中学", class_name=CLASS, **changes) for name in names]
    roster_writing.write(event.id, rows, actor="staff:1")


def link_to(event: EventView) -> str:
    return links.make(event.id, "group", "王老师", staff_id=None, group_name=CLASS)


def paste(client: FlaskClient, event: EventView, names: str, **changes: str) -> dict[str, str]:
    """Send the pasted names; return the fields of the list that comes back, every name ticked as it says."""
    answer = client.post(f"/e/{event.code}/group/check", data={**SHARED, "names": names, **changes})
    assert answer.status_code == 200, answer.text
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', answer.text))
    ticked = re.findall(r'name="(here-\d+)" value="1"[^>]* checked', answer.text)
    unticked = {name for name in fields if name.startswith(("here-", "reason-", "why-"))} - set(ticked)
    return {name: value for name, value in fields.items() if name not in unticked and name != "consent"}


def send(client: FlaskClient, event: EventView, fields: dict[str, str], **changes: Any) -> TestResponse:
    return client.post(f"/e/{event.code}/group", data={"consent": "1", **fields}, **changes)


def test_names_are_signed_in_and_stand_in_no_address(client: FlaskClient) -> None:
    event = school_event()
    answer = send(client, event, paste(client, event, "1、李明 2、王丽"))
    assert answer.status_code == 303 and answer.location.startswith("/group/")
    assert "Set-Cookie" not in answer.headers
    page = client.get(answer.location)
    assert page.status_code == 200 and "李明" not in page.text and page.headers["Cache-Control"] == "no-store"
    assert events.counts(event.id).arrived == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({**SHARED, "names": " "}, "names"),
        ({**SHARED, "names": "、".join(f"学生{n}甲" for n in range(61))}, "names"),
        ({"names": "李明"}, "school"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(client: FlaskClient, fields: dict[str, str], wrong: str) -> None:
    answer = client.post(f"/e/{school_event().code}/group/check", data=fields)
    assert answer.status_code == 422 and f'id="{wrong}-error"' in answer.text


def test_too_few_places_are_said_with_their_number(client: FlaskClient) -> None:
    event = school_event(capacity=1)
    answer = send(client, event, paste(client, event, "李明 王丽"))
    assert answer.status_code == 409 and "只剩 1 个名额" in answer.text
    assert events.counts(event.id).arrived == 0


def test_a_name_that_is_here_already_is_marked_and_left_out_or_another_person(client: FlaskClient) -> None:
    event = school_event()
    send(client, event, paste(client, event, "李明"))
    again = send(client, event, paste(client, event, "李明 王丽"))
    assert again.status_code == 422 and "如是同名的另一人，请勾选" in again.text
    assert events.counts(event.id).arrived == 1
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', again.text))
    told = {name: value for name, value in fields.items() if not name.startswith(("here-", "reason-", "why-"))}
    assert send(client, event, {**told, "here-1": "1"}).status_code == 303
    assert events.counts(event.id).arrived == 2
    assert send(client, event, {**told, "here-0": "1"}).status_code == 303
    assert events.counts(event.id).arrived == 3


def test_consent_is_asked_for_before_anybody_is_signed_in(client: FlaskClient) -> None:
    event = school_event()
    answer = send(client, event, paste(client, event, "李明"))
    assert answer.status_code == 303
    without = {**paste(client, event, "王丽"), "consent": ""}
    refused = send(client, event, without)
    assert refused.status_code == 422 and 'id="consent-error"' in refused.text
    assert events.counts(event.id).arrived == 1


def test_early_and_closed_events_take_no_pasted_names(client: FlaskClient) -> None:
    early = school_event(opens_at=utcnow() + timedelta(days=2))
    closed = school_event()
    fields = paste(client, closed, "李明")
    events.close(closed.code)
    for event in (early, closed):
        assert client.get(f"/e/{event.code}/group").status_code == 303
    assert send(client, closed, fields).status_code == 409
    assert events.counts(closed.id).arrived == 0


def test_a_link_waits_for_the_day_and_then_works_before_sign_in_opens(client: FlaskClient) -> None:
    event = school_event(opens_at=utcnow() + timedelta(days=2), starts_at=utcnow() + timedelta(days=2, hours=1))
    roster_of(event, "李明")
    token = link_to(event)
    page = client.get(f"/g/{token}")
    assert "此链接在活动当天可用" in page.text and "李明" not in page.text
    assert client.post(f"/g/{token}", data={"consent": "1"}).location.endswith(f"/g/{token}")
    closed = school_event(opens_at=utcnow() - timedelta(hours=2), closes_at=utcnow() - timedelta(minutes=1))
    roster_of(closed, "王丽")
    (entry,) = rosters.entries(closed.id)
    assert client.post(f"/g/{link_to(closed)}", data={"consent": "1", "here": entry.id}).status_code == 303
    assert (events.counts(event.id).arrived, events.counts(closed.id).arrived) == (0, 1)


def test_a_link_shows_its_list_while_another_process_writes(app: Flask, client: FlaskClient) -> None:
    """A page reads: it neither waits for the writer nor fails when there is no note of who looked."""
    event = school_event()
    roster_of(event, "李明")
    token = link_to(event)
    app.extensions["kiosk_writer"].writer.lock.wait = 0.1
    with (app.config["KIOSK"].instance_dir / "writer.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        page = client.get(f"/g/{token}")
    assert page.status_code == 200 and "李明" in page.text
    [link] = links.list_of(event.id, "group")
    assert link.last_seen_at is None
    client.get(f"/g/{token}")
    [link] = links.list_of(event.id, "group")
    assert link.last_seen_at is not None


def test_another_site_s_form_is_refused(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明")
    link, foreign = link_to(event), {"Origin": "http://elsewhere.test"}
    fields = paste(client, event, "王丽")
    assert send(client, event, fields, headers=foreign).status_code == 403
    assert client.post(f"/g/{link}", data={"consent": "1"}, headers=foreign).status_code == 403
    own = send(client, event, fields).location
    for page in ("count", "add", "came", "reason", "take-back"):
        assert client.post(f"{own}/{page}", headers=foreign).status_code == 403


def test_only_the_link_s_own_part_of_the_roster_is_ticked(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明")
    roster_writing.write(
        event.id, [RosterRow("student", "别班人", "四棵中学", class_name="初二(4)班")], actor="staff:1"
    )
    token = link_to(event)
    assert "别班人" not in client.get(f"/g/{token}").text
    client.post(f"/g/{token}", data={"consent": "1", "here": [entry.id for entry in rosters.entries(event.id)]})
    assert [entry.has_arrived for entry in rosters.entries(event.id)] == [True, False]


def test_a_link_leads_back_to_its_group(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明")
    token = link_to(event)
    (entry,) = rosters.entries(event.id)
    own = client.post(f"/g/{token}", data={"consent": "1", "here": entry.id}).location
    assert client.get(f"/g/{token}").location == own
    (link,) = links.list_of(event.id, "group")
    links.revoke(event.id, "group", link.id)
    for dead in (f"/g/{token}", own, f"{own}/count", f"{own}/correct"):
        assert client.get(dead).status_code == 404
    assert client.post(f"{own}/add", data={"name": "王丽"}).status_code == 404


def test_a_second_tap_on_a_correction_changes_nothing(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明", "王丽")
    first, second = rosters.entries(event.id)
    fields = {"consent": "1", "here": first.id, f"reason-{second.id}": "sick"}
    own = client.post(f"/g/{link_to(event)}", data=fields).location
    ticket = dict(re.findall(r'name="(ticket)" value="([^"]*)"', client.get(f"{own}/correct").text))
    for _tap in range(2):
        assert client.post(f"{own}/came", data={**ticket, "entry": second.id}).status_code == 303
        assert client.post(f"{own}/add", data={**ticket, "name": "孙后来"}).status_code == 303
    assert (events.counts(event.id).arrived, events.counts(event.id).excused) == (3, 0)
    group = group_views.find(own.removeprefix("/group/"))
    assert group is not None and group.here == 3


def test_a_kept_reason_is_said_and_chosen_in_either_language(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明", "王丽")
    first, second = rosters.entries(event.id)
    fields = {"consent": "1", "here": first.id, f"reason-{second.id}": "sick"}
    own = client.post(f"/g/{link_to(event)}", data=fields).location.split("?")[0]
    for lang, words in (("zh", "病假"), ("en", "Sick leave")):
        page = client.get(f"{own}/correct?lang={lang}").text
        assert re.search(rf'<b>王丽</b> <span\s+class="muted">{words}</span>', page)
        assert re.findall(r'name="reason"\s+value="(\w+)" aria-pressed="true"', page) == ["sick"]


def test_staff_make_a_link_see_it_once_and_revoke_it(app: Flask, client: FlaskClient) -> None:
    make_staff("admin")
    log_in(client, "admin@example.org")
    event = school_event()
    roster_of(event, "李明", "王丽")
    page = f"/events/{event.code}/groups"
    assert post(client, page, label="", part=CLASS).status_code == 422
    assert post(client, page, label="王老师", part="没有的班").status_code == 422
    assert post(client, page, label="王老师", part=CLASS).status_code == 303
    shown = client.get(page).text
    token = re.search(r"/g/([\w-]+)", shown)
    assert token is not None and "<svg" in shown and token[1] not in client.get(page).text
    assert app.test_client().get(f"/g/{token[1]}").status_code == 200
    (link,) = links.list_of(event.id, "group")
    post(client, f"{page}/{link.id}/revoke")
    assert app.test_client().get(f"/g/{token[1]}").status_code == 404


def test_the_desk_lists_groups_without_names(client: FlaskClient) -> None:
    make_staff("admin")
    event = school_event()
    send(client, event, paste(client, event, "李明 王丽", leader="王老师"))
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/groups").text
    assert "王老师" in page and "已签到 2 人" in page and "已确认监护人同意" in page and "李明" not in page


def test_the_parts_of_a_roster_are_its_groups_and_classes(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "李明", "王丽", group_name="一号车")
    assert dict(groups.parts_of_roster(event.id)) == {CLASS: 2, "一号车": 2}


def test_a_leader_reaches_nobody_of_another_group_by_counting_ids_up(client: FlaskClient) -> None:
    event = school_event()
    roster_of(event, "赵敏", "孙文")
    sign_in(event, student("钱多多", class_name="初一(1)班"))
    entry_ids = [entry.id for entry in rosters.entries(event.id)]
    page = str(send(client, event, paste(client, event, "1、李明 2、王丽", class_name="初二(4)班")).location)
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', client.get(f"{page}/correct").text)[:1]
    before = events.counts(event.id)
    asked = [client.post(f"{page}/take-back", data={"sign_in": number}) for number in (1, 99)]
    for number in entry_ids:
        for act in ("came", "reason"):
            sent = {"entry": number, "number": number, "reason": "sick", "ticket": ticket}
            asked.append(client.post(f"{page}/{act}", data=sent, follow_redirects=True))
    asked.append(client.post(f"{page}/count", data={"here": [1, *entry_ids]}, follow_redirects=True))
    assert not [answer for answer in asked for name in ("赵敏", "孙文", "钱多多") if name in answer.text]
    assert events.counts(event.id) == before and {answer.status_code for answer in asked} <= {200, 404}


@pytest.mark.parametrize("typed", ["9" * 4_301, "9" * 21, "\u0663", "-1", ""])
def test_what_is_no_pupil_s_number_is_not_counted(client: FlaskClient, typed: str) -> None:
    event = school_event()
    page = str(send(client, event, paste(client, event, "1、李明 2、王丽", class_name="初二(4)班")).location)
    assert client.post(f"{page}/count", data={"here": [typed, "1"]}).status_code == 303
    assert client.get(f"{page}/count").status_code == 200


def test_a_pasted_list_shows_leave_as_such_and_doubts_unticked_with_their_sentence(client: FlaskClient) -> None:
    event = school_event()
    names = "#接龙 周四活动\n1. 甘一 男 13岁\n2. 周一诺（请假）\n3. 甘三（病假）\n4. 各位家长请注意\n5. 甘五+1"
    page = client.post(f"/e/{event.code}/group/check", data={**SHARED, "names": names}).text
    ticked = [f'name="here-{number}"' for number in range(5)]
    boxes = [page.split(one)[1].split(">")[0] for one in ticked]
    assert ["checked" in box for box in boxes] == [True, False, False, False, True]
    assert 'value="甘一"' in page and "接龙" not in page and "周四活动" not in page
    assert 'name="why-1"' in page and 'value="请假"' in page.split('name="why-1"')[1].split(">")[0]
    assert "checked" in page.split('id="reason-2-sick"')[1].split(">")[0]
    assert page.count('class="person__mark"') == 2 and "“各位家长请注意”" in page and "“+1”" in page
