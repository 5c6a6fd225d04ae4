"""The roster on the desk: import in two steps, the list, single entries, files to take home."""

from __future__ import annotations

import json
import re
import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterDraft
from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.files import read_file
from kiosk.services.roster import roster_lists, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.roster_writing import Spoken
from tests.aids.factories import csrf_token, enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.lists import reading_of_cells, reading_of_file
from tests.aids.paths import FIXTURES
from tests.aids.stage_roster import set_import

OFFICE = FIXTURES / "rosters" / "office.xlsx"
TWO = "姓名\t单位\t手机\n王强\t东贝\t13800138000\n李娜\t劲牌\t13900139000"


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def upload(desk: FlaskClient, event: EventView, content: bytes, name: str = "名单.xlsx") -> TestResponse:
    """Send a file as a browser does; by hand, because the test client leaves the file of a large body open."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{csrf_token(desk)}\r\n'
    head += f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    path = f"/events/{event.code}/roster/import"
    return desk.post(path, data=body, content_type="multipart/form-data; boundary=x")


def paste(desk: FlaskClient, event: EventView, text: str) -> TestResponse:
    return post(desk, f"/events/{event.code}/roster/import", pasted=text)


def test_a_list_whose_first_rows_are_being_written_is_no_empty_roster(desk: FlaskClient) -> None:
    event, english = make_event(), {"Accept-Language": "en"}
    address = f"/events/{event.code}/roster"
    assert "There is no roster yet" in desk.get(address, headers=english).text
    set_import(event)
    page = desk.get(address, headers=english).text
    assert "1200 of 4000 rows are written" in page and 'type="file"' not in page


def figures(page: str) -> list[int]:
    """Return the preview's figures: new, updated, unchanged, left out."""
    return [int(count) for count in re.findall(r'<dd class="number">(\d+)</dd>', page)]


def drafts() -> int:
    return db.session.scalar(select(func.count()).select_from(RosterDraft)) or 0


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_nothing_is_written_before_the_confirmation(desk: FlaskClient) -> None:
    event = make_event()
    answer = upload(desk, event, OFFICE.read_bytes())
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert figures(page) == [398, 0, 0, 0, 2]
    assert "第 42 行" in page and "这一行没有姓名。" in page and "与第 4 行是同一人。" in page
    assert rosters.entries(event.id) == () and events.counts(event.id).expected == 0
    done = post(desk, answer.location)
    assert done.location == f"/events/{event.code}/roster"
    assert events.counts(event.id).expected == len(rosters.entries(event.id)) == 398
    assert drafts() == 0 and tallies.recount() == ()


def test_no_mobile_is_whole_on_any_of_the_pages(desk: FlaskClient) -> None:
    event = make_event()
    rows = TWO.replace("13800138000", "13701018000")  # the form's own example is 13800138000
    answer = paste(desk, event, f"{rows}\n王强\t东贝\t13701018000")
    pages = [desk.get(answer.location).text]
    post(desk, answer.location)
    entry_id = rosters.entries(event.id)[0].id
    pages += [desk.get(f"/events/{event.code}/roster{path}").text for path in ("", "/import", "/new", f"/{entry_id}")]
    assert "137****8000" in pages[0] and "137****8000" in pages[1] and "137****8000" in pages[4]
    assert not any("13701018000" in page or "13900139000" in page for page in pages)


def test_second_import_shows_what_is_new_and_what_is_known(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, paste(desk, event, TWO).location)
    changed = TWO.replace("劲牌", "劲牌公司") + "\n赵敏\t东贝\t13700137000"
    assert figures(desk.get(paste(desk, event, changed).location).text) == [1, 1, 1, 0, 0]
    assert "无需导入" in desk.get(paste(desk, event, TWO).location).text


def test_preview_is_used_once_and_lives_for_an_hour(desk: FlaskClient) -> None:
    event = make_event()
    used, old = paste(desk, event, TWO).location, paste(desk, event, TWO).location
    post(desk, used)
    assert post(desk, used).location == f"/events/{event.code}/roster/import"
    with clock.freeze(utcnow() + timedelta(minutes=61)):
        log_in(desk, "admin@example.org")
        assert desk.get(old).status_code == 303
        paste(desk, event, TWO)
        assert drafts() == 1, "what is older than an hour is gone"


def test_preview_of_one_event_is_none_of_another(desk: FlaskClient) -> None:
    event, other = make_event(), make_event()
    path = paste(desk, event, TWO).location.replace(event.code, other.code)
    assert desk.get(path).status_code == post(desk, path).status_code == 303
    assert rosters.entries(other.id) == ()


def test_discarded_preview_leaves_nothing(desk: FlaskClient) -> None:
    event = make_event()
    answer = post(desk, paste(desk, event, TWO).location, discard="1")
    assert answer.status_code == 303 and drafts() == 0 and rosters.entries(event.id) == ()


