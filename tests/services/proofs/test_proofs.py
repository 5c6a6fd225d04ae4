"""Proofs of attendance: who gets one, their numbers, voids and replacements, and what a stranger may know of one."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, Event, Proof, SignIn
from kiosk.services import codes
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import ALPHABET
from kiosk.services.door import corrections, hand_work
from kiosk.services.event import campaigns, series
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from kiosk.services.privacy import purges
from kiosk.services.proofs import issuing, proof_lists, standings, subjects, verifying
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.writer import WriterSession, run
from tests.aids import postgres
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, guest, make_event, make_staff, sign_in, student

HALF_DAY = timedelta(hours=4)


def training(**changes: object) -> EventView:
    """Half a day that credits four hours and is over."""
    start = utcnow().replace(second=0, microsecond=0) - timedelta(hours=6)
    given = {"starts_at": start, "ends_at": start + HALF_DAY, "credited_hours": 4.0, "hours_late_minutes": 30}
    return make_event(**{**given, **changes})


def arrive(event: EventView, *names: str, minutes: int = -5) -> list[int]:
    """Sign people in so many minutes after the start."""
    assert event.starts_at is not None
    with freeze(event.starts_at + timedelta(minutes=minutes)):
        return [sign_in(event, enterprise(name, mobile=f"139{ord(name[-1]):08}")).sign_in_id for name in names]


def issue(event: EventView, **given: bool) -> int:
    return issuing.issue(subjects.of_event(event), staff_id=None, **given)


def proofs() -> list[Proof]:
    db.session.rollback()
    return list(db.session.scalars(select(Proof).order_by(Proof.number)))


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def test_everybody_with_hours_gets_a_numbered_proof(both_app: Flask) -> None:
    event = training()
    arrive(event, "王强", "李娜")
    (late,) = arrive(event, "赵敏", minutes=35)
    (gone,) = arrive(event, "钱进")
    corrections.void(gone, staff_id=None)
    assert issue(event) == 2
    made = proofs()
    year = utcnow().astimezone(event.zone).year
    assert [one.number for one in made] == [f"{event.campaign_code}-{year}-{n:04}" for n in (1, 2)]
    assert [(one.name, one.organisation_name, one.hours) for one in made] == [
        ("王强", "湖北东贝制冷有限公司", 4.0),
        ("李娜", "湖北东贝制冷有限公司", 4.0),
    ]
    assert {one.title for one in made} == {event.title}
    assert all(re.fullmatch(f"[{ALPHABET}]{{10}}", one.code) for one in made) and made[0].code != made[1].code
    hours_changes.set_hours(event.id, late, 2.0, "会议接待", staff_id=None)
    assert issue(event) == 1 and proofs()[2].hours == 2.0


def test_issuing_again_adds_only_who_is_new(both_app: Flask) -> None:
    event = training()
    arrive(event, "王强", "李娜")
    assert issue(event) == 2 and issue(event) == 0
    before = [(one.id, one.number, one.code) for one in proofs()]
    arrive(event, "赵敏")
    assert issue(event) == 1
    assert [(one.id, one.number, one.code) for one in proofs()][:2] == before
    counts = [entry.changed["count"] for entry in entries("proof.issue")]
    assert counts == [2, 1], "an audit row for each that made something"


def test_event_without_hours_proves_attendance_only(app: Flask) -> None:
    event = training(credited_hours=None)
    arrive(event, "王强")
    arrive(event, "赵敏", minutes=90)
    assert issue(event) == 2
    assert [one.hours for one in proofs()] == [None, None] and not subjects.of_event(event).is_training


def test_minors_get_one_only_when_chosen(both_app: Flask) -> None:
    event = training(credited_hours=None)
    sign_in(event, student("李明"))
    sign_in(event, guest("王老师"))
    assert issue(event) == 1 and [one.name for one in proofs()] == ["王老师"]
    standing = standings.one(subjects.of_event(event))
    assert (standing.issued, standing.waiting, standing.minors_waiting) == (1, 0, 1)
    assert issue(event, has_minors=True) == 1
    assert {one.name: one.organisation_name for one in proofs()}["李明"] == "四棵中学 初二(3)班"
    adults = training(credited_hours=None, are_students_minors=False)
    sign_in(adults, student("成年学员"))
    assert issue(adults) == 1


def test_series_gives_one_proof_with_the_sum(both_app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官培训")
    first, second = (training(campaign_id=campaign.id, series_id=tied) for _ in range(2))
    arrive(first, "王强", "李娜")
    arrive(second, "王强")
    arrive(second, "李娜", minutes=40)
    arrive(second, "赵敏", minutes=40)  # came, and has no hours at all
    assert issue(first) == 2 and issue(second) == 0
    assert {one.name: (one.hours, one.series_id, one.event_id) for one in proofs()} == {
        "王强": (8.0, tied, None),
        "李娜": (4.0, tied, None),
    }
    assert {one.title for one in proofs()} == {"首席质量官培训"}
    assert standings.one(subjects.of_event(first)).waiting == 0, "who has no hours is not waiting for one"


def test_more_than_one_unit_of_work_numbers_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 2)
    event = training()
    arrive(event, *"甲乙丙丁戊")
    assert issue(event) == 5
    assert [one.number[-4:] for one in proofs()] == ["0001", "0002", "0003", "0004", "0005"]
    assert [one.name for one in proofs()] == list("甲乙丙丁戊")


def test_numbers_go_on_past_9999(both_app: Flask) -> None:
    event = training()
    arrive(event, "甲")
    issue(event)
    prefix = proofs()[0].number[:-4]

    def renumber(session: WriterSession) -> None:
        session.execute(update(Proof).values(number=f"{prefix}9999"))

    run(renumber)
    for name, number in (("乙", "10000"), ("丙", "10001")):
        arrive(event, name)
        issue(event)
        assert {one.name: one.number for one in proofs()}[name] == f"{prefix}{number}"


def test_two_who_issue_at_once_never_share_a_number_and_nobody_gets_two(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 3)
    campaign = campaigns.create(CampaignDraft("质量月"))
    first, second = (training(campaign_id=campaign.id) for _ in range(2))
    for event in (first, second):
        arrive(event, *"甲乙丙丁戊己庚辛壬癸")
    start, errors = threading.Barrier(4), []

    def issue_it(event: EventView) -> None:
        with both_app.app_context():
            start.wait()
            try:
                issue(event)
            except Exception as error:  # a thread's failure is the test's
                errors.append(error)
            db.session.remove()

    threads = [threading.Thread(target=issue_it, args=(event,)) for event in (first, second, first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = proofs()
    assert errors == [] and len(made) == 20
    assert len({one.number for one in made}) == 20
    assert len({(one.participant_id, one.event_id) for one in made}) == 20


def test_two_workers_of_a_cluster_number_one_after_the_other(
    tmp_path: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process writes one after the other anyway; two of them need the lock on the campaign."""
    start, errors = threading.Barrier(2), []

    def slow_code(length: int) -> str:
        time.sleep(0.02)  # both are in the midst of it together
        return codes.new_code(length)

    monkeypatch.setattr(issuing, "new_code", slow_code)

    def issue_it(worker: Flask, event: EventView) -> None:
        with worker.app_context():
            start.wait()
            try:
                issue(event)
            except Exception as error:  # a thread's failure is the test's
                errors.append(error)
            db.session.remove()

    with postgres_server.database() as url:
        workers = [build_app(tmp_path / name, KIOSK_DATABASE_URL=url) for name in ("one", "two")]
        with workers[0].app_context():
            campaign = campaigns.create(CampaignDraft("质量月"))
            trainings = [training(campaign_id=campaign.id) for _ in workers]
            for event in trainings:
                arrive(event, *"甲乙丙丁戊")
            pairs = zip(workers, trainings, strict=True)
            threads = [threading.Thread(target=issue_it, args=pair) for pair in pairs]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert errors == [] and len({one.number for one in proofs()}) == 10
        for app in workers:
            with app.app_context():
                close(app)


