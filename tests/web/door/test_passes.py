"""A pass on its person's phone, on a steward's, on one that holds another event's link; at the station, by hand and at
the desk; and what is said of repeats, of withdrawn and of unknown ones."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kiosk.cli.passes import passes_command
from kiosk.extensions import db
from kiosk.models import AuditEntry, SignIn
from kiosk.services.door import hand_work, links, passes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, log_in, make_event, make_staff, post, sign_in
from tests.aids.listed import with_roster

WANG = RosterRow("enterprise", "王强", "东贝", mobile="13800138000", seat="A12", group_name="第三组")
PUPIL = RosterRow("student", "李小明", "黄石八中", class_name="初二3班", student_no="20230301")


def path_of(event: EventView, at: int = 0) -> str:
    return "/p/" + passes.address_of(rosters.entries(event.id)[at].id).rpartition("/p/")[2]


def phone(app: Flask, *opened: EventView, label: str = "门口小李") -> FlaskClient:
    """Return a phone that has scanned these events' steward links."""
    client = app.test_client()
    for event in opened:
        assert client.get(f"/st/{links.make(event.id, 'steward', label, staff_id=None)}").status_code == 303
    return client


def fields_of(client: FlaskClient, path: str) -> dict[str, str]:
    """Return what the one form of a pass's page sends; nothing where it has none."""
    form = client.get(path).text.partition(f'action="{path}/sign-in"')[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="(\w+)"\s+value="([^"]*)"', form)
    return {name: unescape(value) for name, value in fields}


def tap(client: FlaskClient, path: str) -> TestResponse:
    """Tap the one button of a pass's page."""
    return client.post(f"{path}/sign-in", data=fields_of(client, path))


def arrived(event: EventView) -> int:
    return events.counts(event.id).arrived


def test_its_persons_phone_shows_the_pass_and_signs_nobody_in(app: Flask, client: FlaskClient) -> None:
    event = with_roster(WANG)
    page = client.get(path_of(event))
    assert page.status_code == 200 and "王强" in page.text and "A12" in page.text and "<svg" in page.text
    assert 'name="csrf_token"' not in page.text and "13800138000" not in page.text and "138****" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert client.post(f"{path_of(event)}/sign-in").status_code == 403 and arrived(event) == 0


def test_a_minors_pass_shows_no_school(app: Flask, client: FlaskClient) -> None:
    page = client.get(path_of(with_roster(PUPIL))).text
    assert "李小明" in page and "黄石八中" not in page and "初二3班" not in page and "20230301" not in page


def test_a_steward_signs_in_with_one_tap_and_reads_the_answer(app: Flask) -> None:
    event = with_roster(WANG)
    steward, path = phone(app, event), path_of(event)
    answer = tap(steward, path)
    assert answer.status_code == 303 and (answer.location or "").startswith(path)
    page = steward.get(answer.location or "").text
    assert "签到成功" in page and "王强" in page and "A12" in page and "第三组" in page
    assert arrived(event) == 1
    (row,) = db.session.scalars(select(SignIn))
    assert (row.method, row.door_link_id is not None, row.roster_entry_id is not None) == ("steward", True, True)


def test_a_repeat_says_when_and_who_signed_in(app: Flask) -> None:
    event = with_roster(WANG)
    tap(phone(app, event, label="东门小王"), path_of(event))
    page = phone(app, event).get(path_of(event)).text
    assert "重复" in page and "东门小王" in page and f"{path_of(event)}/sign-in" not in page
    assert "answer--repeat" in page
    assert tap(phone(app, event), path_of(event)).status_code == 403, "its page has no form"
    assert arrived(event) == 1


def test_a_pass_signs_out_and_in_again_where_the_event_wants_it(app: Flask) -> None:
    event = with_roster(WANG, wants_sign_out=True)
    steward, path = phone(app, event), path_of(event)
    tap(steward, path)
    for action, is_left in (("out", True), ("back", False), ("out", True)):
        form = steward.get(path).text.partition(f'action="/steward/{event.code}/{action}"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)"\s+value="([^"]*)"', form))
        answer = steward.post(f"/steward/{event.code}/{action}", data={k: unescape(v) for k, v in fields.items()})
        assert answer.status_code == 303
        (row,) = db.session.scalars(select(SignIn))
        assert (row.left_at is not None) is is_left, action
        said = steward.get(answer.location or "").text
        assert "王强" in said
    event = with_roster(WANG)
    steward, path = phone(app, event), path_of(event)
    tap(steward, path)
    assert f"/steward/{event.code}/out" not in steward.get(path).text, "this event wants none"


