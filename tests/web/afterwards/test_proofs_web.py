"""Proofs at the desk and at /verify: who may issue, what is shown to whom, the file by way of an export."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Proof, Task
from kiosk.services import exports
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event import campaigns, event_access, events, series
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import issuing, proof_papers, subjects
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import enterprise, guest, log_in, make_event, make_staff, post, sign_in, student

ORGANISATION, MOBILE = "湖北东贝制冷有限公司", "13800138000"


def training(**changes: object) -> EventView:
    start = utcnow() - timedelta(hours=6)
    given = {"starts_at": start, "ends_at": start + timedelta(hours=4), "credited_hours": 4.0}
    return make_event(**{**given, **changes})


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    make_staff()
    log_in(client, "admin@example.org")
    return client


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exports that would have been started beside the server."""
    numbers: list[int] = []
    monkeypatch.setattr(exports.beside, "start", lambda _task, number: numbers.append(number))
    return numbers


def proofs() -> list[Proof]:
    db.session.rollback()
    return list(db.session.scalars(select(Proof).order_by(Proof.id)))


def issue_for(event: EventView, *names: str) -> list[Proof]:
    for number, name in enumerate(names):
        sign_in(event, enterprise(name, mobile=str(int(MOBILE) + number)))
    issuing.issue(subjects.of_event(event), staff_id=None)
    return proofs()


def test_everybody_s_proofs_are_issued_in_one_go_and_only_once(app: Flask, desk: FlaskClient) -> None:
    event = training()
    for name, mobile in (("王小强", MOBILE), ("李娜", "13900139000")):
        sign_in(event, enterprise(name, mobile=mobile))
    path = f"/events/{event.code}/proofs"
    assert "待开具 2 份" in desk.get(path).text
    assert post(desk, path).status_code == 303
    page = desk.get(path).text
    assert "已开具 2 份证明" in page and "待开具 0 份" in page and proofs()[0].number in page
    post(desk, path)
    assert "没有需要新开的证明" in desk.get(path).text and len(proofs()) == 2


def test_the_word_is_training_with_hours_and_attendance_without(app: Flask, desk: FlaskClient) -> None:
    for event, word in ((training(), "参训证明"), (training(credited_hours=None), "参会证明")):
        sign_in(event, enterprise())
        assert f"<h2>{word}</h2>" in desk.get(f"/events/{event.code}/proofs").text
        (page,) = _pages(event)
        assert page["title"] == word and ("学时" in page["after"]) is (word == "参训证明")


def _pages(event: EventView) -> list[dict[str, str]]:
    subject = subjects.of_event(event)
    issuing.issue(subject, staff_id=None)
    return proof_papers.pages_of(subject, "zh")


def test_minors_are_named_only_after_a_tick(app: Flask, desk: FlaskClient) -> None:
    event = training(credited_hours=None)
    sign_in(event, student("李明"))
    path = f"/events/{event.code}/proofs"
    assert "同时为 1 名未成年人开具" in desk.get(path).text
    post(desk, path)
    assert proofs() == []
    post(desk, path, minors="1")
    assert [one.name for one in proofs()] == ["李明"]


def test_viewer_sees_masked_names_and_nothing_to_issue(app: Flask, client: FlaskClient) -> None:
    event = training()
    (one,) = issue_for(event, "王小强")
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    page = client.get(f"/events/{event.code}/proofs").text
    assert "王*强" in page and "王小强" not in page and one.number in page and "开具" not in page
    search = f"/events/{event.code}/proofs/search"
    assert "王*强" in post(client, search, q="王小强").text and "王*强" not in post(client, search, q="小强").text
    issuing.void(subjects.of_event(event), one.id, "陪同家人就医", staff_id=None)
    page = client.get(f"/events/{event.code}/proofs?void=1").text
    assert one.number in page and "陪同家人" not in page


def test_a_corrected_name_leads_to_a_new_proof(app: Flask, desk: FlaskClient) -> None:
    event = training()
    sign_in_id = sign_in(event, enterprise("王强")).sign_in_id
    issuing.issue(subjects.of_event(event), staff_id=None)
    (old,) = proofs()
    hand_work.correct(event, sign_in_id, {"name": "王小强"}, Hand("staff:1", "k", None))
    assert "名单现为：王小强" in desk.get(f"/events/{event.code}/proofs").text
    path = f"/events/{event.code}/proofs/{old.id}"
    page = desk.get(path).text
    assert "仍是旧姓名" in page and "作废并重新开具" in page
    refused = post(desk, f"{path}/replace", reason="")
    assert refused.status_code == 422 and "请写明原因" in refused.text and len(proofs()) == 1
    assert post(desk, f"{path}/replace", reason="姓名更正").status_code == 303
    assert [(one.name, one.voided_at is None) for one in proofs()] == [("王强", False), ("王小强", True)]
    assert "姓名更正" in desk.get(f"/events/{event.code}/proofs?void=1").text


