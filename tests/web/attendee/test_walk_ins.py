"""Who is not on the list, who comes for a colleague, and two people of one name (docs/product.md 1.6, 1.9)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, make_event, sign_in

DONGBEI, CABLE = "湖北东贝制冷有限公司", "湖北航天电缆有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", seat="A3")
LI = RosterRow("enterprise", "李娜", CABLE, mobile="13900139000")
ZHAO = {"kind": "enterprise", "name": "赵敏", "enterprise": DONGBEI, "mobile": "13700137000"}
PUPIL = {"kind": "student", "name": "李明", "school": "四棵中学", "class_name": "初二(3)班"}


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or (WANG, LI), actor="staff:1")
    return event


def send(client: FlaskClient, event: EventView, person: dict[str, str], **fields: str) -> TestResponse:
    """Open the ordinary form and send it."""
    page = client.get(f"/e/{event.code}?form=1&kind={person['kind']}")
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket
    return client.post(f"/e/{event.code}/sign-in", data={"ticket": unescape(ticket[1]), **person, **fields})


def answer(client: FlaskClient, event: EventView, asked: TestResponse, reply: str) -> TestResponse:
    """Press one of the two buttons under "was that you?"."""
    assert asked.status_code == 422 and "是您吗" in asked.text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', unescape(asked.text)))
    value = re.search(rf'name="{reply}" value="([^"]+)"', asked.text)
    assert value
    return client.post(f"/e/{event.code}/sign-in", data={**kept, reply: unescape(value[1])})


def missing(event: EventView) -> int:
    counts = events.counts(event.id)
    return counts.expected - counts.excused - counts.replaced - counts.listed_arrived


def test_walk_in_is_welcome_and_counted_as_one(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    assert "第 1 位" in client.get(send(client, event, ZHAO).location).text
    assert (events.counts(event.id).walk_ins, missing(event)) == (1, 2)


@pytest.mark.parametrize("typed", ["王强", "王　强", " 王 强 "])
def test_substitute_takes_the_colleague_s_place_and_seat(app: Flask, client: FlaskClient, typed: str) -> None:
    event = with_roster()
    done = client.get(send(client, event, ZHAO, replaces=typed).location).text
    assert "赵敏" in done and "A3" in done and "王" not in done.split("<main", 1)[1]
    counts = events.counts(event.id)
    assert (counts.replaced, counts.walk_ins, missing(event)) == (1, 0, 1)
    assert tallies.recount() == ()


@pytest.mark.parametrize(
    ("replaced", "own"),
    [("李娜", DONGBEI), ("没有这个人", DONGBEI), ("王强", "另一家公司"), ("王", DONGBEI)],
    ids=["of another enterprise", "nobody", "from elsewhere", "a part of the name"],
)
def test_nobody_to_replace_is_said_beside_the_field_and_all_is_kept(
    app: Flask, client: FlaskClient, replaced: str, own: str
) -> None:
    event = with_roster()
    refused = send(client, event, {**ZHAO, "enterprise": own}, replaces=replaced)
    assert refused.status_code == 422 and 'id="replaces-error"' in refused.text
    assert f'value="{replaced}"' in refused.text and 'value="赵敏"' in refused.text
    assert events.counts(event.id).arrived == 0


def test_two_colleagues_of_one_name_and_one_who_has_come_are_not_guessed(app: Flask, client: FlaskClient) -> None:
    twins = with_roster(WANG, RosterRow("enterprise", "王强", DONGBEI, mobile="13800138001"))
    assert send(client, twins, ZHAO, replaces="王强").status_code == 422
    event = with_roster()
    sign_in(event, enterprise())
    assert send(client, event, ZHAO, replaces="王强").status_code == 422


def test_colleague_is_found_however_the_enterprise_is_spaced(app: Flask, client: FlaskClient) -> None:
    event = with_roster()
    assert send(client, event, {**ZHAO, "enterprise": f"{DONGBEI}（黄石）"}, replaces="王强").status_code == 422
    assert send(client, event, {**ZHAO, "enterprise": "湖北东贝 制冷有限公司"}, replaces="王强").status_code == 303


def test_field_stands_only_where_somebody_can_be_replaced(app: Flask, client: FlaskClient) -> None:
    listed, plain = with_roster(), make_event()
    assert 'name="replaces"' in client.get(f"/e/{listed.code}?kind=enterprise").text
    assert 'name="replaces"' not in client.get(f"/e/{listed.code}?kind=student").text
    assert 'name="replaces"' not in client.get(f"/e/{listed.code}?kind=guest").text  # it names no organisation
    assert 'name="replaces"' not in client.get(f"/e/{plain.code}?kind=enterprise").text
    assert send(client, plain, ZHAO, replaces="王强").status_code == 303


def test_unlisted_is_turned_away_where_the_event_says_so_and_told_whom_to_see(app: Flask, client: FlaskClient) -> None:
    event = with_roster(walk_in_policy="refuse")
    refused = send(client, event, ZHAO)
    assert refused.status_code == 409 and "您不在本场名单中" in refused.text and "会务人员" in refused.text
    assert send(client, event, ZHAO, replaces="王强").status_code == 303
    listed = {"kind": "enterprise", "name": "李娜", "enterprise": CABLE, "mobile": "13900139000"}
    assert send(client, event, listed).status_code == 303
    assert missing(event) == 0


def test_unlisted_waits_where_the_event_says_so(app: Flask, client: FlaskClient) -> None:
    event = with_roster(walk_in_policy="wait_list")
    page = client.get(send(client, event, ZHAO).location).text
    assert "候补" in page and "您不在本场名单中" in page and "名额" not in page
    assert (events.counts(event.id).wait_listed, events.counts(event.id).arrived) == (1, 0)


def test_completion_offers_the_roster_s_organisations_and_never_a_person(app: Flask, client: FlaskClient) -> None:
    sign_in(make_event(), enterprise(organisation_name="门口写下的东贝配件厂"))  # known, but listed by nobody
    event = with_roster(WANG, RosterRow("enterprise", "孙丽", "门口写下的东贝配件厂", mobile="13600136000"))
    seats = with_roster(RosterRow("enterprise", organisation_name="门口写下的东贝配件厂", seats=2))
    for shown in (event, seats):
        assert "门口写下的东贝配件厂" in client.get(f"/e/{shown.code}/organisations?enterprise=东贝").text
    assert "门口写下" not in client.get(f"/e/{make_event().code}/organisations?enterprise=东贝").text
    assert client.get(f"/e/{event.code}/organisations?enterprise=孙丽").text.strip() == ""


def test_completion_never_offers_a_school_of_the_roster(app: Flask) -> None:
    sign_in(make_event(), enterprise("李明", kind="student", organisation_name="东贝子弟学校", mobile=None))
    event = with_roster(RosterRow("student", "李明", "东贝子弟学校"))
    assert "东贝子弟学校" not in organisations.complete("东贝", event_id=event.id)


# --- two people of one name


def rosters_of_twins() -> dict[str, tuple[RosterRow, ...]]:
    pupil = RosterRow("student", "李明", "四棵中学", class_name="初二(3)班")
    worker = RosterRow("enterprise", "王强", DONGBEI)
    return {"none": (), "pupils": (pupil, pupil), "workers": (worker, worker), "one pupil": (pupil,)}


@pytest.mark.parametrize("roster", ["none", "pupils", "one pupil"])
def test_two_of_one_name_in_one_class_are_both_signed_in(app: Flask, client: FlaskClient, roster: str) -> None:
    rows = rosters_of_twins()[roster]
    event = with_roster(*rows) if rows else make_event()
    assert send(client, event, PUPIL).status_code == 303
    second = answer(client, event, send(client, event, PUPIL), "another")
    assert "第 2 位" in client.get(second.location).text
    own = answer(client, event, send(client, event, PUPIL), "same")
    assert "您已于" in client.get(own.location).text
    counts = events.counts(event.id)
    assert (counts.arrived, counts.listed_arrived) == (2, len(rows))
    assert counts.walk_ins == (2 - len(rows) if rows else 0)
    assert tallies.recount() == ()


@pytest.mark.parametrize("roster", ["none", "workers"])
def test_two_of_one_name_in_one_enterprise_without_mobiles_are_asked(
    app: Flask, client: FlaskClient, roster: str
) -> None:
    rows = rosters_of_twins()[roster]
    modes = {"enterprise.mobile": "optional"}
    event = with_roster(*rows, field_modes=modes) if rows else make_event(field_modes=modes)
    worker = {"kind": "enterprise", "name": "王强", "enterprise": DONGBEI}
    assert send(client, event, worker).status_code == 303
    second = answer(client, event, send(client, event, worker), "another")
    assert second.status_code == 303
    assert (events.counts(event.id).arrived, events.counts(event.id).listed_arrived) == (2, len(rows))
    assert tallies.recount() == ()


@pytest.mark.parametrize("is_listed", [False, True])
def test_two_of_one_name_in_one_enterprise_with_mobiles_are_told_apart_unasked(
    app: Flask, client: FlaskClient, is_listed: bool
) -> None:
    rows = [RosterRow("enterprise", "王强", DONGBEI, mobile=f"1380013800{n}") for n in range(2)]
    event = with_roster(*rows) if is_listed else make_event()
    for number in range(2):
        worker = {"kind": "enterprise", "name": "王强", "enterprise": DONGBEI, "mobile": f"1380013800{number}"}
        assert f"第 {number + 1} 位" in client.get(send(client, event, worker).location).text
    counts = events.counts(event.id)
    assert (counts.arrived, counts.listed_arrived, counts.walk_ins) == (2, 2 * is_listed, 0)
    assert tallies.recount() == ()