def test_two_stewards_at_once_leave_one_row(app: Flask) -> None:
    event = with_roster(WANG)
    one, other, path = phone(app, event), phone(app, event), path_of(event)
    opened = [fields_of(client, path) for client in (one, other)]
    answers = [client.post(f"{path}/sign-in", data=fields) for client, fields in zip((one, other), opened, strict=True)]
    said = [client.get(answer.location or "").text for client, answer in zip((one, other), answers, strict=True)]
    assert "answer--ok" in said[0] and "answer--repeat" in said[1] and "门口小李" in said[1]
    assert arrived(event) == 1


def test_a_link_of_another_event_says_so_and_does_nothing(app: Flask) -> None:
    event, other = with_roster(WANG, title="上午场"), make_event(title="下午场")
    steward, path = phone(app, other), path_of(event)
    page = steward.get(path)
    assert page.status_code == 200 and "下午场" in page.text and "未签到" in page.text
    refused = steward.post(f"{path}/sign-in", data={"csrf_token": "x", "key": "k"})
    assert refused.status_code == 403 and "下午场" in refused.text and arrived(event) == 0
    assert tap(phone(app, other, event), path).status_code == 303 and arrived(event) == 1, "with both links"


def test_a_revoked_link_is_no_link_and_no_other_page_s_form_is_taken(app: Flask) -> None:
    event = with_roster(WANG)
    steward, path = phone(app, event), path_of(event)
    assert steward.post(f"{path}/sign-in", data={"key": "k"}).status_code == 403
    links.revoke(event.id, "steward", links.list_of(event.id, "steward")[0].id)
    assert "answer" not in steward.get(path).text and arrived(event) == 0


@pytest.mark.parametrize(
    ("why", "status", "words"), [("revoked", 410, "已作废"), ("over", 410, "已经结束"), ("unknown", 404, "没有找到")]
)
def test_a_pass_that_is_not_valid_says_why_to_both(
    app: Flask, client: FlaskClient, why: str, status: int, words: str
) -> None:
    event = with_roster(WANG)
    steward, path = phone(app, event), path_of(event)
    if why == "revoked":
        passes.revoke(event.id, rosters.entries(event.id)[0].id, actor="staff:1")
    elif why == "over":
        events.set_archived(event.code, is_archived=True, actor="staff:1")
    else:
        path = "/p/" + "a" * 32
    for of in (client, steward):
        page = of.get(path)
        assert page.status_code == status and words in page.text and "王强" not in page.text
        assert of.post(f"{path}/sign-in").status_code == status
    assert arrived(event) == 0


def test_a_scanner_at_the_hand_work_and_at_a_stewards_page(app: Flask, client: FlaskClient) -> None:
    event, other = with_roster(WANG), with_roster(WANG, title="下午场")
    make_staff()
    log_in(client, "admin@example.org")
    base = f"/events/{event.code}/hand"

    def scan(typed: str) -> str:
        answer = post(client, f"{base}/pass", **{"pass": typed, "key": f"key{typed[-6:]}"})
        return client.get(answer.location or "").text

    assert "下午场" in scan(path_of(other)) and "个人签到码无效" in scan("/p/" + "b" * 32)
    assert arrived(event) == arrived(other) == 0
    assert "签到成功" in scan(path_of(event)) and arrived(event) == 1
    answer = client.post(f"{base}/pass", data={"pass": path_of(event), "key": "n", "csrf_token": csrf_token(client)},
                         headers={"HX-Request": "true"})  # fmt: skip
    assert answer.status_code == 200 and "重复" in answer.text
    steward = phone(app, event)
    token = re.search(r'name="csrf_token" value="([^"]+)"', steward.get(f"/steward/{event.code}").text)
    fields = {"pass": path_of(event), "csrf_token": token[1] if token else ""}
    again = steward.post(f"/steward/{event.code}/pass", data=fields, headers={"HX-Request": "true"})
    assert "answer--repeat" in again.text