def test_void_needs_a_reason(app: Flask, desk: FlaskClient) -> None:
    event = training()
    (one,) = issue_for(event, "王强")
    path = f"/events/{event.code}/proofs/{one.id}/void"
    assert post(desk, path, reason=" ").status_code == 422
    assert post(desk, path, reason="开错了").status_code == 303
    assert "开错了" in desk.get(f"/events/{event.code}/proofs/{one.id}").text
    assert post(desk, f"/events/{event.code}/proofs/{one.id}/print").status_code == 404


def test_printing_is_written_down_and_comes_by_way_of_an_export(
    app: Flask, desk: FlaskClient, started: list[int]
) -> None:
    event = training()
    one, _two = issue_for(event, "王小强", "李娜")
    all_of_them = post(desk, f"/events/{event.code}/proofs/print", paper="en")
    single = post(desk, f"/events/{event.code}/proofs/{one.id}/print")
    assert [all_of_them.location, single.location] == [f"/exports/{number}" for number in started]
    db.session.rollback()
    entries = [e.changed for e in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "proof.print"))]
    assert entries == [{"proofs": "all"}, {"proofs": [one.id]}]
    options = [db.session.get_one(Task, number).options for number in started]
    assert [(o["language"], o["proofs"], o["full"]) for o in options] == [("en", None, True), ("zh", [one.id], True)]


def test_the_export_draws_the_proofs_as_one_pdf(app: Flask, desk: FlaskClient, started: list[int]) -> None:
    event = training()
    issue_for(event, "王小强", "李娜")
    post(desk, f"/events/{event.code}/proofs/print")
    exports.make(started[0])
    page = desk.get(f"/exports/{started[0]}").text
    found = re.search(r'content="1; url=([^"]+)"', page)
    assert found and "参训证明.pdf" in page
    file = desk.get(found[1].replace("&amp;", "&"))
    assert file.data.startswith(b"%PDF") and b"/Count 2" in file.data
    assert f"/events/{event.code}/proofs" in page, "the way back"


def test_nothing_to_print_is_said(app: Flask, desk: FlaskClient, started: list[int]) -> None:
    event = training()
    answer = post(desk, f"/events/{event.code}/proofs/print")
    assert answer.location == f"/events/{event.code}/proofs" and started == []
    answer = post(desk, f"/campaigns/{event.campaign_id}/proofs/print")
    assert answer.location == f"/campaigns/{event.campaign_id}/proofs" and started == []


def test_a_campaign_s_proofs_are_issued_in_one_go(app: Flask, desk: FlaskClient, started: list[int]) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "两个半天")
    first, second = (training(campaign_id=campaign.id, series_id=tied) for _ in range(2))
    alone = training(campaign_id=campaign.id, credited_hours=None, title="政银企对接会")
    for event in (first, second, alone):
        sign_in(event, enterprise("王小强"))
    sign_in(alone, guest("张爱国"))
    path = f"/campaigns/{campaign.id}/proofs"
    assert "待开具 3 份" in desk.get(path).text
    post(desk, path, by_group="1", group=["enterprise", "guest"])
    assert sorted((one.title, one.name, one.hours) for one in proofs()) == [
        ("两个半天", "王小强", 8.0),
        ("政银企对接会", "张爱国", None),
        ("政银企对接会", "王小强", None),
    ]
    empty = training(campaign_id=campaign.id, title="没有人来")
    post(desk, f"{path}/print")
    printed = db.session.scalars(select(AuditEntry.event_id).where(AuditEntry.action == "proof.print")).all()
    assert alone.id in printed and empty.id not in printed
    exports.make(started[0])
    body = db.session.scalar(select(Task.body).where(Task.id == started[0]))
    assert body is not None and b"/Count 3" in body


