"""The desk's pages on personal data: what is kept and until when, the purge, the warning on the first page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, FrozenSheet, SignIn
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import chores, clearing, purges, scrub
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import beside
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in, student
from tests.aids.personal import CAME, MOBILES, ended, fresh, make_full_event, traces


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """What was started beside the server, which these tests do themselves."""
    tasks: list[tuple[str, int]] = []
    monkeypatch.setattr(beside, "start", lambda task, number=0: tasks.append((task, number)))
    yield tasks


def freeze_sheet(event: EventView, *, is_downloaded: bool) -> None:
    def work(session: WriterSession) -> None:
        session.add(
            FrozenSheet(
                event_id=event.id, code=f"F{event.code}{int(is_downloaded)}", title="x", language="zh", is_masked=False,
                sheet_order="arrival", has_no_shows=False, rows=1, foot=[], content_hash="0" * 64, revision=1,
                frozen_at=utcnow(), downloaded_at=utcnow() if is_downloaded else None,
            )
        )  # fmt: skip

    run(work)


def test_a_purge_asks_for_the_code_and_for_the_sheet(desk: FlaskClient, started: list[tuple[str, int]]) -> None:
    event = make_full_event()
    path = f"/events/{event.code}/privacy"
    page = desk.get(path).text
    assert "Personal data of 7 people is kept" in page and "Not frozen yet" in page and "Freeze and download" in page
    for fields, said in (
        ({}, "This is not the code of this event."),
        ({"code": event.code}, "Please tick this, or freeze"),
        ({"code": "XXXXXX", "untaken": "1"}, "This is not the code"),
    ):
        answer = post(desk, f"{path}/purge", **fields)
        assert answer.status_code == 422 and said in answer.text
    assert started == [] and fresh(event).purged_at is None
    assert post(desk, f"{path}/purge", code=event.code.lower(), untaken="1").status_code == 303
    assert fresh(event).purged_at is not None and [task for task, _ in started] == ["purge"]


def test_a_sheet_taken_home_needs_no_second_tick(desk: FlaskClient, started: list[tuple[str, int]]) -> None:
    event = make_full_event()
    freeze_sheet(event, is_downloaded=False)
    path = f"/events/{event.code}/privacy"
    assert "Frozen, but not downloaded yet" in desk.get(path).text
    freeze_sheet(event, is_downloaded=True)
    page = desk.get(path).text
    assert "Frozen and downloaded" in page and 'name="untaken"' not in page
    assert post(desk, f"{path}/purge", code=event.code).status_code == 303 and len(started) == 1


def test_the_page_says_how_far_each_step_is(desk: FlaskClient, started: list[tuple[str, int]]) -> None:
    now = utcnow()
    event, other = make_full_event(), make_event(title="Still open", starts_at=now, ends_at=now + timedelta(hours=1))
    path = f"/events/{event.code}/privacy"
    post(desk, f"{path}/purge", code=event.code, untaken="1")
    assert desk.get(f"{path}/progress").status_code == 200
    for page in (desk.get(path).text, desk.get(f"{path}/progress").text):
        assert "The data of 7 people is being cleared" in page and "0 of 7" not in page
    chores.purge(started[0][1])
    page = desk.get(path).text
    assert "/privacy/progress" in page and "http-equiv" in page  # it looks on by itself until the disk is clean
    assert (
        "Step 1: the data of 7 people was cleared" in page and "once no event is open" in page and "Still open" in page
    )
    purges.purge_event(other, "command")
    endless = make_event()
    sign_in(endless, enterprise("王强"))
    assert "as soon as nobody has signed in for a minute" in desk.get(path).text
    purges.purge_event(endless, "command")
    assert "within a minute or two" in desk.get(path).text
    chores.purge(started[0][1])
    assert "Step 2: wiped from the disk on" in desk.get(path).text and not scrub.is_pending()
    assert "/privacy/progress" not in desk.get(path).text and desk.get(f"{path}/progress").status_code == 286


def test_pressing_twice_is_one_purge(desk: FlaskClient, started: list[tuple[str, int]]) -> None:
    event = make_full_event()
    for _ in range(2):
        post(desk, f"/events/{event.code}/privacy/purge", code=event.code, untaken="1")
    assert len(set(started)) == 1


def test_the_countdown_stands_on_the_event_s_pages(desk: FlaskClient) -> None:
    event = ended(make_event(retention_days=90), 80)
    sign_in(event, student())
    page = desk.get(f"/events/{event.code}/privacy").text
    assert "in 10 days" in page and "90 days after the end" in page
    minors = make_event(minors_days=7, kinds=[{"kind": "student"}])
    sign_in(minors, student())
    minors = ended(minors, 6.5)
    page = desk.get(f"/events/{minors.code}/privacy").text
    assert "Names of minors" in page and ("in 1 day" in page or "due now" in page)
    overview = desk.get(f"/events/{minors.code}").text
    assert "names are removed on" in overview and f"/events/{minors.code}/privacy" in overview


def test_the_first_page_warns_once_in_the_last_week_unless_the_sheets_are_home(desk: FlaskClient) -> None:
    kinds = [{"kind": "enterprise"}]
    soon = ended(make_event(title="Soon", retention_days=30, kinds=kinds), 25)
    ended(make_event(title="Later", retention_days=60, kinds=kinds), 25)
    sooner = ended(make_event(title="First", retention_days=30, kinds=kinds), 28)
    warned = re.findall(r'<ul class="warnings">.*?</ul>', desk.get("/events").text, re.S)
    assert [re.findall("First|Soon|Later", one) for one in warned] == [["First", "Soon"]]
    freeze_sheet(sooner, is_downloaded=True)
    freeze_sheet(soon, is_downloaded=False)
    assert "have not been frozen and downloaded" in desk.get("/events").text
    freeze_sheet(soon, is_downloaded=True)
    assert "have not been frozen and downloaded" not in desk.get("/events").text


def test_a_purged_event_offers_no_reopening(desk: FlaskClient) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")
    page = desk.get(f"/events/{event.code}").text
    assert "Open sign-in again" not in page and "The personal data of this event has been cleared." in page


def test_pages_of_a_purged_event_still_open(desk: FlaskClient) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")
    for page in ("", "/roster", "/sign-ins", "/sheets", "/dashboard", "/hand", "/stewards", "/groups", "/privacy"):
        assert desk.get(f"/events/{event.code}{page}").status_code == 200, page


def test_a_purged_event_offers_nothing_that_needs_its_people(desk: FlaskClient) -> None:
    event = make_full_event()
    sign_ins, sheets = f"/events/{event.code}/sign-ins", f"/events/{event.code}/sheets"
    assert ">Void<" in desk.get(sign_ins).text and 'name="copy"' in desk.get(sheets).text
    purges.purge_event(event, "command")
    page = desk.get(sign_ins).text
    assert "name cleared" in page and ">Void<" not in page and 'id="q"' not in page
    page = desk.get(sheets).text
    assert 'name="copy"' not in page and "emergency.pdf" not in page and f"/{event.code}/paper" not in page


def test_nobody_is_written_down_at_a_purged_event(desk: FlaskClient, app: Flask, tmp_path: Path) -> None:
    event = make_full_event()
    purges.purge_event(event, "command")
    for page in ("/roster/new", "/roster/import", "/hand/walk-in", "/hand/void", "/paper", "/groups", "/stewards"):
        answer = post(desk, f"/events/{event.code}{page}", name=CAME, label=CAME, kind="enterprise", text=CAME)
        assert answer.status_code == 410 and "This event is over" in answer.text, page
    file = tmp_path / "list.csv"
    file.write_text(f"姓名,手机\n{CAME},{MOBILES[0]}\n", encoding="utf-8")
    assert app.test_cli_runner().invoke(args=["roster", "import", event.code, str(file)]).exit_code == 1
    assert not clearing.is_anything_left(purges.target_of(event.id))


def test_staff_look_somebody_up_by_post_and_see_masks(desk: FlaskClient, app: Flask) -> None:
    make_full_event()
    answer = post(desk, "/privacy", name=CAME, mark=MOBILES[0])
    assert answer.status_code == 200 and "1 match" in answer.text
    body = re.sub(r'<form class="person-search".*?</form>', "", answer.text, flags=re.S)
    assert CAME not in body and MOBILES[0] not in body and "139****5671" in body
    assert post(desk, "/privacy", name="").status_code == 422


def token_of(desk: FlaskClient, name: str, mark: str) -> str:
    found = re.search(r'name="person" value="([^"]+)"', post(desk, "/privacy", name=name, mark=mark).text)
    assert found is not None
    return found[1]


def test_a_copy_comes_as_page_csv_and_json(desk: FlaskClient) -> None:
    make_full_event()
    token = token_of(desk, CAME, MOBILES[0])
    for wanted, mimetype in (("page", "text/html"), ("csv", "text/csv"), ("json", "application/json")):
        answer = post(desk, "/privacy/export", person=token, format=wanted)
        assert answer.status_code == 200 and answer.mimetype == mimetype
        assert CAME in answer.text and MOBILES[0] in answer.text and "idempotency" not in answer.text
        assert ("Times are in Asia/Shanghai." in answer.text) == (wanted == "page")
    assert post(desk, "/privacy/export", person="nonsense").status_code == 400


def test_an_erasure_asks_once_more_and_says_whose_it_is(desk: FlaskClient) -> None:
    make_full_event()
    found = re.search(r'class="found__erase".*?</form>', post(desk, "/privacy", name=CAME, mark=MOBILES[0]).text, re.S)
    assert found is not None
    carried = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[0]))
    token = carried["person"]
    asked = post(desk, "/privacy/erase", **carried)
    assert asked.status_code == 200 and "Erase permanently" in asked.text and CAME not in asked.text
    assert "139****5671" in asked.text
    again = post(desk, "/privacy/erase", **carried, asked="1")
    assert again.status_code == 422 and "139****5671" in again.text
    assert CAME in db.session.scalars(select(SignIn.name)).all()
    db.session.rollback()
    assert post(desk, "/privacy/erase", person=token, asked="1", sure="1").status_code == 303
    assert CAME not in db.session.scalars(select(SignIn.name)).all()


def test_an_organiser_finds_people_of_own_events_only(app: Flask) -> None:
    mine, other = make_staff("organiser"), make_staff("organiser", email="other@example.org")
    event = make_event()
    sign_in(event, enterprise())

    def own(session: WriterSession) -> None:
        session.get_one(Event, event.id).owner_id = mine.id

    run(own)
    first, second = app.test_client(), app.test_client()
    log_in(first, mine.email)
    log_in(second, other.email)
    token = token_of(first, "王强", "13800138000")
    assert "王*" not in post(second, "/privacy", name="王强", mark="13800138000").text
    assert post(second, "/privacy/export", person=token, format="json").status_code == 403
    assert post(first, "/privacy/export", person=token, format="json").status_code == 200

    def give_away(session: WriterSession) -> None:
        session.get_one(Event, event.id).owner_id = other.id

    run(give_away)
    assert post(first, "/privacy/erase", person=token, sure="1").status_code == 403  # its buttons die with the right
    assert db.session.scalars(select(SignIn.name)).all() == ["王强"]


def test_no_name_stands_in_an_address_or_a_token_in_clear(desk: FlaskClient) -> None:
    make_full_event()
    token = token_of(desk, CAME, MOBILES[0])
    assert not any(form in token.encode() for form in traces([CAME, MOBILES[0]]))