def test_a_scanner_at_the_station(app: Flask, client: FlaskClient) -> None:
    event, other = with_roster(WANG), with_roster(WANG, title="下午场")
    at = f"/events/{event.code}/kiosk"
    assert client.post(f"{at}/pass", data={"pass": path_of(event)}).status_code in (302, 303, 403)
    client.get(f"/d/{links.make(event.id, 'kiosk', staff_id=None, pin='1234')}")
    assert "data-scan" in client.get(at).text
    wrong = client.post(f"{at}/pass", data={"pass": path_of(other)})
    assert wrong.status_code == 409 and "下午场" in wrong.text and at in wrong.text
    done = client.post(f"{at}/pass", data={"pass": path_of(event), "key": "one"})
    page = client.get(done.location or "")
    assert done.status_code == 303 and "王强" in page.text and "refresh" in page.text
    assert client.post(f"{at}/pass", data={"pass": path_of(event), "key": "one"}).status_code == 303
    events.close(event.code)
    assert client.post(f"{at}/pass", data={"pass": path_of(event), "key": "two"}).status_code in (303, 409)
    (row,) = db.session.scalars(select(SignIn))
    assert (row.method, row.device_link_id is not None) == ("kiosk", True)


def test_the_desk_gives_passes_out_and_the_log_keeps_who_took_them(app: Flask, client: FlaskClient) -> None:
    event, empty = with_roster(WANG, PUPIL), make_event()
    make_staff()
    log_in(client, "admin@example.org")
    assert "名单上还没有人" in client.get(f"/events/{empty.code}/passes").text
    assert client.get(f"/events/{event.code}/passes.csv").status_code == 403
    asked = post(client, f"/events/{event.code}/passes", format="csv")
    table = client.get(asked.location or "").data.decode("utf-8-sig")
    assert table.count("/p/") == 2 and path_of(event) in table
    entry_id = rosters.entries(event.id)[0].id
    badge = client.get(post(client, f"/events/{event.code}/passes", format="pdf", entry=entry_id).location or "")
    assert badge.mimetype == "application/pdf" and badge.data.startswith(b"%PDF-")
    assert db.session.scalars(select(AuditEntry.action)).all().count("pass.take") == 2
    one = f"/events/{event.code}/roster/{entry_id}/pass"
    before = path_of(event)
    assert before in client.get(one).text
    page = client.get(post(client, f"{one}/revoke").location or "").text
    assert "已作废" in page and before not in page and path_of(event) in page


def test_flask_passes_writes_badges_or_addresses(app: Flask, tmp_path: Path) -> None:
    event, runner = with_roster(WANG, PUPIL), app.test_cli_runner()
    for ending, begins in (("pdf", b"%PDF-"), ("csv", b"\xef\xbb\xbf")):
        file = tmp_path / f"passes.{ending}"
        done = runner.invoke(passes_command, [event.code, str(file), "--json"])
        assert json.loads(done.stdout) == {"file": str(file), "passes": 2}, done.output
        assert file.read_bytes().startswith(begins)
    for arguments, words in (
        ([event.code, str(tmp_path / "a.xlsx")], ".pdf (badges) or .csv"),
        ([make_event().code, str(tmp_path / "a.csv")], "Nobody is on this event's list"),
        ([event.code, str(tmp_path / "none" / "a.csv")], "could not be written"),
    ):
        done = runner.invoke(passes_command, arguments)
        assert done.exit_code == 1 and words in done.output


def test_who_was_voided_is_signed_in_anew_by_the_same_pass(app: Flask) -> None:
    event = with_roster(WANG)
    steward, path = phone(app, event), path_of(event)
    tap(steward, path)
    (row,) = db.session.scalars(select(SignIn))
    hand_work.void(event.id, row.id, hand_work.Hand("staff:1", "void", None))
    assert tap(steward, path).status_code == 303 and arrived(event) == 1
    assert sign_in(event, rosters.entries(event.id)[0].details()).is_repeat
