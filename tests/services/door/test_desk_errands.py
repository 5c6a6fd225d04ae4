"""Sent to the desk: a steward says what about, the board shows it until somebody takes it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import AuditEntry, SentToDesk
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards
from kiosk.services.door import desk_errands, links
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Unknown
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, guest, log_in, make_event, make_staff, sign_in

NOTE = "名单上没有他的单位"


def came(event: EventView, name: str = "张爱国") -> int:
    return sign_in(event, guest(name)).sign_in_id


def send(event: EventView, sign_in_id: int, note: str = NOTE, hand: Hand | None = None) -> None:
    desk_errands.send(event.id, hand or Hand("steward:1"), sign_in_id=sign_in_id, entry_id=None, note=note)


def shown(event: EventView) -> list[tuple[str, str, str | None]]:
    db.session.rollback()
    return [(one.name, one.note, one.taken_by) for one in desk_errands.shown(event.id)]


def test_a_steward_sends_somebody_and_the_board_shows_it_by_the_bell(both_app: Flask) -> None:
    event = make_event()
    link = links.make(event.id, "steward", "小李（正门）", staff_id=None)
    sign_in_id, before = came(event), dashboards.revision(event.id)
    send(event, sign_in_id, hand=Hand(f"steward:{links.list_of(event.id, 'steward')[0].id}"))
    assert link and shown(event) == [("张爱国", NOTE, None)]
    assert desk_errands.shown(event.id)[0].sent_by == "小李（正门）"
    assert dashboards.revision(event.id) > before
    log = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "desk.send")).one()
    assert NOTE not in str(log.changed) and log.changed["name"] == "张*国"


def test_one_person_stands_there_once_and_the_last_words_count(both_app: Flask) -> None:
    event = make_event()
    sign_in_id = came(event)
    send(event, sign_in_id, hand=Hand("steward:1", "key"))
    send(event, sign_in_id, "别的话", hand=Hand("steward:1", "key"))  # the same act, sent again
    assert shown(event) == [("张爱国", NOTE, None)]
    send(event, sign_in_id, "别的话")
    assert shown(event) == [("张爱国", "别的话", None)]


def test_who_is_expected_and_not_here_can_be_sent_too_and_taken_back(both_app: Flask) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("guest", "王强")], actor="staff:1")
    db.session.rollback()
    (entry,) = rosters.entries(event.id)
    for _twice in range(2):
        desk_errands.send(event.id, Hand("steward:1"), sign_in_id=None, entry_id=entry.id, note="")
    assert shown(event) == [("王强", "", None)]
    desk_errands.take_back(event.id, Hand("steward:1"), sign_in_id=None, entry_id=entry.id)
    assert shown(event) == []
    with pytest.raises(Unknown):
        desk_errands.send(event.id, Hand("steward:1"), sign_in_id=None, entry_id=999, note="")
    with pytest.raises(Unknown):
        desk_errands.send(make_event().id, Hand("steward:1"), sign_in_id=None, entry_id=entry.id, note="")


def test_two_at_the_desk_take_it_at_once_and_it_is_taken_once(both_app: Flask) -> None:
    event = make_event()
    send(event, came(event))
    (errand,) = desk_errands.shown(event.id)
    db.session.rollback()

    def take(actor: str) -> None:
        with both_app.app_context():
            desk_errands.set_taken(event.id, errand.id, Hand(actor), is_taken=True)

    threads = [threading.Thread(target=take, args=(f"staff:{number}",)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    takes = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "desk.take")
    assert db.session.scalar(takes) == 1
    taken_by = db.session.scalars(select(SentToDesk.taken_by)).one()
    desk_errands.set_taken(event.id, errand.id, Hand("staff:9"), is_taken=True)
    db.session.rollback()
    assert db.session.scalars(select(SentToDesk.taken_by)).one() == taken_by
    desk_errands.set_taken(event.id, errand.id, Hand("staff:9"), is_taken=False)
    assert shown(event) == [("张爱国", NOTE, None)]


def test_who_was_taken_stays_a_while_with_the_name_of_who_did(app: Flask) -> None:
    event = make_event()
    send(event, came(event))
    made = make_staff(name="周晓玲")
    (errand,) = desk_errands.shown(event.id)
    desk_errands.set_taken(event.id, errand.id, Hand(f"staff:{made.id}"), is_taken=True)
    assert shown(event) == [("张爱国", NOTE, "周晓玲")]
    with clock.freeze(clock.utcnow() + timedelta(minutes=11)):
        assert shown(event) == []


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    return client


def test_the_board_s_button_takes_it_and_gives_it_back(tablet: FlaskClient) -> None:
    event = make_event()
    send(event, came(event))
    (errand,) = desk_errands.shown(event.id)
    board = f"/events/{event.code}/dashboard/latest"
    assert NOTE in tablet.get(board).text
    path, form = f"/events/{event.code}/desk/{errand.id}", {"csrf_token": csrf_token(tablet)}
    assert tablet.post(f"{path}/take", data=form).status_code == 303
    db.session.rollback()
    assert "admin@example.org" in tablet.get(board).text and "/untake" in tablet.get(board).text
    tablet.post(f"{path}/untake", data=form)
    db.session.rollback()
    assert "/take" in tablet.get(board).text


def test_a_viewer_sees_no_words(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    send(event, came(event))
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    page = client.get(f"/events/{event.code}/dashboard/latest").text
    assert NOTE not in page and "/take" not in page


def test_a_steward_s_page_has_the_form_and_its_answer_takes_it_back(app: Flask) -> None:
    event = make_event()
    came(event)
    steward = app.test_client()
    steward.get("/st/" + links.make(event.id, "steward", "小李", staff_id=None), follow_redirects=True)
    page = steward.post(f"/steward/{event.code}", data=_form(steward, event) | {"q": "张爱国"}).text
    answer = steward.post(
        f"/steward/{event.code}/send", data=_values(page, "send") | {"note": NOTE}, follow_redirects=True
    )
    assert "已请到签到台" in answer.text and shown(event) == [("张爱国", NOTE, None)]
    steward.post(f"/steward/{event.code}/unsend", data=_values(answer.text, "unsend"))
    assert shown(event) == []


def _form(client: FlaskClient, event: EventView) -> dict[str, str]:
    return _values(client.get(f"/steward/{event.code}").text, event.code)


def _values(page: str, action: str) -> dict[str, str]:
    forms = re.findall(r"<form.*?</form>", page, re.S)
    mine = next(one for one in forms if re.search(rf'action="[^"]*/{action}"', one))
    return dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', mine))
