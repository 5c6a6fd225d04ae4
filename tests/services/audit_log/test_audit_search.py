"""Searching the audit log: by event, account, kind of act, days and number; newest first; on screen and as CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.audit_log import audit, audit_search
from kiosk.services.audit_log.audit_search import AuditQuery
from kiosk.services.board import missing
from kiosk.services.door import links
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import log_in, make_event, make_staff, post

NOON = datetime(2026, 9, 10, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    return client


def record(actor: str, action: str, at: datetime = NOON, **given: Any) -> None:
    def work(session: WriterSession) -> None:
        audit.record(session, actor, action, **given)

    with clock.freeze(at):
        run(work)


def found(**wanted: Any) -> list[str]:
    db.session.rollback()
    return [line.action for line in audit_search.search(AuditQuery(**wanted)).rows]


def test_entries_are_found_by_what_is_searched_for(both_app: Flask) -> None:
    first, second = make_event(title="巡回培训黄石站"), make_event(title="座谈会", title_alt="Round table")
    record("staff:1", "event.close", event_id=first.id)
    record("staff:11", "look.mobile", event_id=first.id, subject="roster_entry:12")
    record("steward:5", "sign_in.void", event_id=second.id, subject="sign_in:12")
    record("steward:5", "sign_in.restore", event_id=second.id, subject="sign_in:120")
    made = ["event.create"]  # by the factory, from the command line
    assert found(event=first.code.lower()) == ["look.mobile", "event.close", *made]
    assert found(event="黄石") == ["look.mobile", "event.close", *made] and found(event="ROUND")[:1] == [
        "sign_in.restore"
    ]
    assert found(event="no such title") == []
    assert found(actor="staff:1") == ["event.close"] and found(actor="staff:11") == ["look.mobile"]
    assert found(actor="steward") == ["sign_in.restore", "sign_in.void"] and found(actor="command") == made * 2
    assert found(group="look") == ["look.mobile"] and found(group="sign_in") == ["sign_in.restore", "sign_in.void"]
    assert found(subject="12") == ["sign_in.void", "look.mobile"] and found(subject="sign_in:12") == ["sign_in.void"]
    assert found(subject="roster_entry") == ["look.mobile"] and found(subject="%") == []


def test_days_are_the_installation_s_and_both_ends_count(both_app: Flask) -> None:
    for action, moment in (
        ("event.open", datetime(2026, 9, 9, 15, 59, tzinfo=UTC)),
        ("event.update", datetime(2026, 9, 9, 16, 0, tzinfo=UTC)),  # midnight in Shanghai
        ("event.close", datetime(2026, 9, 10, 15, 59, tzinfo=UTC)),
        ("event.archive", datetime(2026, 9, 10, 16, 0, tzinfo=UTC)),
    ):
        record("staff:1", action, moment)
    assert found(since=NOON.date(), until=NOON.date()) == ["event.close", "event.update"]
    assert found(since=NOON.date())[0] == "event.archive" and found(until=NOON.date())[-1] == "event.open"


def test_pages_go_back_to_the_first_entry_and_new_ones_move_nothing(app: Flask) -> None:
    for number in range(7):
        record("staff:1", "counter.step", subject=f"hand_counter:{number}")
    page = audit_search.search(AuditQuery(), limit=3)
    record("staff:1", "counter.step", subject="hand_counter:8")
    seen = [line.subject for line in page.rows]
    while page.has_more:
        page = audit_search.search(AuditQuery(), older_than=page.rows[-1].id, limit=3)
        seen += [line.subject for line in page.rows]
    assert seen == [f"hand_counter:{number}" for number in reversed(range(7))]


def test_indexes_serve_the_searches_of_a_large_log(app: Flask) -> None:
    rows = [
        {"actor": f"staff:{n % 40}", "action": "event.update", "event_id": n % 50, "changed": {}, "done_at": NOON}
        for n in range(4000)
    ]
    with db.engine.begin() as connection:
        connection.execute(insert(AuditEntry), rows)
        connection.execute(text("ANALYZE"))
    for condition, index in (
        (AuditEntry.event_id == 7, "ix_audit_entry_event"),
        (AuditEntry.actor == "staff:7", "ix_audit_entry_actor"),
    ):
        wanted = select(AuditEntry).where(condition).order_by(AuditEntry.id.desc()).limit(51)
        sql = str(wanted.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(str(row) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
        assert index in plan and "TEMP B-TREE" not in plan, plan


def test_page_says_who_did_what_in_words_and_never_in_codes(admin: FlaskClient) -> None:
    event = make_event(title="巡回培训")
    roster_writing.write(event.id, [RosterRow("enterprise", "金丝雀", "东贝", mobile="13711110001")], actor="staff:1")
    missing.look(event.id, rosters.entries(event.id)[0].id, actor="staff:1")
    links.make(event.id, "steward", "王老师", staff_id=1)
    record("steward:1", "sign_in.correct", event_id=event.id, subject="sign_in:3", changed={"fields": ["mobile"]})
    page = admin.get("/audit").text
    for words in (
        "查看完整手机号",
        "admin@example.org",
        "金*雀",
        "137****0001",
        "会务人员链接 · 王老师",
        "改动：手机号",
    ):
        assert words in page, words
    lines = "".join(re.findall(r'<li class="entry".*?</li>', page, re.DOTALL))
    assert not re.search(r"look\.mobile|staff:1|steward:1|sign_in\.|金丝雀|13711110001", lines)
    assert "Looked at a whole mobile" in admin.get("/audit?lang=en").text


def test_a_search_without_a_result_says_so_and_odd_queries_break_nothing(admin: FlaskClient) -> None:
    assert "没有找到" in admin.get("/audit?event=XXXXXX").text
    for query in ("before=99999999999999999999", "before=x", "since=9999-12-31", "until=x&since=0001-01-01", "group=x",
                  "actor=%25", "subject=%00"):  # fmt: skip
        assert admin.get(f"/audit?{query}").status_code == 200, query


def test_page_leads_to_older_entries(admin: FlaskClient) -> None:
    for number in range(60):
        record("staff:1", "counter.step", subject=f"hand_counter:{number}")
    first = admin.get("/audit?group=event").text
    older = re.search(r'href="(/audit\?[^"]*before=\d+)"', first)
    assert older and first.count('class="entry"') == 50
    second = admin.get(older[1].replace("&amp;", "&")).text
    assert second.count('class="entry"') == 10 and "最新" in second


def test_csv_holds_everything_that_was_searched_for(admin: FlaskClient) -> None:
    event = make_event(title="=SUM(A1)")
    for _number in range(audit_search.CHUNK + 3):
        record("staff:1", "counter.step", event_id=event.id, subject="hand_counter:1", changed={"by": -1})
    answer = admin.get("/audit.csv?group=event")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 1 + audit_search.CHUNK + 3 + 1, "a header, the steps, and the event's own entry"
    assert rows[0][:3] == ["时间 (Asia/Shanghai)", "操作人", "操作"] and rows[0][6] == "改动"
    assert rows[1][0] == "2026-09-10 12:00:00" and rows[1][4] == "'=SUM(A1)" and "counter.step" in rows[1]


def test_log_is_the_admins_and_an_event_leads_them_to_its_own(admin: FlaskClient, app: Flask) -> None:
    event = make_event()
    assert f'href="/audit?event={event.code}"' in admin.get(f"/events/{event.code}").text
    organiser = app.test_client()
    made = make_staff("organiser")
    log_in(organiser, made.email)
    assert organiser.get("/audit").status_code == organiser.get("/audit.csv").status_code == 403
    assert "/audit" not in organiser.get("/events").text


def test_closing_an_event_at_the_desk_is_in_the_log(admin: FlaskClient) -> None:
    event = make_event()
    post(admin, f"/events/{event.code}/close")
    (line, *_rest) = audit_search.search(AuditQuery(event=event.code)).rows
    assert (line.who, line.action, line.event_title) == ("admin@example.org", "event.close", event.title)
