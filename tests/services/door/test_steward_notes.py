"""The roster's note for the steward (签到提醒): through every list, to whoever works the door, and to nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import RosterEntry
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import walls
from kiosk.services.door import confirmations, corrections, hand_work, links, passes, receipts, steward_notes
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.headers import header_of
from kiosk.services.privacy import purges
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.tables import sheet_files
from tests.aids.factories import csrf_token, enterprise, guest, log_in, make_event, make_staff, sign_in

NOTE = "请引导至贵宾室"
HAND = Hand("steward:1")


def listed(event: EventView, *rows: RosterRow) -> tuple[int, ...]:
    roster_writing.write(event.id, list(rows), actor="staff:1")
    db.session.rollback()
    return tuple(entry.id for entry in rosters.entries(event.id))


def noted(event: EventView, name: str = "王强", **more: object) -> int:
    return listed(event, RosterRow("guest", name, steward_note=NOTE, **more))[-1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "header",
    ["签到提醒", "备注给志愿者", "备注（给志愿者）", "给会务人员的备注", "6、签到提醒（选填）：",
     "Note for the steward", "Steward note", "Notes for volunteers"],
)  # fmt: skip
def test_its_column_is_known_by_what_lists_call_it(header: str) -> None:
    assert header_of(header).meaning == "steward_note"


@pytest.mark.parametrize("header", ["备注", "说明", "签到备注", "Notes", "志愿者", "会务人员"])
def test_another_column_is_not_taken_for_it(header: str) -> None:
    assert header_of(header).meaning != "steward_note"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_export_is_read_back_with_it_and_a_masked_one_has_none(app: Flask, language: str) -> None:
    event = make_event()
    noted(event)
    with app.test_request_context(headers={"Accept-Language": language}):
        whole = roster_lists.export(event, language, is_masked=False)
        masked = roster_lists.export(event, language, is_masked=True)
        template = roster_lists.template(event, language)
    column = next(column for column in whole.columns if column.key == "steward_note")
    assert header_of(column.title).meaning == "steward_note"
    assert NOTE in str(whole.rows) and NOTE not in str(masked.rows)
    assert "steward_note" in [column.key for column in template.columns]
    assert NOTE.encode() in sheet_files.render(whole, "csv")


def test_a_file_brings_it_and_one_without_its_column_leaves_it(app: Flask, tmp_path: Path) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    file, cli = tmp_path / "list.csv", app.test_cli_runner()
    for text in (f"姓名,签到提醒\n王强,{NOTE}\n", "姓名,座位\n王强,A1\n"):
        file.write_text(text, encoding="utf-8-sig")
        assert cli.invoke(args=["roster", "import", event.code, str(file)]).exit_code == 0
    db.session.rollback()
    (entry,) = rosters.entries(event.id)
    assert (entry.steward_note, entry.seat) == (NOTE, "A1")


def test_an_entry_s_page_changes_it(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "guest"}])
    entry_id = noted(event)
    make_staff()
    log_in(client, "admin@example.org")
    page = f"/events/{event.code}/roster/{entry_id}"
    assert NOTE in client.get(page).text
    values = {"csrf_token": csrf_token(client), "name": "王强", "kind": "guest"}
    client.post(page, data={**values, "steward_note": "带孩子"})
    db.session.rollback()
    assert rosters.entry(event.id, entry_id).steward_note == "带孩子"
    answer = client.post(page, data={**values, "steward_note": "长" * 101})
    assert answer.status_code == 422 and "100" in answer.text


def test_every_door_of_a_steward_says_it_when_the_person_comes(app: Flask) -> None:
    event = make_event(needs_confirmation=True)
    entry_id = noted(event)
    sign_in(event, guest("王强"))
    assert [row.steward_note for row in confirmations.waiting(event.id)] == [NOTE]
    done = hand_work.sign_in_entry(event, entry_id, HAND)
    assert done.code == "confirmed"
    assert [row.steward_note for row in steward_notes.of_latest(event.id)] == [NOTE]


def test_who_signs_in_alone_is_on_the_stewards_list_for_a_quarter_of_an_hour(app: Flask) -> None:
    event = make_event()
    listed(event, RosterRow("guest", "王强", steward_note=NOTE), RosterRow("guest", "李四"))
    assert steward_notes.are_any(event.id) and not steward_notes.are_any(make_event().id)
    assert steward_notes.of_latest(event.id) == ()
    sign_in(event, guest("李四"))
    came = sign_in(event, guest("王强"))
    assert [row.name for row in steward_notes.of_latest(event.id)] == ["王强"]
    with clock.freeze(clock.utcnow() + timedelta(minutes=16)):
        assert steward_notes.of_latest(event.id) == ()
    corrections.void(came.sign_in_id, staff_id=None)
    assert steward_notes.of_latest(event.id) == ()


def steward_of(app: Flask, event: EventView) -> FlaskClient:
    client = app.test_client()
    client.get("/st/" + links.make(event.id, "steward", "小李", staff_id=None), follow_redirects=True)
    return client


def test_a_steward_reads_it_after_the_sign_in_on_the_pass_and_in_the_lists(app: Flask) -> None:
    event = make_event()
    entry_id = noted(event)
    steward = steward_of(app, event)
    before = steward.post(f"/steward/{event.code}", data={"q": "王强"}).text
    assert NOTE not in before  # not before the person comes
    hand_work.sign_in_entry(event, entry_id, HAND)
    db.session.rollback()
    page = steward.get(f"/steward/{event.code}").text
    assert NOTE in page and "刚到人员的提醒" in page
    assert NOTE in steward.get(f"/steward/{event.code}/unconfirmed").text
    assert NOTE in steward.get("/p/" + passes.address_of(entry_id).partition("/p/")[2]).text


def test_the_board_and_the_desk_show_it_to_who_runs_the_event_and_no_viewer(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    noted(event)
    sign_in(event, guest("王强"))
    make_staff()
    log_in(client, "admin@example.org")
    assert NOTE in client.get(f"/events/{event.code}/dashboard/latest").text
    assert NOTE in client.get(f"/events/{event.code}/hand").text
    viewer = app.test_client()
    make_staff("viewer", email="viewer@example.org")
    log_in(viewer, "viewer@example.org")
    assert NOTE not in viewer.get(f"/events/{event.code}/dashboard/latest").text


def test_no_attendee_and_no_screen_of_the_hall_ever_sees_it(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    entry_id = listed(
        event, RosterRow("enterprise", "王强", "湖北东贝制冷有限公司", mobile="13800138000", steward_note=NOTE)
    )[0]
    phone = app.test_client()
    pages = [f"/e/{event.code}", f"/e/{event.code}?form=1", "/p/" + passes.address_of(entry_id).partition("/p/")[2]]
    pages.append("/done/" + receipts.address_of(sign_in(event, enterprise()), is_kiosk=False))
    group = links.make(event.id, "group", "全体", staff_id=None)
    pages.append(f"/g/{group}")
    assert all(NOTE not in phone.get(page, follow_redirects=True).text for page in pages)
    make_staff()
    log_in(client, "admin@example.org")
    for screen in ("wall", "display", "kiosk", "sheet.csv"):
        assert NOTE not in client.get(f"/events/{event.code}/{screen}").text, screen
    assert NOTE not in repr(walls)


def test_a_purge_takes_it(app: Flask) -> None:
    event = make_event()
    entry_id = noted(event)
    purges.purge_event(event, "retention")
    db.session.rollback()
    assert db.session.get_one(RosterEntry, entry_id).steward_note is None
