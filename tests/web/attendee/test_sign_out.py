"""Signing out by one's own phone, at the station, by staff's hand and by a group's leader: pages and forms."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import Movement, SignIn
from kiosk.services import tallies
from kiosk.services.codes import new_ticket
from kiosk.services.door import leaving, receipts
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import group_views, groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, post, sign_in, student, ticket_for

HOUR = timedelta(hours=1)
MOBILES = {"13800138000": "王强", "13900139111": "李娜"}


def going_on(**changes: object) -> EventView:
    """An event that began an hour ago and lasts another, and wants people to sign out."""
    now = utcnow()
    return make_event(**{"starts_at": now - HOUR, "ends_at": now + HOUR, "wants_sign_out": True, **changes})


def came(event: EventView, **changes: object) -> tuple[str, int]:
    """Sign somebody in half an hour ago; return the address of their success page, and the id."""
    with freeze(utcnow() - HOUR / 2):
        result = sign_in(event, enterprise(**changes))
        return f"/done/{receipts.address_of(result, is_kiosk=False)}", result.sign_in_id


def movements() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Movement)) or 0


def inside(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).inside


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Return where the page's form about leaving goes, and its key."""
    found = re.search(
        r'action="(/(?:done|group)/[^"]+/(?:out|back))"><input type="hidden"\s+name="key" value="([^"]+)"', page
    )
    assert found is not None, page
    return found[1], {"key": found[2]}


