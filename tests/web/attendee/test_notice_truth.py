"""The notice says of each event what is so: its host, its basis, how long its data is kept, the same in both languages
(docs/product.md 4.4)."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk.extensions import db
from kiosk.models import Notice, SignIn
from kiosk.services.event import campaigns, events, notice_words, notices
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.event_views import EventView
from kiosk.services.event.notices import NoticeDraft
from kiosk.services.store.writer import run
from tests.aids.factories import enterprise, make_event, make_staff, sign_in

CONSENT, DUTY = "consent", "statutory"
WORDS = {
    "zh": {
        CONSENT: ("经您同意", "您的同意（第一款第一项）"),
        DUTY: ("依法定职责", "履行法定职责或者法定义务所必需（第一款第三项）"),
        None: ("保存多久还没有定", "还没有设定保存期限，在主办单位决定清除之前一直保存"),
        30: ("活动结束 30 天后清除", "活动结束 30 天后清除"),
    },
    "en": {
        CONSENT: ("with your consent", "your consent (paragraph 1, item 1)"),
        DUTY: ("as its statutory duty", "the host's statutory duties (paragraph 1, item 3)"),
        None: ("no period is set for keeping it yet", "no period for keeping it is set for this event yet"),
        30: ("it is cleared 30 days after the event", "it is cleared 30 days after the event"),
    },
}


@pytest.fixture(autouse=True)
def notice(app: Flask) -> int:
    return notices.ensure_default_notice()


def hosted(**changes: object) -> EventView:
    host = CampaignDraft("质量月", "Quality Month", host="黄石市市场监督管理局", host_alt="Huangshi Administration")
    kinds = [{"kind": "enterprise"}]
    return make_event(**{"campaign_id": campaigns.create(host).id, "kinds": kinds, **changes})


def seen(client: FlaskClient, path: str, lang: str) -> str:
    return unescape(client.get(f"{path}?lang={lang}").text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("days", [None, 30])
@pytest.mark.parametrize("basis", [CONSENT, DUTY])
def test_sentence_and_text_follow_the_event(client: FlaskClient, basis: str, days: int | None, lang: str) -> None:
    event = hosted(notice_basis=basis, retention_days=days)
    host = "黄石市市场监督管理局" if lang == "zh" else "Huangshi Administration"
    form, text = seen(client, f"/e/{event.code}", lang), seen(client, f"/e/{event.code}/notice", lang)
    other = DUTY if basis == CONSENT else CONSENT
    for position, page in enumerate((form, text)):
        for fact in (basis, days):
            assert WORDS[lang][fact][position] in page
        assert (
            WORDS[lang][other][position] not in page and WORDS[lang][30 if days is None else None][position] not in page
        )
        assert host in page and "{" not in page.split("<main")[1].split("</main")[0]
    assert "限期清除" not in form + text


def test_a_pupil_reads_the_pupils_own_period(client: FlaskClient) -> None:
    event = hosted(kinds=[{"kind": "student"}], minors_days=7)
    assert "活动结束 7 天后清除" in seen(client, f"/e/{event.code}", "zh")
    text = seen(client, f"/e/{event.code}/notice", "zh")
    assert "未成年学生的姓名等在活动结束 7 天后清除" in text and "在主办单位决定清除之前一直保存" in text
    assert "未成年学生" not in seen(client, f"/e/{hosted().code}/notice", "zh")


def test_a_nameless_host_is_not_made_up(client: FlaskClient) -> None:
    event = make_event(kinds=[{"kind": "enterprise"}])
    assert "签到信息由主办单位依法定职责收集" in seen(client, f"/e/{event.code}", "zh")
    assert "名称请询问现场会务人员" in seen(client, f"/e/{event.code}/notice", "zh")
    assert "The host collects this as its statutory duty" in seen(client, f"/e/{event.code}", "en")


def test_a_text_of_their_own_that_leaves_it_out_has_it_said(client: FlaskClient) -> None:
    own = NoticeDraft("我们收集您的签到信息。", "第一段\n第二段", "We keep your sign-in.", "One\nTwo")
    notices.write(own, staff_id=make_staff().id)
    event = hosted(notice_basis=CONSENT)
    assert "我们收集您的签到信息。本场活动：主办单位：黄石市市场监督管理局；经您同意；保存多久还没有定。" in seen(
        client, f"/e/{event.code}", "zh"
    )
    english = seen(client, f"/e/{event.code}/notice", "en")
    assert '<p class="paragraph">At this event: host: Huangshi Administration; your consent' in english
    half = notice_words.said_of(event, "保存：{保存期限}，依据：{依据}，由{主办单位}收集")
    assert half == "保存：保存多久还没有定，依据：经您同意，由黄石市市场监督管理局收集"


def test_the_default_of_before_makes_room_for_today_s_where_an_event_is_not_over(app: Flask, notice: int) -> None:
    former = ("旧的一句话", "旧的全文")
    run(lambda session: _write_into(session, notice, former))
    going_on, over = make_event(), make_event()
    sign_in(going_on, enterprise())
    events.close(over.code)
    assert notices.ensure_default_notice() == notice, "a text of staff's own stays"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notices, "_is_former_default", lambda row: row.summary == former[0])
        newest = notices.ensure_default_notice()
        assert newest != notice and notices.ensure_default_notice() == newest
    assert events.get(going_on.code).notice_id == newest and events.get(over.code).notice_id == notice
    assert db.session.query(SignIn.notice_id).all() == [(notice,)]


def _write_into(session: object, notice_id: int, text: tuple[str, str]) -> None:
    row = session.get_one(Notice, notice_id)  # type: ignore[attr-defined]
    row.summary, row.body = text
    row.summary_alt = row.body_alt = None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sign_in_page_names_the_host_and_no_phone_the_default_campaign(client: FlaskClient, lang: str) -> None:
    event = hosted()
    for path in (f"/e/{event.code}", f"/e/{event.code}/group", f"/e/{event.code}/notice"):
        page = client.get(path, query_string={"lang": lang}).text
        header = page.split("<header")[1].split("</header")[0]
        assert ("黄石市市场监督管理局" if lang == "zh" else "Huangshi Administration") in header
        assert ("质量月" if lang == "zh" else "Quality Month") in page
    nameless = make_event(kinds=[{"kind": "enterprise"}])
    for path in (f"/e/{nameless.code}", f"/c/{nameless.campaign_code}"):
        page = client.get(path, query_string={"lang": lang}, follow_redirects=True).text
        header = page.split("<header")[1].split("</header")[0]
        assert ("签到台" if lang == "zh" else "Kiosk") in header
        assert "活动<" not in header and "Events" not in header
    make_event(title="第二场")
    campaign = client.get(f"/c/{nameless.campaign_code}?lang={lang}").text
    assert "<h1>活动</h1>" not in campaign and "<h1>Events</h1>" not in campaign
