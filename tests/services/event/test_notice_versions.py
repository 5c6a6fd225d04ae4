"""Versions of the notice: written anew, never changed; a sign-in keeps the one it saw."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Notice, SignIn
from kiosk.services.codes import new_ticket
from kiosk.services.door import links
from kiosk.services.event import events, notices
from kiosk.services.event.event_views import EventView
from kiosk.services.event.notices import NoticeDraft
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, post, sign_in

TEXT = {"summary": "新的一句话", "body": "第一段\n第二段", "summary_alt": "A new sentence", "body_alt": "One\nTwo"}


def seen_by(sign_in_id: int) -> int | None:
    db.session.rollback()
    return db.session.scalar(select(SignIn.notice_id).where(SignIn.id == sign_in_id))


def test_a_sign_in_keeps_the_version_it_saw(both_app: Flask) -> None:
    first, boss = notices.ensure_default_notice(), make_staff()
    event = make_event()
    early = sign_in(event, enterprise())
    second = notices.write(NoticeDraft(**TEXT), staff_id=boss.id)
    still_old = sign_in(event, guest())
    notices.use_newest(events.get(event.code), staff_id=boss.id)
    late = sign_in(events.get(event.code), guest("陈秋实"))
    assert [seen_by(one.sign_in_id) for one in (early, still_old, late)] == [first, first, second.id]
    assert make_event().notice_id == second.id
    assert [(row.notice.version, row.events, row.sign_ins) for row in notices.list_all()] == [(2, 2, 1), (1, 0, 2)]


@pytest.mark.parametrize("door", ["form", "look_up", "group", "link"])
def test_a_page_that_was_open_when_the_event_moved_on_keeps_the_version_on_it(
    app: Flask, client: FlaskClient, door: str
) -> None:
    first, boss = notices.ensure_default_notice(), make_staff()
    event = make_event(kinds=[{"kind": "guest"}])
    if door in ("look_up", "link"):
        roster_writing.write(event.id, [RosterRow("guest", "张爱国", mobile="13800138000")], actor="x")
    path, sent = open_page(client, event, door)
    second = notices.write(NoticeDraft(**TEXT), staff_id=boss.id)
    notices.use_newest(events.get(event.code), staff_id=boss.id)
    assert client.post(path, data=sent).status_code == 303
    assert db.session.scalars(select(SignIn.notice_id)).all() == [first]
    later = make_event(kinds=[{"kind": "guest"}], title="第二场")
    for forged in (str(second.id + 1), "0", "-1", "9" * 30, "x"):  # what no page can have shown
        path, sent = open_page(client, later, "form")
        name = f"张爱国{forged[:3]}"
        assert client.post(path, data={**sent, "name": name, "shown": forged}).status_code == 303
    of_later = select(SignIn.notice_id).where(SignIn.event_id == later.id)
    assert set(db.session.scalars(of_later)) == {second.id}


def open_page(client: FlaskClient, event: EventView, door: str) -> tuple[str, dict[str, str]]:
    """Open the page of one door and return where its form goes, filled in."""
    base, ticket = f"/e/{event.code}", new_ticket(event.id).token
    if door == "form":
        page, path = client.get(f"{base}?form=1").text, f"{base}/sign-in"
        return path, {**hidden(page), "name": "张爱国", "identity": "市民观察员"}
    if door == "look_up":
        page = client.post(f"{base}/look-up", data={"ticket": ticket, "last4": "8000"}).text
        return f"{base}/sign-in", hidden(page)
    if door == "group":
        typed = {"ticket": ticket, "kind": "guest", "leader": "李老师", "names": "张爱国"}
        checked = hidden(client.post(f"{base}/group/check", data=typed).text)
        return f"{base}/group", {**checked, "name-0": "张爱国", "here-0": "1"}
    path = f"/g/{links.make(event.id, 'group', '李老师', staff_id=None)}"
    return path, {**hidden(client.get(path).text), "here": "1"}


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def test_writing_leaves_older_versions_and_events_as_they_are(app: Flask) -> None:
    first, boss = notices.ensure_default_notice(), make_staff()
    event, before = make_event(), notices.get(first)
    made = notices.write(NoticeDraft(**TEXT), staff_id=boss.id)
    assert (made.version, made.body) == (2, "第一段\n第二段") and notices.newest() == made
    assert notices.get(first) == before and events.get(event.code).notice_id == first
    with pytest.raises(Refused, match="same_text"):
        notices.write(NoticeDraft(**TEXT), staff_id=boss.id)
    assert len(notices.list_all()) == 2


def test_versions_and_moves_are_in_the_log(app: Flask) -> None:
    notices.ensure_default_notice()
    event, boss = make_event(), make_staff()
    made = notices.write(NoticeDraft(**TEXT), staff_id=boss.id)
    for _attempt in range(2):  # the second changes nothing
        notices.use_newest(events.get(event.code), staff_id=boss.id)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("notice.%")).order_by(AuditEntry.id))
    found = [(entry.actor, entry.action, entry.event_id, entry.subject, entry.changed) for entry in entries]
    who, what = f"staff:{boss.id}", f"notice:{made.id}"
    assert found == [
        (who, "notice.write", None, what, {"version": 2}),
        (who, "notice.use", event.id, what, {"version": 2}),
    ]


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    notices.ensure_default_notice()
    make_staff()
    log_in(client, "admin@example.org")
    return client


def test_a_version_is_written_from_the_newest_previewed_and_put_in_force(admin: FlaskClient) -> None:
    page = admin.get("/notices/new").text
    assert "谁在处理：本场活动的主办单位" in page and "处理的个人信息种类" in page
    shown = post(admin, "/notices/new", **TEXT, preview="1")
    assert shown.status_code == 200 and 'id="preview"' in shown.text and len(notices.list_all()) == 1
    typed = {**TEXT, "body": " 第一段 \r\n\r\n第二段\r\n"}
    assert post(admin, "/notices/new", **typed).location == "/notices"
    newest = notices.newest()
    assert newest is not None and (newest.version, newest.body) == (2, "第一段\n第二段")
    listed = admin.get("/notices").text
    assert "新的一句话" in listed and "A new sentence" in listed and "/notices/1" in listed
    assert "谁在处理" in admin.get("/notices/1").text and admin.get("/notices/3").status_code == 404


@pytest.mark.parametrize("missing", ["summary", "body"])
def test_what_is_missing_is_said_beside_its_field(admin: FlaskClient, missing: str) -> None:
    answer = post(admin, "/notices/new", **{**TEXT, missing: " "})
    assert answer.status_code == 422 and f'id="{missing}-error"' in answer.text and "A new sentence" in answer.text
    assert len(notices.list_all()) == 1


def test_the_same_text_again_is_no_version(admin: FlaskClient) -> None:
    newest = notices.newest()
    assert newest is not None
    same = {name: str(getattr(newest, name)) for name in TEXT}
    answer = post(admin, "/notices/new", **same)
    assert answer.status_code == 422 and "与最新版本内容相同" in answer.text and len(notices.list_all()) == 1


def test_an_event_is_moved_by_its_organiser(admin: FlaskClient) -> None:
    event = make_event()
    page = f"/events/{event.code}/notice"
    assert page in admin.get(f"/events/{event.code}/settings").text
    assert "改用第" not in admin.get(page).text
    post(admin, "/notices/new", **TEXT)
    assert "改用第 2 版" in admin.get(page).text
    assert post(admin, page).location == page
    assert "改用第" not in admin.get(page).text and "新的一句话" in admin.get(f"/e/{event.code}?kind=guest").text


def test_the_attendee_s_notice_says_version_and_date(app: Flask, client: FlaskClient) -> None:
    with freeze(utcnow().replace(year=2026, month=9, day=10, hour=1)):
        notices.ensure_default_notice()
    event = make_event()
    assert "第 1 版 · 2026年9月10日" in client.get(f"/e/{event.code}/notice").text
    english = client.get(f"/e/{event.code}/notice?lang=en").text
    assert "Version 1 · 10 September 2026" in english
    assert db.session.scalars(select(Notice.version)).all() == [1]
