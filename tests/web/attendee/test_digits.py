"""The rotating code on phones: who is asked for the digits, who is let in, for how long (docs/product.md 2.6)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import freeze, utcnow
from kiosk.services.door import links
from kiosk.services.event import campaigns, event_views, events, notices, rotation
from kiosk.services.group import group_views
from kiosk.web.frame.tickets import TRIAL
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, opens_at, post, sign_in
from tests.aids.listed import LI, WANG, hidden, look_up, tap, with_roster
from tests.aids.rotating import (
    GUESTS,
    SECONDS,
    on_screen,
    open_form,
    rotating,
    send_guest,
    type_digits,
    wrong_for,
)  # fmt: skip

ASKS = 'id="digits"'
AN_HOUR_OFF = {"Date": "Thu, 10 Sep 2026 02:00:00 GMT"}
TYPING = rotation.TYPING


class Moving:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moving]:
    """The server's clock, at the beginning of a step."""
    one = Moving()
    monkeypatch.setattr(clock, "_source", lambda: one.now)
    yield one


def test_the_code_leads_to_one_field_and_the_digits_to_the_form(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    page = client.get(f"/e/{event.code}")
    assert page.status_code == 200 and ASKS in page.text and 'inputmode="numeric"' in page.text
    assert "autofocus" in page.text and 'id="name"' not in page.text and on_screen(event) not in page.text
    answer = type_digits(client, event, f" {on_screen(event)[:3]} {on_screen(event)[3:]} ")
    assert answer.status_code == 303 and answer.location.startswith(f"/e/{event.code}?")
    assert on_screen(event) not in answer.location and "Set-Cookie" not in answer.headers
    form = client.get(answer.location)
    assert 'id="name"' in form.text and ASKS not in form.text
    assert send_guest(client, event, form, "张爱国").status_code == 303
    assert events.counts(event.id).arrived == 1


def test_wrong_digits_are_answered_with_the_field_and_why(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    for typed in (wrong_for(event), "", "12345", "abcdef", "1" * 300):
        answer = type_digits(client, event, typed)
        assert answer.status_code == 403 and ASKS in answer.text and "请再看一次" in answer.text, typed
        assert f'value="{typed or "-"}"' not in answer.text, "digits that are over are typed anew"


def test_a_program_may_send_the_digits_alone(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    path = f"/e/{event.code}/digits"
    assert client.post(path, data={"digits": on_screen(event)}).status_code == 303
    assert client.post(path, data={"digits": wrong_for(event)}).status_code == 403
    assert client.post(path, data={"digits": on_screen(event)}, headers={"Origin": "http://evil"}).status_code == 403
    assert client.get(path).location == f"/e/{event.code}"
    plain = make_event()
    assert client.post(f"/e/{plain.code}/digits", data={"digits": "123456"}).status_code == 303
    events.close(event.code)
    assert client.post(path, data={"digits": on_screen(rotating())}).status_code == 409


def test_digits_are_right_for_their_step_and_the_next(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating()
    digits = on_screen(event)
    moving.on(2 * SECONDS - 1)
    assert on_screen(event) != digits
    assert type_digits(client, event, digits).status_code == 303
    moving.on(1)
    assert type_digits(client, event, digits).status_code == 403


def test_events_and_installations_have_digits_of_their_own(app: Flask, moving: Moving) -> None:
    event, other = rotating(), rotating()
    own = {on_screen(event), on_screen(other)}
    app.config["SECRET_KEY"] = "another installation's secret"
    assert len(own | {on_screen(event)}) == 3
    assert all(re.fullmatch("[0-9]{6}", one) for one in own)


def test_a_photo_of_the_code_signs_nobody_in_after_overlap_and_ticket_time(
    app: Flask, client: FlaskClient, moving: Moving
) -> None:
    """A photo of the whole screen, and the address that somebody was led to, sent to a friend: one whose clock is an
    hour off, at the other end of the city."""
    event = rotating()
    photo = on_screen(event)
    address = type_digits(client, event, photo).location
    friend = app.test_client(use_cookies=False)
    moving.on(2 * SECONDS)
    answer = friend.post(f"/e/{event.code}/digits", data={"digits": photo}, headers=AN_HOUR_OFF)
    assert answer.status_code == 403
    form = friend.get(address, headers=AN_HOUR_OFF)
    assert 'id="name"' in form.text, "an address that is sent on opens what its owner may open, and no longer"
    moving.on(TYPING.total_seconds() - 2 * SECONDS + 1)
    asked = friend.get(address, headers=AN_HOUR_OFF).text
    assert ASKS in asked and 'id="name"' not in asked
    late = send_guest(friend, event, form, "远方")
    assert late.status_code == 403 and ASKS in late.text and "远方" in late.text
    assert send_guest(friend, event, form, "远方", digits=photo).status_code == 403
    assert events.counts(event.id).arrived == 0


def test_sixty_seven_people_who_type_slowly_around_each_change_are_all_let_in(app: Flask, moving: Moving) -> None:
    event, dice = rotating(rotate_seconds=15), random.Random(67)
    slowest = TYPING.total_seconds()
    for person in range(67):
        moving.now = datetime(2026, 9, 10, 1, 0, tzinfo=UTC) + timedelta(seconds=15 * person)
        moving.on(dice.choice((-0.2, 0, 0.2)) + 14.9)  # around a change
        phone = app.test_client(use_cookies=False)
        page = phone.get(f"/e/{event.code}")
        digits = on_screen(event)
        moving.on(15 * dice.random())  # for six digits, the more while the screen changes
        data = {"ticket": hidden(page, "ticket"), "digits": digits}
        answer = phone.post(f"/e/{event.code}/digits", data=data)
        assert answer.status_code == 303, person
        form = phone.get(answer.location)
        moving.on((slowest - 1) * (dice.random() if person % 7 else 1))
        assert send_guest(phone, event, form, f"张{person}").status_code == 303, person
    assert events.counts(event.id).arrived == 67


def test_an_expired_form_keeps_what_was_typed_and_one_submit_does_both(
    app: Flask, client: FlaskClient, moving: Moving
) -> None:
    event = rotating(kinds=[{"kind": "guest"}, {"kind": "enterprise"}])
    answer = type_digits(client, event, on_screen(event), f"/e/{event.code}?kind=guest", kind="guest")
    form = client.get(answer.location)
    moving.on(TYPING.total_seconds() + 1)
    late = send_guest(client, event, form, "张爱国", identity="市民观察员")
    assert late.status_code == 403 and ASKS in late.text and "您填的内容都在" in late.text
    assert 'value="张爱国"' in late.text and 'value="市民观察员"' in late.text
    assert late.text.index(ASKS) < late.text.index('id="name"'), "what is new is seen first"
    assert hidden(late, "ticket") == hidden(form, "ticket"), "the same key: a retry stays a retry"
    wrong = send_guest(client, event, late, "张爱国", digits=wrong_for(event))
    assert wrong.status_code == 403 and 'href="#digits"' in wrong.text and 'value="张爱国"' in wrong.text
    done = send_guest(client, event, wrong, "张爱国", digits=on_screen(event))
    assert done.status_code == 303
    moving.on(3600)
    again = send_guest(client, event, wrong, "张爱国", digits="000000")
    assert again.location == done.location, "a retry of a key that is stored gets its answer, whatever it types"
    assert events.counts(event.id).arrived == 1


def test_a_mistake_in_a_late_form_asks_for_no_second_digits(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating()
    form = open_form(client, event)
    moving.on(TYPING.total_seconds() + 1)
    empty = send_guest(client, event, form, "", digits=on_screen(event))
    assert empty.status_code == 422 and ASKS not in empty.text
    moving.on(3 * SECONDS)
    assert send_guest(client, event, empty, "张爱国").status_code == 303


def test_a_page_of_before_a_reopening_is_good_again_by_the_digits_of_now(
    app: Flask, client: FlaskClient, moving: Moving
) -> None:
    event = rotating()
    form = open_form(client, event)
    moving.on(60)
    events.close(event.code)
    events.open_now(event.code)
    assert send_guest(client, event, form, "张爱国").status_code == 403, "as without a rotating code"
    moving.on(TYPING.total_seconds())
    event_views.find_now(event.code)
    assert send_guest(client, event, form, "张爱国", digits=on_screen(event)).status_code == 303


def test_a_question_keeps_the_letting_in(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating(kinds=[{"kind": "student"}])
    event_views.find_now(event.code)
    school = {"school": "四棵中学", "class_name": "初二(3)班", "kind": "student"}
    for answer in ("", "another"):
        form = open_form(app.test_client(), event)
        moving.on(TYPING.total_seconds() + 1)
        reply = send_guest(client, event, form, "李明", digits=on_screen(event), **school)
        if answer:
            assert reply.status_code == 422 and on_screen(event) not in reply.text
            values = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', reply.text))
            moving.on(4 * SECONDS)
            reply = client.post(f"/e/{event.code}/sign-in", data={**values, "another": "1"})
        assert reply.status_code == 303
    assert events.counts(event.id).arrived == 2


def test_a_page_of_before_the_setting_asks_too_and_one_of_after_it_does_not(app: Flask, client: FlaskClient) -> None:
    event = make_event(kinds=GUESTS)
    form = client.get(f"/e/{event.code}")
    draft = events.draft_of(event)
    event = events.update(event.code, type(draft)(**{**vars(draft), "rotate_seconds": SECONDS}))
    late = send_guest(client, event, form, "张爱国")
    assert late.status_code == 403 and ASKS in late.text
    events.update(event.code, draft)
    assert send_guest(client, event, form, "张爱国").status_code == 303


def test_who_has_signed_in_scans_again_and_sees_the_tick(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating()
    assert send_guest(client, event, open_form(client, event), "张爱国").status_code == 303
    moving.on(3600)
    again = client.get(f"/e/{event.code}")
    assert "张爱国" in again.text and ASKS not in again.text


def test_a_companion_is_asked_for_the_digits_of_now(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating()
    done = client.get(send_guest(client, event, open_form(client, event), "张爱国").location)
    asked = client.get(re.search(r'href="([^"]+companion=1[^"]*)"', done.text)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert ASKS in asked.text and hidden(asked, "companion") == "1"
    data = {"ticket": hidden(asked, "ticket"), "companion": "1", "digits": on_screen(event)}
    form = client.get(client.post(f"/e/{event.code}/digits", data=data).location)
    assert 'id="name"' in form.text and "张爱国" not in form.text
    assert send_guest(client, event, form, "李建国").status_code == 303
    assert "张爱国" in client.get(f"/e/{event.code}").text, "the phone stays its owner's"


def test_a_remembered_phone_types_the_digits_and_taps(app: Flask, client: FlaskClient, moving: Moving) -> None:
    before = make_event(kinds=GUESTS)
    assert send_guest(client, before, client.get(f"/e/{before.code}"), "张爱国").status_code == 303
    event = rotating()
    assert "张" not in client.get(f"/e/{event.code}").text.partition("<main")[2]
    form = open_form(client, event)
    assert "用这些信息签到" in form.text or 'name="known"' in form.text
    moving.on(TYPING.total_seconds() + 1)
    late = send_guest(client, event, form, "", known="1")
    assert late.status_code == 403 and late.text.count(ASKS) == 1 and 'name="known"' in late.text
    done = send_guest(client, event, late, "", known="1", digits=on_screen(event))
    assert done.status_code == 303 and "张爱国" in client.get(done.location).text


def test_nobody_is_looked_up_before_the_digits(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = with_roster(WANG, LI, rotate_seconds=SECONDS)
    page = client.get(f"/e/{event.code}")
    assert ASKS in page.text and 'id="last4"' not in page.text
    from_elsewhere = look_up(client, event, "5678", ticket=hidden(page, "ticket"))
    assert from_elsewhere.status_code == 403 and "王*强" not in from_elsewhere.text and ASKS in from_elsewhere.text
    assert 'value="5678"' in from_elsewhere.text
    both = look_up(client, event, "5678", ticket=hidden(page, "ticket"), digits=on_screen(event))
    assert both.status_code == 200 and "王*强" in both.text
    moving.on(TYPING.total_seconds() + 1)
    late = tap(client, event, both)
    assert late.status_code == 403 and "王*强" in late.text and ASKS in late.text
    assert tap(client, event, late, digits=on_screen(event)).status_code == 303


def test_every_link_of_a_page_that_is_let_in_leads_on_without_digits(app: Flask, client: FlaskClient) -> None:
    notices.ensure_default_notice()
    event = with_roster(WANG, LI, rotate_seconds=SECONDS)
    page = open_form(client, event)
    pages = [page, look_up(client, event, "5678", ticket=hidden(page, "ticket"))]
    pages += [client.get(path) for path in links_of(page.text, event.code)]
    tried = {path for one in pages for path in links_of(one.text, event.code)}
    assert {path.partition("?")[0].rpartition("/")[2] for path in tried} >= {event.code, "group", "notice"}
    for path in tried:
        assert ASKS not in client.get(path).text, path


def links_of(text: str, code: str) -> list[str]:
    """The event's own addresses on a page."""
    return [path.replace("&amp;", "&") for path in re.findall(rf'href="(/e/{code}[^"]*)"', text)]


def test_trials_before_the_opening_need_no_digits_and_none_after_it_go_without(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    opens_at(event, utcnow() + timedelta(days=1))
    trial = client.get(f"/e/{event.code}?trial={TRIAL.sign(event.id, int(utcnow().timestamp()))}")
    assert send_guest(client, event, trial, "试签").status_code == 303
    assert rotation.shown(event_views.find_now(event.code) or event) is None
    opens_at(event, None)
    late = send_guest(client, event, trial, "张爱国")
    assert late.status_code == 403 and ASKS in late.text
    assert events.counts(event.id).arrived == 0


def test_a_campaign_s_code_leads_to_the_digits(app: Flask, client: FlaskClient) -> None:
    event = rotating()
    answer = client.get(f"/c/{campaigns.get(event.campaign_id).code}")
    assert answer.status_code == 303 and ASKS in client.get(answer.location).text


def test_station_steward_group_link_and_staff_need_no_digits(app: Flask, client: FlaskClient) -> None:
    event = with_roster(WANG, LI, rotate_seconds=SECONDS, kinds=[{"kind": "enterprise"}, {"kind": "guest"}])
    station = app.test_client()
    station.get(f"/d/{links.make(event.id, 'kiosk', staff_id=None, pin='4711')}")
    form = station.get(f"/events/{event.code}/kiosk?kind=guest")
    assert ASKS not in form.text
    with freeze(utcnow() + timedelta(hours=2)):
        assert send_guest(station, event, form, "张爱国").status_code == 303
    sign_in(event, enterprise("王小强", mobile="13800135678"), actor="steward:1", method="steward")
    make_staff()
    log_in(client, "admin@example.org")
    walk_in = {"kind": "guest", "name": "赵敏", "identity": "媒体"}
    assert post(client, f"/events/{event.code}/hand/walk-in", **walk_in).status_code in (200, 303)
    leader, token = app.test_client(), links.make(event.id, "group", "李老师", staff_id=None)
    leader.get(f"/g/{token}")
    entries = re.findall(r'name="here" value="(\d+)"', leader.get(f"/g/{token}").text)
    assert leader.post(f"/g/{token}", data={"here": entries, "consent": "1"}).status_code == 303
    assert events.counts(event.id).arrived == 4


def test_a_group_from_the_public_page_types_the_digits_too(app: Flask, client: FlaskClient, moving: Moving) -> None:
    event = rotating()
    asked = client.get(f"/e/{event.code}/group")
    assert ASKS in asked.text and hidden(asked, "group") == "new"
    answer = type_digits(client, event, on_screen(event), f"/e/{event.code}/group", group="new")
    names = client.get(answer.location)
    fields = {"kind": "guest", "names": "张爱国 李建国", "entrance": hidden(names, "entrance")}
    listed = client.post(f"/e/{event.code}/group/check", data=fields)
    rows = dict(re.findall(r'name="((?:name|seen|here)-\d+)"(?: value="([^"]*)")?', listed.text))
    rows = {name: value or "1" for name, value in rows.items() if not name.startswith("seen")}
    data = {"ticket": hidden(listed, "ticket"), "kind": "guest", "rows": "2", "consent": "1", **rows}
    data |= {"name-0": "张爱国", "name-1": "李建国", "here-0": "1", "here-1": "1"}
    moving.on(TYPING.total_seconds() + 1)
    late = client.post(f"/e/{event.code}/group", data=data)
    assert late.status_code == 403 and ASKS in late.text and 'value="李建国"' in late.text
    wrong = client.post(f"/e/{event.code}/group", data={**data, "digits": wrong_for(event)})
    assert wrong.status_code == 403 and 'href="#digits"' in wrong.text
    done = client.post(f"/e/{event.code}/group", data={**data, "digits": on_screen(event)})
    assert done.status_code == 303 and events.counts(event.id).arrived == 2
    moving.on(3600)
    assert client.post(f"/e/{event.code}/group", data=data).location == done.location

    token = done.location.rpartition("/")[2]
    page = client.get(f"/group/{token}/correct")
    assert ASKS in page.text
    late = client.post(f"/group/{token}/add", data={"ticket": hidden(page, "ticket"), "name": "王五"})
    assert late.status_code == 403 and ASKS in late.text and 'value="王五"' in late.text
    data = {"ticket": hidden(page, "ticket"), "group": token, "digits": on_screen(event)}
    page = client.get(client.post(f"/e/{event.code}/digits", data=data).location)
    assert ASKS not in page.text
    added = client.post(f"/group/{token}/add", data={"ticket": hidden(page, "ticket"), "name": "王五"})
    assert added.status_code == 303 and ASKS not in client.get(added.location).text
    own = group_views.find(token)
    assert own is not None and len(own.members) == 3


def test_the_rule_stands_where_the_row_is_written(app: Flask) -> None:
    """Not only on the pages: whichever door forgets to ask, nobody signs in without the digits."""
    event = rotating()
    with pytest.raises(Exception, match="digits_asked"):
        sign_in(event, guest())
    with pytest.raises(Exception, match="digits_asked"):
        sign_in(event, guest(), method="kiosk")
    assert sign_in(event, guest(), actor="staff:1").ordinal == 1
