"""Errors on every page of a phone: a summary on top, a title that begins with the word, and nothing else in focus;
links that open nothing say why (docs/look.md, "Errors")."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services.codes import new_ticket
from kiosk.services.door import links
from kiosk.services.event import events
from kiosk.services.roster import rosters
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.listed import LI, WANG, hidden, with_roster

PUPILS = {"kind": "student", "school": "四棵中学", "class_name": "初二(3)班"}


def sent(client: FlaskClient, page: str) -> tuple[str, set[str]]:
    """Send a form with what is wrong with it; return the answer and the ids that its summary must lead to."""
    event = with_roster(notice_basis="consent") if page in ("look_up", "consent") else make_event()
    data = {"ticket": new_ticket(event.id).token, "kind": "enterprise"}
    if page == "start":
        return client.post("/", data={"code": "QQQQQQ"}).text, {"code"}
    if page == "look_up":
        return client.post(f"/e/{event.code}/look-up", data={**data, "last4": "12"}).text, {"last4"}
    if page == "consent":
        asked = client.post(f"/e/{event.code}/look-up", data={**data, "last4": "5678"})
        return client.post(f"/e/{event.code}/sign-in", data={**data, "entry": hidden(asked, "entry")}).text, {"notice"}
    if page == "names":
        return client.post(f"/e/{event.code}/group/check", data=PUPILS).text, {"names"}
    if page == "check":
        rows = {**PUPILS, "rows": "1", "name-0": "赵😀敏", "here-0": "1", "ticket": data["ticket"]}
        return client.post(f"/e/{event.code}/group", data=rows).text, {"name-0"}
    if page == "guardians":
        rows = {**PUPILS, "rows": "1", "name-0": "李明", "here-0": "1", "ticket": data["ticket"]}
        return client.post(f"/e/{event.code}/group", data=rows).text, {"consent"}
    if page == "station":
        client.get(f"/d/{links.make(event.id, 'kiosk', staff_id=None, pin='4938')}")
        return client.post(f"/events/{event.code}/kiosk/leave", data={"pin": "1"}).text, {"pin"}
    return client.post(f"/e/{event.code}/sign-in", data={**data, "name": "王强"}).text, {"enterprise", "mobile"}


@pytest.mark.parametrize("page", ["form", "start", "look_up", "consent", "names", "check", "guardians", "station"])
def test_the_summary_leads_to_each_field_and_has_the_focus(app: Flask, client: FlaskClient, page: str) -> None:
    text, fields = sent(client, page)
    assert "<title>错误：" in text
    summary = text.partition('id="errors" role="alert" tabindex="-1" autofocus')[2].partition("</div>")[0]
    assert set(re.findall(r'href="#([^"]+)"', summary)) == fields
    for field in fields:
        assert text.count(f' id="{field}"') == 1, "the link leads there"
    assert text.count("autofocus") == 1


def test_without_a_mistake_there_is_no_summary(app: Flask, client: FlaskClient) -> None:
    page = client.get(f"/e/{make_event().code}?kind=enterprise").text
    assert "错误" not in page and 'id="errors"' not in page
    english = client.post("/", data={"code": "QQQQQQ", "lang": "en"}).text
    assert "<title>Error: " in english and "Please correct this" in english


@pytest.mark.parametrize("kind", ["device", "steward", "group"])
@pytest.mark.parametrize(("why", "words"), [
    ("revoked", "它已被活动管理员撤销"), ("over", "活动已经结束"), ("unknown", "这里查不到它"),
])  # fmt: skip
def test_a_dead_link_says_why_and_what_to_do(app: Flask, client: FlaskClient, kind: str, why: str, words: str) -> None:
    event = make_event(ends_at=utcnow() + timedelta(hours=1), starts_at=utcnow())
    purpose = "display" if kind == "device" else kind
    token = links.make(event.id, purpose, "小李", staff_id=None)  # type: ignore[arg-type]
    path = {"device": "d", "steward": "st", "group": "g"}[kind]
    if why == "revoked":
        links.revoke(event.id, kind, links.list_of(event.id, kind)[0].id)  # type: ignore[arg-type]
    later = utcnow() + timedelta(days=3 if why == "over" else 0)
    with clock.freeze(later):
        answer = client.get(f"/{path}/{token if why != 'unknown' else 'x' * 32}")
    text = unescape(answer.text)
    assert answer.status_code == (403 if kind == "steward" else 404)
    assert "此链接已失效" in text and words in text and "活动管理员" in text
    assert "6 位" not in text, "no code is to be typed"


def test_a_screen_that_was_revoked_says_so_on_its_next_look(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    screen = client.get(f"/d/{links.make(event.id, 'display', staff_id=None)}").location
    links.revoke(event.id, "device", links.list_of(event.id, "device")[0].id)
    page = client.get(screen)
    assert page.status_code == 404 and "它已被活动管理员撤销" in page.text and "屏幕" in page.text


def test_what_a_steward_takes_back_does_not_look_like_success(app: Flask, client: FlaskClient) -> None:
    event = with_roster(WANG, LI)
    sign_in(event, enterprise("王小强", mobile="13800135678"))
    home = client.get(f"/st/{links.make(event.id, 'steward', '小李', staff_id=None)}").location
    found = client.post(home, data={"csrf_token": hidden(client.get(home), "csrf_token"), "q": "王小强"})
    form = re.search(rf'action="{home}/void".*?</form>', found.text, re.DOTALL)
    assert form is not None and "button--undo" in form[0] and "#undo" in form[0]
    fields = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', unescape(form[0])))
    answer = client.post(f"{home}/void", data=fields, headers={"HX-Request": "true"}).text
    assert 'data-tone="undo"' in answer and "answer--undo" in answer and "#undo" in answer.split("answer__word")[0]
    assert "#check" not in answer
    assert not rosters.entries(event.id)[0].has_arrived


def test_an_address_in_small_letters_is_the_same_event(client: FlaskClient, app: Flask) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    answer = client.get(f"/e/{event.code.lower()}?form=1&lang=en&x=1")
    assert answer.status_code == 303 and answer.location == f"/e/{event.code}?form=1&lang=en"
    assert events.counts(event.id).arrived == 0