def test_a_rehearsal_proves_nothing(app: Flask, desk: FlaskClient) -> None:
    event = training()
    sign_in(event, enterprise())

    def rehearse(session: WriterSession) -> None:
        session.execute(update(events.Event).where(events.Event.id == event.id).values(is_rehearsal=True))

    run(rehearse)
    assert subjects.of_campaign(event.campaign_id) == ()
    assert post(desk, f"/events/{event.code}/proofs").status_code == 403 and proofs() == []


def test_a_series_is_issued_by_who_runs_all_of_it(app: Flask, client: FlaskClient) -> None:
    me = make_staff("organiser")
    tied = series.ensure(make_event().campaign_id, "两个半天")
    mine, other = (make_event(title=title, series_id=tied, credited_hours=4.0) for title in ("上午", "下午"))
    event_access.share(mine.id, me.email)
    sign_in(mine, enterprise("王小强"))
    sign_in(other, enterprise("李大娜", mobile="13900139000"))
    issuing.issue(subjects.of_event(events.get(other.code)), staff_id=None)
    log_in(client, me.email)
    path = f"/events/{mine.code}/proofs"
    page = client.get(path)
    assert page.status_code == 200 and "请对方共享给您" in page.text
    assert "王*强" in page.text and "李*娜" not in page.text, "who came to the other's event is the other's to see"
    sign_in(mine, enterprise("赵小敏", mobile="13700137000"))
    assert post(client, path).status_code == 403
    event_access.share(other.id, me.email)
    assert post(client, path).status_code == 303 and len(proofs()) == 3


def test_nobody_shuts_an_owner_out_of_the_own_proofs_by_taking_a_share_back(app: Flask, client: FlaskClient) -> None:
    me = make_staff("organiser")
    tied = series.ensure(make_event().campaign_id, "两个半天")
    mine = events.create(events.EventDraft(title="上午", series_id=tied, credited_hours=4.0), owner_id=me.id)
    other = make_event(title="下午", credited_hours=4.0)
    event_access.share(other.id, me.email)
    events.update(other.code, replace(events.draft_of(other), series_id=tied))
    for event in (mine, other):
        sign_in(event, enterprise("王小强"))
    sign_in(other, enterprise("李大娜", mobile="13900139000"))
    assert subjects.of_event(events.get(mine.code)).events[1:], "shared, they count together"
    event_access.unshare(other.id, me.id)
    log_in(client, me.email)
    path = f"/events/{mine.code}/proofs"
    assert "李" not in client.get(path).text and "请对方共享给您" not in client.get(path).text
    assert post(client, path).status_code == 303
    (made,) = proofs()
    assert (made.name, made.hours) == ("王小强", 4.0)
    assert (
        post(client, f"{path}/{made.id}/void", reason="写错").status_code == 303 and proofs()[0].voided_at is not None
    )


def test_verifying_shows_what_is_needed_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    event = training(title="首席质量官巡回培训", campaign_id=campaigns.create(CampaignDraft("质量月")).id)
    (one,) = issue_for(event, "王小强")
    with app.test_client() as stranger:
        page = stranger.get(f"/verify?code={one.code[:5].lower()}+{one.code[5:]}")
    assert page.status_code == 200 and "没有参与比对" not in page.text
    sent = {"code": one.code, "file": (BytesIO(b"a file that somebody made"), "证明.pdf")}
    assert "没有参与比对" in client.post("/verify", data=sent).text, "a file beside a proof's code proves nothing"
    for shown in ("真实有效", "王*强", event.title, one.number, '<dd class="number">4</dd>'):
        assert shown in page.text, shown
    for hidden in ("王小强", ORGANISATION, MOBILE, "138****", "东贝", event.code):
        assert hidden not in page.text, hidden
    issuing.void(subjects.of_event(event), one.id, "姓名写错了", staff_id=None)
    page = client.get(f"/verify?code={one.code}")
    assert "已作废" in page.text and "真实有效" not in page.text and "姓名写错了" not in page.text


def test_a_cleared_proof_is_still_genuine(app: Flask, client: FlaskClient) -> None:
    (one,) = issue_for(training(), "王小强")

    def clear(session: WriterSession) -> None:
        session.execute(update(Proof).values(name=None, organisation_name=None))

    run(clear)
    page = client.get(f"/verify?code={one.code}").text
    assert "真实有效" in page and "姓名已清除" in page


def test_an_unknown_code_is_no_proof(app: Flask, client: FlaskClient) -> None:
    page = client.get("/verify?code=ACDEFGHJKM").text
    assert "真实有效" not in page and "编号" not in page
