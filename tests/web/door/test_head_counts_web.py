"""The pages of a head-count: staff's, a steward's, and the link that can do nothing else."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from kiosk.logs import cut_secrets
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in
from tests.web.door.test_stewards import HTMX, send, steward_of


def nameless(event: EventView) -> int:
    return events.counts(event.id).nameless


def test_steward_counts_by_plain_forms_and_a_second_tap_of_one_page_is_one(app: Flask) -> None:
    event = make_event()
    phone = steward_of(app, event)
    for key in ("a", "a", "b"):
        answer = send(phone, event, "/head-count", step="1", key=key)
        assert answer.status_code == 303 and answer.location.endswith("/head-count")
    assert nameless(event) == 2 and ">2</p>" in phone.get(f"/steward/{event.code}/head-count").text
    assert send(phone, event, "/head-count", step="-1", key="c").status_code == 303 and nameless(event) == 1


def test_what_is_no_step_counts_nobody(app: Flask) -> None:
    event = make_event()
    phone = steward_of(app, event)
    for step in ("", "0", "2", "-2", "100", "x", "+1", "1.0"):
        assert send(phone, event, "/head-count", step=step, key=step).status_code == 400
    assert nameless(event) == 0


def test_script_gets_the_number_and_what_takes_the_tap_back(app: Flask) -> None:
    event = make_event()
    phone = steward_of(app, event)
    answer = send(phone, event, "/head-count", headers=HTMX, step="1", key="a")
    assert answer.status_code == 200 and 'data-count="1"' in answer.text
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', answer.text))
    assert fields["step"] == "-1"
    assert phone.post(f"/steward/{event.code}/head-count", data=fields).status_code == 303 and nameless(event) == 0
    at = f"/steward/{event.code}/head-count/number"
    assert phone.get(f"{at}?seen=0").status_code == 204 and 'data-count="0"' in phone.get(f"{at}?seen=7").text


def test_link_counts_and_opens_nothing_else(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("欧阳娜娜"))
    token = links.make(event.id, "count", "东门", staff_id=None)
    page = client.get(f"/n/{token}")
    assert page.status_code == 200 and "东门" in page.text and "Set-Cookie" not in page.headers
    assert "欧阳娜娜" not in page.text and "/steward/" not in page.text and "/events/" not in page.text
    assert client.post(f"/n/{token}", data={"step": "1", "key": "a"}).location == f"/n/{token}"
    assert client.post(f"/n/{token}", data={"step": "1", "key": "a"}, headers=HTMX).status_code == 200
    assert nameless(event) == 1
    for path in (f"/steward/{event.code}", f"/steward/{event.code}/roll-calls", f"/events/{event.code}/display"):
        assert client.get(path).status_code in (303, 403), path
    assert client.get(f"/st/{token}").status_code == 403 and client.get(f"/g/{token}").status_code in (403, 404)
    assert cut_secrets(f"GET /n/{token}/number?seen=1") == "GET /n/…/number?seen=1"


def test_form_of_another_site_counts_nobody(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    token = links.make(event.id, "count", "东门", staff_id=None)
    answer = client.post(f"/n/{token}", data={"step": "1"}, headers={"Origin": "http://elsewhere.test"})
    assert answer.status_code == 403 and nameless(event) == 0


def test_desk_makes_lists_and_revokes_links_and_a_revoked_one_says_so(app: Flask, client: FlaskClient) -> None:
    make_staff()
    event = make_event()
    log_in(client, "admin@example.org")
    at = f"/events/{event.code}/counts"
    answer = post(client, at)
    assert answer.status_code == 422 and "请填写此项" in answer.text
    assert post(client, at, label="东门").status_code == 303
    page = client.get(at).text
    token = page.partition("/n/")[2].partition("<")[0].split('"')[0]
    assert app.test_client().get(f"/n/{token}").status_code == 200 and f"/n/{token}" not in client.get(at).text
    link = links.list_of(event.id, "count")[0]
    assert post(client, f"{at}/{link.id}/revoke").status_code == 303
    dead = app.test_client().get(f"/n/{token}")
    assert dead.status_code == 403 and "此链接已失效" in dead.text and "请向活动管理员" in dead.text
    assert app.test_client().post(f"/n/{token}", data={"step": "1"}).status_code == 403 and nameless(event) == 0


def test_board_overview_and_bulletin_say_them_in_a_line_of_their_own(app: Flask, client: FlaskClient) -> None:
    make_staff()
    event = make_event()
    log_in(client, "admin@example.org")
    board = f"/events/{event.code}/dashboard"
    sign_in(event, enterprise())
    assert 'data-roll="nameless"' not in client.get(f"{board}/numbers").text
    for _ in range(2):
        assert post(client, f"/events/{event.code}/hand/head-count", step="1").status_code == 303
    numbers = client.get(f"{board}/numbers").text
    assert re.search(r'data-roll="nameless">2<', numbers) and re.search(r'data-roll="arrived">1<', numbers)
    assert "不记名" in numbers and "不记名" in client.get(f"/events/{event.code}").text
    assert "不记名 2 人" in client.get(f"{board}/bulletin").text
    assert "不记名" in client.get(f"/campaigns/{event.campaign_id}/report").text
