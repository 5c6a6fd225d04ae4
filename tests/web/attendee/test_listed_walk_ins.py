"""A walk-in whose name is on the list is asked once on their own phone, before a second row is made."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services import tallies
from kiosk.services.directory import entries as directory_entries
from kiosk.services.door import look_ups, misses
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import questions
from tests.aids.factories import enterprise, make_event, organisation_id, sign_in
from tests.web.attendee.test_walk_ins import send

KAICHUANG = "湖北凯创化工有限公司"
LV = RosterRow("enterprise", "吕明燕", KAICHUANG, mobile="13800130445", seat="靠窗座", job_title="质量总监")
TYPED = {
    "kind": "enterprise",
    "name": "吕 明燕",
    "enterprise": "凯创化工",
    "mobile": "13900139000",
    "job_title": "部长",
}
QUESTION = "名单上有一位吕 明燕，尾号 0445，是您吗？"


def expecting(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or (LV,), actor="staff:1")
    return event


def reply(client: FlaskClient, event: EventView, asked: TestResponse, button: str) -> TestResponse:
    """Press "是我" (listed) or "不是我" (unlisted): what was typed goes along in hidden fields."""
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.text))
    found = re.search(rf'name="{button}" value="([^"]+)"', asked.text)
    assert found, asked.text
    data = {name: unescape(value) for name, value in {**kept, button: found[1]}.items()}
    return client.post(f"/e/{event.code}/sign-in", data=data)


def figures(event: EventView) -> tuple[int, int, int, int]:
    """Return arrived, walk-ins, who of the list is here, who is missing; the tallies must be those of the rows."""
    db.session.rollback()
    counts = events.counts(event.id)
    assert tallies.recount() == ()
    return counts.arrived, counts.walk_ins, counts.listed_arrived, counts.missing


def shown(event: EventView) -> int:
    return misses.read(f"look_up.shown:{event.id}", window=look_ups.WINDOW)


def test_that_is_me_has_the_place_on_the_list_and_keeps_what_was_typed(both_app: Flask) -> None:
    event, client = expecting(), both_app.test_client(use_cookies=False)
    asked = send(client, event, TYPED)
    assert asked.status_code == 422 and QUESTION in asked.text
    assert "是我" in asked.text and "不是我" in asked.text
    assert figures(event) == (0, 0, 0, 1)
    main = asked.text.split("<main", 1)[1]
    assert not [word for word in ("138", KAICHUANG, "靠窗座", "质量总监") if word in main], (
        "of the list the digits alone"
    )
    page = client.get(reply(client, event, asked, "listed").location).text
    assert "第 1 位" in page and "靠窗座" in page
    assert figures(event) == (1, 0, 1, 0)
    row = db.session.scalars(select(SignIn)).one()
    assert (row.name, row.mobile, row.job_title, row.method) == ("吕 明燕", "13900139000", "部长", "self")
    assert row.roster_entry_id == rosters.entries(event.id)[0].id
    assert shown(event) == 0, "who is signed in leaves the budget as it was"


def test_not_me_is_a_walk_in_as_ever(both_app: Flask) -> None:
    event, client = expecting(), both_app.test_client(use_cookies=False)
    done = reply(client, event, send(client, event, TYPED), "unlisted")
    assert "第 1 位" in client.get(done.location).text
    assert figures(event) == (1, 1, 0, 1)
    assert shown(event) == 1


@pytest.mark.parametrize("button", ["listed", "unlisted"])
def test_a_repeat_of_the_key_asks_nothing(app: Flask, client: FlaskClient, button: str) -> None:
    event = expecting()
    page = client.get(f"/e/{event.code}?form=1&kind=enterprise").text
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    data = {"ticket": unescape(found[1]), **TYPED}
    path = f"/e/{event.code}/sign-in"
    first = reply(client, event, client.post(path, data=data), button)
    again = client.post(path, data=data)
    assert again.status_code == 303 and again.location == first.location
    assert figures(event)[0] == 1


@pytest.mark.parametrize(
    ("row", "typed"),
    [
        (RosterRow("enterprise", "吕明燕", KAICHUANG), {"enterprise": "凯创化工"}),
        (RosterRow("enterprise", "吕明燕"), {"kind": "guest", "enterprise": ""}),
        (LV, {"kind": "guest", "enterprise": "", "mobile": ""}),
        (LV, {"enterprise": "湖北凯创"}),
        (LV, {"enterprise": KAICHUANG}),
        (RosterRow("enterprise", "吕明燕", "凯创化工", mobile="13800130445"), {"enterprise": KAICHUANG}),
        (RosterRow("guest", "吕明燕", mobile="13800130445"), {}),
    ],
    ids=["no mobile listed", "a guest", "a guest for an enterprise", "short", "same", "short listed", "none listed"],
)  # fmt: skip
def test_whom_the_list_has_by_name_and_no_other_organisation_is_asked(
    app: Flask, client: FlaskClient, row: RosterRow, typed: dict[str, str]
) -> None:
    event = expecting(row)
    asked = send(client, event, {**TYPED, **typed})
    assert "名单上有一位吕 明燕" in asked.text
    assert ("尾号" in asked.text) == (row.mobile is not None)


def test_an_alias_is_the_same_organisation(app: Flask, client: FlaskClient) -> None:
    event = expecting(LV, RosterRow("enterprise", "吕明燕", "凯创贸易有限公司", mobile="13800130446"))
    directory_entries.add_alias(organisation_id(KAICHUANG), "鄂凯", actor="staff:1")
    assert QUESTION in send(client, event, {**TYPED, "enterprise": "鄂凯"}).text


PUPIL = RosterRow("student", "吕明燕", "四棵中学", class_name="初二(3)班")


@pytest.mark.parametrize(
    ("rows", "typed"),
    [
        ((LV,), {"enterprise": "别家公司"}),
        ((LV, RosterRow("enterprise", "吕明燕", KAICHUANG, mobile="13800130446")), {}),
        ((PUPIL,), {}),
        ((PUPIL,), {"kind": "guest", "enterprise": ""}),
        ((LV,), {"kind": "student", "school": "凯创化工", "class_name": "初二(4)班"}),
        ((RosterRow("enterprise", "吕明艳", KAICHUANG, mobile="13800130445"),), {}),
    ],
    ids=["another organisation", "two of the name", "a pupil", "a pupil and a guest", "a pupil's form", "another name"],
)  # fmt: skip
def test_nobody_else_is_asked(
    app: Flask, client: FlaskClient, rows: tuple[RosterRow, ...], typed: dict[str, str]
) -> None:
    event = expecting(*rows)
    done = send(client, event, {**TYPED, **typed})
    assert done.status_code == 303, done.text
    assert figures(event)[:2] == (1, 1) and shown(event) == 0


def test_who_has_come_and_who_sent_a_substitute_is_not_asked_about(app: Flask, client: FlaskClient) -> None:
    event = expecting(LV, RosterRow("enterprise", "钱多", KAICHUANG, mobile="13800130447"))
    assert send(client, event, {**TYPED, "name": "赵敏"}, replaces="钱多").status_code == 303, "a short name replaces"
    assert send(client, event, {**TYPED, "name": "钱多", "mobile": "13900139001"}).status_code == 303
    sign_in(event, enterprise("吕明燕", organisation_name=KAICHUANG, mobile="13800130445"))
    assert send(client, event, TYPED).status_code in (303, 422)
    assert shown(event) == 0


def test_beyond_the_look_up_s_budget_nobody_is_asked_and_all_get_in(both_app: Flask) -> None:
    rows = [RosterRow("enterprise", f"员工{n}", KAICHUANG, mobile=f"1380013{n:04}") for n in range(12)]
    event, client = expecting(*rows), both_app.test_client()
    answers = [
        send(client, event, {**TYPED, "name": f"员工{n}", "mobile": f"1390013{n:04}"}).status_code for n in range(12)
    ]
    assert answers == [422] * 5 + [303] * 7, "five are shown on a short list"
    assert figures(event) == (7, 7, 0, 12)
    assert look_ups.asked(event.id) == "initial", "one budget with the look-up's"


def test_a_question_that_was_asked_is_asked_again_by_its_page_although_the_budget_is_spent(app: Flask) -> None:
    event, client = expecting(), app.test_client()
    page = client.get(f"/e/{event.code}?form=1&kind=enterprise").text
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    data = {"ticket": unescape(found[1]), **TYPED}
    assert client.post(f"/e/{event.code}/sign-in", data=data).status_code == 422
    misses.count(f"look_up.shown:{event.id}", window=look_ups.WINDOW, many=20)
    assert client.post(f"/e/{event.code}/sign-in", data=data).status_code == 422
    assert shown(event) == 21


def test_without_the_store_of_misses_nobody_is_asked(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_about: object, **_more: object) -> int:
        raise misses.StoreAway

    event = expecting()
    for name in ("read", "count"):
        monkeypatch.setattr(misses, name, away)
    assert send(client, event, TYPED).status_code == 303


def test_an_answer_is_good_for_its_own_page_alone(app: Flask, client: FlaskClient) -> None:
    event = expecting()
    found = re.search(r'name="listed" value="([^"]+)"', send(client, event, TYPED).text)
    assert found
    assert send(client, event, TYPED, listed=unescape(found[1])).status_code == 403
    assert send(client, event, TYPED, listed="x").status_code == 403
    assert figures(event)[0] == 0


def test_who_was_refused_as_unlisted_is_asked_first(app: Flask, client: FlaskClient) -> None:
    event = expecting(walk_in_policy="refuse")
    asked = send(client, event, TYPED)
    assert QUESTION in asked.text
    assert reply(client, event, asked, "unlisted").status_code == 409
    assert reply(client, event, asked, "listed").status_code == 303
    assert figures(event) == (1, 0, 1, 0)


def test_somebody_else_who_took_the_place_meanwhile_makes_no_second_row(app: Flask, client: FlaskClient) -> None:
    event = expecting()
    asked = send(client, event, TYPED)
    sign_in(event, enterprise("吕明燕", organisation_name=KAICHUANG, mobile="13800130445"))
    done = reply(client, event, asked, "listed")
    assert done.status_code == 303 and "您已于" in client.get(done.location).text
    assert figures(event) == (1, 0, 1, 0)


def statements_of(client: FlaskClient, event: EventView, person: dict[str, str]) -> list[str]:
    """Return what the writer asks by NAMESAKES while somebody signs in."""
    found: list[str] = []

    def note(driver: questions.Driver, statement: object, values: object) -> object:
        if statement is questions.NAMESAKES:
            found.append(str(values))
        return original(driver, statement, values)  # type: ignore[arg-type]

    original = questions.Driver.all
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions.Driver, "all", note)
        send(client, event, person)
    return found


def test_one_statement_more_and_only_for_a_walk_in_beside_a_list(app: Flask, client: FlaskClient) -> None:
    assert len(statements_of(client, expecting(), TYPED)) == 1
    assert statements_of(client, make_event(), TYPED) == [], "no list"
    listed = {**TYPED, "mobile": "13800130445"}
    assert statements_of(client, expecting(), listed) == [], "found by the mobile"


def test_that_statement_goes_by_its_index(app: Flask) -> None:
    sql = questions.NAMESAKES.sql.replace(":event_id", "1").replace(":name_key", "'x'")
    plan = " ".join(str(row) for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert "ix_roster_entry_name (event_id=? AND name_key=?)" in plan