def test_file_that_is_no_roster_says_so_beside_the_field_and_keeps_the_page(desk: FlaskClient) -> None:
    event = make_event()
    answer = upload(desk, event, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "名单.xls")
    assert answer.status_code == 422 and 'id="file-error"' in answer.text and ".xlsx" in answer.text
    large = upload(desk, event, b"a" * (6 * 2**20))
    assert large.status_code == 422 and "5 MB" in large.text
    typed = paste(desk, event, "手机\t座位\n13800138000\tA1")
    assert typed.status_code == 422 and 'id="pasted-error"' in typed.text and "13800138000\tA1" in typed.text


def test_empty_roster_shows_the_next_step(desk: FlaskClient) -> None:
    page = desk.get(f"/events/{make_event().code}/roster").text
    assert "还没有名单" in page and 'type="file"' in page and "roster/template.xlsx" in page


def test_roster_is_searched_by_name_initials_organisation_and_last_four(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, paste(desk, event, TWO).location)
    for typed in ("王强", "wq", "东贝", "8000", "王 强"):
        page = post(desk, f"/events/{event.code}/roster/search", q=typed).text
        assert "王强" in page and "李娜" not in page, typed
    sign_in(event, enterprise(organisation_name="东贝"))
    here = desk.get(f"/events/{event.code}/roster?state=arrived").text
    gone = desk.get(f"/events/{event.code}/roster?state=missing").text
    assert "王强" in here and "李娜" not in here and "李娜" in gone and "王强" not in gone


def test_long_roster_turns_its_pages(desk: FlaskClient) -> None:
    event = make_event()
    reading = reading_of_file(OFFICE.read_bytes(), event)
    roster_writing.write(event.id, reading.rows, actor="staff:1")
    seen = [e.entry_id for page in range(1, 9) for e in roster_lists.search(event.id, page=page).rows]
    assert seen == [entry.id for entry in rosters.entries(event.id)]


def test_entry_is_added_changed_starred_excused_expected_and_removed(desk: FlaskClient) -> None:
    event = make_event()
    path = f"/events/{event.code}/roster"
    post(desk, f"{path}/new", kind="enterprise", name="王　强", organisation_name="东贝", mobile="138 0013 8000")
    (entry,) = rosters.entries(event.id)
    assert entry.mobile == "13800138000"
    post(desk, f"{path}/{entry.id}", kind="enterprise", name="王强", seat="A1")
    post(desk, f"{path}/{entry.id}/star", is_starred="1")
    post(desk, f"{path}/{entry.id}/excuse", reason="出差")
    now = rosters.entry(event.id, entry.id)
    assert (now.seat, now.mobile, now.state, now.reason) == ("A1", "13800138000", "excused", "出差")
    assert "出差" in desk.get(f"{path}/{entry.id}").text
    post(desk, f"{path}/{entry.id}/expect")
    post(desk, f"{path}/{entry.id}", kind="enterprise", name="王强", mobile="-")
    assert rosters.entry(event.id, entry.id).mobile is None and events.counts(event.id).missing == 1
    post(desk, f"{path}/{entry.id}/remove")
    assert rosters.entries(event.id) == () and tallies.recount() == ()
    written = json.dumps([row.changed for row in db.session.scalars(select(AuditEntry))], ensure_ascii=False)
    assert "王强" not in written and "13800138000" not in written


def test_person_who_is_on_the_roster_is_not_added_twice(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, paste(desk, event, TWO).location)
    answer = post(desk, f"/events/{event.code}/roster/new", kind="enterprise", name="王强", mobile="13800138000")
    assert answer.status_code == 422 and "此人已在名单上" in answer.text
    bad = post(desk, f"/events/{event.code}/roster/new", kind="enterprise", name="王强", mobile="138")
    assert bad.status_code == 422 and 'id="mobile-error"' in bad.text and 'value="138"' in bad.text
    assert len(rosters.entries(event.id)) == 2


def test_who_has_arrived_stays_on_the_roster(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, paste(desk, event, TWO).location)
    sign_in(event, enterprise(organisation_name="东贝"))
    entry_id = rosters.entries(event.id)[0].id
    post(desk, f"/events/{event.code}/roster/{entry_id}/remove")
    post(desk, f"/events/{event.code}/roster/{entry_id}/excuse")
    assert rosters.entry(event.id, entry_id).has_arrived and tallies.recount() == ()