def test_names_that_were_read_before_a_purge_do_not_come_back_by_a_proof(
    both_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = training()
    arrive(event, "王强")
    read = subjects.attendees

    def read_and_purge(*given: Any) -> dict[int, subjects.Attendee]:
        found = read(*given)
        db.session.rollback()
        run(lambda session: session.execute(update(Event).values(purged_at=utcnow())) and None)
        return found

    monkeypatch.setattr(subjects, "attendees", read_and_purge)
    assert issue(event) == 0 and proofs() == []


def test_void_needs_a_reason_and_leaves_the_row(both_app: Flask) -> None:
    event, boss = training(), make_staff()
    arrive(event, "王强")
    issue(event)
    subject, (one,) = subjects.of_event(event), proofs()
    with pytest.raises(Refused, match="no_reason"):
        issuing.void(subject, one.id, " ", staff_id=boss.id)
    issuing.void(subject, one.id, "名字写错", staff_id=boss.id)
    issuing.void(subject, one.id, "又一次", staff_id=boss.id)
    (gone,) = proofs()
    assert gone.voided_at is not None and gone.void_reason == "名字写错" and gone.name == "王强"
    (row,) = proof_lists.search(subject, is_void=True).rows
    assert row.void_reason == "名字写错" and proof_lists.search(subject).rows == ()
    (entry,) = entries("proof.void")
    assert entry.subject == f"proof:{one.id}" and "王强" not in str(entry.changed)
    assert issue(event) == 1, "who lost a proof may have another"
    assert [(each.voided_at is None) for each in proofs()] == [False, True]


def test_a_corrected_name_is_told_and_replaced(both_app: Flask) -> None:
    event, boss = training(), make_staff()
    (wang,) = arrive(event, "王强")
    issue(event)
    subject, (old,) = subjects.of_event(event), proofs()
    assert proof_lists.search(subject).rows[0].difference is None
    hand_work.correct(event, wang, {"name": "王小强"}, Hand(f"staff:{boss.id}", "key", boss.id))
    db.session.rollback()
    (row,) = proof_lists.search(subject).rows
    assert (row.name, row.difference, row.now) == ("王强", "name", "王小强")
    number = issuing.replace(subject, old.id, "姓名更正", staff_id=boss.id)
    valid = [one for one in proofs() if one.voided_at is None]
    assert [(one.name, one.number) for one in valid] == [("王小强", number)] and number != old.number
    with pytest.raises(Refused, match="proof_is_void"):
        issuing.replace(subject, old.id, "姓名更正", staff_id=boss.id)


def test_a_proof_says_when_its_hours_or_its_sign_in_are_gone(app: Flask) -> None:
    event = training()
    wang, li = arrive(event, "王强", "李娜")
    issue(event)
    hours_changes.set_hours(event.id, wang, 2.0, "早退", staff_id=None)
    corrections.void(li, staff_id=None)
    db.session.rollback()
    subject = subjects.of_event(event)
    rows = proof_lists.search(subject).rows
    assert [(row.difference, row.now) for row in rows] == [("hours", 2.0), ("gone", None)]
    with pytest.raises(Refused, match="not_eligible"):
        issuing.replace(subject, rows[1].id, "撤销", staff_id=None)


def test_a_proof_of_another_event_is_not_found(both_app: Flask) -> None:
    event, other = training(), training()
    arrive(event, "王强")
    issue(event)
    (one,) = proofs()
    with pytest.raises(Unknown):
        issuing.void(subjects.of_event(other), one.id, "错", staff_id=None)
    assert proof_lists.one(subjects.of_event(other), one.id) is None


def test_proofs_made_before_the_event_was_tied_are_still_listed(app: Flask) -> None:
    event = training()
    arrive(event, "王强")
    issue(event)
    db.session.rollback()
    tied = series.ensure(event.campaign_id, "首席质量官培训")
    subject = subjects.of_event(make_event(campaign_id=event.campaign_id, series_id=tied))
    assert proof_lists.search(subject).rows == ()
    both = subjects.Subject(**{**vars(subject), "events": (*subject.events, event)})
    (row,) = proof_lists.search(both).rows
    assert not row.is_of_series and row.difference is None


def test_list_is_searched_by_name_organisation_number_and_code(app: Flask) -> None:
    event = training()
    arrive(event, "王强", "李娜")
    issue(event)
    subject, (wang, _li) = subjects.of_event(event), proofs()
    for words in ("王", "王 强", wang.number.lower(), wang.code):
        assert [row.id for row in proof_lists.search(subject, words=words).rows] == [wang.id], words
    assert len(proof_lists.search(subject, words="东贝").rows) == 2


def test_verifying_tells_a_masked_name_and_nothing_else(both_app: Flask) -> None:
    event = training(title="首席质量官巡回培训")
    arrive(event, "王小强")
    issue(event)
    (one,) = proofs()
    spoken = f" {one.code[:5].lower()}-{one.code[5:]} "
    found = verifying.find(spoken)
    assert found is not None and event.starts_at is not None
    assert (found.name, found.title, found.hours, found.number) == ("王*强", event.title, 4.0, one.number)
    assert found.days == (event.starts_at.astimezone(event.zone).date(),) and found.voided_on is None
    told = str(found).replace(one.code, "").replace(one.number, "")  # they may hold any three digits
    assert "王小强" not in told and "东贝" not in told and "139" not in told
    issuing.void(subjects.of_event(event), one.id, "名字写错", staff_id=None)
    db.session.rollback()
    found = verifying.find(one.code)
    assert found is not None and found.voided_on is not None and "名字写错" not in str(found)
    assert verifying.find("NOTACODE00") is None and verifying.find("") is None


def test_a_purged_proof_stays_valid_without_a_name(both_app: Flask) -> None:
    event = training()
    (wang,) = arrive(event, "王强")
    hours_changes.set_hours(event.id, wang, 3.0, "陪同家人就医", staff_id=None)
    issue(event)
    (one,) = proofs()
    purges.purge_event(event, "command")
    db.session.rollback()
    found = verifying.find(one.code)
    assert found is not None and found.name is None and found.voided_on is None and found.hours == 3.0
    subject = subjects.of_event(event)
    (row,) = proof_lists.search(subject).rows
    assert row.difference == "cleared" and standings.one(subject).printable == 0
    assert hours.totals(event).hours == 3.0 and hours.search(event).rows[0].credit.reason == ""
    assert issue(event) == 0


def test_nobody_without_a_name_gets_a_proof(both_app: Flask) -> None:
    event = training()
    arrive(event, "王强")

    def purge(session: WriterSession) -> None:
        session.execute(update(SignIn).values(name="", name_key=""))

    run(purge)
    assert issue(event) == 0 and standings.one(subjects.of_event(event)).waiting == 0


def test_verifying_a_series_names_the_days_on_which_they_were_there(both_app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官培训")
    later = training(campaign_id=campaign.id, series_id=tied)
    assert later.starts_at is not None and later.ends_at is not None
    earlier = {"starts_at": later.starts_at - timedelta(days=2), "ends_at": later.ends_at - timedelta(days=2)}
    first = training(campaign_id=campaign.id, series_id=tied, **earlier)
    arrive(first, "王强", "李娜")
    arrive(later, "李娜")
    issue(first)
    wang, li = sorted(proofs(), key=lambda one: one.hours or 0)
    days = [event.starts_at.astimezone(event.zone).date() for event in (first, later)]  # type: ignore[union-attr]
    assert [one.days for code in (wang.code, li.code) if (one := verifying.find(code))] == [(days[0],), tuple(days)]