def test_the_success_page_lets_out_and_in_again(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    page, _one = came(event)
    shown = client.get(page, headers={"Accept-Language": "zh"}).text
    assert "离场时请签退，最晚" in shown and "签退" in shown
    address, key = form_of(shown)
    assert address == f"{page}/out"
    for _tap in range(2):  # a double tap, or a retry after a lost answer
        answer = client.post(address, data=key)
        assert answer.status_code == 303 and answer.location.startswith(page)
    assert movements() == 1 and inside(event) == 0
    back = client.get(page, headers={"Accept-Language": "zh"}).text
    assert "已于" in back and "我回来了" in back
    address, key = form_of(back)
    assert address == f"{page}/back" and client.post(address, data=key).status_code == 303
    assert movements() == 2 and inside(event) == 1 and not tallies.recount()


def test_before_the_start_the_page_says_from_when(app: Flask, client: FlaskClient) -> None:
    event = going_on(starts_at=utcnow() + HOUR / 2)
    page, _one = came(event)
    shown = client.get(page, headers={"Accept-Language": "zh"}).text
    assert "离场时请签退" in shown and "起这里会有签退按钮" in shown and "/out" not in shown
    assert client.get(f"/e/{event.code}/leave").status_code == 303
    with freeze(utcnow() + HOUR):
        assert f'action="{page}/out"' in client.get(page).text


def test_after_its_time_nobody_signs_out(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    page, _one = came(event)
    with freeze(utcnow() + 3 * HOUR):
        housekeeping.do_what_is_due()
        shown = client.get(page, headers={"Accept-Language": "zh"}).text
        assert "您未签退" in shown and "/out" not in shown
        late = client.post(f"{page}/out", data={"key": "k"}, headers={"Accept-Language": "zh"})
        assert late.status_code == 409 and "签退时间已过" in late.text and movements() == 0


def test_events_without_it_say_nothing_of_it(app: Flask, client: FlaskClient) -> None:
    event = going_on(wants_sign_out=False)
    page, one = came(event)
    make_staff()
    log_in(client, "admin@example.org")
    for address in (page, f"/e/{event.code}?form=1", f"/events/{event.code}/dashboard", f"/events/{event.code}/kiosk"):
        assert "签退" not in client.get(address, headers={"Accept-Language": "zh"}).text, address
    assert client.post(f"{page}/out", data={"key": "k"}).status_code == 409
    assert client.get(f"/e/{event.code}/leave").location.endswith(f"/e/{event.code}")
    assert post(client, f"/events/{event.code}/sign-ins/{one}/out").status_code in (303, 422)
    assert movements() == 0


def test_a_repeat_s_page_and_a_foreign_form_let_nobody_out(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    page, _one = came(event)
    repeat = sign_in(event, enterprise())
    assert repeat.is_repeat
    other = f"/done/{receipts.address_of(repeat, is_kiosk=False)}"
    assert "/out" not in client.get(other).text
    assert client.post(f"{other}/out", data={"key": "k"}).status_code == 404
    assert client.post(f"{page}x/out", data={"key": "k"}).status_code == 404
    assert client.post(f"{page}/out", data={"key": "k"}, headers={"Origin": "http://elsewhere"}).status_code == 403
    assert movements() == 0


def test_a_phone_without_cookies_signs_out_by_name_and_number(app: Flask, client: FlaskClient) -> None:
    event = going_on(kinds=[{"kind": "enterprise"}])
    came(event)
    address = f"/e/{event.code}/leave"
    assert address in client.get(f"/e/{event.code}?form=1").text
    assert 'name="mobile"' in client.get(address).text
    typed = {"ticket": new_ticket(event.id).token, "kind": "enterprise", "name": "王强", "mobile": "13800138000"}
    wrong = client.post(address, data={**typed, "mobile": "13900139111"})
    assert wrong.status_code == 409 and movements() == 0
    for _tap in range(2):
        answer = client.post(address, data=typed, headers={"Accept-Language": "zh"})
        assert answer.status_code == 200 and "已于" in answer.text
    assert movements() == 1 and inside(event) == 0
    again = client.post(address, data={**typed, "back": "1"}, headers={"Accept-Language": "zh"})
    assert "已回来" in again.text and inside(event) == 1
    assert client.post(address, data={**typed, "ticket": "x"}).status_code == 303
    assert client.post(address, data={**typed, "mobile": ""}).status_code == 422


def test_minors_are_not_looked_up(app: Flask, client: FlaskClient) -> None:
    event = going_on(kinds=[{"kind": "student"}], field_modes={"student.student_no": "hidden"})
    with freeze(utcnow() - HOUR / 2):
        sign_in(event, student())
    assert "请找会务人员为您签退" in client.get(f"/e/{event.code}/leave", headers={"Accept-Language": "zh"}).text
    assert leaving.find_at_station(event, "李明") == ()
    adults = going_on(kinds=[{"kind": "student"}], are_students_minors=False)
    with freeze(utcnow() - HOUR / 2):
        sign_in(adults, student())
    assert [one.name for one in leaving.find_at_station(adults, "李明")] == ["李*"]


@pytest.mark.parametrize("typed", ["8000", "王强", "13800138000"])
def test_the_station_asks_who_it_is_and_lets_out(app: Flask, client: FlaskClient, typed: str) -> None:
    event = going_on()
    for mobile, name in MOBILES.items():
        came(event, name=name, mobile=mobile)
    make_staff()
    log_in(client, "admin@example.org")
    address, ticket = f"/events/{event.code}/kiosk/out", {"ticket": new_ticket(event.id, is_kiosk=True).token}
    assert address in client.get(f"/events/{event.code}/kiosk").text
    zh = {"Accept-Language": "zh"}
    shown = client.post(address, data={"typed": typed, **ticket}, headers=zh).text
    assert "王*" in shown and "王强" not in shown.replace('value="王强"', "") and "13800138000" not in shown
    person = re.search(r'name="person" value="([^"]+)"', shown)
    assert person is not None and shown.count('name="person"') == 1
    for _tap in range(2):
        done = client.post(f"{address}/out", data={"person": person[1], **ticket}, headers=zh)
        assert done.status_code == 200 and "已于" in done.text and "王强" not in done.text
        assert f'data-station="/events/{event.code}/kiosk"' in done.text
    assert movements() == 1 and inside(event) == 1
    assert "我回来了" in client.post(address, data={"typed": typed, **ticket}, headers=zh).text
    assert client.post(f"{address}/out", data={"person": "x", **ticket}).status_code == 303
    nobody = client.post(address, data={"typed": "9999", **ticket}, headers=zh)
    assert nobody.status_code == 422 and "没有找到" in nobody.text


def test_the_station_s_four_digits_end_after_many_misses(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    came(event)
    make_staff()
    log_in(client, "admin@example.org")
    address, ticket = f"/events/{event.code}/kiosk/out", {"ticket": new_ticket(event.id, is_kiosk=True).token}
    for number in range(leaving.MISSES):
        assert client.post(address, data={"typed": f"{number:04}", **ticket}).status_code == 422
    assert client.post(address, data={"typed": "8000", **ticket}).status_code == 422
    assert client.post(address, data={"typed": "王强", **ticket}).status_code == 200


def test_a_stranger_s_phone_is_no_station(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    came(event)
    ticket = new_ticket(event.id, is_kiosk=True).token  # any page of the event has one
    answer = client.post(f"/events/{event.code}/kiosk/out", data={"typed": "8000", "ticket": ticket})
    assert answer.status_code in (303, 403) and "王" not in answer.text
    make_staff()
    log_in(client, "admin@example.org")
    assert client.post(f"/events/{event.code}/kiosk/out", data={"typed": "8000"}).status_code == 403


def test_staff_let_out_on_the_board_and_see_who_is_inside(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    _page, one = came(event)
    came(event, name="李娜", mobile="13900139111")
    make_staff()
    log_in(client, "admin@example.org")
    zh = {"Accept-Language": "zh"}
    board = client.get(f"/events/{event.code}/dashboard", headers=zh).text
    assert re.search(r'data-roll="inside">2<', board) and f"/events/{event.code}/hand/inside" in board
    assert post(client, f"/events/{event.code}/sign-ins/{one}/out").status_code == 303
    board = client.get(f"/events/{event.code}/dashboard", headers=zh).text
    assert re.search(r'data-roll="inside">1<', board) and "离场" in board
    listed = client.get(f"/events/{event.code}/hand/inside", headers=zh).text
    assert "李娜" in listed and "王强" not in listed and "为李娜签退" in listed
    assert post(client, f"/events/{event.code}/sign-ins/{one}/back").status_code == 303
    assert inside(event) == 2 and not tallies.recount()
    found = post(client, f"/events/{event.code}/hand", q="王强").text
    assert f'action="/events/{event.code}/hand/out"' in found
    assert post(client, f"/events/{event.code}/hand/out", sign_in_id=str(one), key="k1").status_code == 303
    assert post(client, f"/events/{event.code}/hand/out", sign_in_id=str(one), key="k1").status_code == 303
    found = post(client, f"/events/{event.code}/hand", q="王强").text
    assert inside(event) == 1 and f'action="/events/{event.code}/hand/back"' in found
    assert post(client, f"/events/{event.code}/hand/back", sign_in_id=str(one), key="k2").status_code == 303
    assert inside(event) == 2


def test_a_leader_signs_the_whole_group_out(app: Flask, client: FlaskClient) -> None:
    event = going_on(kinds=[{"kind": "student"}])
    people = tuple(GroupPerson(student(name)) for name in ("李明", "王丽", "赵敏"))
    with freeze(utcnow() - HOUR / 2):
        token = groups.submit(Submission(event, ticket_for(event), people, has_consented=True))
    zh = {"Accept-Language": "zh"}
    page = client.get(f"/group/{token}", headers=zh).text
    assert "已签退 0 / 3" in page and "全体签退" in page and "李明" not in page
    address, key = form_of(page)
    for _tap in range(2):
        assert client.post(address, data=key).status_code == 303
    assert movements() == 3 and inside(event) == 0
    page = client.get(f"/group/{token}", headers=zh).text
    assert "已签退 3 / 3" in page and "全体签退" not in page
    assert client.get(f"/group/{token}/count", headers=zh).status_code == 200, "the head-count on leaving works"
    address, key = form_of(page)
    assert address.endswith("/back") and client.post(address, data=key).status_code == 303
    assert inside(event) == 3 and movements() == 6 and not tallies.recount()
    group = group_views.find(token)
    assert group is not None and (group.out, group.inside) == (0, 3)


def test_a_guest_s_companion_signs_out_on_their_own_page(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    with freeze(utcnow() - HOUR / 2):
        result = sign_in(event, guest())
    page = f"/done/{receipts.address_of(result, is_kiosk=False)}"
    address, key = form_of(client.get(page).text)
    client.post(address, data=key)
    db.session.rollback()
    assert db.session.get_one(SignIn, result.sign_in_id).left_at is not None


def test_staff_note_a_forgotten_sign_out_with_a_reason_only(app: Flask, client: FlaskClient) -> None:
    event = going_on(credited_hours=4.0)
    _page, one = came(event)
    make_staff()
    with freeze(utcnow() + 3 * HOUR):
        housekeeping.do_what_is_due()
        log_in(client, "admin@example.org")
        address, zh = f"/events/{event.code}/hours/{one}", {"Accept-Language": "zh"}
        assert "未签退" in client.get(address, headers=zh).text and "补记依据" in client.get(address, headers=zh).text
        left = f"{event.ends_at.astimezone(event.zone):%H:%M}" if event.ends_at is not None else ""
        day = f"{event.ends_at.astimezone(event.zone):%Y-%m-%d}" if event.ends_at is not None else ""
        assert post(client, f"{address}/left", time=left, day=day).status_code == 422
        assert post(client, f"{address}/left", time=left, day=day, left_reason="主持人作证").status_code == 303
    db.session.rollback()
    row = db.session.get_one(SignIn, one, populate_existing=True)
    assert row.left_at is not None and not row.has_no_sign_out


def test_the_settings_say_what_signing_out_means(app: Flask, client: FlaskClient) -> None:
    event = going_on()
    make_staff()
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/settings", headers={"Accept-Language": "zh"}).text
    assert re.search(r'name="wants_sign_out"[^>]*checked|checked[^>]*name="wants_sign_out"', page)
    assert "仍未签退的，自动标为“未签退”，不计学时" in page