def test_seats_are_set_and_removed_while_nobody_fills_them(desk: FlaskClient) -> None:
    event = make_event()
    path = f"/events/{event.code}/roster/seats"
    post(desk, path, **{"seats-organisation_name": "湖北东贝制冷有限公司", "seats-seats": "2"})
    assert post(desk, path, **{"seats-organisation_name": "劲牌", "seats-seats": "0"}).status_code == 422
    (seats,) = rosters.seats(event.id)
    assert events.counts(event.id).expected == 2 and "0 / 2" in desk.get(f"/events/{event.code}/roster").text
    post(desk, f"{path}/{seats.id}/remove")
    assert rosters.seats(event.id) == () and tallies.recount() == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_export_reads_back_without_a_change(desk: FlaskClient, lang: str, ending: str) -> None:
    event = make_event(kinds=[{"kind": "student"}, {"kind": "guest", "label": "媒体"}, {"kind": "enterprise"}])
    rows = [
        RosterRow("student", "李明", "四棵中学", class_name="初二(3)班", student_no="0012", bus="1"),
        RosterRow("guest", "陈一", identity="记者", seat="A1", group_name="二组", note="=1+1"),
        RosterRow("enterprise", "王强", "东贝", mobile="13800138000", job_title="经理", is_starred=True),
        RosterRow("enterprise", organisation_name="劲牌", seats=3),
    ]
    roster_writing.write(event.id, rows, actor="staff:1")
    desk.get(f"/login?lang={lang}")
    given = post(desk, f"/events/{event.code}/roster/whole", format=ending)
    assert actions()[-1] == "roster.export"
    content = desk.get(given.location).data
    answer = upload(desk, event, content, f"export.{ending}")
    shown = figures(desk.get(answer.location).text)
    assert shown == [0, 0, 4, 0, 0], "the apostrophe before a formula in CSV is ours"


def test_only_a_post_that_the_log_keeps_gives_whole_mobiles_away(desk: FlaskClient) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("enterprise", "王强", "东贝", mobile="13800138000")], actor="staff:1")
    path = f"/events/{event.code}/roster.csv"
    plain = desk.get(path).text
    assert "138****8000" in plain and "13800138000" not in plain and "roster.export" not in actions()
    assert desk.get(f"{path}?full=1").status_code == 403
    page = desk.get(f"/events/{event.code}/roster").text
    key = re.search(r"roster\.csv\?(key=[^\"]+)", page)
    assert key and desk.get(f"{path}?full=1&{key[1]}").status_code == 403, "a key is for one address"
    given = post(desk, f"/events/{event.code}/roster/whole", format="csv")
    assert given.status_code == 303 and "13800138000" in desk.get(given.location).text
    assert actions().count("roster.export") == 1
    with clock.freeze(utcnow() + timedelta(minutes=6)):
        assert desk.get(given.location).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_template_is_read_when_filled_in_and_its_example_is_not(desk: FlaskClient, lang: str) -> None:
    event = make_event()
    content = desk.get(f"/events/{event.code}/roster/template.xlsx?lang={lang}").data
    table = [cells for _number, cells in read_file(content)[0].sheets[0].rows]
    header = next(row for row in table if len(row) > 3)
    rows = [*table, ["王强", *["1"] * (len(header) - 1)]]
    reading = reading_of_cells(rows, event)
    assert len(reading.given) == len(header) and reading.ignored == ()
    assert [one.row for one in reading.rejected] == [len(rows)], "the mobile of the row is 1; the example is not read"


def test_viewer_sees_the_roster_masked_and_changes_nothing(client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "student"}])
    roster_writing.write(event.id, [RosterRow("student", "李小明", "四棵中学", mobile="13800138000")], actor="staff:1")
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    page = client.get(f"/events/{event.code}/roster").text
    export = client.get(f"/events/{event.code}/roster.csv").text
    assert "李小明" not in page + export and "13800138000" not in page + export and "李*明" in page
    assert paste(client, event, TWO).status_code == 403


def test_a_masked_export_shows_no_student_number_in_full(desk: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "student"}])
    pupils = [
        RosterRow("student", "李明", "四棵中学", student_no="05"),
        RosterRow("student", "王丽", student_no="20230301"),
    ]
    roster_writing.write(event.id, pupils, actor="staff:1")
    export = desk.get(f"/events/{event.code}/roster.csv").text
    assert '"05"' not in export and '"**"' in export and '"******01"' in export


def test_sign_in_is_not_held_up_while_a_roster_is_imported(app: Flask) -> None:
    event = make_event()
    reading = reading_of_file(OFFICE.read_bytes(), event)
    rows = [RosterRow(r.kind, f"{r.name}{n}", r.organisation_name) for n in range(5) for r in reading.rows]

    def load() -> None:
        with app.app_context():
            roster_writing.write(event.id, rows, actor="staff:1", spoken=Spoken(reading.given))

    importing = threading.Thread(target=load)
    waits = []
    importing.start()
    while importing.is_alive():
        begun = time.perf_counter()
        sign_in(event, enterprise("张三", mobile=f"139{len(waits):08d}"))
        waits.append(time.perf_counter() - begun)
    importing.join()
    assert len(waits) > 10 and events.counts(event.id).expected == len(rows)
    assert sorted(waits)[len(waits) // 2] < 0.1, "half of the sign-ins wait less than 100 ms"
    assert events.counts(event.id).arrived == len(waits) and tallies.recount() == ()
