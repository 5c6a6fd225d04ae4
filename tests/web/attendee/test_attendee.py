"""The attendee's phone over plain HTTP: forms, messages, statuses, what is kept of what was typed."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.services import codes, tallies
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.sign_in import organisations
from kiosk.web.frame.tickets import TRIAL
from tests.aids.factories import enterprise, make_event, sign_in

PERSON = {"kind": "enterprise", "name": "王强", "enterprise": "湖北东贝制冷有限公司", "mobile": "138 0013 8000"}


def ticket_in(response: TestResponse) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', response.text)
    assert found, response.text
    return unescape(found[1])


def open_form(client: FlaskClient, code: str, kind: str = "enterprise") -> str:
    response = client.get(f"/e/{code}?kind={kind}")
    assert response.status_code == 200
    return ticket_in(response)


def post(client: FlaskClient, code: str, ticket: str | None = None, **form: str) -> TestResponse:
    fields = {**PERSON, **form}
    fields["ticket"] = ticket or open_form(client, code, fields["kind"])
    return client.post(f"/e/{code}/sign-in", data=fields)


@pytest.fixture
def code(app: Flask) -> str:
    return make_event().code


def test_form_then_sign_in_then_success(client: FlaskClient, code: str) -> None:
    response = post(client, code)
    assert response.status_code == 303
    page = client.get(response.location)
    assert page.status_code == 200
    assert "王强" in page.text and "第 1 位" in page.text


def test_code_is_understood_however_it_is_typed(client: FlaskClient, code: str) -> None:
    for typed in (code.lower(), f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}"):
        response = client.post("/", data={"code": typed})
        assert (response.status_code, response.location) == (303, f"/e/{code}")


@pytest.mark.parametrize("address", ["/e/{}/", "/E/{}", "/E/{}/"])
def test_an_address_typed_a_little_otherwise_leads_to_the_event(client: FlaskClient, code: str, address: str) -> None:
    answer = client.get(address.format(code.lower()))
    assert (answer.status_code, answer.location) == (303, f"/e/{code}")


@pytest.mark.parametrize(
    "typed", ["http://kiosk.local:8000/e/{}", "https://Example.org/E/{}/?lang=en", "kiosk.local/e/{}#x", " /e/{} "]
)
def test_a_whole_address_in_the_code_s_field_leads_to_the_event(client: FlaskClient, code: str, typed: str) -> None:
    answer = client.post("/", data={"code": typed.format(code)})
    assert (answer.status_code, answer.location) == (303, f"/e/{code}")
    assert client.post("/", data={"code": typed.format("QQQQQQ")}).status_code == 404


def test_unknown_code_is_404_and_keeps_what_was_typed(client: FlaskClient) -> None:
    for response in (client.post("/", data={"code": "QQQQQQ"}), client.get("/e/QQQQQQ")):
        assert response.status_code == 404
        assert 'value="QQQQQQ"' in response.text
    assert post_unknown(client).status_code == 404


def post_unknown(client: FlaskClient) -> TestResponse:
    return client.post("/e/QQQQQQ/sign-in", data={**PERSON, "ticket": "x"})


def test_several_kinds_show_tiles_first_and_one_kind_the_form(app: Flask, client: FlaskClient, code: str) -> None:
    tiles = client.get(f"/e/{code}")
    assert tiles.text.count('class="tile"') == 3 and "<form" not in tiles.text
    single = make_event(kinds=[{"kind": "guest", "label": "教师"}])
    assert 'name="identity"' in client.get(f"/e/{single.code}").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_missing_fields_are_named_beside_each_field(client: FlaskClient, code: str, language: str) -> None:
    response = post(client, code, name="", mobile="", lang=language)
    assert response.status_code == 422
    assert 'id="name-error"' in response.text and 'id="mobile-error"' in response.text
    assert ("请填写此项。" if language == "zh" else "Please fill this in.") in response.text
    assert 'value="湖北东贝制冷有限公司"' in response.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "王" * 61),
        ("enterprise", "厂" * 121),
        ("mobile", "12345"),
        ("mobile", "23800138000"),
        ("name", "王强😀"),
        ("name", "。。。"),
        ("name", "\u200b\u200d"),
    ],
)
def test_bad_value_is_422_with_a_message_and_is_kept(client: FlaskClient, code: str, field: str, value: str) -> None:
    response = post(client, code, **{field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert value in unescape(response.text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("䶮", "䶮"),
        ("𠮷田", "𠮷田"),
        ("欧阳" * 30, "欧阳" * 30),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("王\u200b强\u0007", "王强"),
        ("王　强", "王 强"),
        ("O'Brien-Łukasz", "O'Brien-Łukasz"),
    ],
)
def test_unusual_name_is_accepted_and_shown_as_text(client: FlaskClient, code: str, typed: str, kept: str) -> None:
    response = post(client, code, name=typed)
    assert response.status_code == 303
    page = client.get(response.location)
    assert f"<h1>{kept}</h1>" in unescape(page.text)
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("mobile", ["１３８００１３８０００", "+86 138-0013-8000", "0086 13800138000", "138 0013 8000"])
def test_spellings_of_one_mobile_are_one_person(app: Flask, client: FlaskClient, code: str, mobile: str) -> None:
    assert post(client, code).status_code == 303
    response = post(client, code, mobile=mobile)
    assert response.status_code == 303
    assert "您已于" in client.get(response.location).text
    assert events.counts(events.get(code).id).arrived == 1


def test_foreign_mobile_is_accepted(client: FlaskClient, code: str) -> None:
    assert post(client, code, mobile="+44 20 7946 0958").status_code == 303


def test_same_key_again_gives_the_same_answer_even_after_closing(app: Flask, client: FlaskClient, code: str) -> None:
    ticket = open_form(client, code)
    first = post(client, code, ticket)
    events.close(code)
    assert post(client, code, ticket).location == first.location
    assert post(client, code, ticket, name="别人", mobile="13900139000").status_code == 409


def test_one_key_with_two_people_leaves_two(app: Flask, client: FlaskClient, code: str) -> None:
    ticket = open_form(client, code)
    first = post(client, code, ticket)
    second = post(client, code, ticket, name="李娜", mobile="13900139000")
    assert first.location != second.location
    assert events.counts(events.get(code).id).arrived == 2


def test_early_page_counts_down_and_refuses(app: Flask, client: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=20))
    page = client.get(f"/e/{event.code}")
    assert page.status_code == 200 and "data-seconds=" in page.text and "<form" not in page.text
    response = post(client, event.code, codes.new_ticket(event.id).token)
    assert response.status_code == 409 and "开始签到" in response.text


def test_closed_page_says_whom_to_see(app: Flask, client: FlaskClient) -> None:
    event = make_event(closes_at=utcnow() - timedelta(minutes=1))
    assert "会务人员" in client.get(f"/e/{event.code}").text
    assert post(client, event.code, codes.new_ticket(event.id).token).status_code == 409


def test_full_event_refuses_and_counts_nobody(app: Flask, client: FlaskClient) -> None:
    event = make_event(capacity=1)
    first_ticket = open_form(client, event.code)
    late_ticket = open_form(client, event.code)
    assert post(client, event.code, first_ticket).status_code == 303
    response = post(client, event.code, late_ticket, name="李娜", mobile="13900139000")
    assert response.status_code == 409 and "名额已满" in response.text
    assert post(client, event.code, first_ticket).status_code == 303  # a late retry still gets its answer
    assert tallies.recount() == ()


def test_full_event_with_a_waiting_list_says_so(app: Flask, client: FlaskClient) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    assert post(client, event.code).status_code == 303
    response = post(client, event.code, name="李娜", mobile="13900139000")
    assert "候补" in client.get(response.location).text
    assert events.counts(event.id).wait_listed == 1


@pytest.mark.parametrize("ticket", ["", "nonsense", "W10.AAAA"])
def test_bad_ticket_is_403_and_keeps_what_was_typed(client: FlaskClient, code: str, ticket: str) -> None:
    response = client.post(f"/e/{code}/sign-in", data={**PERSON, "ticket": ticket})
    assert response.status_code == 403
    assert 'value="王强"' in response.text
    assert post(client, code, ticket_in(response)).status_code == 303


def test_ticket_from_before_a_reopening_has_expired(app: Flask, client: FlaskClient, code: str) -> None:
    old = codes.new_ticket(events.get(code).id).token
    with clock.freeze(utcnow() + timedelta(hours=1)):
        events.close(code)
        events.open_now(code)
        response = post(client, code, old)
        assert response.status_code == 403 and 'value="王强"' in response.text
        assert post(client, code, ticket_in(response)).status_code == 303


def test_ticket_of_another_event_is_refused(app: Flask, client: FlaskClient, code: str) -> None:
    assert post(client, code, codes.new_ticket(make_event().id).token).status_code == 403


def test_form_from_another_site_is_refused_and_null_origin_passes(client: FlaskClient, code: str) -> None:
    data = {**PERSON, "ticket": open_form(client, code)}
    foreign = client.post(f"/e/{code}/sign-in", data=data, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert client.post(f"/e/{code}/sign-in", data=data, headers={"Origin": "null"}).status_code == 303


def test_name_alone_asks_and_never_swallows_the_second_person(app: Flask, client: FlaskClient, code: str) -> None:
    pupil = {"kind": "student", "name": "李明", "school": "四棵中学", "class_name": "初二(3)班"}
    assert post(client, code, **pupil).status_code == 303
    asked = post(client, code, **pupil)
    assert asked.status_code == 422 and "是您吗" in asked.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', unescape(asked.text)))
    another = client.post(f"/e/{code}/sign-in", data={**hidden, "another": "1"})
    assert another.status_code == 303
    same = re.search(r'name="same" value="([^"]+)"', asked.text)
    assert same
    hidden["ticket"] = open_form(client, code, "student")
    mine = client.post(f"/e/{code}/sign-in", data={**hidden, "same": same[1]})
    assert "您已于" in client.get(mine.location).text
    assert events.counts(events.get(code).id).arrived == 2


def test_trial_of_an_event_with_several_kinds_stays_a_trial(client: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(hours=1))
    trial = TRIAL.sign(event.id, int(utcnow().timestamp()))
    tile = re.search(r'class="tile" href="([^"]+)"', client.get(f"/e/{event.code}?trial={trial}").text)
    assert tile
    assert "试签" in client.get(unescape(tile[1])).text


def test_companion_starts_with_an_empty_form_and_is_not_remembered(client: FlaskClient, code: str) -> None:
    page = client.get(f"/e/{code}?companion=1&kind=enterprise")
    assert post(client, code, ticket_in(page)).status_code == 303
    assert client.get_cookie("kiosk_me") is None


def test_sign_in_needs_no_cookie(app: Flask, code: str) -> None:
    refusing = app.test_client(use_cookies=False)
    response = post(refusing, code)
    assert refusing.get(response.location).status_code == 200


def test_trial_before_opening_is_marked_and_counted_nowhere(app: Flask, client: FlaskClient) -> None:
    event = make_event(opens_at=utcnow() + timedelta(minutes=20))
    page = client.get(f"/e/{event.code}?kind=enterprise&trial={TRIAL.sign(event.id, 0)}")
    assert "试签" in page.text
    response = post(client, event.code, ticket_in(page))
    assert "试签" in client.get(response.location).text
    assert (events.counts(event.id).arrived, events.counts(event.id).trial) == (0, 1)


def test_withdrawn_sign_in_says_so(app: Flask, client: FlaskClient, code: str) -> None:
    ticket = open_form(client, code)
    done = post(client, code, ticket).location
    event = events.get(code)
    corrections.void(sign_in(event, enterprise()).sign_in_id, staff_id=None)
    assert "撤销" in client.get(done).text
    assert post(client, code, ticket).status_code == 409


def test_consent_is_asked_where_it_is_the_basis(app: Flask, client: FlaskClient) -> None:
    event = make_event(notice_basis="consent")
    assert post(client, event.code).status_code == 422
    assert post(client, event.code, notice="1").status_code == 303


@pytest.mark.parametrize(("kind", "changes", "agree"), [
    ("student", {}, "本人及监护人已阅读并同意下方告知"),
    ("student", {"are_students_minors": False}, "我已阅读并同意下方告知"),
    ("enterprise", {}, "我已阅读并同意下方告知"),
])  # fmt: skip
def test_a_minor_s_guardian_agrees_as_well(
    app: Flask, client: FlaskClient, kind: str, changes: dict[str, bool], agree: str
) -> None:
    event = make_event(notice_basis="consent", **changes)
    assert agree in client.get(f"/e/{event.code}?kind={kind}").text


def test_own_fields_are_asked_and_kept(app: Flask, client: FlaskClient) -> None:
    meal = {
        "key": "meal",
        "type": "choice",
        "label": "用餐",
        "label_alt": "Meal",
        "choices": ["清真", "普通"],
        "mode": "required",
    }
    event = make_event(own_fields=[meal])
    assert 'id="x_meal-error"' in post(client, event.code).text
    assert post(client, event.code, x_meal="素食").status_code == 422
    assert post(client, event.code, x_meal="普通").status_code == 303


def test_completion_offers_listed_enterprises_after_two_characters(app: Flask, client: FlaskClient, code: str) -> None:
    organisations.add_many(["湖北东贝制冷有限公司"], "enterprise")
    post(client, code, enterprise="东贝恶作剧公司", mobile="13900139001")
    page = client.get(f"/e/{code}/organisations?enterprise=东贝").text
    assert "湖北东贝制冷有限公司" in page and "恶作剧" not in page
    assert "东贝" not in client.get(f"/e/{code}/organisations?enterprise=东").text


def test_language_follows_the_browser_and_the_switch(client: FlaskClient, code: str) -> None:
    assert 'lang="en"' in client.get(f"/e/{code}", headers={"Accept-Language": "en-GB,en"}).text
    assert 'lang="zh-CN"' in client.get(f"/e/{code}", headers={"Accept-Language": "zh-CN"}).text
    assert 'lang="en"' in client.get(f"/e/{code}?lang=en", headers={"Accept-Language": "zh-CN"}).text


def test_page_carries_a_strict_policy_and_is_never_stored(client: FlaskClient, code: str) -> None:
    response = client.get(f"/e/{code}")
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "style=" not in response.text and "<script>" not in response.text
    # Addresses that are capabilities stay out of what the next site is told.
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_campaign_code_opens_the_one_open_event(app: Flask, client: FlaskClient, code: str) -> None:
    campaign_code = events.get(code).campaign_code
    assert client.get(f"/c/{campaign_code}").location == f"/e/{code}"
    make_event(title="分会场")
    assert client.get(f"/c/{campaign_code}").text.count('class="tile"') == 2


def test_language_switch_on_an_answer_leads_back_to_the_form(client: FlaskClient, code: str) -> None:
    assert 'href="?lang=en"' in post(client, code, name="").text
    assert client.get(f"/e/{code}/sign-in?lang=en").location == f"/e/{code}?lang=en"
