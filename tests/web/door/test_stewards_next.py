"""What makes a steward fast: the field is free for the next person, who is missing is first, nothing is typed twice."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services.door import carried, hand_search, hand_work, links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FormField
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.door.hand_actions import REACHED
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", group_name="第一组", seat="A3")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000")
OTHER = RosterRow("enterprise", "赵敏", CABLE, mobile="13700137000")
ALONE = RosterRow("guest", "张爱国")
SEATS = RosterRow("enterprise", "", "黄石一家公司", seats=3)


def training(*rows: RosterRow, **changes: object) -> EventView:
    event = make_event(**changes)
    roster_writing.write(event.id, rows or (WANG, LI, OTHER, ALONE), actor="staff:1")
    return event


def steward_of(app: Flask, event: EventView) -> FlaskClient:
    client = app.test_client()
    client.get(f"/st/{links.make(event.id, 'steward', '小李', staff_id=None)}")
    return client


def send(client: FlaskClient, event: EventView, path: str = "", **fields: object) -> str:
    """Send one of the page's forms, with its token, and return the page that follows."""
    home = f"/steward/{event.code}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(home).text)
    assert token is not None
    answer = client.post(home + path, data={**fields, "csrf_token": token[1]})
    return (client.get(answer.location) if answer.status_code == 303 else answer).text


def entry_id(event: EventView, name: str) -> int:
    return next(one.id for one in rosters.entries(event.id) if one.name == name)


def of(event: EventView, **ids: int) -> str:
    link = links.list_of(event.id, "steward")[0]
    return REACHED.sign(link.id, ids.get("entry_id"), ids.get("sign_in_id"))


def sign_in_by_hand(client: FlaskClient, event: EventView, name: str) -> str:
    id_ = entry_id(event, name)
    return send(client, event, "/sign_in", entry_id=id_, of=of(event, entry_id=id_), key=f"key-{id_}")


def field(page: str) -> str:
    found = re.search(r'<input class="input input--large" id="q"[^>]*>', page)
    assert found is not None
    return found[0]


