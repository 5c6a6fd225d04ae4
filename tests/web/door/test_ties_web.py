"""Who may see and answer "the same person?", and what a door says when the answer comes too late."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from kiosk.extensions import db
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, ties
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in, student
from tests.web.door.test_stewards import HTMX, of, send, steward_of

LV = RosterRow("enterprise", "吕明燕", "湖北凯创化工有限公司", mobile="13800130445")
PUPIL = RosterRow("student", "李明月", "四棵中学", class_name="初二(3)班")
ASKS = "在场有同名"


def came_as_walk_ins() -> tuple[EventView, int, int]:
    """Return an event, the entry of 吕明燕 and the sign-in she made elsewhere; a pupil came in another class too."""
    event = make_event()
    roster_writing.write(event.id, [LV, PUPIL], actor="staff:1")
    sign_in(event, student("李明月", class_name="初二(4)班"))
    came = sign_in(event, enterprise("吕明燕", organisation_name="凯创化工", mobile="13900139000"))
    return event, rosters.entries(event.id)[0].id, came.sign_in_id


def walk_ins(event: EventView) -> int:
    db.session.rollback()
    assert tallies.recount() == ()
    return events.counts(event.id).walk_ins


def test_a_viewer_is_asked_nothing_and_reads_no_pupil_s_name(app: Flask, client: FlaskClient) -> None:
    event, _entry_id, _sign_in_id = came_as_walk_ins()
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    for page in ("dashboard", "roster", "sign-ins"):
        text = client.get(f"/events/{event.code}/{page}").text
        assert ASKS not in text and "李明月" not in text, page


def test_the_dashboard_without_a_script_says_what_it_did(app: Flask, client: FlaskClient) -> None:
    event, entry_id, sign_in_id = came_as_walk_ins()
    make_staff()
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/dashboard").text
    path = f"/events/{event.code}/missing/{entry_id}/same/{sign_in_id}"
    assert f'formaction="{path}"' in page and ASKS in page
    assert post(client, path).status_code == 303
    assert "吕明燕 · 名单内，已到" in client.get(f"/events/{event.code}/dashboard").text
    assert walk_ins(event) == 1
    entry = client.get(f"/events/{event.code}/roster/{entry_id}").text
    assert "重新分开" in entry
    assert post(client, f"/events/{event.code}/sign-ins/{sign_in_id}/separate").status_code == 303
    assert walk_ins(event) == 2


def test_somebody_else_is_asked_about_no_more_until_it_is_taken_back(app: Flask, client: FlaskClient) -> None:
    event, entry_id, sign_in_id = came_as_walk_ins()
    make_staff()
    log_in(client, "admin@example.org")
    board, roster = f"/events/{event.code}/dashboard", f"/events/{event.code}/roster"
    path = f"/events/{event.code}/missing/{entry_id}/differ/{sign_in_id}"
    assert f'formaction="{path}"' in client.get(board).text and f'formaction="{path}"' in client.get(roster).text
    assert client.get(board).text.count(ASKS) == 2, "of the pupil too"
    assert post(client, path).status_code == 303
    page = client.get(board).text
    assert "吕明燕 · 已记下：是另一位同名人员" in page and page.count(ASKS) == 1
    assert client.get(roster).text.count(ASKS) == 1 and walk_ins(event) == 2
    entry = client.get(f"{roster}/{entry_id}").text
    assert "会务人员已确认，在场的吕明燕（凯创化工，" in entry
    correction = f"/events/{event.code}/hand/sign-ins/{sign_in_id}/correct"
    said = "会务人员已确认，此人不是名单上的吕明燕（湖北凯创化工有限公司，138****0445）"
    assert said in client.get(correction).text
    undo = f"/events/{event.code}/missing/{entry_id}/undiffer/{sign_in_id}"
    assert f'action="{undo}"' in entry and post(client, undo, **{"from": "roster"}).location == roster
    assert client.get(roster).text.count(ASKS) == 2
    hand = f"/events/{event.code}/hand"
    assert post(client, f"{hand}/differ", entry_id=entry_id, sign_in_id=sign_in_id).status_code == 303
    assert client.get(board).text.count(ASKS) == 1
    assert post(client, f"{hand}/undiffer", entry_id=entry_id, sign_in_id=sign_in_id).status_code == 303
    assert client.get(board).text.count(ASKS) == 2 and said not in client.get(correction).text


def test_too_late_is_said_in_a_sentence(app: Flask, client: FlaskClient) -> None:
    event, entry_id, sign_in_id = came_as_walk_ins()
    make_staff()
    log_in(client, "admin@example.org")
    corrections.void(sign_in_id, staff_id=None)
    path = f"/events/{event.code}/missing/{entry_id}/same/{sign_in_id}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/events/{event.code}/dashboard").text)
    assert token
    answer = client.post(path, data={"csrf_token": token[1]}, headers=HTMX)
    assert answer.status_code == 422 and "已撤销" in answer.text
    corrections.restore(sign_in_id, staff_id=None)
    sign_in(event, enterprise("吕明燕", organisation_name=LV.organisation_name, mobile=LV.mobile))
    answer = client.post(path, data={"csrf_token": token[1]}, headers=HTMX)
    assert answer.status_code == 422 and "此人已到" in answer.text
    assert walk_ins(event) == 2


def test_a_steward_ties_only_whom_the_own_search_named(app: Flask) -> None:
    event, entry_id, sign_in_id = came_as_walk_ins()
    steward = steward_of(app, event)
    ids = {"entry_id": entry_id, "sign_in_id": sign_in_id}
    assert send(steward, event, "/tie", **ids).status_code == 404
    assert send(steward, event, "/tie", **ids, of=of(event, entry_id=entry_id)).status_code == 404
    assert walk_ins(event) == 2
    page = send(steward, event, q="吕明燕").text
    assert ASKS in page and of(event, **ids) in page
    answer = send(steward, event, "/tie", headers=HTMX, **ids, of=of(event, **ids), key="k")
    assert "名单内，已到" in answer.text and f'action="/steward/{event.code}/separate"' in answer.text
    assert walk_ins(event) == 1
    answer = send(steward, event, "/separate", headers=HTMX, **ids, of=of(event, **ids))
    assert "已分开" in answer.text and walk_ins(event) == 2
    assert send(steward, event, "/differ", **ids).status_code == 404
    answer = send(steward, event, "/differ", headers=HTMX, **ids, of=of(event, **ids))
    assert "是另一位同名人员" in answer.text and f'action="/steward/{event.code}/undiffer"' in answer.text
    assert ASKS not in send(steward, event, q="吕明燕").text
    send(steward, event, "/undiffer", headers=HTMX, **ids, of=of(event, **ids))
    assert ASKS in send(steward, event, q="吕明燕").text


def test_a_correction_offers_whom_the_corrected_name_may_be(app: Flask, client: FlaskClient) -> None:
    event, entry_id, _sign_in_id = came_as_walk_ins()
    make_staff()
    log_in(client, "admin@example.org")
    slip = sign_in(event, enterprise("吕明艳", organisation_name="凯创化工", mobile="13900139005")).sign_in_id
    base = f"/events/{event.code}/hand/sign-ins/{slip}/correct"
    assert "同名未到" not in client.get(base).text
    assert post(client, base, name="吕明燕").status_code == 303
    page = client.get(base).text
    assert "名单上有同名未到：吕明燕（湖北凯创化工有限公司，138****0445）" in page
    assert post(client, f"/events/{event.code}/hand/tie", entry_id=entry_id, sign_in_id=slip).status_code == 303
    page = client.get(base).text
    assert "同名未到" not in page and "重新分开" in page
    ties.separate(event.id, slip, Hand("staff:1"))
    assert "重新分开" not in client.get(base).text
