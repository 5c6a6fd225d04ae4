"""One field of the desk: events, organisations and people, each by the rights of the account that asks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.account.staff import StaffView
from kiosk.services.event import event_access, events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.search import finding
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, post, sign_in, student

MOBILE = "13800138123"


def owned(owner: StaffView, **settings: Any) -> EventView:
    return events.create(events.EventDraft(**settings), owner_id=owner.id)


@pytest.fixture
def owner(app: Flask) -> StaffView:
    return make_staff("organiser", email="owner@example.org")


@pytest.fixture
def event(owner: StaffView) -> EventView:
    """An organiser's event with somebody who came and somebody who is expected."""
    made = owned(owner, title="首席质量官培训", venue="政务中心", title_alt="Quality officers")
    sign_in(made, enterprise("王小强", mobile=MOBILE))
    roster_writing.write(made.id, [RosterRow(name="李雪梅", kind="guest")], actor="command")
    return made


def people_in(staff: StaffView, typed: str) -> list[str]:
    people = finding.find_people(staff, typed)
    return [] if people is None else [person.row.name for person in people.page.rows]


def titles_in(staff: StaffView, typed: str) -> list[str]:
    return [row.view.title for row in finding.find_events(staff, typed).rows]


def test_one_field_finds_all_three(client: FlaskClient, event: EventView) -> None:
    organisations.add_many(["湖北质量研究院"], "agency", None)
    log_in(client, "owner@example.org")
    assert 'id="bar-q"' in client.get("/campaigns").text, "on every page of staff"
    page = post(client, "/search", q="质量").text
    assert "首席质量官培训" in page and "湖北质量研究院" in page
    page = post(client, "/search", q="小强").text
    assert "王*" in page and "王小强" not in page and MOBILE not in page and "8123" in page
    assert f'action="/events/{event.code}/sign-ins"' in page
    page = post(client, "/search", q="李雪梅").text
    assert "李*" in page and "未到" in page and f'action="/events/{event.code}/roster/search"' in page


@pytest.mark.parametrize("typed", ["首席", "政务 质量", "quality OFFICERS", "{code}", "{code_spelt}"])
def test_events_are_found_by_words_places_and_codes(event: EventView, owner: StaffView, typed: str) -> None:
    spelt = f"{event.code[:3]} {event.code[3:]}".lower()
    assert titles_in(owner, typed.format(code=event.code, code_spelt=spelt)) == ["首席质量官培训"]
    assert titles_in(owner, "首席 另一处") == []


def test_latest_events_come_first(app: Flask) -> None:
    admin, now = make_staff(), utcnow()
    for days, title in ((1, "培训 二"), (-30, "培训 一"), (40, "培训 三")):
        make_event(title=title, starts_at=now + timedelta(days=days))
    assert titles_in(admin, "培训") == ["培训 三", "培训 二", "培训 一"]


def test_organiser_finds_own_and_shared_events_only(event: EventView) -> None:
    other = make_staff("organiser", email="other@example.org")
    assert titles_in(other, "首席") == [] and people_in(other, "王小强") == []
    event_access.share(event.id, "other@example.org")
    assert titles_in(other, "首席") == ["首席质量官培训"] and people_in(other, "王小强") == ["王小强"]


def test_search_tells_nothing_that_the_mask_hides(event: EventView, owner: StaffView) -> None:
    viewer = make_staff("viewer")
    assert [people_in(owner, typed) for typed in ("小强", "wxq", "8123")] == [["王小强"]] * 3
    assert [people_in(viewer, typed) for typed in ("小强", "wxq", "王小")] == [[]] * 3
    assert [people_in(viewer, typed) for typed in ("王小强", "8123")] == [["王小强"]] * 2
    assert people_in(owner, "13800138") == []
    assert finding.find_people(owner, "王") is None, "one character is nobody's"


def test_cleared_people_are_nobody(event: EventView, owner: StaffView) -> None:
    purges.purge_event(event, "command")
    assert people_in(owner, "王小强") == [] and people_in(owner, "李雪梅") == []


def test_names_stand_in_no_address(client: FlaskClient, event: EventView) -> None:
    log_in(client, "owner@example.org")
    page = client.get("/search?q=王小强").text
    assert "王*" not in page and "同时查找人员" in page
    assert 'name="q"' in page and not re.search(r'(?:href|action)="[^"]*q=', post(client, "/search", q="王小强").text)
    assert "首席质量官培训" in client.get("/search?q=首席").text, "an event's title may"


def test_nothing_found_says_what_is_searched(client: FlaskClient, event: EventView) -> None:
    log_in(client, "owner@example.org")
    assert "未找到“不存在”" in post(client, "/search", q="不存在").text
    assert client.get("/search").status_code == 200 and post(client, "/search", q=" ").status_code == 200


def test_who_searches_faster_than_anybody_reads_is_slowed_and_noted(
    client: FlaskClient, event: EventView, owner: StaffView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "OF_ACCOUNT", 2)
    log_in(client, "owner@example.org")
    assert [post(client, "/search", q="王小强").status_code for _time in range(4)] == [200, 200, 429, 429]
    with pytest.raises(TooManyGuesses):
        finding.find_people(owner, "王小强")
    assert client.get("/search?q=首席").status_code == 200
    noted = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "look.searches")).all()
    assert noted == [f"staff:{owner.id}"], "once"


def test_a_screen_of_people_is_all_that_is_read(
    event: EventView, owner: StaffView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PEOPLE", 3)
    monkeypatch.setattr(finding, "AT_ONCE", 1)
    classes = [owned(owner, title=f"班 {number}") for number in range(3)]
    for one in classes:
        for number in range(2):
            sign_in(one, student(f"周{'一二'[number]}", organisation_name="四棵中学", student_no=f"{one.id}{number}"))
    people = finding.find_people(owner, "四棵")
    assert people is not None and len(people.page.rows) == 3 and people.page.has_more and not people.is_part
    monkeypatch.setattr(finding, "MOST_EVENTS", 1)
    sign_in(event, guest("赵无极"))
    people = finding.find_people(owner, "赵无极")
    assert people is not None and people.is_part and not people.page.rows, "it says which events were not asked"