def test_without_a_script_the_page_after_an_act_has_an_empty_field_with_the_focus(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    assert 'value="王强"' in field(send(client, event, q="王强"))
    after = field(sign_in_by_hand(client, event, "王强"))
    assert 'value=""' in after and " autofocus" in after
    assert "autofocus" not in field(client.get(f"/steward/{event.code}").text)  # nothing was done: no keyboard comes up


def test_the_answer_says_group_and_seat_and_not_once_the_person_is_not_here(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    page = sign_in_by_hand(client, event, "王强")
    assert re.search(r'answer__place"><span>第一组</span><span>A3</span>', page)
    id_ = re.search(r'name="sign_in_id" value="(\d+)"', page)
    assert id_ is not None
    page = send(client, event, "/void", sign_in_id=id_[1], of=of(event, sign_in_id=int(id_[1])), key="void")
    assert "已撤销签到" in page and "answer__place" not in page


def test_who_is_missing_comes_first_and_is_not_cut_off_behind_those_who_are_here(app: Flask) -> None:
    event = training(*(RosterRow("enterprise", f"王{number:02}", DONGBEI) for number in range(hand_search.LIMIT + 2)))
    for one in rosters.entries(event.id)[: hand_search.LIMIT + 1]:
        hand_work.sign_in_entry(event, one.id, hand_work.Hand("staff:1"))
    found = hand_search.search(event.id, "东贝")
    assert found is not None and found.has_more
    assert [row.state for row in found.rows[:2]] == ["missing", "arrived"]


@pytest.mark.parametrize(
    ("typed", "carried_on"),
    [
        ("赵敏", {"name": "赵敏"}),
        ("赵 敏", {"name": "赵 敏"}),
        ("赵敏 东贝", {"name": "赵敏", "enterprise": "东贝"}),
        ("东贝　赵敏", {"name": "赵敏", "enterprise": "东贝"}),
        ("黄石一家有限公司", {"enterprise": "黄石一家有限公司"}),
        ("Anna Li", {"name": "Anna Li"}),
        ("１３８ 0013 8000", {"mobile": "13800138000"}),
        ("1380013", {"mobile": "1380013"}),
        ("8000", {}),  # the last four are no mobile
        ("zm", {}),  # nor are initials a name
    ],
)
def test_what_was_searched_for_is_carried_into_the_right_field(
    app: Flask, typed: str, carried_on: dict[str, str]
) -> None:
    fields = hand_work.door_fields(make_event(), "enterprise")
    assert carried.values_of(typed, fields) == carried_on


def test_digits_are_the_student_number_where_pupils_are_asked_for_one(app: Flask) -> None:
    fields: tuple[FormField, ...] = hand_work.door_fields(make_event(kinds=[{"kind": "student"}]), "student")
    assert carried.values_of("20230301", fields) == {"student_no": "20230301"}
    assert carried.values_of("13800138000", fields) == {}  # a pupil's form has no mobile


def test_a_search_that_finds_nobody_leads_on_with_the_name_and_signs_nobody_in(app: Flask) -> None:
    event = training(kinds=[{"kind": "enterprise"}, {"kind": "guest"}])
    client = steward_of(app, event)
    page = send(client, event, q="孙悦 大冶")
    assert "没有找到" in page and 'name="typed" value="孙悦 大冶"' in page
    form = send(client, event, "/walk-in", typed="孙悦 大冶")
    assert re.search(r'id="name"[^>]*value="孙悦"', form) and re.search(r'id="enterprise"[^>]*value="大冶"', form)
    assert events.counts(event.id).arrived == 0
    other = send(client, event, "/walk-in", typed="孙悦 大冶", kind="guest")  # another kind keeps it
    assert re.search(r'id="name"[^>]*value="孙悦"', other)
    done = send(client, event, "/walk-in", kind="guest", name="孙悦", key="k")
    assert "签到成功" in done and events.counts(event.id).arrived == 1


def test_the_missing_list_names_organisations_first_and_people_once_one_is_opened(app: Flask) -> None:
    event = training(WANG, LI, OTHER, ALONE, SEATS)
    client, home = steward_of(app, event), f"/steward/{event.code}/missing"
    sign_in(event, enterprise("王强", organisation_name=DONGBEI, mobile="13800138000"))
    page = client.get(home).text
    assert re.search(rf"<b>{DONGBEI}</b>.*?1 / 2.*?<b>1</b>", page, re.DOTALL)
    assert all(name in page for name in (CABLE, "黄石一家公司")) and re.search(r'value="0".*?未填单位', page, re.DOTALL)
    assert not any(name in page for name in ("王强", "李娜", "赵敏", "张爱国"))
    number = re.search(rf'value="(\d+)"><span class="gaps__name"><b>{DONGBEI}', page)
    assert number is not None
    opened = send(client, event, "/missing", organisation=number[1])
    assert "李娜" in opened and "139****9000" in opened and not re.search(r"1[3-9]\d{9}", opened)
    assert "王强" not in opened and "赵敏" not in opened
    assert "张爱国" in send(client, event, "/missing", organisation=0)
    of_seats = re.search(r'value="(\d+)"><span class="gaps__name"><b>黄石一家公司', page)
    assert of_seats is not None
    seats = send(client, event, "/missing", organisation=of_seats[1])
    assert "3 个名额" in seats and 'name="typed" value="黄石一家公司"' in seats
    form = send(client, event, "/walk-in", typed="黄石一家公司", is_organisation=1)
    assert re.search(r'id="enterprise"[^>]*value="黄石一家公司"', form)


def test_whom_the_missing_list_shows_can_be_signed_in_and_then_stands_there_no_more(app: Flask) -> None:
    event = training()
    client = steward_of(app, event)
    opened = send(client, event, "/missing", organisation=0)
    id_, reference = entry_id(event, "张爱国"), re.search(r'name="of" value="([^"]+)"', opened)
    assert reference is not None
    assert "签到成功" in send(client, event, "/sign_in", entry_id=id_, of=reference[1], key="k")
    assert "张爱国" not in send(client, event, "/missing", organisation=0)


def test_opening_an_organisation_counts_as_a_search_of_the_link(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = training()
    client = steward_of(app, event)
    monkeypatch.setattr(hand_search, "OF_LINK", 2)
    with clock.freeze(utcnow()):
        assert "张爱国" in send(client, event, "/missing", organisation=0)
        send(client, event, q="李娜")
        refused = send(client, event, "/missing", organisation=0)
    assert "张爱国" not in refused and "请等一分钟再搜索" in refused


def test_a_link_that_was_made_can_be_copied_and_shared_where_a_script_runs(client: FlaskClient) -> None:
    owner = make_staff()
    event = events.create(events.EventDraft(title="巡回培训"), owner_id=owner.id)
    log_in(client, owner.email)
    for path, fields in (
        ("stewards", {"label": "小李"}),
        ("groups", {"label": "王老师", "part": ""}),
        ("devices", {"screen": "display"}),
    ):
        page = f"/events/{event.code}/{path}"
        post(client, page, **fields)
        shown = client.get(page).text
        address = re.search(r'id="made-address">http://[^<]+/(?:st|g|d)/[\w-]+</p>', shown)
        assert address is not None, path
        for way in ("copy", "share"):
            assert re.search(rf'<button[^>]*data-{way}="made-address"[^>]*\shidden>', shown, re.DOTALL), (path, way)
        assert "js/copy" in shown and "js/copy" not in client.get(page).text
