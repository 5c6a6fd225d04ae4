"""Signing by hand on the phone that signed in, and at the station (docs/product.md 1.14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Signature
from kiosk.services.door import corrections, receipts
from kiosk.services.event import events
from kiosk.services.privacy import purges
from kiosk.services.sheet import sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in.requests import SignInResult
from tests.aids.factories import enterprise, guest, log_in, make_staff, post, sign_in, sign_in_on_trial, student
from tests.aids.listed import hidden
from tests.aids.signed import DRAWN, SETTLED, address_of, asking
from tests.web.door.test_kiosk import sign_in_at, station

GUEST = [{"kind": "guest"}]


def signatures() -> list[tuple[int, str, str]]:
    db.session.rollback()
    return [(one.sign_in_id, one.drawn, one.typed) for one in db.session.query(Signature)]


def success_of(result: SignInResult) -> str:
    return address_of(result).removesuffix("/signature")


def test_tick_offers_it_and_the_sign_in_is_there_already(app: Flask, client: FlaskClient) -> None:
    event = asking(kinds=GUEST)
    ticket = hidden(client.get(f"/e/{event.code}"), "ticket")
    done = client.post(f"/e/{event.code}/sign-in", data={"ticket": ticket, "name": "张爱国"})
    page = client.get(done.location).text
    assert f'href="{done.location}/signature"' in page and "手写签名" in page
    assert events.counts(event.id).arrived == 1
    signing = client.get(f"{done.location}/signature")
    for shown in ("<canvas", "请在框内签名", "跳过", f'href="{done.location}"', "signature_pad-5.1.4"):
        assert shown in signing.text
    assert "张爱国" not in signing.text and signing.headers["Cache-Control"] == "no-store"


def test_drawn_is_kept_and_said_and_may_be_drawn_anew(app: Flask, client: FlaskClient) -> None:
    event = asking()
    result = sign_in(event, guest())
    for drawn in (DRAWN, DRAWN + "*1.1.2.2", DRAWN):
        answer = client.post(address_of(result), data={"drawn": drawn})
        assert (answer.status_code, answer.location) == (303, f"{success_of(result)}?again=1")
    assert signatures() == [(result.sign_in_id, SETTLED, "")]
    page = client.get(answer.location).text
    assert "已手写签名" in page and "/signature" not in page


def test_typed_alternative_needs_no_script(app: Flask, client: FlaskClient) -> None:
    event = asking()
    result = sign_in(event, guest())
    page = client.get(f"{address_of(result)}?typed=1").text
    assert "<canvas" not in page and "signature_pad" not in page and 'name="typed"' in page
    assert 'name="typed"' in client.get(address_of(result)).text, "also where the scripts did not arrive"
    wrong = client.post(address_of(result), data={"typed": "123"})
    assert wrong.status_code == 422 and 'id="typed-error"' in wrong.text and 'value="123"' in wrong.text
    assert client.post(address_of(result), data={"drawn": "nonsense"}).status_code == 422
    assert signatures() == []
    assert client.post(address_of(result), data={"drawn": "", "typed": "张爱国"}).status_code == 303
    assert signatures() == [(result.sign_in_id, "", "张爱国")]


def test_nobody_else_s_page_asks(app: Flask, client: FlaskClient) -> None:
    event, silent = asking(), asking(asks_signature=False)
    pupil, there = sign_in(event, student()), sign_in(silent, guest())
    first = sign_in(event, enterprise())
    repeat = sign_in(event, enterprise())
    for result in (pupil, there, repeat):
        assert "/signature" not in client.get(success_of(result)).text
        assert client.get(address_of(result)).status_code == 404
        assert client.post(address_of(result), data={"drawn": DRAWN}).status_code == 404
    evil = client.post(address_of(first), data={"drawn": DRAWN}, headers={"Origin": "http://evil.example"})
    assert evil.status_code == 403
    for nonsense in ("x", "a" * 31):
        assert client.post(f"/done/{nonsense}/signature", data={"drawn": DRAWN}).status_code == 404
    assert signatures() == []


def test_it_ends_with_the_sign_in(app: Flask, client: FlaskClient) -> None:
    event = asking()
    result, voided = sign_in(event, guest()), sign_in(event, guest("陈红"))
    corrections.void(voided.sign_in_id, staff_id=None, reason="误签")
    assert client.post(address_of(voided), data={"drawn": DRAWN}).status_code == 404
    events.close(event.code)
    assert client.get(address_of(result)).status_code == 409
    late = client.post(address_of(result), data={"drawn": DRAWN})
    assert late.status_code == 409 and "签到已于" in late.text
    assert "/signature" not in client.get(success_of(result)).text
    assert signatures() == []


def test_trial_can_be_signed_before_the_opening(app: Flask, client: FlaskClient) -> None:
    event = asking()
    trial = sign_in_on_trial(event, guest())
    assert client.post(address_of(trial), data={"drawn": DRAWN}).status_code == 303
    assert len(signatures()) == 1
    corrections.clear_trials(event.id, staff_id=None)
    assert client.post(address_of(trial), data={"drawn": DRAWN}).status_code == 404
    assert sheet_copies.build(event, Choice(is_masked=False), "zh").rows == ()


def test_name_is_gone_from_the_page_after_a_purge(app: Flask, client: FlaskClient) -> None:
    event = asking()
    result = sign_in(event, guest())
    client.post(address_of(result), data={"typed": "张爱国"})
    purges.purge_event(event, "staff:1")
    assert client.post(address_of(result), data={"typed": "张爱国"}).status_code in (404, 409)
    assert signatures() == [(result.sign_in_id, "", "")]


def test_station_asks_once_and_returns_to_its_start(app: Flask, client: FlaskClient) -> None:
    event = asking(kinds=GUEST)
    now = utcnow()
    with clock.freeze(now):
        done = client.get(sign_in_at(station(client, event), event).location).text
        assert 'data-after="14000"' in done
        address = done.partition('button--primary" href="')[2].partition('"')[0]
        assert address.startswith(f"/events/{event.code}/kiosk/done/") and address.endswith("/signature")
    with clock.freeze(now + timedelta(seconds=60)):
        page = client.get(address).text
        assert f'data-station="/events/{event.code}/kiosk"' in page and "张爱国" not in page
        assert app.test_client().get(address).location.startswith("/login")
        signed = client.post(address, data={"drawn": DRAWN})
        assert signed.status_code == 303
        tick = client.get(signed.location).text
        assert "已手写签名" in tick and 'data-after="5500"' in tick and "/signature" not in tick
        again = client.post(address, data={"typed": "别人"})
        assert again.location == f"/events/{event.code}/kiosk", "the next one stands there"
    assert [(drawn, typed) for _id, drawn, typed in signatures()] == [(SETTLED, "")]
    with clock.freeze(now + timedelta(minutes=3)):
        assert client.get(address).location == f"/events/{event.code}/kiosk"


def test_station_s_receipt_signs_at_no_phone(app: Flask, client: FlaskClient) -> None:
    event = asking(kinds=GUEST)
    token = sign_in_at(station(client, event), event).location.rpartition("/")[2]
    receipt = receipts.shown_at_station(event.id, token)
    assert client.post(f"/done/{receipt}/signature", data={"drawn": DRAWN}).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_setting_is_off_until_it_is_wanted_and_said_in_the_sheet_s_row(
    app: Flask, client: FlaskClient, lang: str
) -> None:
    event = asking(asks_signature=False)
    make_staff()
    log_in(client, "admin@example.org")
    page = client.get(f"/events/{event.code}/settings?lang={lang}").text
    assert 'name="asks_signature"' in page
    words = {"zh": "签到后请参会人员手写签名", "en": "People sign by hand after they have signed in"}
    assert words[lang] in page
    assert events.clone(asking().code).asks_signature
    full = post(client, f"/events/{event.code}/sheets", format="csv", copy="full")
    assert full.status_code in (200, 303)
